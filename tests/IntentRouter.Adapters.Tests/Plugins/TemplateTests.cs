using System.IO.Compression;
using IntentRouter.Configuration;
using IntentRouter.Hosting;
using IntentRouter.Nlu;
using IntentRouter.TestKit;
using Microsoft.Extensions.DependencyInjection;
using Xunit.Abstractions;

namespace IntentRouter.Adapters.Tests.Plugins;

/// <summary>An author's way: from the packages and the template to a plugin that answers in the running service.</summary>
public sealed class TemplateTests(ITestOutputHelper output) : IDisposable
{
    private readonly DirectoryInfo _work = Directory.CreateTempSubdirectory("author-");

    public void Dispose() => _work.Delete(recursive: true);

    [Fact]
    public async Task Five_commands_lead_from_the_template_to_a_plugin_that_answers()
    {
        // What an author gets from a feed: packed here, under a version that no cache has seen.
        var version = $"0.1.0-test.{TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds()}";
        var feed = Path.Combine(_work.FullName, "feed");
        await RunAsync(Repository.Root, "pack", "adapters/IntentRouter.Templates", "-o", feed, $"-p:PackageVersion={version}", "--nologo", "-v", "q");
        foreach (var project in new[] { "IntentRouter.Abstractions", "IntentRouter.TestKit" })
        {
            await RunAsync(Repository.Root, "pack", $"src/{project}", "-o", feed, $"-p:PackageVersion={version}", "--nologo", "-v", "q");
            await using var package = await ZipFile.OpenReadAsync(Path.Combine(feed, $"{project}.{version}.nupkg"));
            Assert.NotNull(package.GetEntry("README.md"));
            Assert.NotNull(package.GetEntry($"lib/net10.0/{project}.xml"));
            Assert.True(File.Exists(Path.Combine(feed, $"{project}.{version}.snupkg")));
        }

        var hive = Path.Combine(_work.FullName, "hive");

        await RunAsync(_work.FullName, "new", "install", Path.Combine(feed, $"IntentRouter.Templates.{version}.nupkg"), "--debug:custom-hive", hive);
        await RunAsync(_work.FullName, "new", "intentrouter-adapter", "-n", "Contoso.Nlu", "--engine", "contoso-nlu", "--sdk", version, "--feed", feed, "--debug:custom-hive", hive);
        var tested = await RunAsync(_work.FullName, "test", "Contoso.Nlu/Contoso.Nlu.Tests", "--nologo", "-v", "q");
        Assert.Contains("Passed!", tested, StringComparison.Ordinal);
        await RunAsync(_work.FullName, "publish", "Contoso.Nlu/Contoso.Nlu", "-o", "plugins/contoso", "--nologo", "-v", "q");

        // The fifth: serve.
        await using var engine = new EngineDouble((_, _) => Task.FromResult(EngineResponse.Json(new { intents = new[] { new { name = "order_status", confidence = 0.93 } } })));
        await File.WriteAllTextAsync(Path.Combine(_work.FullName, "intent-router.yaml"), $$"""
            urls: http://127.0.0.1:0
            management: { url: "http://127.0.0.1:0" }
            chat: { baseUrl: "http://127.0.0.1:9" }
            plugins: { directory: plugins }
            store: { provider: sqlite, connection: "Data Source=router.db" }
            nlu:
              main: { adapter: contoso-nlu, url: "{{engine.Address}}", timeout: 90s, attemptTimeout: 60s }
            bots:
              shop:
                key: 0123456789abcdef0123
                accessToken: token
                nlu: { use: [main] }
                session: { turnBudget: 2m }
                intents: { order_status: { handoff: { reason: asked } } }
            """);
        var sources = new ConfigurationSources { Path = Path.Combine(_work.FullName, "intent-router.yaml"), Directory = _work.FullName };
        var parts = ServiceParts.Of();
        var loaded = RouterConfigurationLoader.Load(sources, parts);
        Assert.True(loaded.Configuration is not null, string.Join('\n', loaded.Problems));
        await using var app = RouterHost.Build(loaded, sources, parts);
        await app.StartAsync();
        var heard = await app.Services.GetRequiredService<AdapterChain>().AskAsync(
            loaded.Configuration.Bots["shop"].Options.Nlu, new Utterance("where is my parcel", "en"), TimeSpan.FromMinutes(2), null, CancellationToken.None);
        Assert.Equal(("main", "order_status"), (heard.Adapter, heard.Ranking[0].Intent));
        await app.StopAsync();
    }

    private Task<string> RunAsync(string directory, params string[] arguments)
    {
        output.WriteLine("dotnet " + string.Join(' ', arguments));
        return DotNet.RunAsync(directory, arguments);
    }
}
