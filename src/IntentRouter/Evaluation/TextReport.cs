using System.Globalization;
using System.Text;

namespace IntentRouter.Evaluation;

/// <summary>An evaluation for the terminal.</summary>
internal static class TextReport
{
    private const int MostConfusions = 10;
    private const int MostIntents = 10;

    public static string Write(EvaluationReport report)
    {
        var text = new StringBuilder();
        var results = report.Results;
        text.Append(CultureInfo.InvariantCulture, $"{report.Data}: {results[0].Utterances} utterances, {results[0].OutOfScope} of them out of scope; bot {report.Bot}\n\n");
        Row("", r => r.Adapter);
        Row("model", r => r.Model ?? "not said");
        Row("confidence", r => r.Calibrated ? "calibrated" : "UNCALIBRATED");
        Row("accuracy (in scope)", r => Percent(r.Accuracy));
        Row(string.Create(CultureInfo.InvariantCulture, $"at {results[0].Threshold:0.00}: answered"), r => Percent(r.Answered));
        Row("  right, of the answered", r => Percent(r.Precision));
        Row("  answered right, of in scope", r => Percent(r.AnsweredRight));
        Row("  out of scope refused", r => Percent(r.OutOfScopeRefused));
        Row("AUROC in/out of scope", r => Percent(r.Auroc));
        Row("calibration error", r => Percent(r.CalibrationError));
        Row("mean F1", r => Percent(r.MacroF1));
        Row("time p50 / p95 / p99", r => r.Latency is { } l ? string.Create(CultureInfo.InvariantCulture, $"{l.P50:0.0} / {l.P95:0.0} / {l.P99:0.0} ms") : "-");
        Row("failed", r => r.Failures.Count == 0 ? "0" : string.Join(", ", r.Failures.Select(f => $"{f.Value} {f.Key}")));
        Row("cost of a thousand", r => r.Cost is { } c ? c.PerThousand.ToString("0.##", CultureInfo.InvariantCulture) : "-");
        foreach (var result in results)
        {
            One(text, result, results.Count > 1);
        }

        foreach (var bound in report.Bounds)
        {
            text.Append(CultureInfo.InvariantCulture, $"\n{(bound.Holds ? "holds" : "MISSED")}: {bound}");
        }

        return text.ToString().TrimEnd();

        void Row(string name, Func<EvaluationResult, string> cell) =>
            text.Append(name.PadRight(32)).AppendJoin("", results.Select(r => cell(r).PadRight(24))).Append('\n');
    }

    public static string Percent(double? share) => share is { } s ? string.Create(CultureInfo.InvariantCulture, $"{s * 100:0.0} %") : "-";

    private static void One(StringBuilder text, EvaluationResult result, bool named)
    {
        if (named)
        {
            text.Append(CultureInfo.InvariantCulture, $"\n--- {result.Adapter} ---\n");
        }

        foreach (var note in result.Notes)
        {
            text.Append(CultureInfo.InvariantCulture, $"\nNote: {note}");
        }

        text.Append("\n\nThreshold  answered  right   out of scope refused\n");
        foreach (var point in ((int[])[30, 40, 50, 60, 70, 80, 90, 95]).Select(i => result.Curve[i]))
        {
            text.Append(CultureInfo.InvariantCulture, $"{point.Threshold,-9:0.00}  {Percent(point.Answered),-8}  {Percent(point.Precision),-6}  {Percent(point.OutOfScopeRefused)}\n");
        }

        if (result.Decisions.Count > 0)
        {
            text.Append("\nThe bot would: ").AppendJoin(", ", result.Decisions.OrderByDescending(d => d.Value).Select(d => $"{d.Key} {d.Value}")).Append('\n');
        }

        if (result.Confusions.Count > 0)
        {
            text.Append("\nMost frequent mistakes:\n");
            foreach (var confusion in result.Confusions.Take(MostConfusions))
            {
                text.Append(CultureInfo.InvariantCulture, $"{confusion.Count,4} × {confusion.Expected} taken for {confusion.Predicted ?? "nothing"}: {confusion.Examples[0]}\n");
            }
        }

        var weakest = result.Intents.Where(i => i.Support > 0 && i.F1 is < 0.9 or null).OrderBy(i => i.F1 ?? 0).Take(MostIntents).ToArray();
        if (weakest.Length > 0)
        {
            text.Append("\nWeakest intents (precision, recall, utterances):\n");
            foreach (var intent in weakest)
            {
                text.Append(CultureInfo.InvariantCulture, $"  {intent.Intent}: {Percent(intent.Precision)}, {Percent(intent.Recall)}, {intent.Support}\n");
            }
        }
    }
}
