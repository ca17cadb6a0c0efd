using IntentRouter.Fulfillment;

namespace IntentRouter.Turns;

/// <summary>What was fetched for a decision before its words are composed.</summary>
internal sealed record Fulfilment
{
    public LookupOutcome? Lookup { get; init; }

    public ProviderReply? Provider { get; init; }

    /// <summary>A fresh one-time code, with <see cref="Decisions.Decision.Prove"/>.</summary>
    public string? Code { get; init; }

    /// <summary>A fresh opaque key: idempotency key of an action, salt of a code.</summary>
    public string NewKey { get; init; } = "";
}
