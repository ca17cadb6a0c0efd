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
        api.MapGet("/turns", async (IEventStore store, string? bot, DateTimeOffset since, DateTimeOffset until, long? after, int? max, CancellationToken token) =>
            Results.Json(await store.ReadTurnsAsync(string.IsNullOrEmpty(bot) ? null : bot, since, until, after ?? 0, Math.Clamp(max ?? MostTurns, 1, MostTurns), token)));
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
