using IntentRouter.Inbox;
using IntentRouter.Nlu;
using IntentRouter.Storage;

namespace IntentRouter.Hosting;

/// <summary>
/// Whether this replica should get traffic. An engine that is down does not count: the bot then hands over to humans, which needs the webhooks to
/// arrive; an adapter that has not started yet does.
/// </summary>
internal sealed class Readiness(IEventStore store, AdapterCatalog adapters, ConversationRunners runners, TimeProvider clock)
{
    /// <summary>Anybody may ask at the public listener: what the store said counts for this long, so that asking fast is no load on it.</summary>
    private static readonly TimeSpan _fresh = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private (Task<bool> Answer, long AskedAt)? _store;

    public async Task<ReadinessReport> CheckAsync(CancellationToken cancellationToken)
    {
        var reasons = new List<string>();
        if (runners.Draining)
        {
            reasons.Add("draining");
        }

        if (!await IsStoreHealthyAsync().WaitAsync(cancellationToken))
        {
            reasons.Add("store");
        }

        if (!AdaptersStarted)
        {
            reasons.Add("adapters-starting");
        }

        return new ReadinessReport(reasons.Count == 0 ? "ready" : "not-ready", reasons);
    }

    /// <summary>Whether every adapter has finished starting, well or not.</summary>
    public bool AdaptersStarted => adapters.States.All(s => s.IsHealthy is not null);

    private Task<bool> IsStoreHealthyAsync()
    {
        lock (_gate)
        {
            if (_store is not { } last || (last.Answer.IsCompleted && clock.GetElapsedTime(last.AskedAt) >= _fresh))
            {
                var asked = clock.GetTimestamp();
                _store = last = (store.IsHealthyAsync(CancellationToken.None), asked);
            }

            return last.Answer;
        }
    }
}

internal sealed record ReadinessReport(string Status, IReadOnlyList<string> Reasons);

internal static class HealthEndpoints
{
    /// <summary>What the orchestrator asks; details are on the management listener only.</summary>
    public static void MapHealth(this IEndpointRouteBuilder app)
    {
        app.MapGet("/health/live", () => Results.Text("{\"status\":\"live\"}", "application/json"));
        app.MapGet("/health/ready", Ready);
        app.MapGet("/health/startup", Ready);
    }

    private static async Task<IResult> Ready(Readiness readiness, CancellationToken cancellationToken)
    {
        var report = await readiness.CheckAsync(cancellationToken);
        return Results.Json(report, HealthJson.Default.ReadinessReport, statusCode: report.Reasons.Count == 0 ? 200 : 503);
    }
}

[System.Text.Json.Serialization.JsonSourceGenerationOptions(PropertyNamingPolicy = System.Text.Json.Serialization.JsonKnownNamingPolicy.CamelCase)]
[System.Text.Json.Serialization.JsonSerializable(typeof(ReadinessReport))]
internal sealed partial class HealthJson : System.Text.Json.Serialization.JsonSerializerContext;
