using System.Text.Json;
using IntentRouter.Conversations;
using IntentRouter.Decisions;
using IntentRouter.Review;
using IntentRouter.Tests.Decisions;

namespace IntentRouter.Tests.Review;

/// <summary>What people are asked to look at, decided without a host.</summary>
public sealed class ReviewPolicyTests
{
    private static readonly SpokenUtterance _before = new() { Text = "what I said before", Language = "en", Turn = "t0", Rule = "say", Adapter = "script" };

    [Theory]
    [InlineData("hours:0.95", 0, "")]
    [InlineData("hours:0.50", 0, "low-confidence: some words")]
    [InlineData("hours:0.10", 0, "fallback: some words")]
    [InlineData("none", 0, "fallback: some words")]
    [InlineData("unknown_intent:0.99", 0, "fallback: some words")]
    [InlineData("hours:0.10", 1, "handoff: some words")]
    [InlineData("complaint:0.95", 0, "")]
    [InlineData("nobody", 0, "")]
    [InlineData("order_status:0.95", 0, "")]
    public void What_was_not_understood_is_noted(string heard, int misses, string expected)
    {
        var input = DeskOfOne.Input(DeskOfOne.Bot(), "some words", heard, new Session { Id = "s", MissesInARow = misses });

        Assert.Equal(expected, Notes(Turn(input)));
    }

    [Fact]
    public void A_note_says_who_heard_what()
    {
        var note = Assert.Single(Turn(DeskOfOne.Input(DeskOfOne.Bot(), "some words", "hours:0.30 refund:0.20")).Notes);

        Assert.Equal(("script", "en", "t1", "fallback-below-threshold"), (note.Utterance.Adapter, note.Utterance.Language, note.Utterance.Turn, note.Utterance.Rule));
        Assert.Equal([new SpokenCandidate("hours", 0.30), new SpokenCandidate("refund", 0.20)], note.Utterance.Candidates);
    }

    [Theory]
    [InlineData("mail me at jane.doe@example.com about order 4711 or call +49 151 2345678", "4711", "jane.doe", "2345678")]
    [InlineData("my card 4111 1111 1111 1111 was charged", "4111 1111", "1111 1111", "1111")]
    public void Personal_data_is_masked_before_it_is_kept(string text, params string[] hidden)
    {
        var kept = Assert.Single(Turn(DeskOfOne.Input(DeskOfOne.Bot(), text, "hours:0.10")).Notes).Utterance.Text;

        Assert.All(hidden, secret => Assert.DoesNotContain(secret, kept, StringComparison.Ordinal));
        Assert.Equal(text.Split(' ').Length, kept.Split(' ').Length);
    }

    [Theory]
    [InlineData("Where is order 4711?", "where is order 9822", true)]
    [InlineData("Where is it", "where  is\nit !", true)]
    [InlineData("where is it", "where was it", false)]
    [InlineData("???", "!!!", false)]
    public void The_same_question_is_one_item(string one, string other, bool same) =>
        Assert.Equal(same, ReviewText.KeyOf(ReviewText.Mask(one)) == ReviewText.KeyOf(ReviewText.Mask(other)));

    [Fact]
    public void A_text_of_any_length_and_kind_can_be_kept()
    {
        Assert.Equal(999, ReviewText.Mask(new string('x', 999) + "\ud83d\ude00\ud83d\ude00").Length);
        Assert.Equal("a \ufffd b", ReviewText.Mask("a\0 \ud800 b"));
    }

    [Fact]
    public void An_answer_to_a_question_of_the_bot_is_no_utterance_and_means_that_the_person_went_along()
    {
        var asked = new Session
        {
            Id = "s",
            Active = new ActiveRoute { Route = "order-status", Intent = "order_status" },
            Prompt = new Prompt { Kind = PromptKind.Slot, Slot = "order_number" },
            Spoken = _before,
        };

        var outcome = Turn(DeskOfOne.Input(DeskOfOne.Bot(), "it is 4711", "none", asked));

        Assert.Empty(outcome.Notes);
        Assert.Equal(_before with { Followed = true }, outcome.Spoken);
    }

    [Fact]
    public void A_route_given_up_is_about_what_began_it()
    {
        var bot = DeskOfOne.Bot();
        var asked = new Session
        {
            Id = "s",
            Active = new ActiveRoute { Route = "order-status", Intent = "order_status", Asked = new Dictionary<string, int> { ["order_number"] = bot.Options.Session.SlotAttempts } },
            Prompt = new Prompt { Kind = PromptKind.Slot, Slot = "order_number" },
            Spoken = _before,
        };

        Assert.Equal("handoff: what I said before", Notes(Turn(DeskOfOne.Input(bot, "I have no idea", "none", asked))));
    }

    [Fact]
    public void Asking_for_a_human_puts_the_answer_before_in_question_and_nothing_when_it_comes_first()
    {
        Assert.Equal("", Notes(Turn(DeskOfOne.Input(DeskOfOne.Bot(), "I want to talk to a human", "human:0.95"))));
        Assert.Equal("handoff: what I said before", Notes(Turn(DeskOfOne.Input(DeskOfOne.Bot(), "I want to talk to a human", "human:0.95", new Session { Id = "s", Spoken = _before }))));
        Assert.Equal("", Notes(Turn(DeskOfOne.Input(DeskOfOne.Bot(), "I want to talk to a human", "human:0.95", new Session { Id = "s", Spoken = _before with { Noted = true } }))));
    }

    [Fact]
    public void The_choice_among_offered_intents_is_a_proposal_and_none_of_them_a_miss()
    {
        var offered = new Session
        {
            Id = "s",
            Prompt = new Prompt { Kind = PromptKind.Clarify, About = "what I said before", Choices = [new Choice("Hours", "intent:hours"), new Choice("Refund", "intent:refund")] },
            Spoken = _before with { Noted = true },
        };

        var chosen = Assert.Single(Turn(DeskOfOne.Input(DeskOfOne.Bot(), "Refund", null, offered)).Notes);
        var declined = Assert.Single(Turn(DeskOfOne.Input(DeskOfOne.Bot(), "no", null, offered)).Notes);

        Assert.Equal(("what I said before", "refund", false), (chosen.Utterance.Text, chosen.Suggestion, chosen.Counts));
        Assert.Equal(("what I said before", null, false), (declined.Utterance.Text, declined.Suggestion, declined.Counts));
    }

    [Theory]
    [InlineData(false, false, 5, "takeover: what I said before", true)]
    [InlineData(false, true, 5, "takeover: what I said before", false)]
    [InlineData(true, false, 5, "", false)]
    [InlineData(false, false, 600, "", false)]
    public void A_human_who_steps_in_is_noted_once(bool already, bool followed, int minutesLater, string expected, bool takenOver)
    {
        var session = new Session { Id = "s", LastActivityAt = DeskOfOne.Now, Spoken = _before with { Followed = followed } };
        var before = new ConversationState { Session = session, Facts = new ConversationFacts { Status = "pending", HumanSteppedIn = already } };
        var after = before with { Facts = before.Facts with { HumanSteppedIn = true } };

        var outcome = ReviewPolicy.OfDesk(DeskOfOne.Bot(), before, after, DeskOfOne.Now.AddMinutes(minutesLater));

        Assert.Equal(expected, Notes(outcome));
        Assert.Equal(takenOver, outcome.Notes.Any(n => n.TakenOver));
        Assert.Empty(ReviewPolicy.OfDesk(DeskOfOne.Bot(), after, after with { Session = session with { Spoken = outcome.Spoken } }, DeskOfOne.Now).Notes);
    }

    [Fact]
    public void A_human_after_the_bots_own_handoff_is_no_takeover()
    {
        var session = new Session { Id = "s", LastActivityAt = DeskOfOne.Now, Spoken = _before, Handoff = new HandoffState("asked", DeskOfOne.Now, []) };
        var before = new ConversationState { Session = session };

        Assert.Empty(ReviewPolicy.OfDesk(DeskOfOne.Bot(), before, before with { Facts = new ConversationFacts { HumanSteppedIn = true } }, DeskOfOne.Now).Notes);
    }

    [Theory]
    [InlineData("complaint", "refund", "refund")]
    [InlineData("complaint", "out_of_scope", "out_of_scope")]
    [InlineData("complaint", "complaint", null)]
    [InlineData("complaint", "no_such_intent", null)]
    [InlineData(null, "refund", "refund")]
    public void Another_intent_written_into_the_conversation_is_a_proposal(string? told, string written, string? proposed)
    {
        var session = new Session { Id = "s", Spoken = _before, Handoff = new HandoffState("sensitive", DeskOfOne.Now, [], told) };
        var before = new ConversationState { Session = session };
        var after = before with { Facts = before.Facts with { CustomAttributes = new Dictionary<string, JsonElement> { ["bot_intent"] = JsonSerializer.SerializeToElement(written) } } };

        var outcome = ReviewPolicy.OfDesk(DeskOfOne.Bot(), before, after, DeskOfOne.Now);

        Assert.Equal(proposed, outcome.Notes.SingleOrDefault()?.Suggestion);
        Assert.Empty(ReviewPolicy.OfDesk(DeskOfOne.Bot(), after, after, DeskOfOne.Now).Notes);
    }

    private static ReviewPolicy.Outcome Turn(DecisionInput input) => ReviewPolicy.OfTurn(input, DecisionPolicy.Decide(input), "t1");

    private static string Notes(ReviewPolicy.Outcome outcome) => string.Join(", ", outcome.Notes.Select(n => $"{Kebab.Of(n.Reason)}: {n.Utterance.Text}"));
}
