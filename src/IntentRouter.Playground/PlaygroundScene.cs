namespace IntentRouter.Playground;

/// <summary>A furnished installation, ready for a demo or a test: one account, three channels, a desk with two people and a team, one bot.</summary>
public sealed record PlaygroundScene(
    PlaygroundAccount Account,
    PlaygroundInbox Website,
    PlaygroundInbox Whatsapp,
    PlaygroundInbox Telegram,
    PlaygroundBot Bot,
    PlaygroundUser Administrator,
    PlaygroundUser Agent,
    PlaygroundTeam Team)
{
    /// <summary>
    /// Adds the scene to <paramref name="chat"/> and connects the bot to every inbox. With the default seeds the account is 3, the bot 5 and the
    /// team 4. Leave <paramref name="accessToken"/> out to get a random one.
    /// </summary>
    public static PlaygroundScene Furnish(PlaygroundChat chat, string botName, string botUrl, string? accessToken = null, string? secret = null)
    {
        ArgumentNullException.ThrowIfNull(chat);
        var account = chat.AddAccount();
        var bot = account.AddBot(botName, botUrl, accessToken, secret);
        return new PlaygroundScene(
            account,
            account.AddInbox("Shop website").Connect(bot),
            account.AddInbox("WhatsApp", ChannelKind.Whatsapp).Connect(bot),
            account.AddInbox("Telegram", ChannelKind.Telegram).Connect(bot),
            bot,
            account.AddUser("Mara Lind", UserRole.Administrator),
            account.AddUser("Tomas Berg"),
            account.AddTeam("Returns"));
    }
}
