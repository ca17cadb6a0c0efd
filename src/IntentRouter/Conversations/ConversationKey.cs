using System.Globalization;

namespace IntentRouter.Conversations;

/// <summary>
/// Identifies one conversation of one bot: the display id is unique only within its account, and two bots that see the same
/// conversation keep their own sessions.
/// </summary>
internal readonly record struct ConversationKey(string Bot, long Account, long DisplayId)
{
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Bot}/{Account}/{DisplayId}");

    public static ConversationKey Parse(string text)
    {
        var parts = text.Split('/');
        return parts.Length == 3
            ? new ConversationKey(parts[0], long.Parse(parts[1], CultureInfo.InvariantCulture), long.Parse(parts[2], CultureInfo.InvariantCulture))
            : throw new FormatException("A conversation key has the form bot/account/conversation.");
    }
}
