using System.Globalization;

namespace IntentRouter.Benchmarks.Nlu;

/// <summary>What the embedded NLU promises, beside what was measured.</summary>
internal static class Limits
{
    private static readonly Limit[] _all =
    [
        new("clinc150", "accuracy in scope, %", f => 100 * f.Accuracy, 95, AtLeast: true),
        new("clinc150", "AUROC in scope against out of scope, %", f => 100 * f.Auroc, 97.5, AtLeast: true),
        new("clinc150", "right among answered at 0.5, mix, %", f => 100 * f.MixPrecision, 96, AtLeast: true),
        new("clinc150", "out of scope refused at 0.5, %", f => 100 * f.Refused, 93, AtLeast: true),
        new("clinc150", "calibration error, mix, %", f => 100 * f.MixError, 4, AtLeast: false),
        new("clinc150-10", "accuracy, 10 examples an intent, %", f => 100 * f.Accuracy, 88, AtLeast: true),
        new("hwu64-10", "accuracy, 10 examples an intent, %", f => 100 * f.Accuracy, 80, AtLeast: true),
        new("banking77", "accuracy, %", f => 100 * f.Accuracy, 92.5, AtLeast: true),
        new("clinc150", "training of 15,000 utterances, s", f => f.TrainSeconds, 30, AtLeast: false, Processor: f => f.TrainCpuSeconds),
        new("bot30", "training of 600 utterances, s", f => f.TrainSeconds, 2.5, AtLeast: false, Processor: f => f.TrainCpuSeconds),
        new("bot30", "one prediction, 600 utterances, p50 ms", f => f.P50, 0.8, AtLeast: false),
        new("clinc150", "one prediction, 15,000 utterances, p50 ms", f => f.P50, 1.2, AtLeast: false),
        new("clinc150", "allocation of one prediction, bytes", f => f.Bytes, 4096, AtLeast: false),
    ];

    /// <summary>Prints those of the sets that were measured; returns whether all hold.</summary>
    public static bool Print(IReadOnlyDictionary<string, Figures> measured)
    {
        var held = true;
        System.Console.WriteLine();
        System.Console.WriteLine("set          promise                                         limit   measured");
        foreach (var limit in _all.Where(l => measured.ContainsKey(l.Set)))
        {
            var value = limit.Value(measured[limit.Set]);
            var holds = limit.AtLeast ? value >= limit.Bound : value <= limit.Bound;
            held &= holds;
            var processor = limit.Processor is { } seconds ? string.Create(CultureInfo.InvariantCulture, $" (processor time {seconds(measured[limit.Set]):0.0} s)") : "";
            System.Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"{limit.Set,-12} {limit.Name,-42} {(limit.AtLeast ? "≥" : "≤"),3} {limit.Bound,7:0.##} {value,10:0.00}  {(holds ? "held" : "MISSED")}{processor}"));
        }

        return held;
    }

    private sealed record Limit(string Set, string Name, Func<Figures, double> Value, double Bound, bool AtLeast, Func<Figures, double>? Processor = null);
}

/// <summary>What one set gave, a mean over its samples.</summary>
internal sealed record Figures(
    double Accuracy,
    double Auroc,
    double Precision,
    double Refused,
    double Answered,
    double AnsweredRight,
    double MixPrecision,
    double MixError,
    double TrainSeconds,
    double TrainCpuSeconds,
    double P50,
    double P99,
    double CpuMilliseconds,
    double Bytes);
