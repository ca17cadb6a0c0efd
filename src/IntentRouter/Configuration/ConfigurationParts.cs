namespace IntentRouter.Configuration;

/// <summary>What other folders know and the loader asks for: each part checks what it owns.</summary>
internal sealed record ConfigurationParts
{
    /// <summary>
    /// Everything wrong with one entry under <c>nlu:</c>, given its name, its settings and the directory that its paths refer to. A problem needs only path
    /// (from <c>nlu:</c> on), message and remedy: file, line and value are filled in. Null leaves the modules' keys unchecked.
    /// </summary>
    public Func<string, NluEntryOptions, string, IEnumerable<ConfigurationProblem>>? Nlu { get; init; }
}
