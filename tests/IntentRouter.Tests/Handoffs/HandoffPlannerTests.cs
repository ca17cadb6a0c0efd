using System.Text.Json;
using System.Text.Json.Nodes;
using IntentRouter.Configuration;
using IntentRouter.Conversations;
using IntentRouter.Decisions;
using IntentRouter.Fulfillment;
using IntentRouter.Handoffs;
using IntentRouter.Nlu;
using IntentRouter.Replies;
using IntentRouter.Turns;

namespace IntentRouter.Tests.Handoffs;

public sealed class HandoffPlannerTests
{
    private static readonly DateTimeOffset _monday = new(2026, 3, 2, 10, 0, 0, TimeSpan.Zero);

    public static TheoryData<string> Reasons => [.. Enum.GetValues<HandoffReason>().Select(r => Kebab.Of(r))];

    [Theory]
    [MemberData(nameof(Reasons))]
    public void Every_reason_tells_the_agent_and_the_customer_before_it_opens(string name)
    {
        Assert.True(Kebab.TryParse<HandoffReason>(name, out var reason));

        var effects = HandoffPlanner.Plan(Input(), reason, null, new HandoffPlanner.Details()).Effects;

        Assert.Equal(["note", "attributes", "words", "open"], Kinds(effects));
        var note = Assert.IsType<SendPrivateNote>(effects[0]).Content;
        Assert.StartsWith("**Handed over by the bot: ", note, StringComparison.Ordinal);
        Assert.DoesNotContain($"bot: {name}**", note, StringComparison.Ordinal);
        Assert.Equal(name, Assert.IsType<SetAttributes>(effects[1]).Attributes["bot_handoff_reason"]!.GetValue<string>());
    }

    [Fact]
    public void The_order_is_the_one_that_works_with_every_version()
    {
        var input = Input(o => o.Handoff = new HandoffOptions { Team = 4, Agent = 21, Priority = "high" });

        var effects = HandoffPlanner.Plan(input, HandoffReason.Asked, null, new HandoffPlanner.Details()).Effects;

        Assert.Equal(["note", "attributes", "priority", "team", "words", "agent", "open"], Kinds(effects));
    }

    [Fact]
    public void An_attribute_that_names_a_key_twice_stops_neither_handoff_nor_text()
    {
        var twice = JsonDocument.Parse("""{ "bot_language": { "a": 1, "a": { "b": 1, "b": 2 } }, "bot_handoff_reason": "asked", "plan": { "tier": "old", "tier": "gold" } }""").RootElement;
        var attributes = twice.EnumerateObject().ToDictionary(p => p.Name, p => p.Value);
        var input = Input(facts: f => f with { CustomAttributes = attributes, Contact = f.Contact with { CustomAttributes = attributes } }, texts: new Dictionary<string, IReadOnlyDictionary<string, string>>
        {
            ["en"] = new Dictionary<string, string> { ["handoff.asked"] = "{{ contact.plan.tier }}, {{ conversation.attributes.plan.tier }}: a colleague comes." },
        });

        var effects = HandoffPlanner.Plan(input, HandoffReason.Asked, null, new HandoffPlanner.Details()).Effects;

        var set = Assert.Single(effects.OfType<SetAttributes>()).Attributes;
        Assert.True(set.ContainsKey("bot_language"));
        Assert.False(set.ContainsKey("bot_handoff_reason"));
        Assert.Equal("gold, gold: a colleague comes.", Assert.Single(effects.OfType<SendMessage>()).Content);
    }

    [Fact]
    public void The_most_precise_target_wins()
    {
        var input = Input(o =>
        {
            o.Handoff = new HandoffOptions { Team = 1, Priority = "low" };
            o.Handoff.Reasons["sensitive"] = new HandoffTargetOptions { Team = 2, Priority = "medium" };
            o.Intents["complaint"] = new IntentOptions { Handoff = new HandoffTargetOptions { Team = 3 } };
        });

        Assert.Equal((1L, "low"), Target(HandoffPlanner.Plan(input, HandoffReason.Asked, null, new HandoffPlanner.Details())));
        Assert.Equal((2L, "medium"), Target(HandoffPlanner.Plan(input, HandoffReason.Sensitive, null, new HandoffPlanner.Details())));
        Assert.Equal((3L, "medium"), Target(HandoffPlanner.Plan(input, HandoffReason.Sensitive, "complaint", new HandoffPlanner.Details())));
        Assert.Equal(
            (9L, "urgent"),
            Target(HandoffPlanner.Plan(input, HandoffReason.Sensitive, "complaint", new HandoffPlanner.Details(Target: new HandoffTargetOptions { Team = 9, Priority = "urgent" }))));
    }

    [Fact]
    public void The_note_holds_what_an_agent_wants_to_know()
    {
        var route = new ActiveRoute
        {
            Route = "order-status",
            Intent = "order_status",
            Slots = new Dictionary<string, SlotValue> { ["order_number"] = new("10427", "10427", SlotSource.Said) },
            Proven = ProofLevel.KnownFact,
        };
        var input = Input(session: s => s with
        {
            Digest = [new TurnDigest(_monday, "ask-slot", "order_status", 0.93), new TurnDigest(_monday, "route", "order_status", null, "orders → found nothing")],
        }) with
        {
            Heard = new Heard { Adapter = "local", Understanding = Nothing(), Ranking = [new("order_status", 0.9, 0.93), new("refund", 0.3, 0.312)], Calibrated = true },
            ExplanationUrl = "https://console.example.com/conversations/shop/3/457",
        };
        var row = new JsonObject { ["number"] = "10427", ["status"] = "in *transit*" };

        var plan = HandoffPlanner.Plan(input, HandoffReason.Sensitive, "order_status", new HandoffPlanner.Details(route, Lookup: new LookupOutcome.Found([row])));

        Assert.Equal(
            """
            **Handed over by the bot: this is a matter for a person**
            - Wants: order status
            - Understood: order_status 0.93, refund 0.31 (local)
            - Working on: order-status
            - order number: 10427
            - Still missing: email
            - Identity: proven by a known fact
            - Looked up: orders → found nothing, orders → found 1
            - number: 10427
            - status: in \*transit\*
            - Before: ask-slot (order_status) → route (order_status)
            - Suggested reply:

            > Your order 10427 is in \*transit\*.


            [Why the bot decided this](https://console.example.com/conversations/shop/3/457)
            """,
            Assert.IsType<SendPrivateNote>(plan.Effects[0]).Content);
        Assert.Equal(
            """{"bot_handoff_reason":"sensitive","bot_language":"en","bot_intent":"order_status","bot_confidence":0.93,"bot_route":"order-status","bot_proof":"known-fact","bot_order_number":"10427"}""",
            Assert.IsType<SetAttributes>(plan.Effects[1]).Attributes.ToJsonString());
    }

    [Fact]
    public void A_reply_for_a_channel_without_markup_is_no_markup_in_the_note_either()
    {
        var route = new ActiveRoute { Route = "order-status", Intent = "order_status", Proven = ProofLevel.KnownFact };
        var input = Input();
        input = input with { State = input.State with { Facts = input.State.Facts with { Channel = "Channel::Whatsapp" } } };
        var row = new JsonObject { ["number"] = "10427", ["status"] = "[Sign in again](https://evil.example) *2*3*" };

        var note = Note(HandoffPlanner.Plan(input, HandoffReason.Sensitive, "order_status", new HandoffPlanner.Details(route, Lookup: new LookupOutcome.Found([row]))));

        Assert.Contains(@"> Your order 10427 is \[Sign in again\]\(https://evil.example\) \*2\*3\*", note, StringComparison.Ordinal);
    }

    [Fact]
    public void Nothing_of_the_customers_runs_as_a_template_or_as_markup()
    {
        var route = new ActiveRoute
        {
            Route = "order-status",
            Intent = "order_status",
            Slots = new Dictionary<string, SlotValue> { ["order_number"] = new("{{ contact.email }} [x](https://evil.example)", null, SlotSource.Said) },
        };

        var note = Note(HandoffPlanner.Plan(Input(), HandoffReason.Asked, null, new HandoffPlanner.Details(route)));

        Assert.DoesNotContain("{{", note, StringComparison.Ordinal);
        Assert.DoesNotContain("[x](", note, StringComparison.Ordinal);
    }

    [Fact]
    public void A_second_handoff_adds_only_what_is_new()
    {
        var first = Input() with { Heard = new Heard { Adapter = "local", Understanding = Nothing(), Ranking = [new("order_status", 0.5, 0.5)] } };
        var before = HandoffPlanner.Plan(first, HandoffReason.LowConfidence, null, new HandoffPlanner.Details());
        var attributes = Assert.IsType<SetAttributes>(before.Effects[1]).Attributes;

        var second = first with
        {
            Heard = first.Heard! with { Ranking = [new("refund", 0.8, 0.8)] },
            State = first.State with
            {
                Session = first.State.Session with { TellOnce = before.Told },
                Facts = first.State.Facts with { CustomAttributes = attributes.ToDictionary(a => a.Key, a => JsonSerializer.SerializeToElement(a.Value)) },
            },
        };
        var after = HandoffPlanner.Plan(second, HandoffReason.Asked, null, new HandoffPlanner.Details());

        Assert.Equal("**Handed over again by the bot: the customer asked for a person**\n- Understood: refund 0.80 (local, uncalibrated)", Note(after));
        Assert.Equal(["bot_handoff_reason", "bot_intent", "bot_confidence"], Assert.IsType<SetAttributes>(after.Effects[1]).Attributes.Select(a => a.Key));

        var third = HandoffPlanner.Plan(second with { State = second.State with { Session = second.State.Session with { TellOnce = [.. before.Told, .. after.Told] } } }, HandoffReason.Asked, null, new HandoffPlanner.Details());
        Assert.EndsWith("Nothing new since the last handover.", Note(third), StringComparison.Ordinal);
    }

    [Fact]
    public void What_the_conversation_has_already_is_not_set_again()
    {
        var input = Input(o => o.Handoff = new HandoffOptions { Team = 4, Agent = 21, Priority = "high" }, facts: f => f with { TeamId = 4, Priority = "high", AssigneeType = "User", AssigneeId = 21 });

        Assert.Equal(["note", "attributes", "words", "open"], Kinds(HandoffPlanner.Plan(input, HandoffReason.Asked, null, new HandoffPlanner.Details()).Effects));
    }

    [Theory]
    [InlineData("2026-03-02T10:00:00Z", "Of course.")]
    [InlineData("2026-03-02T20:00:00Z", "3 March at 09:00. I have passed your message on")]
    [InlineData("2026-03-07T10:00:00Z", "9 March at 09:00. ")]
    [InlineData("2026-12-24T22:00:00Z", "28 December at 09:00. ")]
    public void Out_of_hours_and_on_holidays_the_promise_is_an_honest_one(string now, string words)
    {
        var hours = new HoursOptions { TimeZone = "Europe/Berlin", Open = new() { ["mon-fri"] = "09:00-18:00" }, Holidays = [new DateOnly(2026, 12, 25)] };
        var input = Input(hours: hours) with { Now = DateTimeOffset.Parse(now, System.Globalization.CultureInfo.InvariantCulture) };

        Assert.Contains(words, Words(HandoffPlanner.Plan(input, HandoffReason.Asked, null, new HandoffPlanner.Details())), StringComparison.Ordinal);
    }

    [Fact]
    public void Texts_follow_the_reason_and_the_customers_language_and_the_note_follows_the_desks()
    {
        var texts = new Dictionary<string, IReadOnlyDictionary<string, string>>
        {
            ["de"] = new Dictionary<string, string> { ["handoff.sensitive"] = "Das übernimmt eine Kollegin.", ["note.handoff"] = "Vom Bot übergeben" },
            ["en"] = new Dictionary<string, string> { ["handoff.sensitive"] = "A colleague takes care of this." },
        };
        var input = Input(o => o.Language = "en", texts: texts) with { Language = "de" };

        var plan = HandoffPlanner.Plan(input, HandoffReason.Sensitive, null, new HandoffPlanner.Details());

        Assert.Equal("Das übernimmt eine Kollegin.", Words(plan));
        Assert.StartsWith("**Handed over by the bot: this is a matter for a person**", Note(plan), StringComparison.Ordinal);
    }

    [Fact]
    public void A_text_that_cannot_be_written_is_replaced_by_a_plainer_one()
    {
        var texts = new Dictionary<string, IReadOnlyDictionary<string, string>> { ["en"] = new Dictionary<string, string> { ["handoff.asked"] = "Until {{ result.eta }}." } };

        Assert.StartsWith("I am passing you to a colleague", Words(HandoffPlanner.Plan(Input(texts: texts), HandoffReason.Asked, null, new HandoffPlanner.Details())), StringComparison.Ordinal);
    }

    [Fact]
    public void Outside_the_channels_window_the_customer_cannot_be_told_but_the_agents_are()
    {
        Assert.Equal(["note", "attributes", "open"], Kinds(HandoffPlanner.Plan(Input(facts: f => f with { CanReply = false }), HandoffReason.Asked, null, new HandoffPlanner.Details()).Effects));
    }

    [Fact]
    public void Engines_that_failed_are_named()
    {
        var input = Input() with { Heard = new Heard { Failures = [new AdapterTrouble("dialogflow-eu", AdapterFailure.TimedOut, TimeSpan.FromSeconds(3))] } };

        Assert.Contains("- No engine answered: dialogflow-eu timed-out", Note(HandoffPlanner.Plan(input, HandoffReason.NluDown, null, new HandoffPlanner.Details())), StringComparison.Ordinal);
    }

    private static DecisionInput Input(
        Action<BotOptions>? configure = null, Func<Session, Session>? session = null, Func<ConversationFacts, ConversationFacts>? facts = null,
        HoursOptions? hours = null, IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>>? texts = null)
    {
        var options = new BotOptions();
        options.Intents["order_status"] = new IntentOptions { Route = "order-status" };
        configure?.Invoke(options);
        var route = new RouteOptions { Lookup = "orders", Reply = new ReplyOptions { Found = new OutcomeOptions { Say = ["order.found"] } } };
        route.Slots["order_number"] = new SlotOptions();
        route.Slots["email"] = new SlotOptions { Type = "email" };
        return new DecisionInput
        {
            Bot = new Bot
            {
                Name = "shop",
                Options = options,
                Routes = new Dictionary<string, RouteOptions> { ["order-status"] = route },
                Texts = TextCatalog.From("en", texts ?? new Dictionary<string, IReadOnlyDictionary<string, string>>
                {
                    ["en"] = new Dictionary<string, string> { ["order.found"] = "Your order {{ result.number }} is {{ result.status }}." },
                }),
                Hours = hours is null ? null : BusinessHours.Parse(hours),
            },
            State = new ConversationState
            {
                Facts = (facts ?? (f => f))(new ConversationFacts { Status = "pending", Channel = "Channel::WebWidget" }),
                Session = (session ?? (s => s))(new Session()),
            },
            Input = new CustomerInput { Kind = CustomerInputKind.Message, Text = "Where is my order?" },
            Now = _monday,
            Language = "en",
        };
    }

    private static Understanding Nothing() => Understanding.NoMatch;

    private static IEnumerable<string> Kinds(IEnumerable<Effect> effects) => effects.Select(e => e switch
    {
        SendPrivateNote => "note",
        SetAttributes => "attributes",
        SetPriority => "priority",
        Assign { TeamId: not null } => "team",
        Assign => "agent",
        SendMessage => "words",
        SetStatus { Status: "open" } => "open",
        _ => e.GetType().Name,
    });

    private static (long?, string?) Target(HandoffPlanner.Handoff plan) =>
        (plan.Effects.OfType<Assign>().Single().TeamId, plan.Effects.OfType<SetPriority>().Single().Priority);

    private static string Note(HandoffPlanner.Handoff plan) => plan.Effects.OfType<SendPrivateNote>().Single().Content;

    private static string Words(HandoffPlanner.Handoff plan) => plan.Effects.OfType<SendMessage>().Single().Content;
}
