using IntentRouter.Decisions;
using IntentRouter.Handoffs;
using IntentRouter.Review;

namespace IntentRouter.Conversations;

/// <summary>
/// A bounded stretch of a conversation: what the bot remembers. Ends by idle time, by resolving, or by a fresh start after a handoff. Immutable;
/// stored as JSON, so new members need a default and removed ones are ignored.
/// </summary>
internal sealed record Session
{
    /// <summary>32 hexadecimal characters; opaque outside, given to engines as their session id.</summary>
    public string Id { get; init; } = "";

    public DateTimeOffset StartedAt { get; init; }

    public DateTimeOffset LastActivityAt { get; init; }

    /// <summary>BCP 47; decided per message, kept for the next.</summary>
    public string? Language { get; init; }

    /// <summary>The route being worked on, or null.</summary>
    public ActiveRoute? Active { get; init; }

    /// <summary>Routes interrupted by another intent, innermost last; resumed when that one is done.</summary>
    public IReadOnlyList<ActiveRoute> Suspended { get; init; } = [];

    /// <summary>What the bot asked last and still waits for, or null.</summary>
    public Prompt? Prompt { get; init; }

    /// <summary>Values proven or said earlier in this session, by slot name, offered to later routes.</summary>
    public IReadOnlyDictionary<string, SlotValue> Remembered { get; init; } = new Dictionary<string, SlotValue>();

    /// <summary>
    /// The answered route that a follow-up refers to ("and for four?", "book the suite", "cancel it"): its name, intent and slots. Gone when another begins,
    /// is given up, or a human takes over.
    /// </summary>
    public ActiveRoute? Answered { get; init; }

    public ProofState Proof { get; init; } = new();

    /// <summary>Turns in a row that could not be routed (fallback or clarification).</summary>
    public int MissesInARow { get; init; }

    /// <summary>When the bot's public replies of the last minute were planned: the loop guard counts these.</summary>
    public IReadOnlyList<DateTimeOffset> RecentReplies { get; init; } = [];

    /// <summary>The last handoff of this session, or null.</summary>
    public HandoffState? Handoff { get; init; }

    /// <summary>Hashes of facts already told to the agents, so that no note is written twice.</summary>
    public IReadOnlyList<string> TellOnce { get; init; } = [];

    /// <summary>The reply that was last suggested to the agents, until one of them speaks; null before and after.</summary>
    public Suggestion? Suggested { get; init; }

    /// <summary>The last few utterances' outcomes, newest last, for the handoff packet: intent names and decisions, at most 10.</summary>
    public IReadOnlyList<TurnDigest> Digest { get; init; } = [];

    /// <summary>Local date on which the visitor was greeted, ISO 8601, or null.</summary>
    public string? GreetedOn { get; init; }

    /// <summary>The last utterance that was to be understood: what a takeover or a correction is about.</summary>
    public SpokenUtterance? Spoken { get; init; }
}

/// <summary>A route in progress.</summary>
internal sealed record ActiveRoute
{
    public required string Route { get; init; }

    public required string Intent { get; init; }

    public IReadOnlyDictionary<string, SlotValue> Slots { get; init; } = new Dictionary<string, SlotValue>();

    /// <summary>First days of spans whose last day is still missing, by slot.</summary>
    public IReadOnlyDictionary<string, DateOnly> Begun { get; init; } = new Dictionary<string, DateOnly>();

    /// <summary>How often each slot was asked for.</summary>
    public IReadOnlyDictionary<string, int> Asked { get; init; } = new Dictionary<string, int>();

    /// <summary>The person said yes to the confirmation.</summary>
    public bool Confirmed { get; init; }

    /// <summary>What the person proved for this route's own data.</summary>
    public ProofLevel Proven { get; init; } = ProofLevel.None;

    /// <summary>The address whose one-time code was right (<see cref="OneTimeCode.Mark"/>): what it opens is that address's data.</summary>
    public string? ProvenFor { get; init; }

    /// <summary>The action was planned and its outcome is awaited: its idempotency key.</summary>
    public string? ActionKey { get; init; }
}

/// <summary>A value of a slot.</summary>
/// <param name="Value">Canonical text: ISO 8601 for dates and times, invariant numbers, lower-case e-mail, E.164 phone.</param>
/// <param name="Raw">The words it came from; personal data, never logged.</param>
/// <param name="Source">Where it came from.</param>
internal sealed record SlotValue(string Value, string? Raw, SlotSource Source);

internal enum SlotSource
{
    Said,
    Entity,
    Profile,
    Remembered,
    Choice,
    Form,
}

/// <summary>A question of the bot that is still open.</summary>
internal sealed record Prompt
{
    public required PromptKind Kind { get; init; }

    /// <summary>The slot asked for, with <see cref="PromptKind.Slot"/>.</summary>
    public string? Slot { get; init; }

    /// <summary>The choices offered, in order; an answer may be the value, the title or the ordinal.</summary>
    public IReadOnlyList<Choice> Choices { get; init; } = [];

    /// <summary>Key of the effect that carried the prompt; its echo gives the message id to which a late answer refers.</summary>
    public string? EffectKey { get; init; }

    public long? MessageId { get; init; }

    public DateTimeOffset AskedAt { get; init; }

    /// <summary>The utterance that led to a clarification, to be understood again once the intent is chosen; personal data.</summary>
    public string? About { get; init; }
}

internal enum PromptKind
{
    Slot,
    Clarify,
    Confirm,
    Code,
    Form,
    Provider,
}

internal sealed record Choice(string Title, string Value);

/// <summary>What the person proved in this session.</summary>
internal sealed record ProofState
{
    public ProofLevel Level { get; init; } = ProofLevel.None;

    public int Failures { get; init; }

    /// <summary>Route names and slot values (hashed) for which a known fact was matched.</summary>
    public IReadOnlyList<string> Facts { get; init; } = [];

    /// <summary>Salted hash of the one-time code that was sent, or null.</summary>
    public string? CodeHash { get; init; }

    public DateTimeOffset? CodeSentAt { get; init; }

    /// <summary>How many codes were sent in this session.</summary>
    public int CodesSent { get; init; }

    /// <summary>Addresses proven by a code in this session (<see cref="OneTimeCode.Mark"/>): for them no other is asked.</summary>
    public IReadOnlyList<string> Addresses { get; init; } = [];
}

internal enum ProofLevel
{
    None,
    Contact,
    KnownFact,
    Code,
}

/// <param name="Intent">What the conversation's <c>bot_intent</c> was set to; another value is an agent's correction.</param>
internal sealed record HandoffState(string Reason, DateTimeOffset At, IReadOnlyList<string> Told, string? Intent = null);

/// <param name="Lookup">What was looked up and how it came out, in a few words; null without.</param>
internal sealed record TurnDigest(DateTimeOffset At, string Decision, string? Intent, double? Confidence, string? Lookup = null);

/// <summary>Everything kept for one conversation: one JSON document, written with the turn.</summary>
internal sealed record ConversationState
{
    public ConversationFacts Facts { get; init; } = new();

    public Session Session { get; init; } = new();
}
