using IntentRouter.Replies;

namespace IntentRouter.Configuration;

/// <summary>What other folders know and the loader asks for: each part checks what it owns.</summary>
internal sealed record ConfigurationParts
{
    /// <summary>Checks the entries under <c>nlu:</c>; null leaves them unchecked.</summary>
    public INluEntryCheck? Nlu { get; init; }

    /// <summary>Reads the texts; null leaves text keys unchecked and catalogs empty.</summary>
    public ITextSource? Texts { get; init; }
}

/// <summary>The adapter catalog's side of <c>check</c>.</summary>
internal interface INluEntryCheck
{
    /// <summary>
    /// Everything wrong with one entry. A problem needs only <see cref="ConfigurationProblem.Path"/> (from <c>nlu:</c> on), message and remedy: file, line and
    /// value are filled in.
    /// </summary>
    IEnumerable<ConfigurationProblem> Validate(string entryName, NluEntryOptions entry);
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
