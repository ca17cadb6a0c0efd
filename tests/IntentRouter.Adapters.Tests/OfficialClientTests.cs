using System.Diagnostics;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using IntentRouter.Adapters.Dialogflow;
using IntentRouter.Adapters.Lex;
using IntentRouter.Adapters.Tests.Simulators;
using IntentRouter.TestKit;
using Xunit.Abstractions;

namespace IntentRouter.Adapters.Tests;

/// <summary>
/// The simulators answer as the services do, as far as the vendors' own JavaScript clients and schemas can tell; the adapters send what those clients
/// send. The second half runs everywhere from golden files; the first where Node is.
/// </summary>
public sealed class OfficialClientTests(ITestOutputHelper output) : IAsyncLifetime
{
    private const string Session = "0123456789abcdef0123456789abcdef";
    private const string Token = "token-of-the-test";
    private static readonly string _source = Path.Combine(Repository.Root, "tests", "IntentRouter.Adapters.Tests", "OfficialClients");
    private static readonly JsonSerializerOptions _indented = new() { WriteIndented = true };

    private readonly DialogflowEsSimulator _es = new() { AcceptsToken = t => t == Token };
    private readonly DialogflowCxSimulator _cx = new() { AcceptsToken = t => t == Token };
    private readonly LexSimulator _lex = new();

    public Task InitializeAsync()
    {
        Script();
        return Task.CompletedTask;
    }

    public async Task DisposeAsync()
    {
        await _es.DisposeAsync();
        await _cx.DisposeAsync();
        await _lex.DisposeAsync();
    }

    [Theory]
    [InlineData("es-detect")]
    [InlineData("cx-match")]
    [InlineData("cx-detect")]
    [InlineData("lex-text")]
    public async Task An_adapter_sends_what_the_official_client_sends(string name)
    {
        var golden = JsonNode.Parse(await File.ReadAllTextAsync(GoldenFile(name)))!;
        var sent = await SendAsync(name);
        var body = JsonNode.Parse(sent.Text)!.AsObject();

        // Ours alone, and documented: what tells the agent's webhook that the bot only reads.
        var parameters = body["queryParams"] as JsonObject;
        Assert.Equal(name == "cx-match", parameters?.ContainsKey("disableWebhook") ?? false);
        parameters?.Remove("payload");
        parameters?.Remove("disableWebhook");
        body.Remove("requestAttributes");

        // An empty map is what an absent one means; the client writes it all the same.
        (golden["body"]!["queryParams"] as JsonObject)?.Remove("webhookHeaders");
        Assert.Equal((string?)golden["path"], sent.Path);
        Assert.True(JsonNode.DeepEquals(golden["body"], body), $"{body.ToJsonString()} instead of {golden["body"]!.ToJsonString()}");
    }

    [SkippableFact]
    public async Task The_official_clients_accept_every_answer_of_the_simulators()
    {
        var clients = await InstallAsync();
        var requests = new JsonArray();
        foreach (var (name, api, message) in new[]
        {
            ("es-detect", "v2", "DetectIntentRequest"), ("es-read", "v2", "DetectIntentRequest"), ("cx-match", "v3", "MatchIntentRequest"),
            ("cx-detect", "v3", "DetectIntentRequest"), ("lex-text", "lex", "RecognizeTextRequest$"),
        })
        {
            requests.Add(new JsonObject { ["name"] = name, ["api"] = api, ["message"] = message, ["body"] = JsonNode.Parse((await SendAsync(name)).Text) });
        }

        Forget();
        await using var control = new EngineDouble((request, _) => Task.FromResult(Control(request)));
        var config = new JsonObject
        {
            ["es"] = _es.Address,
            ["cx"] = _cx.Address,
            ["control"] = control.Address.GetLeftPart(UriPartial.Authority),
            ["token"] = Token,
            ["session"] = Session,
            ["project"] = "demo-project",
            ["location"] = "europe-west1",
            ["agent"] = "11111111-2222-4333-8444-555555555555",
            ["lex"] = new JsonObject
            {
                ["address"] = _lex.Address,
                ["region"] = LexSimulator.Region,
                ["keyId"] = LexSimulator.KeyId,
                ["secret"] = LexSimulator.Secret,
                ["botId"] = LexSimulator.BotId,
                ["aliasId"] = LexSimulator.AliasId,
            },
            ["requests"] = requests,
        };
        var file = Path.Combine(clients, $"config-{Environment.ProcessId}.json");
        await File.WriteAllTextAsync(file, config.ToJsonString());
        var printed = await RunAsync(clients, "node", "check.mjs", file);
        var results = JsonNode.Parse(printed[printed.LastIndexOf("[{\"name\"", StringComparison.Ordinal)..])!.AsArray();
        foreach (var result in results)
        {
            output.WriteLine($"{(result!["problems"]!.AsArray().Count == 0 ? "pass" : "FAIL")}  {result["name"]}");
        }

        Assert.All(results, r => Assert.True(r!["problems"]!.AsArray().Count == 0, r.ToJsonString()));
        Assert.InRange(results.Count, 60, 200);
        KeepGolden();
    }

    /// <summary>The golden files are what the official clients have just sent: they must not differ from what is committed.</summary>
    private void KeepGolden()
    {
        foreach (var (name, requests, end) in new (string, IReadOnlyList<EngineRequest>, string)[]
        {
            ("es-detect", _es.Double.Requests, ":detectIntent"), ("cx-match", _cx.Double.Requests, ":matchIntent"),
            ("cx-detect", _cx.Double.Requests, ":detectIntent"), ("lex-text", _lex.Double.Requests, "/text"),
        })
        {
            var wanted = name == "cx-detect" ? "book a table" : "table for four";
            var first = requests.First(r => r.Path.EndsWith(end, StringComparison.Ordinal) && r.Text.Contains(wanted, StringComparison.Ordinal));
            var golden = new JsonObject { ["path"] = first.Path, ["body"] = JsonNode.Parse(first.Text) };
            var text = golden.ToJsonString(_indented) + "\n";
            if (Environment.GetEnvironmentVariable("REWRITE_GOLDEN") == "1")
            {
                File.WriteAllText(GoldenFile(name), text);
            }

            Assert.Equal(File.ReadAllText(GoldenFile(name)), text);
        }
    }

    private void Script()
    {
        foreach (var engine in new EngineSimulator[] { _es, _cx, _lex })
        {
            engine.Says("table for four", new Scripted([("table.book", 0.87), ("table.cancel", 0.31)], "guests", "four"));
            engine.Says("book a table", new Scripted([("table.book", 0.9)], Replies: ["Gladly.", "At what time?"], Waits: true));
        }
    }

    private void Forget()
    {
        _es.Double.Forget();
        _cx.Double.Forget();
        _lex.Double.Forget();
    }

    // /es/fail/Throttled, /lex/error/ConflictException, /cx/reset
    private EngineResponse Control(EngineRequest request)
    {
        var words = request.Path.Trim('/').Split('/');
        EngineSimulator engine = words[0] switch { "es" => _es, "cx" => _cx, _ => _lex };
        switch (words[1])
        {
            case "fail":
                engine.Fails(Enum.Parse<AdapterFailure>(words[2]));
                break;
            case "error":
                _lex.ErrorType = words[2];
                break;
            default:
                engine.Recovers();
                _lex.ErrorType = null;
                break;
        }

        return EngineResponse.Json(new { });
    }

    /// <summary>What our adapter sends for the question that the official client is asked in check.mjs.</summary>
    private async Task<EngineRequest> SendAsync(string name)
    {
        var (module, engine, settings) = name[..2] switch
        {
            "es" => ((AdapterModule)new DialogflowModule(), (EngineSimulator)_es, new Dictionary<string, string?> { ["project"] = "demo-project", ["endpoint"] = _es.Address }),
            "cx" => (new DialogflowModule(), _cx, new()
            {
                ["edition"] = "cx",
                ["project"] = "demo-project",
                ["location"] = "europe-west1",
                ["agent"] = "11111111-2222-4333-8444-555555555555",
                ["endpoint"] = _cx.Address,
            }),
            _ => (new LexModule(), _lex, new()
            {
                ["region"] = LexSimulator.Region,
                ["botId"] = LexSimulator.BotId,
                ["botAliasId"] = LexSimulator.AliasId,
                ["locale"] = "en_US",
                ["accessKeyId"] = LexSimulator.KeyId,
                ["secretAccessKey"] = LexSimulator.Secret,
                ["endpoint"] = _lex.Address,
            }),
        };
        var anonymous = (_es.AcceptsToken, _cx.AcceptsToken);
        (_es.AcceptsToken, _cx.AcceptsToken) = (null, null);
        await using var made = AdapterUnderTest.Make(module, settings);
        var mode = name is "cx-match" or "es-read" ? UnderstandingMode.Read : UnderstandingMode.Converse;
        await made.Adapter.UnderstandAsync(
            new Utterance(name == "cx-detect" ? "book a table" : "table for four", "en") { SessionId = Session, TimeZone = "Europe/Berlin", Mode = mode }, CancellationToken.None);
        (_es.AcceptsToken, _cx.AcceptsToken) = anonymous;
        return engine.Double.Requests[^1];
    }

    /// <summary>The pinned packages, installed once per lock file, without running any script of theirs.</summary>
    private static async Task<string> InstallAsync()
    {
        Skip.If(!Has("node") || !Has("npm"), "Node and npm are not installed here; the golden files are checked instead.");
        var target = Directory.CreateDirectory(Path.Combine(Repository.Artifacts, "official-clients")).FullName;
        foreach (var name in new[] { "package.json", "package-lock.json", ".npmrc", "check.mjs", "strict.mjs" })
        {
            File.Copy(Path.Combine(_source, name), Path.Combine(target, name), overwrite: true);
        }

        var stamp = Convert.ToHexString(SHA256.HashData(await File.ReadAllBytesAsync(Path.Combine(_source, "package-lock.json"))));
        var marker = Path.Combine(target, "node_modules", ".installed");
        if (!File.Exists(marker) || await File.ReadAllTextAsync(marker) != stamp)
        {
            try
            {
                await RunAsync(target, "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund");
            }
            catch (InvalidOperationException ex)
            {
                // No network is a reason to skip; a lock file that does not fit is not.
                Skip.If(!ex.Message.Contains("EUSAGE", StringComparison.Ordinal), "npm could not install the official clients: " + ex.Message);
                throw;
            }

            await File.WriteAllTextAsync(marker, stamp);
        }

        return target;
    }

    private static bool Has(string command) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(p => File.Exists(Path.Combine(p, command)));

    private static async Task<string> RunAsync(string directory, string command, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(command, arguments)
        {
            WorkingDirectory = directory,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(15));
        var (printed, errors) = (process.StandardOutput.ReadToEndAsync(patience.Token), process.StandardError.ReadToEndAsync(patience.Token));
        try
        {
            await process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }

        return process.ExitCode == 0 ? await printed : throw new InvalidOperationException($"{command} ended with {process.ExitCode}: {await errors}{await printed}");
    }

    private static string GoldenFile(string name) => Path.Combine(_source, "golden", name + ".json");
}
