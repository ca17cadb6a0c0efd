namespace IntentRouter.Playground;

/// <summary>A connected channel. At most one bot is connected to it.</summary>
public sealed class PlaygroundInbox
{
    internal PlaygroundInbox(long id, PlaygroundAccount account, string name, ChannelKind channel, string identifier)
    {
        Id = id;
        Account = account;
        Name = name;
        Channel = channel;
        Identifier = identifier;
    }

    public long Id { get; }

    public PlaygroundAccount Account { get; }

    public string Name { get; }

    public ChannelKind Channel { get; }

    /// <summary>The public identifier of an API inbox, the website token of a widget.</summary>
    public string Identifier { get; }

    public PlaygroundBot? Bot { get; internal set; }

    /// <summary>An inactive connection keeps the bot but delivers nothing.</summary>
    public bool BotActive { get; set; } = true;

    /// <summary>Sent by the platform itself as a template after a visitor's first message.</summary>
    public string? Greeting { get; set; }

    /// <summary>The platform asks for an e-mail address itself, in a template, when the contact has none.</summary>
    public bool CollectsEmail { get; set; }

    /// <summary>The platform sends a satisfaction survey on resolve.</summary>
    public bool AsksSatisfaction { get; set; }

    /// <summary>The chat's own Dialogflow integration is switched on for this inbox, beside whatever bot is connected. It is listed, and answers nothing here.</summary>
    public bool HasDialogflow { get; set; }

    /// <summary>Gets a conversation that is opened without an assignee.</summary>
    public PlaygroundUser? AutoAssignsTo { get; set; }

    internal bool HasActiveBot => Bot is { Deleted: false } && BotActive;

    /// <summary>Makes this the inbox's bot, replacing another.</summary>
    public PlaygroundInbox Connect(PlaygroundBot bot)
    {
        ArgumentNullException.ThrowIfNull(bot);
        Account.Chat.Connect(this, bot);
        return this;
    }

    public void Disconnect() => Account.Chat.Connect(this, null);

    /// <summary>A visitor of this inbox; nothing is sent until the visitor does something.</summary>
    public PlaygroundCustomer AddCustomer(string name = "quiet-forest", string? email = null, string? phoneNumber = null, bool verified = false) =>
        Account.Chat.AddCustomer(this, name, email, phoneNumber, verified);

    /// <summary>A person already known from another inbox.</summary>
    public PlaygroundCustomer AddCustomer(PlaygroundContact contact, bool verified = false) =>
        Account.Chat.Locked(() => Account.Chat.AddCustomer(this, contact, verified));
}
