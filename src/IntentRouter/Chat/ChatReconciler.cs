using System.Text;
using IntentRouter.Configuration;
using IntentRouter.Conversations;
using IntentRouter.Turns;

namespace IntentRouter.Chat;

/// <summary>
/// Finds out whether a message whose sending is in doubt reached the chat (engine.md 6.5): by the list of messages with the administrator's token, else
/// by the last message, where a bot may read a conversation.
/// </summary>
internal sealed class ChatReconciler(ChatConnection connection, ChatReader reader, ChatCapabilities capabilities, TimeProvider clock)
{
    private const int MaxPages = 10;

    // The chat's clock has whole seconds, and a request may wait in front of it before it is applied.
    private static readonly TimeSpan _slack = TimeSpan.FromSeconds(5);

    /// <param name="sinceSent">How long ago its first attempt began.</param>
    public async Task<Reconciliation> FindAsync(
        Bot bot, ConversationKey conversation, string effectKey, Effect effect, TimeSpan sinceSent, CancellationToken cancellationToken)
    {
        if (effect.Idempotent)
        {
            return new Reconciliation.Absent();
        }

        if (effect is not (SendMessage or SendPrivateNote))
        {
            return new Reconciliation.Inconclusive("not-a-message");
        }

        // By marker alone where the chat is known to keep it: two equal texts are then two messages.
        var abilities = await capabilities.ReadAsync(reader.Installation, cancellationToken);
        var sought = new Sought(effectKey, Body(effect), effect is SendPrivateNote, abilities.MarkerKept == true, bot.Options.AgentBotId);
        Reconciliation listed = new Reconciliation.Inconclusive("no-way-to-look");
        if (reader.HasAdminToken)
        {
            listed = await FindInListAsync(conversation, sought, sinceSent, cancellationToken);
            if (listed is Reconciliation.Found or Reconciliation.Absent)
            {
                return listed;
            }
        }

        var last = abilities.ReadConversation == false || bot.Options.AccessToken is not { Length: > 0 } token
            ? new Reconciliation.Inconclusive("no-way-to-look")
            : await FindInLastAsync(conversation, sought, sinceSent, token, cancellationToken);
        return last is Reconciliation.Inconclusive && listed is Reconciliation.NotNow ? listed : last;
    }

    private async Task<Reconciliation> FindInListAsync(ConversationKey conversation, Sought sought, TimeSpan sinceSent, CancellationToken cancellationToken)
    {
        long? before = null;
        for (var page = 0; page < MaxPages; page++)
        {
            var read = await reader.ListMessagesAsync(conversation.Account, conversation.DisplayId, before, cancellationToken);
            if (read.Value is not { } messages)
            {
                return read.Refusal is { } refusal ? new Reconciliation.Inconclusive($"list-refused-{refusal}") : new Reconciliation.NotNow("list-failed");
            }

            var sentAt = SentAt(read.ServerTime, sinceSent);
            if (messages.FirstOrDefault(m => sought.Is(m, sentAt)) is { } found)
            {
                return new Reconciliation.Found(found.Id);
            }

            if (messages.Count == 0 || messages.Any(m => m.CreatedAt < sentAt))
            {
                return new Reconciliation.Absent();
            }

            before = messages[0].Id;
        }

        return new Reconciliation.Inconclusive("too-many-messages");
    }

    private async Task<Reconciliation> FindInLastAsync(
        ConversationKey conversation, Sought sought, TimeSpan sinceSent, string token, CancellationToken cancellationToken)
    {
        var read = await reader.ShowAsync(conversation.Account, conversation.DisplayId, token, cancellationToken);
        if (read.Refusal == ChatRefusal.NotForBots)
        {
            await capabilities.LearnAsync(ChatInstallation.Of(connection.Options), known => known with { ReadConversation = false });
            return new Reconciliation.Inconclusive("no-way-to-look");
        }

        if (read.Value is not { } shown)
        {
            return read.Refusal is null ? new Reconciliation.NotNow("show-failed") : new Reconciliation.Inconclusive("show-failed");
        }

        await capabilities.LearnAsync(ChatInstallation.Of(connection.Options), known => known with { ReadConversation = true });
        var sentAt = SentAt(read.ServerTime, sinceSent);
        WireMessage[] last = [.. (shown.Messages ?? []).Append(shown.LastNonActivityMessage).OfType<WireMessage>()];
        if (last.FirstOrDefault(m => sought.Is(m, sentAt)) is { } found)
        {
            return new Reconciliation.Found(found.Id);
        }

        // Only the newest message is shown: when even that is older than our attempt, ours is not there.
        return last.Length > 0 && last.All(m => m.CreatedAt < sentAt) ? new Reconciliation.Absent() : new Reconciliation.Inconclusive("only-the-last-is-shown");
    }

    private DateTimeOffset SentAt(DateTimeOffset? serverTime, TimeSpan sinceSent) => (serverTime ?? clock.GetUtcNow()) - sinceSent - _slack;

    private static string Body(Effect effect) => effect switch
    {
        SendMessage message => message.Content,
        SendPrivateNote note => note.Content,
        _ => "",
    };

    private sealed record Sought(string Key, string Body, bool Private, bool MarkerOnly, long? BotId)
    {
        public bool Is(WireMessage message, DateTimeOffset sentAt)
        {
            if (message.Marker is { } marker)
            {
                return marker == Key;
            }

            return !MarkerOnly
                && message.MessageType == WireMessageType.Outgoing
                && message.FromBot
                && (BotId is null || message.Sender?.Id is null || message.Sender.Id == BotId)
                && message.Private == Private
                && message.CreatedAt >= sentAt
                && Words(message.Content) == Words(Body);
        }

        /// <summary>The chat trims and normalises line breaks.</summary>
        private static string Words(string? text)
        {
            var words = new StringBuilder(text?.Length ?? 0);
            foreach (var c in text ?? "")
            {
                if (!char.IsWhiteSpace(c) && c is not ('\\' or '\0'))
                {
                    words.Append(c);
                }
            }

            return words.ToString();
        }
    }
}

/// <summary>Whether a message in doubt exists.</summary>
internal abstract record Reconciliation
{
    private Reconciliation()
    {
    }

    /// <summary>It exists.</summary>
    public sealed record Found(long RemoteId) : Reconciliation;

    /// <summary>It certainly does not exist now: it may be sent again, if the chat's own time limit for the first attempt has passed.</summary>
    public sealed record Absent : Reconciliation;

    /// <summary>The chat did not answer the question, as it perhaps did not answer the send: ask again when it is back.</summary>
    public sealed record NotNow(string Reason) : Reconciliation;

    /// <summary>Nobody can tell: the operator's policy decides.</summary>
    public sealed record Inconclusive(string Reason) : Reconciliation;
}
