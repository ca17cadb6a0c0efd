using System.Text.RegularExpressions;

namespace IntentRouter.DeployTests.Telemetry;

public sealed partial class AlertTests
{
    private static readonly IReadOnlyList<Rule> _rules = Alerts.Load();

    [SkippableFact]
    public async Task Every_rule_asks_for_metrics_and_labels_that_exist()
    {
        var read = await PromQl.ReadAsync(_rules.Select(rule => rule.Expr));

        Assert.All(_rules.Zip(read), pair =>
        {
            Assert.True(pair.Second.Error is null, $"{pair.First.Expr}: not PromQL near '{pair.Second.Error}'");
            Assert.Empty(pair.Second.Metrics.Except(RouterMetrics.Names).Except(_rules.Select(rule => rule.Record).OfType<string>()));
            Assert.Empty(pair.Second.Labels.Except(RouterMetrics.Labels));
        });
    }

    [SkippableFact]
    public async Task Every_alert_fires_on_its_trouble_and_not_without_it()
    {
        var promtool = await Tools.PromtoolAsync();
        var folder = Directory.CreateTempSubdirectory("alerts").FullName;
        foreach (var file in new[] { Alerts.File, "tests/IntentRouter.DeployTests/tools/alerts.test.yml" })
        {
            File.Copy(Repository.PathOf(file), Path.Combine(folder, Path.GetFileName(file)));
        }

        (await Shell.RunAsync(promtool, ["check", "rules", "alerts.yml"], folder)).Succeeded();
        (await Shell.RunAsync(promtool, ["test", "rules", "alerts.test.yml"], folder)).Succeeded();
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public void Every_alert_is_proven_to_fire_and_to_stay_quiet()
    {
        var cases = Repository.Read("tests/IntentRouter.DeployTests/tools/alerts.test.yml");

        Assert.All(Names(), alert =>
        {
            Assert.Matches($@"alertname: {alert}\n\s+eval_time: \S+\n\s+exp_alerts:", cases);
            Assert.Matches($@"\{{ alertname: {alert}, eval_time: \S+ \}}", cases);
        });
    }

    [Fact]
    public void Every_alert_says_how_bad_it_is_and_where_the_runbook_helps()
    {
        Assert.All(_rules.Where(rule => rule.Alert is not null), rule =>
        {
            Assert.Contains(rule.Labels["severity"], new[] { "warning", "critical" });
            Assert.NotEqual("", rule.Annotations["summary"]);
            Assert.NotEqual("", rule.Annotations["description"]);
            Assert.Equal($"docs/operations/runbook.md#{rule.Alert!.ToLowerInvariant()}", rule.Annotations["runbook"]);
        });
    }

    [Fact]
    public void The_runbook_has_an_entry_for_each_alert_and_no_other()
    {
        var entries = Entry().Matches(Repository.Read("docs/operations/runbook.md")).Select(match => match.Groups[1].Value);

        Assert.Equal(Names().Order(), entries.Order());
    }

    [Fact]
    public void Outcomes_of_effects_that_a_rule_asks_for_are_counted_by_the_outbox()
    {
        var outbox = Repository.Read("src/IntentRouter/Inbox/Outbox.cs");
        var outcomes = _rules.SelectMany(rule => EffectOutcome().Matches(rule.Expr)).SelectMany(match => match.Groups[1].Value.Split('|')).Distinct().ToList();

        Assert.NotEmpty(outcomes);
        Assert.All(outcomes, outcome => Assert.Matches($@"Ends\(\s*stored, EffectState\.\w+, ""{outcome}""", outbox));
    }

    [Fact]
    public void The_telemetry_page_lists_every_metric_and_no_other()
    {
        var listed = Listed().Matches(Repository.Read("docs/operations/telemetry.md")).Select(match => match.Groups[1].Value);

        var known = RouterMetrics.Names.Where(name => name.StartsWith("intentrouter_", StringComparison.Ordinal)).Select(name => Part().Replace(name, "")).Distinct();
        Assert.Equal(known.Order(StringComparer.Ordinal), listed.Order(StringComparer.Ordinal));
    }

    [SkippableFact]
    public async Task Prometheus_takes_its_configuration()
    {
        var promtool = await Tools.PromtoolAsync();
        var folder = Directory.CreateTempSubdirectory("prometheus").FullName;
        await File.WriteAllTextAsync(Path.Combine(folder, "management-key"), "key");
        await File.WriteAllTextAsync(Path.Combine(folder, "prometheus.yml"), Repository.Read("deploy/prometheus/prometheus.yml").Replace("/run/secrets", folder, StringComparison.Ordinal));
        File.Copy(Repository.PathOf(Alerts.File), Path.Combine(folder, "alerts.yml"));

        (await Shell.RunAsync(promtool, ["check", "config", "prometheus.yml"], folder)).Succeeded();
        Directory.Delete(folder, recursive: true);
    }

    private static IEnumerable<string> Names() => _rules.Select(rule => rule.Alert).OfType<string>();

    [GeneratedRegex("^## (IntentRouter[A-Za-z]+)$", RegexOptions.Multiline)]
    private static partial Regex Entry();

    [GeneratedRegex(@"^\| `(intentrouter_[a-z_]+)` \|", RegexOptions.Multiline)]
    private static partial Regex Listed();

    [GeneratedRegex("_(?:bucket|count|sum)$")]
    private static partial Regex Part();

    [GeneratedRegex("intentrouter_effects_total\\{intentrouter_outcome=~\"([^\"]+)\"")]
    private static partial Regex EffectOutcome();
}
