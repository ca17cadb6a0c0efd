using System.Text.Json;
using System.Text.RegularExpressions;

namespace IntentRouter.Playground;

/// <summary>Bodies of the events. Called under the state lock: what is written is the state of that moment.</summary>
internal sealed partial class EventPayloads(PlaygroundBehaviour behaviour)
{
    public byte[] Message(string eventName, PlaygroundMessage message) => Object(w =>
    {
        var conversation = message.Conversation;
        WireShapes.Ref(w, "account", conversation.Account.Id, conversation.Account.Name);
        WireShapes.Element(w, "additional_attributes", message.AdditionalAttributes);
        WireShapes.Element(w, "content_attributes", message.ContentAttributes);
        w.WriteString("content_type", message.ContentType);
        w.WriteString("content", Normalise(message.Content));
        w.WriteStartObject("conversation");
        Conversation(w, conversation);
        w.WriteEndObject();
        w.WriteString("created_at", WireShapes.Iso(message.CreatedAt));
        w.WriteNumber("id", message.Id);
        WireShapes.Ref(w, "inbox", conversation.Inbox.Id, conversation.Inbox.Name);
        w.WriteString("message_type", message.Type.Wire());
        w.WriteBoolean("private", message.Private);
        WireShapes.SenderWebhook(w, message);
        w.WriteString("source_id", message.SourceId);
        WireShapes.Attachments(w, message);
        w.WriteString("event", eventName);
    });

    public byte[] ConversationEvent(string eventName, PlaygroundConversation conversation, Action<Utf8JsonWriter>? extra) => Object(w =>
    {
        Conversation(w, conversation);
        extra?.Invoke(w);
        w.WriteString("event", eventName);
    });

    public byte[] WidgetTriggered(PlaygroundCustomer customer, DateTimeOffset now) => Object(w =>
    {
        w.WriteNumber("id", customer.Id);
        w.WriteStartObject("contact");
        WireShapes.ContactWebhook(w, customer.Contact);
        w.WriteEndObject();
        WireShapes.Ref(w, "inbox", customer.Inbox.Id, customer.Inbox.Name);
        WireShapes.Ref(w, "account", customer.Inbox.Account.Id, customer.Inbox.Account.Name);
        if (customer.Conversation is { } current)
        {
            w.WriteStartObject("current_conversation");
            Conversation(w, current);
            w.WriteEndObject();
        }
        else
        {
            w.WriteNull("current_conversation");
        }

        w.WriteString("source_id", customer.SourceId);
        w.WriteStartObject("event_info");
        w.WriteStartObject("initiated_at");
        w.WriteString("timestamp", BrowserDate(now));
        w.WriteEndObject();
        w.WriteString("referer", Referer);
        w.WriteString("widget_language", "en");
        w.WriteString("browser_language", "en");
        Browser(w);
        w.WriteEndObject();
        w.WriteString("event", "webwidget_triggered");
    });

    public static JsonElement WebsiteAttributes(DateTimeOffset now) => JsonDocument.Parse(Json.Write(w =>
    {
        w.WriteStartObject();
        Browser(w);
        w.WriteString("browser_language", "en");
        w.WriteStartObject("initiated_at");
        w.WriteString("timestamp", BrowserDate(now));
        w.WriteEndObject();
        w.WriteString("referer", Referer);
        w.WriteEndObject();
    })).RootElement;

    /// <summary>Writes the members of the conversation shape, without the surrounding braces.</summary>
    public void Conversation(Utf8JsonWriter w, PlaygroundConversation conversation)
    {
        var customer = conversation.Customer;
        if (behaviour.AccountInConversation)
        {
            WireShapes.Ref(w, "account", conversation.Account.Id, conversation.Account.Name);
        }

        WireShapes.Element(w, "additional_attributes", conversation.AdditionalAttributes);
        w.WriteBoolean("can_reply", conversation.CanReply);
        w.WriteString("channel", conversation.Inbox.Channel.Wire());
        w.WriteStartObject("contact_inbox");
        w.WriteNumber("id", customer.Id);
        w.WriteNumber("contact_id", customer.Contact.Id);
        w.WriteNumber("inbox_id", customer.Inbox.Id);
        w.WriteString("source_id", customer.SourceId);
        w.WriteString("created_at", WireShapes.Iso(customer.CreatedAt));
        w.WriteString("updated_at", WireShapes.Iso(customer.CreatedAt));
        w.WriteBoolean("hmac_verified", customer.HmacVerified);
        w.WriteString("pubsub_token", customer.PubsubToken);
        w.WriteEndObject();
        w.WriteNumber("id", conversation.Id);
        w.WriteNumber("inbox_id", conversation.Inbox.Id);
        w.WriteStartArray("messages");
        if (conversation.LastPublicMessage is { } last)
        {
            PushMessage(w, last);
        }

        w.WriteEndArray();
        w.WriteStartArray("labels");
        foreach (var label in conversation.Labels)
        {
            w.WriteStringValue(label);
        }

        w.WriteEndArray();
        Meta(w, conversation);
        w.WriteString("status", conversation.Status.Wire());
        WireShapes.Element(w, "custom_attributes", conversation.CustomAttributes);
        Time(w, "snoozed_until", conversation.SnoozedUntil);
        w.WriteNumber("unread_count", Math.Min(conversation.Unread, 10));
        Time(w, "first_reply_created_at", conversation.FirstReplyAt);
        w.WriteString("priority", conversation.Priority);
        w.WriteNumber("waiting_since", WireShapes.Epoch(conversation.WaitingSince));
        w.WriteNumber("agent_last_seen_at", WireShapes.Epoch(conversation.AgentLastSeenAt));
        w.WriteNumber("contact_last_seen_at", WireShapes.Epoch(conversation.ContactLastSeenAt));
        w.WriteNumber("last_activity_at", WireShapes.Epoch(conversation.LastActivityAt));
        w.WriteNumber("timestamp", WireShapes.Epoch(conversation.LastActivityAt));
        w.WriteNumber("created_at", WireShapes.Epoch(conversation.CreatedAt));
        w.WriteNumber("updated_at", WireShapes.FloatEpoch(conversation.UpdatedAt));
    }

    private void Meta(Utf8JsonWriter w, PlaygroundConversation conversation)
    {
        w.WriteStartObject("meta");
        w.WriteStartObject("sender");
        WireShapes.ContactPush(w, conversation.Customer.Contact);
        w.WriteEndObject();
        if (conversation.Assignee is { } user)
        {
            w.WriteStartObject("assignee");
            WireShapes.UserPush(w, user);
            w.WriteEndObject();
        }
        else if (conversation.AssigneeBot is { } bot)
        {
            w.WriteStartObject("assignee");
            WireShapes.BotPush(w, bot);
            w.WriteEndObject();
        }
        else
        {
            w.WriteNull("assignee");
        }

        if (behaviour.BotsMayBeAssigned)
        {
            w.WriteString("assignee_type", conversation switch { { Assignee: not null } => "User", { AssigneeBot: not null } => "AgentBot", _ => null });
        }

        if (conversation.Team is { } team)
        {
            WireShapes.Ref(w, "team", team.Id, team.Name);
        }
        else
        {
            w.WriteNull("team");
        }

        w.WriteBoolean("hmac_verified", conversation.Customer.HmacVerified);
        w.WriteEndObject();
    }

    /// <summary>The second message shape: every column, numbers for enums and times.</summary>
    internal static void PushMessage(Utf8JsonWriter w, PlaygroundMessage message)
    {
        var conversation = message.Conversation;
        w.WriteStartObject();
        w.WriteNumber("id", message.Id);
        w.WriteString("content", message.Content);
        w.WriteNumber("account_id", conversation.Account.Id);
        w.WriteNumber("inbox_id", conversation.Inbox.Id);
        w.WriteNumber("conversation_id", conversation.Id);
        w.WriteNumber("message_type", (int)message.Type);
        w.WriteNumber("created_at", WireShapes.Epoch(message.CreatedAt));
        w.WriteString("updated_at", WireShapes.Iso(message.UpdatedAt));
        w.WriteBoolean("private", message.Private);
        w.WriteString("status", message.Status.Wire());
        w.WriteString("source_id", message.SourceId);
        w.WriteString("content_type", message.ContentType);
        WireShapes.Element(w, "content_attributes", message.ContentAttributes);
        w.WriteString("sender_type", SenderType(message));
        if ((message.Contact?.Id ?? message.User?.Id ?? message.Bot?.Id) is { } senderId)
        {
            w.WriteNumber("sender_id", senderId);
        }
        else
        {
            w.WriteNull("sender_id");
        }

        EmptyObject(w, "external_source_ids");
        WireShapes.Element(w, "additional_attributes", message.AdditionalAttributes);
        w.WriteString("processed_message_content", message.Content);
        EmptyObject(w, "sentiment");
        w.WriteStartObject("conversation");
        if (conversation.Assignee is { } assignee)
        {
            w.WriteNumber("assignee_id", assignee.Id);
        }
        else
        {
            w.WriteNull("assignee_id");
        }

        w.WriteNumber("unread_count", Math.Min(conversation.Unread, 10));
        w.WriteNumber("last_activity_at", WireShapes.Epoch(conversation.LastActivityAt));
        w.WriteStartObject("contact_inbox");
        w.WriteString("source_id", conversation.Customer.SourceId);
        w.WriteEndObject();
        w.WriteEndObject();
        WireShapes.SenderPush(w, message);
        WireShapes.Attachments(w, message);
        w.WriteEndObject();
    }

    internal static string? SenderType(PlaygroundMessage message) => message switch
    {
        { Contact: not null } => "Contact",
        { User: not null } => "User",
        { Bot: not null } => "AgentBot",
        _ => null,
    };

    private string? Normalise(string? content) =>
        content is not null && behaviour.NormalisesContent
            ? BackslashBreak().Replace(content, "\n").TrimEnd('\n')
            : content;

    private const string Referer = "https://shop.example.com/orders";

    private static void Browser(Utf8JsonWriter w)
    {
        w.WriteStartObject("browser");
        w.WriteString("browser_name", "Chrome");
        w.WriteString("browser_version", "139.0.0.0");
        w.WriteString("device_name", "Unknown");
        w.WriteString("platform_name", "Windows");
        w.WriteString("platform_version", "10.0");
        w.WriteEndObject();
    }

    private static string BrowserDate(DateTimeOffset now) =>
        now.UtcDateTime.ToString("ddd MMM dd yyyy HH:mm:ss 'GMT+0000 (Coordinated Universal Time)'", System.Globalization.CultureInfo.InvariantCulture);

    private static void EmptyObject(Utf8JsonWriter w, string name)
    {
        w.WriteStartObject(name);
        w.WriteEndObject();
    }

    private static void Time(Utf8JsonWriter w, string name, DateTimeOffset? at)
    {
        if (at is { } time)
        {
            w.WriteString(name, WireShapes.Iso(time));
        }
        else
        {
            w.WriteNull(name);
        }
    }

    private static byte[] Object(Action<Utf8JsonWriter> members) => Json.EscapeAsRails(Json.Write(w =>
    {
        w.WriteStartObject();
        members(w);
        w.WriteEndObject();
    }));

    [GeneratedRegex(@"\\\n")]
    private static partial Regex BackslashBreak();
}
