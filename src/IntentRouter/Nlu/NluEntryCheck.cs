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
            Add(problems, name, "adapter", options.Adapter, "no such adapter type", $"use one of {string.Join(", ", modules.All.Select(m => m.Module.Type))}, or install its plugin");
            return problems;
        }

        try
        {
            using var services = factory.Build(name, options, directory, Path.GetTempPath(), out var registration);
            registration.Validate(services);
        }
        catch (OptionsValidationException ex)
        {
            foreach (var failure in ex.Failures)
            {
                var (key, text) = failure.Split(": ", 2) is [var k, var t] && !k.Contains(' ', StringComparison.Ordinal) ? (k, t) : ("", failure);
                Add(problems, name, key, key.Length > 0 ? section[key] : null, text, "see docs/adapters/" + options.Adapter + ".md");
            }
        }
        catch (InvalidOperationException ex)
        {
            // The binder's own words name the key; an unknown one is the common case.
            foreach (var (key, text) in Binder(ex, section))
            {
                Add(problems, name, key, key.Length > 0 ? section[key] : null, text, "see docs/adapters/" + options.Adapter + ".md");
            }
        }

        return problems;
    }

    private static IEnumerable<(string Key, string Text)> Binder(InvalidOperationException exception, IConfiguration section)
    {
        var unknown = section.GetChildren().Select(c => c.Key)
            .Where(key => exception.Message.Contains($"'{key}'", StringComparison.OrdinalIgnoreCase))
            .ToArray();
        return exception.Message.Contains("ErrorOnUnknownConfiguration", StringComparison.Ordinal) && unknown.Length > 0
            ? unknown.Select(key => (key, "is not a key of this adapter"))
            : [("", exception.InnerException is null ? exception.Message : "a value has the wrong form: " + exception.Message)];
    }

    private static void Add(List<ConfigurationProblem> problems, string name, string key, string? value, string message, string remedy)
    {
        var path = key.Length == 0 ? $"nlu:{name}" : $"nlu:{name}:{key}";
        problems.Add(new ConfigurationProblem(null, 0, 0, path, LooksSecret(key) && value is not null ? "***" : value, message, remedy));
    }

    private static bool LooksSecret(string key) =>
        _secretWords.Any(w => key.Contains(w, StringComparison.OrdinalIgnoreCase));
}
