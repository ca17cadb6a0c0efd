using IntentRouter.Conversations;

namespace IntentRouter.Decisions;

/// <summary>What to do about one utterance, and why. A closed set: every later stage handles each of these.</summary>
internal abstract record Decision
{
    private Decision()
    {
    }

    /// <summary>The rule that fired, a stable kebab-case word for metrics, explanation and tests.</summary>
    public abstract string Rule { get; }

    /// <summary>The route that it goes on with, ends or tells of; null when there is none.</summary>
    public ActiveRoute? About => this switch
    {
        Fulfil f => f.Route,
        AskSlot a => a.Route,
        Confirm c => c.Route,
        Prove p => p.Route,
        PassThrough p => p.Route,
        Assist a => a.Route,
        Cancel c => c.Route,
        _ => null,
    };

    /// <summary>Say nothing in public and change nothing.</summary>
    public sealed record StaySilent(SilenceReason Reason) : Decision
    {
        public override string Rule => $"silent-{Kebab.Of(Reason)}";
    }

    /// <summary>All that the route needs is known: look up, act or answer.</summary>
    public sealed record Fulfil(ActiveRoute Route) : Decision
    {
        public override string Rule => "route";
    }

    /// <summary>Ask for a slot. <paramref name="Attempt"/> counts from 1; from 2 on the text offers help.</summary>
    public sealed record AskSlot(ActiveRoute Route, string Slot, int Attempt, SlotProblem? Problem) : Decision
    {
        public override string Rule => Attempt == 1 ? "ask-slot" : "ask-slot-again";
    }

    /// <summary>Ask the person to prove who they are (one-time code). With a <paramref name="Problem"/> the code of before is still awaited.</summary>
    public sealed record Prove(ActiveRoute Route, ProofLevel Level, SlotProblem? Problem = null) : Decision
    {
        public override string Rule => Problem is null ? "prove" : "prove-again";
    }

    /// <summary>Ask for a yes before an action. <paramref name="Attempt"/> counts from 1.</summary>
    public sealed record Confirm(ActiveRoute Route, int Attempt = 1) : Decision
    {
        public override string Rule => Attempt == 1 ? "confirm" : "confirm-again";
    }

    /// <summary>Ask which of two or three candidates was meant.</summary>
    public sealed record Clarify(IReadOnlyList<RankedIntent> Candidates) : Decision
    {
        public override string Rule => "clarify";
    }

    /// <summary>Nothing could be routed; ask to rephrase.</summary>
    public sealed record FallBack(FallbackReason Reason) : Decision
    {
        public override string Rule => $"fallback-{Kebab.Of(Reason)}";
    }

    /// <summary>Give the conversation to a human.</summary>
    public sealed record HandOff(HandoffReason Reason, string? Intent) : Decision
    {
        public override string Rule => $"handoff-{Kebab.Of(Reason)}";
    }

    /// <summary>The person gave up the running route ("never mind").</summary>
    public sealed record Cancel(ActiveRoute Route) : Decision
    {
        public override string Rule => "cancel";
    }

    /// <summary>Pass the engine's own dialogue through (<c>reply: provider</c>).</summary>
    public sealed record PassThrough(ActiveRoute Route) : Decision
    {
        public override string Rule => "provider";
    }

    /// <summary>The conversation is with humans: tell them something new, privately.</summary>
    public sealed record Assist(ActiveRoute? Route, RankedIntent Best) : Decision
    {
        public override string Rule => "assist";
    }

    /// <summary>Say a fixed text: a greeting, small talk, an intent that maps to a text without a route.</summary>
    public sealed record Say(string TextKey, string? Intent) : Decision
    {
        public override string Rule => "say";
    }
}

internal enum SilenceReason
{
    NotPending,
    HumanSpeaks,
    HandedOff,
    NothingNew,
    Blocked,
}

internal enum FallbackReason
{
    NoCandidate,
    NoConfidence,
    BelowThreshold,
    NoRoute,

    /// <summary>None of the offered candidates was meant.</summary>
    Declined,
}

/// <summary>Why a conversation goes to a human: the names of <c>design.md</c> section 6, kebab-case on the wire.</summary>
internal enum HandoffReason
{
    Asked,
    LowConfidence,
    AttemptsUsed,
    Sensitive,
    LookupFailed,
    ActionFailed,
    ProofFailed,
    NluDown,
    BudgetSpent,
    Unsupported,
    Loop,
    Poison,
    InDoubt,
    Stranded,
}

/// <summary>A candidate with its raw and its calibrated confidence.</summary>
/// <param name="Probability">What thresholds apply to: the calibrated value, or the raw one where there is no calibration; null when the engine reported none.</param>
internal sealed record RankedIntent(string Intent, double? Raw, double? Probability);

/// <summary>Why a said value was not taken.</summary>
internal sealed record SlotProblem(string Code, string? Limit = null)
{
    /// <summary>Only the first day of a span was said, which is the limit.</summary>
    public const string RangeIncomplete = "range-incomplete";
}
