using System.Globalization;
using System.Text.Json.Nodes;
using IntentRouter.Adapters.Dialogflow;
using IntentRouter.Adapters.Http;
using IntentRouter.Adapters.LanguageModel;
using IntentRouter.Adapters.Lex;
using IntentRouter.Adapters.Rasa;
using IntentRouter.Adapters.Tests.Simulators;
using IntentRouter.TestKit;

namespace IntentRouter.Adapters.Benchmarks;

/// <summary>
/// CPU that an adapter adds to the bare HTTP exchange of the same bytes (body and headers): the recorded request is sent again and its answer read as bytes, in short
/// rounds by turns with the adapter's calls, against a server that does next to nothing. Short turns, because other work on the machine changes what a call costs; a
/// median of differences, because it does so in bursts. Everything in the process is counted: garbage collection, timers, the thread pool. The promise: under 0.3 ms a call.
/// </summary>
internal static class AdapterOverhead
{
    private const int Calls = 100;
    private const int Rounds = 60;
    private const double Promise = 0.3;

    // What the client writes of itself.
    private static readonly HashSet<string> _written = new(["host", "content-length", "connection"], StringComparer.OrdinalIgnoreCase);

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
        await File.WriteAllTextAsync(training, Training());
        kept &= await MeasureAsync("language model", new LanguageModelModule(), new ChatModelSimulator(), a => new() { ["endpoint"] = a + "/v1", ["model"] = "test-model", ["training"] = training }, ManyTokens);
        return kept ? 0 : 1;
    }

    // A bot of usual size: thirty intents, each with as many examples as the prompt shows.
    private static string Training() => "version: \"3.1\"\nnlu:\n" + string.Concat(
        Enumerable.Range(1, 28).Select(n => $"subject_{n}").Prepend("refund").Prepend("order_status").Select(intent =>
            $"- intent: {intent}\n  examples: |\n" + string.Concat(Enumerable.Range(1, 6).Select(n => $"    - please tell me about {intent} of [{n}{n}{n}{n}](order_number)\n"))));

    // The simulator's model writes an answer in five tokens; a real one takes some three letters at a time, each with five alternatives and its bytes.
    private static string ManyTokens(string body)
    {
        var answer = JsonNode.Parse(body)!;
        var choice = answer["choices"]![0]!;
        var tokens = new JsonArray();
        for (var rest = (string)choice["message"]!["content"]!; rest.Length > 0; rest = rest[Math.Min(3, rest.Length)..])
        {
            var token = Token(rest[..Math.Min(3, rest.Length)], 0.9);
            token["top_logprobs"] = new JsonArray([token.DeepClone(), .. Enumerable.Range(1, 4).Select(n => Token($"s{n}", 0.1 / n))]);
            tokens.Add(token);
        }

        choice["logprobs"]!["content"] = tokens;
        return answer.ToJsonString();

        static JsonObject Token(string text, double probability) => new()
        {
            ["token"] = text,
            ["logprob"] = Math.Log(probability),
            ["bytes"] = new JsonArray([.. text.Select(c => (JsonNode)(int)c)]),
        };
    }

    private static async Task<bool> MeasureAsync(string name, AdapterModule module, EngineSimulator engine, Func<string, Dictionary<string, string?>> settings, Func<string, string>? change = null)
    {
        engine.Says(null, new Scripted([("order_status", 0.9), ("refund", 0.1)], "order_number", "48213"));
        var utterance = new Utterance("where is my order 48213", "en");
        EngineRequest sample;
        EngineResponse answer;
        await using (engine)
        {
            await using var first = AdapterUnderTest.Make(module, settings(engine.Address));
            await first.Adapter.StartAsync(CancellationToken.None);
            await first.Adapter.UnderstandAsync(utterance, CancellationToken.None);
            sample = engine.Double.Requests[^1];
            answer = await engine.Double.Answer(sample, CancellationToken.None);
        }

        using var server = new CannedServer(engine.Double.Address.Port, change?.Invoke(answer.Body) ?? answer.Body);
        await using var made = AdapterUnderTest.Make(module, settings(engine.Address));
        await made.Adapter.StartAsync(CancellationToken.None);
        using var http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false });
        var address = new Uri(engine.Double.Address, sample.Target);
        var bytes = sample.Body.ToArray();
        var headers = sample.Headers.Where(h => !_written.Contains(h.Key)).ToArray();

        async Task BareAsync()
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, address) { Content = new ByteArrayContent(bytes) };
            foreach (var (header, value) in headers)
            {
                _ = request.Headers.TryAddWithoutValidation(header, value) || request.Content.Headers.TryAddWithoutValidation(header, value);
            }

            using var response = await http.SendAsync(request);
            await response.Content.ReadAsByteArrayAsync();
        }

        async Task AdapterAsync()
        {
            var heard = await made.Adapter.UnderstandAsync(utterance, CancellationToken.None);
            if (heard.Ranking.Count == 0)
            {
                throw new InvalidOperationException("The adapter did not read the answer.");
            }
        }

        // The compiler makes its last version of a method some time after its thirtieth call, in pauses.
        for (var warm = 0; warm < 6; warm++)
        {
            await CostAsync(BareAsync, 500);
            await CostAsync(AdapterAsync, 500);
            await Task.Delay(300);
        }

        var (time, memory) = (new List<double>(), new List<double>());
        for (var round = 0; round < Rounds; round++)
        {
            var bare = await CostAsync(BareAsync, Calls);
            var adapter = await CostAsync(AdapterAsync, Calls);
            time.Add(adapter.Milliseconds - bare.Milliseconds);
            memory.Add(adapter.Bytes - bare.Bytes);
        }

        time.Sort();
        memory.Sort();
        var median = time[Rounds / 2];
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{name,-14} {median:0.000} ms CPU a call over the bare exchange (half of the rounds {time[Rounds / 4]:0.000} to {time[Rounds * 3 / 4]:0.000}), {memory[Rounds / 2] / 1024:0.0} KiB allocated (promise: under {Promise} ms)"));
        return median < Promise;
    }

    private static async Task<(double Milliseconds, double Bytes)> CostAsync(Func<Task> call, int calls)
    {
        var allocated = GC.GetTotalAllocatedBytes();
        var before = Environment.CpuUsage.TotalTime;
        for (var i = 0; i < calls; i++)
        {
            await call();
        }

        return ((Environment.CpuUsage.TotalTime - before).TotalMilliseconds / calls, (double)(GC.GetTotalAllocatedBytes() - allocated) / calls);
    }
}
