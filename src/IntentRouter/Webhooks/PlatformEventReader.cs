using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using IntentRouter.Conversations;

namespace IntentRouter.Webhooks;

/// <summary>
/// Reads any event of any version of the platform tolerantly (contract 7.2): every field but the event's name may be absent, null or of its
/// sibling type; unknown words are kept raw. Never throws on shape.
/// </summary>
internal static partial class PlatformEventReader
{
    private const int MaxTexts = 200;

    /// <summary>Reads one event; null when the object names none.</summary>
    /// <param name="accountFromUrl">The account in the bot URL, used when the payload has none.</param>
    public static PlatformEvent? Read(JsonElement root, long? accountFromUrl)
    {
        if (root.ValueKind != JsonValueKind.Object || Text(root, "event") is not { Length: > 0 and <= 100 } name)
        {
            return null;
        }

        return PlatformEvent.KindOf(name) switch
        {
            PlatformEventKind.MessageCreated or PlatformEventKind.MessageUpdated => ReadMessageEvent(name, root, accountFromUrl),
            PlatformEventKind.WidgetTriggered => ReadWidgetEvent(name, root, accountFromUrl),
            PlatformEventKind.ConversationChanged => ReadConversationEvent(name, root, accountFromUrl),
            _ => new PlatformEvent { Name = name },
        };
    }

    private static PlatformEvent ReadMessageEvent(string name, JsonElement root, long? accountFromUrl)
    {
        var sender = Child(root, "sender");
        var conversation = Child(root, "conversation") is { ValueKind: JsonValueKind.Object } c ? ReadConversation(c) : null;
        var message = ReadMessage(root, sender);
        // The sender of an incoming message is the newest picture of the contact.
        if (conversation is not null && message.Type == "incoming" && sender is { } person)
        {
            var verified = conversation.Contact?.Verified ?? false;
            conversation = conversation with { Contact = ReadContact(person) with { Verified = verified } };
        }

        return new PlatformEvent
        {
            Name = name,
            Account = Number(Child(root, "account"), "id")
                ?? Number(Child(sender, "account"), "id")
                ?? accountFromUrl
                ?? AccountOfFirstMessage(Child(root, "conversation")) ?? 0,
            Message = message,
            Conversation = conversation,
        };
    }

    private static PlatformEvent ReadConversationEvent(string name, JsonElement root, long? accountFromUrl) => new()
    {
        Name = name,
        // OneHash sends no account here; the URL is tried before the message, as it names what the operator meant.
        Account = Number(Child(root, "account"), "id") ?? accountFromUrl ?? AccountOfFirstMessage(root) ?? 0,
        Conversation = ReadConversation(root),
    };

    private static PlatformEvent ReadWidgetEvent(string name, JsonElement root, long? accountFromUrl)
    {
        var contact = Child(root, "contact");
        var current = Child(root, "current_conversation") is { ValueKind: JsonValueKind.Object } c ? ReadConversation(c) : null;
        var info = Child(root, "event_info");
        var language = Text(info, "browser_language") ?? Text(info, "widget_language");
        var conversation = current is not null
            ? current with { Contact = contact is { } p ? ReadContact(p) with { Verified = current.Contact?.Verified ?? false } : current.Contact }
            : new PlatformConversation
            {
                InboxId = Number(Child(root, "inbox"), "id") ?? 0,
                Contact = contact is { } q ? ReadContact(q) : null,
                BrowserLanguage = language,
            };
        return new PlatformEvent
        {
            Name = name,
            Account = Number(Child(root, "account"), "id") ?? Number(Child(contact, "account"), "id") ?? accountFromUrl ?? 0,
            Conversation = conversation,
            Widget = new PlatformWidget(Number(root, "id") ?? 0, Text(root, "source_id"), language),
        };
    }

    private static PlatformMessage ReadMessage(JsonElement m, JsonElement? sender)
    {
        var attributes = Child(m, "content_attributes");
        var additional = Child(m, "additional_attributes");
        var type = MessageType(m);
        return new PlatformMessage
        {
            Id = Number(m, "id") ?? 0,
            Content = Text(m, "content"),
            ContentType = Text(m, "content_type") ?? "text",
            Type = type,
            Private = Flag(m, "private") ?? false,
            Author = AuthorOf(type, sender, attributes, additional),
            AuthorId = Number(sender, "id") ?? 0,
            Attachments = [.. Items(m, "attachments").Select(a => Text(a, "file_type") ?? "file").Take(MaxTexts)],
            Submitted = [.. ReadSubmitted(attributes).Take(MaxTexts)],
            SubmittedEmail = Text(attributes, "submitted_email"),
            Marker = Text(Child(attributes, "intent_router"), "k"),
        };
    }

    private static Author AuthorOf(string type, JsonElement? sender, JsonElement? attributes, JsonElement? additional) => type switch
    {
        "incoming" => Author.Customer,
        "template" or "activity" => Author.System,
        _ => Text(sender, "type") switch
        {
            "agent_bot" => Author.Bot,
            "captain_assistant" => Author.BuiltInAi,
            // Automations and campaigns have no sender either, but say so; what is left is a person in the channel's own app.
            null when sender is null && (Child(attributes, "automation_rule_id") is not null || Child(additional, "campaign_id") is not null) => Author.System,
            _ => Author.Human,
        },
    };

    /// <summary>An array of values for options and forms; an object for a satisfaction survey, which is not ours to read.</summary>
    private static IEnumerable<PlatformSubmittedValue> ReadSubmitted(JsonElement? attributes)
    {
        foreach (var item in Items(attributes, "submitted_values"))
        {
            if (Text(item, "value") is { Length: > 0 } value)
            {
                yield return new PlatformSubmittedValue(Text(item, "name"), Text(item, "title"), value);
            }
        }
    }

    private static PlatformConversation ReadConversation(JsonElement c)
    {
        var meta = Child(c, "meta");
        var assignee = Child(meta, "assignee");
        var additional = Child(c, "additional_attributes");
        var contact = Child(meta, "sender") is { ValueKind: JsonValueKind.Object } person ? ReadContact(person) : null;
        var verified = Flag(meta, "hmac_verified") ?? Flag(Child(c, "contact_inbox"), "hmac_verified") ?? false;
        var contactId = Number(Child(c, "contact_inbox"), "contact_id") ?? 0;
        return new PlatformConversation
        {
            Id = Number(c, "id") ?? 0,
            Status = Text(c, "status"),
            UpdatedAt = Seconds(c, "updated_at"),
            InboxId = Number(c, "inbox_id") ?? 0,
            Channel = Text(c, "channel"),
            CanReply = Flag(c, "can_reply"),
            HasMeta = meta is { ValueKind: JsonValueKind.Object } m && m.TryGetProperty("assignee", out _),
            AssigneeType = assignee is null ? null : AssigneeTypeOf(assignee.Value, Text(meta, "assignee_type")),
            AssigneeId = Number(assignee, "id"),
            AssigneeChanged = c.TryGetProperty("changed_attributes", out var changed) && changed.ValueKind == JsonValueKind.Array
                ? changed.EnumerateArray().Any(a => a.ValueKind == JsonValueKind.Object && a.TryGetProperty("assignee_id", out _))
                : null,
            TeamId = Number(Child(meta, "team"), "id"),
            Priority = Text(c, "priority"),
            Labels = c.TryGetProperty("labels", out var labels) && labels.ValueKind == JsonValueKind.Array
                ? [.. labels.EnumerateArray().Where(l => l.ValueKind == JsonValueKind.String).Select(l => l.GetString()!).Take(MaxTexts)]
                : null,
            CustomAttributes = Child(c, "custom_attributes") is { } attributes ? Attributes(attributes) : null,
            BrowserLanguage = Text(additional, "browser_language"),
            DetectedLanguage = Text(additional, "conversation_language"),
            Contact = contact is null
                ? contactId == 0 ? null : new ContactFacts { Id = contactId, Verified = verified }
                : contact with { Verified = verified },
        };
    }

    private static string AssigneeTypeOf(JsonElement assignee, string? stated) =>
        stated ?? (Text(assignee, "type") is "agent_bot" or "captain_assistant" ? "AgentBot" : "User");

    private static ContactFacts ReadContact(JsonElement p)
    {
        var custom = Child(p, "custom_attributes") is { } c ? Attributes(c) : [];
        var additional = Child(p, "additional_attributes");
        return new ContactFacts
        {
            Id = Number(p, "id") ?? 0,
            Name = Text(p, "name") is { } name && !MadeUpName().IsMatch(name) ? name : null,
            Email = NullIfEmpty(Text(p, "email")),
            Phone = NullIfEmpty(Text(p, "phone_number")),
            Identifier = NullIfEmpty(Text(p, "identifier")),
            Blocked = Flag(p, "blocked") ?? false,
            CustomAttributes = custom,
            TimeZone = AttributeText(custom, "timezone") ?? AttributeText(custom, "time_zone") ?? Text(additional, "timezone"),
            Language = AttributeText(custom, "language") ?? Text(additional, "language"),
        };
    }

    // The platform calls visitors whom nobody knows quiet-forest-214: nobody is addressed so, and nothing is booked in that name.
    [GeneratedRegex(@"^[a-z]+-[a-z]+-[0-9]{1,4}$", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex MadeUpName();

    private static string? AttributeText(Dictionary<string, JsonElement> attributes, string name) =>
        attributes.TryGetValue(name, out var value) && value.ValueKind == JsonValueKind.String ? NullIfEmpty(value.GetString()) : null;

    private static Dictionary<string, JsonElement> Attributes(JsonElement map) => map.ValueKind != JsonValueKind.Object
        ? []
        : map.EnumerateObject().GroupBy(p => p.Name).ToDictionary(g => g.Key, g => g.Last().Value.Clone());

    private static long? AccountOfFirstMessage(JsonElement? conversation)
    {
        foreach (var message in Items(conversation, "messages"))
        {
            return Number(message, "account_id");
        }

        return null;
    }

    private static string MessageType(JsonElement m) => !m.TryGetProperty("message_type", out var type) ? "" : type.ValueKind switch
    {
        JsonValueKind.String => type.GetString() switch
        {
            "0" => "incoming",
            "1" => "outgoing",
            "2" => "activity",
            "3" => "template",
            var word => word ?? "",
        },
        JsonValueKind.Number => type.TryGetInt32(out var number) ? number switch { 0 => "incoming", 1 => "outgoing", 2 => "activity", 3 => "template", _ => "" } : "",
        _ => "",
    };

    private static JsonElement? Child(JsonElement? parent, string name) =>
        parent is { ValueKind: JsonValueKind.Object } p && p.TryGetProperty(name, out var child) && child.ValueKind is not (JsonValueKind.Null or JsonValueKind.Undefined)
            ? child
            : null;

    private static IEnumerable<JsonElement> Items(JsonElement? parent, string name) =>
        Child(parent, name) is { ValueKind: JsonValueKind.Array } array ? array.EnumerateArray().Where(i => i.ValueKind == JsonValueKind.Object) : [];

    private static string? Text(JsonElement? parent, string name) => Child(parent, name) switch
    {
        { ValueKind: JsonValueKind.String } s => s.GetString(),
        { ValueKind: JsonValueKind.Number } n => n.GetRawText(),
        { ValueKind: JsonValueKind.True } => "true",
        { ValueKind: JsonValueKind.False } => "false",
        _ => null,
    };

    private static long? Number(JsonElement? parent, string name) => Child(parent, name) switch
    {
        { ValueKind: JsonValueKind.Number } n => n.TryGetInt64(out var value) ? value : null,
        { ValueKind: JsonValueKind.String } s => long.TryParse(s.GetString(), NumberStyles.Integer, CultureInfo.InvariantCulture, out var value) ? value : null,
        _ => null,
    };

    private static bool? Flag(JsonElement? parent, string name) => Child(parent, name) switch
    {
        { ValueKind: JsonValueKind.True } => true,
        { ValueKind: JsonValueKind.False } => false,
        { ValueKind: JsonValueKind.String } s => bool.TryParse(s.GetString(), out var value) ? value : null,
        _ => null,
    };

    /// <summary>Epoch seconds with fraction, from a number or an ISO text; 0 when absent.</summary>
    private static double Seconds(JsonElement parent, string name) => Child(parent, name) switch
    {
        { ValueKind: JsonValueKind.Number } n => n.TryGetDouble(out var value) && double.IsFinite(value) ? value : 0,
        { ValueKind: JsonValueKind.String } s => DateTimeOffset.TryParse(s.GetString(), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at)
            ? at.ToUnixTimeMilliseconds() / 1000.0
            : double.TryParse(s.GetString(), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number) ? number : 0,
        _ => 0,
    };

    private static string? NullIfEmpty(string? text) => string.IsNullOrWhiteSpace(text) ? null : text;
}
