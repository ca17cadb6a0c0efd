using System.Text.Json;

namespace IntentRouter.Conversations;

/// <summary>
/// What the platform last told us about a conversation. Ordered by the platform's own <c>updated_at</c>, never by arrival: a late
/// event must not overwrite newer state.
/// </summary>
internal sealed record ConversationFacts
{
    /// <summary><c>pending</c>, <c>open</c>, <c>resolved</c>, <c>snoozed</c>, or what a later version calls it; null before the first event.</summary>
    public string? Status { get; init; }

    /// <summary>The platform's <c>updated_at</c> of this state, epoch seconds with fraction; 0 when it never sent one.</summary>
    public double UpdatedAt { get; init; }

    public long InboxId { get; init; }

    /// <summary><c>Channel::WebWidget</c>, <c>Channel::Whatsapp</c>, …; kept raw.</summary>
    public string? Channel { get; init; }

    /// <summary>False outside the channel's messaging window.</summary>
    public bool CanReply { get; init; } = true;

    /// <summary><c>User</c>, <c>AgentBot</c> or null.</summary>
    public string? AssigneeType { get; init; }

    public long? AssigneeId { get; init; }

    public long? TeamId { get; init; }

    public string? Priority { get; init; }

    public IReadOnlyList<string> Labels { get; init; } = [];

    /// <summary>The conversation's custom attributes as last seen; our own writes are merged into these.</summary>
    public IReadOnlyDictionary<string, JsonElement> CustomAttributes { get; init; } = new Dictionary<string, JsonElement>();

    public ContactFacts Contact { get; init; } = new();

    /// <summary>Language of the visitor's browser, or the platform's detected one; BCP 47, or null.</summary>
    public string? BrowserLanguage { get; init; }

    public string? DetectedLanguage { get; init; }

    /// <summary>Id of the newest message of the customer that we know, 0 before.</summary>
    public long LastCustomerMessageId { get; init; }

    /// <summary>Id of the newest public message of a human on the desk, 0 before.</summary>
    public long LastHumanMessageId { get; init; }

    /// <summary>Whether a human speaks here; set by their public message or assignment, cleared when the conversation is pushed back.</summary>
    public bool HumanSteppedIn { get; init; }

    /// <summary>Whether the conversation left <c>pending</c> since we last looked; the next <c>pending</c> is then a push-back (or a reopening).</summary>
    public bool LeftPending { get; init; }

    /// <summary>Whether it came back to <c>pending</c> since the last turn: resume, or start anew when it <see cref="WasResolved"/>. Cleared by the turn.</summary>
    public bool Returned { get; init; }

    /// <summary>The platform's time of the last return; a human's word from before it no longer counts.</summary>
    public double ResumedAt { get; init; }

    /// <summary>Whether it was resolved since we last looked; the next <c>pending</c> is then a new session.</summary>
    public bool WasResolved { get; init; }

    public bool IsPending => Status == "pending";
}

/// <summary>What is known of the person.</summary>
internal sealed record ContactFacts
{
    public long Id { get; init; }

    public string? Name { get; init; }

    public string? Email { get; init; }

    public string? Phone { get; init; }

    public string? Identifier { get; init; }

    /// <summary>The host site proved the visitor's identity by HMAC: the only profile data that counts as proof.</summary>
    public bool Verified { get; init; }

    public bool Blocked { get; init; }

    public IReadOnlyDictionary<string, JsonElement> CustomAttributes { get; init; } = new Dictionary<string, JsonElement>();

    /// <summary>IANA name from the profile's attributes (<c>timezone</c>), or null.</summary>
    public string? TimeZone { get; init; }

    /// <summary>BCP 47 from the profile's attributes (<c>language</c>), or null.</summary>
    public string? Language { get; init; }
}
