using System.ComponentModel;
using IntentRouter.Configuration;
using IntentRouter.Nlu;
using IntentRouter.Storage;
using IntentRouter.Turns;

namespace IntentRouter.Management;

/// <summary>The state of the service.</summary>
internal sealed record HealthAnswer(
    [property: Description("'ready' or 'not-ready'.")] string Status,
    [property: Description("Why it is not ready: 'draining', 'store', 'adapters-starting'.")] IReadOnlyList<string> Reasons,
    [property: Description("The service's version.")] string Version,
    ConfigurationHealth Configuration,
    StoreHealth Store,
    [property: Description("Last known state of each configured engine.")] IEnumerable<AdapterState> Adapters,
    ConversationsHealth Conversations);

internal sealed record ConfigurationHealth(
    [property: Description("Hash of the configuration in force.")] string Version,
    [property: Description("Number of problems of the latest change.")] int Problems);

internal sealed record StoreHealth(
    [property: Description("'sqlite' or 'postgres'.")] string Provider,
    [property: Description("Left out while the store does not answer.")] StoreStatistics? Statistics);

internal sealed record ConversationsHealth(
    [property: Description("Conversations that this replica works on now.")] int Live,
    [property: Description("Whether this replica is stopping.")] bool Draining);

internal sealed record ConfigurationAnswer(
    [property: Description("Hash of the configuration in force.")] string Version,
    [property: Description("Names of the bots.")] IEnumerable<string> Bots,
    [property: Description("Problems of the latest change. With an error among them the change was refused. Secrets are masked.")] IReadOnlyList<ConfigurationProblem> Problems);

internal sealed record Erased([property: Description("How many conversations were erased.")] int Conversations);

/// <summary>One turn with its explanation. Holds the customer's words.</summary>
internal sealed record TurnAnswer(
    [property: Description("Position in the store; grows with time.")] long Position,
    [property: Description("bot/account/conversation.")] string Conversation,
    [property: Description("26 characters, sortable by time.")] string Turn,
    DateTimeOffset At,
    [property: Description("The chat's number of the message; 0 where there is none.")] long MessageId,
    [property: Description("What the customer wrote.")] string? Text,
    string? Language,
    [property: Description("The rule that fired, for example 'route' or 'handoff-asked'.")] string Decision,
    [property: Description("The reason in plain words.")] string? Reason,
    string? Intent,
    string? Route,
    [property: Description("What the engines made of it, best first.")] IReadOnlyList<ExplainedCandidate> Understanding,
    [property: Description("Numbers that explain the confidence.")] IReadOnlyList<Evidence> Evidence,
    [property: Description("Whether the probabilities are calibrated.")] bool Calibrated,
    [property: Description("Whether a later entry in 'use' answered for one that failed.")] bool StandIn,
    IReadOnlyList<string> AdapterFailures,
    IReadOnlyDictionary<string, string> Slots,
    IReadOnlyList<ExplainedLookup> Lookups,
    [property: Description("What was sent because of it, and what became of it.")] IReadOnlyList<TurnEffectResult> Effects,
    [property: Description("Milliseconds for understanding.")] double NluMilliseconds,
    [property: Description("Milliseconds for the whole turn.")] double TotalMilliseconds,
    [property: Description("Hash of the configuration that decided.")] string? Configuration)
{
    public static TurnAnswer Of(StoredTurn turn) => new(
        turn.Position,
        turn.Conversation,
        turn.Explanation.Turn,
        turn.Explanation.At,
        turn.Explanation.MessageId,
        turn.Explanation.Text,
        turn.Explanation.Language,
        turn.Explanation.Decision,
        turn.Explanation.Reason,
        turn.Explanation.Intent,
        turn.Explanation.Route,
        turn.Explanation.Understanding,
        turn.Explanation.Evidence,
        turn.Explanation.Calibrated,
        turn.Explanation.StandIn,
        turn.Explanation.AdapterFailures,
        turn.Explanation.Slots,
        turn.Explanation.Lookups,
        turn.Effects,
        turn.Explanation.NluMilliseconds,
        turn.Explanation.TotalMilliseconds,
        turn.Explanation.Configuration);
}
