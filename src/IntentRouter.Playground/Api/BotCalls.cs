using System.Text.Json;

namespace IntentRouter.Playground;

/// <summary>Calls on conversations: those a bot token may make, and their relatives that need a user.</summary>
internal static class BotCalls
{
    private static readonly string[] _priorities = ["low", "medium", "high", "urgent"];

    public static ApiAnswer CreateMessage(ApiCall call)
    {
        var conversation = call.Conversation();
        var type = (call.Text("message_type") ?? "outgoing") switch
        {
            "outgoing" => MessageType.Outgoing,
            "incoming" => MessageType.Incoming,
            "activity" => MessageType.Activity,
            "template" => MessageType.Template,
            var other => throw ApiRefusal.Invalid($"'{other}' is not a valid message_type"),
        };
        if (type == MessageType.Incoming && conversation.Inbox.Channel != ChannelKind.Api)
        {
            throw ApiRefusal.Invalid("Incoming messages are only allowed in Api inboxes");
        }

        var contentType = call.Text("content_type") is { Length: > 0 } named ? named : "text";
        if (!MessageRules.IsKnownType(contentType, call.Behaviour))
        {
            throw ApiRefusal.Invalid($"'{contentType}' is not a valid content_type");
        }

        var content = call.Text("content");
        var attributes = ContentAttributes(call);
        if (content?.Length > MessageRules.MaximumLength)
        {
            throw ApiRefusal.Invalid("Validation failed: Content is too long (maximum is 150000 characters)");
        }

        if (MessageRules.ProblemOf(contentType, attributes) is { } problem)
        {
            throw ApiRefusal.Invalid(problem);
        }

        if (call.Files.Count > MessageRules.MaximumAttachments)
        {
            throw ApiRefusal.Invalid("Validation failed: Attachments exceeded maximum allowed");
        }

        call.Chat.RefuseFlood(conversation);
        var bot = call.Bot ?? SpokenFor(call);
        var message = call.Chat.CreateMessage(conversation, type, m =>
        {
            m.Content = content;
            m.ContentType = contentType;
            m.ContentAttributes = MessageRules.Stored(attributes, call.Behaviour);
            m.SourceId = call.Text("source_id");
            m.Attachments = call.Files;
        }, call.Flag("private"), type == MessageType.Incoming ? null : bot, type == MessageType.Incoming || bot is not null ? null : call.User);
        call.Created = message;
        return ApiAnswer.Json(w => ApiShapes.Message(w, message, call.Text("echo_id")));
    }

    public static ApiAnswer ToggleStatus(ApiCall call)
    {
        var conversation = call.Conversation();
        var before = conversation.Status;
        var named = call.Text("status");
        ConversationStatus next;
        if (string.IsNullOrEmpty(named))
        {
            next = before == ConversationStatus.Open ? ConversationStatus.Resolved : ConversationStatus.Open;
        }
        else
        {
            next = WireNames.StatusOf(named) ?? throw ApiRefusal.InternalError();
        }

        var until = call.Number("snoozed_until") is { } epoch ? DateTimeOffset.FromUnixTimeSeconds(epoch) : (DateTimeOffset?)null;
        var handoff = call.Bot is not null && named == "open" && before == ConversationStatus.Pending;
        if (call.User is { } user)
        {
            user.SetStatus(conversation, next, until);
        }
        else
        {
            // Without a named status the platform raises no handoff, so the change is not the bot's.
            call.Chat.SetStatus(conversation, next, until, by: string.IsNullOrEmpty(named) ? null : call.Bot);
        }

        return ApiAnswer.Object(w =>
        {
            w.WriteStartObject("payload");
            if (handoff)
            {
                w.WriteNull("success");
            }
            else
            {
                w.WriteBoolean("success", true);
            }

            w.WriteNumber("conversation_id", conversation.Id);
            w.WriteString("current_status", conversation.Status.Wire());
            ApiShapes.NullableEpoch(w, "snoozed_until", conversation.SnoozedUntil);
            w.WriteEndObject();
        });
    }

    public static ApiAnswer TogglePriority(ApiCall call)
    {
        var conversation = call.Conversation();
        call.Chat.SetPriority(conversation, Priority(call));
        return ApiAnswer.Empty;
    }

    public static ApiAnswer Update(ApiCall call)
    {
        var conversation = call.Conversation();
        if (call.Has("priority"))
        {
            call.Chat.SetPriority(conversation, Priority(call));
        }

        return ApiAnswer.Json(w => ApiShapes.Conversation(w, conversation, call.Behaviour));
    }

    public static ApiAnswer Assign(ApiCall call)
    {
        var conversation = call.Conversation();
        if (call.Has("assignee_id"))
        {
            if (call.Behaviour.BotsMayBeAssigned && call.Text("assignee_type") == "AgentBot")
            {
                var bot = call.Number("assignee_id") is { } botId && call.Chat.FindBot(botId) is { } found
                    && (found.IsGlobal || found.Account == call.Account) ? found : null;
                call.Chat.AssignBot(conversation, bot);
                return bot is null ? NullAnswer() : ApiAnswer.Object(w => WireShapes.BotPush(w, bot));
            }

            var user = call.Number("assignee_id") is { } id ? call.Account.UserList.Find(u => u.Id == id) : null;
            call.Chat.Assign(conversation, user);
            return user is null ? NullAnswer() : ApiAnswer.Json(w => ApiShapes.Agent(w, user, call.Account));
        }

        if (call.Has("team_id"))
        {
            var team = call.Number("team_id") is { } id ? call.Account.TeamList.Find(t => t.Id == id) : null;
            call.Chat.AssignTeam(conversation, team);
            return team is null ? NullAnswer() : ApiAnswer.Json(w => ApiShapes.Team(w, team));
        }

        return NullAnswer();

        static ApiAnswer NullAnswer() => ApiAnswer.Text(200, "null");
    }

    public static ApiAnswer SetCustomAttributes(ApiCall call)
    {
        var conversation = call.Conversation();
        var attributes = call.Value("custom_attributes") is { ValueKind: JsonValueKind.Object } sent ? sent.Clone() : Json.EmptyObject;
        foreach (var attribute in attributes.EnumerateObject())
        {
            if (attribute.Value is { ValueKind: JsonValueKind.String } text && text.GetString()!.Length > 1_500)
            {
                throw ApiRefusal.InvalidRecord($"{attribute.Name} length should be < 1500", "custom_attributes");
            }

            if (attribute.Value is { ValueKind: JsonValueKind.Number } number && number.TryGetInt64(out var value) && Math.Abs(value) > 9_999_999_999)
            {
                throw ApiRefusal.InvalidRecord($"{attribute.Name} value should be < 9999999999", "custom_attributes");
            }
        }

        if (call.Behaviour.MergesCustomAttributes && call.Flag("merge"))
        {
            foreach (var kept in conversation.CustomAttributes.EnumerateObject().Where(p => !attributes.TryGetProperty(p.Name, out _)).ToArray())
            {
                attributes = Json.With(attributes, kept.Name, kept.Value);
            }
        }

        call.Chat.SetCustomAttributes(conversation, attributes);
        return Attributes(conversation);
    }

    public static ApiAnswer DestroyCustomAttributes(ApiCall call)
    {
        var conversation = call.Conversation();
        var names = Names(call.Value("custom_attributes"));
        call.Chat.SetCustomAttributes(conversation, Json.Without(conversation.CustomAttributes, names.Contains));
        return Attributes(conversation);
    }

    public static ApiAnswer Typing(ApiCall call)
    {
        var conversation = call.Conversation();
        conversation.Typing = call.Text("typing_status") == "on";
        return ApiAnswer.Empty;
    }

    public static ApiAnswer Labels(ApiCall call)
    {
        var conversation = call.Conversation();
        return ApiAnswer.Object(w => ApiShapes.Strings(w, "payload", conversation.Labels));
    }

    public static ApiAnswer SetLabels(ApiCall call)
    {
        var conversation = call.Conversation();
        call.Chat.SetLabels(conversation, [.. Names(call.Value("labels"))]);
        return ApiAnswer.Object(w => ApiShapes.Strings(w, "payload", conversation.Labels));
    }

    public static ApiAnswer Read(ApiCall call)
    {
        var conversation = call.Conversation();
        return ApiAnswer.Json(w => ApiShapes.Conversation(w, conversation, call.Behaviour));
    }

    public static ApiAnswer Create(ApiCall call)
    {
        var customer = FindCustomer(call);
        var status = call.Text("status") is { Length: > 0 } named ? WireNames.StatusOf(named) ?? throw ApiRefusal.InternalError() : (ConversationStatus?)null;
        var conversation = call.Chat.NewConversation(customer, status);
        if (call.Value("custom_attributes") is { ValueKind: JsonValueKind.Object } custom)
        {
            conversation.CustomAttributes = custom.Clone();
        }

        if (call.Value("additional_attributes") is { ValueKind: JsonValueKind.Object } additional)
        {
            conversation.AdditionalAttributes = additional.Clone();
        }

        conversation.Assignee = call.Number("assignee_id") is { } assignee ? call.Account.UserList.Find(u => u.Id == assignee) : null;
        conversation.Team = call.Number("team_id") is { } team ? call.Account.TeamList.Find(t => t.Id == team) : null;
        customer.Conversation = conversation;
        if (call.Value("message") is { ValueKind: JsonValueKind.Object } message)
        {
            var content = message.TryGetProperty("content", out var text) ? text.GetString() : null;
            call.Created = call.Chat.CreateMessage(conversation, MessageType.Outgoing, m => m.Content = content, isPrivate: false, call.Bot, call.User);
        }

        return ApiAnswer.Json(w => ApiShapes.Conversation(w, conversation, call.Behaviour));
    }

    private static PlaygroundCustomer FindCustomer(ApiCall call)
    {
        var customers = call.Account.ContactList.SelectMany(c => c.Customers);
        if (call.Text("source_id") is { Length: > 0 } source && customers.FirstOrDefault(c => c.SourceId == source) is { } known)
        {
            return known;
        }

        var inbox = call.Number("inbox_id") is { } inboxId ? call.Account.InboxList.Find(i => i.Id == inboxId) : null;
        var contact = call.Number("contact_id") is { } contactId ? call.Account.ContactsById.GetValueOrDefault(contactId) : null;
        return inbox is not null && contact is not null
            ? contact.Customers.Find(c => c.Inbox == inbox) ?? call.Chat.AddCustomer(inbox, contact, verified: false)
            : throw ApiRefusal.NotFound();
    }

    /// <summary>A user may speak as a bot that is global or of the account.</summary>
    private static PlaygroundBot? SpokenFor(ApiCall call) =>
        call.Text("sender_type") == "AgentBot" && call.Number("sender_id") is { } id && call.Chat.FindBot(id) is { } bot
            && (bot.IsGlobal || bot.Account == call.Account) ? bot : null;

    private static JsonElement ContentAttributes(ApiCall call)
    {
        switch (call.Value("content_attributes"))
        {
            case { ValueKind: JsonValueKind.Object } sent:
                return sent;
            case { ValueKind: JsonValueKind.String } text:
                try
                {
                    var parsed = JsonDocument.Parse(text.GetString()!).RootElement;
                    return parsed.ValueKind == JsonValueKind.Object ? parsed : Json.EmptyObject;
                }
                catch (JsonException)
                {
                    return Json.EmptyObject;
                }

            default:
                return Json.EmptyObject;
        }
    }

    private static string? Priority(ApiCall call) => call.Text("priority") switch
    {
        null or "" => null,
        var name when _priorities.Contains(name) => name,
        _ => throw ApiRefusal.InternalError(),
    };

    private static ApiAnswer Attributes(PlaygroundConversation conversation) =>
        ApiAnswer.Object(w => WireShapes.Element(w, "custom_attributes", conversation.CustomAttributes));

    private static HashSet<string> Names(JsonElement? list) =>
        list is { ValueKind: JsonValueKind.Array } names
            ? [.. names.EnumerateArray().Where(n => n.ValueKind == JsonValueKind.String).Select(n => n.GetString()!)]
            : [];
}
