using System.Text.Json;

namespace IntentRouter.Playground;

/// <summary>Calls that need a user's token: lists, contacts, inboxes, bots, teams.</summary>
internal static class DeskCalls
{
    private const int PageSize = 25;
    private const int ContactPageSize = 15;

    public static ApiAnswer ListConversations(ApiCall call)
    {
        var status = call.Text("status") ?? "open";
        var wanted = status == "all" ? (ConversationStatus?)null : WireNames.StatusOf(status) ?? throw ApiRefusal.InternalError();
        var inbox = call.Number("inbox_id");
        var team = call.Number("team_id");
        var found = call.Account.ConversationList
            .Where(c => (wanted is null || c.Status == wanted) && (inbox is null || c.Inbox.Id == inbox) && (team is null || c.Team?.Id == team))
            .ToList();
        var shown = (call.Text("assignee_type") switch
        {
            "me" => found.Where(c => c.Assignee == call.User),
            "unassigned" => found.Where(c => c.Assignee is null),
            "assigned" => found.Where(c => c.Assignee is not null),
            _ => found,
        }).OrderByDescending(c => c.LastActivityAt).ThenByDescending(c => c.Id);
        return ApiAnswer.Object(w =>
        {
            w.WriteStartObject("data");
            Counts(w, call, found);
            w.WriteStartArray("payload");
            foreach (var conversation in Page(call, shown, PageSize))
            {
                ApiShapes.Conversation(w, conversation, call.Behaviour);
            }

            w.WriteEndArray();
            w.WriteEndObject();
        });
    }

    public static ApiAnswer ConversationCounts(ApiCall call)
    {
        var status = WireNames.StatusOf(call.Text("status") ?? "open");
        return ApiAnswer.Object(w => Counts(w, call, [.. call.Account.ConversationList.Where(c => status is null || c.Status == status)]));
    }

    public static ApiAnswer ListMessages(ApiCall call)
    {
        var conversation = call.Conversation();
        IEnumerable<PlaygroundMessage> messages = conversation.MessageList;
        if (call.Number("after") is { } after)
        {
            messages = messages.Where(m => m.Id > after).Take(100);
        }
        else
        {
            var before = call.Number("before") ?? long.MaxValue;
            messages = messages.Where(m => m.Id < before).TakeLast(20);
        }

        return ApiAnswer.Object(w =>
        {
            w.WriteStartObject("meta");
            ApiShapes.Strings(w, "labels", conversation.Labels);
            WireShapes.Element(w, "additional_attributes", conversation.AdditionalAttributes);
            w.WriteStartObject("contact");
            WireShapes.ContactPush(w, conversation.Customer.Contact);
            w.WriteEndObject();
            if (conversation.Assignee is { } assignee)
            {
                w.WritePropertyName("assignee");
                ApiShapes.Agent(w, assignee, call.Account);
            }

            w.WriteNull("agent_last_seen_at");
            w.WriteNull("assignee_last_seen_at");
            w.WriteEndObject();
            w.WriteStartArray("payload");
            foreach (var message in messages)
            {
                ApiShapes.Message(w, message);
            }

            w.WriteEndArray();
        });
    }

    public static ApiAnswer DeleteMessage(ApiCall call)
    {
        var conversation = call.Conversation();
        var message = conversation.MessageList.Find(m => m.Id == call.RouteId("id")) ?? throw ApiRefusal.NotFound();
        call.Chat.UpdateMessage(message, () =>
        {
            message.Content = "This message was deleted";
            message.ContentType = "text";
            message.ContentAttributes = Json.From(new Dictionary<string, bool> { ["deleted"] = true });
            message.Attachments = [];
        });
        return ApiAnswer.Json(w => ApiShapes.Message(w, message));
    }

    public static ApiAnswer ListContacts(ApiCall call) => Contacts(call, call.Account.ContactList);

    public static ApiAnswer SearchContacts(ApiCall call)
    {
        if (call.Text("q") is not { Length: > 0 } text)
        {
            throw new ApiRefusal(ApiAnswer.Error(422, "Specify search string with parameter q"));
        }

        return Contacts(call, call.Account.ContactList.Where(c =>
            Matches(c.Name, text) || Matches(c.Email, text) || Matches(c.PhoneNumber, text) || Matches(c.Identifier, text)));
    }

    public static ApiAnswer ReadContact(ApiCall call)
    {
        var contact = call.Contact();
        return Payload(w => ApiShapes.Contact(w, contact));
    }

    public static ApiAnswer UpdateContact(ApiCall call)
    {
        var contact = call.Contact();
        contact.Name = call.Text("name") ?? contact.Name;
        contact.Email = call.Text("email") ?? contact.Email;
        contact.PhoneNumber = call.Text("phone_number") ?? contact.PhoneNumber;
        contact.Identifier = call.Text("identifier") ?? contact.Identifier;
        contact.Blocked = call.Has("blocked") ? call.Flag("blocked") : contact.Blocked;
        if (call.Value("custom_attributes") is { ValueKind: JsonValueKind.Object } custom)
        {
            foreach (var attribute in custom.EnumerateObject())
            {
                contact.CustomAttributes = Json.With(contact.CustomAttributes, attribute.Name, attribute.Value);
            }
        }

        return Payload(w => ApiShapes.Contact(w, contact));
    }

    public static ApiAnswer ContactConversations(ApiCall call)
    {
        var contact = call.Contact();
        return Payload(w =>
        {
            w.WriteStartArray();
            foreach (var conversation in call.Account.ConversationList.Where(c => c.Customer.Contact == contact))
            {
                ApiShapes.Conversation(w, conversation, call.Behaviour);
            }

            w.WriteEndArray();
        });
    }

    public static ApiAnswer Orders(ApiCall call)
    {
        var contact = call.Contact();
        if (!call.Account.ShopifyConnected)
        {
            throw ApiRefusal.NotFound();
        }

        return ApiAnswer.Object(w =>
        {
            w.WriteStartArray("orders");
            contact.Orders.ForEach(o => o.WriteTo(w));
            w.WriteEndArray();
            if (contact.Orders.Count > 0)
            {
                w.WriteString("shop", "bluebird-outfitters.myshopify.example");
            }
        });
    }

    public static ApiAnswer Bookings(ApiCall call)
    {
        var contact = call.Contact();
        return ApiAnswer.Json(w =>
        {
            w.WriteStartArray();
            foreach (var (host, booking) in contact.Bookings)
            {
                if (call.IsAdministrator || host is null || host == call.User)
                {
                    booking.WriteTo(w);
                }
            }

            w.WriteEndArray();
        });
    }

    public static ApiAnswer ListInboxes(ApiCall call) => Payload(w =>
    {
        w.WriteStartArray();
        call.Account.InboxList.ForEach(i => ApiShapes.Inbox(w, i));
        w.WriteEndArray();
    });

    public static ApiAnswer ReadInbox(ApiCall call)
    {
        var inbox = call.Inbox();
        return ApiAnswer.Json(w => ApiShapes.Inbox(w, inbox));
    }

    public static ApiAnswer InboxBot(ApiCall call)
    {
        var inbox = call.Inbox();
        return ApiAnswer.Object(w =>
        {
            if (inbox.Bot is { } bot)
            {
                w.WritePropertyName("agent_bot");
                ApiShapes.Bot(w, bot, call.Behaviour, call.IsAdministrator);
            }
        });
    }

    public static ApiAnswer ConnectBot(ApiCall call)
    {
        var inbox = call.Inbox();
        if (call.Number("agent_bot") is not { } id)
        {
            inbox.Bot = null;
            return ApiAnswer.Empty;
        }

        var bot = call.Chat.FindBot(id);
        if (bot is null || (call.Behaviour.ChecksBotOnConnect && !bot.IsGlobal && bot.Account != call.Account))
        {
            throw ApiRefusal.NotFound();
        }

        inbox.Bot = bot;
        inbox.BotActive = true;
        return ApiAnswer.Empty;
    }

    public static ApiAnswer ListBots(ApiCall call) => ApiAnswer.Json(w =>
    {
        w.WriteStartArray();
        foreach (var bot in call.Chat.LivingBots.Where(b => b.IsGlobal || b.Account == call.Account))
        {
            ApiShapes.Bot(w, bot, call.Behaviour, call.IsAdministrator);
        }

        w.WriteEndArray();
    });

    public static ApiAnswer ReadBot(ApiCall call)
    {
        var bot = call.Chat.FindBot(call.RouteId("id")) is { } found && (found.IsGlobal || found.Account == call.Account)
            ? found : throw ApiRefusal.NotFound();
        return BotAnswer(call, bot);
    }

    public static ApiAnswer CreateBot(ApiCall call)
    {
        RequireName(call);
        RefuseLongUrl(call);
        var bot = call.Chat.AddBot(call.Account, call.Text("name")!, call.Text("outgoing_url"), accessToken: null, secret: null);
        bot.Description = call.Text("description");
        SetConfiguration(call, bot);
        return BotAnswer(call, bot);
    }

    public static ApiAnswer UpdateBot(ApiCall call)
    {
        var bot = OwnBot(call);
        RefuseLongUrl(call);
        if (call.Has("name"))
        {
            RequireName(call);
        }

        bot.Name = call.Text("name") ?? bot.Name;
        bot.Description = call.Text("description") ?? bot.Description;
        bot.OutgoingUrl = call.Has("outgoing_url") ? call.Text("outgoing_url") : bot.OutgoingUrl;
        SetConfiguration(call, bot);
        return BotAnswer(call, bot);
    }

    public static ApiAnswer DeleteBot(ApiCall call)
    {
        call.Chat.Delete(OwnBot(call));
        return ApiAnswer.Empty;
    }

    public static ApiAnswer ResetBotToken(ApiCall call)
    {
        var bot = OwnBot(call);
        bot.AccessToken = call.Chat.ResetToken(bot, bot.AccessToken);
        return BotAnswer(call, bot);
    }

    public static ApiAnswer ResetBotSecret(ApiCall call)
    {
        var bot = OwnBot(call);
        bot.Secret = PlaygroundChat.NewToken();
        return BotAnswer(call, bot);
    }

    public static ApiAnswer ListAgents(ApiCall call) => ApiAnswer.Json(w =>
    {
        w.WriteStartArray();
        call.Account.UserList.ForEach(u => ApiShapes.Agent(w, u, call.Account));
        w.WriteEndArray();
    });

    public static ApiAnswer ListTeams(ApiCall call) => ApiAnswer.Json(w =>
    {
        w.WriteStartArray();
        call.Account.TeamList.ForEach(t => ApiShapes.Team(w, t));
        w.WriteEndArray();
    });

    public static ApiAnswer ReadTeam(ApiCall call)
    {
        var team = call.Account.TeamList.Find(t => t.Id == call.RouteId("id")) ?? throw ApiRefusal.NotFound();
        return ApiAnswer.Json(w => ApiShapes.Team(w, team));
    }

    public static ApiAnswer ListWebhooks(ApiCall call) => ApiAnswer.Object(w =>
    {
        w.WriteStartObject("payload");
        w.WriteStartArray("webhooks");
        call.Account.WebhookList.ForEach(h => Webhook(w, h));
        w.WriteEndArray();
        w.WriteEndObject();
    });

    public static ApiAnswer CreateWebhook(ApiCall call)
    {
        if (!Uri.TryCreate(call.Text("url"), UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https"))
        {
            throw ApiRefusal.InvalidRecord("Url is invalid", "url");
        }

        var events = call.Value("subscriptions") is { ValueKind: JsonValueKind.Array } list ? list.EnumerateArray().Select(e => e.ToString()) : [];
        var webhook = call.Chat.AddWebhook(call.Account, url.OriginalString, events);
        return ApiAnswer.Object(w =>
        {
            w.WriteStartObject("payload");
            w.WritePropertyName("webhook");
            Webhook(w, webhook);
            w.WriteEndObject();
        });
    }

    public static ApiAnswer ListIntegrations(ApiCall call) => ApiAnswer.Object(w =>
    {
        w.WriteStartArray("payload");
        w.WriteStartObject();
        w.WriteString("id", "dialogflow");
        w.WriteString("name", "Dialogflow");
        w.WriteString("description", "Answers with an agent of Dialogflow before a person does.");
        w.WriteString("hook_type", "inbox");
        w.WriteBoolean("enabled", call.Account.InboxList.Exists(i => i.HasDialogflow));
        w.WriteBoolean("allow_multiple_hooks", true);
        w.WriteStartArray("hooks");
        foreach (var inbox in call.Account.InboxList.Where(i => i.HasDialogflow))
        {
            w.WriteStartObject();
            w.WriteNumber("id", inbox.Id);
            w.WriteString("app_id", "dialogflow");
            w.WriteBoolean("status", true);
            w.WriteStartObject("inbox");
            w.WriteNumber("id", inbox.Id);
            w.WriteString("name", inbox.Name);
            w.WriteEndObject();
            w.WriteNumber("account_id", call.Account.Id);
            w.WriteString("hook_type", "inbox");
            w.WriteEndObject();
        }

        w.WriteEndArray();
        w.WriteEndObject();
        w.WriteEndArray();
    });

    public static ApiAnswer Profile(ApiCall call)
    {
        var user = call.User!;
        return ApiAnswer.Json(w => ApiShapes.User(w, user, call.Chat.AccountsOf(user)));
    }

    private static void Webhook(Utf8JsonWriter w, PlaygroundAccountWebhook webhook)
    {
        w.WriteStartObject();
        w.WriteNumber("id", webhook.Id);
        w.WriteString("url", webhook.Url);
        w.WriteNumber("account_id", webhook.Account.Id);
        ApiShapes.Strings(w, "subscriptions", webhook.Subscriptions);
        w.WriteEndObject();
    }

    private static void Counts(Utf8JsonWriter w, ApiCall call, List<PlaygroundConversation> found)
    {
        w.WriteStartObject("meta");
        w.WriteNumber("mine_count", found.Count(c => c.Assignee is not null && c.Assignee == call.User));
        w.WriteNumber("assigned_count", found.Count(c => c.Assignee is not null));
        w.WriteNumber("unassigned_count", found.Count(c => c.Assignee is null));
        w.WriteNumber("all_count", found.Count);
        w.WriteEndObject();
    }

    private static IEnumerable<T> Page<T>(ApiCall call, IEnumerable<T> all, int size) =>
        all.Skip((int)(Math.Max(call.Number("page") ?? 1, 1) - 1) * size).Take(size);

    private static ApiAnswer Contacts(ApiCall call, IEnumerable<PlaygroundContact> contacts)
    {
        var found = contacts.OrderBy(c => c.Name, StringComparer.OrdinalIgnoreCase).ThenBy(c => c.Id).ToList();
        return ApiAnswer.Object(w =>
        {
            w.WriteStartObject("meta");
            w.WriteNumber("count", found.Count);
            w.WriteNumber("current_page", call.Number("page") ?? 1);
            w.WriteEndObject();
            w.WriteStartArray("payload");
            foreach (var contact in Page(call, found, ContactPageSize))
            {
                ApiShapes.Contact(w, contact);
            }

            w.WriteEndArray();
        });
    }

    private static bool Matches(string? value, string text) => value?.Contains(text, StringComparison.OrdinalIgnoreCase) == true;

    private static ApiAnswer Payload(Action<Utf8JsonWriter> write) => ApiAnswer.Object(w =>
    {
        w.WritePropertyName("payload");
        write(w);
    });

    private static ApiAnswer BotAnswer(ApiCall call, PlaygroundBot bot) =>
        ApiAnswer.Json(w => ApiShapes.Bot(w, bot, call.Behaviour, call.IsAdministrator));

    private static PlaygroundBot OwnBot(ApiCall call) =>
        call.Chat.FindBot(call.RouteId("id")) is { } bot && bot.Account == call.Account ? bot : throw ApiRefusal.NotFound();

    private static void RequireName(ApiCall call)
    {
        if (string.IsNullOrWhiteSpace(call.Text("name")))
        {
            throw ApiRefusal.InvalidRecord("Name can't be blank", "name");
        }
    }

    private static void RefuseLongUrl(ApiCall call)
    {
        if (call.Text("outgoing_url")?.Length > 2_048)
        {
            throw ApiRefusal.InvalidRecord("Outgoing url is too long (maximum is 2048 characters)", "outgoing_url");
        }
    }

    private static void SetConfiguration(ApiCall call, PlaygroundBot bot)
    {
        if (call.Value("bot_config") is { ValueKind: JsonValueKind.Object } configuration)
        {
            bot.Configuration = configuration.Clone();
        }
    }
}
