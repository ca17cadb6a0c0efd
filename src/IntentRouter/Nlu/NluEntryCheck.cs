using System.Reflection;
using IntentRouter.Configuration;
using Microsoft.Extensions.Options;

namespace IntentRouter.Nlu;

/// <summary>Checks entries under <c>nlu:</c> without asking any engine: that the module is there, and its own options.</summary>
internal sealed class NluEntryCheck(AdapterFactory factory, ModuleRegistry modules)
{
    private static readonly string[] _secretWords = ["token", "key", "secret", "pass", "auth", "jwt", "credentials"];

    /// <summary>Everything wrong with one entry, each with its path; empty when it can be used.</summary>
    /// <param name="name">The entry.</param>
    /// <param name="options">Its settings.</param>
    /// <param name="directory">What relative paths refer to.</param>
    public IReadOnlyList<ConfigurationProblem> Check(string name, NluEntryOptions options, string directory)
    {
        var section = options.Settings;
        var problems = new List<ConfigurationProblem>();
        if (modules.Find(options.Adapter) is null)
        {
            Add(problems, name, "adapter", options.Adapter, "no such adapter is installed", NearestWord.Advice(options.Adapter, modules.All.Select(m => m.Module.Type)));
            return problems;
        }

        AdapterRegistration? registration = null;
        ServiceProvider? services = null;
        try
        {
            services = factory.Build(name, options, directory, Path.GetTempPath(), out registration);
            registration.Validate(services);
            _ = services.GetRequiredService<NluAdapter>().Capabilities ?? throw new InvalidOperationException("The adapter has no capabilities.");
        }
        catch (OptionsValidationException ex)
        {
            foreach (var failure in ex.Failures)
            {
                var (key, text) = failure.Split(": ", 2) is [var k, var t] && !k.Contains(' ', StringComparison.Ordinal) ? (k, t) : ("", failure);
                Add(problems, name, key, key.Length > 0 ? section[key] : null, text, See(options, registration));
            }
        }
        catch (Exception ex) when (ex is not OutOfMemoryException)
        {
            // The binder's own words name the key; an unknown one is the common case.
            foreach (var path in section.AsEnumerable().Select(p => p.Key).Where(path => ex is InvalidOperationException && ex.Message.Contains($"'{path.Split(':')[^1]}'", StringComparison.OrdinalIgnoreCase)))
            {
                if (ex.Message.Contains("ErrorOnUnknownConfiguration", StringComparison.Ordinal) && !Knows(registration?.OptionsType, path, out var parent))
                {
                    // A misspelt key may hold a secret.
                    Add(problems, name, path, "***", $"is not a key of adapter '{options.Adapter}'", NearestWord.Advice(path.Split(':')[^1], KeysOf(parent)));
                }
            }

            foreach (var (path, value) in section.AsEnumerable().Where(p => ex is InvalidOperationException && ex.Message.Contains($" at '{p.Key}' ", StringComparison.OrdinalIgnoreCase)))
            {
                Add(problems, name, path, value, "has the wrong form", See(options, registration));
            }

            if (problems.Count == 0)
            {
                // The module's or the adapter's own code, whose words may repeat a setting.
                Add(problems, name, "", null, WithoutSecrets($"The adapter cannot be made: {ex.GetType().Name}: {ex.Message}", section), See(options, registration));
            }
        }
        finally
        {
            Close(services);
        }

        return problems;
    }

    // Made to see that it can be: what its clean-up throws would only hide what was found.
    private static void Close(ServiceProvider? services)
    {
        try
        {
            services?.DisposeAsync().AsTask().GetAwaiter().GetResult();
        }
        catch (Exception ex) when (ex is not OutOfMemoryException)
        {
        }
    }

    /// <param name="options">The module's options.</param>
    /// <param name="path">A key, or the path of a nested one.</param>
    /// <param name="parent">What the last part should be a key of.</param>
    private static bool Knows(Type? options, string path, out Type? parent)
    {
        parent = options;
        foreach (var part in path.Split(':'))
        {
            if (parent is null || parent == typeof(string) || typeof(System.Collections.IEnumerable).IsAssignableFrom(parent))
            {
                return true;
            }

            if (parent.GetProperty(part, BindingFlags.IgnoreCase | BindingFlags.Public | BindingFlags.Instance) is not { } property)
            {
                return false;
            }

            parent = property.PropertyType;
        }

        return true;
    }

    private static string WithoutSecrets(string text, IConfiguration section)
    {
        foreach (var (key, value) in section.AsEnumerable())
        {
            if (value is { Length: >= 4 } && LooksSecret(key))
            {
                text = text.Replace(value, "***", StringComparison.OrdinalIgnoreCase);
            }
        }

        return text;
    }

    private static IEnumerable<string> KeysOf(Type? options) =>
        (options?.GetProperties() ?? [])
            .Where(p => p.CanWrite || (p.PropertyType != typeof(string) && typeof(System.Collections.IEnumerable).IsAssignableFrom(p.PropertyType)))
            .Select(p => char.ToLowerInvariant(p.Name[0]) + p.Name[1..]);

    private static void Add(List<ConfigurationProblem> problems, string name, string key, string? value, string message, string remedy)
    {
        var path = key.Length == 0 ? $"nlu:{name}" : $"nlu:{name}:{key}";
        problems.Add(new ConfigurationProblem(null, 0, 0, path, value is null ? null : LooksSecret(key) ? "***" : WithoutUser(value), Sentence(message), remedy));
    }

    private string See(NluEntryOptions options, AdapterRegistration? registration) =>
        modules.Find(options.Adapter) is not { IsPlugin: true } plugin ? $"See docs/adapters/{options.Adapter}.md for its keys."
        : $"It is the plugin {plugin.Origin}{(KeysOf(registration?.OptionsType).Order(StringComparer.Ordinal).ToArray() is { Length: > 0 } keys ? $"; its keys are {string.Join(", ", keys)}" : "")}.";

    private static string Sentence(string text) => $"{char.ToUpperInvariant(text[0])}{text[1..].TrimEnd('.')}.";

    // An address that was refused for the credentials in it.
    private static string WithoutUser(string value) =>
        Uri.TryCreate(value, UriKind.Absolute, out var address) && (address.UserInfo.Length > 0 || address.Query.Length > 0) ? $"{address.Scheme}://***@{address.Authority}{address.AbsolutePath}" : value;

    private static bool LooksSecret(string key) =>
        _secretWords.Any(w => key.Contains(w, StringComparison.OrdinalIgnoreCase));
}
