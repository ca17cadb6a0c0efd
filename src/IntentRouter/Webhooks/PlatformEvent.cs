using System.Text.Json;
using System.Text.Json.Serialization;
using IntentRouter.Conversations;

namespace IntentRouter.Webhooks;

/// <summary>
/// What we keep of a webhook event: the subset that we act on, in one shape for all versions. Stored instead of the body, so that
/// the visitor's websocket credential and everything else we have no use for never reaches the disk.
/// </summary>
internal sealed record PlatformEvent
{
    /// <summary>The event's name on the wire.</summary>
    public required string Name { get; init; }

    [JsonIgnore]
    public PlatformEventKind Kind => KindOf(Name);

    /// <summary>0 when neither the payload nor the URL says.</summary>
    public long Account { get; init; }

    public PlatformMessage? Message { get; init; }

    /// <summary>Null for a first widget opening.</summary>
    public PlatformConversation? Conversation { get; init; }

    public PlatformWidget? Widget { get; init; }

    public static PlatformEventKind KindOf(string name) => name switch
    {
        "message_created" => PlatformEventKind.MessageCreated,
        "message_updated" => PlatformEventKind.MessageUpdated,
        "webwidget_triggered" or "widget_triggered" => PlatformEventKind.WidgetTriggered,
        "conversation_opened" or "conversation_resolved" or "conversation_status_changed" or "conversation_updated" => PlatformEventKind.ConversationChanged,
        _ => PlatformEventKind.Unknown,
    };
}

internal enum PlatformEventKind
{
    Unknown,
    MessageCreated,
    MessageUpdated,
    WidgetTriggered,
    ConversationChanged,
}

internal sealed record PlatformMessage
{
    public long Id { get; init; }

    /// <summary>The words; personal data.</summary>
    public string? Content { get; init; }

    public string ContentType { get; init; } = "text";

    /// <summary><c>incoming</c>, <c>outgoing</c>, <c>template</c>, <c>activity</c>, or what a later version calls it.</summary>
    public string Type { get; init; } = "";

    public bool Private { get; init; }

    public Author Author { get; init; }

    public long AuthorId { get; init; }

    /// <summary>Raw file types.</summary>
    public IReadOnlyList<string> Attachments { get; init; } = [];

    public IReadOnlyList<PlatformSubmittedValue> Submitted { get; init; } = [];

    public string? SubmittedEmail { get; init; }

    /// <summary>Key of the effect that made this message, when it is one of ours.</summary>
    public string? Marker { get; init; }

    public bool IsCustomer => Type == "incoming" && !Private;
}

internal sealed record PlatformSubmittedValue(string? Name, string? Title, string Value);

internal enum Author
{
    Customer,
    Human,
    Bot,
    BuiltInAi,

    /// <summary>Templates, automations, campaigns: nobody.</summary>
    System,
}

internal sealed record PlatformConversation
{
    /// <summary>The display id, unique within its account.</summary>
    public long Id { get; init; }

    public string? Status { get; init; }

    public double UpdatedAt { get; init; }

    public long InboxId { get; init; }

    public string? Channel { get; init; }

    public bool? CanReply { get; init; }

    public bool HasMeta { get; init; }

    public string? AssigneeType { get; init; }

    public long? AssigneeId { get; init; }

    /// <summary>Whether this event is about a change of the assignee; null where it does not say what changed.</summary>
    public bool? AssigneeChanged { get; init; }

    public long? TeamId { get; init; }

    public string? Priority { get; init; }

    public IReadOnlyList<string>? Labels { get; init; }

    public IReadOnlyDictionary<string, JsonElement>? CustomAttributes { get; init; }

    public string? BrowserLanguage { get; init; }

    public string? DetectedLanguage { get; init; }

    public ContactFacts? Contact { get; init; }
}

/// <summary>A widget opening. Comes from the visitor's browser without authentication.</summary>
internal sealed record PlatformWidget(long ContactInboxId, string? SourceId, string? Language);

[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault)]
[JsonSerializable(typeof(PlatformEvent))]
internal sealed partial class PlatformJson : JsonSerializerContext;
