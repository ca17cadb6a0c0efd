using IntentRouter.Configuration;
using Microsoft.Extensions.Options;

namespace IntentRouter.Nlu;

/// <summary>Checks entries under <c>nlu:</c> without asking any engine: service keys, module, and the module's own options.</summary>
internal sealed class NluEntryCheck(AdapterFactory factory, ModuleRegistry modules)
{
    private static readonly string[] _secretWords = ["token", "key", "secret", "password", "jwt", "credentials"];

    /// <summary>Everything wrong with one entry, each with its path; empty when it can be used.</summary>
    /// <param name="root">Directory that relative paths refer to.</param>
    public IReadOnlyList<ConfigurationProblem> Check(string name, NluEntryOptions options, string root)
    {
        var section = options.Settings;
        var problems = new List<ConfigurationProblem>();
        Service(problems, name, options);
        if (modules.Find(options.Adapter) is null)
        {
            Add(problems, name, "adapter", options.Adapter, "no such adapter type", $"use one of {string.Join(", ", modules.All.Select(m => m.Module.Type))}, or install its plugin");
            return problems;
        }

        try
        {
            using var services = factory.Build(name, options, root, out var registration);
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

    private static void Service(List<ConfigurationProblem> problems, string name, NluEntryOptions o)
    {
        if (o.Timeout <= TimeSpan.Zero)
        {
            Add(problems, name, "timeout", o.Timeout.ToString(), "must be longer than nothing", "write for example 6s");
        }

        if (o.AttemptTimeout < TimeSpan.FromMilliseconds(10) || o.AttemptTimeout > o.Timeout)
        {
            Add(problems, name, "attemptTimeout", o.AttemptTimeout.ToString(), "must be at least 10ms and at most the entry's timeout", $"write at most {o.Timeout.TotalSeconds:0.###}s, or raise timeout");
        }

        if (o.Retries is < 0 or > 5)
        {
            Add(problems, name, "retries", o.Retries.ToString(System.Globalization.CultureInfo.InvariantCulture), "must lie between 0 and 5", "write 1");
        }

        if (o.CircuitFailureRatio is not (> 0 and <= 1))
        {
            Add(problems, name, "circuitFailureRatio", o.CircuitFailureRatio.ToString(System.Globalization.CultureInfo.InvariantCulture), "must be above 0 and at most 1", "write 0.5");
        }

        if (o.CircuitBreak < TimeSpan.FromMilliseconds(500) || o.CircuitBreak > TimeSpan.FromDays(1))
        {
            Add(problems, name, "circuitBreak", o.CircuitBreak.ToString(), "must lie between 500ms and a day", "write 15s");
        }

        if (o.Hedge is { } hedge && hedge <= TimeSpan.Zero)
        {
            Add(problems, name, "hedge", hedge.ToString(), "must be longer than nothing", "leave it out to ask one adapter after the other");
        }

        if (o.CostPerCall is < 0)
        {
            Add(problems, name, "costPerCall", null, "must not be negative", "write the price of one call");
        }

        foreach (var kind in o.Mask.Where(k => !PersonalDataMask.Kinds.Contains(k)))
        {
            Add(problems, name, "mask", kind, "is not a kind of personal data", $"use {string.Join(", ", PersonalDataMask.Kinds.Order())}");
        }
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
