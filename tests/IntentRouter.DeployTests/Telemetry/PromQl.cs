using System.Text.Json;

namespace IntentRouter.DeployTests.Telemetry;

/// <summary>What Prometheus' own grammar reads in one expression.</summary>
internal sealed record PromQl(string[] Metrics, string[] Labels, string? Error)
{
    public static Task<PromQl[]> ReadAsync(IEnumerable<string> expressions) =>
        Tools.NodeAsync<PromQl[]>("promql.mjs", JsonSerializer.Serialize(expressions));
}
