using IntentRouter.Evaluation;

namespace IntentRouter.Tests.Evaluation;

public sealed class ThresholdTuningTests
{
    [Theory]
    [InlineData("a > a:0.9", 0, "answered")]
    [InlineData("a > b:0.9", 5, "answered and wrong")]
    [InlineData("- > b:0.9", 5, "answered and wrong")]
    [InlineData("a > a:0.6 b:0.55", 0.25, "asked back, the right one is offered")]
    [InlineData("a > b:0.6", 1.25, "asked back, the right one is not offered")]
    [InlineData("a > a:0.1", 1, "handed off")]
    [InlineData("- >", 1, "handed off")]
    public void Each_outcome_has_its_price(string utterance, double cost, string outcome)
    {
        var point = ThresholdTuning.Measure(Utterances.Bot("a", "b"), Utterances.Of(utterance), new OutcomeCosts(5));

        Assert.True(Math.Abs(cost - point.CostPerMessage) < 1e-9, $"{outcome}: {point}");
    }

    [Fact]
    public void The_dearer_a_wrong_answer_the_higher_the_threshold()
    {
        var judged = Mixed();
        var bot = Utterances.Bot("a", "b");

        var cheap = ThresholdTuning.Tune(bot, judged, new OutcomeCosts(0.5));
        var dear = ThresholdTuning.Tune(bot, judged, new OutcomeCosts(20));

        Assert.True(cheap.Best.Answer < dear.Best.Answer, $"{cheap.Best.Answer} {dear.Best.Answer}");
        Assert.True(cheap.Best.Wrong > dear.Best.Wrong);
    }

    [Fact]
    public void What_is_found_costs_no_more_than_what_was()
    {
        var result = ThresholdTuning.Tune(Utterances.Bot("a", "b"), Mixed(), new OutcomeCosts(4));

        Assert.True(result.Best.CostPerMessage <= result.Before.CostPerMessage);
        Assert.True(result.Unseen >= result.Best.CostPerMessage - 1e-9);
        Assert.All(result.Curve, p => Assert.True(p.Answer >= p.Clarify));
    }

    [Fact]
    public void An_intent_that_is_often_mistaken_gets_a_threshold_of_its_own()
    {
        // "a" is right from 0.5 on; "b" below 0.9 is always wrong.
        var lines = Enumerable.Range(0, 600).Select(i => $"a > a:{0.5 + (i % 50 / 100.0):0.00}")
            .Concat(Enumerable.Range(0, 60).Select(i => $"a > b:{0.6 + (i % 30 / 100.0):0.00}"))
            .Concat(Enumerable.Range(0, 60).Select(_ => "b > b:0.95"));

        var result = ThresholdTuning.Tune(Utterances.Bot("a", "b"), Utterances.Of(string.Join('|', lines)), new OutcomeCosts(3, Clarify: 1.5));

        Assert.InRange(result.Intents["b"], 0.9, 0.95);
        Assert.DoesNotContain("a", result.Intents.Keys);
    }

    [Fact]
    public void The_bots_own_options_are_left_as_they_were()
    {
        var bot = Utterances.Bot("a", "b");

        ThresholdTuning.Tune(bot, Mixed(), new OutcomeCosts(4));

        Assert.Equal(0.70, bot.Options.Confidence.Answer);
        Assert.Null(bot.Options.Intents["a"].Answer);
    }

    private static IReadOnlyList<JudgedUtterance> Mixed()
    {
        var random = new Random(3);
        return Utterances.Of(string.Join('|', Enumerable.Range(0, 300).Select(_ =>
        {
            var confidence = random.NextDouble();
            return $"a > {(random.NextDouble() < confidence ? 'a' : 'b')}:{confidence:0.00}";
        })));
    }
}
