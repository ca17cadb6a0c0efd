using IntentRouter.Configuration;
using IntentRouter.Evaluation;
using IntentRouter.Storage;

namespace IntentRouter.Console;

/// <summary>The latest report of <c>evaluate</c>, bot by bot.</summary>
internal static class EvaluatePage
{
    public static async Task<IResult> ShowAsync(IEventStore store, ILiveConfiguration live, string? bot, CancellationToken cancellationToken)
    {
        var kept = await store.ListAsync(EvaluationReport.Area, cancellationToken);
        var names = live.Current.Bots.Keys.Order(StringComparer.Ordinal).ToArray();
        var chosen = names.Contains(bot) ? bot! : names.FirstOrDefault(kept.ContainsKey) ?? names[0];
        return ConsolePage.Show("Evaluate", "/evaluate", Html.Of($"""
            {Html.When(names.Length > 1, () => Html.Of($"""
            <form class="search" method="get" action="/evaluate">
            <div><label for="bot">Bot</label><select id="bot" name="bot">{names.Select(n => ConsolePages.Option(n, n, n == chosen))}</select></div>
            <button>Show</button>
            </form>
            """))}
            {Report(chosen, kept.GetValueOrDefault(chosen))}
            """));
    }

    private static Markup Report(string bot, string? kept) => kept switch
    {
        null => Html.Of($"<p>Nobody has evaluated bot {bot} yet. Run <code>intent-router evaluate --bot {bot} --data FILE</code> with labelled utterances that no adapter was trained on; <code>review export</code> gives those of your customers.</p>"),
        _ when EvaluationReport.TryRead(kept) is { } report => new Markup(HtmlReport.Content(report)),
        _ => Html.Of($"<p>Another version wrote the latest report of bot {bot}: evaluate again.</p>"),
    };
}
