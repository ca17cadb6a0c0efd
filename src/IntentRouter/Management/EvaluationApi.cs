using System.Text.Json;
using IntentRouter.Configuration;
using IntentRouter.Evaluation;
using IntentRouter.Storage;
using Microsoft.AspNetCore.Mvc;

namespace IntentRouter.Management;

/// <summary>What the evaluation verbs ask of a running service.</summary>
internal static class EvaluationApi
{
    private const int MostTurns = 1000;

    public static void Map(RouteGroupBuilder api)
    {
        api.MapGet("/calibrations", async (IEventStore store, CancellationToken token) => Results.Json(await store.ListAsync(StoredCalibration.Area, token)));
        api.MapPut("/calibrations/{key}", PutAsync);
        api.MapGet("/evaluations/{bot}", async (string bot, IEventStore store, CancellationToken token) =>
            await store.GetAsync(EvaluationReport.Area, bot, token) is { } report
                ? Results.Text(report, "application/json")
                : Results.Problem($"Nobody has evaluated bot '{bot}' yet.", statusCode: StatusCodes.Status404NotFound));
        api.MapPut("/evaluations/{bot}", KeepAsync);
        api.MapGet("/turns", async (IEventStore store, string? bot, DateTimeOffset since, DateTimeOffset until, long? after, int? max, CancellationToken token) =>
            Results.Json(await store.ReadTurnsAsync(string.IsNullOrEmpty(bot) ? null : bot, since, until, after ?? 0, Math.Clamp(max ?? MostTurns, 1, MostTurns), token)));
    }

    private static async Task<IResult> KeepAsync(string bot, [FromBody] JsonElement body, IEventStore store, ILiveConfiguration live, CancellationToken cancellationToken)
    {
        if (!live.Current.Bots.ContainsKey(bot))
        {
            return Results.Problem($"There is no bot '{bot}'.", statusCode: StatusCodes.Status404NotFound);
        }

        if (EvaluationReport.TryRead(body.GetRawText()) is not { } report || report.Bot != bot)
        {
            return Results.Problem("The body must be a report of this bot, as 'evaluate --json' prints it.", statusCode: StatusCodes.Status400BadRequest);
        }

        await store.PutAsync(EvaluationReport.Area, bot, report.ToJson(), life: null, cancellationToken);
        return Results.NoContent();
    }

    private static async Task<IResult> PutAsync(string key, [FromBody] string fit, IEventStore store, StoredCalibration calibration, CancellationToken cancellationToken)
    {
        if (StoredCalibration.ReadAll(new Dictionary<string, string> { [key] = fit }).Values.FirstOrDefault()?.Key != key)
        {
            return Results.Problem("The body must be a calibration whose adapter, model and language give this key.", statusCode: StatusCodes.Status400BadRequest);
        }

        await store.PutAsync(StoredCalibration.Area, key, fit, life: null, cancellationToken);
        await calibration.RefreshAsync(cancellationToken);
        return Results.NoContent();
    }
}
