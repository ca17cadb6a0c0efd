using System.Globalization;
using IntentRouter.Configuration;
using IntentRouter.Conversations;
using IntentRouter.Dialogue;

namespace IntentRouter.Decisions;

/// <summary>
/// What to do about one utterance: a pure function of what was heard, the session, the conversation's facts, the routing configuration and
/// the clock value. No I/O, no clock, no async.
/// </summary>
internal static class DecisionPolicy
{
    /// <summary>Value of the button that says "none of these".</summary>
    public const string SomethingElse = "intent:none";

    public const string Yes = "yes";

    public const string No = "no";

    private const string IntentPrefix = "intent:";

    /// <summary>"What about" and the like, beside the value.</summary>
    private const int MostWordsOfFollowUp = 2;

    private static readonly SlotProblem _notUnderstood = new("not-understood");

    /// <summary>Whether the adapters must be asked: false when the input answers an open prompt by choice, is a submission, or is silent by the gate.</summary>
    public static bool NeedsUnderstanding(DecisionInput input)
    {
        if (input.Input.Kind != CustomerInputKind.Message || string.IsNullOrWhiteSpace(input.Input.Text))
        {
            return false;
        }

        if (Gate.Check(input) is { } silence)
        {
            return MayAssist(input, silence);
        }

        return !Loops(input)
            && (input.State.Session.Prompt is not { } prompt
                || (PromptAnswer.Match(prompt, input.Input.Text, input.Language) is null && !(prompt.Kind == PromptKind.Code && CodeIn(input.Input.Text) is not null)));
    }

    public static Decision Decide(DecisionInput input)
    {
        if (Gate.Check(input) is { } silence)
        {
            return MayAssist(input, silence) && Assist(input) is { } assist ? assist : new Decision.StaySilent(silence);
        }

        if (input.Input.Kind == CustomerInputKind.WidgetOpened)
        {
            return Greet(input);
        }

        if (input.Input.Kind == CustomerInputKind.Submission && !input.Input.Submitted.Any(v => !string.IsNullOrWhiteSpace(v.Value)))
        {
            return new Decision.StaySilent(SilenceReason.NothingNew);
        }

        // Nothing can be said outside the channel's window: leaving the customer in pending would hide them.
        if (!input.State.Facts.CanReply)
        {
            return new Decision.HandOff(HandoffReason.Unsupported, input.State.Session.Active?.Intent);
        }

        if (Loops(input))
        {
            return new Decision.HandOff(HandoffReason.Loop, input.State.Session.Active?.Intent);
        }

        return input.Input.Kind == CustomerInputKind.Submission ? Submitted(input) : Said(input);
    }

    private static bool Loops(DecisionInput input)
    {
        var since = input.Now.AddMinutes(-1);
        return input.State.Session.RecentReplies.Count(r => r > since) >= input.Bot.Options.Limits.RepliesPerMinute;
    }

    // ---- what was done -------------------------------------------------------------------------------------------------------------

    private static Decision Greet(DecisionInput input)
    {
        var greeting = input.Bot.Options.Greeting;
        var today = SlotFiller.ContextOf(input).Now.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        var mayStart = input.State.Facts.Status is not null || (greeting.SpeakFirst && input.Input.SourceId is not null);
        return greeting.On && mayStart && input.State.Session.GreetedOn != today
            ? new Decision.Say(greeting.Say, null)
            : new Decision.StaySilent(SilenceReason.NothingNew);
    }

    private static Decision Submitted(DecisionInput input)
    {
        var session = input.State.Session;
        var prompt = session.Prompt;
        var values = input.Input.Submitted.Where(v => !string.IsNullOrWhiteSpace(v.Value)).ToList();
        var current = prompt is not null && IsFor(prompt, input.Input, values);

        // A choice of intents carries its meaning with it, however late it is pressed.
        if (values is [{ Value: var value }] && value.StartsWith(IntentPrefix, StringComparison.Ordinal))
        {
            return current && prompt!.Kind == PromptKind.Clarify ? AnswerClarification(input, value) : TakeNamed(input, value, about: "");
        }

        if (Running(input) is not { } running)
        {
            return new Decision.StaySilent(SilenceReason.NothingNew);
        }

        if (!current)
        {
            return Reconsidered(input, running, values) ?? new Decision.StaySilent(SilenceReason.NothingNew);
        }

        switch (prompt!.Kind)
        {
            case PromptKind.Confirm when PromptAnswer.Match(prompt, values[0].Value, input.Language) is { } choice:
                return choice.Value == Yes ? Next(input, running.Options, running.Route with { Confirmed = true }) : new Decision.Cancel(running.Route);
            case PromptKind.Slot or PromptKind.Form:
                var context = SlotFiller.ContextOf(input);
                var slots = new Dictionary<string, SlotValue>(running.Route.Slots);
                SlotProblem? problem = null;
                foreach (var submitted in values)
                {
                    var name = submitted.Name is { } n && running.Options.Slots.ContainsKey(n) ? n : prompt.Slot;
                    if (name is null || !running.Options.Slots.TryGetValue(name, out var slot) || SlotFiller.IsVouched(running.Options, slot))
                    {
                        continue;
                    }

                    var read = SlotReader.Accept(slot, submitted.Value, context);
                    problem ??= read.Reading is null ? read.Problem ?? _notUnderstood : null;
                    if (read.Reading is { } reading)
                    {
                        slots[name] = new SlotValue(reading.Value, submitted.Value, submitted.Name is null ? SlotSource.Choice : SlotSource.Form);
                    }
                }

                var filled = running.Route with { Slots = slots, Confirmed = false };
                return problem is null || prompt.Slot is null ? Next(input, running.Options, filled) : Ask(input, filled, prompt.Slot, problem);
            default:
                return new Decision.StaySilent(SilenceReason.NothingNew);
        }
    }

    /// <summary>Another option of a question that was answered before, in the same route: a correction.</summary>
    private static Decision? Reconsidered(DecisionInput input, (RouteOptions Options, ActiveRoute Route) running, List<SubmittedValue> values)
    {
        if (values is not [{ Name: null, Value: var value }] || running.Route.ActionKey is not null
            || running.Options.Slots.Where(s => s.Value.Type == "choice" && s.Value.Choices.ContainsKey(value)).Take(2).ToList() is not [{ Key: var name }]
            || !running.Route.Slots.TryGetValue(name, out var before) || before.Value == value)
        {
            return null;
        }

        var slots = new Dictionary<string, SlotValue>(running.Route.Slots) { [name] = new(value, value, SlotSource.Choice) };
        return Next(input, running.Options, running.Route with { Slots = slots, Confirmed = false }, asked: input.State.Session.Prompt?.Slot);
    }

    /// <summary>Whether a submission answers this prompt and not an older one: by our marker, else by the message, else by what it says.</summary>
    private static bool IsFor(Prompt prompt, CustomerInput input, List<SubmittedValue> values) =>
        prompt.EffectKey is { } asked && input.PromptKey is { } answered ? asked == answered
        : prompt.MessageId is { } message ? message == input.MessageId
        : prompt.Choices.Count == 0 || values.TrueForAll(v => prompt.Choices.Any(c => c.Value == v.Value || c.Title == (v.Title ?? v.Value)));

    private static Decision Said(DecisionInput input)
    {
        var text = input.Input.Text;
        var session = input.State.Session;
        if (string.IsNullOrWhiteSpace(text))
        {
            return new Decision.HandOff(HandoffReason.Unsupported, session.Active?.Intent);
        }

        if (Phrases.AsksForHuman(text) && !CountsPeople(input))
        {
            return new Decision.HandOff(HandoffReason.Asked, IntentThatAsks(input.Bot));
        }

        var running = Running(input);
        if (running is { } stopped && Phrases.IsCancel(text))
        {
            // "Cancel it", asked whether to cancel a booking, may be a yes.
            return session.Prompt is { Kind: PromptKind.Confirm } && WantsTheSame(input, stopped.Route)
                ? AskToConfirm(input, stopped.Options, stopped.Route, again: true)
                : new Decision.Cancel(stopped.Route);
        }

        if (session.Prompt is { } prompt)
        {
            if (prompt.Kind == PromptKind.Clarify && PromptAnswer.Match(prompt, text, input.Language) is { } meant)
            {
                return AnswerClarification(input, meant.Value);
            }

            if (prompt.Kind == PromptKind.Clarify && (Phrases.IsNo(text) || Phrases.IsCancel(text)))
            {
                return AnswerClarification(input, SomethingElse);
            }

            if (prompt is { Kind: PromptKind.Clarify, Choices: [var only, _] } && Phrases.IsYes(text))
            {
                return AnswerClarification(input, only.Value);
            }

            // "A room tomorrow?" – "Free rooms?" – "Two nights": who goes on has said yes.
            if (prompt is { Kind: PromptKind.Clarify, Choices: [var likely, _] } && IntentChoice.Weigh(input) is IntentChoice.Missed && GoesOn(input, likely.Value, prompt.About ?? ""))
            {
                return TakeNamed(input, likely.Value, $"{prompt.About}\n{text}");
            }

            if (running is { } open)
            {
                switch (prompt.Kind)
                {
                    case PromptKind.Confirm:
                        return AnswerConfirmation(input, open, prompt);
                    case PromptKind.Code:
                        return AnswerCode(input, open);
                    case PromptKind.Slot or PromptKind.Form:
                        return AnswerSlot(input, open, prompt);
                    case PromptKind.Provider:
                        return Interrupts(input, open.Route, text) ?? new Decision.PassThrough(open.Route);
                }
            }
        }

        return Understood(input);
    }

    // ---- answers to prompts --------------------------------------------------------------------------------------------------------

    private static Decision AnswerClarification(DecisionInput input, string value) =>
        value == SomethingElse ? Miss(input, FallbackReason.Declined) : TakeNamed(input, value, input.State.Session.Prompt?.About ?? "");

    private static Decision AnswerConfirmation(DecisionInput input, (RouteOptions Options, ActiveRoute Route) running, Prompt prompt)
    {
        var text = input.Input.Text;
        var choice = PromptAnswer.Match(prompt, text, input.Language)?.Value;
        if (choice == Yes || (choice is null && Phrases.IsYes(text)))
        {
            return Next(input, running.Options, running.Route with { Confirmed = true });
        }

        if (choice == No || Phrases.IsNo(text))
        {
            return new Decision.Cancel(running.Route);
        }

        // "No, Friday": a correction asks for the yes again.
        var filling = SlotFiller.Fill(input, running.Options, running.Route, text, Entities(input), asked: null);
        if (filling.Changed.Count > 0)
        {
            return Interrupts(input, running.Route, filling.Rest, handoffOnly: Phrases.BeginsWithNo(text)) is { } other ? other
                : Next(input, running.Options, filling.Route with { Asked = filling.Route.Asked.Where(a => a.Key != ConfirmationKey).ToDictionary() }, filling.Problems);
        }

        // "Yes, cancel it"
        if (Phrases.BeginsWithYes(text) && IntentChoice.Weigh(input) is IntentChoice.Clear { Best.Intent: var repeated } && repeated == running.Route.Intent)
        {
            return Next(input, running.Options, running.Route with { Confirmed = true });
        }

        return Interrupts(input, running.Route, text) ?? AskToConfirm(input, running.Options, running.Route, again: true);
    }

    private static Decision AnswerCode(DecisionInput input, (RouteOptions Options, ActiveRoute Route) running)
    {
        var proof = input.State.Session.Proof;
        if (CodeIn(input.Input.Text) is not { } said)
        {
            if (Phrases.AsksForNewCode(input.Input.Text))
            {
                return SendCode(input, running.Options, running.Route);
            }

            return Interrupts(input, running.Route, input.Input.Text)
                ?? (ProofUsedUp(input) ? new Decision.HandOff(HandoffReason.ProofFailed, running.Route.Intent) : new Decision.Prove(running.Route, ProofLevel.Code, new SlotProblem("not-a-code")));
        }

        if (proof.CodeHash is null || proof.CodeSentAt is not { } sent || input.Now - sent > input.Bot.Options.Proof.CodeLife)
        {
            return SendCode(input, running.Options, running.Route);
        }

        if (AddressOf(running.Options, running.Route) is { } address && OneTimeCode.Matches(said, address, proof.CodeHash))
        {
            return Next(input, running.Options, running.Route with { Proven = ProofLevel.Code, ProvenFor = OneTimeCode.Mark(address, input.State.Session.Id) });
        }

        return new Decision.Prove(running.Route, ProofLevel.Code, new SlotProblem("wrong-code"));
    }

    private static Decision AnswerSlot(DecisionInput input, (RouteOptions Options, ActiveRoute Route) running, Prompt prompt)
    {
        var text = input.Input.Text;
        if (prompt.Slot is { } chosen && PromptAnswer.Match(prompt, text, input.Language) is { } choice)
        {
            var slots = new Dictionary<string, SlotValue>(running.Route.Slots) { [chosen] = new(choice.Value, text, SlotSource.Choice) };
            return Next(input, running.Options, running.Route with { Slots = slots, Confirmed = false });
        }

        var filling = SlotFiller.Fill(input, running.Options, running.Route, text, Entities(input), prompt.Slot);
        // Any words may answer a question for a text, unless they ask something themselves or are a sentence where a name was asked for.
        var slot = prompt.Slot is { } asked ? running.Options.Slots.GetValueOrDefault(asked) : null;
        var asks = slot?.Type == "text" && text.TrimEnd().EndsWith('?');
        var isText = slot?.Type == "text" && !asks && !(PersonName.IsAskedBy(slot) && PersonName.IsSentence(text));
        // Words that answer the question and give further values belong here, whatever else an engine hears in them.
        var answers = prompt.Slot is not null && filling.Changed.Count > 1 && filling.Changed.Contains(prompt.Slot);
        if (Interrupts(input, running.Route, filling.Changed.Count > 0 && slot?.Type != "text" ? filling.Rest : text, handoffOnly: isText || (answers && !asks)) is { } other)
        {
            return other;
        }

        if (asks && PersonName.IsAskedBy(slot!))
        {
            return Ask(input, running.Route, prompt.Slot!, _notUnderstood);
        }

        if (filling.Changed.Count > 0)
        {
            return Next(input, running.Options, filling.Route, filling.Problems, asked: prompt.Slot);
        }

        // After "not found" another value is welcome, but nothing was asked: whatever else is understood counts.
        if (prompt.Kind == PromptKind.Slot && running.Route.Asked.Count == 0)
        {
            switch (IntentChoice.Weigh(input))
            {
                case IntentChoice.Clear { Best.Intent: var meant } when meant != running.Route.Intent:
                    return Take(input, meant, text, Entities(input));
                case IntentChoice.Unclear { Candidates: [{ Intent: var likely }, ..] candidates } when likely != running.Route.Intent:
                    return Clarify(input, candidates);
            }
        }

        return prompt.Slot is { } again
            ? Ask(input, filling.Route, again, filling.Problems.GetValueOrDefault(again, _notUnderstood))
            : Next(input, running.Options, running.Route);
    }

    /// <summary>Another clear intent in the middle of a route; not when hardly any words are left beside the answer.</summary>
    private static Decision? Interrupts(DecisionInput input, ActiveRoute running, string rest, bool handoffOnly = false)
    {
        if (IntentChoice.Weigh(input) is not IntentChoice.Clear { Best: var best } || best.Intent == running.Intent)
        {
            return null;
        }

        var options = input.Bot.Options.Intents[best.Intent];
        if (options.Route == running.Route && options.Route is not null)
        {
            return null;
        }

        // A date that answers the question is a date, whatever an engine hears in it.
        var isAnswered = rest != input.Input.Text && Words.Count(Words.Normalize(rest)) < 2;
        if (options.Handoff is not null)
        {
            return isAnswered ? null : Take(input, best.Intent, input.Input.Text, Entities(input));
        }

        return handoffOnly || Words.Count(Words.Normalize(rest)) < 2 ? null : Take(input, best.Intent, input.Input.Text, Entities(input));
    }

    // ---- what was meant ------------------------------------------------------------------------------------------------------------

    private static Decision Understood(DecisionInput input) => IntentChoice.Weigh(input) switch
    {
        IntentChoice.Clear clear => Take(input, clear.Best.Intent, input.Input.Text, Entities(input)),
        IntentChoice.Unclear unclear => FollowUp(input, unclear.Candidates[0].Intent) ?? Clarify(input, unclear.Candidates),
        IntentChoice.Missed missed => FollowUp(input) ?? Miss(input, missed.Reason),
        _ => new Decision.HandOff(HandoffReason.NluDown, null),
    };

    /// <summary>"And 10428?" after an answer: another value for it, and hardly more words, in which no engine hears an intent; more where it hears that one half.</summary>
    private static Decision? FollowUp(DecisionInput input, string? half = null)
    {
        if (input.State.Session.Answered is not { } answered || !input.Bot.Routes.TryGetValue(answered.Route, out var options)
            || input.Bot.Options.Intents.GetValueOrDefault(answered.Intent)?.Route != answered.Route)
        {
            return null;
        }

        var filling = SlotFiller.Fill(input, options, answered, input.Input.Text, Entities(input), asked: null);
        return filling.Changed.Count > 0 && (half == answered.Intent || Words.Count(Words.Normalize(filling.Rest)) <= MostWordsOfFollowUp)
            ? Next(input, options, SlotFiller.FillFromMemory(input, options, filling.Route), filling.Problems)
            : null;
    }

    private static Decision Clarify(DecisionInput input, IReadOnlyList<RankedIntent> candidates) =>
        input.State.Session.MissesInARow + 1 > input.Bot.Options.Confidence.Attempts
            ? new Decision.HandOff(HandoffReason.LowConfidence, candidates[0].Intent)
            : new Decision.Clarify(candidates);

    private static Decision Miss(DecisionInput input, FallbackReason reason) =>
        input.State.Session.MissesInARow + 1 >= input.Bot.Options.Confidence.Attempts
            ? new Decision.HandOff(reason == FallbackReason.Declined ? HandoffReason.AttemptsUsed : HandoffReason.LowConfidence, null)
            : new Decision.FallBack(reason);

    private static Decision TakeNamed(DecisionInput input, string value, string about)
    {
        var intent = value.StartsWith(IntentPrefix, StringComparison.Ordinal) ? value[IntentPrefix.Length..] : value;
        return IntentChoice.Routable(input.Bot, intent) ? Take(input, intent, about, []) : Miss(input, FallbackReason.NoRoute);
    }

    private static Decision Take(DecisionInput input, string intent, string text, IReadOnlyList<Entity> entities)
    {
        var options = input.Bot.Options.Intents[intent];
        if (options.Handoff is { } handoff)
        {
            return new Decision.HandOff(handoff.Reason is { } reason && Kebab.TryParse<HandoffReason>(reason, out var named) ? named : HandoffReason.Asked, intent);
        }

        if (options.Route is not { } name || !input.Bot.Routes.TryGetValue(name, out var route))
        {
            return new Decision.Say(options.Reply!, intent);
        }

        // The running route again, or one that was interrupted: what is known stays.
        var session = input.State.Session;
        var active = (session.Active is { } a && a.Route == name ? a : session.Suspended.LastOrDefault(s => s.Route == name)) ?? new ActiveRoute { Route = name, Intent = intent };
        if (route.Reply.Text == "provider")
        {
            return new Decision.PassThrough(active);
        }

        var slots = new Dictionary<string, SlotValue>(active.Slots);
        foreach (var (slot, value) in options.Slots)
        {
            slots[slot] = new SlotValue(value, null, SlotSource.Choice);
        }

        var filled = SlotFiller.Fill(input, route, active with { Intent = intent, Slots = slots }, text, entities, asked: null);
        // The same once more: with nothing new it is about something else, and what was done is not done again by half.
        var answered = session.Answered is { } before && (before.Route != name || (route.Action is null && filled.Changed.Count > 0)) ? before : null;
        return Next(input, route, SlotFiller.FillFromMemory(input, route, filled.Route, answered), filled.Problems);
    }

    // ---- what comes next in a route ------------------------------------------------------------------------------------------------

    /// <param name="problems">Values that were said and could not be taken, by slot.</param>
    /// <param name="asked">The slot that was asked for: when it is still empty although another one was filled, the question is repeated without reproach.</param>
    private static Decision Next(DecisionInput input, RouteOptions options, ActiveRoute route, IReadOnlyDictionary<string, SlotProblem>? problems = null, string? asked = null)
    {
        foreach (var (name, slot) in options.Slots)
        {
            if (!slot.Optional && !route.Slots.ContainsKey(name))
            {
                if (SlotFiller.IsVouched(options, slot))
                {
                    return new Decision.HandOff(HandoffReason.ProofFailed, route.Intent);
                }

                var problem = problems?.GetValueOrDefault(name);
                return name == asked && problem is null
                    ? new Decision.AskSlot(route, name, Math.Max(1, route.Asked.GetValueOrDefault(name)), null)
                    : Ask(input, route, name, problem);
            }
        }

        if (Unproven(input, options, route) is { } prove)
        {
            return prove;
        }

        return options.Action is not null && !route.Confirmed && options.Lookup is null
            ? AskToConfirm(input, options, route, again: false)
            : new Decision.Fulfil(route);
    }

    private static Decision? Unproven(DecisionInput input, RouteOptions options, ActiveRoute route)
    {
        switch (options.Proof)
        {
            case "contact":
                return input.State.Facts.Contact.Verified ? null : new Decision.HandOff(HandoffReason.ProofFailed, route.Intent);
            case "known-fact":
                // The lookup itself must match all its parameters; here only the number of tries counts.
                return route.Proven < ProofLevel.KnownFact && ProofUsedUp(input) ? new Decision.HandOff(HandoffReason.ProofFailed, route.Intent) : null;
            case "code":
                // A code opens the data of its own address: with another address, however it got here, there is another code.
                return AddressOf(options, route) is { } address && OneTimeCode.Mark(address, input.State.Session.Id) is var mark
                    && (route.ProvenFor == mark || input.State.Session.Proof.Addresses.Contains(mark))
                    ? null
                    : SendCode(input, options, route);
            default:
                return null;
        }
    }

    private static Decision SendCode(DecisionInput input, RouteOptions options, ActiveRoute route) =>
        ProofUsedUp(input) || AddressOf(options, route) is null || input.State.Session.Proof.CodesSent >= input.Bot.Options.Proof.AttemptsPerConversation
            ? new Decision.HandOff(HandoffReason.ProofFailed, route.Intent)
            : new Decision.Prove(route, ProofLevel.Code);

    private static bool ProofUsedUp(DecisionInput input) =>
        input.State.Session.Proof.Failures >= input.Bot.Options.Proof.AttemptsPerConversation
        || input.ContactProofFailures >= input.Bot.Options.Proof.AttemptsPerContact;

    /// <summary>Where a one-time code goes: the first e-mail or phone slot of the route.</summary>
    public static string? AddressOf(RouteOptions options, ActiveRoute route) =>
        options.Slots.Where(s => s.Value.Type is "email" or "phone").Select(s => route.Slots.GetValueOrDefault(s.Key)?.Value).FirstOrDefault(v => v is not null);

    private static Decision Ask(DecisionInput input, ActiveRoute route, string slot, SlotProblem? problem)
    {
        var attempt = route.Asked.GetValueOrDefault(slot) + 1;
        return attempt > input.Bot.Options.Session.SlotAttempts
            ? new Decision.HandOff(HandoffReason.AttemptsUsed, route.Intent)
            : new Decision.AskSlot(route, slot, attempt, problem);
    }

    private static Decision AskToConfirm(DecisionInput input, RouteOptions options, ActiveRoute route, bool again)
    {
        var attempt = again ? route.Asked.GetValueOrDefault(ConfirmationKey) + 1 : 1;
        return attempt > input.Bot.Options.Session.SlotAttempts ? new Decision.HandOff(HandoffReason.AttemptsUsed, route.Intent)
            : options.Lookup is null ? new Decision.Confirm(route, attempt)
            : new Decision.Fulfil(route);
    }

    /// <summary>Key under which a route counts how often its confirmation was asked.</summary>
    public const string ConfirmationKey = "?confirm";

    // ---- beside the conversation ---------------------------------------------------------------------------------------------------

    private static bool MayAssist(DecisionInput input, SilenceReason silence) =>
        input.Bot.Options.Assist.On && input.Input.Kind == CustomerInputKind.Message
        && (silence is SilenceReason.HumanSpeaks or SilenceReason.HandedOff || (silence == SilenceReason.NotPending && input.State.Facts.Status == "open"));

    private static Decision.Assist? Assist(DecisionInput input)
    {
        if (IntentChoice.Weigh(input) is not IntentChoice.Clear { Best: var best }
            || input.Bot.Options.Intents[best.Intent].Route is not { } name || !input.Bot.Routes.TryGetValue(name, out var route) || route.Lookup is null)
        {
            return null;
        }

        var active = new ActiveRoute { Route = name, Intent = best.Intent };
        var filled = SlotFiller.FillFromMemory(input, route, SlotFiller.Fill(input, route, active, input.Input.Text, Entities(input), asked: null).Route);
        return route.Slots.All(s => s.Value.Optional || filled.Slots.ContainsKey(s.Key)) ? new Decision.Assist(filled, best) : null;
    }

    // ---- small things --------------------------------------------------------------------------------------------------------------

    private static IReadOnlyList<Entity> Entities(DecisionInput input) => input.Heard?.Understanding?.Entities ?? [];

    /// <summary>The route in progress, unless the configuration no longer knows it.</summary>
    private static (RouteOptions Options, ActiveRoute Route)? Running(DecisionInput input) =>
        input.State.Session.Active is { } active && input.Bot.Routes.TryGetValue(active.Route, out var options) ? (options, active) : null;

    /// <summary>Whether the words, behind those that were asked about, give the intent's route a value.</summary>
    private static bool GoesOn(DecisionInput input, string value, string about)
    {
        if (!value.StartsWith(IntentPrefix, StringComparison.Ordinal) || input.Bot.Options.Intents.GetValueOrDefault(value[IntentPrefix.Length..])?.Route is not { } name
            || !input.Bot.Routes.TryGetValue(name, out var route))
        {
            return false;
        }

        var before = Filled(about);
        return Filled($"{about}\n{input.Input.Text}").Any(s => before.GetValueOrDefault(s.Key)?.Value != s.Value.Value);

        IReadOnlyDictionary<string, SlotValue> Filled(string text) =>
            SlotFiller.Fill(input, route, new ActiveRoute { Route = name, Intent = value }, text, [], asked: null).Route.Slots;
    }

    private static bool WantsTheSame(DecisionInput input, ActiveRoute route) => IntentChoice.Weigh(input) switch
    {
        IntentChoice.Clear { Best.Intent: var best } => best == route.Intent,
        IntentChoice.Unclear { Candidates: [{ Intent: var likely }, ..] } => likely == route.Intent,
        _ => false,
    };

    /// <summary>"A person" answers "for how many?".</summary>
    private static bool CountsPeople(DecisionInput input) =>
        input.State.Session.Prompt is { Kind: PromptKind.Slot, Slot: { } name } && Running(input) is { } running
        && running.Options.Slots.GetValueOrDefault(name) is { Type: "number" } slot
        && SlotReader.Read(slot, input.Input.Text, SlotFiller.ContextOf(input), asked: true).Reading is not null;

    private static string? IntentThatAsks(Bot bot) =>
        bot.Options.Intents.Where(i => i.Value.Handoff is { } h && (h.Reason ?? "asked") == "asked").Select(i => i.Key).FirstOrDefault();

    private static string? CodeIn(string text)
    {
        var digits = new string([.. text.Where(char.IsAsciiDigit)]);
        return digits.Length is >= 4 and <= 10 && text.All(c => char.IsAsciiDigit(c) || c is ' ' or '-' or '.' or '\n' || char.IsLetter(c)) ? digits : null;
    }
}
