using IntentRouter.Conversations;
using IntentRouter.Review;

namespace IntentRouter.Turns;

/// <summary>What a handler made of its events: committed whole or not at all.</summary>
/// <param name="State">The conversation's state afterwards.</param>
/// <param name="Effects">What to do outside, in this order.</param>
/// <param name="Explanation">Why; null for events that say nothing new.</param>
internal sealed record TurnPlan(ConversationState State, IReadOnlyList<Effect> Effects, TurnExplanation? Explanation)
{
    /// <summary>Utterances for people to look at.</summary>
    public IReadOnlyList<ReviewNote> Review { get; init; } = [];

    public static TurnPlan Nothing(ConversationState state) => new(state, [], null);
}

/// <summary>
/// Why a turn went as it did: kept per turn, shown in the console, given to <c>replay</c>. Holds the customer's words (so retention and erasure
/// apply to it), never secrets.
/// </summary>
internal sealed record TurnExplanation
{
    /// <summary>26 characters, sortable by time.</summary>
    public required string Turn { get; init; }

    public required DateTimeOffset At { get; init; }

    public long MessageId { get; init; }

    /// <summary>What the customer said; personal data.</summary>
    public string? Text { get; init; }

    public string? Language { get; init; }

    /// <summary>The decision's rule, for example <c>route</c> or <c>handoff-asked</c>.</summary>
    public required string Decision { get; init; }

    /// <summary>The reason in plain words.</summary>
    public string? Reason { get; init; }

    public string? Intent { get; init; }

    public string? Route { get; init; }

    public IReadOnlyList<ExplainedCandidate> Understanding { get; init; } = [];

    public IReadOnlyList<Evidence> Evidence { get; init; } = [];

    public bool Calibrated { get; init; }

    public bool StandIn { get; init; }

    public IReadOnlyList<string> AdapterFailures { get; init; } = [];

    public IReadOnlyDictionary<string, string> Slots { get; init; } = new Dictionary<string, string>();

    public IReadOnlyList<ExplainedLookup> Lookups { get; init; } = [];

    /// <summary>Kinds of the effects, in order.</summary>
    public IReadOnlyList<string> Effects { get; init; } = [];

    /// <summary>Effects that the gate dropped just before sending, with the reason; filled afterwards.</summary>
    public IReadOnlyList<string> Dropped { get; init; } = [];

    public double NluMilliseconds { get; init; }

    public double TotalMilliseconds { get; init; }

    /// <summary>Hash of the configuration that decided.</summary>
    public string? Configuration { get; init; }
}

internal sealed record ExplainedCandidate(string Adapter, string Intent, double? Confidence, double? Probability);

internal sealed record ExplainedLookup(string Name, string Outcome, double Milliseconds);
