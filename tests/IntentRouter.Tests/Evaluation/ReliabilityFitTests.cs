using IntentRouter.Decisions;
using IntentRouter.Evaluation;

namespace IntentRouter.Tests.Evaluation;

public sealed class ReliabilityFitTests
{
    [Fact]
    public void An_engine_that_boasts_is_corrected()
    {
        var judged = Engine(2000, confidence => Math.Pow(confidence, 3));
        var before = EvaluationMetrics.CalibrationError(judged)!.Value;

        var after = EvaluationMetrics.CalibrationError(ReliabilityFit.ApplyAcross(judged))!.Value;

        Assert.InRange(before, 0.15, 1);
        Assert.InRange(after, 0, 0.05);
    }

    [Fact]
    public void The_order_of_utterances_stays()
    {
        var fit = ReliabilityFit.Fit(Engine(500, confidence => 1 - confidence))!;

        Assert.Equal(Enumerable.Range(0, 101).Select(i => i / 100.0), Enumerable.Range(0, 101).Select(i => i / 100.0).OrderBy(i => fit.Apply(i)));
        Assert.All(Enumerable.Range(0, 101), i => Assert.InRange(fit.Apply(i / 100.0), 0, 1));
    }

    [Theory]
    [InlineData(10, true)]
    [InlineData(200, false)]
    public void Too_little_is_not_fitted_to(int count, bool withWrong) =>
        Assert.Null(ReliabilityFit.Fit(Engine(count, _ => withWrong ? 0.5 : 1)));

    [Theory]
    [InlineData(90, 10, 0.9)]
    [InlineData(50, 0, 0.98)]
    public void An_engine_without_confidence_is_as_sure_as_it_is_often_right(int right, int wrong, double probability)
    {
        var judged = Enumerable.Range(0, right + wrong).Select(i => new JudgedUtterance("words", "a", [new RankedIntent(i < right ? "a" : "b", null, null)])).ToArray();

        var fit = ReliabilityFit.Fit(judged)!;

        Assert.Equal(probability, fit.Apply(null), 0.02);
        Assert.Equal(fit.Apply(null), ReliabilityFit.Apply(judged, fit.Apply)[0].Ranking[0].Probability);
    }

    [Fact]
    public void A_ranking_is_mapped_whole_and_what_has_no_confidence_gets_none()
    {
        var mapped = ReliabilityFit.Apply(Utterances.Of("a > a:0.9 b:0.2 c:?"), c => (c ?? 0) / 2);

        Assert.Equal([0.45, 0.1, null], mapped[0].Ranking.Select(r => r.Probability));
        Assert.Equal([0.9, 0.2, null], mapped[0].Ranking.Select(r => r.Raw));
    }

    // Confidences spread evenly; right as often as told, by a fixed pattern.
    private static JudgedUtterance[] Engine(int count, Func<double, double> right)
    {
        var random = new Random(5);
        return
        [
            .. Enumerable.Range(0, count).Select(_ =>
            {
                var confidence = 0.02 + (random.NextDouble() * 0.96);
                return new JudgedUtterance("words", "a", [new RankedIntent(random.NextDouble() < right(confidence) ? "a" : "b", confidence, confidence)]);
            }),
        ];
    }
}
