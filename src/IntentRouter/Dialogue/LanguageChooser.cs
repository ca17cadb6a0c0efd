using IntentRouter.Configuration;
using IntentRouter.Conversations;

namespace IntentRouter.Dialogue;

/// <summary>
/// The language of a turn, always one that the bot speaks: what the person unmistakably writes, else that of the session, the contact's profile, the
/// platform's detection, the browser, the bot's default.
/// </summary>
internal static class LanguageChooser
{
    public static string Choose(Bot bot, ConversationState state, string text)
    {
        var spoken = Spoken(bot);
        return (spoken.Count > 1 ? LanguageDetector.Detect(text, spoken) : null)
            ?? Pick(state.Session.Language)
            ?? Pick(state.Facts.Contact.Language)
            ?? Pick(state.Facts.DetectedLanguage)
            ?? Pick(state.Facts.BrowserLanguage)
            ?? bot.Options.Language;

        string? Pick(string? language) => language is { Length: > 0 } ? UtteranceText.MatchLanguage(language, spoken) : null;
    }

    private static IReadOnlyList<string> Spoken(Bot bot) =>
        bot.Options.Languages.Count > 0 ? bot.Options.Languages : [.. bot.Texts.Languages.Prepend(bot.Options.Language).Distinct(StringComparer.OrdinalIgnoreCase)];
}
