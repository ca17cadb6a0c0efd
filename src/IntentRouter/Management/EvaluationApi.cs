using System.Text.Json;
using IntentRouter.Configuration;
using IntentRouter.Evaluation;
using IntentRouter.Storage;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;

namespace IntentRouter.Management;

/// <summary>What the evaluation verbs ask of a running service.</summary>
internal static class EvaluationApi
{
    private const int MostTurns = 1000;

    public static void Map(RouteGroupBuilder api)
    {
        api.MapGet("/calibrations", async (IEventStore store, CancellationToken token) => TypedResults.Ok(await store.ListAsync(StoredCalibration.Area, token)))
            .WithSummary("Stored calibrations, by adapter, model and language")
            .WithDescription("Each value is the fit as JSON text, as `evaluate --calibrate` stored it.");
        api.MapPut("/calibrations/{key}", PutAsync)
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .WithSummary("Store a calibration")
            .WithDescription("The body is a JSON string that holds the fit. It is in use at once here and within half a minute on other replicas. 400: the fit does not belong to this key.");
        api.MapGet("/evaluations/{bot}", ReportAsync)
            .Produces<EvaluationReport>()
            .ProducesProblem(StatusCodes.Status404NotFound)
            .WithSummary("Latest evaluation report of a bot")
            .WithDescription("As `evaluate --json` prints it. 404: the bot was never evaluated.");
        api.MapPut("/evaluations/{bot}", KeepAsync)
            .WithSummary("Keep a report as the bot's latest")
            .Accepts<EvaluationReport>("application/json")
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status404NotFound)
            .WithDescription("The body is a report as `evaluate --json` prints it. 400: it is not a report of this bot. 404: there is no such bot.");
        api.MapGet("/turns", async (IEventStore store, string? bot, DateTimeOffset since, DateTimeOffset until, long? after, int? max, CancellationToken token) =>
                TypedResults.Ok(await store.ReadTurnsAsync(string.IsNullOrEmpty(bot) ? null : bot, since, until, after ?? 0, Math.Clamp(max ?? MostTurns, 1, MostTurns), token)))
            .WithSummary("Stored turns of a period, oldest first")
            .WithDescription("What `replay` reads. For the next page pass the last `position` as `after`; `max` is 1 to 1000, the default. Holds the customers' words.");
    }

    private static async Task<Results<ContentHttpResult, ProblemHttpResult>> ReportAsync(string bot, IEventStore store, CancellationToken cancellationToken) =>
        await store.GetAsync(EvaluationReport.Area, bot, cancellationToken) is { } report
            ? TypedResults.Text(report, "application/json")
            : TypedResults.Problem($"Nobody has evaluated bot '{bot}' yet.", statusCode: StatusCodes.Status404NotFound);

    private static async Task<Results<NoContent, ProblemHttpResult>> KeepAsync(
        string bot, [FromBody] JsonElement body, IEventStore store, ILiveConfiguration live, CancellationToken cancellationToken)
    {
        if (!live.Current.Bots.ContainsKey(bot))
        {
            return TypedResults.Problem($"There is no bot '{bot}'.", statusCode: StatusCodes.Status404NotFound);
        }

        if (EvaluationReport.TryRead(body.GetRawText()) is not { } report || report.Bot != bot)
        {
            return TypedResults.Problem("The body must be a report of this bot, as 'evaluate --json' prints it.", statusCode: StatusCodes.Status400BadRequest);
        }

        await store.PutAsync(EvaluationReport.Area, bot, report.ToJson(), life: null, cancellationToken);
        return TypedResults.NoContent();
    }

    private static async Task<Results<NoContent, ProblemHttpResult>> PutAsync(
        string key, [FromBody] string fit, IEventStore store, StoredCalibration calibration, CancellationToken cancellationToken)
    {
        if (StoredCalibration.ReadAll(new Dictionary<string, string> { [key] = fit }).Values.FirstOrDefault()?.Key != key)
        {
            return TypedResults.Problem("The body must be a calibration whose adapter, model and language give this key.", statusCode: StatusCodes.Status400BadRequest);
        }

        await store.PutAsync(StoredCalibration.Area, key, fit, life: null, cancellationToken);
        await calibration.RefreshAsync(cancellationToken);
        return TypedResults.NoContent();
    }
}
