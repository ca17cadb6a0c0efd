using System.Globalization;
using IntentRouter.Configuration;
using IntentRouter.Decisions;
using IntentRouter.Review;
using IntentRouter.Storage;
using Microsoft.AspNetCore.Http.HttpResults;

namespace IntentRouter.Management;

/// <summary>The review queue and the adapters on trial, for the console, the CLI and scripts.</summary>
internal static class ReviewApi
{
    private const int Page = 1000;

    public static void Map(RouteGroupBuilder api)
    {
        api.MapGet("/review", ListAsync)
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .WithSummary("Utterances in the review queue, most frequent first")
            .WithDescription("`state` is `open` (the default), `labelled`, `dismissed` or `all`; `bot` keeps one bot's; `skip` and `max` (1 to 1000, 100 by default) give a page.");
        api.MapPost("/review/{id:long}/label", async (long id, Judgement body, ReviewDesk desk, CancellationToken token) =>
                Answer(await desk.LabelAsync(id, body.Label, body.By, token)))
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .WithSummary("Label an utterance with its intent")
            .WithDescription("It is learned at the next training. 400: `label` is not an intent of the bot and not `out_of_scope`. 404: there is no such utterance.");
        api.MapPost("/review/{id:long}/dismiss", async (long id, Judgement? body, ReviewDesk desk, CancellationToken token) =>
                Answer(await desk.JudgeAsync(id, ReviewState.Dismissed, null, body?.By, token)))
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .WithSummary("Dismiss an utterance: nothing is learned from it")
            .WithDescription("404: there is no such utterance.");
        api.MapPost("/review/{id:long}/reopen", async (long id, Judgement? body, ReviewDesk desk, CancellationToken token) =>
                Answer(await desk.JudgeAsync(id, ReviewState.Open, null, body?.By, token)))
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .WithSummary("Undo a label or a dismissal")
            .WithDescription("404: there is no such utterance.");
        api.MapGet("/review/export", ExportAsync)
            .Produces<string>(StatusCodes.Status200OK, "application/yaml", "text/csv")
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .WithSummary("Labelled utterances of a bot as training data")
            .WithDescription("`format` is `rasa` (NLU YAML, the default) or `csv`; `language` keeps one language; `bot` may be left out when only one is configured.");
        api.MapGet("/learned", async (IEventStore store, string bot, CancellationToken token) => TypedResults.Ok(await store.ReadLearnedAsync(bot, token)))
            .WithSummary("What people taught a bot: labels and takeovers");
        api.MapGet("/shadows", ShadowsAsync)
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .WithSummary("Shadow adapters compared with the ones that answer")
            .WithDescription("`since` is a date (2026-07-01) or an age (7d, 12h), 30 days by default; `bot` keeps one bot's turns.");
    }

    /// <summary>A date, or an age; 30 days when nothing is said.</summary>
    public static DateTimeOffset? Since(string? text, DateTimeOffset now) =>
        string.IsNullOrEmpty(text) ? now.AddDays(-30)
        : Duration.TryParse(text, out var age) && age < now - DateTimeOffset.UnixEpoch ? now - age
        : DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at) ? at
        : null;

    private static async Task<Results<Ok<IReadOnlyList<ShadowComparison>>, ProblemHttpResult>> ShadowsAsync(
        IEventStore store, TimeProvider clock, string? bot, string? since, CancellationToken cancellationToken) =>
        Since(since, clock.GetUtcNow()) is { } from
            ? TypedResults.Ok(ShadowReport.Of(await store.ReadShadowsAsync(Given(bot), from, ShadowReport.MostTurns, cancellationToken)))
            : TypedResults.Problem($"since '{since}' is neither a date (2026-07-01) nor an age (7d, 12h).", statusCode: StatusCodes.Status400BadRequest);

    private static async Task<Results<Ok<IReadOnlyList<ReviewItem>>, ProblemHttpResult>> ListAsync(IEventStore store, string? bot, string? state, int? skip, int? max, CancellationToken cancellationToken)
    {
        ReviewState? wanted = null;
        if (state is not ("all" or null or ""))
        {
            if (!Kebab.TryParse<ReviewState>(state, out var known))
            {
                return TypedResults.Problem($"state '{state}' is unknown; use open, labelled, dismissed or all.", statusCode: StatusCodes.Status400BadRequest);
            }

            wanted = known;
        }
        else if (state is not "all")
        {
            wanted = ReviewState.Open;
        }

        return TypedResults.Ok(await store.ListReviewAsync(Given(bot), wanted, Math.Max(0, skip ?? 0), Math.Clamp(max ?? 100, 1, Page), cancellationToken));
    }

    /// <summary>Training data of one bot's labelled utterances, as a file.</summary>
    public static async Task<IResult> ExportAsync(IEventStore store, ILiveConfiguration live, string? bot, string? format, string? language, CancellationToken cancellationToken)
    {
        var bots = live.Current.Bots;
        var name = Given(bot) ?? (bots.Count == 1 ? bots.Keys.Single() : null);
        if (name is null || !bots.ContainsKey(name))
        {
            return Results.Problem($"Name the bot: {string.Join(", ", bots.Keys)}.", statusCode: StatusCodes.Status400BadRequest);
        }

        if (format is not (null or "" or ReviewExport.Rasa or ReviewExport.Csv))
        {
            return Results.Problem($"format '{format}' is unknown; use {ReviewExport.Rasa} or {ReviewExport.Csv}.", statusCode: StatusCodes.Status400BadRequest);
        }

        var csv = format == ReviewExport.Csv;
        var items = await LabelledAsync((skip, max, token) => store.ListReviewAsync(name, ReviewState.Labelled, skip, max, token), Given(language), cancellationToken);
        return Results.File(
            System.Text.Encoding.UTF8.GetBytes(ReviewExport.Write(csv ? ReviewExport.Csv : ReviewExport.Rasa, items)),
            csv ? "text/csv; charset=utf-8" : "application/yaml; charset=utf-8",
            $"{name}-review.{(csv ? "csv" : "yml")}");
    }

    /// <summary>All labelled utterances, page by page, in a language when one is named.</summary>
    public static async Task<IReadOnlyList<ReviewItem>> LabelledAsync(
        Func<int, int, CancellationToken, Task<IReadOnlyList<ReviewItem>>> read, string? language, CancellationToken cancellationToken)
    {
        var items = new List<ReviewItem>();
        for (var skip = 0; ; skip += Page)
        {
            var page = await read(skip, Page, cancellationToken);
            items.AddRange(page.Where(i => language is null || UtteranceText.MatchLanguage(i.Language, new HashSet<string> { language }) is not null));
            if (page.Count < Page)
            {
                return items;
            }
        }
    }

    private static string? Given(string? text) => string.IsNullOrWhiteSpace(text) ? null : text.Trim();

    private static Results<NoContent, NotFound, ProblemHttpResult> Answer(ReviewJudgement judgement) => judgement switch
    {
        ReviewJudgement.Done => TypedResults.NoContent(),
        ReviewJudgement.Refused refused => TypedResults.Problem(refused.Why, statusCode: StatusCodes.Status400BadRequest),
        _ => TypedResults.NotFound(),
    };

    /// <param name="Label">An intent of the bot, or <c>out_of_scope</c>.</param>
    /// <param name="By">Who says so.</param>
    internal sealed record Judgement(string? Label, string? By);
}
