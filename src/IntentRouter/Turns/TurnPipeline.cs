using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using IntentRouter.Conversations;
using IntentRouter.Decisions;
using IntentRouter.Diagnostics;
using IntentRouter.Dialogue;
using IntentRouter.Fulfillment;
using IntentRouter.Handoffs;
using IntentRouter.Inbox;
using IntentRouter.Nlu;
using IntentRouter.Review;
using IntentRouter.Storage;
using IntentRouter.Webhooks;

namespace IntentRouter.Turns;

/// <summary>One turn, from what the customer did to what is to be committed: understand → decide → fulfil → compose.</summary>
internal sealed class TurnPipeline(
    AdapterChain adapters, ILookupCatalog lookups, IEventStore store, RouterTelemetry telemetry, TimeProvider clock)
{
    /// <summary>Area of the counters of wrong proofs: one for each contact, and for each value that was tried.</summary>
    private const string ProofFailures = "proof-failures";

    /// <summary>Area of the counters of one-time codes, one for each address.</summary>
    private const string CodesSent = "codes-sent";

    /// <summary>A value may be tried out as often as so many contacts may fail.</summary>
    private const int MostContactsOfGuesses = 3;

    public async Task<TurnPlan> RunAsync(TurnContext context, ConversationState observed, CustomerInput input, CancellationToken cancellationToken)
    {
        var began = clock.GetTimestamp();
        var desk = ReviewPolicy.OfDesk(context.Bot, context.State, observed, context.Now);
        var state = SessionKeeper.Begin(observed with { Session = observed.Session with { Spoken = desk.Spoken } }, context);
        var question = new DecisionInput
        {
            Bot = context.Bot,
            Account = context.Conversation.Account,
            State = state,
            Input = input,
            Now = context.Now,
            Language = LanguageChooser.Choose(context.Bot, state, input.Text),
            ContactProofFailures = await ProofFailuresAsync(context, state, cancellationToken),
            ExplanationUrl = ConsoleAddress.Of(context.Configuration.Options.Management, context.Conversation),
        };

        using var budget = new CancellationTokenSource(context.Bot.Options.Session.TurnBudget, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(budget.Token, cancellationToken);
        Decision decision;
        Fulfilment? fulfilment = null;
        try
        {
            if (DecisionPolicy.NeedsUnderstanding(question))
            {
                question = question with { Heard = await UnderstandAsync(context, question, began, either.Token) };
            }

            decision = DecisionPolicy.Decide(question);
            if (await IsGuessedAtAsync(context, decision, cancellationToken))
            {
                decision = new Decision.HandOff(HandoffReason.ProofFailed, decision.About?.Intent);
            }

            fulfilment = await FulfilAsync(context, question, decision, began, either.Token);
        }
        catch (OperationCanceledException) when (budget.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            decision = new Decision.HandOff(HandoffReason.BudgetSpent, null);
        }

        var composed = TurnComposer.Compose(question, decision, fulfilment);
        await CountProofAsync(context, state, composed, decision, cancellationToken);
        var plan = Finish(context, question, decision, fulfilment, composed, began);
        var review = ReviewPolicy.OfTurn(question, decision, context.TurnKey);
        return plan with
        {
            State = plan.State with { Session = plan.State.Session with { Spoken = review.Spoken } },
            Review = [.. desk.Notes, .. review.Notes],
        };
    }

    /// <summary>A human spoke in public: whether that was what had been suggested to them. Only the share is kept, none of the words.</summary>
    public TurnPlan Overhear(TurnContext context, ConversationState state)
    {
        var plan = SessionKeeper.NothingSaid(context, state);
        var reply = context.Events.Select(e => e.Event?.Message).FirstOrDefault(m => m is { Author: Author.Human, Private: false, Type: "outgoing", Content.Length: > 0 });
        if (reply is null || state.Session.Suggested is not { } suggested)
        {
            return plan;
        }

        var share = suggested.ShareIn(reply.Content!);
        var use = Suggestion.UseOf(share);
        telemetry.Suggested(context.Bot.Name, Kebab.Of(use));
        return plan with
        {
            State = plan.State with { Session = plan.State.Session with { Suggested = null } },
            Explanation = new TurnExplanation
            {
                Turn = context.TurnKey,
                At = context.Now,
                MessageId = reply.Id,
                Decision = $"suggestion-{Kebab.Of(use)}",
                Reason = string.Create(CultureInfo.InvariantCulture, $"the agent's reply holds {share:P0} of the words that were suggested"),
                Configuration = context.Configuration.Version,
            },
        };
    }

    /// <summary>What the customer is told once an action has ended.</summary>
    public TurnPlan ConcludeAction(TurnContext context)
    {
        var began = clock.GetTimestamp();
        var question = Aside(context);
        var completed = JsonSerializer.Deserialize(context.Events[^1].Stored.Payload.Span, InternalJson.Default.ActionCompleted)
            ?? throw new JsonException("An action's outcome could not be read.");
        if (question.State.Session.Active is not { ActionKey: not null } route)
        {
            // The session ended meanwhile (resolved, pushed back); the action's record stays with its effect.
            return TurnPlan.Nothing(question.State);
        }

        var composed = TurnComposer.ConcludeAction(question, route, completed.ToOutcome());
        return Finish(context, question, new Decision.Fulfil(route), null, composed, began);
    }

    /// <summary>The handoff after something went wrong that is not the conversation's fault.</summary>
    public TurnPlan HandOffTrouble(TurnContext context)
    {
        var began = clock.GetTimestamp();
        var trouble = JsonSerializer.Deserialize(context.Events[^1].Stored.Payload.Span, InternalJson.Default.Trouble);
        var reason = Kebab.TryParse<HandoffReason>(trouble?.Reason ?? "", out var known) ? known : HandoffReason.Poison;
        var question = Aside(trouble?.Seen is { } seen ? context with { State = context.State with { Facts = FactsReducer.Apply(context.State.Facts, seen) } } : context);
        // A customer whom a human left waiting in pending is hidden from the desk: that one is opened, without a word.
        if (question.State.Facts is { Status: not (null or "pending") } || (question.State.Facts.HumanSteppedIn && reason != HandoffReason.Stranded))
        {
            return TurnPlan.Nothing(question.State);
        }

        var decision = new Decision.HandOff(reason, null);
        var composed = TurnComposer.Compose(question, decision, null);
        if (reason == HandoffReason.InDoubt && question.State.Session.Handoff is not null)
        {
            // It is the handoff's own words that may be missing: the desk has the conversation already, and the customer is not told twice.
            composed = composed with { Effects = [.. composed.Effects.Where(e => e is SendPrivateNote)], Session = composed.Session with { Handoff = question.State.Session.Handoff } };
        }

        return Finish(context, question, decision, null, composed, began);
    }

    private static DecisionInput Aside(TurnContext context)
    {
        var state = SessionKeeper.Begin(context.State, context);
        return new DecisionInput
        {
            Bot = context.Bot,
            Account = context.Conversation.Account,
            State = state,
            Input = new CustomerInput { Kind = CustomerInputKind.Message, MessageId = state.Facts.LastCustomerMessageId },
            Now = context.Now,
            Language = state.Session.Language ?? LanguageChooser.Choose(context.Bot, state, ""),
            ExplanationUrl = ConsoleAddress.Of(context.Configuration.Options.Management, context.Conversation),
        };
    }

    private async Task<Heard> UnderstandAsync(TurnContext context, DecisionInput question, long began, CancellationToken cancellationToken)
    {
        using var activity = RouterTelemetry.Source.StartActivity("understand");
        var turn = new ShadowTurn(question.Bot, context.Conversation.ToString(), context.TurnKey);
        var heard = await adapters.AskAsync(question.Bot.Options.Nlu, Spoken(question, UnderstandingMode.Read), Left(question, began), turn, cancellationToken);
        activity?.SetTag("intentrouter.adapter", heard.Adapter ?? "none");
        if (heard is { Adapter: { } adapter, Ranking: [{ Probability: { } probability }, ..] })
        {
            telemetry.Confidence(question.Bot.Name, adapter, probability);
        }

        return heard;
    }

    private async Task<Fulfilment?> FulfilAsync(TurnContext context, DecisionInput question, Decision decision, long began, CancellationToken cancellationToken)
    {
        // One key for one turn's action: a turn that is run again after a crash must not make a second booking.
        var key = context.OpaqueKey;
        switch (decision)
        {
            case Decision.Prove { Level: ProofLevel.Code }:
                return new Fulfilment { NewKey = key, Code = RandomNumberGenerator.GetInt32(0, 1_000_000).ToString("D6", CultureInfo.InvariantCulture) };

            case Decision.PassThrough:
                var heard = await adapters.AskAsync(
                    // The engine that knew the intent holds its dialogue.
                    question.Heard?.Adapter is { } knew ? [knew] : question.Bot.Options.Nlu.Use, Spoken(question, UnderstandingMode.Converse), Left(question, began), cancellationToken);
                return new Fulfilment { NewKey = key, Provider = heard.Understanding?.ProviderReply };

            case Decision.Fulfil { Route: var route }:
                return new Fulfilment { NewKey = key, Lookup = await LookUpAsync(context, question, route, cancellationToken) };

            case Decision.Assist { Route: { } route }:
                return new Fulfilment { NewKey = key, Lookup = await LookUpAsync(context, question, route, cancellationToken) };

            default:
                return new Fulfilment { NewKey = key };
        }
    }

    private async Task<LookupOutcome?> LookUpAsync(TurnContext context, DecisionInput question, ActiveRoute route, CancellationToken cancellationToken)
    {
        if (question.Bot.Routes.GetValueOrDefault(route.Route)?.Lookup is not { } name)
        {
            return null;
        }

        var call = new LookupCall(
            route.Slots.ToDictionary(s => s.Key, s => s.Value.Value), question.Bot.Name, question.Account, question.State.Facts.Contact.Id, question.Language);
        return await lookups.Find(context.Configuration, name).FindAsync(call, cancellationToken);
    }

    private TurnPlan Finish(TurnContext context, DecisionInput question, Decision decision, Fulfilment? fulfilment, TurnComposer.Composed composed, long began)
    {
        telemetry.Decided(context.Bot.Name, decision);
        if (composed.Session.Suggested is { } suggested && suggested != question.State.Session.Suggested)
        {
            telemetry.Suggested(context.Bot.Name, "given");
        }

        var session = SessionKeeper.CountReplies(composed.Session, composed.Effects, context.Now) with { Language = question.Language };
        if (composed.PromptEffect is { } ordinal && session.Prompt is { } prompt)
        {
            session = session with { Prompt = prompt with { EffectKey = EffectKeys.Of(context.TurnKey, ordinal) } };
        }

        var heard = question.Heard;
        var route = decision.About;
        var explanation = new TurnExplanation
        {
            Turn = context.TurnKey,
            At = context.Now,
            MessageId = question.Input.MessageId,
            Text = question.Input.Text.Length == 0 ? null : question.Input.Text,
            Language = question.Language,
            Decision = decision.Rule,
            Reason = composed.Reason,
            Intent = route?.Intent ?? (heard?.Ranking is [{ } best, ..] ? best.Intent : null),
            Route = route?.Route,
            Understanding = heard is { Adapter: { } adapter } ? [.. heard.Ranking.Take(5).Select(r => new ExplainedCandidate(adapter, r.Intent, r.Raw, r.Probability))] : [],
            Evidence = heard?.Understanding?.Evidence ?? [],
            Calibrated = heard?.Calibrated ?? false,
            StandIn = heard?.StandIn ?? false,
            AdapterFailures = heard is null ? [] : [.. heard.Failures.Select(f => $"{f.Adapter}: {Kebab.Of(f.Failure)}")],
            Slots = route?.Slots.ToDictionary(s => s.Key, s => s.Value.Value) ?? [],
            Lookups = fulfilment?.Lookup is { } lookup && route is not null && context.Bot.Routes.GetValueOrDefault(route.Route)?.Lookup is { } name
                ? [new ExplainedLookup(name, Describe(lookup), clock.GetElapsedTime(began).TotalMilliseconds)]
                : [],
            Effects = [.. composed.Effects.Select(Effect.KindOf)],
            NluMilliseconds = heard?.Duration.TotalMilliseconds ?? 0,
            TotalMilliseconds = clock.GetElapsedTime(began).TotalMilliseconds,
            Configuration = context.Configuration.Version,
        };
        return new TurnPlan(question.State with { Session = session }, composed.Effects, explanation);
    }

    private static string Describe(LookupOutcome outcome) => outcome switch
    {
        LookupOutcome.Found f => string.Create(CultureInfo.InvariantCulture, $"found {f.Rows.Count}"),
        LookupOutcome.NotFound => "not found",
        LookupOutcome.Failed f => $"failed: {Kebab.Of(f.Reason)}",
        _ => throw new UnreachableException(),
    };

    private static Utterance Spoken(DecisionInput question, UnderstandingMode mode) => new(UtteranceText.Cut(question.Input.Text, UtteranceText.MaxLength), question.Language)
    {
        SessionId = question.State.Session.Id,
        TimeZone = question.State.Facts.Contact.TimeZone ?? question.Bot.Options.TimeZone,
        Mode = mode,
    };

    private TimeSpan Left(DecisionInput question, long began)
    {
        var left = question.Bot.Options.Session.TurnBudget - clock.GetElapsedTime(began);
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }

    private async Task<long> ProofFailuresAsync(TurnContext context, ConversationState state, CancellationToken cancellationToken) =>
        state.Facts.Contact.Id is not 0 and var contact && context.Bot.Routes.Values.Any(route => route.Proof != "none")
            ? await store.ReadCountAsync(ProofFailures, StoreKeys.Contact(context.Conversation.Account, contact), cancellationToken)
            : 0;

    /// <summary>What names a person or a thing among the values that a decision tries, as keys that tell nothing.</summary>
    private static IEnumerable<string> GuessKeys(TurnContext context, Decision decision) =>
        decision is Decision.Fulfil or Decision.Prove && decision.About is { } route
        && context.Bot.Routes.GetValueOrDefault(route.Route) is { Proof: "known-fact" or "code" } options
            ? route.Slots.Where(s => options.Slots.GetValueOrDefault(s.Key)?.Type is "email" or "phone" or "pattern").Select(s => ValueKey(context, s.Value.Value))
            : [];

    private static string ValueKey(TurnContext context, string value) =>
        string.Create(CultureInfo.InvariantCulture, $"{context.Conversation.Account}={Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(value.ToUpperInvariant())))}");

    /// <summary>Whether somebody tries out what belongs to a value, or sends codes to an address, from one new contact after the other: then a person sees to it.</summary>
    private async Task<bool> IsGuessedAtAsync(TurnContext context, Decision decision, CancellationToken cancellationToken)
    {
        var most = context.Bot.Options.Proof.AttemptsPerContact;
        foreach (var key in GuessKeys(context, decision))
        {
            if (await store.ReadCountAsync(ProofFailures, key, cancellationToken) >= MostContactsOfGuesses * most
                || (decision is Decision.Prove { Problem: null } && await store.ReadCountAsync(CodesSent, key, cancellationToken) >= most))
            {
                return true;
            }
        }

        return false;
    }

    private async Task CountProofAsync(TurnContext context, ConversationState before, TurnComposer.Composed composed, Decision decision, CancellationToken cancellationToken)
    {
        if (composed.Effects.OfType<SendCode>().FirstOrDefault() is { } sent)
        {
            await store.CountAsync(CodesSent, ValueKey(context, sent.Address), TimeSpan.FromDays(1), cancellationToken);
        }

        if (composed.Session.Proof.Failures <= before.Session.Proof.Failures)
        {
            return;
        }

        // By the facts of this turn: what failed may be the first thing that the person ever said.
        var keys = GuessKeys(context, decision);
        foreach (var key in before.Facts.Contact.Id is not 0 and var contact ? keys.Prepend(StoreKeys.Contact(context.Conversation.Account, contact)) : keys)
        {
            await store.CountAsync(ProofFailures, key, TimeSpan.FromDays(1), cancellationToken);
        }
    }
}
