using IntentRouter.Configuration;

namespace IntentRouter.Replies;

/// <summary>The texts' side of loading a configuration.</summary>
internal sealed class TextSource : ITextSource
{
    public TextCatalog Load(BotOptions bot, IReadOnlyList<string> directories, Action<ConfigurationProblem> report)
    {
        var problems = new List<ConfigurationProblem>();
        var catalog = TextCatalog.Load(bot.Language, directories, problems);
        problems.ForEach(report);
        return catalog;
    }

    public TextPresence Find(TextCatalog catalog, string language, string key) => catalog.Presence(key, language);

    public IReadOnlyCollection<string> LanguagesOf(TextCatalog catalog) => catalog.Languages;
}
