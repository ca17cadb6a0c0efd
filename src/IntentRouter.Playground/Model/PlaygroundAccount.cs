namespace IntentRouter.Playground;

/// <summary>One account (tenant) of the installation.</summary>
public sealed class PlaygroundAccount
{
    private long _nextConversation;

    internal PlaygroundAccount(PlaygroundChat chat, long id, string name, long firstConversation)
    {
        Chat = chat;
        Id = id;
        Name = name;
        _nextConversation = firstConversation;
    }

    public PlaygroundChat Chat { get; }

    public long Id { get; }

    public string Name { get; internal set; }

    /// <summary>A suspended account answers every call with 401.</summary>
    public bool Suspended { get; set; }

    /// <summary>From 4.16.0: off makes every call answer 403.</summary>
    public bool ApiEnabled { get; set; } = true;

    /// <summary>From 4.11.0: a failed bot URL leaves conversations pending.</summary>
    public bool KeepsPendingOnBotFailure { get; set; }

    /// <summary>OneHash: without the Shopify hook the orders call answers 404.</summary>
    public bool ShopifyConnected { get; set; } = true;

    internal List<PlaygroundInbox> InboxList { get; } = [];

    internal List<PlaygroundUser> UserList { get; } = [];

    internal List<PlaygroundTeam> TeamList { get; } = [];

    internal List<PlaygroundContact> ContactList { get; } = [];

    internal Dictionary<long, PlaygroundContact> ContactsById { get; } = [];

    internal List<PlaygroundConversation> ConversationList { get; } = [];

    internal Dictionary<long, PlaygroundConversation> ConversationsById { get; } = [];

    internal List<PlaygroundAccountWebhook> WebhookList { get; } = [];

    public IReadOnlyList<PlaygroundInbox> Inboxes => Chat.Locked(() => InboxList.ToArray());

    public IReadOnlyList<PlaygroundUser> Users => Chat.Locked(() => UserList.ToArray());

    public IReadOnlyList<PlaygroundTeam> Teams => Chat.Locked(() => TeamList.ToArray());

    public IReadOnlyList<PlaygroundContact> Contacts => Chat.Locked(() => ContactList.ToArray());

    public IReadOnlyList<PlaygroundConversation> Conversations => Chat.Locked(() => ConversationList.ToArray());

    /// <summary>Adds an inbox; connect a bot with <see cref="PlaygroundInbox.Connect"/>.</summary>
    public PlaygroundInbox AddInbox(string name, ChannelKind channel = ChannelKind.WebWidget) => Chat.AddInbox(this, name, channel);

    public PlaygroundUser AddUser(string name, UserRole role = UserRole.Agent, string? email = null, string? accessToken = null) =>
        Chat.AddUser(this, name, role, email, accessToken);

    public PlaygroundTeam AddTeam(string name) => Chat.AddTeam(this, name);

    /// <summary>Adds a bot that belongs to this account.</summary>
    public PlaygroundBot AddBot(string name, string? outgoingUrl, string? accessToken = null, string? secret = null) =>
        Chat.AddBot(this, name, outgoingUrl, accessToken, secret);

    /// <summary>An account-level webhook: another subscription of the same events, with its own queue. Two of them at one URL means duplicates.</summary>
    public PlaygroundAccountWebhook AddWebhook(string url, params string[] subscriptions) => Chat.AddWebhook(this, url, subscriptions);

    /// <summary>The conversation with this display id.</summary>
    public PlaygroundConversation? FindConversation(long displayId) =>
        Chat.Locked(() => ConversationsById.GetValueOrDefault(displayId));

    internal long TakeConversationId() => _nextConversation++;
}

/// <summary>A webhook of a whole account, as opposed to a bot URL.</summary>
public sealed class PlaygroundAccountWebhook
{
    internal PlaygroundAccountWebhook(long id, PlaygroundAccount account, string url, IReadOnlySet<string> subscriptions, string secret)
    {
        Id = id;
        Account = account;
        Url = url;
        Subscriptions = subscriptions;
        Secret = secret;
    }

    public long Id { get; }

    public PlaygroundAccount Account { get; }

    public string Url { get; }

    public IReadOnlySet<string> Subscriptions { get; }

    internal string Secret { get; }
}
