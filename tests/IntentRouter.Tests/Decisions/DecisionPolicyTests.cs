using System.Text.Json.Nodes;
using IntentRouter.Configuration;
using IntentRouter.Conversations;
using IntentRouter.Decisions;
using IntentRouter.Fulfillment;
using IntentRouter.Turns;

namespace IntentRouter.Tests.Decisions;

public class DecisionPolicyTests
{
    private static string Decide(DecisionInput input) => DecisionPolicy.Decide(input).Rule;

    [Theory]
    [InlineData("hours:0.90 refund:0.20", "say")]
    [InlineData("hours:0.70 refund:0.20", "say")]
    [InlineData("hours:0.90 refund:0.85", "clarify")]
    [InlineData("hours:0.90 opening_times:0.89", "say")]
    [InlineData("hours:0.69 refund:0.20", "clarify")]
    [InlineData("hours:0.40", "clarify")]
    [InlineData("hours:0.39", "fallback-below-threshold")]
    [InlineData("hours:?", "fallback-no-confidence")]
    [InlineData("", "fallback-no-candidate")]
    [InlineData("none", "fallback-no-candidate")]
    [InlineData("none hours:1.00", "fallback-no-candidate")]
    [InlineData("careful:0.90", "clarify")]
    [InlineData("careful:0.95", "say")]
    [InlineData("unknown_intent:0.99 hours:0.1", "fallback-no-route")]
    [InlineData("out_of_scope:0.2", "fallback-below-threshold")]
    [InlineData("nobody", "handoff-nlu-down")]
    [InlineData("human:0.80", "handoff-asked")]
    [InlineData("complaint:0.80", "handoff-sensitive")]
    [InlineData("order_status:0.80", "ask-slot")]
    public void What_was_heard_decides(string heard, string rule) => Assert.Equal(rule, Decide(DeskOfOne.Input(DeskOfOne.Bot(), "some words", heard)));

    [Theory]
    [InlineData("hours:0.65 refund:0.60 order_status:0.55", "hours refund")]
    [InlineData("hours:0.65 refund:0.10", "hours")]
    [InlineData("hours:0.90 refund:0.85 order_status:0.83", "hours refund")]
    [InlineData("hours:0.65 unknown_intent:0.60", "hours")]
    public void A_clarification_offers_the_candidates_that_are_close(string heard, string candidates)
    {
        var decision = Assert.IsType<Decision.Clarify>(DecisionPolicy.Decide(DeskOfOne.Input(DeskOfOne.Bot(), "some words", heard)));

        Assert.Equal(candidates, string.Join(' ', decision.Candidates.Select(c => c.Intent)));
    }

    [Theory]
    [InlineData(0, 2, "fallback-below-threshold")]
    [InlineData(1, 2, "handoff-low-confidence")]
    [InlineData(0, 1, "handoff-low-confidence")]
    [InlineData(1, 3, "fallback-below-threshold")]
    [InlineData(2, 3, "handoff-low-confidence")]
    public void Misses_in_a_row_end_at_a_human(int before, int attempts, string rule) =>
        Assert.Equal(rule, Decide(DeskOfOne.Input(DeskOfOne.Bot(o => o.Confidence.Attempts = attempts), "blorp", "hours:0.1", new Session { MissesInARow = before })));

    [Theory]
    [InlineData("pending", false, null, true, "say")]
    [InlineData("open", false, null, true, "silent-not-pending")]
    [InlineData("resolved", false, null, true, "silent-not-pending")]
    [InlineData("snoozed", false, null, true, "silent-not-pending")]
    [InlineData("what_is_this", false, null, true, "silent-not-pending")]
    [InlineData(null, false, null, true, "silent-not-pending")]
    [InlineData("pending", true, null, true, "silent-human-speaks")]
    [InlineData("pending", false, "User", true, "say")] // Whoever pushes a conversation back stays assigned to it.
    [InlineData("pending", false, "AgentBot", true, "say")]
    [InlineData("pending", false, null, false, "handoff-unsupported")]
    public void The_gate_comes_first(string? status, bool human, string? assignee, bool canReply, string rule)
    {
        var facts = new ConversationFacts { Status = status, HumanSteppedIn = human, AssigneeType = assignee, CanReply = canReply };

        Assert.Equal(rule, Decide(DeskOfOne.Input(DeskOfOne.Bot(), "when are you open", "hours:0.9", facts: facts)));
    }

    [Fact]
    public void What_was_said_before_the_chat_opened_our_own_handoff_gets_no_answer() =>
        Assert.Equal("silent-handed-off", Decide(DeskOfOne.Input(DeskOfOne.Bot(), "when are you open", "hours:0.9", new Session { Handoff = new HandoffState("asked", DeskOfOne.Now, []) })));

    [Fact]
    public void A_blocked_contact_gets_no_answer() =>
        Assert.Equal("silent-blocked", Decide(DeskOfOne.Input(DeskOfOne.Bot(), "hello", "hours:0.9", facts: new ConversationFacts { Status = "pending", Contact = new ContactFacts { Blocked = true } })));

    [Theory]
    [InlineData("I want to talk to a human")]
    [InlineData("agent")]
    [InlineData("can I please speak with a real person?!")]
    [InlineData("HUMAN PLEASE")]
    [InlineData("No, I want to speak to someone about this now")]
    public void A_person_is_given_whenever_one_is_asked_for(string text)
    {
        var bot = DeskOfOne.Bot();
        Assert.Equal("handoff-asked", Decide(DeskOfOne.Input(bot, text, "nobody")));
        Assert.Equal("handoff-asked", Decide(DeskOfOne.Input(bot, text, "hours:0.99")));
        Assert.Equal("handoff-asked", Decide(DeskOfOne.Input(bot, text, "none", Asked("order_number"))));
    }

    [Theory]
    [InlineData("my travel agent booked it")]
    [InlineData("the person at the door took the parcel")]
    [InlineData("is the agent fee included")]
    public void Words_that_only_sound_like_it_are_no_call_for_a_person(string text) => Assert.Equal("say", Decide(DeskOfOne.Input(DeskOfOne.Bot(), text, "hours:0.9")));

    [Fact]
    public void An_attachment_without_words_goes_to_a_person()
    {
        var input = DeskOfOne.Input(DeskOfOne.Bot(), "");

        Assert.False(DecisionPolicy.NeedsUnderstanding(input with { Input = input.Input with { Attachments = ["image"] } }));
        Assert.Equal("handoff-unsupported", Decide(input with { Input = input.Input with { Attachments = ["image"] } }));
    }

    [Theory]
    [InlineData(19, "say")]
    [InlineData(20, "handoff-loop")]
    public void Too_many_replies_in_a_minute_are_a_loop(int replies, string rule)
    {
        var session = new Session { RecentReplies = [.. Enumerable.Range(0, replies).Select(i => DeskOfOne.Now.AddSeconds(-i))] };

        Assert.Equal(rule, Decide(DeskOfOne.Input(DeskOfOne.Bot(), "hello", "hours:0.9", session)));
    }

    [Fact]
    public void Replies_older_than_a_minute_do_not_count() =>
        Assert.Equal("say", Decide(DeskOfOne.Input(DeskOfOne.Bot(), "hello", "hours:0.9", new Session { RecentReplies = [.. Enumerable.Repeat(DeskOfOne.Now.AddSeconds(-61), 30)] })));

    private static Session Asked(string slot, params (string Slot, string Value)[] known) => new()
    {
        Active = new ActiveRoute { Route = slot is "order_number" or "email" ? "order-status" : "book-table", Intent = slot is "order_number" or "email" ? "order_status" : "book_table", Slots = known.ToDictionary(k => k.Slot, k => new SlotValue(k.Value, null, SlotSource.Said)), Asked = new Dictionary<string, int> { [slot] = 1 } },
        Prompt = new Prompt { Kind = PromptKind.Slot, Slot = slot, AskedAt = DeskOfOne.Now },
    };

    [Theory]
    [InlineData("10427", "none", "ask-slot")]
    [InlineData("10427 priya@example.com", "none", "route")]
    [InlineData("it is 10427", "nobody", "ask-slot")]
    [InlineData("hm", "none", "ask-slot-again")]
    [InlineData("hm", "nobody", "ask-slot-again")]
    [InlineData("never mind", "none", "cancel")]
    [InlineData("forget it", "hours:0.9", "cancel")]
    [InlineData("when do you open on monday", "hours:0.9", "say")]
    [InlineData("I would rather book a table for tonight", "book_table:0.9", "ask-slot")]
    [InlineData("where is my order 10427", "order_status:0.95", "ask-slot")]
    [InlineData("10427", "refund:0.9", "ask-slot")]
    [InlineData("you broke my things", "complaint:0.9", "handoff-sensitive")]
    [InlineData("10427", "complaint:0.9", "ask-slot")]
    [InlineData("10427 and it is broken", "complaint:0.9", "handoff-sensitive")]
    [InlineData("maybe when you open", "hours:0.6", "ask-slot-again")]
    public void An_answer_to_a_question_is_taken_before_a_new_intent(string text, string heard, string rule) =>
        Assert.Equal(rule, Decide(DeskOfOne.Input(DeskOfOne.Bot(), text, heard, Asked("order_number"))));

    [Theory]
    [InlineData("thanks", "hours:0.9", "say")]
    [InlineData("opening", "hours:0.5", "clarify")]
    [InlineData("book it", "book_table:0.9", "ask-slot")]
    [InlineData("hm", "none", "ask-slot")]
    [InlineData("that is right", "order_status:0.9", "ask-slot")]
    [InlineData("it is 10428", "hours:0.3", "route")]
    public void After_nothing_was_found_another_value_is_welcome_and_so_is_anything_else(string text, string heard, string rule)
    {
        var session = Asked("order_number", ("order_number", "10427"), ("email", "priya@example.com"));
        session = session with { Active = session.Active! with { Asked = new Dictionary<string, int>() } };

        Assert.Equal(rule, Decide(DeskOfOne.Input(DeskOfOne.Bot(), text, heard, session)));
    }

    [Fact]
    public void Another_route_keeps_the_interrupted_one_and_its_slots()
    {
        var bot = DeskOfOne.Bot();
        var input = DeskOfOne.Input(bot, "I would rather book a table for tonight", "book_table:0.9", Asked("email", ("order_number", "10427")));

        var composed = TurnComposer.Compose(input, DecisionPolicy.Decide(input), null);

        Assert.Equal("book-table", composed.Session.Active!.Route);
        Assert.Equal("10427", Assert.Single(composed.Session.Suspended).Slots["order_number"].Value);
    }

    private static Session Answered(string route, string intent, params (string Slot, string Value)[] slots) => new()
    {
        Id = "s",
        Answered = new ActiveRoute { Route = route, Intent = intent, Slots = slots.ToDictionary(k => k.Slot, k => new SlotValue(k.Value, null, SlotSource.Remembered)) },
    };

    [Theory]
    [InlineData("and 10428?", "none", "route 10428")]
    [InlineData("and 10428?", "hours:0.5 refund:0.45", "route 10428")]
    [InlineData("what about 10428", "hours:0.2", "route 10428")]
    [InlineData("is 10428 a good size for a tent", "hours:0.2", "fallback-below-threshold")]
    [InlineData("is 10428 a good size for a tent", "hours:0.5", "clarify")]
    [InlineData("is 10428 on its way to me as well", "order_status:0.5", "route 10428")]
    [InlineData("is it on its way to me", "order_status:0.5", "clarify")]
    [InlineData("10427", "none", "fallback-no-candidate")]
    [InlineData("and now?", "none", "fallback-no-candidate")]
    [InlineData("and 10428?", "hours:0.9", "say")]
    [InlineData("and 10428?", "nobody", "handoff-nlu-down")]
    [InlineData("where is 10428", "order_status:0.9", "route 10428")]
    [InlineData("where is my order", "order_status:0.9", "ask-slot order_number")]
    [InlineData("where did you send 10428, to bob@example.com?", "order_status:0.9", "route 10428 bob@example.com")]
    public void A_follow_up_goes_on_with_what_was_answered(string text, string heard, string expected)
    {
        var decision = DecisionPolicy.Decide(DeskOfOne.Input(DeskOfOne.Bot(), text, heard, Answered("order-status", "order_status", ("order_number", "10427"), ("email", "priya@example.com"))));

        Assert.Equal(expected, decision switch
        {
            Decision.Fulfil { Route.Slots: var slots } => $"route {slots["order_number"].Value}{(slots["email"].Value == "priya@example.com" ? "" : $" {slots["email"].Value}")}",
            Decision.AskSlot ask => $"{ask.Rule} {ask.Slot}",
            _ => decision.Rule,
        });
    }

    [Fact]
    public void Another_route_goes_on_with_the_values_of_the_one_that_was_answered()
    {
        var bot = DeskOfOne.Bot(
            with: o =>
            {
                o.Intents["parcel"] = new() { Route = "parcel" };
                o.Intents["note"] = new() { Route = "note" };
            },
            routes: r =>
            {
                r["parcel"] = new() { Slots = new() { ["order_number"] = r["order-status"].Slots["order_number"], ["email"] = new() { Type = "email", Optional = true } }, Lookup = "parcels" };
                r["note"] = new() { Slots = new() { ["order_number"] = new() { Type = "text" } }, Lookup = "notes" };
            });
        var session = Answered("order-status", "order_status", ("order_number", "10427"), ("email", "priya@example.com"));

        var parcel = Assert.IsType<Decision.Fulfil>(DecisionPolicy.Decide(DeskOfOne.Input(bot, "which carrier has it", "parcel:0.9", session))).Route;
        var other = Assert.IsType<Decision.Fulfil>(DecisionPolicy.Decide(DeskOfOne.Input(bot, "which carrier has 10428", "parcel:0.9", session))).Route;

        // What it can do without was not said for it, and free words are those of the question that they answered.
        Assert.Equal(("order_number", "10427", SlotSource.Remembered), (Assert.Single(parcel.Slots).Key, parcel.Slots["order_number"].Value, parcel.Slots["order_number"].Source));
        Assert.Equal(("10428", SlotSource.Said), (other.Slots["order_number"].Value, other.Slots["order_number"].Source));
        Assert.Equal("order_number", Assert.IsType<Decision.AskSlot>(DecisionPolicy.Decide(DeskOfOne.Input(bot, "leave a note", "note:0.9", session))).Slot);
    }

    [Fact]
    public void What_was_done_is_done_again_only_for_what_is_said_anew()
    {
        var done = Answered("book-table", "book_table", ("date", "2026-10-09"), ("time", "20:00"), ("guests", "4")).Answered!;
        var session = TurnComposer.ConcludeAction(DeskOfOne.Input(DeskOfOne.Bot(), ""), done with { Confirmed = true, ActionKey = "k" }, new ActionOutcome.Done([])).Session;

        var another = Assert.IsType<Decision.AskSlot>(DecisionPolicy.Decide(DeskOfOne.Input(DeskOfOne.Bot(), "I need another table for 2 people", "book_table:0.9", session)));
        var followUp = Assert.IsType<Decision.Confirm>(DecisionPolicy.Decide(DeskOfOne.Input(DeskOfOne.Bot(), "and on Saturday?", "none", session)));

        Assert.Equal(("date", "2"), (another.Slot, another.Route.Slots["guests"].Value));
        Assert.Equal(("2026-10-10", "20:00", "4", false), (followUp.Route.Slots["date"].Value, followUp.Route.Slots["time"].Value, followUp.Route.Slots["guests"].Value, followUp.Route.Confirmed));
    }

    [Fact]
    public void What_the_site_vouches_for_is_never_that_of_an_earlier_answer()
    {
        var bot = DeskOfOne.Bot(routes: r => r["order-status"].Proof = "contact");
        var facts = new ConversationFacts { Status = "pending", Contact = new ContactFacts { Id = 1, Verified = true, Email = "ada@example.com" } };
        var session = Answered("order-status", "order_status", ("order_number", "10427"));
        var input = DeskOfOne.Input(bot, "and 10428?", "none", session, facts);
        var fulfil = Assert.IsType<Decision.Fulfil>(DecisionPolicy.Decide(input));
        Assert.Equal(("10428", "ada@example.com"), (fulfil.Route.Slots["order_number"].Value, fulfil.Route.Slots["email"].Value));

        var found = new Fulfilment { Lookup = new LookupOutcome.Found([new JsonObject { ["number"] = 10428, ["status"] = "packed" }]) };
        var composed = TurnComposer.Compose(input, fulfil, found);
        Assert.Equal("order_number", Assert.Single(composed.Session.Answered!.Slots).Key);
    }

    [Theory]
    [InlineData(1, "ask-slot-again")]
    [InlineData(2, "ask-slot-again")]
    [InlineData(3, "handoff-attempts-used")]
    public void Asking_ends_at_a_human(int asked, string rule)
    {
        var session = Asked("order_number");
        session = session with { Active = session.Active! with { Asked = new Dictionary<string, int> { ["order_number"] = asked } } };

        Assert.Equal(rule, Decide(DeskOfOne.Input(DeskOfOne.Bot(), "hm", "none", session)));
    }

    [Fact]
    public void Several_values_in_one_message_are_all_taken()
    {
        var decision = Assert.IsType<Decision.Confirm>(DecisionPolicy.Decide(DeskOfOne.Input(DeskOfOne.Bot(), "a table for 4 on Friday at 8pm please", "book_table:0.95")));

        Assert.Equal("date=2026-10-09 guests=4 time=20:00", string.Join(' ', decision.Route.Slots.OrderBy(s => s.Key, StringComparer.Ordinal).Select(s => $"{s.Key}={s.Value.Value}")));
    }

    [Theory]
    [InlineData("no, Saturday", "2026-10-10", "20:00", "4")]
    [InlineData("make it 6 people", "2026-10-09", "20:00", "6")]
    [InlineData("at 9pm instead", "2026-10-09", "21:00", "4")]
    [InlineData("not Friday, Sunday at 7pm", "2026-10-11", "19:00", "4")]
    public void A_correction_changes_what_was_said_and_asks_for_the_yes_again(string text, string date, string time, string guests)
    {
        var session = Asked("guests", ("date", "2026-10-09"), ("time", "20:00"), ("guests", "4")) with
        {
            Prompt = new Prompt { Kind = PromptKind.Confirm, Choices = [new("Yes", "yes"), new("No", "no")], AskedAt = DeskOfOne.Now },
        };

        var decision = Assert.IsType<Decision.Confirm>(DecisionPolicy.Decide(DeskOfOne.Input(DeskOfOne.Bot(), text, "none", session)));

        Assert.Equal((date, time, guests), (decision.Route.Slots["date"].Value, decision.Route.Slots["time"].Value, decision.Route.Slots["guests"].Value));
        Assert.False(decision.Route.Confirmed);
    }

    [Theory]
    [InlineData("yes", true)]
    [InlineData("Yes please!", true)]
    [InlineData("ok", true)]
    [InlineData("1", true)]
    [InlineData("sí", true)]
    [InlineData("ok thanks", true)]
    [InlineData("si tu veux", false)]
    [InlineData("thanks", false)]
    [InlineData("maybe", false)]
    [InlineData("yes but I am not sure about it", false)]
    [InlineData("", false)]
    public void Only_an_unmistakable_yes_runs_an_action(string text, bool runs)
    {
        var session = Asked("guests", ("date", "2026-10-09"), ("time", "20:00"), ("guests", "4")) with
        {
            Prompt = new Prompt { Kind = PromptKind.Confirm, Choices = [new("Yes", "yes"), new("No", "no")], AskedAt = DeskOfOne.Now },
        };

        Assert.Equal(runs, DecisionPolicy.Decide(DeskOfOne.Input(DeskOfOne.Bot(), text, "none", session)) is Decision.Fulfil { Route.Confirmed: true });
    }

    [Theory]
    [InlineData("Opening hours", "say")]
    [InlineData("opening", "say")]
    [InlineData("intent:hours", "say")]
    [InlineData("1", "say")]
    [InlineData("the second one", "say")]
    [InlineData("2.", "say")]
    [InlineData("none of these", "fallback-no-candidate")]
    [InlineData("3", "handoff-attempts-used")]
    [InlineData("Something else", "handoff-attempts-used")]
    [InlineData("no", "handoff-attempts-used")]
    public void A_clarification_is_answered_by_typing(string text, string rule)
    {
        var session = new Session
        {
            MissesInARow = 1,
            Prompt = new Prompt
            {
                Kind = PromptKind.Clarify,
                Choices = [new("Opening hours", "intent:hours"), new("My refund", "intent:refund"), new("Something else", DecisionPolicy.SomethingElse)],
                AskedAt = DeskOfOne.Now,
            },
        };
        var input = DeskOfOne.Input(DeskOfOne.Bot(o => o.Confidence.Attempts = rule.StartsWith("fallback", StringComparison.Ordinal) ? 3 : 2), text, session: session);
        input = DecisionPolicy.NeedsUnderstanding(input) ? input with { Heard = DeskOfOne.Heard("none") } : input;

        Assert.Equal(rule, Decide(input));
    }

    [Fact]
    public void A_pressed_or_typed_choice_needs_no_understanding()
    {
        var session = new Session { Prompt = new Prompt { Kind = PromptKind.Clarify, Choices = [new("Opening hours", "intent:hours")], AskedAt = DeskOfOne.Now } };

        Assert.False(DecisionPolicy.NeedsUnderstanding(DeskOfOne.Input(DeskOfOne.Bot(), "opening hours", session: session)));
        Assert.True(DecisionPolicy.NeedsUnderstanding(DeskOfOne.Input(DeskOfOne.Bot(), "what about refunds", session: session)));
    }

    [Theory]
    [InlineData("key-2", "key-2", null, 7, "say")]
    [InlineData("key-2", "key-1", null, 7, "silent-nothing-new")]
    [InlineData(null, null, 7L, 7, "say")]
    [InlineData(null, null, 8L, 7, "silent-nothing-new")]
    [InlineData("key-2", null, null, 7, "say")]
    public void An_answer_belongs_to_the_question_that_it_was_given_to(string? asked, string? answered, long? askedId, long answeredId, string rule)
    {
        var session = Asked("order_number") with
        {
            Prompt = new Prompt { Kind = PromptKind.Confirm, EffectKey = asked, MessageId = askedId, Choices = [new("Yes", "yes"), new("No", "no")], AskedAt = DeskOfOne.Now },
            Active = new ActiveRoute { Route = "answered", Intent = "hours" },
        };
        var bot = DeskOfOne.Bot(routes: r => r["answered"] = new RouteOptions { Reply = new ReplyOptions { Text = "hours" } });
        var input = DeskOfOne.Input(bot, "", session: session) with
        {
            Input = new CustomerInput { Kind = CustomerInputKind.Submission, MessageId = answeredId, PromptKey = answered, Submitted = [new SubmittedValue(null, "Yes", "yes")] },
        };

        Assert.Equal(rule == "say" ? "route" : rule, Decide(input));
    }

    [Fact]
    public void A_choice_of_intents_counts_however_late_it_is_pressed()
    {
        var input = DeskOfOne.Input(DeskOfOne.Bot(), "") with { Input = new CustomerInput { Kind = CustomerInputKind.Submission, MessageId = 3, Submitted = [new SubmittedValue(null, "Opening hours", "intent:hours")] } };

        Assert.Equal("say", Decide(input));
    }

    [Theory]
    [InlineData("I did not get it", 1, "prove")]
    [InlineData("new code please", 1, "prove")]
    [InlineData("ich habe nichts bekommen", 1, "prove")]
    [InlineData("resend", 3, "handoff-proof-failed")]
    [InlineData("hm", 1, "prove-again")]
    public void A_code_that_did_not_come_is_sent_anew_a_few_times(string text, int sent, string rule)
    {
        var bot = DeskOfOne.Bot(routes: r => r["private"] = new RouteOptions { Slots = { ["email"] = new SlotOptions { Type = "email" } }, Proof = "code", Lookup = "orders" });
        var session = new Session
        {
            Id = "s",
            Active = new ActiveRoute { Route = "private", Intent = "hours", Slots = new Dictionary<string, SlotValue> { ["email"] = new("priya@example.com", null, SlotSource.Said) } },
            Prompt = new Prompt { Kind = PromptKind.Code, AskedAt = DeskOfOne.Now },
            Proof = new ProofState { CodeHash = "salt.00", CodeSentAt = DeskOfOne.Now, CodesSent = sent },
        };

        Assert.Equal(rule, Decide(DeskOfOne.Input(bot, text, "none", session)));
    }

    [Theory]
    [InlineData("large", "large")]
    [InlineData("small", null)] // The second tap of the same button.
    [InlineData("huge", null)]
    public void Another_option_of_a_question_that_was_answered_is_a_correction(string pressed, string? expected)
    {
        var bot = DeskOfOne.Bot(routes: r => r["tent"] = new RouteOptions
        {
            Slots = { ["size"] = new SlotOptions { Type = "choice", Choices = { ["small"] = [], ["large"] = [] } }, ["date"] = new SlotOptions { Type = "date" } },
            Reply = new ReplyOptions { Text = "hours" },
        });
        var session = new Session
        {
            Id = "s",
            Active = new ActiveRoute { Route = "tent", Intent = "hours", Slots = new Dictionary<string, SlotValue> { ["size"] = new("small", null, SlotSource.Choice) }, Asked = new Dictionary<string, int> { ["date"] = 1 } },
            Prompt = new Prompt { Kind = PromptKind.Slot, Slot = "date", EffectKey = "key-2", AskedAt = DeskOfOne.Now },
        };
        var input = DeskOfOne.Input(bot, "", session: session) with
        {
            Input = new CustomerInput { Kind = CustomerInputKind.Submission, MessageId = 5, PromptKey = "key-1", Submitted = [new SubmittedValue(null, pressed, pressed)] },
        };

        var decision = DecisionPolicy.Decide(input);

        Assert.Equal(expected, decision is Decision.AskSlot { Slot: "date", Attempt: 1 } ask ? ask.Route.Slots["size"].Value : null);
        Assert.Equal(expected is null, decision is Decision.StaySilent);
    }

    [Theory]
    [InlineData("")]
    [InlineData("   ")]
    public void An_empty_submission_is_ignored(string value)
    {
        var input = DeskOfOne.Input(DeskOfOne.Bot(), "", session: Asked("order_number")) with { Input = new CustomerInput { Kind = CustomerInputKind.Submission, MessageId = 3, Submitted = [new SubmittedValue(null, null, value)] } };

        Assert.Equal("silent-nothing-new", Decide(input));
    }

    [Theory]
    [InlineData("none", false, 0, 0L, "route")]
    [InlineData("known-fact", false, 2, 9L, "route")]
    [InlineData("known-fact", false, 3, 0L, "handoff-proof-failed")]
    [InlineData("known-fact", false, 0, 10L, "handoff-proof-failed")]
    [InlineData("contact", true, 0, 0L, "route")]
    [InlineData("contact", false, 0, 0L, "handoff-proof-failed")]
    [InlineData("code", false, 0, 0L, "prove")]
    [InlineData("code", true, 0, 0L, "prove")]
    [InlineData("code", false, 3, 0L, "handoff-proof-failed")]
    public void Private_data_needs_the_routes_proof(string proof, bool verified, int failures, long ofContact, string rule)
    {
        var bot = DeskOfOne.Bot(routes: r => r["order-status"].Proof = proof);
        var facts = new ConversationFacts { Status = "pending", Contact = new ContactFacts { Verified = verified, Email = proof == "contact" ? "priya@example.com" : null } };
        var input = DeskOfOne.Input(bot, "where is 10427 priya@example.com", "order_status:0.9", new Session { Proof = new ProofState { Failures = failures } }, facts) with { ContactProofFailures = ofContact };

        Assert.Equal(rule, Decide(input));
    }

    [Theory]
    [InlineData("where is 10427 victim@example.com", "order_status:0.9")]
    [InlineData("no, my address is victim@example.com", "none")]
    [InlineData("victim@example.com 10427", "none")]
    public void What_the_site_vouches_for_is_not_taken_from_the_persons_own_words(string text, string heard)
    {
        var bot = DeskOfOne.Bot(routes: r => r["order-status"].Proof = "contact");
        var facts = new ConversationFacts { Status = "pending", Contact = new ContactFacts { Id = 1, Verified = true, Email = "mallory@example.com" } };
        var running = new ActiveRoute
        {
            Route = "order-status",
            Intent = "order_status",
            Slots = new Dictionary<string, SlotValue> { ["email"] = new("mallory@example.com", null, SlotSource.Profile), ["order_number"] = new("10427", "10427", SlotSource.Said) },
        };
        foreach (var session in (Session[])[new Session { Id = "s" }, new Session { Id = "s", Active = running, Prompt = new Prompt { Kind = PromptKind.Slot, Slot = "order_number", AskedAt = DeskOfOne.Now } }])
        {
            var decided = DecisionPolicy.Decide(DeskOfOne.Input(bot, text, heard, session, facts));
            var route = decided switch { Decision.Fulfil f => f.Route, Decision.AskSlot a => a.Route, _ => null };
            Assert.True(route is null || route.Slots["email"].Value == "mallory@example.com", decided.ToString());
        }

        // Nor from a form, nor from what was said for another route.
        var form = DeskOfOne.Input(bot, "", session: new Session { Id = "s", Active = running, Prompt = new Prompt { Kind = PromptKind.Form, Slot = "order_number", AskedAt = DeskOfOne.Now } }, facts: facts) with
        {
            Input = new CustomerInput { Kind = CustomerInputKind.Submission, MessageId = 3, Submitted = [new SubmittedValue("order_number", null, "10428"), new SubmittedValue("email", null, "victim@example.com")] },
        };
        Assert.Equal("mallory@example.com", Assert.IsType<Decision.Fulfil>(DecisionPolicy.Decide(form)).Route.Slots["email"].Value);
        var remembered = new Session { Id = "s", Remembered = new Dictionary<string, SlotValue> { ["email"] = new("victim@example.com", null, SlotSource.Said) } };
        Assert.Equal("mallory@example.com", Assert.IsType<Decision.Fulfil>(DecisionPolicy.Decide(DeskOfOne.Input(bot, "where is 10427", "order_status:0.9", remembered, facts))).Route.Slots["email"].Value);
        // And where the profile has none, nobody is asked.
        Assert.Equal("handoff-proof-failed", Decide(DeskOfOne.Input(bot, "where is 10427", "order_status:0.9", facts: facts with { Contact = facts.Contact with { Email = null } })));
    }

    [Fact]
    public void A_name_that_a_route_lost_in_a_reload_ends_the_route_and_not_the_turn()
    {
        var session = Asked("order_number") with { Active = new ActiveRoute { Route = "gone", Intent = "gone" } };

        Assert.Equal("say", Decide(DeskOfOne.Input(DeskOfOne.Bot(), "when do you open", "hours:0.9", session)));
    }

    [Theory]
    [InlineData(true, false, null, "say")]
    [InlineData(true, false, "2026-10-08", "silent-nothing-new")]
    [InlineData(false, false, null, "silent-nothing-new")]
    public void The_widget_is_greeted_once_a_day(bool on, bool speakFirst, string? greeted, string rule)
    {
        var bot = DeskOfOne.Bot(o => o.Greeting = new GreetingOptions { On = on, SpeakFirst = speakFirst });
        var input = DeskOfOne.Input(bot, "", session: new Session { GreetedOn = greeted }) with { Input = new CustomerInput { Kind = CustomerInputKind.WidgetOpened, SourceId = "x" } };

        Assert.Equal(rule, Decide(input));
    }

    [Fact]
    public void Deciding_twice_gives_the_same()
    {
        var input = DeskOfOne.Input(DeskOfOne.Bot(), "a table for 4 on Friday at 8pm please", "book_table:0.95");

        Assert.Equal(DecisionPolicy.Decide(input).Rule, DecisionPolicy.Decide(input).Rule);
        Assert.Equal(
            System.Text.Json.JsonSerializer.Serialize(((Decision.Confirm)DecisionPolicy.Decide(input)).Route),
            System.Text.Json.JsonSerializer.Serialize(((Decision.Confirm)DecisionPolicy.Decide(input)).Route));
    }

    [Fact]
    public void Whatever_is_written_something_is_decided()
    {
        var random = new Random(20261008);
        var bot = DeskOfOne.Bot();
        string[] words = ["yes", "no", "10427", "priya@example.com", "Friday", "8pm", "cancel", "4", "human", "{{", "%}", "\0", "🙂", "never mind", "at", "not", "مرحبا", "'; drop table orders; --", "31.02.", "-"];
        Session[] sessions = [new(), Asked("order_number"), Asked("email", ("order_number", "1")), Asked("date"), Asked("time"), Asked("guests"), Asked("date") with { Prompt = new Prompt { Kind = PromptKind.Code } }, Asked("date") with { Prompt = new Prompt { Kind = PromptKind.Form } }, Asked("date") with { Prompt = new Prompt { Kind = PromptKind.Confirm } }];
        string[] heard = ["none", "nobody", "hours:0.9", "order_status:0.9", "book_table:0.6 refund:0.59", "human:0.8", "hours:?"];
        for (var i = 0; i < 3_000; i++)
        {
            var text = string.Join(' ', Enumerable.Range(0, random.Next(0, 6)).Select(_ => words[random.Next(words.Length)]));
            var input = DeskOfOne.Input(bot, text, heard[random.Next(heard.Length)], sessions[random.Next(sessions.Length)]);
            var decision = DecisionPolicy.Decide(input);
            var composed = TurnComposer.Compose(input, decision, new IntentRouter.Turns.Fulfilment { NewKey = "k", Code = "123456" });

            // A customer who may be answered always is: by words, or by a person.
            Assert.Contains(composed.Effects, e => e is IntentRouter.Turns.SendMessage or IntentRouter.Turns.SetStatus or IntentRouter.Turns.CallAction);
        }
    }
}
