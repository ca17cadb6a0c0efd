using System.Globalization;
using IntentRouter.Configuration;
using IntentRouter.Storage;
using IntentRouter.Turns;

namespace IntentRouter.Console;

/// <summary>What customers ask for, how often the bot settles it itself, how sure it is, and why it hands over.</summary>
internal static class IntentsPage
{
    public const int Bins = 10;

    private const int MostTurns = 20_000;
    private const int PageSize = 500;
    private static readonly int[] _periods = [1, 7, 30];

    public static async Task<IResult> ShowAsync(IEventStore store, ILiveConfiguration live, TimeProvider clock, string? bot, int? days, CancellationToken cancellationToken)
    {
        bot = string.IsNullOrEmpty(bot) ? null : bot;
        var period = Array.IndexOf(_periods, days ?? 0) >= 0 ? days!.Value : 7;
        var now = clock.GetUtcNow();
        var turns = new List<TurnExplanation>();
        for (long after = 0; turns.Count < MostTurns;)
        {
            var page = await store.ReadTurnsAsync(bot, now.AddDays(-period), now, after, PageSize, cancellationToken);
            turns.AddRange(page.Select(turn => turn.Explanation));
            if (page.Count < PageSize)
            {
                break;
            }

            after = page[^1].Position;
        }

        var summary = IntentSummary.Of(turns);
        return ConsolePage.Show("Intents", "/intents", Html.Of($"""
            <form class="search" method="get" action="/intents">
            <div><label for="bot">Bot</label>{ConsolePages.BotChoice(live.Current, bot)}</div>
            <div><label for="days">Period</label><select id="days" name="days">{_periods.Select(p => ConsolePages.Option(p.ToString(CultureInfo.InvariantCulture), p == 1 ? "1 day" : $"{p} days", p == period))}</select></div>
            <button>Show</button>
            </form>
            {(summary.Turns == 0 ? Html.Of($"<p>No turn in this time.</p>") : Shown(summary, turns.Count >= MostTurns))}
            """));
    }

    private static Markup Shown(IntentSummary summary, bool cut) => Html.Of($"""
        <p>{summary.Turns} turns; {Share(summary.Contained, summary.Turns)} were settled or carried on by the bot, {summary.Turns - summary.Contained} led to a human.{Html.When(cut, () => Html.Of($" Only the first {MostTurns} turns of the period are counted."))}</p>
        <h2>Intents</h2>
        <div class="scroll"><table>
        <thead><tr><th scope="col">Intent</th><th scope="col" class="n">Turns</th><th scope="col" class="n">Handed over</th><th scope="col" class="n">Contained</th><th scope="col">Confidence from 0 to 1</th></tr></thead>
        <tbody>
        {summary.Intents.Select(i => Html.Of($"<tr><th scope=\"row\">{i.Intent ?? "not understood"}</th><td class=\"n\">{i.Turns}</td><td class=\"n\">{i.Turns - i.Contained}</td><td class=\"n\">{Share(i.Contained, i.Turns)}</td><td>{Histogram(i.Confidences)}</td></tr>\n"))}
        </tbody></table></div>
        <h2>Why conversations were handed over</h2>
        {(summary.Handoffs.Count == 0 ? Html.Of($"<p>No conversation was handed over.</p>") : Html.Of($"""
        <div class="scroll"><table>
        <thead><tr><th scope="col">Reason</th><th scope="col" class="n">Turns</th></tr></thead>
        <tbody>{summary.Handoffs.Select(h => Html.Of($"<tr><th scope=\"row\">{h.Reason}</th><td class=\"n\">{h.Turns}</td></tr>"))}</tbody></table></div>
        """))}
        """);

    private static string Share(int part, int whole) => string.Create(CultureInfo.InvariantCulture, $"{100.0 * part / whole:0} %");

    // Bars need no script; who cannot see them hears the numbers.
    private static Markup Histogram(IReadOnlyList<int> bins)
    {
        var highest = bins.Max();
        return highest == 0
            ? Html.Of($"–")
            : Html.Of($"""<svg role="img" aria-label="{string.Join(", ", bins)}" width="{Bins * 10}" height="24" fill="currentColor">{bins.Select((count, i) => Html.Of($"<rect x=\"{i * 10}\" y=\"{24 - Height(count)}\" width=\"8\" height=\"{Height(count)}\"/>"))}</svg>""");

        int Height(int count) => count == 0 ? 0 : Math.Max(1, count * 24 / highest);
    }
}

/// <summary>Turns counted by intent.</summary>
internal sealed record IntentSummary(int Turns, int Contained, IReadOnlyList<IntentCount> Intents, IReadOnlyList<(string Reason, int Turns)> Handoffs)
{
    private const string HandoffRule = "handoff-";

    // A lookup or an action that fails hands over in the middle of a route: the note and the status tell.
    private static readonly string[] _handing = ["send-private-note", "set-status"];

    public static IntentSummary Of(IReadOnlyCollection<TurnExplanation> turns)
    {
        // Events without a word of the customer (a status, a push-back) decide nothing about an intent.
        var asked = turns.Where(turn => turn.Understanding.Count > 0 || turn.Intent is not null || IsHandoff(turn)).ToArray();
        return new(
            asked.Length,
            asked.Count(turn => !IsHandoff(turn)),
            [.. asked.GroupBy(turn => turn.Intent).Select(group => new IntentCount(group.Key, group.Count(), group.Count(turn => !IsHandoff(turn)), Bins(group)))
                .OrderByDescending(i => i.Turns).ThenBy(i => i.Intent, StringComparer.Ordinal)],
            [.. asked.Where(IsHandoff).GroupBy(Reason).Select(group => (group.Key, group.Count()))
                .OrderByDescending(h => h.Item2).ThenBy(h => h.Key, StringComparer.Ordinal)]);
    }

    private static bool IsHandoff(TurnExplanation turn) => turn.Decision.StartsWith(HandoffRule, StringComparison.Ordinal) || _handing.All(turn.Effects.Contains);

    private static string Reason(TurnExplanation turn) =>
        turn.Decision.StartsWith(HandoffRule, StringComparison.Ordinal) ? turn.Decision[HandoffRule.Length..]
        : turn.Lookups.Any(lookup => lookup.Outcome.StartsWith("failed", StringComparison.Ordinal)) ? "lookup-failed"
        : turn.Decision;

    private static int[] Bins(IEnumerable<TurnExplanation> turns)
    {
        var bins = new int[IntentsPage.Bins];
        foreach (var best in turns.Select(turn => turn.Understanding.Count > 0 ? turn.Understanding[0].Probability : null).OfType<double>())
        {
            bins[Math.Clamp((int)(best * bins.Length), 0, bins.Length - 1)]++;
        }

        return bins;
    }
}

/// <param name="Intent">Null where none was understood.</param>
/// <param name="Confidences">Counts of the best candidate's probability, in equal bins from 0 to 1.</param>
internal sealed record IntentCount(string? Intent, int Turns, int Contained, IReadOnlyList<int> Confidences);
