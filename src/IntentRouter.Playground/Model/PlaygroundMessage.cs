using System.Globalization;
using System.Text.Json;

namespace IntentRouter.Playground;

/// <summary>One row of a conversation.</summary>
public sealed class PlaygroundMessage
{
    internal PlaygroundMessage(long id, PlaygroundConversation conversation, MessageType type, DateTimeOffset now)
    {
        Id = id;
        Conversation = conversation;
        Type = type;
        CreatedAt = now;
        UpdatedAt = now;
    }

    public long Id { get; }

    public PlaygroundConversation Conversation { get; }

    public MessageType Type { get; }

    public string? Content { get; internal set; }

    public string ContentType { get; internal set; } = "text";

    public JsonElement ContentAttributes { get; internal set; } = Json.EmptyObject;

    public JsonElement AdditionalAttributes { get; internal init; } = Json.EmptyObject;

    public bool Private { get; internal init; }

    public string? SourceId { get; internal set; }

    public MessageStatus Status { get; internal set; }

    public DateTimeOffset CreatedAt { get; }

    public DateTimeOffset UpdatedAt { get; internal set; }

    public IReadOnlyList<PlaygroundAttachment> Attachments { get; internal set; } = [];

    /// <summary>Expressions that the platform's template engine ran in this message. Text of a customer must never show up here.</summary>
    public IReadOnlyList<string> LiquidExecuted { get; internal set; } = [];

    public PlaygroundUser? User { get; internal init; }

    public PlaygroundBot? Bot { get; internal init; }

    public PlaygroundContact? Contact { get; internal set; }

    /// <summary>Said publicly by a bot.</summary>
    public bool IsBotReply => Bot is not null && !Private && Type == MessageType.Outgoing;

    /// <summary>customer, agent NAME, bot NAME, platform.</summary>
    public string Who => this switch
    {
        { Type: MessageType.Incoming } => "customer",
        { User: { } user } => "agent " + user.Name,
        { Bot: { } bot } => "bot " + bot.Name,
        _ => "platform",
    };

    /// <summary>Titles of the choices of an <c>input_select</c>; empty otherwise.</summary>
    public IReadOnlyList<string> Choices =>
        ContentType == "input_select" && ContentAttributes.TryGetProperty("items", out var items) && items.ValueKind == JsonValueKind.Array
            ? [.. items.EnumerateArray().Select(i => i.TryGetProperty("title", out var title) ? title.ToString() : "")]
            : [];

    /// <summary>The channel stored its own id of the message: one more <c>message_updated</c>.</summary>
    public void ChannelStored(string sourceId) => Conversation.Chat.UpdateMessage(this, () => SourceId = sourceId);

    /// <summary>A receipt of the channel: one more <c>message_updated</c>.</summary>
    public void Receipt(MessageStatus status) => Conversation.Chat.UpdateMessage(this, () => Status = status);

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"message {Id} of {Who}");
}

/// <summary>A file, place or card that came with a message.</summary>
public sealed record PlaygroundAttachment
{
    public long Id { get; init; }

    public AttachmentKind Kind { get; init; } = AttachmentKind.Image;

    public string FileName { get; init; } = "photo.jpg";

    public string? DataUrl { get; init; }

    public long FileSize { get; init; } = 184_233;

    public double? Latitude { get; init; }

    public double? Longitude { get; init; }
}
