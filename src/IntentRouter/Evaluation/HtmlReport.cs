using System.Globalization;
using System.Net;
using System.Text;

namespace IntentRouter.Evaluation;

/// <summary>An evaluation as one HTML page: no scripts, no other files, light and dark, readable on paper.</summary>
internal static class HtmlReport
{
    /// <summary>The rules of what <see cref="Content"/> writes, for a page of another frame: figures and their colours. Lines, soft and bad words, tables are the frame's.</summary>
    public const string Figures = """
        :root { --s0: #0969da; --s1: #bf5600; --s2: #1a7f37; --s3: #8250df; --s4: #a40e26; --s5: #57606a; }
        @media (prefers-color-scheme: dark) { :root { --s0: #58a6ff; --s1: #f0883e; --s2: #56d364; --s3: #bc8cff; --s4: #ff7b9c; --s5: #9aa4ae; } }
        .pair { display: flex; flex-wrap: wrap; gap: 1.5rem; margin-bottom: 1rem; } figure { margin: 0; } figcaption { color: var(--soft); font-size: .875rem; max-width: 24rem; } td.texts { min-width: 14rem; }
        svg { max-width: 100%; height: auto; } svg text { fill: var(--soft); font: 11px system-ui, sans-serif; } .grid { stroke: var(--line); stroke-width: 1; } .axis { stroke: var(--soft); stroke-width: 1; }
        .key { display: inline-block; width: .8rem; height: .8rem; border-radius: 2px; margin-right: .4rem; vertical-align: -1px; } ul.notes { padding-left: 1.2rem; max-width: 48rem; }
        .s0 { background: var(--s0); } .s1 { background: var(--s1); } .s2 { background: var(--s2); } .s3 { background: var(--s3); } .s4 { background: var(--s4); } .s5 { background: var(--s5); }
        """;

    private const int MostMatrixIntents = 40;
    private const int MostConfusions = 25;

    private const string Frame = """
        :root { color-scheme: light dark; --ink: #1b1f24; --soft: #57606a; --paper: #fff; --line: #d0d7de; --band: #f6f8fa; --bad: #b42318; --good: #1a7f37; }
        @media (prefers-color-scheme: dark) { :root { --ink: #e6edf3; --soft: #9aa4ae; --paper: #0d1117; --line: #30363d; --band: #161b22; --bad: #ff8178; --good: #56d364; } }
        * { box-sizing: border-box; }
        body { margin: 0 auto; max-width: 72rem; padding: 1.5rem 1rem 4rem; font: 1rem/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); }
        h1 { font-size: 1.6rem; margin: 0 0 .25rem; } h2 { font-size: 1.25rem; margin: 2.5rem 0 .5rem; } h3 { font-size: 1rem; margin: 1.25rem 0 .5rem; }
        p { margin: .25rem 0 .75rem; max-width: 48rem; overflow-wrap: anywhere; } .soft { color: var(--soft); } .bad { color: var(--bad); font-weight: 600; } .good { color: var(--good); }
        .scroll { overflow-x: auto; } table { border-collapse: collapse; font-variant-numeric: tabular-nums; } th, td { padding: .3rem .7rem; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top; }
        th.n, td.n { text-align: right; white-space: nowrap; } thead th { background: var(--band); } tbody tr:hover { background: var(--band); }
        @media print { body { max-width: none; } h2 { break-after: avoid; } table, figure { break-inside: avoid; } }
        """;

    public static string Write(EvaluationReport report) =>
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">"
        + $"<title>NLU evaluation</title><style>{Frame}\n{Figures}</style></head><body><main>\n<h1>NLU evaluation</h1>\n{Content(report)}</main></body></html>\n";

    /// <summary>What stands under the title: needs <see cref="Figures"/>, and no style of its own in any element.</summary>
    public static string Content(EvaluationReport report)
    {
        var page = new StringBuilder();
        page.Append(Invariant($"<p class=\"soft\">{E(report.Data)} · {report.At:yyyy-MM-dd HH:mm} UTC · bot {E(report.Bot)} · {report.Results[0].Utterances} utterances, {report.Results[0].OutOfScope} of them out of scope</p>\n"));
        Bounds(page, report);
        Summary(page, report.Results);
        Curves(page, report.Results);
        for (var i = 0; i < report.Results.Count; i++)
        {
            Adapter(page, report.Results[i], i);
        }

        return page.ToString();
    }

    private static void Bounds(StringBuilder page, EvaluationReport report)
    {
        if (report.Bounds.Count == 0)
        {
            return;
        }

        page.Append("<h2>Bounds</h2>\n<ul class=\"notes\">");
        foreach (var bound in report.Bounds)
        {
            page.Append(CultureInfo.InvariantCulture, $"<li class=\"{(bound.Holds ? "good" : "bad")}\">{(bound.Holds ? "holds" : "missed")}: {E(bound.ToString())}</li>");
        }

        page.Append("</ul>\n");
    }

    private static void Summary(StringBuilder page, IReadOnlyList<EvaluationResult> results)
    {
        page.Append("<h2>At a glance</h2>\n<div class=\"scroll\"><table><thead><tr><th scope=\"col\"></th>");
        for (var i = 0; i < results.Count; i++)
        {
            page.Append(CultureInfo.InvariantCulture, $"<th scope=\"col\" class=\"n\">{Key(i)}{E(results[i].Adapter)}</th>");
        }

        page.Append("</tr></thead><tbody>\n");
        Row("Model", r => E(r.Model ?? "not said"));
        Row("Confidence", r => r.Calibrated ? "calibrated" : "<span class=\"bad\">uncalibrated</span>");
        Row("First intent right, of what is in scope", r => Percent(r.Accuracy));
        Row("Mean F1 of the intents", r => Percent(r.MacroF1));
        Row("Answer threshold", r => Number(r.Threshold));
        Row("Answered", r => Percent(r.Answered));
        Row("Right, of the answered", r => Percent(r.Precision));
        Row("Answered and right, of what is in scope", r => Percent(r.AnsweredRight));
        Row("Out of scope, refused", r => Percent(r.OutOfScopeRefused));
        Row("In scope above out of scope (AUROC)", r => Percent(r.Auroc));
        Row("Calibration error", r => Percent(r.CalibrationError));
        Row("Brier score", r => r.Brier is { } b ? Invariant($"{b:0.000}") : "–");
        Row("Median, 95 %, 99 % of the times", r => r.Latency is { } l ? Invariant($"{l.P50:0.0}, {l.P95:0.0}, {l.P99:0.0} ms") : "–");
        Row("Not answered because it failed", r => r.Failures.Count == 0 ? "0" : $"<span class=\"bad\">{E(string.Join(", ", r.Failures.Select(f => $"{f.Value} {f.Key}")))}</span>");
        Row("Cost of a thousand utterances", r => r.Cost is { } c ? Invariant($"{c.PerThousand:0.##}") : "–");
        page.Append("</tbody></table></div>\n");

        void Row(string name, Func<EvaluationResult, string> cell)
        {
            page.Append("<tr><th scope=\"row\">").Append(E(name)).Append("</th>");
            foreach (var result in results)
            {
                page.Append("<td class=\"n\">").Append(cell(result)).Append("</td>");
            }

            page.Append("</tr>\n");
        }
    }

    private static void Curves(StringBuilder page, IReadOnlyList<EvaluationResult> results)
    {
        page.Append("<h2>What a threshold buys</h2>\n<p>From right to left the answer threshold rises: fewer messages are answered, and more of the answers are right. The dot is the bot's own threshold.</p>\n<div class=\"pair\">");
        var chart = new Chart("answered", "right, of the answered", "Answered against right, for every threshold");
        for (var i = 0; i < results.Count; i++)
        {
            var points = results[i].Curve.Where(p => p.Precision is not null).Select(p => (p.Answered, p.Precision!.Value)).ToArray();
            chart.Line(points, i);
            if (results[i] is { Answered: { } answered, Precision: { } precision })
            {
                chart.Dot(answered, precision, i);
            }
        }

        page.Append(chart.End("Precision against coverage."));
        if (results.Any(r => r.OutOfScope > 0))
        {
            var refusal = new Chart("threshold", "out of scope refused", "Out-of-scope utterances refused, for every threshold");
            for (var i = 0; i < results.Count; i++)
            {
                refusal.Line([.. results[i].Curve.Where(p => p.OutOfScopeRefused is not null).Select(p => (p.Threshold, p.OutOfScopeRefused!.Value))], i);
            }

            page.Append(refusal.End("Of what is none of the bot's business, the share that is not answered."));
        }

        page.Append("</div>\n");
        Thresholds(page, results);
    }

    private static void Thresholds(StringBuilder page, IReadOnlyList<EvaluationResult> results)
    {
        page.Append("<div class=\"scroll\"><table><thead><tr><th scope=\"col\" class=\"n\">Threshold</th>");
        foreach (var result in results)
        {
            page.Append(CultureInfo.InvariantCulture, $"<th scope=\"col\" class=\"n\">{E(result.Adapter)}: answered</th><th scope=\"col\" class=\"n\">right</th><th scope=\"col\" class=\"n\">out of scope refused</th>");
        }

        page.Append("</tr></thead><tbody>\n");
        foreach (var step in (int[])[30, 40, 50, 60, 70, 80, 90, 95])
        {
            page.Append(CultureInfo.InvariantCulture, $"<tr><td class=\"n\">{step / 100.0:0.00}</td>");
            foreach (var point in results.Select(r => r.Curve[step]))
            {
                page.Append(CultureInfo.InvariantCulture, $"<td class=\"n\">{Percent(point.Answered)}</td><td class=\"n\">{Percent(point.Precision)}</td><td class=\"n\">{Percent(point.OutOfScopeRefused)}</td>");
            }

            page.Append("</tr>\n");
        }

        page.Append("</tbody></table></div>\n");
    }

    private static void Adapter(StringBuilder page, EvaluationResult result, int series)
    {
        page.Append(CultureInfo.InvariantCulture, $"<h2>{Key(series)}{E(result.Adapter)}</h2>\n");
        if (result.Notes.Count > 0)
        {
            page.Append("<ul class=\"notes\">").AppendJoin("", result.Notes.Select(n => $"<li>{E(n)}</li>")).Append("</ul>\n");
        }

        page.Append("<div class=\"pair\">");
        Reliability(page, result, series);
        Decisions(page, result);
        page.Append("</div>\n");
        Matrix(page, result);
        Confusions(page, result);
        Intents(page, result);
    }

    private static void Reliability(StringBuilder page, EvaluationResult result, int series)
    {
        var chart = new Chart("confidence", "right", $"Reliability of {result.Adapter}");
        chart.Diagonal();
        var most = Math.Max(1, result.Reliability.Max(b => (int?)b.Count) ?? 1);
        foreach (var bin in result.Reliability)
        {
            chart.Bar(bin.From, bin.To, bin.Count / (double)most * 0.25);
        }

        chart.Line([.. result.Reliability.Select(b => (b.Confidence, b.Right))], series);
        foreach (var bin in result.Reliability)
        {
            chart.Dot(bin.Confidence, bin.Right, series);
        }

        page.Append(chart.End("On the diagonal a confidence of 0.8 is right 8 times in 10; below it, the adapter is too sure of itself. Grey: how many utterances."));
    }

    private static void Decisions(StringBuilder page, EvaluationResult result)
    {
        if (result.Decisions.Count == 0)
        {
            return;
        }

        page.Append("<figure><table><thead><tr><th scope=\"col\">The bot would</th><th scope=\"col\" class=\"n\">utterances</th><th scope=\"col\" class=\"n\">share</th></tr></thead><tbody>\n");
        foreach (var (rule, count) in result.Decisions.OrderByDescending(d => d.Value))
        {
            page.Append(CultureInfo.InvariantCulture, $"<tr><td>{E(rule)}</td><td class=\"n\">{count}</td><td class=\"n\">{Percent(count / (double)result.Utterances)}</td></tr>\n");
        }

        page.Append("</tbody></table><figcaption>The live decision, each utterance taken as a conversation's first message.</figcaption></figure>");
    }

    private static void Matrix(StringBuilder page, EvaluationResult result)
    {
        var confused = result.Confusions.Where(c => c.Predicted is not null).ToArray();
        var intents = confused.SelectMany(c => new[] { (c.Expected, c.Count), (Expected: c.Predicted!, c.Count) })
            .GroupBy(c => c.Expected).OrderByDescending(g => g.Sum(c => c.Count)).Take(MostMatrixIntents).Select(g => g.Key).Order(StringComparer.Ordinal).ToArray();
        if (intents.Length == 0)
        {
            return;
        }

        const int Cell = 16;
        const int Left = 190;
        const int Top = 190;
        var right = result.Intents.ToDictionary(i => i.Intent, i => (int)Math.Round((i.Recall ?? 0) * i.Support));
        var support = result.Intents.ToDictionary(i => i.Intent, i => Math.Max(1, i.Support));
        var size = intents.Length * Cell;
        page.Append("<h3>Confusion matrix</h3>\n<p class=\"soft\">Rows: the label. Columns: the first intent. Only intents that are confused with another are shown; the stronger the colour, the larger the share of the row.</p>\n<div class=\"scroll\">")
            .Append(CultureInfo.InvariantCulture, $"<svg role=\"img\" aria-label=\"Confusion matrix of {E(result.Adapter)}\" width=\"{Left + size + 10}\" height=\"{Top + size + 10}\" viewBox=\"0 0 {Left + size + 10} {Top + size + 10}\">");
        for (var i = 0; i < intents.Length; i++)
        {
            page.Append(CultureInfo.InvariantCulture, $"<text x=\"{Left - 6}\" y=\"{Top + (i * Cell) + 12}\" text-anchor=\"end\">{E(Short(intents[i]))}</text>")
                .Append(CultureInfo.InvariantCulture, $"<text transform=\"translate({Left + (i * Cell) + 12},{Top - 6}) rotate(-90)\">{E(Short(intents[i]))}</text>")
                .Append(CultureInfo.InvariantCulture, $"<line class=\"grid\" x1=\"{Left}\" x2=\"{Left + size}\" y1=\"{Top + (i * Cell)}\" y2=\"{Top + (i * Cell)}\"/>");
        }

        for (var row = 0; row < intents.Length; row++)
        {
            for (var column = 0; column < intents.Length; column++)
            {
                var count = row == column
                    ? right.GetValueOrDefault(intents[row])
                    : confused.Where(c => c.Expected == intents[row] && c.Predicted == intents[column]).Sum(c => c.Count);
                if (count == 0)
                {
                    continue;
                }

                var share = count / (double)support.GetValueOrDefault(intents[row], 1);
                page.Append(CultureInfo.InvariantCulture, $"<rect x=\"{Left + (column * Cell)}\" y=\"{Top + (row * Cell)}\" width=\"{Cell}\" height=\"{Cell}\" fill=\"var({(row == column ? "--s0" : "--s4")})\" fill-opacity=\"{Math.Clamp(0.15 + (share * 0.85), 0, 1):0.##}\"><title>{E(intents[row])} taken for {E(intents[column])}: {count}</title></rect>");
            }
        }

        page.Append("</svg></div>\n");
    }

    private static void Confusions(StringBuilder page, EvaluationResult result)
    {
        if (result.Confusions.Count == 0)
        {
            return;
        }

        page.Append("<h3>Most frequent mistakes</h3>\n<div class=\"scroll\"><table><thead><tr><th scope=\"col\">label</th><th scope=\"col\">taken for</th><th scope=\"col\" class=\"n\">times</th><th scope=\"col\">for example</th></tr></thead><tbody>\n");
        foreach (var confusion in result.Confusions.Take(MostConfusions))
        {
            page.Append(CultureInfo.InvariantCulture, $"<tr><td>{E(confusion.Expected)}</td><td>{E(confusion.Predicted ?? "nothing")}</td><td class=\"n\">{confusion.Count}</td><td class=\"soft texts\">{E(string.Join(" · ", confusion.Examples.Take(2)))}</td></tr>\n");
        }

        page.Append("</tbody></table></div>\n");
    }

    private static void Intents(StringBuilder page, EvaluationResult result)
    {
        page.Append("<h3>Intents</h3>\n<div class=\"scroll\"><table><thead><tr><th scope=\"col\">intent</th><th scope=\"col\" class=\"n\">utterances</th><th scope=\"col\" class=\"n\">precision</th><th scope=\"col\" class=\"n\">recall</th><th scope=\"col\" class=\"n\">F1</th></tr></thead><tbody>\n");
        foreach (var intent in result.Intents.OrderBy(i => i.F1 ?? 0))
        {
            page.Append(CultureInfo.InvariantCulture, $"<tr><th scope=\"row\">{E(intent.Intent)}</th><td class=\"n\">{intent.Support}</td><td class=\"n\">{Percent(intent.Precision)}</td><td class=\"n\">{Percent(intent.Recall)}</td><td class=\"n\">{Percent(intent.F1)}</td></tr>\n");
        }

        page.Append("</tbody></table></div>\n");
    }

    private static string Key(int series) => Invariant($"<span class=\"key s{series % 6}\"></span>");

    private static string Percent(double? share) => share is { } s ? Invariant($"{s * 100:0.0} %") : "–";

    private static string Number(double value) => Invariant($"{value:0.00}");

    private static string Short(string intent) => intent.Length <= 28 ? intent : intent[..27] + "…";

    private static string E(string text) => WebUtility.HtmlEncode(text);

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);

    /// <summary>A square plot of shares.</summary>
    private sealed class Chart
    {
        private const int Size = 300;
        private const int Left = 44;
        private const int Top = 10;

        private readonly StringBuilder _svg = new();
        private readonly string _x;
        private readonly string _y;

        public Chart(string x, string y, string label)
        {
            _x = x;
            _y = y;
            _svg.Append(CultureInfo.InvariantCulture, $"<figure><svg role=\"img\" aria-label=\"{E(label)}\" width=\"{Left + Size + 12}\" height=\"{Top + Size + 40}\" viewBox=\"0 0 {Left + Size + 12} {Top + Size + 40}\">");
            for (var i = 0; i <= 5; i++)
            {
                var at = i / 5.0;
                _svg.Append(CultureInfo.InvariantCulture, $"<line class=\"grid\" x1=\"{X(0)}\" x2=\"{X(1)}\" y1=\"{Y(at)}\" y2=\"{Y(at)}\"/><text x=\"{Left - 6}\" y=\"{Y(at) + 4}\" text-anchor=\"end\">{at:0.0}</text><text x=\"{X(at)}\" y=\"{Y(0) + 16}\" text-anchor=\"middle\">{at:0.0}</text>");
            }
        }

        public void Diagonal() =>
            _svg.Append(CultureInfo.InvariantCulture, $"<line class=\"axis\" stroke-dasharray=\"4 4\" x1=\"{X(0)}\" y1=\"{Y(0)}\" x2=\"{X(1)}\" y2=\"{Y(1)}\"/>");

        public void Bar(double from, double to, double height) =>
            _svg.Append(CultureInfo.InvariantCulture, $"<rect x=\"{X(from) + 1:0.#}\" y=\"{Y(height):0.#}\" width=\"{((to - from) * Size) - 2:0.#}\" height=\"{height * Size:0.#}\" fill=\"var(--line)\"/>");

        public void Line(IReadOnlyList<(double X, double Y)> points, int series) =>
            _svg.Append(CultureInfo.InvariantCulture, $"<polyline fill=\"none\" stroke=\"var(--s{series % 6})\" stroke-width=\"2\" points=\"{string.Join(' ', points.Select(p => Invariant($"{X(p.X):0.#},{Y(p.Y):0.#}")))}\"/>");

        public void Dot(double x, double y, int series) =>
            _svg.Append(CultureInfo.InvariantCulture, $"<circle cx=\"{X(x):0.#}\" cy=\"{Y(y):0.#}\" r=\"4\" fill=\"var(--s{series % 6})\"><title>{x:0.000}, {y:0.000}</title></circle>");

        public string End(string caption) => _svg
            .Append(CultureInfo.InvariantCulture, $"<text x=\"{X(0.5)}\" y=\"{Y(0) + 32}\" text-anchor=\"middle\">{E(_x)}</text><text transform=\"translate(11,{Y(0.5)}) rotate(-90)\" text-anchor=\"middle\">{E(_y)}</text></svg>")
            .Append(CultureInfo.InvariantCulture, $"<figcaption>{E(caption)}</figcaption></figure>")
            .ToString();

        private static double X(double share) => Left + (share * Size);

        private static double Y(double share) => Top + ((1 - share) * Size);
    }
}
