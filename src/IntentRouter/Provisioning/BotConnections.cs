using IntentRouter.Chat;
using IntentRouter.Configuration;

namespace IntentRouter.Provisioning;

/// <summary>Which inboxes of an account a bot is connected to, as an administrator sees it.</summary>
internal sealed class BotConnections(ProvisioningApi api)
{
    public async Task<ChatRead<Seen>> LookAsync(string name, BotOptions bot, long account, CancellationToken cancellationToken)
    {
        var inboxes = await api.ListInboxesAsync(account, cancellationToken);
        if (inboxes.Value is not { } all)
        {
            return new ChatRead<Seen>(null, inboxes.Refusal, inboxes.Problem, inboxes.ServerTime);
        }

        // From the surest sign to the weakest; a global bot's token and address are hidden from the account.
        var listed = (await api.ListBotsAsync(account, cancellationToken)).Value ?? [];
        var mine = listed.FirstOrDefault(b => bot.AgentBotId is { } id && b.Id == id)
            ?? listed.FirstOrDefault(b => b.AccessToken is { Length: > 0 } && b.AccessToken == bot.AccessToken)
            ?? listed.FirstOrDefault(b => BotUrl.IsOfBot(b.OutgoingUrl, name));
        var connected = new List<WireInbox>();
        if ((mine?.Id ?? bot.AgentBotId) is { } sought)
        {
            foreach (var inbox in all)
            {
                if ((await api.InboxBotAsync(account, inbox.Id, cancellationToken)).Value?.Id == sought)
                {
                    connected.Add(inbox);
                }
            }
        }

        return new ChatRead<Seen>(new Seen(mine, all, connected), null, null, inboxes.ServerTime);
    }

    /// <param name="Mine">The bot as the account's list shows it; null when it cannot be told which one it is.</param>
    public sealed record Seen(WireBot? Mine, IReadOnlyList<WireInbox> Inboxes, IReadOnlyList<WireInbox> Connected);
}
