using System.Globalization;
using System.Text;
using System.Text.Json;

namespace IntentRouter.Playground;

/// <summary>One visitor's conversation on one inbox.</summary>
public sealed class PlaygroundConversation
{
    private static readonly TimeSpan _updateStep = TimeSpan.FromMicroseconds(100);

    internal PlaygroundConversation(long id, PlaygroundCustomer customer, DateTimeOffset now)
    {
        Id = id;
        Customer = customer;
        CreatedAt = now;
        UpdatedAt = now;
        LastActivityAt = now;
        WaitingSince = now;
    }

    /// <summary>The display id: counts per account, stands in every API path.</summary>
    public long Id { get; }

    public PlaygroundCustomer Customer { get; internal set; }

    public PlaygroundInbox Inbox => Customer.Inbox;

    public PlaygroundAccount Account => Inbox.Account;

    public ConversationStatus Status { get; internal set; }

    public PlaygroundUser? Assignee { get; internal set; }

    /// <summary>From 4.8 a bot may own a conversation.</summary>
    public PlaygroundBot? AssigneeBot { get; internal set; }

    public PlaygroundTeam? Team { get; internal set; }

    public string? Priority { get; internal set; }

    public JsonElement CustomAttributes { get; internal set; } = Json.EmptyObject;

    public JsonElement AdditionalAttributes { get; internal set; } = Json.EmptyObject;

    public IReadOnlyList<string> Labels { get; internal set; } = [];

    /// <summary>False outside the channel's messaging window.</summary>
    public bool CanReply { get; internal set; } = true;

    public DateTimeOffset? SnoozedUntil { get; internal set; }

    public DateTimeOffset? WaitingSince { get; internal set; }

    /// <summary>First public reply of a human.</summary>
    public DateTimeOffset? FirstReplyAt { get; internal set; }

    public DateTimeOffset CreatedAt { get; }

    public DateTimeOffset UpdatedAt { get; private set; }

    public DateTimeOffset LastActivityAt { get; internal set; }

    public DateTimeOffset? AgentLastSeenAt { get; internal set; }

    public DateTimeOffset? ContactLastSeenAt { get; internal set; }

    /// <summary>How often a bot token moved the conversation from pending to open: the platform's own notion of a handoff.</summary>
    public int Handoffs { get; internal set; }

    /// <summary>The last typing state that was set by a bot or an agent; null when never.</summary>
    public bool? Typing { get; internal set; }

    internal string Uuid { get; } = Guid.NewGuid().ToString();

    internal List<PlaygroundMessage> MessageList { get; } = [];

    internal PlaygroundMessage? LastPublicMessage { get; set; }

    internal int Unread { get; set; }

    internal PlaygroundChat Chat => Account.Chat;

    /// <summary>Everything in the conversation, oldest first, activity lines and private notes included.</summary>
    public IReadOnlyList<PlaygroundMessage> Messages => Chat.Locked(() => MessageList.ToArray());

    /// <summary>What bots said publicly, oldest first.</summary>
    public IReadOnlyList<PlaygroundMessage> BotReplies => Chat.Locked(() => MessageList.Where(m => m.IsBotReply).ToArray());

    /// <summary>Private notes, oldest first.</summary>
    public IReadOnlyList<PlaygroundMessage> Notes => Chat.Locked(() => MessageList.Where(m => m.Private).ToArray());

    /// <summary>The conversation as lines <c>who: what</c>, for transcript tests and failure messages.</summary>
    public string Transcript
    {
        get
        {
            var text = new StringBuilder();
            foreach (var message in Messages)
            {
                text.Append(message.Who).Append(message.Private ? " (note): " : ": ").Append(message.Content);
                if (message.Attachments.Count > 0)
                {
                    text.Append(CultureInfo.InvariantCulture, $"[{message.Attachments.Count} attachment(s)]");
                }

                text.Append('\n');
            }

            return text.ToString();
        }
    }

    /// <summary>A reply that a human typed in the channel's own app: outgoing, no sender, and from 4.11 an echo marker.</summary>
    public PlaygroundMessage EchoFromNativeApp(string content) => Chat.EchoFromNativeApp(this, content);

    /// <summary>An automation rule's message: outgoing, no sender, with the rule's id.</summary>
    public PlaygroundMessage SayByAutomation(string content, long ruleId = 1) => Chat.SayByAutomation(this, content, ruleId);

    /// <summary>A message of the platform itself (greeting, out of office, …): template, no sender.</summary>
    public PlaygroundMessage SendTemplate(string content, string contentType = "text") => Chat.SendTemplate(this, content, contentType);

    /// <summary>Another bot's public message, without going over HTTP.</summary>
    public PlaygroundMessage SayBy(PlaygroundBot bot, string content, bool isPrivate = false) => Chat.SayByBot(this, bot, content, isPrivate);

    /// <summary>Changes the status as an automation or the clock does: no user, no bot.</summary>
    public void SetStatus(ConversationStatus status, DateTimeOffset? snoozedUntil = null) => Chat.SetStatus(this, status, snoozedUntil, by: null);

    /// <summary>Assigns the conversation to a user, or to nobody.</summary>
    public void Assign(PlaygroundUser? user) => Chat.Assign(this, user);

    public void AssignTeam(PlaygroundTeam? team) => Chat.AssignTeam(this, team);

    /// <summary>From 4.8: makes a bot the owner, or nobody.</summary>
    public void AssignBot(PlaygroundBot? bot) => Chat.AssignBot(this, bot);

    public void SetPriority(string? priority) => Chat.SetPriority(this, priority);

    /// <summary>Replaces the custom attributes, as an agent does in the side bar.</summary>
    public void SetCustomAttributes(object attributes) => Chat.SetCustomAttributes(this, Json.From(attributes));

    public void SetLabels(params string[] labels) => Chat.SetLabels(this, labels);

    /// <summary>Closes or opens the channel's messaging window.</summary>
    public void SetCanReply(bool canReply) => CanReply = canReply;

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"conversation {Id} ({Status.Wire()})");

    /// <summary>Strictly increasing even under a standing clock, like the microseconds of a database.</summary>
    internal void Touch(DateTimeOffset now) => UpdatedAt = now > UpdatedAt ? now : UpdatedAt + _updateStep;
}
