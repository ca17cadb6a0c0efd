using System.Text.Json.Nodes;

namespace IntentRouter.Fulfillment;

/// <summary>What a lookup came back with. Every failure is a reason, never an exception.</summary>
internal abstract record LookupOutcome
{
    private LookupOutcome()
    {
    }

    /// <summary>At least one row. Values are untrusted data: they reach a customer only through templates that escape them.</summary>
    public sealed record Found(IReadOnlyList<JsonObject> Rows) : LookupOutcome;

    public sealed record NotFound : LookupOutcome;

    public sealed record Failed(LookupFailure Reason) : LookupOutcome;
}

internal enum LookupFailure
{
    TimedOut,
    Unreachable,
    Refused,
    TooLarge,
    Unreadable,
    Faulted,
    NotConfigured,
}

/// <summary>One read from a backing system. Thread-safe.</summary>
internal interface ILookup
{
    /// <summary>Reads with these slot values; never throws except for the caller's cancellation.</summary>
    Task<LookupOutcome> FindAsync(LookupCall call, CancellationToken cancellationToken);
}

/// <summary>What a lookup may use: slot values by name (canonical text), and the contact's ids for the platform's own lookups.</summary>
internal sealed record LookupCall(IReadOnlyDictionary<string, string> Slots, string Bot, long Account, long ContactId, string Language);

/// <summary>One write to a backing system, at most once per idempotency key. Thread-safe.</summary>
internal interface IAction
{
    Task<ActionOutcome> RunAsync(ActionCall call, CancellationToken cancellationToken);
}

internal sealed record ActionCall(IReadOnlyDictionary<string, string> Arguments, string IdempotencyKey, string Bot, long Account, long ContactId);

/// <summary>What became of an action. <see cref="InDoubt"/> is never repeated: it becomes a handoff with the facts.</summary>
internal abstract record ActionOutcome
{
    private ActionOutcome()
    {
    }

    public sealed record Done(JsonObject Result) : ActionOutcome;

    /// <summary>Certainly not done.</summary>
    public sealed record Failed(LookupFailure Reason) : ActionOutcome;

    /// <summary>May or may not be done (time-out, reset, 5xx, crash while calling).</summary>
    public sealed record InDoubt(LookupFailure Reason) : ActionOutcome;
}
