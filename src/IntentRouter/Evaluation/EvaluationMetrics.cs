using IntentRouter.Decisions;

namespace IntentRouter.Evaluation;

/// <summary>The arithmetic of an evaluation. Pure.</summary>
internal static class EvaluationMetrics
{
    public const int Bins = 15;

    private const int MostConfusions = 100;
    private const int MostExamples = 5;

    public static EvaluationResult Measure(string adapter, IReadOnlyList<JudgedUtterance> judged, double threshold)
    {
        var inScope = judged.Where(j => j.IsInScope).ToArray();
        var outOfScope = judged.Where(j => !j.IsInScope).ToArray();
        var at = At(judged, threshold);
        var intents = Intents(judged);
        return new EvaluationResult
        {
            Adapter = adapter,
            Utterances = judged.Count,
            InScope = inScope.Length,
            OutOfScope = outOfScope.Length,
            Accuracy = Share(inScope.Count(j => j.IsRight), inScope.Length),
            MacroF1 = intents.Any(i => i.Support > 0) ? intents.Where(i => i.Support > 0).Average(i => i.F1 ?? 0) : null,
            Threshold = threshold,
            Answered = Share(judged.Count(j => Answers(j, threshold)), judged.Count),
            Precision = at.Precision,
            AnsweredRight = Share(inScope.Count(j => j.IsRight && Answers(j, threshold)), inScope.Length),
            OutOfScopeRefused = at.OutOfScopeRefused,
            Auroc = Auroc([.. inScope.Select(j => j.Probability)], [.. outOfScope.Select(j => j.Probability)]),
            CalibrationError = CalibrationError(judged),
            Brier = judged.Count == 0 ? null : judged.Average(j => Math.Pow(j.Probability - (j.IsRight ? 1 : 0), 2)),
            Intents = intents,
            Confusions = Confusions(judged),
            Reliability = Reliability(judged),
            Curve = [.. Enumerable.Range(0, 100).Select(i => At(judged, i / 100.0))],
            Latency = Latency(judged),
            Judged = judged,
            Failures = judged.Where(j => j.Failure is not null).GroupBy(j => Kebab.Of(j.Failure!.Value)).ToDictionary(g => g.Key, g => g.Count()),
        };
    }

    /// <summary>The share of pairs in which the first kind has the larger value; ties count half.</summary>
    public static double? Auroc(IReadOnlyList<double> larger, IReadOnlyList<double> smaller)
    {
        if (larger.Count == 0 || smaller.Count == 0)
        {
            return null;
        }

        var all = larger.Select(v => (Value: v, Larger: true)).Concat(smaller.Select(v => (Value: v, Larger: false))).OrderBy(v => v.Value).ToArray();
        var ranks = 0.0;
        for (var start = 0; start < all.Length;)
        {
            var end = start;
            while (end < all.Length && all[end].Value == all[start].Value)
            {
                end++;
            }

            ranks += all[start..end].Count(v => v.Larger) * ((start + 1 + end) / 2.0);
            start = end;
        }

        return (ranks - (larger.Count * (larger.Count + 1.0) / 2)) / ((double)larger.Count * smaller.Count);
    }

    public static double? CalibrationError(IReadOnlyList<JudgedUtterance> judged) =>
        judged.Count == 0 ? null : Reliability(judged).Sum(b => b.Count * Math.Abs(b.Confidence - b.Right)) / judged.Count;

    public static CoveragePoint At(IReadOnlyList<JudgedUtterance> judged, double threshold)
    {
        var answered = 0;
        var right = 0;
        var outside = 0;
        var refused = 0;
        foreach (var one in judged)
        {
            var answers = Answers(one, threshold);
            answered += answers ? 1 : 0;
            right += answers && one.IsRight ? 1 : 0;
            outside += one.IsInScope ? 0 : 1;
            refused += one.IsInScope || answers ? 0 : 1;
        }

        return new CoveragePoint(threshold, Share(answered, judged.Count) ?? 0, Share(right, answered), Share(refused, outside));
    }

    /// <summary>The value below which a share of the sorted values lies.</summary>
    public static double Percentile(IReadOnlyList<double> sorted, double share) =>
        sorted[Math.Clamp((int)Math.Ceiling(share * sorted.Count) - 1, 0, sorted.Count - 1)];

    private static bool Answers(JudgedUtterance judged, double threshold) => judged is { Best: not null, Ranking: [{ Probability: not null }, ..] } && judged.Probability >= threshold;

    private static double? Share(int part, int whole) => whole == 0 ? null : part / (double)whole;

    private static IntentScore[] Intents(IReadOnlyList<JudgedUtterance> judged)
    {
        var right = judged.Where(j => j.IsRight).CountBy(j => j.Expected).ToDictionary();
        var support = judged.CountBy(j => j.Expected).ToDictionary();
        var predicted = judged.Where(j => j.Best is not null).CountBy(j => j.Best!).ToDictionary();
        return
        [
            .. support.Keys.Union(predicted.Keys).Where(i => i != JudgedUtterance.OutOfScope).Order(StringComparer.Ordinal).Select(intent =>
            {
                var hits = right.GetValueOrDefault(intent);
                var precision = Share(hits, predicted.GetValueOrDefault(intent));
                var recall = Share(hits, support.GetValueOrDefault(intent));
                var f1 = Share(2 * hits, predicted.GetValueOrDefault(intent) + support.GetValueOrDefault(intent));
                return new IntentScore(intent, support.GetValueOrDefault(intent), predicted.GetValueOrDefault(intent), precision, recall, f1);
            }),
        ];
    }

    private static Confusion[] Confusions(IReadOnlyList<JudgedUtterance> judged) =>
    [
        .. judged.Where(j => j.IsInScope && !j.IsRight && j.Failure is null)
            .GroupBy(j => (j.Expected, j.Best))
            .OrderByDescending(g => g.Count()).ThenBy(g => g.Key.Expected, StringComparer.Ordinal).ThenBy(g => g.Key.Best, StringComparer.Ordinal)
            .Take(MostConfusions)
            .Select(g => new Confusion(g.Key.Expected, g.Key.Best, g.Count(), [.. g.Take(MostExamples).Select(j => j.Text)])),
    ];

    private static ReliabilityBin[] Reliability(IReadOnlyList<JudgedUtterance> judged) =>
    [
        .. judged.GroupBy(j => Math.Min(Bins - 1, (int)(j.Probability * Bins))).OrderBy(g => g.Key).Select(g => new ReliabilityBin(
            g.Key / (double)Bins,
            (g.Key + 1) / (double)Bins,
            g.Count(),
            g.Average(j => j.Probability),
            g.Average(j => j.IsRight ? 1.0 : 0.0))),
    ];

    private static LatencyScore? Latency(IReadOnlyList<JudgedUtterance> judged)
    {
        var times = judged.Where(j => j is { Remembered: false, Failure: null }).Select(j => j.Duration.TotalMilliseconds).Order().ToArray();
        return times.Length == 0
            ? null
            : new LatencyScore(times.Length, times.Average(), Percentile(times, 0.5), Percentile(times, 0.95), Percentile(times, 0.99));
    }
}
