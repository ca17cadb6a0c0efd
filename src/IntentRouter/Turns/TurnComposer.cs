using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using IntentRouter.Configuration;
using IntentRouter.Conversations;
using IntentRouter.Decisions;
using IntentRouter.Dialogue;
using IntentRouter.Fulfillment;
using IntentRouter.Handoffs;
using IntentRouter.Replies;

namespace IntentRouter.Turns;

/// <summary>The words and effects of a decision, and the session afterwards. Pure.</summary>
internal static class TurnComposer
{
    private const int MostSuspended = 3;
    private const int MostDigest = 10;
    private const int MostTold = 100;

    /// <param name="Session">The session afterwards.</param>
    /// <param name="Effects">What to do outside, in this order.</param>
    /// <param name="Reason">Why, in plain words, without the customer's.</param>
    public sealed record Composed(Session Session, IReadOnlyList<Effect> Effects, string Reason)
    {
        /// <summary>Index of the effect that carries the session's prompt, or null: its key belongs into <see cref="Prompt.EffectKey"/>.</summary>
        public int? PromptEffect { get; init; }

        /// <summary>Whether a proof failed in this turn: counts against the contact, too.</summary>
        public bool ProofFailed => Session.Proof.Failures > FailuresBefore;

        public int FailuresBefore { get; init; }
    }

    public static Composed Compose(DecisionInput input, Decision decision, Fulfilment? fulfilment)
    {
        var work = new Work(input, decision.Rule, Looked(input, decision, fulfilment));
        var unseen = WaitsUnseen(input);
        try
        {
            switch (decision)
            {
                case Decision.StaySilent silent:
                    return new Composed(input.State.Session, unseen ? [new SetStatus("open")] : [], $"nothing said: {Kebab.Of(silent.Reason)}{(unseen ? "; opened, so that the desk sees it" : "")}")
                    {
                        FailuresBefore = input.State.Session.Proof.Failures,
                    };
                case Decision.Say say:
                    Say(work, say);
                    break;
                case Decision.AskSlot ask:
                    work.Begin(ask.Route);
                    Ask(work, ask);
                    break;
                case Decision.Confirm confirm:
                    work.Begin(confirm.Route);
                    AskToConfirm(work, confirm.Route, null, confirm.Attempt);
                    break;
                case Decision.Prove prove:
                    work.Begin(prove.Route);
                    Prove(work, prove, fulfilment);
                    break;
                case Decision.Fulfil fulfil:
                    work.Begin(fulfil.Route);
                    Fulfil(work, fulfil.Route, fulfilment);
                    break;
                case Decision.PassThrough pass:
                    work.Begin(pass.Route);
                    PassThrough(work, pass.Route, fulfilment?.Provider);
                    break;
                case Decision.Clarify clarify:
                    Clarify(work, clarify);
                    break;
                case Decision.FallBack fallBack:
                    work.Session = work.Session with { MissesInARow = work.Session.MissesInARow + 1, Prompt = null };
                    work.Reason = $"not understood: {Kebab.Of(fallBack.Reason)}";
                    work.Tell("fallback");
                    Remind(work);
                    break;
                case Decision.HandOff handOff:
                    HandOff(work, handOff.Reason, handOff.Intent, new HandoffPlanner.Details(work.Session.Active));
                    break;
                case Decision.Cancel cancel:
                    work.Begin(cancel.Route);
                    work.Reason = $"the person gave up {cancel.Route.Route}";
                    work.Tell("cancelled", cancel.Route);
                    Finish(work, remember: null);
                    break;
                case Decision.Assist assist:
                    Assist(work, assist, fulfilment);
                    if (unseen)
                    {
                        work.Add(new SetStatus("open"));
                    }

                    break;
                default:
                    throw new InvalidOperationException($"No words for {decision.GetType().Name}.");
            }
        }
        catch (TextRenderException e)
        {
            // Half a sentence, or an order number where a date belongs, would be worse than a colleague.
            work = new Work(input, decision.Rule, Looked(input, decision, fulfilment));
            HandOff(work, HandoffReason.LookupFailed, work.Session.Active?.Intent, new HandoffPlanner.Details(work.Session.Active, null, fulfilment?.Lookup, [$"A text could not be written: {CustomerText.Neutralise(e.Message)}"]));
            work.Reason = $"a text could not be written: {e.Message}";
        }

        return work.Done();
    }

    /// <summary>After <c>action_completed</c>.</summary>
    public static Composed ConcludeAction(DecisionInput input, ActiveRoute route, ActionOutcome outcome)
    {
        var work = new Work(input, "action-completed");
        var options = input.Bot.Routes.GetValueOrDefault(route.Route);
        try
        {
            switch (outcome)
            {
                case ActionOutcome.Done done when options is not null:
                    work.Reason = $"{options.Action} is done";
                    Answer(work, options, route, options.Reply.Done ?? new OutcomeOptions { Say = [options.Reply.Text ?? "done"] }, [done.Result], HandoffReason.ActionFailed, null);
                    Finish(work, remember: route);
                    break;
                case ActionOutcome.InDoubt doubt:
                    HandOff(work, HandoffReason.ActionFailed, route.Intent, new HandoffPlanner.Details(route, Unsure(options?.Reply.Failed?.Handoff), null,
                        [$"The action '{CustomerText.Neutralise(options?.Action ?? "")}' may or may not have been carried out ({Kebab.Of(doubt.Reason)}); it was not tried again. Please check before doing it by hand. Idempotency key: {route.ActionKey}"]));
                    break;
                case ActionOutcome.Failed failed when options is not null:
                    work.Reason = $"{options.Action} failed: {Kebab.Of(failed.Reason)}";
                    Failed(work, options, route, HandoffReason.ActionFailed, null, $"The action '{CustomerText.Neutralise(options.Action ?? "")}' was refused or could not be sent ({Kebab.Of(failed.Reason)}); nothing was changed.");
                    break;
                default:
                    HandOff(work, HandoffReason.ActionFailed, route.Intent, new HandoffPlanner.Details(route, null, null, [$"The route '{CustomerText.Neutralise(route.Route)}' is no longer configured; its action came back as {outcome.GetType().Name}."]));
                    break;
            }
        }
        catch (TextRenderException e)
        {
            work = new Work(input, "action-completed");
            HandOff(work, HandoffReason.ActionFailed, route.Intent, new HandoffPlanner.Details(route, null, null,
                [$"The action came back as {outcome.GetType().Name}, but the text could not be written: {CustomerText.Neutralise(e.Message)}"]));
        }

        return work.Done();
    }

    private static string? Looked(DecisionInput input, Decision decision, Fulfilment? fulfilment) =>
        fulfilment?.Lookup is { } outcome && decision is Decision.Fulfil { Route: var route } && input.Bot.Routes.GetValueOrDefault(route.Route)?.Lookup is { } lookup
            ? LookupWords.Of(lookup, outcome)
            : null;

    // "I could not do it" would be a guess as well.
    private static HandoffTargetOptions Unsure(HandoffTargetOptions? target) => new()
    {
        Reason = target?.Reason,
        Team = target?.Team,
        Agent = target?.Agent,
        Priority = target?.Priority,
        Say = target?.Say ?? "handoff.action-in-doubt",
    };

    /// <summary>Whether the customer writes to a colleague in a conversation that is still pending, which the desk's default view hides.</summary>
    private static bool WaitsUnseen(DecisionInput input) =>
        input is { Input.Kind: CustomerInputKind.Message, State.Facts: { IsPending: true, HumanSteppedIn: true, Contact.Blocked: false } };

    // ---- one method per decision ---------------------------------------------------------------------------------------------------

    private static void Say(Work work, Decision.Say say)
    {
        work.Reason = say.Intent is null ? $"said {say.TextKey}" : $"{say.Intent} is answered with {say.TextKey}";
        work.Session = work.Session with { MissesInARow = 0 };
        var input = work.Input;
        if (input.Input.Kind == CustomerInputKind.WidgetOpened)
        {
            work.Session = work.Session with { GreetedOn = SlotFiller.ContextOf(input).Now.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) };
            if (input.State.Facts.Status is null && input.Input.SourceId is { } source)
            {
                var rendered = ReplyRenderer.Render(input.Bot.Texts, say.TextKey, input.Language, input.State.Facts.Channel, TextVariables.Scope(input));
                work.Add(new CreateConversation(source, input.State.Facts.InboxId, rendered.Message.Content));
                return;
            }
        }

        if (say.Intent is not null && work.Session.Prompt?.Kind == PromptKind.Clarify)
        {
            work.Session = work.Session with { Prompt = null };
        }

        var kept = work.Session.Prompt;
        work.Tell(say.TextKey, work.Session.Active);
        work.Session = work.Session with { Prompt = work.Session.Prompt ?? kept };
        Remind(work);
    }

    private static void Ask(Work work, Decision.AskSlot ask)
    {
        var options = work.Input.Bot.Routes[ask.Route.Route];
        var slot = options.Slots[ask.Slot];
        var asked = new Dictionary<string, int>(ask.Route.Asked) { [ask.Slot] = ask.Attempt };
        work.Session = work.Session with { Active = ask.Route with { Asked = asked }, MissesInARow = 0 };
        work.Reason = ask.Attempt == 1 ? $"{ask.Route.Route} needs {ask.Slot}" : $"{ask.Slot} was not readable: {ask.Problem?.Code ?? "not-understood"}";

        // Half a span is asked for its other half, which is the whole question.
        var half = ask.Problem is { Code: SlotProblem.RangeIncomplete };
        var key = half ? $"problem.{SlotProblem.RangeIncomplete}" : ask is { Attempt: > 1, Problem.Code: "not-understood" } && slot.Help is { } help ? help : slot.Ask ?? $"{ask.Route.Route}.ask_{ask.Slot}";
        var own = work.Input.Bot.Texts.Find(key, work.Input.Language) is not null;
        var scope = TextVariables.Scope(work.Input, ask.Route, null, ("slot", Readable(ask.Slot)), ("attempt", ask.Attempt), ("limit", ask.Problem?.Limit));
        var before = !half && ask.Problem is { } problem && (ask.Attempt > 1 || problem.Code != "not-understood") ? Problem(work, problem, scope) : null;
        var choices = slot.Type == "choice" ? slot.Choices.Keys.Select(c => new Choice(Title(work, $"{ask.Route.Route}.{ask.Slot}.{c}", c), c)).ToList() : null;
        var rendered = ReplyRenderer.Render(work.Input.Bot.Texts, own ? key : "ask", work.Input.Language, work.Input.State.Facts.Channel, scope, choices, before);
        work.Add(rendered.Message, new Prompt { Kind = rendered.Fields.Count > 0 ? PromptKind.Form : PromptKind.Slot, Slot = ask.Slot, Choices = rendered.Choices, AskedAt = work.Input.Now });
    }

    private static string Problem(Work work, SlotProblem problem, TextScope scope)
    {
        var key = $"problem.{problem.Code}";
        var text = work.Input.Bot.Texts.Find(key, work.Input.Language) ?? work.Input.Bot.Texts.Find("problem.not-understood", work.Input.Language)!;
        return text.Text.Render(scope, ChannelForm.Of(work.Input.State.Facts.Channel).Text).Trim();
    }

    private static void AskToConfirm(Work work, ActiveRoute route, IReadOnlyList<JsonObject>? rows, int attempt)
    {
        var input = work.Input;
        var options = input.Bot.Routes[route.Route];
        var asked = new Dictionary<string, int>(route.Asked) { [DecisionPolicy.ConfirmationKey] = attempt };
        work.Session = work.Session with { Active = route with { Asked = asked }, MissesInARow = 0 };
        work.Reason = $"{options.Action} waits for a yes";
        var scope = TextVariables.Scope(input, route, rows, ("attempt", attempt));
        var choices = YesOrNo(work);
        var before = attempt > 1 ? input.Bot.Texts.Find("confirm.again", input.Language)!.Text.Render(scope, ChannelForm.Of(input.State.Facts.Channel).Text).Trim() : null;
        var rendered = ReplyRenderer.Render(input.Bot.Texts, options.Confirm ?? "confirm", input.Language, input.State.Facts.Channel, scope, choices, before);
        work.Add(rendered.Message, new Prompt { Kind = PromptKind.Confirm, Choices = rendered.Choices, AskedAt = input.Now });
    }

    private static Choice[] YesOrNo(Work work) =>
        [new(Title(work, "confirm.yes", "Yes"), DecisionPolicy.Yes), new(Title(work, "confirm.no", "No"), DecisionPolicy.No)];

    private static void Prove(Work work, Decision.Prove prove, Fulfilment? fulfilment)
    {
        var input = work.Input;
        var proof = work.Session.Proof;
        var options = input.Bot.Routes[prove.Route.Route];
        var address = DecisionPolicy.AddressOf(options, prove.Route);
        work.Session = work.Session with { Active = prove.Route, MissesInARow = 0 };
        if (prove.Problem is { } problem)
        {
            var failures = proof.Failures + 1;
            work.Session = work.Session with { Proof = proof with { Failures = failures } };
            work.Reason = $"proof: {problem.Code}";
            if (failures >= input.Bot.Options.Proof.AttemptsPerConversation || input.ContactProofFailures + 1 >= input.Bot.Options.Proof.AttemptsPerContact)
            {
                HandOff(work, HandoffReason.ProofFailed, prove.Route.Intent, new HandoffPlanner.Details(prove.Route));
                return;
            }

            work.Tell($"proof.{problem.Code}", prove.Route, null, new Prompt { Kind = PromptKind.Code, AskedAt = input.Now }, ("address", address));
            return;
        }

        if (address is null || fulfilment?.Code is not { } code || input.Bot.Options.Proof.Sender is not { } sender)
        {
            HandOff(work, HandoffReason.ProofFailed, prove.Route.Intent, new HandoffPlanner.Details(prove.Route, null, null, ["No one-time code could be sent: no sender or no address."]));
            return;
        }

        work.Session = work.Session with { Proof = proof with { CodeHash = OneTimeCode.Hash(code, address, fulfilment.NewKey), CodeSentAt = input.Now, CodesSent = proof.CodesSent + 1 } };
        work.Reason = "a one-time code was sent";
        work.Add(new SendCode(sender, address, code, input.Language));
        work.Tell("proof.code-sent", prove.Route, null, new Prompt { Kind = PromptKind.Code, AskedAt = input.Now }, ("address", address));
    }

    private static void Fulfil(Work work, ActiveRoute route, Fulfilment? fulfilment)
    {
        var input = work.Input;
        var options = input.Bot.Routes[route.Route];
        work.Session = work.Session with { Active = route, MissesInARow = 0 };
        var earlier = route.Slots.Where(s => s.Value.Source == SlotSource.Remembered).Select(s => s.Key).Order(StringComparer.Ordinal).ToList();
        work.Reason = $"{route.Intent} → {route.Route}{(earlier.Count == 0 ? "" : $", with what was said earlier: {string.Join(", ", earlier)}")}";
        if (route.ProvenFor is { } address && !work.Session.Proof.Addresses.Contains(address))
        {
            work.Session = work.Session with { Proof = work.Session.Proof with { Addresses = [.. work.Session.Proof.Addresses, address], CodeHash = null } };
        }

        IReadOnlyList<JsonObject>? rows = null, shown = null;
        if (options.Lookup is { } lookup)
        {
            switch (fulfilment?.Lookup)
            {
                case LookupOutcome.Found found:
                    rows = found.Rows;
                    route = Proven(work, options, route);
                    shown = PrivateFields.Mask(input, lookup, route, found.Rows);
                    break;
                case LookupOutcome.NotFound:
                    NotFound(work, options, route);
                    return;
                case LookupOutcome.Failed failed:
                    work.Reason = $"{lookup} failed: {Kebab.Of(failed.Reason)}";
                    Failed(work, options, route, HandoffReason.LookupFailed, failed, null);
                    return;
                default:
                    Failed(work, options, route, HandoffReason.LookupFailed, new LookupOutcome.Failed(LookupFailure.NotConfigured), null);
                    return;
            }
        }

        if (options.Action is { } action)
        {
            if (!route.Confirmed)
            {
                AskToConfirm(work, route, shown, route.Asked.GetValueOrDefault(DecisionPolicy.ConfirmationKey) + 1);
                return;
            }

            var key = fulfilment?.NewKey ?? "";
            work.Session = work.Session with { Active = route with { ActionKey = key }, Prompt = null };
            work.Reason = $"{action} is confirmed";
            work.Add(new CallAction(action, Arguments(route, rows), key));
            return;
        }

        var outcome = rows is null || options.Reply.Found is null ? new OutcomeOptions { Say = [options.Reply.Text ?? "found"] } : options.Reply.Found;
        Answer(work, options, route, outcome, shown, HandoffReason.LookupFailed, fulfilment?.Lookup);
        Finish(work, remember: route);
    }

    /// <summary>What the action gets: the slots, and the fields of what was looked up as <c>result_&lt;field&gt;</c>.</summary>
    private static Dictionary<string, string> Arguments(ActiveRoute route, IReadOnlyList<JsonObject>? rows)
    {
        var arguments = route.Slots.ToDictionary(s => s.Key, s => s.Value.Value);
        foreach (var (name, value) in rows is [var row, ..] ? row : [])
        {
            if (value is JsonValue scalar)
            {
                arguments.TryAdd($"result_{name}", scalar.ToString());
            }
        }

        return arguments;
    }

    private static ActiveRoute Proven(Work work, RouteOptions options, ActiveRoute route)
    {
        var level = LevelOf(options);
        if (level == ProofLevel.None)
        {
            return route;
        }

        var proof = work.Session.Proof;
        var fact = Fact(route);
        work.Session = work.Session with
        {
            Active = route with { Proven = level },
            Proof = proof with { Level = proof.Level > level ? proof.Level : level, Facts = proof.Facts.Contains(fact) ? proof.Facts : [.. proof.Facts, fact], CodeHash = null },
        };
        return route with { Proven = level };
    }

    private static ProofLevel LevelOf(RouteOptions options) =>
        options.Proof switch { "known-fact" => ProofLevel.KnownFact, "code" => ProofLevel.Code, "contact" => ProofLevel.Contact, _ => ProofLevel.None };

    private static string Fact(ActiveRoute route) =>
        Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes($"{route.Route}|{string.Join('|', route.Slots.OrderBy(s => s.Key, StringComparer.Ordinal).Select(s => $"{s.Key}={s.Value.Value}"))}")))[..24];

    // The same words, whether the number or the address was wrong.
    private static void NotFound(Work work, RouteOptions options, ActiveRoute route)
    {
        var input = work.Input;
        work.Reason = $"{options.Lookup} found nothing";
        if (options.Proof is "known-fact" or "code")
        {
            var failures = work.Session.Proof.Failures + 1;
            work.Session = work.Session with { Proof = work.Session.Proof with { Failures = failures } };
            if (failures >= input.Bot.Options.Proof.AttemptsPerConversation || input.ContactProofFailures + 1 >= input.Bot.Options.Proof.AttemptsPerContact)
            {
                HandOff(work, HandoffReason.ProofFailed, route.Intent, new HandoffPlanner.Details(route, null, new LookupOutcome.NotFound()));
                return;
            }
        }

        var outcome = options.Reply.NotFound ?? new OutcomeOptions { Say = ["not-found"] };
        Answer(work, options, route, outcome, null, HandoffReason.LookupFailed, new LookupOutcome.NotFound());
        if (work.HandedOff)
        {
            return;
        }

        // What was said can be corrected: the next words are tried on the same route.
        var correctable = options.Slots.Keys.FirstOrDefault(s => route.Slots.TryGetValue(s, out var v) && v.Source is not SlotSource.Profile);
        if (correctable is null)
        {
            Finish(work, remember: null);
            return;
        }

        work.Session = work.Session with { Active = route with { Asked = new Dictionary<string, int>(), Confirmed = false } };
        work.PromptWithLast(new Prompt { Kind = PromptKind.Slot, Slot = correctable, AskedAt = input.Now });
    }

    private static void Failed(Work work, RouteOptions options, ActiveRoute route, HandoffReason reason, LookupOutcome? lookup, string? fact)
    {
        var outcome = options.Reply.Failed ?? new OutcomeOptions { Handoff = new HandoffTargetOptions() };
        if (outcome.Handoff is { } target)
        {
            var named = target.Reason is { } r && Kebab.TryParse<HandoffReason>(r, out var parsed) ? parsed : reason;
            work.TellAll(outcome.Say, route, null);
            HandOff(work, named, route.Intent, new HandoffPlanner.Details(route, target, lookup, fact is null ? null : [fact]));
            return;
        }

        work.TellAll(outcome.Say, route, null);
        Finish(work, remember: null);
    }

    private static void Answer(Work work, RouteOptions options, ActiveRoute route, OutcomeOptions outcome, IReadOnlyList<JsonObject>? rows, HandoffReason reason, LookupOutcome? lookup)
    {
        work.TellAll(outcome.Say, route, rows);
        if (outcome.Handoff is { } target)
        {
            var named = target.Reason is { } r && Kebab.TryParse<HandoffReason>(r, out var parsed) ? parsed : reason;
            HandOff(work, named, route.Intent, new HandoffPlanner.Details(route, target, lookup));
            return;
        }

        if (rows is not null || options.Lookup is null)
        {
            if (options.Labels.Count > 0)
            {
                work.Add(new AddLabels(options.Labels));
            }

            if (options.Then is { } status && work.Session.Suspended.Count == 0)
            {
                work.Add(new SetStatus(status));
            }
        }
    }

    private static void PassThrough(Work work, ActiveRoute route, ProviderReply? reply)
    {
        work.Session = work.Session with { Active = route, MissesInARow = 0 };
        work.Reason = "the engine's own dialogue answered";
        var form = ChannelForm.Of(work.Input.State.Facts.Channel).Text;
        if (reply is null || reply.FulfilmentFailed || (reply.Messages.Count == 0 && !reply.HandoffRequested))
        {
            HandOff(work, HandoffReason.LookupFailed, route.Intent, new HandoffPlanner.Details(route, null, null, ["The engine's own dialogue gave no answer."]));
            return;
        }

        for (var i = 0; i < reply.Messages.Count; i++)
        {
            // An engine's words may repeat the customer's: text, in which nothing is run and nothing is markup.
            var words = CustomerText.NeutraliseLines(reply.Messages[i], form);
            if (i == reply.Messages.Count - 1 && !reply.HandoffRequested && reply.Choices.Count > 0)
            {
                var rendered = ReplyRenderer.Select(words, [.. reply.Choices.Select(c => new Choice(c.Key, c.Value))], work.Input.State.Facts.Channel);
                work.Add(rendered.Message, new Prompt { Kind = PromptKind.Provider, Choices = rendered.Choices, AskedAt = work.Input.Now });
            }
            else
            {
                work.Add(new SendMessage(words));
            }
        }

        if (reply.HandoffRequested)
        {
            HandOff(work, HandoffReason.Asked, route.Intent, new HandoffPlanner.Details(route));
        }
        else if (reply.Ended)
        {
            Finish(work, remember: null);
        }
        else if (work.Session.Prompt is null)
        {
            work.PromptWithLast(new Prompt { Kind = PromptKind.Provider, AskedAt = work.Input.Now });
        }
    }

    private static void Clarify(Work work, Decision.Clarify clarify)
    {
        var input = work.Input;
        work.Session = work.Session with { MissesInARow = work.Session.MissesInARow + 1 };
        work.Reason = clarify.Candidates.Count == 1 ? "likely, but not sure enough" : "two intents are too close";
        List<Choice> choices = [.. clarify.Candidates.Select(c => new Choice(TitleOf(work, c.Intent), $"intent:{c.Intent}")), new(Title(work, "clarify.other", "Something else"), DecisionPolicy.SomethingElse)];
        var rendered = ReplyRenderer.Render(input.Bot.Texts, clarify.Candidates.Count == 1 ? "clarify.one" : "clarify", input.Language, input.State.Facts.Channel, TextVariables.Scope(input), choices);
        work.Add(rendered.Message, new Prompt { Kind = PromptKind.Clarify, Choices = choices, About = input.Input.Text, AskedAt = input.Now });
    }

    private static void HandOff(Work work, HandoffReason reason, string? intent, HandoffPlanner.Details details)
    {
        work.HandedOff = true;
        work.Reason = $"handed off: {Kebab.Of(reason)}";
        var handoff = HandoffPlanner.Plan(work.Input with { State = work.Input.State with { Session = work.Session } }, reason, intent, details);
        foreach (var effect in handoff.Effects)
        {
            work.Add(effect);
        }

        // Slots stay for the push-back; open questions and attempts do not.
        work.Session = work.Session with
        {
            Prompt = null,
            MissesInARow = 0,
            Active = work.Session.Active is { } active ? active with { Asked = new Dictionary<string, int>(), Confirmed = false, ActionKey = null } : null,
            Handoff = new HandoffState(Kebab.Of(reason), work.Input.Now, handoff.Told, HandoffPlanner.IntentOf(work.Input, intent, details.Route)),
            TellOnce = [.. work.Session.TellOnce.Concat(handoff.Told).TakeLast(MostTold)],
            Suggested = handoff.Suggested ?? work.Session.Suggested,
        };
    }

    private static void Assist(Work work, Decision.Assist assist, Fulfilment? fulfilment)
    {
        if (assist.Route is not { } route || fulfilment?.Lookup is not LookupOutcome.Found { Rows: [var row, ..] })
        {
            work.Reason = "nothing new for the agents";
            return;
        }

        var told = Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes($"{route.Route}|{row.ToJsonString()}")))[..24];
        if (work.Session.TellOnce.Contains(told))
        {
            work.Reason = "the agents know this already";
            return;
        }

        // What the customer wrote matched: with that a known fact is proven, and nothing else.
        var options = work.Input.Bot.Routes[route.Route];
        var known = LevelOf(options) == ProofLevel.KnownFact ? route with { Proven = ProofLevel.KnownFact } : route;
        var note = new StringBuilder($"**{CustomerText.Neutralise(Readable(route.Route))}** ({HandoffNote.Label(work.Input, "note.found", "found by the bot")})");
        foreach (var (name, value) in row.Where(f => f.Value is not null))
        {
            note.Append(CultureInfo.InvariantCulture, $"\n- {CustomerText.Neutralise(name)}: {CustomerText.Neutralise(value?.ToString() ?? "")}");
        }

        var words = SuggestedReply.Write(work.Input, assist.Best.Intent, known, fulfilment.Lookup);
        if (words is not null)
        {
            note.Append("\n- ").Append(SuggestedReply.Line(work.Input, words));
        }

        work.Reason = $"told the agents what {route.Route} found";
        work.Add(new SendPrivateNote(note.ToString()));
        work.Session = work.Session with
        {
            TellOnce = [.. work.Session.TellOnce.TakeLast(MostTold - 1), told],
            Suggested = words is null ? work.Session.Suggested : Suggestion.Of(words),
        };
    }

    // ---- what the methods share ----------------------------------------------------------------------------------------------------

    /// <summary>The route is over: what it learned is kept, and what it interrupted goes on.</summary>
    private static void Finish(Work work, ActiveRoute? remember)
    {
        var remembered = new Dictionary<string, SlotValue>(work.Session.Remembered);
        ActiveRoute? answered = null;
        if (remember is not null && work.Input.Bot.Routes.TryGetValue(remember.Route, out var options))
        {
            foreach (var (name, value) in remember.Slots.Where(s => options.Slots.GetValueOrDefault(s.Key)?.Type is "email" or "phone"))
            {
                remembered[name] = value;
            }

            answered = new ActiveRoute
            {
                Route = remember.Route,
                Intent = remember.Intent,
                // What the site vouches for is looked up when it is needed.
                Slots = remember.Slots.Where(s => !(options.Slots.TryGetValue(s.Key, out var slot) && SlotFiller.IsVouched(options, slot)))
                    .ToDictionary(s => s.Key, s => s.Value with { Source = SlotSource.Remembered }),
            };
        }

        var session = work.Session with { Active = null, Answered = answered, Remembered = remembered, Prompt = work.HandedOff ? null : work.Session.Prompt is { Kind: PromptKind.Slot or PromptKind.Confirm or PromptKind.Code or PromptKind.Form } ? null : work.Session.Prompt };
        work.Session = session;
        if (work.HandedOff || session.Suspended is not [.., var last])
        {
            return;
        }

        work.Session = session with { Suspended = [.. session.Suspended.SkipLast(1)], Active = last };
        Remind(work);
    }

    /// <summary>Asks again what a digression left open.</summary>
    private static void Remind(Work work)
    {
        if (work.HandedOff || work.Session.Active is not { ActionKey: null } active || !work.Input.Bot.Routes.TryGetValue(active.Route, out var options))
        {
            return;
        }

        var missing = options.Slots.FirstOrDefault(s => !s.Value.Optional && !active.Slots.ContainsKey(s.Key)).Key;
        if (missing is null)
        {
            RemindOfStep(work, active, options);
            return;
        }

        var reason = work.Reason;
        work.Tell("resume", active);
        Ask(work, new Decision.AskSlot(active, missing, Math.Max(1, active.Asked.GetValueOrDefault(missing)), null));
        work.Reason = reason;
    }

    /// <summary>All is known: what is open is the code that was sent, or the yes before the action.</summary>
    private static void RemindOfStep(Work work, ActiveRoute route, RouteOptions options)
    {
        var input = work.Input;
        var open = work.Session.Prompt?.Kind;
        if (open is null && options.Proof == "code" && work.Session.Proof.CodeHash is not null)
        {
            work.Tell("proof.not-a-code", route, null, new Prompt { Kind = PromptKind.Code, AskedAt = input.Now }, ("address", DecisionPolicy.AddressOf(options, route)));
        }
        else if (open == PromptKind.Confirm)
        {
            // Its buttons are still there.
            var prompt = work.Session.Prompt;
            work.Tell("resume.confirm", route);
            work.Session = work.Session with { Prompt = prompt };
        }
        else if (open is null && options.Action is not null && route.Asked.ContainsKey(DecisionPolicy.ConfirmationKey))
        {
            var rendered = ReplyRenderer.Render(input.Bot.Texts, "resume.confirm", input.Language, input.State.Facts.Channel, TextVariables.Scope(input, route), YesOrNo(work));
            work.Add(rendered.Message, new Prompt { Kind = PromptKind.Confirm, Choices = rendered.Choices, AskedAt = input.Now });
        }
    }

    private static string TitleOf(Work work, string intent) =>
        work.Input.Bot.Options.Intents.GetValueOrDefault(intent)?.Title is { } title ? Title(work, title, title) : Title(work, $"intent.{intent}", Readable(intent));

    private static string Title(Work work, string key, string otherwise) =>
        work.Input.Bot.Texts.Find(key, work.Input.Language) is { } text ? text.Text.Render(TextVariables.Scope(work.Input), TextForm.Plain).Trim() : otherwise;

    private static string Readable(string name)
    {
        var words = name.Replace('_', ' ').Replace('-', ' ').Replace('.', ' ').Trim();
        return words.Length == 0 ? name : char.ToUpperInvariant(words[0]) + words[1..];
    }

    /// <summary>The turn being composed.</summary>
    private sealed class Work(DecisionInput input, string rule, string? looked = null)
    {
        private readonly List<Effect> _effects = [];
        private int? _promptEffect;

        public DecisionInput Input { get; } = input;

        public Session Session { get; set; } = input.State.Session;

        public string Reason { get; set; } = "";

        public bool HandedOff { get; set; }

        /// <summary>Makes the decision's route the active one and remembers what it interrupts.</summary>
        public void Begin(ActiveRoute route)
        {
            var suspended = Session.Suspended.Where(s => s.Route != route.Route).ToList();
            if (Session.Active is { } interrupted && interrupted.Route != route.Route)
            {
                suspended.Add(interrupted);
            }

            Session = Session with { Active = route, Answered = null, Suspended = [.. suspended.TakeLast(MostSuspended)], Prompt = null };
        }

        public void Add(Effect effect, Prompt? prompt = null)
        {
            _effects.Add(effect);
            if (prompt is not null)
            {
                _promptEffect = _effects.Count - 1;
                Session = Session with { Prompt = prompt };
            }
        }

        public void PromptWithLast(Prompt prompt)
        {
            _promptEffect = _effects.FindLastIndex(e => e is SendMessage) is >= 0 and var at ? at : null;
            Session = Session with { Prompt = prompt };
        }

        public void Tell(string key, ActiveRoute? route = null, IReadOnlyList<JsonObject>? rows = null, Prompt? prompt = null, params (string Name, object? Value)[] more)
        {
            var rendered = ReplyRenderer.Render(Input.Bot.Texts, key, Input.Language, Input.State.Facts.Channel, TextVariables.Scope(Input, route, rows, more));
            if (rendered.Message.Content.Length == 0 && rendered.Message.ContentAttributes is null)
            {
                return;
            }

            Add(rendered.Message, prompt ?? (rendered.Choices.Count > 0 ? new Prompt { Kind = PromptKind.Clarify, Choices = rendered.Choices, AskedAt = Input.Now } : null));
        }

        public void TellAll(IEnumerable<string> keys, ActiveRoute route, IReadOnlyList<JsonObject>? rows)
        {
            foreach (var key in keys)
            {
                Tell(key, route, rows);
            }
        }

        public Composed Done()
        {
            var now = Input.Now;
            var best = Input.Heard?.Ranking is [var first, ..] ? first : null;
            var session = Session with
            {
                LastActivityAt = now,
                Language = Input.Language,
                Answered = HandedOff ? null : Session.Answered,
                Digest = [.. Session.Digest.TakeLast(MostDigest - 1), new TurnDigest(now, rule, Session.Active?.Intent ?? best?.Intent, best?.Probability, looked)],
            };
            return new Composed(session, _effects, Reason) { PromptEffect = session.Prompt is null ? null : _promptEffect, FailuresBefore = Input.State.Session.Proof.Failures };
        }
    }
}
