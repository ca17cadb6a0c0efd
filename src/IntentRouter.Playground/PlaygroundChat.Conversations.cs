using System.Text.Json;

namespace IntentRouter.Playground;

/// <content>What happens in conversations, with the events each step causes, in the platform's order.</content>
public sealed partial class PlaygroundChat
{
    internal void OpenWidget(PlaygroundCustomer customer)
    {
        if (customer.Inbox.Channel != ChannelKind.WebWidget)
        {
            throw new InvalidOperationException($"Only a website inbox has a widget; inbox {customer.Inbox.Id} is {customer.Inbox.Channel.Wire()}.");
        }

        lock (_gate)
        {
            Prepare("webwidget_triggered", customer, customer.Conversation, message: null, () => _payloads.WidgetTriggered(customer, Now))();
            ReadMessages(customer);
        }
    }

    internal PlaygroundMessage CustomerSays(
        PlaygroundCustomer customer, string? content, IReadOnlyList<PlaygroundAttachment> attachments, JsonElement? contentAttributes = null)
    {
        lock (_gate)
        {
            var conversation = customer.Conversation ??= NewConversation(customer, wanted: null);
            var onWebsite = customer.Inbox.Channel == ChannelKind.WebWidget;
            return Append(new PlaygroundMessage(_nextMessage++, conversation, MessageType.Incoming, Now)
            {
                Content = content,
                Contact = customer.Contact,
                ContentAttributes = contentAttributes ?? (onWebsite ? _websiteAttributes : Json.EmptyObject),
                SourceId = onWebsite ? null : "channel-" + Guid.NewGuid().ToString("N"),
                Attachments = [.. attachments.Select(a => a with { Id = _nextAttachment++ })],
            });
        }
    }

    internal PlaygroundMessage Choose(PlaygroundCustomer customer, PlaygroundMessage prompt, string titleOrValue)
    {
        var item = prompt.ContentAttributes.TryGetProperty("items", out var items) && items.ValueKind == JsonValueKind.Array
            ? items.EnumerateArray().FirstOrDefault(i => Text(i, "title") == titleOrValue || Text(i, "value") == titleOrValue)
            : default;
        if (item.ValueKind != JsonValueKind.Object)
        {
            throw new ArgumentException($"'{titleOrValue}' is not among the choices: {string.Join(", ", prompt.Choices)}.", nameof(titleOrValue));
        }

        var (title, value) = (Text(item, "title"), Text(item, "value"));
        return customer.Inbox.Channel switch
        {
            ChannelKind.WebWidget or ChannelKind.Api =>
                Submit(customer, prompt, [new Dictionary<string, string?> { ["title"] = title, ["value"] = value }]),
            ChannelKind.Telegram => customer.Say(value),
            ChannelKind.Line when Behaviour.LineButtons => customer.Say(value),
            _ => customer.Say(title),
        };
    }

    internal PlaygroundMessage SubmitForm(PlaygroundCustomer customer, PlaygroundMessage prompt, (string Name, string Value)[] values)
    {
        if (customer.Inbox.Channel is not (ChannelKind.WebWidget or ChannelKind.Api))
        {
            throw new InvalidOperationException($"{customer.Inbox.Channel.Wire()} shows a form as plain text; there is nothing to submit.");
        }

        return Submit(customer, prompt, [.. values.Select(v => new Dictionary<string, string?> { ["name"] = v.Name, ["value"] = v.Value })]);
    }

    internal PlaygroundMessage SubmitEmail(PlaygroundCustomer customer, PlaygroundMessage prompt, string email)
    {
        lock (_gate)
        {
            var known = customer.Inbox.Account.ContactList.Find(c => c != customer.Contact && string.Equals(c.Email, email, StringComparison.OrdinalIgnoreCase));
            if (known is null)
            {
                customer.Contact.Email = email;
            }
            else
            {
                Merge(customer.Contact, known);
            }

            return UpdateMessage(prompt, () => prompt.ContentAttributes = Json.With(prompt.ContentAttributes, "submitted_email", Json.From(email)));
        }
    }

    internal PlaygroundMessage Rate(PlaygroundCustomer customer, PlaygroundMessage survey, int rating, string feedback)
    {
        _ = customer;
        return UpdateMessage(survey, () => survey.ContentAttributes = Json.With(survey.ContentAttributes, "submitted_values", Json.From(
            new Dictionary<string, object> { ["csat_survey_response"] = new Dictionary<string, object> { ["rating"] = rating, ["feedback_message"] = feedback } })));
    }

    internal PlaygroundMessage Book(PlaygroundMessage calendarMessage)
    {
        lock (_gate)
        {
            UpdateMessage(calendarMessage, () => calendarMessage.ContentType = "text");
            return SendTemplate(calendarMessage.Conversation, "Your booking is confirmed.", "cal_event_confirmation");
        }
    }

    internal PlaygroundMessage StartCampaign(PlaygroundCustomer customer, string content, PlaygroundUser? sender)
    {
        lock (_gate)
        {
            var conversation = customer.Conversation = NewConversation(customer, wanted: null);
            if (sender is not null || !Behaviour.BotsMayBeAssigned)
            {
                (conversation.Status, conversation.AssigneeBot) = (ConversationStatus.Open, null);
            }

            return Append(new PlaygroundMessage(_nextMessage++, conversation, MessageType.Outgoing, Now)
            {
                Content = content,
                User = sender,
                AdditionalAttributes = Json.From(new Dictionary<string, long> { ["campaign_id"] = 1 }),
            });
        }
    }

    internal void ReadMessages(PlaygroundCustomer customer)
    {
        lock (_gate)
        {
            if (customer.Conversation is not { } conversation)
            {
                return;
            }

            conversation.ContactLastSeenAt = Now;
            foreach (var message in conversation.MessageList.Where(m => m.Type == MessageType.Outgoing && m.Status is MessageStatus.Sent or MessageStatus.Delivered).ToArray())
            {
                UpdateMessage(message, () => message.Status = MessageStatus.Read);
            }
        }
    }

    internal void EndChat(PlaygroundCustomer customer)
    {
        if (customer.Conversation is { } conversation)
        {
            SetStatus(conversation, ConversationStatus.Resolved, snoozedUntil: null, by: customer.Contact);
        }
    }

    internal PlaygroundMessage EchoFromNativeApp(PlaygroundConversation conversation, string content)
    {
        lock (_gate)
        {
            return Append(new PlaygroundMessage(_nextMessage++, conversation, MessageType.Outgoing, Now)
            {
                Content = content,
                SourceId = "native-" + Guid.NewGuid().ToString("N"),
                ContentAttributes = Behaviour.MarksNativeEcho ? _externalEcho : Json.EmptyObject,
            });
        }
    }

    internal PlaygroundMessage SayByAutomation(PlaygroundConversation conversation, string content, long ruleId)
    {
        lock (_gate)
        {
            return Append(new PlaygroundMessage(_nextMessage++, conversation, MessageType.Outgoing, Now)
            {
                Content = content,
                ContentAttributes = Json.From(new Dictionary<string, long> { ["automation_rule_id"] = ruleId }),
            });
        }
    }

    internal PlaygroundMessage SendTemplate(PlaygroundConversation conversation, string content, string contentType)
    {
        lock (_gate)
        {
            return Append(new PlaygroundMessage(_nextMessage++, conversation, MessageType.Template, Now) { Content = content, ContentType = contentType });
        }
    }

    internal PlaygroundMessage SayByBot(PlaygroundConversation conversation, PlaygroundBot bot, string content, bool isPrivate)
    {
        lock (_gate)
        {
            return Append(new PlaygroundMessage(_nextMessage++, conversation, MessageType.Outgoing, Now) { Content = content, Bot = bot, Private = isPrivate });
        }
    }

    internal PlaygroundMessage SayByUser(PlaygroundConversation conversation, PlaygroundUser user, string content, bool isPrivate)
    {
        lock (_gate)
        {
            return Append(new PlaygroundMessage(_nextMessage++, conversation, MessageType.Outgoing, Now) { Content = content, User = user, Private = isPrivate });
        }
    }

    /// <summary>Changes a message and tells bots that something about it changed.</summary>
    internal PlaygroundMessage UpdateMessage(PlaygroundMessage message, Action change)
    {
        lock (_gate)
        {
            change();
            message.UpdatedAt = Now;
            Send("message_updated", message);
            return message;
        }
    }

    internal PlaygroundConversation NewConversation(PlaygroundCustomer customer, ConversationStatus? wanted)
    {
        var inbox = customer.Inbox;
        var conversation = new PlaygroundConversation(inbox.Account.TakeConversationId(), customer, Now)
        {
            Status = customer.Contact.Blocked ? ConversationStatus.Resolved
                : inbox.HasActiveBot ? ConversationStatus.Pending
                : wanted ?? ConversationStatus.Open,
            AdditionalAttributes = inbox.Channel == ChannelKind.WebWidget ? EventPayloads.WebsiteAttributes(Now) : Json.EmptyObject,
            AssigneeBot = inbox.HasActiveBot && Behaviour.NewConversationsBelongToBot ? inbox.Bot : null,
        };
        inbox.Account.ConversationList.Add(conversation);
        inbox.Account.ConversationsById.Add(conversation.Id, conversation);
        Send("conversation_created", conversation);
        return conversation;
    }

    internal void RefuseFlood(PlaygroundConversation conversation)
    {
        var since = Now - TimeSpan.FromMinutes(1);
        var recent = 0;
        for (var i = conversation.MessageList.Count - 1; i >= 0 && conversation.MessageList[i].CreatedAt > since; i--)
        {
            if (++recent >= _options.MessagesPerConversationAndMinute)
            {
                throw ApiRefusal.Invalid("Validation failed: Too many messages");
            }
        }
    }

    /// <summary>A message that came over the API.</summary>
    internal PlaygroundMessage CreateMessage(
        PlaygroundConversation conversation, MessageType type, Action<PlaygroundMessage> fill, bool isPrivate, PlaygroundBot? bot, PlaygroundUser? user)
    {
        var message = new PlaygroundMessage(_nextMessage++, conversation, type, Now)
        {
            Private = isPrivate,
            Bot = bot,
            User = user,
            Contact = type == MessageType.Incoming ? conversation.Customer.Contact : null,
        };
        fill(message);
        return Append(message);
    }

    /// <summary>Commits a new message: reopening first, then the event, then what follows from it.</summary>
    internal PlaygroundMessage Append(PlaygroundMessage message)
    {
        var conversation = message.Conversation;
        if (message.Type is MessageType.Outgoing or MessageType.Template && message.Content is { } content)
        {
            (message.Content, message.LiquidExecuted) = LiquidPass.Run(content, message);
        }

        conversation.MessageList.Add(message);
        if (message.Type != MessageType.Activity && !message.Private)
        {
            conversation.LastPublicMessage = message;
        }

        if (message.Type == MessageType.Incoming)
        {
            conversation.Unread++;
            Reopen(conversation);
        }

        // The activity is noted without touching updated_at: only what follows from the message may move it.
        conversation.LastActivityAt = Now;
        Send("message_created", message);
        AfterCreated(message);
        return message;
    }

    internal void SetStatus(PlaygroundConversation conversation, ConversationStatus status, DateTimeOffset? snoozedUntil, object? by)
    {
        lock (_gate)
        {
            if (conversation.Status == status && conversation.SnoozedUntil == snoozedUntil)
            {
                return;
            }

            var handoff = by is PlaygroundBot && conversation.Status == ConversationStatus.Pending && status == ConversationStatus.Open;
            Change(conversation, () =>
            {
                conversation.Status = status;
                conversation.SnoozedUntil = status == ConversationStatus.Snoozed ? snoozedUntil : null;
                if (handoff)
                {
                    conversation.Handoffs++;
                    if (Behaviour.BotsMayBeAssigned)
                    {
                        conversation.AssigneeBot = null;
                        conversation.WaitingSince = Now;
                    }
                }

                if (status == ConversationStatus.Resolved)
                {
                    conversation.WaitingSince = null;
                }
            });
            Activity(conversation, status switch
            {
                ConversationStatus.Resolved => $"Conversation was marked resolved by {NameOf(by)}",
                ConversationStatus.Open => $"Conversation was reopened by {NameOf(by)}",
                ConversationStatus.Pending => $"Conversation was marked as pending by {NameOf(by)}",
                _ => $"Conversation was snoozed by {NameOf(by)}",
            });
            if (status == ConversationStatus.Open && conversation.Assignee is null && conversation.Inbox.AutoAssignsTo is { } next)
            {
                Change(conversation, () => conversation.Assignee = next);
            }

            if (status == ConversationStatus.Resolved && conversation.Inbox.AsksSatisfaction && !conversation.Customer.Contact.Blocked)
            {
                SendTemplate(conversation, "Please rate the conversation", "input_csat");
            }
        }
    }

    internal void Assign(PlaygroundConversation conversation, PlaygroundUser? user)
    {
        lock (_gate)
        {
            Change(conversation, () =>
            {
                var wasTheBots = conversation.AssigneeBot is not null && conversation.Status == ConversationStatus.Pending;
                conversation.Assignee = user;
                if (user is not null)
                {
                    conversation.AssigneeBot = null;
                    if (wasTheBots && Behaviour.AssignmentMovesStatus)
                    {
                        conversation.Status = ConversationStatus.Open;
                    }
                }
            });
        }
    }

    internal void AssignBot(PlaygroundConversation conversation, PlaygroundBot? bot)
    {
        lock (_gate)
        {
            Change(conversation, () =>
            {
                conversation.AssigneeBot = bot;
                conversation.Assignee = null;
                if (bot is not null && conversation.Status == ConversationStatus.Open && Behaviour.AssignmentMovesStatus)
                {
                    conversation.Status = ConversationStatus.Pending;
                }
            });
        }
    }

    internal void AssignTeam(PlaygroundConversation conversation, PlaygroundTeam? team)
    {
        lock (_gate)
        {
            Change(conversation, () => conversation.Team = team);
        }
    }

    internal void SetPriority(PlaygroundConversation conversation, string? priority)
    {
        lock (_gate)
        {
            Change(conversation, () => conversation.Priority = priority);
        }
    }

    internal void SetCustomAttributes(PlaygroundConversation conversation, JsonElement attributes)
    {
        lock (_gate)
        {
            Change(conversation, () => conversation.CustomAttributes = attributes);
        }
    }

    internal void SetLabels(PlaygroundConversation conversation, IReadOnlyList<string> labels)
    {
        lock (_gate)
        {
            Change(conversation, () => conversation.Labels = labels);
        }
    }

    /// <summary>Runs a change of conversation columns and raises what it causes, if it changed anything.</summary>
    private void Change(PlaygroundConversation conversation, Action change)
    {
        var before = Columns.Of(conversation);
        var updatedBefore = conversation.UpdatedAt;
        change();
        var changed = before.DifferencesTo(Columns.Of(conversation));
        if (changed.Count == 0)
        {
            return;
        }

        conversation.Touch(Now);
        if (before.Status != conversation.Status)
        {
            if (conversation.Status == ConversationStatus.Open)
            {
                Send("conversation_opened", conversation);
            }
            else if (conversation.Status == ConversationStatus.Resolved)
            {
                Send("conversation_resolved", conversation);
            }

            Send("conversation_status_changed", conversation, w => w.WriteNull("changed_attributes"));
        }

        Send("conversation_updated", conversation, w =>
        {
            w.WriteStartArray("changed_attributes");
            foreach (var (column, previous, current) in changed)
            {
                ChangedAttribute(w, column, previous, current);
            }

            ChangedAttribute(w, "updated_at", Json.From(WireShapes.Iso(updatedBefore)), Json.From(WireShapes.Iso(conversation.UpdatedAt)));
            w.WriteEndArray();
        });
        Changed();
    }

    private static void ChangedAttribute(Utf8JsonWriter w, string column, JsonElement previous, JsonElement current)
    {
        w.WriteStartObject();
        w.WriteStartObject(column);
        WireShapes.Element(w, "previous_value", previous);
        WireShapes.Element(w, "current_value", current);
        w.WriteEndObject();
        w.WriteEndObject();
    }

    private void Reopen(PlaygroundConversation conversation)
    {
        if (conversation.Customer.Contact.Blocked)
        {
            return;
        }

        if (conversation.Status == ConversationStatus.Snoozed)
        {
            Change(conversation, () => (conversation.Status, conversation.SnoozedUntil) = (ConversationStatus.Open, null));
        }
        else if (conversation.Status == ConversationStatus.Resolved)
        {
            var next = conversation.Inbox.HasActiveBot ? ConversationStatus.Pending : ConversationStatus.Open;
            Change(conversation, () => conversation.Status = next);
        }
    }

    private void AfterCreated(PlaygroundMessage message)
    {
        var conversation = message.Conversation;
        switch (message)
        {
            case { Type: MessageType.Incoming }:
                if (conversation.WaitingSince is null)
                {
                    Change(conversation, () => conversation.WaitingSince = message.CreatedAt);
                }

                SendFirstTemplates(message);
                break;
            case { Type: MessageType.Outgoing, Private: false, User: not null }:
                Change(conversation, () =>
                {
                    conversation.FirstReplyAt ??= message.CreatedAt;
                    conversation.WaitingSince = null;
                });
                FailOutsideWindow(message);
                break;
            case { Type: MessageType.Outgoing, Private: false, Bot: not null }:
                if (Behaviour.BotReplyClearsWaiting)
                {
                    Change(conversation, () => conversation.WaitingSince = null);
                }

                FailOutsideWindow(message);
                break;
        }
    }

    /// <summary>Outside its messaging window a channel refuses what the platform has accepted already.</summary>
    private void FailOutsideWindow(PlaygroundMessage message)
    {
        if (message.Conversation is { CanReply: false, Inbox.Channel: ChannelKind.Whatsapp or ChannelKind.FacebookPage or ChannelKind.Instagram or ChannelKind.TwilioSms })
        {
            UpdateMessage(message, () =>
            {
                message.Status = MessageStatus.Failed;
                message.ContentAttributes = Json.With(message.ContentAttributes, "external_error", Json.From("Outside the messaging window"));
            });
        }
    }

    private void SendFirstTemplates(PlaygroundMessage message)
    {
        var conversation = message.Conversation;
        if (conversation.MessageList.Count > 1)
        {
            return;
        }

        if (conversation.Inbox.Greeting is { } greeting)
        {
            SendTemplate(conversation, greeting, "text");
        }

        if (conversation.Inbox.CollectsEmail && conversation.Customer.Contact.Email is null)
        {
            SendTemplate(conversation, "Give the team a way to reach you.", "text");
            SendTemplate(conversation, "Get notified by email", "input_email");
        }
    }

    private PlaygroundMessage Submit(PlaygroundCustomer customer, PlaygroundMessage prompt, IReadOnlyList<Dictionary<string, string?>> values)
    {
        var lost = _options.LosesSubmittedValues && customer.Inbox.Channel == ChannelKind.WebWidget;
        return UpdateMessage(prompt, () =>
        {
            if (!lost)
            {
                prompt.ContentAttributes = Json.With(prompt.ContentAttributes, "submitted_values", Json.From(values));
            }
        });
    }

    private static void Merge(PlaygroundContact mergee, PlaygroundContact into)
    {
        foreach (var customer in mergee.Customers)
        {
            customer.Contact = into;
            into.Customers.Add(customer);
        }

        mergee.Customers.Clear();
        foreach (var message in mergee.Account.ConversationList.SelectMany(c => c.MessageList).Where(m => m.Contact == mergee))
        {
            message.Contact = into;
        }

        mergee.Account.ContactList.Remove(mergee);
        mergee.Account.ContactsById.Remove(mergee.Id);
    }

    private void Activity(PlaygroundConversation conversation, string content) =>
        Append(new PlaygroundMessage(_nextMessage++, conversation, MessageType.Activity, Now) { Content = content });

    /// <summary>From 4.7 a bot that could not be told of a message loses the conversation to humans.</summary>
    private void BotFailed(PlaygroundDelivery delivery)
    {
        if (!Behaviour.FailedBotOpens || delivery.Bot is null || delivery.Event is not ("message_created" or "message_updated"))
        {
            return;
        }

        lock (_gate)
        {
            if (delivery.ConversationId is not { } id
                || !_accounts[delivery.AccountId].ConversationsById.TryGetValue(id, out var conversation)
                || conversation.Status != ConversationStatus.Pending
                || (Behaviour.KeepsPendingOnBotFailure && conversation.Account.KeepsPendingOnBotFailure))
            {
                return;
            }

            Change(conversation, () => conversation.Status = ConversationStatus.Open);
            Activity(conversation, "Conversation was opened due to an error with the agent bot");
        }
    }

    private void Send(string eventName, PlaygroundMessage message)
    {
        Changed();
        if (message.Type == MessageType.Activity)
        {
            return;
        }

        var isOwnEcho = eventName == "message_created" && message.Bot is not null;
        for (var i = isOwnEcho ? Faults.EchoTimes : 1; i > 0; i--)
        {
            var post = Prepare(eventName, message.Conversation.Customer, message.Conversation, message, () => _payloads.Message(eventName, message));
            if (!isOwnEcho || !Faults.HoldEcho(post))
            {
                post();
            }
        }
    }

    private void Send(string eventName, PlaygroundConversation conversation, Action<Utf8JsonWriter>? extra = null) => Prepare(
        eventName, conversation.Customer, conversation, message: null, () => _payloads.ConversationEvent(eventName, conversation, extra))();

    /// <summary>Builds the deliveries of this moment; running the result queues them.</summary>
    private Action Prepare(
        string eventName, PlaygroundCustomer customer, PlaygroundConversation? conversation, PlaygroundMessage? message, Func<byte[]> write)
    {
        Changed();
        byte[]? body = null;
        var deliveries = new List<PlaygroundDelivery>();
        foreach (var target in Targets(eventName, customer, conversation))
        {
            deliveries.Add(new PlaygroundDelivery
            {
                Event = eventName,
                Bot = target.Bot,
                AccountId = customer.Inbox.Account.Id,
                ConversationId = conversation?.Id,
                MessageId = message?.Id,
                DeliveryId = Guid.NewGuid(),
                Attempt = 1,
                QueuedAt = Now,
                Body = body ??= write(),
                Target = target,
            });
        }

        return () => deliveries.ForEach(_queue.Enqueue);
    }

    private IEnumerable<DeliveryTarget> Targets(string eventName, PlaygroundCustomer customer, PlaygroundConversation? conversation)
    {
        var botsAreTold = eventName switch
        {
            "conversation_created" => false,
            "conversation_status_changed" or "conversation_updated" => Behaviour.TellsConversationChanges,
            _ => true,
        };
        var inbox = customer.Inbox;
        var connected = inbox.HasActiveBot ? inbox.Bot : null;
        if (botsAreTold && connected is not null && !string.IsNullOrWhiteSpace(connected.OutgoingUrl))
        {
            yield return new DeliveryTarget(connected, connected, connected.OutgoingUrl, connected.Secret, customer.Id);
        }

        if (botsAreTold && Behaviour.BotsMayBeAssigned && conversation?.AssigneeBot is { Deleted: false } owner && owner != connected
            && !string.IsNullOrWhiteSpace(owner.OutgoingUrl))
        {
            yield return new DeliveryTarget(owner, owner, owner.OutgoingUrl, owner.Secret, customer.Id);
        }

        foreach (var webhook in inbox.Account.WebhookList.Where(w => w.Subscriptions.Contains(eventName)))
        {
            yield return new DeliveryTarget(webhook, Bot: null, webhook.Url, webhook.Secret, customer.Id);
        }
    }

    private static string NameOf(object? by) => by switch
    {
        PlaygroundUser user => user.Name,
        PlaygroundBot bot => bot.Name,
        PlaygroundContact contact => contact.Name,
        _ => "the system",
    };

    private static string Text(JsonElement item, string name) => item.TryGetProperty(name, out var value) ? value.ToString() : "";

    private static readonly JsonElement _websiteAttributes = Json.From(new Dictionary<string, object?> { ["in_reply_to"] = null });
    private static readonly JsonElement _externalEcho = Json.From(new Dictionary<string, object> { ["external_echo"] = true });

    /// <summary>The columns whose change the platform announces.</summary>
    private sealed record Columns(
        ConversationStatus Status,
        DateTimeOffset? SnoozedUntil,
        PlaygroundUser? Assignee,
        PlaygroundBot? AssigneeBot,
        PlaygroundTeam? Team,
        string? Priority,
        JsonElement CustomAttributes,
        IReadOnlyList<string> Labels,
        DateTimeOffset? WaitingSince,
        DateTimeOffset? FirstReplyAt)
    {
        public static Columns Of(PlaygroundConversation c) => new(
            c.Status, c.SnoozedUntil, c.Assignee, c.AssigneeBot, c.Team, c.Priority, c.CustomAttributes, c.Labels, c.WaitingSince, c.FirstReplyAt);

        public List<(string Column, JsonElement Previous, JsonElement Current)> DifferencesTo(Columns now)
        {
            var changed = new List<(string, JsonElement, JsonElement)>();
            Compare("status", Status, now.Status, s => Json.From(s.Wire()));
            Compare("snoozed_until", SnoozedUntil, now.SnoozedUntil, Time);
            Compare("assignee_id", Assignee, now.Assignee, u => NullableNumber(u?.Id));
            Compare("assignee_agent_bot_id", AssigneeBot, now.AssigneeBot, b => NullableNumber(b?.Id));
            Compare("team_id", Team, now.Team, t => NullableNumber(t?.Id));
            Compare("priority", Priority, now.Priority, p => Json.From(p));
            if (!JsonElement.DeepEquals(CustomAttributes, now.CustomAttributes))
            {
                changed.Add(("custom_attributes", CustomAttributes, now.CustomAttributes));
            }

            if (!Labels.SequenceEqual(now.Labels, StringComparer.Ordinal))
            {
                changed.Add(("label_list", Json.From(Labels), Json.From(now.Labels)));
            }

            Compare("waiting_since", WaitingSince, now.WaitingSince, Time);
            Compare("first_reply_created_at", FirstReplyAt, now.FirstReplyAt, Time);
            return changed;

            void Compare<T>(string column, T previous, T current, Func<T, JsonElement> json)
            {
                if (!EqualityComparer<T>.Default.Equals(previous, current))
                {
                    changed.Add((column, json(previous), json(current)));
                }
            }

            static JsonElement Time(DateTimeOffset? at) => at is { } time ? Json.From(WireShapes.Iso(time)) : Json.Null;
        }
    }
}
