using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using IntentRouter.Configuration;
using IntentRouter.Conversations;
using IntentRouter.Decisions;
using IntentRouter.Diagnostics;
using IntentRouter.Storage;
using IntentRouter.Turns;
using IntentRouter.Webhooks;
using MediatR;

namespace IntentRouter.Inbox;

/// <summary>
/// Works off one conversation, strictly in order: finishes open effects, then takes the next event (or a burst of messages), commits what its handler
/// decided, sends the effects, and goes on until nothing is left. Every commit checks the claim; a lost claim ends the run without a trace.
/// </summary>
internal sealed partial class ConversationRunner(
    IEventStore store, IMediator mediator, Outbox outbox, TypingBubble bubble, ILiveConfiguration configuration, RouterTelemetry telemetry, TimeProvider clock, ILogger<ConversationRunner> logger)
{
    private const int MaxEventsAtOnce = 100;
    private const int MaxBurst = 20;
    private static readonly TimeSpan[] _pauses = [TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(30)];

    public async Task RunAsync(Claim claim, ConversationRunners.Entry entry, Func<bool> draining, CancellationToken cancellationToken)
    {
        var key = ConversationKey.Parse(claim.Conversation);
        while (true)
        {
            if ((entry.TakeLoaded()?.Parse() ?? await LoadAsync(claim, entry, cancellationToken)) is not { } loaded)
            {
                return;
            }

            CrashPoint.Hit("loaded");
            ReleaseResult? released = null;
            var state = loaded.State ?? new ConversationState();
            if (!configuration.Current.Bots.TryGetValue(key.Bot, out var bot))
            {
                // The bot was taken out of the configuration: its events wait, parked, for it or for an operator.
                foreach (var orphan in loaded.Events)
                {
                    await store.FailEventAsync(claim, orphan.Sequence, "bot-not-configured", park: true, cancellationToken);
                }
            }
            else
            {
                var step = await StepAsync(claim, key, bot, state, loaded, entry, draining, cancellationToken);
                released = step.Released;
                if (step.Lost)
                {
                    return;
                }

                if (step.Pause is { } pause)
                {
                    if (await store.ReleaseAsync(claim, pause, cancellationToken) != ReleaseResult.MoreWork)
                    {
                        return;
                    }

                    // Something came while this was going wrong, perhaps the very echo that ends the wait.
                    if (!draining())
                    {
                        continue;
                    }
                }

                // What came meanwhile keeps the release from happening; what is known already needs no such try.
                if (step.Worked && released is null && !draining() && (step.MoreKnown || entry.More.IsCompleted))
                {
                    continue;
                }
            }

            switch (released ?? await store.ReleaseAsync(claim, null, cancellationToken))
            {
                case ReleaseResult.Released or ReleaseResult.ClaimLost:
                    CrashPoint.Hit("released");
                    return;
                case ReleaseResult.MoreWork when draining():
                    // For another replica, at once.
                    await store.ReleaseAsync(claim, TimeSpan.Zero, cancellationToken);
                    return;
            }
        }
    }

    private Task<LoadedConversation?> LoadAsync(Claim claim, ConversationRunners.Entry entry, CancellationToken cancellationToken)
    {
        entry.Rearm();
        return store.LoadAsync(claim, MaxEventsAtOnce, cancellationToken);
    }

    private async Task<Step> StepAsync(
        Claim claim, ConversationKey key, Bot bot, ConversationState state, LoadedConversation loaded, ConversationRunners.Entry entry, Func<bool> draining, CancellationToken cancellationToken)
    {
        var open = loaded.Events.Where(e => !e.Decided).ToList();
        if (loaded.Effects.Count > 0)
        {
            // An action's outcome or a trouble may have been put in front meanwhile.
            var run = new Outgoing(claim, key, bot, state, loaded.Effects) { MayGiveBack = () => MayGiveBack(open.Count > 0) };
            return Step.From(await outbox.DeliverAsync(run, cancellationToken)) with { MoreKnown = open.Count > 0 };
        }

        if (open.Count == 0)
        {
            return Step.Nothing;
        }

        var events = TakeTurn(open);
        if (events[0].Event is { } first && IsCustomerWord(first) && bot.Options.Session.Burst > TimeSpan.Zero && events.Count < MaxBurst && !draining())
        {
            var gathered = await GatherBurstAsync(claim, bot, state, events, entry, cancellationToken);
            if (gathered is null)
            {
                return Step.Gone;
            }

            events = gathered;
        }

        try
        {
            var more = open.Count > events.Count;
            var step = await TurnAloneIfSuspectAsync(claim, key, bot, state, events, entry, () => MayGiveBack(more), cancellationToken);
            if (step.Lost)
            {
                await store.WithdrawAttemptAsync(claim.Conversation, events[0].Stored.Sequence, cancellationToken);
            }

            return step with { MoreKnown = more };
        }
        catch (OperationCanceledException) when (!draining())
        {
            // The claim was lost meanwhile, and the event accused of it.
            await store.WithdrawAttemptAsync(claim.Conversation, events[0].Stored.Sequence, CancellationToken.None);
            throw;
        }

        bool MayGiveBack(bool moreKnown) => draining() || !(moreKnown || entry.More.IsCompleted);
    }

    private async Task<Step> TurnAloneIfSuspectAsync(
        Claim claim, ConversationKey key, Bot bot, ConversationState state, List<TurnEvent> events, ConversationRunners.Entry entry, Func<bool> mayGiveBack,
        CancellationToken cancellationToken)
    {
        if (events[0].Stored.Attempts < Suspicion.AloneFrom(configuration.Current.Options.Engine))
        {
            return await TurnAsync(claim, key, bot, state, events, mayGiveBack, cancellationToken);
        }

        await entry.Suspects.WaitAsync(cancellationToken);
        try
        {
            return await store.BeginHandlingAsync(claim, events[0].Stored.Sequence, cancellationToken)
                ? await TurnAsync(claim, key, bot, state, events, mayGiveBack, cancellationToken)
                : Step.Gone;
        }
        finally
        {
            entry.Suspects.Release();
        }
    }

    /// <summary>Waits until the customer has been quiet for the burst time, at most five times that.</summary>
    private async Task<List<TurnEvent>?> GatherBurstAsync(
        Claim claim, Bot bot, ConversationState state, List<TurnEvent> events, ConversationRunners.Entry entry, CancellationToken cancellationToken)
    {
        var began = clock.GetTimestamp();
        var burst = bot.Options.Session.Burst;
        while (events.Count < MaxBurst && clock.GetElapsedTime(began) < 5 * burst)
        {
            var quiet = Task.Delay(burst, clock, cancellationToken);
            if (await Task.WhenAny(entry.More, quiet) == quiet)
            {
                await quiet;
                return events;
            }

            if (await LoadAsync(claim, entry, cancellationToken) is not { } loaded)
            {
                return null;
            }

            var taken = TakeTurn([.. loaded.Events.Where(e => !e.Decided)]);
            if (taken.Count == 0 || !(taken[0].Event is { } first && IsCustomerWord(first)))
            {
                return events;
            }

            events = taken;
        }

        return events;
    }

    private async Task<Step> TurnAsync(
        Claim claim, ConversationKey key, Bot bot, ConversationState state, List<TurnEvent> events, Func<bool> mayGiveBack, CancellationToken cancellationToken)
    {
        var last = events[^1].Stored;
        var began = clock.GetTimestamp();
        ActivityContext.TryParse(last.TraceParent, null, isRemote: true, out var parent);
        // Words that came before the last one and are answered with it keep their own delivery's trace.
        var earlier = events.SkipLast(1).Select(e => ActivityContext.TryParse(e.Stored.TraceParent, null, isRemote: true, out var context) ? context : default).Where(c => c != default);
        using var activity = RouterTelemetry.Source.StartActivity("turn", ActivityKind.Consumer, parent, links: earlier.Select(c => new ActivityLink(c)));
        activity?.SetTag("intentrouter.bot", bot.Name);
        activity?.SetTag("intentrouter.event", last.Kind);
        telemetry.Waited(clock.GetUtcNow() - events[0].Stored.ReceivedAt);
        var engine = configuration.Current.Options.Engine;

        var cutOff = events[0].Stored.Attempts;
        if (cutOff >= Suspicion.Limit(engine))
        {
            // Attempts that ended with their process, as this one would.
            LogEndsProcesses(last.Kind, cutOff);
            return await PoisonAsync(claim, events, "process-ended", cutOff, engine.Attempts, cancellationToken);
        }

        var context = new TurnContext(key, bot, configuration.Current, state, events, clock.GetUtcNow());
        using var typing = events[^1].Event is { } done && IsCustomersDoing(done) ? bubble.Begin(context) : null;
        TurnPlan plan;
        try
        {
            plan = await HandleAsync(context, cancellationToken);
        }
        catch (Exception ex) when (ex is not (OperationCanceledException or StoreUnavailableException) || (ex is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            // The type only: an exception's message may quote what it stumbled over.
            telemetry.TurnEnded(bot.Name, "none", clock.GetElapsedTime(began), ex.GetType().Name);
            activity?.SetStatus(ActivityStatusCode.Error, ex.GetType().Name);
            var attempts = events.Max(e => e.Stored.Attempts) + 1;
            LogHandlingFailed(new UnquotedException(ex), last.Kind, attempts, attempts >= engine.Attempts);
            return await PoisonAsync(claim, events, ex.GetType().Name, attempts, engine.Attempts, cancellationToken);
        }

        if (!plan.Effects.Any(effect => effect is SendMessage or CallAction))
        {
            typing?.Dispose();
        }

        CrashPoint.Hit("before-decide");
        var prefix = last.Key;
        var run = new Outgoing(
            claim,
            key,
            bot,
            plan.State,
            [.. plan.Effects.Select((effect, ordinal) => new StoredEffect(
                EffectKeys.Of(prefix, ordinal), last.Sequence, ordinal, effect, EffectState.Planned, 0, null, null, plan.State.Facts.UpdatedAt))])
        {
            Turn = new DecidedTurn([.. events.Select(e => e.Stored.Sequence)], prefix, plan.State, plan.Effects, plan.Explanation, plan.State.Facts.UpdatedAt) { Review = plan.Review },
            Decided = Decided,
            MayGiveBack = mayGiveBack,
        };
        return Step.From(await outbox.DeliverAsync(run, cancellationToken));

        void Decided()
        {
            foreach (var note in plan.Review)
            {
                telemetry.Noted(bot.Name, note.Reason);
            }

            if (plan.Explanation is { } explanation)
            {
                telemetry.TurnEnded(bot.Name, explanation.Decision, clock.GetElapsedTime(began), null);
                activity?.SetTag("intentrouter.decision", explanation.Decision);
            }
        }
    }

    private async Task<Step> PoisonAsync(Claim claim, List<TurnEvent> events, string reason, int attempts, int limit, CancellationToken cancellationToken)
    {
        var park = attempts >= limit;
        foreach (var e in events)
        {
            if (park && e.Stored.Kind != InternalEvents.TroubleKind)
            {
                // First the handoff, then the parking: a crash in between repeats both, and the key makes one of it.
                await store.AppendAsync(InternalEvents.Troubled(claim.Conversation, e.Stored.Key, Kebab.Of(HandoffReason.Poison)), cancellationToken);
            }

            if (!await store.FailEventAsync(claim, e.Stored.Sequence, reason, park, cancellationToken))
            {
                return Step.Gone;
            }

            if (park)
            {
                telemetry.Parked(reason);
            }
        }

        return park ? Step.Again : new Step(false, false, _pauses[Math.Min(attempts - 1, _pauses.Length - 1)]);
    }

    private Task<TurnPlan> HandleAsync(TurnContext context, CancellationToken cancellationToken) => context.Events[^1] switch
    {
        { Event.Kind: PlatformEventKind.MessageCreated } => mediator.Send(new HandleMessageCreated(context), cancellationToken),
        { Event.Kind: PlatformEventKind.MessageUpdated } => mediator.Send(new HandleMessageUpdated(context), cancellationToken),
        { Event.Kind: PlatformEventKind.WidgetTriggered } => mediator.Send(new HandleWidgetTriggered(context), cancellationToken),
        { Event.Kind: PlatformEventKind.ConversationChanged } => mediator.Send(new HandleConversationChanged(context), cancellationToken),
        { Stored.Kind: InternalEvents.ActionCompletedKind } => mediator.Send(new HandleActionCompleted(context), cancellationToken),
        { Stored.Kind: InternalEvents.TroubleKind } => mediator.Send(new HandleTrouble(context), cancellationToken),
        var other => throw new InvalidOperationException($"Nothing handles events of kind '{other.Stored.Kind}'."),
    };

    /// <summary>The head event, or all customer messages that follow each other at the head.</summary>
    private static List<TurnEvent> TakeTurn(List<StoredEvent> open)
    {
        var taken = new List<TurnEvent>();
        foreach (var stored in open)
        {
            var e = Read(stored);
            if (taken.Count == 0)
            {
                taken.Add(new TurnEvent(stored, e));
                if (e is null || !IsCustomerWord(e) || stored.Attempts > 0)
                {
                    // After a failed attempt each event is tried alone, so that a poison one does not take its neighbours along.
                    break;
                }
            }
            else if (e is not null && IsCustomerWord(e) && stored.Attempts == 0 && taken.Count < MaxBurst)
            {
                taken.Add(new TurnEvent(stored, e));
            }
            else
            {
                break;
            }
        }

        return taken;
    }

    private static bool IsCustomerWord(PlatformEvent e) => e is { Kind: PlatformEventKind.MessageCreated, Message.IsCustomer: true };

    private static bool IsCustomersDoing(PlatformEvent e) => IsCustomerWord(e) || e.Kind == PlatformEventKind.MessageUpdated;

    private static PlatformEvent? Read(StoredEvent stored) => PlatformEvent.KindOf(stored.Kind) == PlatformEventKind.Unknown
        ? null
        : stored.Content ?? JsonSerializer.Deserialize(stored.Payload.Span, PlatformJson.Default.PlatformEvent);

    [LoggerMessage(2001, LogLevel.Error, "An event of kind {Kind} could not be handled (attempt {Attempt}, parked: {Parked})")]
    private partial void LogHandlingFailed(Exception exception, string kind, int attempt, bool parked);

    [LoggerMessage(2002, LogLevel.Error, "An event of kind {Kind} is parked: the process ended {Attempts} times while handling it")]
    private partial void LogEndsProcesses(string kind, int attempts);

    /// <param name="MoreKnown">Whether the last look at the conversation saw more than was worked off.</param>
    /// <param name="Released">The answer to giving the conversation back with the last commit; null when that was not asked for.</param>
    private readonly record struct Step(bool Worked, bool Lost, TimeSpan? Pause, bool MoreKnown = true, ReleaseResult? Released = null)
    {
        public static Step Again => new(true, false, null);

        public static Step Nothing => new(false, false, null);

        public static Step Gone => new(false, true, null);

        public static Step From(Delivery delivery) => delivery switch
        {
            Delivery.Ended ended => Again with { Released = ended.Released },
            Delivery.Later later => new Step(false, false, later.Pause),
            _ => Gone,
        };
    }
}

/// <summary>An inbox row and what it holds.</summary>
internal sealed record TurnEvent(StoredEvent Stored, PlatformEvent? Event);

/// <summary>Everything a handler works on.</summary>
/// <param name="Events">Usually one; several when a burst of messages was merged.</param>
internal sealed record TurnContext(
    ConversationKey Conversation, Bot Bot, RouterConfiguration Configuration, ConversationState State, IReadOnlyList<TurnEvent> Events, DateTimeOffset Now)
{
    /// <summary>The key that effects of this turn are named after.</summary>
    public string TurnKey => Events[^1].Stored.Key;

    /// <summary>32 hexadecimal characters, opaque outside and deterministic: a turn that is run again after a crash names its session and its action alike.</summary>
    public string OpaqueKey => field ??= Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{Conversation}|{TurnKey}")).AsSpan(0, 16));
}
