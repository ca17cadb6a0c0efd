using System.Text.RegularExpressions;

namespace IntentRouter.DeployTests.Telemetry;

/// <summary>The metrics and labels that the service has, read from where it creates them, under the names that Prometheus sees.</summary>
internal static partial class RouterMetrics
{
    /// <summary>What the runtime and Prometheus itself report, as far as dashboards use it.</summary>
    private static readonly string[] _foreign = ["up", "dotnet_process_cpu_time_seconds_total", "dotnet_process_memory_working_set_bytes"];

    private static readonly string[] _foreignLabels = ["le", "job", "instance", "http_response_status_code", "error_type"];

    private static readonly string[] _sources = [.. new[] { "src/IntentRouter", "adapters/IntentRouter.Adapters.Local" }
        .SelectMany(folder => Directory.GetFiles(Repository.PathOf(folder), "*.cs", SearchOption.AllDirectories)).Select(File.ReadAllText)];

    public static IReadOnlySet<string> Names { get; } = _sources
        .SelectMany(source => Instrument().Matches(source).SelectMany(match => Exported(match.Groups["kind"].Value, match.Groups["name"].Value, match.Groups["unit"].Value)))
        .Concat(_foreign)
        .ToHashSet(StringComparer.Ordinal);

    public static IReadOnlySet<string> Labels { get; } = _sources
        .SelectMany(source => Tag().Matches(source).Select(match => match.Value.Trim('"').Replace('.', '_')))
        .Concat(_foreignLabels)
        .ToHashSet(StringComparer.Ordinal);

    private static IEnumerable<string> Exported(string kind, string name, string unit)
    {
        var suffix = unit switch
        {
            "s" => "_seconds",
            "By" => "_bytes",
            _ => "",
        };
        var full = name.Replace('.', '_') + suffix;
        return kind switch
        {
            "Histogram" => [$"{full}_bucket", $"{full}_count", $"{full}_sum"],
            "Counter" or "ObservableCounter" => [$"{full}_total"],
            _ => [full],
        };
    }

    [GeneratedRegex("""\.Create(?<kind>Counter|ObservableCounter|Histogram|Gauge|ObservableGauge|UpDownCounter|ObservableUpDownCounter)(?:<\w+>)?\(\s*"(?<name>[^"]+)",[^"]*"(?<unit>[^"]*)""")]
    private static partial Regex Instrument();

    [GeneratedRegex("""
        "intentrouter\.[a-z_.]+"
        """)]
    private static partial Regex Tag();
}
