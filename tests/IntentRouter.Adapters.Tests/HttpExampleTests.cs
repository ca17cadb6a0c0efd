using System.Diagnostics;
using System.Globalization;
using IntentRouter.Adapters.Http;
using IntentRouter.TestKit;

namespace IntentRouter.Adapters.Tests;

/// <summary>The example server in another language, as the docs have it.</summary>
public sealed class HttpExampleTests
{
    [SkippableFact]
    public async Task The_node_example_answers_through_the_http_adapter()
    {
        Skip.IfNot(
            (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(p => File.Exists(Path.Combine(p, "node"))), "Node is not installed here.");
        using var server = Process.Start(new ProcessStartInfo("node", [Path.Combine(Repository.Root, "docs/adapters/examples/server.mjs"), "0"]) { RedirectStandardOutput = true })!;
        try
        {
            var line = await server.StandardOutput.ReadLineAsync().WaitAsync(TimeSpan.FromMinutes(2));
            var port = int.Parse(line!.Split(' ')[^1], CultureInfo.InvariantCulture);
            await using var made = AdapterUnderTest.Make(new HttpEngineModule(), new Dictionary<string, string?> { ["url"] = $"http://127.0.0.1:{port}" });
            Assert.True((await made.Adapter.CheckHealthAsync(CancellationToken.None)).IsHealthy);
            var heard = await made.Adapter.UnderstandAsync(new Utterance("🎉 where is my order 48213", "en"), CancellationToken.None);
            Assert.Equal(("order_status", "keywords-1"), (heard.Ranking[0].Intent, heard.Model));
            Assert.Equal(("48213", "48213"), (heard.Entities[0].Value, heard.Entities[0].Text));
            Assert.Equal(UnderstandingKind.NoMatch, (await made.Adapter.UnderstandAsync(new Utterance("blub", "en"), CancellationToken.None)).Kind);
        }
        finally
        {
            server.Kill();
        }
    }
}
