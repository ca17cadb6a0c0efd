using IntentRouter.Chat;
using IntentRouter.Configuration;
using IntentRouter.Conversations;
using IntentRouter.Decisions;
using IntentRouter.Diagnostics;
using IntentRouter.Fulfillment;
using IntentRouter.Storage;
using IntentRouter.Turns;

namespace IntentRouter.Inbox;

/// <summary>What became of an effect in one go.</summary>
internal abstract record Delivery
{
    /// <summary>In a final state; the next effect may go.</summary>
    public sealed record Ended : Delivery;

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

    /// <summary>
    /// A human's word waits two seconds for a send that may be on the wire before it is acknowledged. A send that has not begun well within that time asks
    /// again, so that none begins after the acknowledgement.
    /// </summary>
    private static readonly TimeSpan _beginWithin = TimeSpan.FromSeconds(1.5);
    private readonly SemaphoreSlim _slots = new(Math.Max(1, configuration.Current.Options.Chat.MaxConnections));

    public async Task<Delivery> DeliverAsync(Claim claim, ConversationKey key, Bot bot, ConversationState state, StoredEffect stored, CancellationToken cancellationToken)
    {
        if (stored.State == EffectState.Sending && await JudgeAsync(claim, key, bot, state, stored, cancellationToken) is { } judged)
        {
            return judged;
        }

        await _slots.WaitAsync(cancellationToken);
        try
        {
            var asked = clock.GetTimestamp();
            var permit = await store.BeginSendAsync(claim, new BeginSend(stored.Key, GateOf(stored.Effect, state)), cancellationToken);
            switch (permit.Verdict)
            {
                case SendVerdict.ClaimLost:
                    return new Delivery.Lost();
                case SendVerdict.AlreadyDone:
                    return await EndAsync(claim, stored, EffectState.Done, "receipt", null, cancellationToken);
                case SendVerdict.Stale:
                    return await EndAsync(claim, stored, EffectState.Dropped, "dropped", $"stale: {Kebab.Of(permit.Signal)}", cancellationToken);
            }

            CrashPoint.Hit("before-send");
            var limit = permit.ValidFor < _beginWithin ? permit.ValidFor : _beginWithin;
            if (clock.GetElapsedTime(asked) >= limit)
            {
                // Paused meanwhile. Nothing was sent: it is planned again, unless another replica holds the conversation by now.
                LogPermitExpired();
                return await AgainAsync(claim, stored, EffectState.Planned, "permit-expired", TimeSpan.Zero, cancellationToken);
            }

            var startBefore = asked + (long)(limit.TotalSeconds * clock.TimestampFrequency);
            return await SendAsync(claim, key, bot, state, stored, startBefore, cancellationToken);
        }
        finally
        {
            _slots.Release();
        }
    }

    public void Dispose() => _slots.Dispose();

    private async Task<Delivery> SendAsync(Claim claim, ConversationKey key, Bot bot, ConversationState state, StoredEffect stored, long startBefore, CancellationToken cancellationToken)
    {
        switch (stored.Effect)
        {
            case CallAction call:
                {
                    var outcome = await actions.Find(configuration.Current, call.Action).RunAsync(
                        new ActionCall(call.Arguments, call.IdempotencyKey, key.Bot, key.Account, state.Facts.Contact.Id), cancellationToken);
                    CrashPoint.Hit("after-send");
                    return await EndAsync(
                        claim, stored, EffectState.Done, Kebab.Of(KindOf(outcome)), null, cancellationToken,
                        followUp: InternalEvents.Completed(claim.Conversation, stored.Key, call.Action, outcome));
                }

            case SendCode code:
                {
                    var sent = await codes.SendAsync(configuration.Current, bot, code, cancellationToken) is ActionOutcome.Done;
                    return await EndAsync(
                        claim, stored, sent ? EffectState.Done : EffectState.Failed, sent ? "done" : "failed", sent ? null : "the code could not be sent", cancellationToken,
                        followUp: sent ? null : InternalEvents.Troubled(claim.Conversation, stored.Key, Kebab.Of(HandoffReason.ProofFailed), Effect.KindOf(stored.Effect)));
                }
        }

        var result = await chat.SendAsync(bot, key, stored.Key, stored.Effect, state.Facts, cancellationToken, startBefore);
        CrashPoint.Hit("after-send");
        if (result is SendResult.Refused { Kind: ChatRefusal.Invalid } && stored.Effect is SendMessage { ContentType: not "text" } rich)
        {
            // The words matter more than the form: what this version or channel does not take goes out as plain text.
            result = await chat.SendAsync(bot, key, stored.Key, new SendMessage(rich.Content), state.Facts, cancellationToken, startBefore);
        }

        return await SettleAsync(claim, bot, stored, result, cancellationToken);
    }

    private async Task<Delivery> SettleAsync(Claim claim, Bot bot, StoredEffect stored, SendResult result, CancellationToken cancellationToken)
    {
        var engine = configuration.Current.Options.Engine;
        switch (result)
        {
            case SendResult.Done done:
                return await EndAsync(claim, stored, EffectState.Done, "done", null, cancellationToken, remoteId: done.RemoteId);
            case SendResult.Skipped skipped:
                return await EndAsync(claim, stored, EffectState.Done, "skipped", skipped.Reason, cancellationToken);
            case SendResult.NotApplied wait when stored.Attempts + 1 < engine.SendAttempts:
                return await AgainAsync(claim, stored, EffectState.Planned, wait.Reason, wait.RetryAfter ?? PauseAfter(stored.Attempts), cancellationToken);
            case SendResult.Refused { Kind: var kind } refused when IsRepairable(kind) && stored.Attempts + 1 < engine.SendAttempts:
                LogRefused(bot.Name, Effect.KindOf(stored.Effect), refused.Detail);
                return await AgainAsync(claim, stored, EffectState.Planned, refused.Detail, PauseAfter(stored.Attempts + 3), cancellationToken);
            case SendResult.NotApplied gone:
                return await ParkAsync(claim, stored, gone.Reason, cancellationToken);
            case SendResult.Refused { Kind: var kind } refused when IsRepairable(kind):
                return await ParkAsync(claim, stored, refused.Detail, cancellationToken);
            case SendResult.Refused refused:
                LogRefused(bot.Name, Effect.KindOf(stored.Effect), refused.Detail);
                return await EndAsync(claim, stored, EffectState.Failed, "refused", refused.Detail, cancellationToken);
            case SendResult.InDoubt doubt when stored.Effect.Idempotent:
                return stored.Attempts + 1 < engine.SendAttempts
                    ? await AgainAsync(claim, stored, EffectState.Planned, doubt.Reason, PauseAfter(stored.Attempts), cancellationToken)
                    : await ParkAsync(claim, stored, doubt.Reason, cancellationToken);
            case SendResult.InDoubt doubt:
                return await AgainAsync(claim, stored, EffectState.Sending, doubt.Reason, engine.Settle, cancellationToken);
            default:
                throw new System.Diagnostics.UnreachableException();
        }
    }

    /// <summary>An effect found in "sending": its last attempt's outcome is not known. Null means: attempt it (again).</summary>
    private async Task<Delivery?> JudgeAsync(Claim claim, ConversationKey key, Bot bot, ConversationState state, StoredEffect stored, CancellationToken cancellationToken)
    {
        switch (stored.Effect)
        {
            case { Idempotent: true }:
                return null;
            case CallAction call:
                telemetry.Reconciled("action-in-doubt");
                return await EndAsync(
                    claim, stored, EffectState.Undecided, "in-doubt", "the process ended while the action ran", cancellationToken,
                    followUp: InternalEvents.Completed(claim.Conversation, stored.Key, call.Action, new ActionOutcome.InDoubt(LookupFailure.Faulted)));
            case SendCode:
                // The customer asks again if it did not come; a second code would make the first one void.
                return await EndAsync(claim, stored, EffectState.Undecided, "in-doubt", null, cancellationToken);
        }

        var settle = configuration.Current.Options.Engine.Settle;
        var since = stored.SinceSent ?? TimeSpan.Zero;
        if (since < settle)
        {
            return new Delivery.Later(settle - since + TimeSpan.FromMilliseconds(50));
        }

        var finding = await reconciler.FindAsync(bot, key, stored.Key, stored.Effect, since, cancellationToken);
        switch (finding)
        {
            case Reconciliation.Found found:
                telemetry.Reconciled("found");
                return await EndAsync(claim, stored, EffectState.Done, "reconciled", null, cancellationToken, remoteId: found.RemoteId);
            case Reconciliation.Absent:
                telemetry.Reconciled("absent");
                return null;
            case Reconciliation.NotNow when since < _longestDoubt:
                // An outage: a handoff could not be carried out now either, and once the chat is back it can be asked.
                telemetry.Reconciled("not-now");
                return new Delivery.Later(since / 4 < _longestPause ? since / 4 + TimeSpan.FromSeconds(1) : _longestPause);
        }

        telemetry.Reconciled($"policy-{Kebab.Of(bot.Options.InDoubt)}");
        return bot.Options.InDoubt switch
        {
            InDoubtPolicy.Resend => null,
            InDoubtPolicy.Handoff => await EndAsync(
                claim, stored, EffectState.Undecided, "in-doubt", "it is not known whether this was sent", cancellationToken,
                followUp: InternalEvents.Troubled(claim.Conversation, stored.Key, Kebab.Of(HandoffReason.InDoubt), Effect.KindOf(stored.Effect))),
            _ => await EndAsync(claim, stored, EffectState.Undecided, "in-doubt", "it is not known whether this was sent", cancellationToken),
        };
    }

    private async Task<Delivery> EndAsync(
        Claim claim, StoredEffect stored, EffectState state, string outcome, string? error, CancellationToken cancellationToken, long? remoteId = null, NewEvent? followUp = null)
    {
        if (!await store.EndSendAsync(claim, new EffectOutcome(stored.Key, state, remoteId, error, followUp), cancellationToken))
        {
            return new Delivery.Lost();
        }

        CrashPoint.Hit("after-done");
        telemetry.EffectEnded(Effect.KindOf(stored.Effect), outcome);
        return new Delivery.Ended();
    }

    private async Task<Delivery> AgainAsync(Claim claim, StoredEffect stored, EffectState state, string reason, TimeSpan pause, CancellationToken cancellationToken)
    {
        if (!await store.EndSendAsync(claim, new EffectOutcome(stored.Key, state, Error: reason), cancellationToken))
        {
            return new Delivery.Lost();
        }

        LogAgain(Effect.KindOf(stored.Effect), reason, pause);
        return new Delivery.Later(pause);
    }

    /// <summary>The effect keeps waiting with its event among the parked ones, where an operator sees it and can let it go on.</summary>
    private async Task<Delivery> ParkAsync(Claim claim, StoredEffect stored, string reason, CancellationToken cancellationToken)
    {
        if (!await store.EndSendAsync(claim, new EffectOutcome(stored.Key, EffectState.Planned, Error: reason), cancellationToken)
            || !await store.FailEventAsync(claim, stored.EventSequence, reason, park: true, cancellationToken))
        {
            return new Delivery.Lost();
        }

        telemetry.Parked("chat");
        // Released at once: the effects behind this one wait with it, newer events go on.
        return new Delivery.Later(TimeSpan.Zero);
    }

    /// <summary>Refusals that an operator's repair (a token, a connection) turns into success.</summary>
    private static bool IsRepairable(ChatRefusal kind) => kind is not (ChatRefusal.NotFound or ChatRefusal.Invalid or ChatRefusal.NotForBots);

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

    private enum ActionEnd
    {
        Done,
        Failed,
        InDoubt,
    }

    [LoggerMessage(6001, LogLevel.Warning, "The send permit ran out before the request began; the effect is planned again")]
    private partial void LogPermitExpired();

    [LoggerMessage(6002, LogLevel.Error, "The chat refused {Effect} of bot {Bot}: {Detail}")]
    private partial void LogRefused(string bot, string effect, string detail);

    [LoggerMessage(6003, LogLevel.Warning, "{Effect} is tried again in {Pause}: {Reason}")]
    private partial void LogAgain(string effect, string reason, TimeSpan pause);
}
