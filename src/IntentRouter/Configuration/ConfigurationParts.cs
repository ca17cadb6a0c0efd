namespace IntentRouter.Configuration;

/// <summary>What other folders know and the loader asks for: each part checks what it owns.</summary>
internal sealed record ConfigurationParts
{
    /// <summary>Loads the plugins of a directory, before any entry is checked, and says what is wrong with them, given the types that entries name. Null loads none.</summary>
    public Func<string, IReadOnlyCollection<string>, IEnumerable<ConfigurationProblem>>? Plugins { get; init; }

    /// <summary>Registers what <see cref="Plugins"/> has loaded.</summary>
    public Action<IServiceCollection>? AddPlugins { get; init; }

    /// <summary>
    /// Everything wrong with one entry under <c>nlu:</c>, given its name, its settings and the directory that its paths refer to. A problem needs only path
    /// (from <c>nlu:</c> on), message and remedy: file, line and value are filled in. Null leaves the modules' keys unchecked.
    /// </summary>
    public Func<string, NluEntryOptions, string, IEnumerable<ConfigurationProblem>>? Nlu { get; init; }
}
