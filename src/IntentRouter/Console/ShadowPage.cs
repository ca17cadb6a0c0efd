using System.Globalization;
using IntentRouter.Evaluation;
using IntentRouter.Review;
using IntentRouter.Storage;

namespace IntentRouter.Console;

/// <summary>How adapters on trial compare with those that answer.</summary>
internal static class ShadowPage
{
    public static async Task<IResult> ShowAsync(IEventStore store, TimeProvider clock, CancellationToken cancellationToken)
    {
        var report = ShadowReport.Of(await store.ReadShadowsAsync(null, clock.GetUtcNow().AddDays(-30), ShadowReport.MostTurns, cancellationToken));
        return ConsolePage.Show("Adapters on trial", "/shadows", report.Count == 0
            ? Html.Of($"<p>No adapter was asked on trial in the last 30 days. Name one under a bot's <code>nlu: {{ shadow: […] }}</code>: it is asked beside every turn and decides nothing.</p>")
            : Html.Of($"""
            <p>The last 30 days. <em>Judged</em> are turns whose utterance people labelled, took over, or settled when asked back: mostly those where the answering adapter was unsure. <code>evaluate</code> compares without that bias.</p>
            <div class="scroll"><table>
            <thead><tr><th scope="col">Bot</th><th scope="col">On trial</th><th scope="col">Answering</th><th scope="col" class="n">Turns</th><th scope="col" class="n">Agrees</th><th scope="col" class="n">Failed</th><th scope="col" class="n">Judged</th><th scope="col" class="n">Only trial right</th><th scope="col" class="n">Only answering right</th><th scope="col" class="n">Median, 95 %</th><th scope="col" class="n">Answering</th></tr></thead>
            <tbody>
            {report.Select(Row)}
            </tbody></table></div>
            """));
    }

    private static Markup Row(ShadowComparison c) => Html.Of($"""
        <tr><td>{c.Bot}</td><th scope="row">{c.Adapter}</th><td>{c.LiveAdapter ?? "nobody"}</td><td class="n">{c.Turns}</td><td class="n">{Share(c)}</td><td class="n">{c.Failed}</td><td class="n">{c.Judged}</td><td class="n">{c.ShadowRight}</td><td class="n">{c.LiveRight}</td><td class="n">{Times(c.MedianMilliseconds, c.P95Milliseconds)}</td><td class="n">{Times(c.LiveMedianMilliseconds, c.LiveP95Milliseconds)}</td></tr>

        """);

    private static string Share(ShadowComparison c) => TextReport.Percent(c.Agreed + c.Differed == 0 ? null : c.Agreed / (double)(c.Agreed + c.Differed));

    private static string Times(double? median, double? p95) => median is null ? "–" : string.Create(CultureInfo.InvariantCulture, $"{median:0.0}, {p95:0.0} ms");
}
