using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using IntentRouter.Configuration;
using IntentRouter.Conversations;
using IntentRouter.Storage;

namespace IntentRouter.Webhooks;

/// <summary>Turns a recognised event into an inbox row, or into the reason why there is nothing to do. Pure.</summary>
internal static class EventIntake
{
    /// <param name="deliveryId">The platform's delivery id, where its version sends one.</param>
    /// <param name="body">The raw body, whose hash is the last resort for a key.</param>
    public static (NewEvent? Event, string? Nothing) Admit(Bot bot, PlatformEvent e, string? deliveryId, ReadOnlySpan<byte> body)
    {
        if (e.Kind == PlatformEventKind.Unknown)
        {
            return (null, "unknown-event");
        }

        if (e.Account == 0)
        {
            return (null, "no-account");
        }

        if (bot.Options.Accounts is { Count: > 0 } accounts && !accounts.Contains(e.Account))
        {
            return (null, "foreign-account");
        }

        return e.Kind switch
        {
            PlatformEventKind.MessageCreated => Created(bot, e),
            PlatformEventKind.MessageUpdated => Updated(bot, e),
            PlatformEventKind.WidgetTriggered => Opened(bot, e, deliveryId, body),
            _ => Changed(bot, e, body),
        };
    }

    /// <summary>What the event means for replies that wait to be sent.</summary>
    public static EventSignal SignalOf(PlatformEvent e) =>
        e is { Kind: PlatformEventKind.MessageCreated, Message: { Author: Author.Human, Private: false, Type: "outgoing" } }
            ? e.Conversation is { Status: not (null or "pending") } ? EventSignal.HumanSpokeOutside : EventSignal.HumanSteppedIn
        : e.Conversation is { Status: { } status } && status != "pending" ? EventSignal.NotPending
        // Who pushes a conversation back stays assigned to it, and each of the customer's words changes something else of it.
        : e is { Name: "conversation_updated", Conversation: { AssigneeType: "User", AssigneeChanged: not false } } ? EventSignal.HumanAssigned
        : EventSignal.None;

    private static (NewEvent?, string?) Created(Bot bot, PlatformEvent e)
    {
        if (e.Message is not { Id: > 0 } message || e.Conversation is not { Id: > 0 })
        {
            return (null, "incomplete");
        }

        var key = Key(bot, e, $"created:{message.Id}");
        return message switch
        {
            { IsCustomer: true } => (Row(bot, e, key), null),
            { Marker: { Length: > 0 and <= 300 } marker, Author: Author.Bot } =>
                (Row(bot, e, key) with { NoWork = true, Signal = EventSignal.None, Receipt = new EffectReceipt(marker, message.Id), Payload = "{}"u8.ToArray() }, null),
            { Private: true } => (null, "private-note"),
            { Author: Author.Human, Type: "outgoing" } => (Row(bot, e, key), null),
            { Author: Author.Bot } => (null, "bot-message"),
            _ => (null, "system-message"),
        };
    }

    private static (NewEvent?, string?) Updated(Bot bot, PlatformEvent e)
    {
        if (e.Message is not { Id: > 0 } message || e.Conversation is not { Id: > 0 })
        {
            return (null, "incomplete");
        }

        // A receipt, a translation, a deletion, or an answer that the platform lost (contract 4.7): nothing that we could act on.
        if (message.Author == Author.Customer || (message.Submitted.Count == 0 && message.SubmittedEmail is null))
        {
            return (null, "nothing-submitted");
        }

        var submitted = string.Join('\u001f', message.Submitted.Select(s => $"{s.Name}\u001e{s.Title}\u001e{s.Value}").Append(message.SubmittedEmail));
        return (Row(bot, e, Key(bot, e, $"updated:{message.Id}:{Hash(submitted)}")), null);
    }

    private static (NewEvent?, string?) Opened(Bot bot, PlatformEvent e, string? deliveryId, ReadOnlySpan<byte> body)
    {
        if (!bot.Options.Greeting.On)
        {
            return (null, "greeting-off");
        }

        return e.Widget is { ContactInboxId: > 0 }
            ? (Row(bot, e, Key(bot, e, $"widget:{deliveryId ?? HashOf(body)}")), null)
            : (null, "incomplete");
    }

    private static (NewEvent?, string?) Changed(Bot bot, PlatformEvent e, ReadOnlySpan<byte> body)
    {
        if (e.Conversation is not { Id: > 0 } c)
        {
            return (null, "incomplete");
        }

        var version = c.UpdatedAt > 0 ? c.UpdatedAt.ToString("R", CultureInfo.InvariantCulture) : HashOf(body);
        return (Row(bot, e, Key(bot, e, $"conversation:{c.Id}:{c.Status}:{version}")), null);
    }

    private static NewEvent Row(Bot bot, PlatformEvent e, string key) => new()
    {
        Key = key,
        // Before the first message there is no conversation: the visitor's contact-inbox stands in, below zero.
        Conversation = new ConversationKey(bot.Name, e.Account, e.Conversation is { Id: > 0 } c ? c.Id : -(e.Widget?.ContactInboxId ?? 0)).ToString(),
        Kind = e.Name,
        MessageId = e.Message?.Id ?? 0,
        ContactId = e.Conversation?.Contact?.Id ?? 0,
        Payload = JsonSerializer.SerializeToUtf8Bytes(e, PlatformJson.Default.PlatformEvent),
        Content = e,
        Signal = SignalOf(e),
        StateAt = e.Conversation?.UpdatedAt ?? 0,
    };

    private static string Key(Bot bot, PlatformEvent e, string tail) => string.Create(CultureInfo.InvariantCulture, $"{bot.Name}/{e.Account}/{tail}");

    private static string HashOf(ReadOnlySpan<byte> body) => Convert.ToHexStringLower(SHA256.HashData(body));

    private static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, 12));
}
