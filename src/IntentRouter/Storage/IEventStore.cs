using IntentRouter.Conversations;
using IntentRouter.Review;
using IntentRouter.Turns;
using IntentRouter.Webhooks;

namespace IntentRouter.Storage;

/// <summary>
/// The durable heart: inbox, leases, conversation state, effects and explanations over one database, which is also the only
/// coordinator between replicas. Implementations group the calls of all conversations into few transactions; a call returns after its
/// transaction is durable. Thread-safe. All times inside come from the database's clock; nothing here compares clocks of machines.
/// </summary>
/// <remarks>Every progress call takes the <see cref="Claim"/> and does nothing when it is no longer valid (a fenced-off replica can neither commit nor send).</remarks>
internal interface IEventStore : IAsyncDisposable
{
    /// <summary>Migrates the schema (guarded against two replicas at once), takes the single-process lock where the engine needs one, starts the writers.</summary>
    /// <exception cref="StoreUnavailableException">The database cannot be reached or is held by another process.</exception>
    Task StartAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Stores one event, deduplicated by its key, and claims its conversation in the same transaction. An event that is the echo of one of our own
    /// effects also marks that effect as done (<see cref="NewEvent.Receipt"/>).
    /// </summary>
    /// <exception cref="StoreUnavailableException">Not stored: answer 500.</exception>
    /// <exception cref="StoreOverloadedException">Not stored, too much waits already: answer 429.</exception>
    Task<Appended> AppendAsync(NewEvent newEvent, CancellationToken cancellationToken);

    /// <summary>Waits until no public effect of the conversation is between "sending" and its outcome, or the time is up.</summary>
    /// <returns>Whether nothing is in flight any more.</returns>
    Task<bool> WaitForSendsAsync(string conversation, TimeSpan timeout, CancellationToken cancellationToken);

    /// <summary>Whether an event with a signal was stored after this one, whatever its time.</summary>
    Task<bool> HasSignalAfterAsync(string conversation, long sequence, CancellationToken cancellationToken);

    /// <summary>Reads state, open events (urgent first, then by sequence) and open effects (by ordinal) of a claimed conversation; clears the reload mark and
    /// notes the next event as being handled in the same transaction.</summary>
    /// <returns>Null when the claim is lost.</returns>
    Task<LoadedConversation?> LoadAsync(Claim claim, int maxEvents, CancellationToken cancellationToken);

    /// <summary>
    /// Notes that this event is being handled, as <see cref="LoadAsync"/> does by itself for the next one: should the process end, an attempt is counted on it.
    /// A suspect (<see cref="Suspicion"/>) is noted only here, when nothing else that is suspected is being handled.
    /// </summary>
    /// <returns>False when the claim is lost.</returns>
    Task<bool> BeginHandlingAsync(Claim claim, long sequence, CancellationToken cancellationToken);

    /// <summary>
    /// Takes back the attempt that was counted when this conversation was taken over: by its former holder, who lost the claim while it handled the event, and who
    /// lives to say that the event did not end its process.
    /// </summary>
    Task WithdrawAttemptAsync(string conversation, long sequence, CancellationToken cancellationToken);

    /// <summary>Moves a conversation on: everything in the step or, when the claim is lost, nothing of it.</summary>
    Task<StepResult> StepAsync(Claim claim, ConversationStep step, CancellationToken cancellationToken);

    /// <summary>Counts a failed attempt to handle an event, or parks it (visible, retryable) with the reason.</summary>
    Task<bool> FailEventAsync(Claim claim, long sequence, string reason, bool park, CancellationToken cancellationToken);

    /// <summary>Takes over conversations whose lease ran out or whose owner is gone, oldest first; counts an attempt on each event that was being handled.</summary>
    Task<IReadOnlyList<Claim>> RecoverAsync(int max, CancellationToken cancellationToken);

    /// <summary>Extends exactly these leases. Returns those that were lost.</summary>
    Task<IReadOnlyList<Claim>> RenewAsync(IReadOnlyList<Claim> claims, CancellationToken cancellationToken);

    /// <summary>Lets go of all of this process's leases at once (shutdown), so that others take over at their next look.</summary>
    Task ReleaseAllAsync(CancellationToken cancellationToken);

    /// <summary>Tries to be the only replica that does a periodic duty (sweep, retention) for a while.</summary>
    Task<bool> TryTakeDutyAsync(string duty, TimeSpan period, CancellationToken cancellationToken);

    /// <summary>Small values shared by replicas: capability flags, calibrations. Null when absent or expired.</summary>
    Task<string?> GetAsync(string area, string key, CancellationToken cancellationToken);

    /// <summary>Sets a shared value, with an optional life.</summary>
    Task PutAsync(string area, string key, string value, TimeSpan? life, CancellationToken cancellationToken);

    /// <summary>Adds one to a shared counter that starts again after its window; returns the count including this one.</summary>
    Task<long> CountAsync(string area, string key, TimeSpan window, CancellationToken cancellationToken);

    /// <summary>What a shared counter stands at; 0 when its window is over, or when nothing was counted.</summary>
    Task<long> ReadCountAsync(string area, string key, CancellationToken cancellationToken);

    /// <summary>All values of an area by key.</summary>
    Task<IReadOnlyDictionary<string, string>> ListAsync(string area, CancellationToken cancellationToken);

    // What the operator sees.

    Task<StoreStatistics> StatisticsAsync(CancellationToken cancellationToken);

    Task<IReadOnlyList<ParkedEvent>> ListParkedAsync(int max, CancellationToken cancellationToken);

    /// <summary>Puts a parked event back to the inbox with fresh attempts. False when there is no such parked event.</summary>
    Task<bool> RetryParkedAsync(long sequence, CancellationToken cancellationToken);

    /// <summary>Ends a parked event for good.</summary>
    Task<bool> DropParkedAsync(long sequence, CancellationToken cancellationToken);

    Task<ConversationState?> ReadStateAsync(string conversation, CancellationToken cancellationToken);

    /// <summary>Explanations of a conversation, oldest first, with the outcome of their effects.</summary>
    Task<IReadOnlyList<StoredTurn>> ReadTurnsAsync(string conversation, int max, CancellationToken cancellationToken);

    /// <summary>Explanations of all conversations of a bot (or of all bots) in a time span, oldest first, from a position on: for replay and reports.</summary>
    Task<IReadOnlyList<StoredTurn>> ReadTurnsAsync(string? bot, DateTimeOffset since, DateTimeOffset until, long after, int max, CancellationToken cancellationToken);

    /// <summary>The conversations with the latest activity, newest first; <paramref name="search"/> filters by key prefix or display id.</summary>
    Task<IReadOnlyList<ConversationSummary>> ListConversationsAsync(string? bot, string? search, int max, CancellationToken cancellationToken);

    // What people are asked to look at.

    /// <summary>Utterances of a bot (or of all) in a state (or in any), most frequent first.</summary>
    Task<IReadOnlyList<ReviewItem>> ListReviewAsync(string? bot, ReviewState? state, int skip, int max, CancellationToken cancellationToken);

    Task<ReviewItem?> FindReviewAsync(long id, CancellationToken cancellationToken);

    /// <summary>How many wait, per bot.</summary>
    Task<IReadOnlyDictionary<string, long>> CountOpenReviewAsync(CancellationToken cancellationToken);

    /// <summary>Says what an utterance is (<paramref name="label"/> with <see cref="ReviewState.Labelled"/>), sets it aside, or puts it back. False when it is gone.</summary>
    Task<bool> JudgeReviewAsync(long id, ReviewState state, string? label, string by, CancellationToken cancellationToken);

    /// <summary>What people taught these bots: labels, and takeovers that nobody judged otherwise. The order is the same everywhere.</summary>
    Task<IReadOnlyList<LearnedUtterance>> ReadLearnedAsync(string bot, CancellationToken cancellationToken);

    /// <summary>Keeps what a shadow adapter answered beside a turn.</summary>
    Task AddShadowAsync(ShadowAnswer answer, CancellationToken cancellationToken);

    /// <summary>Answers of shadow adapters with what people said about the utterance since, newest first.</summary>
    Task<IReadOnlyList<JudgedShadow>> ReadShadowsAsync(string? bot, DateTimeOffset since, int max, CancellationToken cancellationToken);

    /// <summary>Deletes everything about a contact of an account: states, events, effects, explanations. Returns how many conversations.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The contact is no number above 0.</exception>
    Task<int> EraseContactAsync(long account, long contact, CancellationToken cancellationToken);

    /// <summary>Deletes finished events, effects and explanations older than their retention, in small chunks. Returns the number of rows.</summary>
    Task<int> DeleteOldAsync(RetentionLimits limits, CancellationToken cancellationToken);

    /// <summary>Answers within a second whether a write would succeed now.</summary>
    Task<bool> IsHealthyAsync(CancellationToken cancellationToken);
}

/// <summary>The right to work on one conversation. <paramref name="Token"/> grows with every change of hands.</summary>
internal readonly record struct Claim(string Conversation, long Token);

/// <summary>An accepted event on its way into the inbox.</summary>
internal sealed record NewEvent
{
    /// <summary>Unique in the whole store; derived where the platform sends none (contract 2.3).</summary>
    public required string Key { get; init; }

    /// <summary>A <see cref="ConversationKey"/> as text.</summary>
    public required string Conversation { get; init; }

    /// <summary>The event's name, or an internal kind such as <c>action_completed</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>The message's id, 0 for events without; orders events that arrive in one batch.</summary>
    public long MessageId { get; init; }

    /// <summary>The account's contact, 0 when not known; erasure finds rows by it.</summary>
    public long ContactId { get; init; }

    /// <summary>The body as received (or the internal payload), UTF-8.</summary>
    public required ReadOnlyMemory<byte> Payload { get; init; }

    /// <summary>What the payload was written from, for whoever handles it without a load.</summary>
    public PlatformEvent? Content { get; init; }

    /// <summary>What this event means for replies that are about to be sent.</summary>
    public EventSignal Signal { get; init; }

    /// <summary>The platform's <c>updated_at</c> of the conversation in this event, 0 when absent.</summary>
    public double StateAt { get; init; }

    /// <summary>Whether it needs no handling, only the receipt, the signal or the record: stored as done.</summary>
    public bool NoWork { get; init; }

    /// <summary>Handled before older waiting events of the conversation.</summary>
    public bool Urgent { get; init; }

    /// <summary>
    /// Whether the caller will run what it claims from <see cref="Appended.Loaded"/>: when nothing else of the conversation is open, the event is noted as being
    /// handled with the append, and the first load is spared.
    /// </summary>
    public bool StartsAtOnce { get; init; }

    /// <summary>Our own effect's key and the platform's id of the message, when this is the echo of one of our own messages.</summary>
    public EffectReceipt? Receipt { get; init; }

    /// <summary>W3C trace context of the delivery.</summary>
    public string? TraceParent { get; init; }
}

internal sealed record EffectReceipt(string EffectKey, long RemoteId);

internal enum EventSignal
{
    None = 0,

    /// <summary>A human spoke: what waits to be said in public is stale. See <see cref="BeginSend"/> for how old it may be.</summary>
    HumanSteppedIn = 1,

    /// <summary>The conversation's status is not pending.</summary>
    NotPending = 2,

    /// <summary>The conversation is assigned to a human, which a handoff of ours may have done itself.</summary>
    HumanAssigned = 3,

    /// <summary>A human spoke while the conversation was not pending: older than a state in which it is, that was before it came back to the bot.</summary>
    HumanSpokeOutside = 4,
}

/// <param name="Stored">False for a duplicate.</param>
/// <param name="Sequence">Position in the inbox; 0 for a duplicate.</param>
/// <param name="Claim">Set when this process holds the conversation now: it must run it (or wake its runner).</param>
/// <param name="SendInFlight">A public effect of the conversation is being sent at this moment, by whichever replica. Told for events with a signal.</param>
internal sealed record Appended(bool Stored, long Sequence, Claim? Claim, bool SendInFlight)
{
    /// <summary>What a load would read now: this event alone. Null unless it <see cref="NewEvent.StartsAtOnce">starts at once</see>.</summary>
    public LoadedRows? Loaded { get; init; }
}

internal sealed record LoadedConversation(ConversationState? State, IReadOnlyList<StoredEvent> Events, IReadOnlyList<StoredEffect> Effects);

/// <param name="Decided">Its turn was committed; its effects are open.</param>
/// <param name="Attempts">How often handling began and did not end in a commit.</param>
internal sealed record StoredEvent(
    long Sequence, string Key, string Kind, long MessageId, ReadOnlyMemory<byte> Payload, DateTimeOffset ReceivedAt, int Attempts, bool Decided, string? TraceParent)
{
    /// <summary>What the payload holds, where it did not have to be read for it.</summary>
    public PlatformEvent? Content { get; init; }
}

/// <summary>An effect that is not finished. <see cref="Key"/> is the turn's event key and the ordinal.</summary>
/// <param name="SinceSent">Time since "sending" was recorded, by the database's clock; null while planned.</param>
internal sealed record StoredEffect(
    string Key, long EventSequence, int Ordinal, Effect Effect, EffectState State, int Attempts, TimeSpan? SinceSent, long? RemoteId, double StateAt);

internal enum EffectState
{
    Planned = 0,
    Sending = 1,
    Done = 2,

    /// <summary>Refused for good; the reason is kept.</summary>
    Failed = 3,

    /// <summary>In doubt and given up by policy.</summary>
    Undecided = 4,

    /// <summary>Became stale before it was sent (the gate).</summary>
    Dropped = 5,
}

/// <summary>What one conversation commits in one transaction, in this order. Steps that follow each other at once are taken together: a commit costs more than what it holds.</summary>
internal sealed record ConversationStep
{
    /// <summary>Commits a turn: state, planned effects, explanation, and its events as decided (done at once when there is no effect).</summary>
    public DecidedTurn? Turn { get; init; }

    /// <summary>Records what became of an effect; when it was the last open one of its events, these are done. May append a follow-up event.</summary>
    public EffectOutcome? Ended { get; init; }

    /// <summary>
    /// Marks an effect as being sent and extends the lease, unless a newer signal (a human's word, a status other than pending) is among the
    /// conversation's stored events.
    /// </summary>
    public BeginSend? Begin { get; init; }

    /// <summary>Gives the conversation back.</summary>
    public GiveBack? GiveBack { get; init; }
}

/// <param name="NotBefore">
/// The lease stays as a reminder that any replica may take after that time: refused with <see cref="ReleaseResult.MoreWork"/> when something arrived since the
/// last load, unless the time is zero. Null: done, refused while anything is open.
/// </param>
internal sealed record GiveBack(TimeSpan? NotBefore = null);

/// <param name="Held">False when the claim is lost: nothing was written.</param>
/// <param name="Permit">The answer to <see cref="ConversationStep.Begin"/>.</param>
/// <param name="Released">The answer to <see cref="ConversationStep.GiveBack"/>.</param>
internal sealed record StepResult(bool Held, SendPermit? Permit, ReleaseResult? Released);

/// <summary>Giving back alone.</summary>
internal static class EventStoreSteps
{
    public static async Task<ReleaseResult> ReleaseAsync(this IEventStore store, Claim claim, TimeSpan? notBefore, CancellationToken cancellationToken) =>
        (await store.StepAsync(claim, new ConversationStep { GiveBack = new GiveBack(notBefore) }, cancellationToken)).Released!.Value;
}

/// <param name="EventSequences">All events the turn answers (a merged burst has several); the effects belong to the last.</param>
/// <param name="StateAt">
/// The conversation's <c>updated_at</c> that the decision was based on; newer signals make its effects stale.
/// </param>
internal sealed record DecidedTurn(
    IReadOnlyList<long> EventSequences, string EffectKeyPrefix, ConversationState State, IReadOnlyList<Effect> Effects, TurnExplanation? Explanation, double StateAt)
{
    /// <summary>Utterances for people to look at.</summary>
    public IReadOnlyList<ReviewNote> Review { get; init; } = [];
}

/// <param name="Gate">Which newer signals make it stale.</param>
/// <param name="HumanSince">
/// The platform's time from which on a human's word counts: the last return to the bot, 0 before. Such a word makes it stale however old it is, when it was stored after
/// the event that is answered: deliveries overtake each other.
/// </param>
internal sealed record BeginSend(string EffectKey, SendGate Gate, double HumanSince = 0);

/// <summary>Which newer signals make a send stale.</summary>
internal enum SendGate
{
    /// <summary>None: private notes, attributes, priority.</summary>
    None = 0,

    /// <summary>Any signal: what the bot says in public.</summary>
    AnySignal = 1,

    /// <summary>Only a human's word: what follows our own assignment in a handoff.</summary>
    HumanWord = 2,

    /// <summary>Only a status other than pending: opening what somebody already opened or resolved.</summary>
    Status = 3,
}

/// <param name="ValidFor">How long from the start of the call this process may still begin the request, by its own monotonic clock.</param>
internal sealed record SendPermit(SendVerdict Verdict, TimeSpan ValidFor, EventSignal Signal);

internal enum SendVerdict
{
    Proceed,

    /// <summary>A newer signal is in the inbox: do not send; end it as <see cref="EffectState.Dropped"/>.</summary>
    Stale,

    /// <summary>Already done by receipt.</summary>
    AlreadyDone,

    ClaimLost,
}

/// <param name="State">A final state, or <see cref="EffectState.Planned"/> / <see cref="EffectState.Sending"/> to try again or to stay in doubt.</param>
/// <param name="FollowUp">An event to append in the same transaction (the outcome of an action).</param>
internal sealed record EffectOutcome(string EffectKey, EffectState State, long? RemoteId = null, string? Error = null, NewEvent? FollowUp = null);

internal enum ReleaseResult
{
    Released,

    /// <summary>New work arrived: still held, load again.</summary>
    MoreWork,

    ClaimLost,
}

/// <param name="OldestOpen">Age of the oldest event not yet done, by the database's clock.</param>
internal sealed record StoreStatistics(long Open, long Parked, TimeSpan OldestOpen, long EffectsOpen, long EffectsUndecided, long ActiveLeases, long Size);

internal sealed record ParkedEvent(long Sequence, string Conversation, string Kind, DateTimeOffset ReceivedAt, int Attempts, string Reason);

internal sealed record StoredTurn(long Position, string Conversation, TurnExplanation Explanation, IReadOnlyList<TurnEffectResult> Effects);

internal sealed record TurnEffectResult(string Kind, string State, int Attempts, string? Error);

internal sealed record ConversationSummary(string Conversation, DateTimeOffset LastActivityAt, string? Status, string? LastDecision, string? LastIntent);

internal sealed record RetentionLimits(TimeSpan Events, TimeSpan Explanations, TimeSpan Conversations);

/// <summary>The database could not take or give what was asked; nothing was changed.</summary>
internal sealed class StoreUnavailableException(string message, Exception? innerException = null) : Exception(message, innerException);

/// <summary>More waits to be stored than the bounds allow; nothing was changed.</summary>
internal sealed class StoreOverloadedException(string message) : Exception(message);
