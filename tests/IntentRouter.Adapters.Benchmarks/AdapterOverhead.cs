using System.Diagnostics;
using System.Globalization;
using IntentRouter.Adapters.Dialogflow;
using IntentRouter.Adapters.Http;
using IntentRouter.Adapters.LanguageModel;
using IntentRouter.Adapters.Lex;
using IntentRouter.Adapters.Rasa;
using IntentRouter.Adapters.Tests.Simulators;
using IntentRouter.TestKit;

namespace IntentRouter.Adapters.Benchmarks;

/// <summary>
/// CPU that an adapter adds to the bare HTTP call with the same bytes: the same request is sent and its answer read as bytes, in alternating rounds, against the
/// same server in this process. The promise: under 0.3 ms a call.
/// </summary>
internal static class AdapterOverhead
{
    private const int Calls = 400;
    private const int Rounds = 9;
    private const double Promise = 0.3;

    public static async Task<int> RunAsync()
    {
        var kept = true;
        kept &= await MeasureAsync("http", new HttpEngineModule(), new ContractServer(), a => new() { ["url"] = a });
        kept &= await MeasureAsync("rasa", new RasaModule(), new RasaSimulator(), a => new() { ["url"] = a });
        kept &= await MeasureAsync("dialogflow es", new DialogflowModule(), new DialogflowEsSimulator(), a => new() { ["project"] = "demo-project", ["endpoint"] = a });
        kept &= await MeasureAsync("dialogflow cx", new DialogflowModule(), new DialogflowCxSimulator(), a => new()
        {
            ["edition"] = "cx",
            ["project"] = "demo-project",
            ["location"] = "europe-west1",
            ["agent"] = "11111111-2222-4333-8444-555555555555",
            ["endpoint"] = a,
        });
        kept &= await MeasureAsync("lex (signed)", new LexModule(), new LexSimulator(), a => new()
        {
            ["region"] = LexSimulator.Region,
            ["botId"] = LexSimulator.BotId,
            ["botAliasId"] = LexSimulator.AliasId,
            ["locale"] = "en_US",
            ["accessKeyId"] = LexSimulator.KeyId,
            ["secretAccessKey"] = LexSimulator.Secret,
            ["endpoint"] = a,
        });
        var training = Path.Combine(Directory.CreateTempSubdirectory("training-").FullName, "nlu.yaml");
        await File.WriteAllTextAsync(training, "version: \"3.1\"\nnlu:\n" + string.Concat(Enumerable.Range(1, 12).Select(n => $"- intent: intent_{n}\n  examples: |\n    - I want {n}\n    - please {n} now\n")));
        kept &= await MeasureAsync("language model", new LanguageModelModule(), new ChatModelSimulator(), a => new() { ["endpoint"] = a + "/v1", ["model"] = "test-model", ["training"] = training });
        return kept ? 0 : 1;
    }

    private static async Task<bool> MeasureAsync(string name, AdapterModule module, EngineSimulator engine, Func<string, Dictionary<string, string?>> settings)
    {
        await using var _ = engine;
        engine.Says(null, new Scripted([("order_status", 0.9), ("refund", 0.1)], "order_number", "48213"));
        await using var made = AdapterUnderTest.Make(module, settings(engine.Address));
        await made.Adapter.StartAsync(CancellationToken.None);
        var utterance = new Utterance("where is my order 48213", "en");
        await made.Adapter.UnderstandAsync(utterance, CancellationToken.None);
        var sample = engine.Double.Requests[^1];

        // The server answers both from memory, so that its own work is the same and small.
        var answer = await engine.Double.Answer(sample, CancellationToken.None);
        engine.Double.Answer = (_, _) => Task.FromResult(answer);
        using var http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false });
        var address = new Uri(engine.Double.Address, sample.Target);
        var bytes = sample.Body.ToArray();

        var overheads = new List<double>();
        for (var round = 0; round < Rounds; round++)
        {
            var bare = await CpuAsync(async () =>
            {
                using var content = new ByteArrayContent(bytes);
                using var response = await http.PostAsync(address, content);
                await response.Content.ReadAsByteArrayAsync();
            });
            var adapter = await CpuAsync(async () => await made.Adapter.UnderstandAsync(utterance, CancellationToken.None));
            engine.Double.Forget();

            // The first rounds warm the compiler up.
            if (round >= 3)
            {
                overheads.Add(adapter - bare);
            }
        }

        var median = overheads.Order().ElementAt(overheads.Count / 2);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name,-14} {median:0.000} ms CPU a call over the bare HTTP call (promise: under {Promise})"));
        return median < Promise;
    }

    private static async Task<double> CpuAsync(Func<Task> call)
    {
        using var process = Process.GetCurrentProcess();
        process.Refresh();
        var before = process.TotalProcessorTime;
        for (var i = 0; i < Calls; i++)
        {
            await call();
        }

        process.Refresh();
        return (process.TotalProcessorTime - before).TotalMilliseconds / Calls;
    }
}
