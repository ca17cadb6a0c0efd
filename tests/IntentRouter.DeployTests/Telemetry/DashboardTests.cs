using System.Text.Json.Nodes;

namespace IntentRouter.DeployTests.Telemetry;

public sealed class DashboardTests
{
    public static TheoryData<string> Dashboards => [.. Files()];

    [SkippableTheory]
    [MemberData(nameof(Dashboards))]
    public async Task Every_panel_asks_for_metrics_and_labels_that_exist(string dashboard)
    {
        var expressions = Expressions(Load(dashboard)).ToArray();
        var recorded = Alerts.Load().Select(rule => rule.Record).OfType<string>();

        var read = await PromQl.ReadAsync(expressions);

        Assert.All(expressions.Zip(read), pair =>
        {
            Assert.True(pair.Second.Error is null, $"{pair.First}: not PromQL near '{pair.Second.Error}'");
            Assert.NotEmpty(pair.Second.Metrics);
            Assert.Empty(pair.Second.Metrics.Except(RouterMetrics.Names).Except(recorded));
            Assert.Empty(pair.Second.Labels.Except(RouterMetrics.Labels));
        });
    }

    [Theory]
    [MemberData(nameof(Dashboards))]
    public void Panels_do_not_overlap_and_say_what_they_show(string dashboard)
    {
        var panels = Load(dashboard)["panels"]!.AsArray().Select(panel => panel!).ToArray();
        var taken = new HashSet<(int, int)>();

        foreach (var panel in panels)
        {
            Assert.NotEqual("", panel["title"]!.GetValue<string>());
            var (x, y, w, h) = (Grid(panel, "x"), Grid(panel, "y"), Grid(panel, "w"), Grid(panel, "h"));
            Assert.True(x + w <= 24);
            Assert.All(from column in Enumerable.Range(x, w) from line in Enumerable.Range(y, h) select (column, line), cell => Assert.True(taken.Add(cell), panel["title"]!.ToString()));
        }

        Assert.Equal(panels.Length, panels.Select(panel => panel["id"]!.GetValue<int>()).Distinct().Count());
    }

    [Fact]
    public void Every_metric_of_the_service_is_on_a_dashboard_or_in_an_alert()
    {
        var shown = string.Concat(Files().Select(file => Repository.Read($"deploy/grafana/dashboards/{file}"))) + Repository.Read("deploy/prometheus/alerts.yml");
        var families = RouterMetrics.Names
            .Where(name => name.StartsWith("intentrouter_", StringComparison.Ordinal))
            .Select(name => name.Replace("_bucket", "", StringComparison.Ordinal).Replace("_count", "", StringComparison.Ordinal).Replace("_sum", "", StringComparison.Ordinal))
            .Distinct();

        Assert.All(families, family => Assert.Contains(family, shown, StringComparison.Ordinal));
    }

    private static IEnumerable<string> Files() => Directory.GetFiles(Repository.PathOf("deploy/grafana/dashboards"), "*.json").Select(file => Path.GetFileName(file)!);

    private static IEnumerable<string> Expressions(JsonNode dashboard) => dashboard["panels"]!.AsArray()
        .SelectMany(panel => panel!["targets"]?.AsArray() ?? [])
        .Select(target => target!["expr"]!.GetValue<string>()
            .Replace("$__rate_interval", "5m", StringComparison.Ordinal)
            .Replace("$__range", "1d", StringComparison.Ordinal));

    private static int Grid(JsonNode panel, string side) => panel["gridPos"]![side]!.GetValue<int>();

    private static JsonNode Load(string dashboard) => JsonNode.Parse(Repository.Read($"deploy/grafana/dashboards/{dashboard}"))!;
}
