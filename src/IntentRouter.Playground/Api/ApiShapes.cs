using System.Text.Json;

namespace IntentRouter.Playground;

/// <summary>JSON shapes of API answers; several differ from the event shapes of the same thing.</summary>
internal static class ApiShapes
{
    public static void Message(Utf8JsonWriter w, PlaygroundMessage message, string? echoId = null)
    {
        w.WriteStartObject();
        w.WriteNumber("id", message.Id);
        w.WriteString("content", message.Content);
        w.WriteNumber("inbox_id", message.Conversation.Inbox.Id);
        if (echoId is not null)
        {
            w.WriteString("echo_id", echoId);
        }

        w.WriteNumber("conversation_id", message.Conversation.Id);
        w.WriteNumber("message_type", (int)message.Type);
        w.WriteString("content_type", message.ContentType);
        w.WriteString("status", message.Status.Wire());
        WireShapes.Element(w, "content_attributes", message.ContentAttributes);
        w.WriteNumber("created_at", WireShapes.Epoch(message.CreatedAt));
        w.WriteBoolean("private", message.Private);
        w.WriteString("source_id", message.SourceId);
        WireShapes.SenderPush(w, message);
        WireShapes.Attachments(w, message);
        w.WriteEndObject();
    }

    public static void Conversation(Utf8JsonWriter w, PlaygroundConversation conversation, PlaygroundBehaviour behaviour)
    {
        w.WriteStartObject();
        w.WriteStartObject("meta");
        w.WriteStartObject("sender");
        ContactMembers(w, conversation.Customer.Contact);
        w.WriteEndObject();
        w.WriteString("channel", conversation.Inbox.Channel.Wire());
        if (conversation.Assignee is { } user)
        {
            w.WritePropertyName("assignee");
            Agent(w, user, conversation.Account);
        }
        else if (conversation.AssigneeBot is { } bot)
        {
            w.WriteStartObject("assignee");
            WireShapes.BotPush(w, bot);
            w.WriteEndObject();
        }

        if (behaviour.BotsMayBeAssigned && (conversation.Assignee is not null || conversation.AssigneeBot is not null))
        {
            w.WriteString("assignee_type", conversation.Assignee is null ? "AgentBot" : "User");
        }

        if (conversation.Team is { } team)
        {
            w.WritePropertyName("team");
            Team(w, team);
        }

        w.WriteBoolean("hmac_verified", conversation.Customer.HmacVerified);
        w.WriteEndObject();
        w.WriteNumber("id", conversation.Id);
        w.WriteStartArray("messages");
        if (conversation.MessageList is [.., var last])
        {
            EventPayloads.PushMessage(w, last);
        }

        w.WriteEndArray();
        w.WriteNumber("account_id", conversation.Account.Id);
        w.WriteString("uuid", conversation.Uuid);
        WireShapes.Element(w, "additional_attributes", conversation.AdditionalAttributes);
        w.WriteNumber("agent_last_seen_at", WireShapes.Epoch(conversation.AgentLastSeenAt));
        w.WriteNumber("assignee_last_seen_at", 0);
        w.WriteBoolean("can_reply", conversation.CanReply);
        w.WriteNumber("contact_last_seen_at", WireShapes.Epoch(conversation.ContactLastSeenAt));
        WireShapes.Element(w, "custom_attributes", conversation.CustomAttributes);
        w.WriteNumber("inbox_id", conversation.Inbox.Id);
        Strings(w, "labels", conversation.Labels);
        w.WriteBoolean("muted", conversation.Customer.Contact.Blocked);
        NullableEpoch(w, "snoozed_until", conversation.SnoozedUntil);
        w.WriteString("status", conversation.Status.Wire());
        w.WriteNumber("created_at", WireShapes.Epoch(conversation.CreatedAt));
        w.WriteNumber("updated_at", WireShapes.FloatEpoch(conversation.UpdatedAt));
        w.WriteNumber("timestamp", WireShapes.Epoch(conversation.LastActivityAt));
        w.WriteNumber("first_reply_created_at", WireShapes.Epoch(conversation.FirstReplyAt));
        w.WriteNumber("unread_count", Math.Min(conversation.Unread, 10));
        w.WritePropertyName("last_non_activity_message");
        if (conversation.LastPublicMessage is { } latest)
        {
            EventPayloads.PushMessage(w, latest);
        }
        else
        {
            w.WriteNullValue();
        }

        w.WriteNumber("last_activity_at", WireShapes.Epoch(conversation.LastActivityAt));
        w.WriteString("priority", conversation.Priority);
        w.WriteNumber("waiting_since", WireShapes.Epoch(conversation.WaitingSince));
        w.WriteNull("sla_policy_id");
        w.WriteEndObject();
    }

    public static void Contact(Utf8JsonWriter w, PlaygroundContact contact)
    {
        w.WriteStartObject();
        ContactMembers(w, contact);
        w.WriteStartArray("contact_inboxes");
        foreach (var customer in contact.Customers)
        {
            w.WriteStartObject();
            w.WriteString("source_id", customer.SourceId);
            w.WriteStartObject("inbox");
            w.WriteNumber("id", customer.Inbox.Id);
            w.WriteString("avatar_url", "");
            w.WriteNumber("channel_id", customer.Inbox.Id);
            w.WriteString("name", customer.Inbox.Name);
            w.WriteString("channel_type", customer.Inbox.Channel.Wire());
            w.WriteNull("provider");
            w.WriteEndObject();
            w.WriteEndObject();
        }

        w.WriteEndArray();
        w.WriteEndObject();
    }

    private static void ContactMembers(Utf8JsonWriter w, PlaygroundContact contact)
    {
        WireShapes.Element(w, "additional_attributes", contact.AdditionalAttributes);
        w.WriteString("availability_status", "offline");
        w.WriteString("email", contact.Email);
        w.WriteNumber("id", contact.Id);
        w.WriteString("name", contact.Name);
        w.WriteString("phone_number", contact.PhoneNumber);
        w.WriteBoolean("blocked", contact.Blocked);
        w.WriteString("identifier", contact.Identifier);
        w.WriteString("thumbnail", "");
        WireShapes.Element(w, "custom_attributes", contact.CustomAttributes);
        w.WriteNumber("last_activity_at", WireShapes.Epoch(contact.CreatedAt));
        w.WriteNumber("created_at", WireShapes.Epoch(contact.CreatedAt));
    }

    public static void Agent(Utf8JsonWriter w, PlaygroundUser user, PlaygroundAccount account)
    {
        w.WriteStartObject();
        w.WriteNumber("id", user.Id);
        w.WriteNumber("account_id", account.Id);
        w.WriteString("availability_status", "online");
        w.WriteBoolean("auto_offline", true);
        w.WriteBoolean("confirmed", true);
        w.WriteString("email", user.Email);
        w.WriteString("available_name", user.AvailableName);
        w.WriteString("name", user.Name);
        w.WriteString("role", user.Roles.GetValueOrDefault(account.Id).Wire());
        w.WriteString("thumbnail", "");
        w.WriteNull("custom_role_id");
        w.WriteEndObject();
    }

    public static void Team(Utf8JsonWriter w, PlaygroundTeam team)
    {
        w.WriteStartObject();
        w.WriteNumber("id", team.Id);
        w.WriteString("name", team.Name);
        w.WriteNull("description");
        w.WriteBoolean("allow_auto_assign", true);
        w.WriteNumber("account_id", team.Account.Id);
        w.WriteBoolean("is_member", false);
        w.WriteEndObject();
    }

    public static void Inbox(Utf8JsonWriter w, PlaygroundInbox inbox)
    {
        w.WriteStartObject();
        w.WriteNumber("id", inbox.Id);
        w.WriteString("avatar_url", "");
        w.WriteNumber("channel_id", inbox.Id);
        w.WriteString("name", inbox.Name);
        w.WriteString("channel_type", inbox.Channel.Wire());
        w.WriteBoolean("greeting_enabled", inbox.Greeting is not null);
        w.WriteString("greeting_message", inbox.Greeting);
        w.WriteBoolean("working_hours_enabled", false);
        w.WriteBoolean("enable_email_collect", inbox.CollectsEmail);
        w.WriteBoolean("csat_survey_enabled", inbox.AsksSatisfaction);
        w.WriteBoolean("enable_auto_assignment", inbox.AutoAssignsTo is not null);
        w.WriteStartObject("auto_assignment_config");
        w.WriteEndObject();
        w.WriteNull("out_of_office_message");
        w.WriteStartArray("working_hours");
        w.WriteEndArray();
        w.WriteString("timezone", "UTC");
        w.WriteNull("callback_webhook_url");
        w.WriteBoolean("allow_messages_after_resolved", true);
        w.WriteBoolean("lock_to_single_conversation", false);
        w.WriteString("sender_name_type", "friendly");
        w.WriteNull("business_name");
        if (inbox.Channel == ChannelKind.WebWidget)
        {
            w.WriteString("widget_color", "#1f93ff");
            w.WriteString("website_url", "https://shop.example.com");
            w.WriteBoolean("hmac_mandatory", false);
            w.WriteNull("welcome_title");
            w.WriteNull("welcome_tagline");
            w.WriteString("web_widget_script", "");
            w.WriteString("website_token", inbox.Identifier);
            w.WriteString("reply_time", "in_a_few_minutes");
        }
        else if (inbox.Channel == ChannelKind.Api)
        {
            w.WriteString("inbox_identifier", inbox.Identifier);
        }

        w.WriteNull("messaging_service_sid");
        w.WriteNull("phone_number");
        w.WriteNull("provider");
        w.WriteEndObject();
    }

    /// <summary>A bot in the account API; what of it is shown depends on whose it is and who asks.</summary>
    public static void Bot(Utf8JsonWriter w, PlaygroundBot bot, PlaygroundBehaviour behaviour, bool isAdministrator)
    {
        w.WriteStartObject();
        w.WriteNumber("id", bot.Id);
        w.WriteString("name", bot.Name);
        w.WriteString("description", bot.Description ?? "");
        w.WriteString("thumbnail", "");
        if (bot.Account is { } account)
        {
            w.WriteString("outgoing_url", bot.OutgoingUrl);
            w.WriteString("bot_type", "webhook");
            WireShapes.Element(w, "bot_config", bot.Configuration);
            w.WriteNumber("account_id", account.Id);
            if (isAdministrator || !behaviour.HidesTokensFromAgents)
            {
                w.WriteString("access_token", bot.AccessToken);
            }

            if (isAdministrator && behaviour.SignsDeliveries)
            {
                w.WriteString("secret", bot.Secret);
            }
        }
        else
        {
            w.WriteString("bot_type", "webhook");
            WireShapes.Element(w, "bot_config", bot.Configuration);
            w.WriteNull("account_id");
        }

        w.WriteBoolean("system_bot", bot.IsGlobal);
        w.WriteEndObject();
    }

    public static void User(Utf8JsonWriter w, PlaygroundUser user, IReadOnlyList<PlaygroundAccount> accounts)
    {
        w.WriteStartObject();
        w.WriteString("access_token", user.AccessToken);
        if (accounts is [var first, ..])
        {
            w.WriteNumber("account_id", first.Id);
            w.WriteString("role", user.Roles[first.Id].Wire());
        }

        w.WriteString("available_name", user.AvailableName);
        w.WriteString("avatar_url", "");
        w.WriteBoolean("confirmed", true);
        w.WriteNull("display_name");
        w.WriteNull("message_signature");
        w.WriteString("email", user.Email);
        w.WriteString("hmac_identifier", "");
        w.WriteNumber("id", user.Id);
        w.WriteNull("inviter_id");
        w.WriteString("name", user.Name);
        w.WriteString("provider", "email");
        w.WriteString("pubsub_token", user.PubsubToken);
        w.WriteStartObject("custom_attributes");
        w.WriteEndObject();
        w.WriteStartObject("ui_settings");
        w.WriteEndObject();
        w.WriteString("uid", user.Email);
        w.WriteNull("type");
        w.WriteStartArray("accounts");
        foreach (var account in accounts)
        {
            w.WriteStartObject();
            w.WriteNumber("id", account.Id);
            w.WriteString("name", account.Name);
            w.WriteString("status", account.Suspended ? "suspended" : "active");
            w.WriteNull("active_at");
            w.WriteString("role", user.Roles[account.Id].Wire());
            w.WriteStartArray("permissions");
            w.WriteStringValue(user.Roles[account.Id].Wire());
            w.WriteEndArray();
            w.WriteString("availability", "online");
            w.WriteString("availability_status", "online");
            w.WriteBoolean("auto_offline", true);
            w.WriteNull("custom_role_id");
            w.WriteNull("custom_role");
            w.WriteEndObject();
        }

        w.WriteEndArray();
        w.WriteEndObject();
    }

    public static void Strings(Utf8JsonWriter w, string name, IEnumerable<string> values)
    {
        w.WriteStartArray(name);
        foreach (var value in values)
        {
            w.WriteStringValue(value);
        }

        w.WriteEndArray();
    }

    public static void NullableEpoch(Utf8JsonWriter w, string name, DateTimeOffset? at)
    {
        if (at is { } time)
        {
            w.WriteNumber(name, time.ToUnixTimeSeconds());
        }
        else
        {
            w.WriteNull(name);
        }
    }
}
