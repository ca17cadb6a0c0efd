using System.Globalization;
using System.Text;
using IntentRouter.Configuration;
using IntentRouter.Decisions;
using IntentRouter.Management;
using IntentRouter.Review;
using IntentRouter.Storage;

namespace IntentRouter.Console;

/// <summary>The review queue: what was not understood, to be labelled or set aside, and exported.</summary>
internal static class ReviewPage
{
    private const int PageSize = 25;

    private static readonly Dictionary<ReviewReason, string> _reasons = new()
    {
        [ReviewReason.Fallback] = "The bot did not understand it.",
        [ReviewReason.LowConfidence] = "The bot was not sure and asked back.",
        [ReviewReason.Handoff] = "It ended with a handoff.",
        [ReviewReason.Takeover] = "A colleague took over.",
        [ReviewReason.Correction] = "A colleague corrected the intent.",
    };

    public static void Map(RouteGroupBuilder pages)
    {
        pages.MapGet("/review", ShowAsync);
        pages.MapPost("/review/{id:long}", JudgeAsync).DisableAntiforgery();
        pages.MapGet("/review/export", ReviewApi.ExportAsync);
    }

    private static async Task<IResult> ShowAsync(
        IEventStore store, ILiveConfiguration live, FormToken token, string? bot, string? state, int? page, string? said, CancellationToken cancellationToken)
    {
        var view = new View(string.IsNullOrEmpty(bot) ? null : bot, Kebab.TryParse<ReviewState>(state ?? "", out var known) ? known : ReviewState.Open, Math.Clamp(page ?? 1, 1, 10_000));
        var items = await store.ListReviewAsync(view.Bot, view.State, (view.Page - 1) * PageSize, PageSize + 1, cancellationToken);
        var waiting = await store.CountOpenReviewAsync(cancellationToken);
        var configuration = live.Current;
        return ConsolePage.Show("Review", "/review", Html.Of($"""
            {Html.When(said is not null, () => Html.Of($"<p class=\"notice\" role=\"status\">{said}</p>"))}
            <p>Messages that the bot did not understand or handed over, or that a colleague answered in its place. Choose what each one means; the bot learns it at its next training. {waiting.Values.Sum()} to review.</p>
            <form class="search" method="get" action="/review">
            <div><label for="bot">Bot</label>{ConsolePages.BotChoice(configuration, view.Bot)}</div>
            <div><label for="state">Show</label><select id="state" name="state">{Enum.GetValues<ReviewState>().Select(s => ConsolePages.Option(Kebab.Of(s), Kebab.Of(s), s == view.State))}</select></div>
            <button>Show</button>
            </form>
            {(items.Count == 0 ? Html.Of($"<p>Nothing here.</p>") : Html.Of($"<ol class=\"cards\">{items.Take(PageSize).Select(i => Card(i, configuration.Bots.GetValueOrDefault(i.Bot), view, token))}</ol>"))}
            <nav class="row" aria-label="Pages">
            {Html.When(view.Page > 1, () => Html.Of($"<a class=\"button\" href=\"{(view with { Page = view.Page - 1 }).Address()}\" rel=\"prev\">Back</a>"))}
            {Html.When(items.Count > PageSize, () => Html.Of($"<a class=\"button\" href=\"{(view with { Page = view.Page + 1 }).Address()}\" rel=\"next\">More</a>"))}
            </nav>
            <h2>Export</h2>
            <p>Labelled utterances as training data, to be added to the bot's own files. E-mail addresses and numbers are masked.</p>
            {configuration.Bots.Keys.Order(StringComparer.Ordinal).Where(b => view.Bot is null || b == view.Bot).Select(b => Html.Of($"""
            <p class="row"><span>{b}</span>
            <a class="button" href="/review/export?bot={Uri.EscapeDataString(b)}&amp;format={ReviewExport.Rasa}" download>Rasa YAML</a>
            <a class="button" href="/review/export?bot={Uri.EscapeDataString(b)}&amp;format={ReviewExport.Csv}" download>CSV</a></p>
            """))}
            """));
    }

    private static Markup Card(ReviewItem item, Bot? bot, View view, FormToken token) => Html.Of($"""
        <li id="u{item.Id}">
        <blockquote lang="{item.Language}">{item.Text}</blockquote>
        <p class="meta">{_reasons[item.Reason]} Said {(item.Count == 1 ? "once" : $"{item.Count.ToString(CultureInfo.InvariantCulture)} times")}{(item.Takeovers > 0 ? $", taken over {(item.Takeovers == 1 ? "once" : $"{item.Takeovers.ToString(CultureInfo.InvariantCulture)} times")}" : "")}, last {ConsolePage.Time(item.LastAt)} in {ConsolePage.Conversation(item.Conversation)}.</p>
        <p class="meta">{item.Adapter ?? "no adapter"}{(item.Model is { } model ? $" ({model})" : "")} heard: {(item.Candidates.Count == 0 ? "nothing it knows" : string.Join(", ", item.Candidates.Select(c => string.Create(CultureInfo.InvariantCulture, $"{c.Intent} {c.Probability:0.00}"))))}.</p>
        {Html.When(item.Suggestion is not null, () => Html.Of($"<p class=\"meta\">Proposed in the conversation: <strong>{Words(item.Suggestion!)}</strong></p>"))}
        {Html.When(item.State != ReviewState.Open, () => Html.Of($"<p class=\"meta\">{(item.State == ReviewState.Labelled ? "Labelled" : "Dismissed")}{(item.Label is { } label ? $" as {Words(label)}" : "")} by {item.By}{(item.JudgedAt is { } at ? Html.Of($", {ConsolePage.Time(at)}") : Markup.None)}.</p>"))}
        <form class="row" method="post" action="/review/{item.Id}">
        <input type="hidden" name="{FormToken.Field}" value="{token.Value}">
        <input type="hidden" name="back" value="{view.Address()}">
        {Html.When(bot is not null, () => Html.Of($"""
        <div><label for="label{item.Id}">This is</label><select id="label{item.Id}" name="label">
        {ReviewDesk.Labels(bot!).Select(l => ConsolePages.Option(l, Words(l), l == (item.Label ?? Proposed(item, bot!))))}
        </select></div>
        <button class="main" name="action" value="label">Label</button>
        """))}
        {(item.State == ReviewState.Open ? Html.Of($"<button name=\"action\" value=\"dismiss\">Dismiss</button>") : Html.Of($"<button name=\"action\" value=\"reopen\">Put back</button>"))}
        </form>
        </li>

        """);

    /// <summary>What was proposed in the conversation, else the best candidate; the choice is the reader's.</summary>
    private static string Proposed(ReviewItem item, Bot bot) =>
        item.Suggestion is { } suggestion && ReviewPolicy.MayLabel(bot, suggestion) ? suggestion
        : item.Candidates.FirstOrDefault(c => bot.Options.Intents.ContainsKey(c.Intent))?.Intent ?? ReviewPolicy.OutOfScope;

    private static string Words(string label) => label == ReviewPolicy.OutOfScope ? "not one of ours" : label;

    private static async Task<IResult> JudgeAsync(long id, HttpRequest request, ReviewDesk desk, FormToken token, CancellationToken cancellationToken)
    {
        var form = request.HasFormContentType ? await request.ReadFormAsync(cancellationToken) : FormCollection.Empty;
        if (!token.IsRight(form[FormToken.Field]))
        {
            return ConsolePage.Show(
                "Review", "/review", Html.Of($"<p class=\"notice bad\" role=\"alert\">This form is too old, or it did not come from this console. Nothing was changed. <a href=\"/review\">Open the queue again</a>.</p>"), StatusCodes.Status403Forbidden);
        }

        var who = Who(request);
        var judgement = form["action"].ToString() switch
        {
            "label" => await desk.LabelAsync(id, form["label"], who, cancellationToken),
            "dismiss" => await desk.JudgeAsync(id, ReviewState.Dismissed, null, who, cancellationToken),
            "reopen" => await desk.JudgeAsync(id, ReviewState.Open, null, who, cancellationToken),
            var other => new ReviewJudgement.Refused($"There is no action '{other}'."),
        };
        if (judgement is ReviewJudgement.Refused refused)
        {
            return ConsolePage.Show("Review", "/review", Html.Of($"<p class=\"notice bad\" role=\"alert\">{refused.Why} <a href=\"/review\">Back to the queue</a>.</p>"), StatusCodes.Status400BadRequest);
        }

        var back = form["back"].ToString();
        var said = judgement is ReviewJudgement.Done ? "Noted." : "This utterance is no longer kept.";
        // Only to a view of this page.
        var address = back.StartsWith("/review?", StringComparison.Ordinal) ? back : "/review?";
        return Results.Redirect($"{address}&said={Uri.EscapeDataString(said)}");
    }

    /// <summary>The name that the browser asked for beside the key.</summary>
    private static string Who(HttpRequest request)
    {
        var authorization = request.Headers.Authorization.ToString();
        Span<byte> decoded = new byte[authorization.Length];
        if (authorization.StartsWith("Basic ", StringComparison.OrdinalIgnoreCase) && Convert.TryFromBase64String(authorization["Basic ".Length..].Trim(), decoded, out var length))
        {
            var pair = Encoding.UTF8.GetString(decoded[..length]);
            if (pair.IndexOf(':', StringComparison.Ordinal) is > 0 and var colon)
            {
                return pair[..colon];
            }
        }

        return "console";
    }

    private sealed record View(string? Bot, ReviewState State, int Page)
    {
        public string Address() => string.Create(CultureInfo.InvariantCulture, $"/review?bot={Uri.EscapeDataString(Bot ?? "")}&state={Kebab.Of(State)}&page={Page}");
    }
}
