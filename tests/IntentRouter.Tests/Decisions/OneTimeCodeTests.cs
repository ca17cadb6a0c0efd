using IntentRouter.Configuration;
using IntentRouter.Conversations;
using IntentRouter.Decisions;
using IntentRouter.Fulfillment;
using IntentRouter.Turns;

namespace IntentRouter.Tests.Decisions;

/// <summary>Proof by a code that is sent to the address which the lookup uses.</summary>
public class OneTimeCodeTests
{
    private static readonly Bot _bot = DeskOfOne.Bot(o => o.Proof.Sender = "mail", routes: r => r["order-status"].Proof = "code");

    private static DecisionInput Say(string text, Session session, string heard = "none") => DeskOfOne.Input(_bot, text, heard, session);

    private static Session CodeSent()
    {
        var input = Say("where is 10427 priya@example.com", new Session { Id = "s" }, "order_status:0.9");
        return TurnComposer.Compose(input, DecisionPolicy.Decide(input), new Fulfilment { Code = "042137", NewKey = "salt" }).Session;
    }

    [Fact]
    public void The_code_is_sent_to_the_address_and_only_its_hash_is_kept()
    {
        var input = Say("where is 10427 priya@example.com", new Session { Id = "s" }, "order_status:0.9");

        var composed = TurnComposer.Compose(input, DecisionPolicy.Decide(input), new Fulfilment { Code = "042137", NewKey = "salt" });

        Assert.Equal(new SendCode("mail", "priya@example.com", "042137", "en"), Assert.Single(composed.Effects.OfType<SendCode>()));
        Assert.Contains("p•••@example.com", Assert.Single(composed.Effects.OfType<SendMessage>()).Content, StringComparison.Ordinal);
        Assert.DoesNotContain("042137", System.Text.Json.JsonSerializer.Serialize(composed.Session), StringComparison.Ordinal);
        Assert.Equal(PromptKind.Code, composed.Session.Prompt!.Kind);
    }

    [Theory]
    [InlineData("042137", "route")]
    [InlineData("042 137", "route")]
    [InlineData("the code is 042137", "route")]
    [InlineData("42137", "prove-again")]
    [InlineData("000000", "prove-again")]
    [InlineData("I did not get it", "prove")]
    [InlineData("hm", "prove-again")]
    [InlineData("never mind", "cancel")]
    [InlineData("agent", "handoff-asked")]
    public void Only_the_right_code_opens_the_data(string text, string rule) => Assert.Equal(rule, DecisionPolicy.Decide(Say(text, CodeSent())).Rule);

    [Fact]
    public void An_old_code_is_worth_nothing_and_a_new_one_is_sent()
    {
        var input = Say("042137", CodeSent());

        Assert.Equal("prove", DecisionPolicy.Decide(input with { Now = DeskOfOne.Now.AddMinutes(11) }).Rule);
    }

    [Fact]
    public void Wrong_codes_are_counted_and_end_at_a_person()
    {
        var session = CodeSent();
        for (var attempt = 1; attempt <= 3; attempt++)
        {
            var input = Say("999999", session);
            var composed = TurnComposer.Compose(input, DecisionPolicy.Decide(input), new Fulfilment { Code = "111111", NewKey = "other" });
            session = composed.Session;

            Assert.True(composed.ProofFailed);
            Assert.Equal(attempt == 3, composed.Effects.OfType<SetStatus>().Any());
            Assert.Empty(composed.Effects.OfType<SendCode>());
        }
    }

    [Fact]
    public void A_code_belongs_to_its_address()
    {
        var session = CodeSent();
        var slots = new Dictionary<string, SlotValue>(session.Active!.Slots) { ["email"] = new("eve@example.net", null, SlotSource.Said) };

        Assert.Equal("prove-again", DecisionPolicy.Decide(Say("042137", session with { Active = session.Active with { Slots = slots } })).Rule);
    }

    [Theory]
    [InlineData("no, eve@example.net")]
    [InlineData("victim@example.com")]
    [InlineData("10428 victim@example.com")]
    public void A_proven_address_opens_nothing_of_another(string correction)
    {
        // Their own code was right, and nothing was found; now they name somebody else's address.
        var session = Proven(new LookupOutcome.NotFound());

        Assert.Equal("prove", DecisionPolicy.Decide(Say(correction, session)).Rule);
    }

    [Fact]
    public void A_proven_address_needs_no_second_code_in_the_session()
    {
        var session = Proven(new LookupOutcome.Found([new System.Text.Json.Nodes.JsonObject { ["number"] = "10427", ["status"] = "sent" }]));

        Assert.Equal("route", DecisionPolicy.Decide(Say("and 10428?", session, "order_status:0.9")).Rule);
        Assert.Equal("prove", DecisionPolicy.Decide(Say("and 10428 eve@example.net", session, "order_status:0.9")).Rule);
        Assert.DoesNotContain("priya", System.Text.Json.JsonSerializer.Serialize(session.Proof), StringComparison.Ordinal);
    }

    [Fact]
    public void Codes_are_not_sent_to_address_after_address()
    {
        var session = new Session { Id = "s" };
        for (var i = 0; i < 3; i++)
        {
            var input = Say($"where is 10427 somebody{i}@example.com", session, "order_status:0.9");
            var composed = TurnComposer.Compose(input, DecisionPolicy.Decide(input), new Fulfilment { Code = "042137", NewKey = "salt" });
            Assert.Single(composed.Effects.OfType<SendCode>());
            session = composed.Session with { Prompt = null, Active = null };
        }

        Assert.Equal("handoff-proof-failed", DecisionPolicy.Decide(Say("where is 10427 somebody3@example.com", session, "order_status:0.9")).Rule);
    }

    private static Session Proven(LookupOutcome outcome)
    {
        var input = Say("042137", CodeSent());
        return TurnComposer.Compose(input, DecisionPolicy.Decide(input), new Fulfilment { NewKey = "salt", Lookup = outcome }).Session;
    }

    [Fact]
    public void Equal_codes_have_different_hashes() => Assert.NotEqual(OneTimeCode.Hash("042137", "a@example.com", "salt-1"), OneTimeCode.Hash("042137", "a@example.com", "salt-2"));
}
