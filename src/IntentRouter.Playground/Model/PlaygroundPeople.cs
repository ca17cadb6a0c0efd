using System.Text.Json;

namespace IntentRouter.Playground;

/// <summary>A human of the agent desk, with a token of the whole account API within the role.</summary>
public sealed class PlaygroundUser
{
    internal PlaygroundUser(long id, string name, string email, string accessToken)
    {
        Id = id;
        Name = name;
        Email = email;
        AccessToken = accessToken;
    }

    public long Id { get; }

    public string Name { get; }

    public string Email { get; }

    public string AccessToken { get; internal set; }

    internal Dictionary<long, UserRole> Roles { get; } = [];

    internal string PubsubToken { get; init; } = "";

    internal string AvailableName => Name.Split(' ', 2)[0];

    /// <summary>A public reply from the desk; on every version this leaves a pending conversation pending.</summary>
    public PlaygroundMessage Reply(PlaygroundConversation conversation, string content) =>
        Chat(conversation).SayByUser(conversation, this, content, isPrivate: false);

    public PlaygroundMessage Note(PlaygroundConversation conversation, string content) =>
        Chat(conversation).SayByUser(conversation, this, content, isPrivate: true);

    /// <summary>Assigns the conversation to this user and opens it.</summary>
    public void TakeOver(PlaygroundConversation conversation)
    {
        Chat(conversation).Assign(conversation, this);
        SetStatus(conversation, ConversationStatus.Open);
    }

    /// <summary>An agent (not an administrator) who opens a conversation becomes its assignee, as on the platform.</summary>
    public void SetStatus(PlaygroundConversation conversation, ConversationStatus status, DateTimeOffset? snoozedUntil = null)
    {
        var chat = Chat(conversation);
        chat.SetStatus(conversation, status, snoozedUntil, by: this);
        if (status == ConversationStatus.Open && Roles.GetValueOrDefault(conversation.Account.Id, UserRole.Administrator) == UserRole.Agent)
        {
            chat.Assign(conversation, this);
        }
    }

    public void Resolve(PlaygroundConversation conversation) => SetStatus(conversation, ConversationStatus.Resolved);

    /// <summary>Gives the conversation back to the bot.</summary>
    public void PushBack(PlaygroundConversation conversation) => SetStatus(conversation, ConversationStatus.Pending);

    public void Snooze(PlaygroundConversation conversation, DateTimeOffset? until = null) =>
        SetStatus(conversation, ConversationStatus.Snoozed, until);

    private static PlaygroundChat Chat(PlaygroundConversation conversation)
    {
        ArgumentNullException.ThrowIfNull(conversation);
        return conversation.Chat;
    }
}

/// <summary>A team of an account.</summary>
public sealed class PlaygroundTeam
{
    internal PlaygroundTeam(long id, PlaygroundAccount account, string name)
    {
        Id = id;
        Account = account;
        Name = name;
    }

    public long Id { get; }

    public PlaygroundAccount Account { get; }

    public string Name { get; }
}

/// <summary>An agent bot: account-owned, or global when <see cref="Account"/> is null.</summary>
public sealed class PlaygroundBot
{
    internal PlaygroundBot(long id, PlaygroundAccount? account, string name, string? outgoingUrl, string accessToken, string secret)
    {
        Id = id;
        Account = account;
        Name = name;
        OutgoingUrl = outgoingUrl;
        AccessToken = accessToken;
        Secret = secret;
    }

    public long Id { get; }

    public PlaygroundAccount? Account { get; internal set; }

    public string Name { get; internal set; }

    public string? Description { get; internal set; }

    /// <summary>Where events go; blank or null receives nothing.</summary>
    public string? OutgoingUrl { get; set; }

    public string AccessToken { get; internal set; }

    /// <summary>The signing secret; used from 4.13.</summary>
    public string Secret { get; internal set; }

    public bool IsGlobal => Account is null;

    internal JsonElement Configuration { get; set; } = Json.EmptyObject;

    internal PlaygroundPlatformApp? CreatedBy { get; set; }

    internal bool Deleted { get; set; }
}

/// <summary>A platform app: a token for <c>/platform/api/v1</c> that sees only what it made or was granted.</summary>
public sealed class PlaygroundPlatformApp
{
    internal PlaygroundPlatformApp(long id, string name, string accessToken)
    {
        Id = id;
        Name = name;
        AccessToken = accessToken;
    }

    public long Id { get; }

    public string Name { get; }

    public string AccessToken { get; }

    internal HashSet<object> Permissible { get; } = [];
}

/// <summary>A person who writes to an account.</summary>
public sealed class PlaygroundContact
{
    internal PlaygroundContact(long id, PlaygroundAccount account, string name)
    {
        Id = id;
        Account = account;
        Name = name;
    }

    public long Id { get; }

    public PlaygroundAccount Account { get; }

    public string Name { get; internal set; }

    public string? Email { get; internal set; }

    public string? PhoneNumber { get; internal set; }

    public string? Identifier { get; internal set; }

    public bool Blocked { get; internal set; }

    public JsonElement CustomAttributes { get; internal set; } = Json.EmptyObject;

    public JsonElement AdditionalAttributes { get; internal set; } = Json.EmptyObject;

    internal DateTimeOffset CreatedAt { get; init; }

    internal List<PlaygroundCustomer> Customers { get; } = [];

    internal List<JsonElement> Orders { get; } = [];

    internal List<(PlaygroundUser? Host, JsonElement Booking)> Bookings { get; } = [];

    /// <summary>Adds an order that the orders call of OneHash answers.</summary>
    public void AddOrder(PlaygroundOrder order)
    {
        ArgumentNullException.ThrowIfNull(order);
        Account.Chat.Locked(() => Orders.Add(order.Wire(this)));
    }

    /// <summary>Adds a booking that the bookings call of OneHash answers.</summary>
    public void AddBooking(PlaygroundBooking booking)
    {
        ArgumentNullException.ThrowIfNull(booking);
        Account.Chat.Locked(() => Bookings.Add((booking.Host, booking.Wire(this))));
    }
}
