using IntentRouter.Configuration;
using IntentRouter.Decisions;

namespace IntentRouter.Evaluation;

/// <summary>What outcomes cost, in units of one handoff to a person.</summary>
/// <param name="Wrong">A wrong answer, or an answer to what is none of the bot's business.</param>
/// <param name="Clarify">A question back that has the right intent on a button; without it, the handoff comes on top.</param>
internal sealed record OutcomeCosts(double Wrong, double Clarify = 0.25)
{
    public const double HandOff = 1;
}

/// <summary>What one choice of thresholds gives on the data. Shares lie in [0, 1].</summary>
internal sealed record TuningPoint(
    double Answer, double Clarify, double Margin, double CostPerMessage, double Answered, double Wrong, double Clarified, double HandedOff);

/// <summary>The thresholds found.</summary>
/// <param name="Intents">Answer thresholds of single intents, where the data has enough of them and the gain is plain.</param>
/// <param name="Unseen">The cost per message on utterances that the thresholds were not found with.</param>
/// <param name="Curve">Answer threshold by answer threshold, the rest as found.</param>
internal sealed record TuningResult(
    TuningPoint Before, TuningPoint Best, IReadOnlyDictionary<string, double> Intents, double Unseen, IReadOnlyList<TuningPoint> Curve);

/// <summary>Finds the thresholds with the least cost. Pure; asks the live decision about every utterance.</summary>
internal static class ThresholdTuning
{
    private const int Folds = 5;

    // What a few utterances say about one intent is chance.
    private const int LeastForIntent = 50;
    private const double LeastGain = 0.02;

    private static readonly double[] _answers = [.. Enumerable.Range(10, 89).Select(i => i / 100.0)];
    private static readonly double[] _margins = [0, 0.05, 0.1, 0.15, 0.2, 0.3];

    public static TuningResult Tune(Bot bot, IReadOnlyList<JudgedUtterance> judged, OutcomeCosts costs)
    {
        var best = Search(bot, judged, costs);
        var tuned = EvaluationBot.With(bot, best, new Dictionary<string, double>());
        var intents = PerIntent(tuned, judged, costs);
        var none = new Dictionary<string, double>();
        return new TuningResult(
            Measure(bot, judged, costs),
            Measure(EvaluationBot.With(bot, best, intents), judged, costs),
            intents,
            Unseen(bot, judged, costs),
            [.. _answers.Where(a => a >= best.Clarify).Select(a => Measure(EvaluationBot.With(bot, Confidence(best, a, best.Clarify, best.Margin), none), judged, costs))]);
    }

    public static TuningPoint Measure(Bot bot, IReadOnlyList<JudgedUtterance> judged, OutcomeCosts costs)
    {
        var (cost, answered, wrong, clarified, handedOff) = (0.0, 0, 0, 0, 0);
        foreach (var one in judged)
        {
            switch (EvaluationBot.Weigh(bot, one))
            {
                case IntentChoice.Clear clear:
                    var isWrong = clear.Best.Intent != one.Expected;
                    answered++;
                    wrong += isWrong ? 1 : 0;
                    cost += isWrong ? costs.Wrong : 0;
                    break;
                case IntentChoice.Unclear unclear:
                    clarified++;
                    cost += costs.Clarify + (unclear.Candidates.Any(c => c.Intent == one.Expected) ? 0 : OutcomeCosts.HandOff);
                    break;
                default:
                    handedOff++;
                    cost += OutcomeCosts.HandOff;
                    break;
            }
        }

        var confidence = bot.Options.Confidence;
        var total = (double)Math.Max(1, judged.Count);
        return new TuningPoint(
            confidence.Answer, confidence.Clarify, confidence.Margin, cost / total, answered / total, wrong / total, clarified / total, handedOff / total);
    }

    /// <summary>One threshold after the other, until none of them gets better: the three hardly depend on each other.</summary>
    private static ConfidenceOptions Search(Bot bot, IReadOnlyList<JudgedUtterance> judged, OutcomeCosts costs)
    {
        var best = bot.Options.Confidence;
        var none = new Dictionary<string, double>();
        double Cost(ConfidenceOptions o) => Measure(EvaluationBot.With(bot, o, none), judged, costs).CostPerMessage;
        var least = Cost(best);
        for (var better = true; better;)
        {
            better = false;
            ConfidenceOptions[] tries =
            [
                .. _answers.Where(a => a >= best.Clarify).Select(a => Confidence(best, a, best.Clarify, best.Margin)),
                .. _answers.Where(c => c <= best.Answer).Select(c => Confidence(best, best.Answer, c, best.Margin)),
                .. _margins.Select(m => Confidence(best, best.Answer, best.Clarify, m)),
            ];
            foreach (var one in tries)
            {
                var cost = Cost(one);
                if (cost < least - 1e-9)
                {
                    (best, least, better) = (one, cost, true);
                }
            }
        }

        return best;
    }

    private static Dictionary<string, double> PerIntent(Bot bot, IReadOnlyList<JudgedUtterance> judged, OutcomeCosts costs)
    {
        var found = new Dictionary<string, double>(StringComparer.Ordinal);
        foreach (var group in judged.Where(j => j.Best is not null).GroupBy(j => j.Best!).Where(g => g.Count() >= LeastForIntent && IntentChoice.Routable(bot, g.Key)))
        {
            JudgedUtterance[] of = [.. group];
            var now = Measure(bot, of, costs).CostPerMessage;
            var best = _answers.Where(a => a >= bot.Options.Confidence.Clarify)
                .Select(a => (Answer: a, Cost: Measure(EvaluationBot.With(bot, bot.Options.Confidence, new Dictionary<string, double> { [group.Key] = a }), of, costs).CostPerMessage))
                .MinBy(a => a.Cost);
            if (now - best.Cost >= LeastGain)
            {
                found[group.Key] = best.Answer;
            }
        }

        return found;
    }

    private static double Unseen(Bot bot, IReadOnlyList<JudgedUtterance> judged, OutcomeCosts costs)
    {
        var total = 0.0;
        for (var fold = 0; fold < Folds; fold++)
        {
            JudgedUtterance[] rest = [.. judged.Where((_, i) => i % Folds != fold)];
            JudgedUtterance[] part = [.. judged.Where((_, i) => i % Folds == fold)];
            var found = EvaluationBot.With(bot, Search(bot, rest, costs), new Dictionary<string, double>());
            total += Measure(found, part, costs).CostPerMessage * part.Length;
        }

        return total / Math.Max(1, judged.Count);
    }

    private static ConfidenceOptions Confidence(ConfidenceOptions from, double answer, double clarify, double margin) =>
        new() { Answer = answer, Clarify = clarify, Margin = margin, Attempts = from.Attempts };
}
