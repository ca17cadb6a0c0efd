using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using IntentRouter.DeployTests.Image;
using IntentRouter.DeployTests.Telemetry;

namespace IntentRouter.DeployTests.Compose;

/// <summary>
/// The published compose file, up: the services whose images can be had here are the router, PostgreSQL, and Prometheus from its Debian
/// package. The collector, Grafana and Rasa are judged by their files only.
/// </summary>
[Collection(nameof(Image))]
public sealed class ComposeUpTests : IAsyncLifetime
{
    private const string StandIn = "localhost/postgres:15";
    private readonly string _project = $"deploytests{Guid.NewGuid().ToString("N")[..8]}";
    private readonly string _managementPort = $"{RouterContainer.FreePort()}";
    private readonly string _prometheusPort = $"{RouterContainer.FreePort()}";
    private readonly Dictionary<string, string> _environment = [];
    private Tools.Compose? _compose;

    [SkippableFact]
    public async Task Compose_up_ends_in_an_answered_conversation_and_its_metrics_in_Prometheus()
    {
        await PrepareAsync();

        // One after the other, since not every Compose waits for conditions.
        await UpAsync("secrets");
        await WaitAsync("the passwords", async () => await InspectAsync("secrets", "{{.State.Status}} {{.State.ExitCode}}") == "exited 0");
        await UpAsync("postgres");
        await WaitAsync("PostgreSQL", async () => (await Engine.RunAsync("exec", await ContainerAsync("postgres"), "pg_isready", "--host=127.0.0.1", "--username=intent_router")).ExitCode == 0);
        await UpAsync("router", "prometheus");

        using var console = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{_managementPort}") };
        console.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"operator:{await ManagementKeyAsync()}")));
        await WaitAsync("the router", async () => (await GetAsync(console, "/playground"))?.Contains("playground.js", StringComparison.Ordinal) is true);
        var customer = (await DoAsync(console, new { what = "visitor" }))["customer"]!.GetValue<long>();
        await DoAsync(console, new { what = "say", customer, text = "What are your opening hours?" });
        await WaitAsync("an answer", async () => (await GetAsync(console, $"/playground/demo/state?customer={customer}"))?.Contains("Monday to Saturday", StringComparison.Ordinal) is true);

        using var prometheus = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{_prometheusPort}") };
        await WaitAsync("Prometheus to hear of the conversation", async () => (await GetAsync(prometheus, "/api/v1/query?query=sum(intentrouter_events_total)>0"))?.Contains("\"value\":", StringComparison.Ordinal) is true);
        var names = JsonNode.Parse((await GetAsync(prometheus, "/api/v1/label/__name__/values"))!)!["data"]!.AsArray().Select(name => name!.GetValue<string>()).ToArray();
        // OpenMetrics tells of each counter and histogram since when it counts.
        Assert.Empty(names.Where(name => name.StartsWith("intentrouter_", StringComparison.Ordinal) && !name.EndsWith("_created", StringComparison.Ordinal)).Except(RouterMetrics.Names));
        Assert.Contains("dotnet_process_memory_working_set_bytes", names);
        Assert.Contains("dotnet_process_cpu_time_seconds_total", names);
        Assert.Contains("IntentRouterInboxLag", (await GetAsync(prometheus, "/api/v1/rules"))!, StringComparison.Ordinal);
        Assert.DoesNotContain("\"firing\"", (await GetAsync(prometheus, "/api/v1/alerts"))!, StringComparison.Ordinal);
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        if (_compose is not null)
        {
            await ComposeAsync("down", "--volumes");
        }
    }

    private async Task PrepareAsync()
    {
        var postgres = await Postgres.ImageAsync();
        _environment["POSTGRES_IMAGE"] = postgres;
        _environment["INTENTROUTER_IMAGE"] = await RouterImage.GetAsync();
        _environment["PROMETHEUS_IMAGE"] = await PrometheusImageAsync(postgres);
        _environment["PUBLIC_PORT"] = $"{RouterContainer.FreePort()}";
        _environment["MANAGEMENT_PORT"] = _managementPort;
        _environment["PROMETHEUS_PORT"] = _prometheusPort;
        _compose = await Tools.ComposeAsync();
        foreach (var (name, value) in _compose.Environment)
        {
            _environment[name] = value;
        }
    }

    /// <summary>Prometheus' own program on a base that is here.</summary>
    private static async Task<string> PrometheusImageAsync(string baseImage)
    {
        const string Name = "localhost/prometheus:deploy-tests";
        var program = await Tools.PrometheusAsync();
        var folder = Directory.CreateTempSubdirectory("prometheus").FullName;
        File.Copy(Shell.PathOf(program), Path.Combine(folder, "prometheus"));
        await File.WriteAllTextAsync(Path.Combine(folder, "Dockerfile"), $"""
            FROM {baseImage}
            COPY prometheus /bin/prometheus
            RUN mkdir /prometheus && chown 65534:65534 /prometheus
            USER 65534:65534
            WORKDIR /prometheus
            ENTRYPOINT ["/bin/prometheus"]
            """);
        await Engine.AskAsync("build", "--tag", Name, folder);
        Directory.Delete(folder, recursive: true);
        return Name;
    }

    private async Task UpAsync(params IEnumerable<string> services) => (await ComposeAsync(["up", "--detach", "--no-build", .. services])).Succeeded();

    private Task<Finished> ComposeAsync(params IEnumerable<string> arguments)
    {
        var files = _environment["POSTGRES_IMAGE"] == StandIn
            ? new[] { "--file", "docker-compose.yml", "--file", "tests/IntentRouter.DeployTests/Compose/stand-ins.yml" }
            : ["--file", "docker-compose.yml"];
        return Shell.RunAsync(_compose!.Program, [.. _compose.Arguments, "--project-name", _project, .. files, .. arguments], environment: _environment);
    }

    private Task<string> ContainerAsync(string service) =>
        Engine.AskAsync("ps", "--all", "--quiet", "--filter", $"label=com.docker.compose.project={_project}", "--filter", $"label=com.docker.compose.service={service}");

    private async Task<string> InspectAsync(string service, string format) => await Engine.AskAsync("inspect", "--format", format, await ContainerAsync(service));

    private Task<string> ManagementKeyAsync() =>
        Engine.AskAsync("run", "--rm", "--volume", $"{_project}_prometheus-secrets:/secrets:ro", "--entrypoint", "cat", _environment["POSTGRES_IMAGE"], "/secrets/management-key");

    private static async Task<JsonNode> DoAsync(HttpClient console, object act)
    {
        using var answer = await console.PostAsJsonAsync("/playground/demo/do", act);
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.IsSuccessStatusCode, text);
        return JsonNode.Parse(text)!;
    }

    private static async Task<string?> GetAsync(HttpClient http, string path)
    {
        try
        {
            using var answer = await http.GetAsync(path);
            return answer.IsSuccessStatusCode ? await answer.Content.ReadAsStringAsync() : null;
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }

    private async Task WaitAsync(string what, Func<Task<bool>> condition)
    {
        for (var i = 0; !await condition(); i++)
        {
            if (i == 1500)
            {
                var logs = new StringBuilder();
                foreach (var service in new[] { "secrets", "postgres", "router", "prometheus" })
                {
                    if (await ContainerAsync(service) is { Length: > 0 } container)
                    {
                        var log = await Engine.RunAsync("logs", "--tail", "30", container);
                        logs.Append("\n-- ").Append(service).Append('\n').Append(log.Output).Append(log.Error);
                    }
                }

                Assert.Fail($"Waited in vain for {what}.{logs}");
            }

            await Task.Delay(300);
        }
    }
}
