using System.Globalization;
using IntentRouter.Configuration;
using IntentRouter.Conversations;
using IntentRouter.Storage;

namespace IntentRouter.Console;

/// <summary>The console's pages on the management listener, behind the same key as its API.</summary>
internal static class ConsolePages
{
    private const int MostListed = 200;

    /// <param name="home">Whether the root is the console's.</param>
    public static void Map(WebApplication app, bool home)
    {
        var pages = app.MapGroup("").ExcludeFromDescription();
        if (home)
        {
            pages.MapGet("/", () => Results.Redirect("/conversations"));
        }
        else
        {
            pages.AddEndpointFilter((context, next) =>
            {
                context.HttpContext.Items[ConsolePage.BesidePlayground] = true;
                return next(context);
            });
        }

        pages.MapGet(ConsolePage.StylePath, () => Results.Text(ConsolePage.Style, "text/css; charset=utf-8"));
        pages.MapGet("/conversations", ListAsync);
        pages.MapGet("/conversations/{bot}/{account:long}/{conversation:long}", ConversationAsync);
        pages.MapGet("/intents", IntentsPage.ShowAsync);
        pages.MapGet("/evaluate", EvaluatePage.ShowAsync);
        pages.MapGet("/shadows", ShadowPage.ShowAsync);
        pages.MapGet("/health", HealthPage.ShowAsync);
        ReviewPage.Map(pages);
    }

    private static async Task<IResult> ListAsync(IEventStore store, ILiveConfiguration live, string? bot, string? search, CancellationToken cancellationToken)
    {
        var listed = await store.ListConversationsAsync(string.IsNullOrEmpty(bot) ? null : bot, search, MostListed, cancellationToken);
        return ConsolePage.Show("Conversations", "/conversations", Html.Of($"""
            <form class="search" method="get" action="/conversations" role="search">
            <div><label for="bot">Bot</label>{BotChoice(live.Current, bot)}</div>
            <div><label for="search">Number of the conversation</label><input id="search" name="search" value="{search}" inputmode="search"></div>
            <button>Search</button>
            </form>
            {(listed.Count == 0 ? Html.Of($"<p>No conversation{(string.IsNullOrEmpty(search) ? " yet" : " matches")}.</p>") : Html.Of($"""
            <div class="scroll"><table>
            <thead><tr><th scope="col">Conversation</th><th scope="col">Status</th><th scope="col">Last decision</th><th scope="col">Intent</th><th scope="col">Last activity</th></tr></thead>
            <tbody>
            {listed.Select(c => Html.Of($"<tr><th scope=\"row\">{ConsolePage.Conversation(c.Conversation)}</th><td>{c.Status}</td><td>{c.LastDecision}</td><td>{c.LastIntent}</td><td>{ConsolePage.Time(c.LastActivityAt)}</td></tr>\n"))}
            </tbody></table></div>
            {Html.When(listed.Count == MostListed, () => Html.Of($"<p class=\"soft\">The latest {MostListed} are shown; search for others by their number.</p>"))}
            """))}
            """));
    }

    /// <summary>The explanation of a conversation: what the link in a handoff note opens.</summary>
    private static async Task<IResult> ConversationAsync(string bot, long account, long conversation, IEventStore store, CancellationToken cancellationToken)
    {
        var key = new ConversationKey(bot, account, conversation).ToString();
        var turns = await store.ReadTurnsAsync(key, MostListed, cancellationToken);
        return turns.Count == 0
            ? ConsolePage.Show("Conversation", "/conversations", Html.Of($"<p>Nothing is kept of conversation {key}: it does not exist, or its explanations are older than their retention.</p>"), StatusCodes.Status404NotFound)
            : ConsolePage.Show($"Conversation {key}", "/conversations", Html.Of($"<ol class=\"cards\">{turns.Select(Turn)}</ol>"));
    }

    private static Markup Turn(StoredTurn turn)
    {
        var e = turn.Explanation;
        return Html.Of($"""
            <li id="t{turn.Position}">
            <p class="meta">{ConsolePage.Time(e.At)} · <strong>{e.Decision}</strong>{(e.Reason is { } reason ? $" · {reason}" : "")}</p>
            {Html.When(e.Text is not null, () => Html.Of($"<blockquote lang=\"{e.Language}\">{e.Text}</blockquote>"))}
            <dl class="facts">
            {Fact("Understood", [.. e.Understanding.GroupBy(c => c.Adapter).Select(a => $"{a.Key}: {string.Join(", ", a.Select(c => string.Create(CultureInfo.InvariantCulture, $"{c.Intent} {c.Probability:0.00}")))}{(e.Calibrated ? "" : " (uncalibrated)")}")])}
            {Fact("Failed", e.AdapterFailures)}
            {Fact("Known", [.. e.Slots.Select(s => $"{s.Key} = {s.Value}")])}
            {Fact("Looked up", [.. e.Lookups.Select(l => $"{l.Name}: {l.Outcome}")])}
            {Fact("Did", [.. turn.Effects.Select(f => $"{f.Kind}: {f.State} {f.Error}".TrimEnd())])}
            </dl>
            {Html.When(e.Evidence.Count > 0, () => Html.Of($"<details><summary>The adapter's own figures</summary><ul>{e.Evidence.Select(v => Html.Of($"<li>{string.Create(CultureInfo.InvariantCulture, $"{v.Name} {v.Value:0.00}")}: {v.Meaning}</li>"))}</ul></details>"))}
            </li>

            """);
    }

    private static Markup Fact(string name, IReadOnlyList<string> entries) =>
        Html.When(entries.Count > 0, () => Html.Of($"<dt>{name}</dt><dd>{Html.Join(entries.Select((entry, i) => Html.Of($"{(i == 0 ? Markup.None : Html.Of($"<br>"))}{entry}")))}</dd>\n"));

    /// <summary>A choice of bots, "all" first.</summary>
    public static Markup BotChoice(RouterConfiguration configuration, string? chosen) => Html.Of($"""
        <select id="bot" name="bot"><option value="">all</option>{configuration.Bots.Keys.Order(StringComparer.Ordinal).Select(b => Option(b, b, b == chosen))}</select>
        """);

    public static Markup Option(string value, string text, bool chosen) =>
        chosen ? Html.Of($"<option value=\"{value}\" selected>{text}</option>") : Html.Of($"<option value=\"{value}\">{text}</option>");
}
