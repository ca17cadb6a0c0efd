using IntentRouter.Replies;

namespace IntentRouter.Configuration;

/// <summary>What other folders know and the loader asks for: each part checks what it owns.</summary>
internal sealed record ConfigurationParts
{
    /// <summary>
    /// Everything wrong with one entry under <c>nlu:</c>, given its name, its settings and the directory that its paths refer to. A problem needs only path
    /// (from <c>nlu:</c> on), message and remedy: file, line and value are filled in. Null leaves the modules' keys unchecked.
    /// </summary>
    public Func<string, NluEntryOptions, string, IEnumerable<ConfigurationProblem>>? Nlu { get; init; }

    /// <summary>Reads the texts; null leaves text keys unchecked and catalogs empty.</summary>
    public ITextSource? Texts { get; init; }
}

/// <summary>The texts' side of loading.</summary>
internal interface ITextSource
{
    /// <summary>Reads the languages in these directories, later ones over earlier ones, and reports what is wrong in their files.</summary>
    TextCatalog Load(BotOptions bot, IReadOnlyList<string> directories, Action<ConfigurationProblem> report);

    TextPresence Find(TextCatalog catalog, string language, string key);

    /// <summary>Languages that have a file.</summary>
    IReadOnlyCollection<string> LanguagesOf(TextCatalog catalog);
}

internal enum TextPresence
{
    Missing,

    /// <summary>Only as the product's own English.</summary>
    BuiltIn,

    /// <summary>In a file of exactly this language.</summary>
    Written,
}
