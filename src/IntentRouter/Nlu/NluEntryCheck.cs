using IntentRouter.Configuration;
using Microsoft.Extensions.Options;

namespace IntentRouter.Nlu;

/// <summary>Checks entries under <c>nlu:</c> without asking any engine: that the module is there, and its own options.</summary>
internal sealed class NluEntryCheck(AdapterFactory factory, ModuleRegistry modules)
{
    private static readonly string[] _secretWords = ["token", "key", "secret", "password", "jwt", "credentials"];

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
        try
        {
            using var services = factory.Build(name, options, directory, Path.GetTempPath(), out registration);
            registration.Validate(services);
        }
        catch (OptionsValidationException ex)
        {
            foreach (var failure in ex.Failures)
            {
                var (key, text) = failure.Split(": ", 2) is [var k, var t] && !k.Contains(' ', StringComparison.Ordinal) ? (k, t) : ("", failure);
                Add(problems, name, key, key.Length > 0 ? section[key] : null, text, See(options));
            }
        }
        catch (InvalidOperationException ex)
        {
            // The binder's own words name the key; an unknown one is the common case.
            var named = section.GetChildren().Select(c => c.Key).Where(key => ex.Message.Contains($"'{key}'", StringComparison.OrdinalIgnoreCase)).ToArray();
            if (ex.Message.Contains("ErrorOnUnknownConfiguration", StringComparison.Ordinal) && named.Length > 0)
            {
                foreach (var key in named)
                {
                    // A misspelt key may hold a secret.
                    Add(problems, name, key, "***", $"is not a key of adapter '{options.Adapter}'", NearestWord.Advice(key, KeysOf(registration?.OptionsType)));
                }
            }
            else
            {
                var key = named.FirstOrDefault() ?? "";
                Add(problems, name, key, key.Length > 0 ? section[key] : null, key.Length > 0 ? "has the wrong form" : ex.Message, See(options));
            }
        }
#pragma warning disable CA1031 // A module's own code: whatever it throws, the entry cannot be used. Its words may repeat a setting.
        catch (Exception ex)
#pragma warning restore CA1031
        {
            Add(problems, name, "", null, $"the module of adapter '{options.Adapter}' failed with {ex.GetType().Name}", See(options));
        }

        return problems;
    }

    private static IEnumerable<string> KeysOf(Type? options) =>
        (options?.GetProperties() ?? [])
            .Where(p => p.CanWrite || (p.PropertyType != typeof(string) && typeof(System.Collections.IEnumerable).IsAssignableFrom(p.PropertyType)))
            .Select(p => char.ToLowerInvariant(p.Name[0]) + p.Name[1..]);

    private static void Add(List<ConfigurationProblem> problems, string name, string key, string? value, string message, string remedy)
    {
        var path = key.Length == 0 ? $"nlu:{name}" : $"nlu:{name}:{key}";
        problems.Add(new ConfigurationProblem(null, 0, 0, path, LooksSecret(key) && value is not null ? "***" : value, Sentence(message), remedy));
    }

    private static string See(NluEntryOptions options) => $"See docs/adapters/{options.Adapter}.md for its keys.";

    private static string Sentence(string text) => $"{char.ToUpperInvariant(text[0])}{text[1..].TrimEnd('.')}.";

    private static bool LooksSecret(string key) =>
        _secretWords.Any(w => key.Contains(w, StringComparison.OrdinalIgnoreCase));
}
