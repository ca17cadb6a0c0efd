using IntentRouter.Chat;
using IntentRouter.Configuration;
using IntentRouter.Conversations;
using IntentRouter.Decisions;
using IntentRouter.Diagnostics;
using IntentRouter.Fulfillment;
using IntentRouter.Storage;
using IntentRouter.Turns;

namespace IntentRouter.Inbox;

/// <summary>Effects to be sent in order, and what is committed with them.</summary>
internal sealed record Outgoing(Claim Claim, ConversationKey Key, Bot Bot, ConversationState State, IReadOnlyList<StoredEffect> Effects)
{
    /// <summary>The turn that planned these effects, when it is not committed yet.</summary>
    public DecidedTurn? Turn { get; init; }

    /// <summary>Called when the turn is committed.</summary>
    public Action? Decided { get; init; }

    /// <summary>Asked with the last commit: whether the conversation may be given back with it.</summary>
    public required Func<bool> MayGiveBack { get; init; }
}

/// <summary>What became of a conversation's effects in one go.</summary>
internal abstract record Delivery
{
    /// <summary>All are in a final state.</summary>
    /// <param name="Released">The answer to giving the conversation back with the last commit; null when that was not asked for.</param>
    public sealed record Ended(ReleaseResult? Released) : Delivery;

    /// <summary>To be taken up again after a pause; the conversation waits, others go on.</summary>
    public sealed record Later(TimeSpan Pause) : Delivery;

    /// <summary>The claim is lost: stop.</summary>
    public sealed record Lost : Delivery;
}

/// <summary>
/// Sends the effects of a conversation, one after the other. The four rules against double replies: "sending" is committed with the claim just
/// before each attempt; the permit's time is checked after a connection slot is held; an ambiguous send settles before it is judged; and it is judged by the
/// echo of its marker before anything is repeated. What stays unknown is decided by the bot's <c>inDoubt</c> policy.
/// </summary>
internal sealed partial class Outbox(
    IEventStore store, ChatApi chat, ChatReconciler reconciler, IActionCatalog actions, ICodeSenders codes, ILiveConfiguration configuration,
    RouterTelemetry telemetry, TimeProvider clock, ILogger<Outbox> logger) : IDisposable
{
    private static readonly TimeSpan _longestPause = TimeSpan.FromMinutes(1);

    /// <summary>How long a chat that does not answer is asked what became of a send.</summary>
    private static readonly TimeSpan _longestDoubt = TimeSpan.FromMinutes(10);

    /// <summary>Attempts beyond <c>engine.sendAttempts</c> while the chat is not reached: about an hour, at a minute each.</summary>
    private const int OutageAttempts = 60;

    /// <summary>Attempts on what the rest goes on without.</summary>
    private const int DispensableAttempts = 3;

    /// <summary>
    /// A human's word waits two seconds for a send that may be on the wire before it is acknowledged. A send that has not begun well within that time asks
    /// again, so that none begins after the acknowledgement.
    /// </summary>
    private static readonly TimeSpan _beginWithin = TimeSpan.FromSeconds(1.5);
    private readonly SendSlots _slots = new(Math.Max(1, configuration.Current.Options.Chat.MaxConnections), clock);

    /// <summary>Of their own: slow backends must not keep the words of others from the chat.</summary>
    private readonly SendSlots _backends = new(FulfillmentHttp.Connections, clock);

    public async Task<Delivery> DeliverAsync(Outgoing run, CancellationToken cancellationToken)
    {
        // What the next commit takes along: the end of one effect and the beginning of the next are one transaction.
        var pending = new ConversationStep { Turn = run.Turn };
        Action? count = null;
        foreach (var stored in run.Effects)
        {
            Fate? fate = null;
            if (stored.State == EffectState.Sending)
            {
                if (!await FlushAsync())
                {
                    return new Delivery.Lost();
                }

                fate = await JudgeAsync(run, stored, cancellationToken);
            }

            if (fate is null)
            {
                var slots = stored.Effect is CallAction or SendCode ? _backends : _slots;
                var place = slots.TryTake();
                if (place is null)
                {
                    if (!await FlushAsync())
                    {
                        return new Delivery.Lost();
                    }

                    place = await slots.TakeAsync(cancellationToken);
                }

                using (place)
                {
                    var asked = clock.GetTimestamp();
                    var permit = (await CommitAsync(new BeginSend(stored.Key, GateOf(stored.Effect, run.State), run.State.Facts.ResumedAt))).Permit!;
                    // What no customer sees may begin as long as the conversation is ours: it can take more than one call.
                    var limit = !stored.Effect.Public || permit.ValidFor < _beginWithin ? permit.ValidFor : _beginWithin;
                    switch (permit.Verdict)
                    {
                        case SendVerdict.ClaimLost:
                            return new Delivery.Lost();
                        case SendVerdict.AlreadyDone:
                            fate = Ends(stored, EffectState.Done, "receipt");
                            break;
                        case SendVerdict.Stale:
                            fate = Ends(stored, EffectState.Dropped, "dropped", $"stale: {Kebab.Of(permit.Signal)}");
                            break;
                        default:
                            await place.EnterAsync(cancellationToken);
                            CrashPoint.Hit("before-send");
                            if (clock.GetElapsedTime(asked) >= limit)
                            {
                                // Paused meanwhile, or no connection came free. Nothing was sent: it is planned again, unless another replica holds the conversation by now.
                                LogPermitExpired();
                                fate = Again(stored, EffectState.Planned, "permit-expired", TimeSpan.Zero);
                                break;
                            }

                            fate = await SendAsync(run, stored, asked + (long)(limit.TotalSeconds * clock.TimestampFrequency), cancellationToken);
                            break;
                    }
                }
            }

            pending = pending with { Ended = fate.Outcome };
            switch (fate)
            {
                case Fate.Ends ends:
                    count = () => telemetry.EffectEnded(Effect.KindOf(stored.Effect), ends.Word);
                    break;
                case Fate.Waits waits:
                    return await FlushAsync() ? Waiting(stored, waits) : new Delivery.Lost();
                case Fate.IsParked parked:
                    if (!await FlushAsync() || !await store.FailEventAsync(run.Claim, stored.EventSequence, parked.Reason, park: true, cancellationToken))
                    {
                        return new Delivery.Lost();
                    }

                    telemetry.Parked("chat");

                    // Released at once: the effects behind this one wait with it, newer events go on.
                    return new Delivery.Later(TimeSpan.Zero);
            }
        }

        var last = await CommitAsync(giveBack: run.MayGiveBack() ? new GiveBack() : null);
        return last.Held ? new Delivery.Ended(last.Released) : new Delivery.Lost();

        async Task<bool> FlushAsync() => pending is { Turn: null, Ended: null } || (await CommitAsync()).Held;

        async Task<StepResult> CommitAsync(BeginSend? begin = null, GiveBack? giveBack = null)
        {
            var step = pending with { Begin = begin, GiveBack = giveBack };
            if (step is { Turn: null, Ended: null, Begin: null, GiveBack: null })
            {
                return new StepResult(true, null, null);
            }

            // With the conversation given back its next holder may come before the answer, and would cancel this run.
            var result = await store.StepAsync(run.Claim, step, giveBack is null ? cancellationToken : CancellationToken.None);
            pending = new ConversationStep();
            if (!result.Held)
            {
                return result;
            }

            if (step.Turn is not null)
            {
                CrashPoint.Hit("after-decide");
                run.Decided?.Invoke();
            }

            if (count is not null)
            {
                CrashPoint.Hit("after-done");
                count();
                count = null;
            }

            return result;
        }
    }

    public void Dispose()
    {
        _slots.Dispose();
        _backends.Dispose();
    }

    private async Task<Fate> SendAsync(Outgoing run, StoredEffect stored, long startBefore, CancellationToken cancellationToken)
    {
        var (conversation, bot, facts) = (run.Claim.Conversation, run.Bot, run.State.Facts);
        switch (stored.Effect)
        {
            case CallAction call:
                {
                    var outcome = await actions.Find(configuration.Current, call.Action).RunAsync(
                        new ActionCall(call.Arguments, call.IdempotencyKey, run.Key.Bot, run.Key.Account, facts.Contact.Id), cancellationToken);
                    CrashPoint.Hit("after-send");
                    return Ends(stored, EffectState.Done, Kebab.Of(KindOf(outcome)), followUp: InternalEvents.Completed(conversation, stored.Key, call.Action, outcome));
                }

            case SendCode code:
                return await codes.SendAsync(configuration.Current, bot, code, cancellationToken) is ActionOutcome.Done
                    ? Ends(stored, EffectState.Done, "done")
                    : Ends(
                        stored, EffectState.Failed, "not-sent", "the code could not be sent",
                        followUp: InternalEvents.Troubled(conversation, stored.Key, Kebab.Of(HandoffReason.ProofFailed), Effect.KindOf(stored.Effect)));
        }

        var result = await chat.SendAsync(bot, run.Key, stored.Key, stored.Effect, facts, cancellationToken, startBefore);
        CrashPoint.Hit("after-send");
        if (result is SendResult.Refused { Kind: ChatRefusal.Invalid } && stored.Effect is SendMessage { ContentType: not "text" } rich)
        {
            // The words matter more than the form: what this version or channel does not take goes out as plain text.
            result = await chat.SendAsync(bot, run.Key, stored.Key, new SendMessage(rich.Content), facts, cancellationToken, startBefore);
        }

        return FateOf(run, stored, result);
    }

    private Fate FateOf(Outgoing run, StoredEffect stored, SendResult result)
    {
        var bot = run.Bot;
        var engine = configuration.Current.Options.Engine;
        var mayRepeat = stored.Attempts + 1 < engine.SendAttempts;
        switch (result)
        {
            case SendResult.Done done:
                return Ends(stored, EffectState.Done, "done", remoteId: done.RemoteId);
            case SendResult.Skipped skipped:
                return Ends(stored, EffectState.Done, "skipped", skipped.Reason);
            case SendResult.NotApplied gone:
                return RepeatOrGiveUp(gone.Reason, gone.Outage, gone.RetryAfter);
            case SendResult.Refused { Kind: var kind } refused when IsRepairable(kind, stored.Effect):
                if (!mayRepeat)
                {
                    return Park(stored, refused.Detail);
                }

                LogRefused(bot.Name, Effect.KindOf(stored.Effect), refused.Detail);
                return Again(stored, EffectState.Planned, refused.Detail, PauseAfter(stored.Attempts + 3));
            case SendResult.Refused refused:
                LogRefused(bot.Name, Effect.KindOf(stored.Effect), refused.Detail);
                return Ends(
                    stored, EffectState.Failed, "refused", refused.Detail,
                    // A customer who gets no answer gets a colleague; a handoff opens the conversation by itself.
                    followUp: stored.Effect is SendMessage && run.State.Session.Handoff is null
                        ? InternalEvents.Troubled(run.Claim.Conversation, stored.Key, Kebab.Of(HandoffReason.Unsupported), Effect.KindOf(stored.Effect))
                        : null);
            case SendResult.InDoubt doubt when stored.Effect.Idempotent:
                return RepeatOrGiveUp(doubt.Reason, doubt.Outage, null);
            case SendResult.InDoubt doubt:
                return Again(stored, EffectState.Sending, doubt.Reason, engine.Settle);
            default:
                throw new System.Diagnostics.UnreachableException();
        }

        Fate RepeatOrGiveUp(string reason, bool outage, TimeSpan? retryAfter)
        {
            var limit = outage ? engine.SendAttempts + OutageAttempts
                : stored.Effect.Dispensable ? Math.Min(engine.SendAttempts, DispensableAttempts)
                : engine.SendAttempts;
            return stored.Attempts + 1 < limit ? Again(stored, EffectState.Planned, reason, retryAfter ?? PauseAfter(stored.Attempts))
                : stored.Effect.Dispensable ? Ends(stored, EffectState.Failed, "given-up", reason)
                : Park(stored, reason);
        }
    }

    /// <summary>An effect found in "sending": its last attempt's outcome is not known. Null means: attempt it (again).</summary>
    private async Task<Fate?> JudgeAsync(Outgoing run, StoredEffect stored, CancellationToken cancellationToken)
    {
        const string unknown = "it is not known whether this was sent";
        var conversation = run.Claim.Conversation;
        switch (stored.Effect)
        {
            case { Idempotent: true }:
                return null;
            case CallAction call:
                telemetry.Reconciled("action-in-doubt");
                return Ends(
                    stored, EffectState.Undecided, "in-doubt", "the process ended while the action ran",
                    followUp: InternalEvents.Completed(conversation, stored.Key, call.Action, new ActionOutcome.InDoubt(LookupFailure.Faulted)));
            case SendCode:
                // The customer asks again if it did not come; a second code would make the first one void.
                return Ends(stored, EffectState.Undecided, "in-doubt");
        }

        var settle = configuration.Current.Options.Engine.Settle;
        var since = stored.SinceSent ?? TimeSpan.Zero;
        if (since < settle)
        {
            return new Fate.Waits(null, null, settle - since + TimeSpan.FromMilliseconds(50));
        }

        var finding = await reconciler.FindAsync(run.Bot, run.Key, stored.Key, stored.Effect, since, cancellationToken);
        switch (finding)
        {
            case Reconciliation.Found found:
                telemetry.Reconciled("found");
                return Ends(stored, EffectState.Done, "reconciled", remoteId: found.RemoteId);
            case Reconciliation.Absent:
                telemetry.Reconciled("absent");
                return null;
            case Reconciliation.NotNow when since < _longestDoubt:
                // An outage: a handoff could not be carried out now either, and once the chat is back it can be asked.
                telemetry.Reconciled("not-now");
                return new Fate.Waits(null, null, since / 4 < _longestPause ? since / 4 + TimeSpan.FromSeconds(1) : _longestPause);
        }

        // A note that is there twice troubles nobody; one that is missing costs a colleague the whole story. Once only: a chat that fails on it holds up the rest.
        var policy = stored switch
        {
            _ when run.Bot.Options.InDoubt == InDoubtPolicy.Drop => InDoubtPolicy.Drop,
            { Effect: SendPrivateNote } => stored.Attempts < 2 ? InDoubtPolicy.Resend : InDoubtPolicy.Drop,
            _ when run.Bot.Options.InDoubt == InDoubtPolicy.Resend && stored.Attempts >= configuration.Current.Options.Engine.SendAttempts => InDoubtPolicy.Handoff,
            _ => run.Bot.Options.InDoubt,
        };
        telemetry.Reconciled($"policy-{Kebab.Of(policy)}");
        return policy switch
        {
            InDoubtPolicy.Resend => null,
            InDoubtPolicy.Handoff => Ends(
                stored, EffectState.Undecided, "in-doubt", unknown,
                followUp: InternalEvents.Troubled(conversation, stored.Key, Kebab.Of(HandoffReason.InDoubt), Effect.KindOf(stored.Effect))),
            _ => Ends(stored, EffectState.Undecided, "in-doubt", unknown),
        };
    }

    private Delivery.Later Waiting(StoredEffect stored, Fate.Waits waits)
    {
        if (waits.Reason is { } reason)
        {
            LogAgain(Effect.KindOf(stored.Effect), reason, waits.Pause);
        }

        return new Delivery.Later(waits.Pause);
    }

    private static Fate.Ends Ends(StoredEffect stored, EffectState state, string word, string? error = null, long? remoteId = null, NewEvent? followUp = null) =>
        new(new EffectOutcome(stored.Key, state, remoteId, error, followUp), word);

    private static Fate.Waits Again(StoredEffect stored, EffectState state, string reason, TimeSpan pause) => new(new EffectOutcome(stored.Key, state, Error: reason), reason, pause);

    /// <summary>The effect keeps waiting with its event among the parked ones, where an operator sees it and can let it go on.</summary>
    private static Fate.IsParked Park(StoredEffect stored, string reason) => new(new EffectOutcome(stored.Key, EffectState.Planned, Error: reason), reason);

    /// <summary>
    /// Refusals that an operator's repair (a token, a connection) turns into success. As long as a conversation cannot be opened nobody sees the customer: that waits for
    /// an operator whatever the refusal is called, unless the conversation is gone.
    /// </summary>
    private static bool IsRepairable(ChatRefusal kind, Effect effect) =>
        kind is not (ChatRefusal.NotFound or ChatRefusal.Invalid or ChatRefusal.NotForBots or ChatRefusal.Gone)
        || (effect is SetStatus { Status: "open" } && kind != ChatRefusal.Gone);

    /// <summary>Doubling from 1 s to 1 min, with up to a quarter of jitter so that replicas do not knock together.</summary>
    private static TimeSpan PauseAfter(int attempts)
    {
        var pause = TimeSpan.FromSeconds(Math.Min(Math.Pow(2, Math.Min(attempts, 10)), _longestPause.TotalSeconds));
#pragma warning disable CA5394 // Jitter, not a secret.
        return pause + (pause * (Random.Shared.NextDouble() / 4));
#pragma warning restore CA5394
    }

    private static SendGate GateOf(Effect effect, ConversationState state) => effect switch
    {
        SetStatus { Status: "open" } => SendGate.Status,
        { Public: false } => SendGate.None,
        // In a handoff our own assignment is echoed before the words that announce it.
        _ when state.Session.Handoff is not null => SendGate.HumanWord,
        _ => SendGate.AnySignal,
    };

    private static ActionEnd KindOf(ActionOutcome outcome) => outcome switch
    {
        ActionOutcome.Done => ActionEnd.Done,
        ActionOutcome.Failed => ActionEnd.Failed,
        _ => ActionEnd.InDoubt,
    };

    /// <summary>What is to become of one effect.</summary>
    /// <param name="Outcome">To be committed; null when nothing changes.</param>
    private abstract record Fate(EffectOutcome? Outcome)
    {
        /// <param name="Word">What is counted.</param>
        public sealed record Ends(EffectOutcome Outcome, string Word) : Fate(Outcome);

        public sealed record Waits(EffectOutcome? Outcome, string? Reason, TimeSpan Pause) : Fate(Outcome);

        public sealed record IsParked(EffectOutcome Outcome, string Reason) : Fate(Outcome);
    }

    private enum ActionEnd
    {
        Done,
        Failed,
        InDoubt,
    }

    [LoggerMessage(6001, LogLevel.Warning, "The permit to send ran out before the request began; the effect is planned again")]
    private partial void LogPermitExpired();

    [LoggerMessage(6002, LogLevel.Error, "The chat refused {Effect} of bot {Bot}: {Detail}")]
    private partial void LogRefused(string bot, string effect, string detail);

    [LoggerMessage(6003, LogLevel.Warning, "{Effect} will be tried again in {Pause}: {Reason}")]
    private partial void LogAgain(string effect, string reason, TimeSpan pause);
}
