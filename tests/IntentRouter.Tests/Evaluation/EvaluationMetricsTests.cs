using IntentRouter.Decisions;
using IntentRouter.Evaluation;

namespace IntentRouter.Tests.Evaluation;

public sealed class EvaluationMetricsTests
{
    [Fact]
    public void Shares_are_those_counted_by_hand()
    {
        var result = EvaluationMetrics.Measure("a", Utterances.Of("a > a:0.9 | a > b:0.8 | b > b:0.4 | b > | - > a:0.7 | - > b:0.1"), 0.5);

        Assert.Equal((6, 4, 2), (result.Utterances, result.InScope, result.OutOfScope));
        Assert.Equal(0.5, result.Accuracy);
        Assert.Equal(3 / 6.0, result.Answered);
        Assert.Equal(1 / 3.0, result.Precision);
        Assert.Equal(1 / 4.0, result.AnsweredRight);
        Assert.Equal(0.5, result.OutOfScopeRefused);
    }

    [Fact]
    public void Precision_and_recall_of_an_intent_count_out_of_scope_against_it()
    {
        var result = EvaluationMetrics.Measure("a", Utterances.Of("a > a:0.9 | a > a:0.9 | a > b:0.9 | b > b:0.9 | - > a:0.9"), 0.5);

        Assert.Equal(new IntentScore("a", 3, 3, 2 / 3.0, 2 / 3.0, 2 / 3.0), result.Intents[0]);
        Assert.Equal(new IntentScore("b", 1, 2, 1 / 2.0, 1.0, 2 / 3.0), result.Intents[1]);
        Assert.Equal(2, result.Intents.Count);
    }

    [Theory]
    [InlineData("3 4", "1 2", 1.0)]
    [InlineData("1 2", "3 4", 0.0)]
    [InlineData("1 2", "1 2", 0.5)]
    [InlineData("1 3", "2", 0.5)]
    public void Auroc_is_the_share_of_pairs_in_order(string larger, string smaller, double auroc) =>
        Assert.Equal(auroc, EvaluationMetrics.Auroc(Numbers(larger), Numbers(smaller))!.Value, 9);

    [Fact]
    public void What_cannot_be_measured_is_null_and_not_zero()
    {
        var result = EvaluationMetrics.Measure("a", Utterances.Of("a > b:0.4"), 0.5);

        Assert.Null(result.Auroc);
        Assert.Null(result.Precision);
        Assert.Null(result.OutOfScopeRefused);
        Assert.Null(EvaluationMetrics.Measure("a", [], 0.5).Accuracy);
    }

    [Fact]
    public void Calibration_error_is_the_distance_of_confidence_and_truth()
    {
        // Ten answers at 0.8 of which eight are right: none. Ten at 0.9 of which five are right: 0.4.
        var honest = string.Join('|', Enumerable.Repeat("a > a:0.8", 8).Concat(Enumerable.Repeat("a > b:0.8", 2)));
        var boastful = string.Join('|', Enumerable.Repeat("a > a:0.9", 5).Concat(Enumerable.Repeat("a > b:0.9", 5)));

        Assert.Equal(0, EvaluationMetrics.CalibrationError(Utterances.Of(honest))!.Value, 9);
        Assert.Equal(0.4, EvaluationMetrics.CalibrationError(Utterances.Of(boastful))!.Value, 9);
        Assert.Equal(0.2, EvaluationMetrics.CalibrationError(Utterances.Of(honest + "|" + boastful))!.Value, 9);
    }

    [Fact]
    public void An_answer_without_confidence_counts_for_accuracy_and_is_never_given_as_in_the_live_decision()
    {
        var result = EvaluationMetrics.Measure("a", Utterances.Of("a > a:? | b > b:0.6"), 0);

        Assert.Equal((1.0, 0.5, 0.5), (result.Accuracy, result.Answered, result.Curve[0].Answered));
        Assert.IsType<IntentChoice.Missed>(EvaluationBot.Weigh(Utterances.Bot("a"), Utterances.Of("a > a:?")[0]));
    }

    [Fact]
    public void An_engine_that_has_an_intent_for_what_is_out_of_scope_declines_with_it()
    {
        var named = EvaluationMetrics.Measure("a", Utterances.Of("a > a:0.9 | - > out_of_scope:0.95 a:0.02 | b > out_of_scope:0.7"), 0.5);
        var silent = EvaluationMetrics.Measure("a", Utterances.Of("a > a:0.9 | - > | b >"), 0.5);

        Assert.Equal((1.0, 1.0, 0.5), (named.OutOfScopeRefused, named.Precision, named.Accuracy));
        Assert.Equal((silent.Answered, silent.Auroc, silent.CalibrationError), (named.Answered, named.Auroc, named.CalibrationError));
        Assert.Equal("b taken for ", Assert.Single(named.Confusions.Select(c => $"{c.Expected} taken for {c.Predicted}")));
    }

    [Fact]
    public void Failures_are_counted_by_kind_and_are_no_confusions()
    {
        var failed = Utterances.Of("a >")[0] with { Failure = AdapterFailure.TimedOut };

        var result = EvaluationMetrics.Measure("a", [failed, failed, .. Utterances.Of("a > b:0.9")], 0.5);

        Assert.Equal(2, result.Failures["timed-out"]);
        Assert.Equal("a taken for b", Assert.Single(result.Confusions.Select(c => $"{c.Expected} taken for {c.Predicted}")));
    }

    [Fact]
    public void Remembered_answers_do_not_count_as_times()
    {
        var asked = Utterances.Of("a > a:1")[0] with { Duration = TimeSpan.FromMilliseconds(40) };

        var result = EvaluationMetrics.Measure("a", [asked, asked with { Remembered = true, Duration = TimeSpan.Zero }], 0.5);

        Assert.Equal((1, 40.0), (result.Latency!.Calls, result.Latency.P50));
    }

    private static double[] Numbers(string text) => [.. text.Split(' ').Select(double.Parse)];
}
