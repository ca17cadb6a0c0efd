namespace IntentRouter.Evaluation;

/// <summary>
/// A fitted map from an engine's confidence to a probability: a line over the log odds. Rising, so that the order of utterances stays. No confidence says
/// nothing either way and counts as even odds: of an engine that never reports one, the fit is how often it is right.
/// </summary>
internal sealed record ReliabilityFit(double Slope, double Intercept)
{
    private const double Edge = 1e-4;
    private const double Even = 0.5;

    /// <summary>Below this a fit says more about chance than about the engine.</summary>
    public const int LeastUtterances = 30;

    public double Apply(double? confidence) => 1 / (1 + Math.Exp(-((Slope * LogOdds(confidence ?? Even)) + Intercept)));

    /// <summary>Fits to what was right and what was not; null when there is too little to fit to.</summary>
    public static ReliabilityFit? Fit(IReadOnlyList<JudgedUtterance> judged)
    {
        var answered = judged.Where(j => j.Best is not null).ToArray();
        var points = answered.Select(j => (LogOdds: LogOdds(j.Ranking[0].Raw ?? Even), j.IsRight)).ToArray();
        var right = points.Count(p => p.IsRight);
        var wrong = points.Length - right;
        // A line needs both kinds, a rate does not.
        var needsBoth = answered.Any(j => j.Ranking[0].Raw is not null);
        if (points.Length < LeastUtterances || (needsBoth && (right == 0 || wrong == 0)))
        {
            return null;
        }

        // Targets a little inside 0 and 1 keep the line finite where the two kinds do not overlap.
        var high = (right + 1.0) / (right + 2.0);
        var low = 1.0 / (wrong + 2.0);
        var (slope, intercept) = (1.0, 0.0);
        for (var step = 0; step < 100; step++)
        {
            var change = Newton(points, slope, intercept, high, low);
            slope = Math.Max(0.01, slope - Math.Clamp(change.Slope, -1, 1));
            intercept -= Math.Clamp(change.Intercept, -1, 1);
            if (Math.Abs(change.Slope) + Math.Abs(change.Intercept) < 1e-9)
            {
                break;
            }
        }

        return new ReliabilityFit(slope, intercept);
    }

    /// <summary>The same utterances with the map applied to their whole ranking.</summary>
    public static IReadOnlyList<JudgedUtterance> Apply(IReadOnlyList<JudgedUtterance> judged, Func<double?, double> map) =>
        [.. judged.Select(j => j with { Ranking = [.. j.Ranking.Select((r, i) => r with { Probability = r.Raw is not null || i == 0 ? map(r.Raw) : null })] })];

    /// <summary>The utterances, each calibrated by a fit to the other four fifths: what the fit is worth on words it has not seen.</summary>
    public static IReadOnlyList<JudgedUtterance> ApplyAcross(IReadOnlyList<JudgedUtterance> judged)
    {
        const int Parts = 5;
        var result = judged.ToArray();
        for (var part = 0; part < Parts; part++)
        {
            if (Fit([.. judged.Where((_, i) => i % Parts != part)]) is { } fit)
            {
                for (var i = part; i < judged.Count; i += Parts)
                {
                    result[i] = Apply([judged[i]], fit.Apply)[0];
                }
            }
        }

        return result;
    }

    private static double LogOdds(double confidence)
    {
        var bounded = Math.Clamp(confidence, Edge, 1 - Edge);
        return Math.Log(bounded / (1 - bounded));
    }

    private static (double Slope, double Intercept) Newton((double LogOdds, bool IsRight)[] points, double slope, double intercept, double high, double low)
    {
        const double Ridge = 1e-6;
        var (g0, g1, h00, h01, h11) = (0.0, 0.0, Ridge, 0.0, Ridge);
        foreach (var (x, isRight) in points)
        {
            var p = 1 / (1 + Math.Exp(-((slope * x) + intercept)));
            var error = p - (isRight ? high : low);
            var curvature = Math.Max(p * (1 - p), 1e-9);
            g0 += error * x;
            g1 += error;
            h00 += curvature * x * x;
            h01 += curvature * x;
            h11 += curvature;
        }

        var determinant = (h00 * h11) - (h01 * h01);
        return (((h11 * g0) - (h01 * g1)) / determinant, ((h00 * g1) - (h01 * g0)) / determinant);
    }
}
