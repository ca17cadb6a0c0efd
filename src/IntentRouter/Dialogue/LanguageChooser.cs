using IntentRouter.Configuration;
using IntentRouter.Conversations;

namespace IntentRouter.Dialogue;

/// <summary>The language of a turn: what the contact's profile says, what they write, what their browser says, the bot's default.</summary>
internal static class LanguageChooser
{
    public static string Choose(Bot bot, ConversationState state, string text)
    {
        var spoken = Spoken(bot);
        return Pick(state.Facts.Contact.Language)
            ?? Pick(state.Session.Language)
            ?? Pick(state.Facts.DetectedLanguage)
            ?? Pick(state.Facts.BrowserLanguage)
            ?? bot.Options.Language;

        string? Pick(string? language) => language is { Length: > 0 } ? UtteranceText.MatchLanguage(language, spoken) : null;
    }

    private static List<string> Spoken(Bot bot) =>
        bot.Options.Languages.Count > 0 ? bot.Options.Languages : [.. bot.Texts.Languages.Prepend(bot.Options.Language).Distinct(StringComparer.OrdinalIgnoreCase)];
}
