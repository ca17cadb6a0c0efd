using System.Text.RegularExpressions;
using YamlDotNet.RepresentationModel;

namespace IntentRouter.DeployTests.Compose;

/// <summary>The compose file and what it mounts, as far as files can be judged without running them.</summary>
public sealed partial class ComposeFileTests
{
    private const string ComposeFile = "docker-compose.yml";

    private static readonly YamlMappingNode _compose = Load(ComposeFile);

    [SkippableFact]
    public async Task The_file_fits_the_compose_specification() =>
        Assert.Empty(await Tools.NodeAsync<string[]>("compose.mjs", Repository.Read(ComposeFile)));

    [Fact]
    public void Every_image_can_be_replaced_by_a_variable() =>
        Assert.All(Services(), service => Assert.Matches(@"^\$\{[A-Z_]+:-[a-z0-9./-]+:[A-Za-z0-9._-]+\}$", Text(service.Value, "image")));

    [Fact]
    public void Every_image_but_our_own_has_a_fixed_version() =>
        Assert.All(Services().Where(service => service.Key != "router"), service => Assert.DoesNotContain(":latest", Text(service.Value, "image"), StringComparison.Ordinal));

    [Fact]
    public void Only_the_bots_are_published_beyond_this_machine()
    {
        var ports = Services().SelectMany(service => Items(service.Value, "ports").Select(port => (service.Key, port)));

        Assert.Equal([("router", "${PUBLIC_PORT:-8080}:8080")], ports.Where(entry => !entry.port.StartsWith("127.0.0.1:", StringComparison.Ordinal)));
    }

    [Fact]
    public void Every_mounted_file_is_in_the_repository()
    {
        var sources = Services()
            .SelectMany(service => Items(service.Value, "volumes"))
            .Where(volume => volume.StartsWith("./", StringComparison.Ordinal) || volume.StartsWith("${", StringComparison.Ordinal))
            .Select(volume => DefaultOf().Replace(volume, "$1").Split(':')[0]);

        Assert.All(sources, source => Assert.True(Path.Exists(Repository.PathOf(source)), source));
    }

    [Fact]
    public void No_variable_carries_a_password() =>
        Assert.All(
            Services().SelectMany(service => Pairs(service.Value, "environment")).Where(pair => SecretName().IsMatch(pair.Key)),
            pair => Assert.StartsWith("/run/secrets", pair.Value, StringComparison.Ordinal));

    [Fact]
    public void The_router_has_no_rights_that_it_does_not_need_and_time_to_drain()
    {
        var router = Service("router");

        Assert.Equal("true", Text(router, "read_only"));
        Assert.Equal(["ALL"], Items(router, "cap_drop"));
        Assert.Equal(["no-new-privileges:true"], Items(router, "security_opt"));
        Assert.Equal(["/tmp"], Items(router, "tmpfs"));
        Assert.Equal("40s", Text(router, "stop_grace_period"));
    }

    /// <summary>The script in folders of its own instead of the volumes.</summary>
    [SkippableFact]
    public async Task Secrets_are_made_once_handed_to_their_owner_and_taken_away_again()
    {
        Skip.IfNot(Shell.Has("sh") && Environment.UserName == "root", "The script gives files away, which only root may.");
        var root = Directory.CreateTempSubdirectory("secrets").FullName;
        string[] folders = ["given", "router", "postgres", "prometheus", "grafana"];
        Array.ForEach(folders, folder => Directory.CreateDirectory(Path.Combine(root, folder)));
        var script = folders.Aggregate(Repository.Read("deploy/compose/secrets.sh"), (text, folder) => text.Replace($"/{folder}/", $"{root}/{folder}/", StringComparison.Ordinal))
            .Replace("\"/${folder%:*}\"", $"\"{root}/${{folder%:*}}\"", StringComparison.Ordinal);
        async Task<string[]> RunAsync()
        {
            (await Shell.RunAsync("sh", ["-c", script])).Succeeded();
            return [.. Directory.GetFiles(Path.Combine(root, "router")).Select(file => $"{Path.GetFileName(file)}={File.ReadAllText(file)}").Order(StringComparer.Ordinal)];
        }

        await File.WriteAllTextAsync(Path.Combine(root, "given/Bots__shop__Key"), "a-key");
        await File.WriteAllTextAsync(Path.Combine(root, "given/Management__ApiKey"), "my-own-key");
        var first = await RunAsync();
        var second = await RunAsync();
        File.Delete(Path.Combine(root, "given/Bots__shop__Key"));
        var third = await RunAsync();

        Assert.Equal(first, second);
        Assert.Equal(["Bots__shop__Key=a-key", "Management__ApiKey=my-own-key"], first[..2]);
        Assert.StartsWith("Store__Connection=Host=postgres;", first[2], StringComparison.Ordinal);
        Assert.Equal(first[1..], third);
        Assert.Equal("my-own-key", await File.ReadAllTextAsync(Path.Combine(root, "prometheus/management-key")));
        Assert.Equal("1654 400", (await Shell.RunAsync("stat", ["-c", "%u %a", Path.Combine(root, "router/Store__Connection")])).Succeeded().Trim());
        Directory.Delete(root, recursive: true);
    }

    [Fact]
    public void Rasa_runs_only_when_asked_for() =>
        Assert.Equal([("rasa", "rasa")], Services().SelectMany(service => Items(service.Value, "profiles").Select(profile => (service.Key, profile))));

    [Fact]
    public void The_router_sends_its_telemetry_where_the_collector_listens()
    {
        var collector = Load("deploy/otel-collector.yaml");
        var grpc = Text((YamlMappingNode)collector["receivers"]["otlp"]["protocols"]["grpc"], "endpoint");

        Assert.Equal("http://otel-collector:4317", Pairs(Service("router"), "environment")["OTEL_EXPORTER_OTLP_ENDPOINT"]);
        Assert.Equal("0.0.0.0:4317", grpc);
    }

    [Theory]
    [InlineData("receivers")]
    [InlineData("processors")]
    [InlineData("exporters")]
    public void Every_part_of_a_pipeline_is_configured_and_every_configured_part_is_used(string kind)
    {
        var collector = Load("deploy/otel-collector.yaml");
        var used = ((YamlMappingNode)collector["service"]["pipelines"]).Children.Values.SelectMany(pipeline => ((YamlSequenceNode)pipeline[kind]).Select(part => part.ToString()));

        Assert.Equal(((YamlMappingNode)collector[kind]).Children.Keys.Select(key => key.ToString()).Order(), used.Distinct().Order());
    }

    [Fact]
    public void Prometheus_scrapes_what_compose_runs()
    {
        var prometheus = Repository.Read("deploy/prometheus/prometheus.yml");

        Assert.Contains("names: [router], type: A, port: 8081", prometheus, StringComparison.Ordinal);
        Assert.Equal("http://*:8081", Pairs(Service("router"), "environment")["Management__Url"]);
        Assert.Contains("otel-collector:8888", prometheus, StringComparison.Ordinal);
    }

    [Fact]
    public void Grafana_finds_its_data_source_and_its_dashboards()
    {
        var source = (YamlMappingNode)Load("deploy/grafana/provisioning/datasources/prometheus.yml")["datasources"][0];
        var provider = (YamlMappingNode)Load("deploy/grafana/provisioning/dashboards/intent-router.yml")["providers"][0];
        var mounts = Items(Service("grafana"), "volumes");

        Assert.Equal("http://prometheus:9090", Text(source, "url"));
        Assert.Contains($"./deploy/grafana/dashboards:{Text((YamlMappingNode)provider["options"], "path")}:ro", mounts);
        Assert.EndsWith("/router.json", Pairs(Service("grafana"), "environment")["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"], StringComparison.Ordinal);
        Assert.All(
            Directory.GetFiles(Repository.PathOf("deploy/grafana/dashboards"), "*.json"),
            file => Assert.Contains($"\"value\": \"{Text(source, "uid")}\"", File.ReadAllText(file), StringComparison.Ordinal));
    }

    private static YamlMappingNode Load(string file)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(Repository.Read(file)));
        return (YamlMappingNode)stream.Documents[0].RootNode;
    }

    private static IEnumerable<KeyValuePair<string, YamlMappingNode>> Services() =>
        ((YamlMappingNode)_compose["services"]).Children.Select(pair => KeyValuePair.Create(pair.Key.ToString(), (YamlMappingNode)pair.Value));

    private static YamlMappingNode Service(string name) => Services().Single(service => service.Key == name).Value;

    private static string Text(YamlMappingNode node, string key) => node[key].ToString();

    private static IEnumerable<string> Items(YamlMappingNode node, string key) =>
        node.Children.TryGetValue(key, out var items) ? ((YamlSequenceNode)items).Select(item => item.ToString()) : [];

    private static Dictionary<string, string> Pairs(YamlMappingNode node, string key) =>
        node.Children.TryGetValue(key, out var pairs) ? ((YamlMappingNode)pairs).Children.ToDictionary(pair => pair.Key.ToString(), pair => pair.Value.ToString()) : [];

    [GeneratedRegex(@"^\$\{[A-Z_]+:-([^}]*)\}")]
    private static partial Regex DefaultOf();

    [GeneratedRegex("PASSWORD|SECRET|TOKEN|KEY", RegexOptions.IgnoreCase)]
    private static partial Regex SecretName();
}
