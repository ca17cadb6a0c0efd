using IntentRouter.Configuration;
using IntentRouter.Nlu;
using IntentRouter.Storage;
using IntentRouter.Turns;

namespace IntentRouter.Management;

/// <summary>The state of the service.</summary>
/// <param name="Status"><c>ready</c> or <c>not-ready</c>.</param>
/// <param name="Reasons">Why it is not ready: <c>draining</c>, <c>store</c>, <c>adapters-starting</c>.</param>
/// <param name="Version">The service's version.</param>
/// <param name="Configuration">The configuration in force.</param>
/// <param name="Store">The store.</param>
/// <param name="Adapters">Each configured adapter's last known state.</param>
/// <param name="Conversations">What this replica works on.</param>
internal sealed record HealthAnswer(
    string Status, IReadOnlyList<string> Reasons, string Version, ConfigurationHealth Configuration, StoreHealth Store, IEnumerable<AdapterState> Adapters, ConversationsHealth Conversations);

/// <param name="Version">Hash of the configuration in force.</param>
/// <param name="Problems">Number of problems of the latest change.</param>
internal sealed record ConfigurationHealth(string Version, int Problems);

/// <param name="Provider"><c>sqlite</c> or <c>postgres</c>.</param>
/// <param name="Statistics">Left out while the store does not answer.</param>
internal sealed record StoreHealth(string Provider, StoreStatistics? Statistics);

/// <param name="Live">Conversations that this replica works on now.</param>
/// <param name="Draining">Whether it is stopping.</param>
internal sealed record ConversationsHealth(int Live, bool Draining);

/// <param name="Version">Hash of the configuration in force.</param>
/// <param name="Bots">Names of the bots.</param>
/// <param name="Problems">Problems of the latest change; with an error among them the change was refused. Secrets are masked.</param>
internal sealed record ConfigurationAnswer(string Version, IEnumerable<string> Bots, IReadOnlyList<ConfigurationProblem> Problems);

/// <param name="Conversations">How many conversations were erased.</param>
internal sealed record Erased(int Conversations);

/// <summary>One turn with its explanation. Holds the customer's words.</summary>
/// <param name="Position">Position in the store; grows with time.</param>
/// <param name="Conversation"><c>bot/account/conversation</c>.</param>
/// <param name="Turn">26 characters, sortable by time.</param>
/// <param name="MessageId">The chat's number of the message; 0 where there is none.</param>
/// <param name="Text">What the customer wrote.</param>
/// <param name="Decision">The rule that fired, for example <c>route</c> or <c>handoff-asked</c>.</param>
/// <param name="Reason">The reason in plain words.</param>
/// <param name="Understanding">What each engine made of it, best first.</param>
/// <param name="Calibrated">Whether the probabilities are calibrated.</param>
/// <param name="StandIn">Whether a later entry in <c>use</c> answered for one that failed.</param>
/// <param name="Effects">What was sent because of it, and what became of it.</param>
/// <param name="NluMilliseconds">Time for understanding.</param>
/// <param name="TotalMilliseconds">Time for the whole turn.</param>
/// <param name="Configuration">Hash of the configuration that decided.</param>
internal sealed record TurnAnswer(
    long Position,
    string Conversation,
    string Turn,
    DateTimeOffset At,
    long MessageId,
    string? Text,
    string? Language,
    string Decision,
    string? Reason,
    string? Intent,
    string? Route,
    IReadOnlyList<ExplainedCandidate> Understanding,
    IReadOnlyList<Evidence> Evidence,
    bool Calibrated,
    bool StandIn,
    IReadOnlyList<string> AdapterFailures,
    IReadOnlyDictionary<string, string> Slots,
    IReadOnlyList<ExplainedLookup> Lookups,
    IReadOnlyList<TurnEffectResult> Effects,
    double NluMilliseconds,
    double TotalMilliseconds,
    string? Configuration)
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
