using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using IntentRouter.Adapters.Rasa;
using IntentRouter.Adapters.Tests.Simulators;
using IntentRouter.TestKit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace IntentRouter.Adapters.Tests;

public sealed class RasaAdapterTests : IAsyncDisposable
{
    private readonly RasaSimulator _rasa = new();

    public ValueTask DisposeAsync() => _rasa.DisposeAsync();

    [Theory]
    [InlineData("/restart", " restart")]
    [InlineData("/order_status{\"x\": \"y\"}", " order_status{\"x\": \"y\"}")]
    [InlineData(" \n//greet", "    greet")]
    public async Task A_command_is_no_command_when_a_customer_writes_it(string text, string sent)
    {
        _rasa.Says(null, new Scripted([("chitchat", 0.8)]));
        await using var rasa = Make();
        var heard = await AskAsync(rasa, text);
        Assert.Equal("chitchat", heard.Ranking[0].Intent);
        Assert.Contains("command-escaped", heard.Warnings);
        Assert.Equal(sent, _rasa.LastText);
    }

    [Fact]
    public async Task Only_slashes_are_nothing_said()
    {
        await using var rasa = Make();
        Assert.Equal(UnderstandingKind.NoMatch, (await AskAsync(rasa, " // ")).Kind);
        Assert.Empty(_rasa.Double.Requests);
    }

    [Fact]
    public async Task The_fallback_steps_aside_and_the_former_top_stays_visible()
    {
        _rasa.Says("hm", new Scripted([("order_status", 0.2), ("refund", 0.1)]));
        await using var rasa = Make();
        var heard = await AskAsync(rasa, "hm");
        Assert.Equal(UnderstandingKind.NoMatch, heard.Kind);
        Assert.Equal(["order_status", "refund"], heard.Ranking.Select(c => c.Intent));
        Assert.Equal("provider-fell-back", Assert.Single(heard.Evidence).Name);
    }

    [Fact]
    public async Task A_fallback_of_another_name_is_configured()
    {
        _rasa.Says("hm", new Scripted([("out_of_scope", 0.95), ("refund", 0.1)]));
        await using var rasa = Make(("fallbackIntents:0", "out_of_scope"));
        Assert.Equal(UnderstandingKind.NoMatch, (await AskAsync(rasa, "hm")).Kind);
    }

    [Theory]
    [InlineData(false, "faq")]
    [InlineData(true, "faq/hours")]
    public async Task A_retrieval_intent_can_be_told_by_its_key(bool keys, string expected)
    {
        _rasa.Says("when do you open", new Scripted([("faq", 0.9)]));
        await using var rasa = Make(("retrievalKeys", keys ? "true" : "false"));
        Assert.Equal(expected, (await AskAsync(rasa, "when do you open")).Ranking[0].Intent);
    }

    [Fact]
    public async Task The_model_is_named_from_the_status()
    {
        _rasa.Says(null, new Scripted([("greet", 0.9)]));
        await using var rasa = Make();
        await rasa.Adapter.StartAsync(CancellationToken.None);
        Assert.Equal("a1b2c3", (await AskAsync(rasa, "hello")).Model);
    }

    [Fact]
    public async Task A_server_without_a_model_is_not_healthy_and_says_what_to_do()
    {
        _rasa.HasModel = false;
        await using var rasa = Make();
        var health = await rasa.Adapter.CheckHealthAsync(CancellationToken.None);
        Assert.Equal((false, AdapterFailure.Unreachable, "Rasa has no model loaded; train or load one."), (health.IsHealthy, health.Failure, health.Description));
    }

    [Fact]
    public async Task A_token_is_made_from_the_shared_secret()
    {
        // As short as the one in Rasa's own guide: the server takes it.
        const string Secret = "thisismysecret";
        var clock = new FakeTimeProvider(DateTimeOffset.FromUnixTimeSeconds(1_770_000_000));
        _rasa.Says(null, new Scripted([("greet", 0.9)]));
        await using var rasa = AdapterUnderTest.Make(
            new RasaModule(), new Dictionary<string, string?> { ["url"] = _rasa.Address, ["jwtSecret"] = Secret }, configure: s => s.AddSingleton<TimeProvider>(clock));
        await AskAsync(rasa, "hello");
        var parts = Assert.Single(_rasa.Double.Requests).Headers["authorization"]["Bearer ".Length..].Split('.');
        Assert.Equal(
            System.Buffers.Text.Base64Url.EncodeToString(HMACSHA256.HashData(Encoding.UTF8.GetBytes(Secret), Encoding.UTF8.GetBytes($"{parts[0]}.{parts[1]}"))), parts[2]);
        Assert.Equal(
            """{"user":{"username":"intent-router","role":"admin"},"iat":1770000000,"exp":1770000300}""",
            Encoding.UTF8.GetString(System.Buffers.Text.Base64Url.DecodeFromChars(parts[1])));
    }

    [Fact]
    public async Task No_more_calls_are_under_way_than_allowed()
    {
        var now = 0;
        var counts = new ConcurrentQueue<int>();
        var gate = new TaskCompletionSource();
        await using var busy = new EngineDouble(async (_, ct) =>
        {
            var count = Interlocked.Increment(ref now);
            counts.Enqueue(count);
            if (count == 3)
            {
                gate.TrySetResult();
            }

            await gate.Task.WaitAsync(ct);
            Interlocked.Decrement(ref now);
            return EngineResponse.Json(new { intent = new { name = "greet", confidence = 0.9 } });
        });
        await using var rasa = AdapterUnderTest.Make(
            new RasaModule(), new Dictionary<string, string?> { ["url"] = busy.Address.ToString(), ["concurrency"] = "3" });
        await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => AskAsync(rasa, "hello")));
        Assert.Equal(3, counts.Max());
    }

    [Theory]
    [InlineData("""{ "intent": { "name": null, "confidence": 0.0 }, "entities": [] }""")]
    [InlineData("""{ "intent": null }""")]
    [InlineData("{}")]
    public async Task Nothing_classified_is_no_match(string answer)
    {
        await using var server = new EngineDouble((_, _) => Task.FromResult(new EngineResponse(200, answer)));
        await using var rasa = AdapterUnderTest.Make(new RasaModule(), new Dictionary<string, string?> { ["url"] = server.Address.ToString() });
        Assert.Equal(UnderstandingKind.NoMatch, (await AskAsync(rasa, "hello")).Kind);
    }

    [Theory]
    [InlineData("""{"from":"2026-03-05","to":"2026-03-06"}""", """{"from":"2026-03-05","to":"2026-03-06"}""")]
    [InlineData("4", "4")]
    [InlineData("\"bonn\"", "bonn")]
    [InlineData("null", "Bonn")]
    public async Task A_value_of_any_shape_is_text(string value, string expected)
    {
        await using var server = new EngineDouble((_, _) => Task.FromResult(new EngineResponse(
            200,
            $$"""{ "intent": { "name": "book", "confidence": 0.9 }, "entities": [ { "entity": "x", "start": 3, "end": 7, "value": {{value}}, "role": "to", "group": "1", "confidence": 1.0, "surprise": {} } ] }""")));
        await using var rasa = AdapterUnderTest.Make(new RasaModule(), new Dictionary<string, string?> { ["url"] = server.Address.ToString() });
        var entity = Assert.Single((await AskAsync(rasa, "to Bonn")).Entities);
        Assert.Equal((expected, "Bonn", "to", "1"), (entity.Value, entity.Text, entity.Role, entity.Group));
    }

    [Fact]
    public async Task The_last_buttons_are_choices_and_a_command_is_none()
    {
        await using var server = new EngineDouble((request, _) => Task.FromResult(new EngineResponse(200, request.Path == "/model/parse" ? "{}" :
            """[ { "text": "Sure?", "buttons": [ { "title": "Yes", "payload": "/affirm" }, { "title": "Call", "payload": "call me" }, { "title": "No" } ] }, { "image": "https://i/x.png" } ]""")));
        await using var rasa = AdapterUnderTest.Make(new RasaModule(), new Dictionary<string, string?> { ["url"] = server.Address.ToString() });
        var heard = await rasa.Adapter.UnderstandAsync(new Utterance("hello", "en") { Mode = UnderstandingMode.Converse }, CancellationToken.None);
        Assert.Equal(["Yes=Yes", "Call=call me", "No=No"], heard.ProviderReply!.Choices.Select(c => $"{c.Key}={c.Value}"));
    }

    [Theory]
    [InlineData("url", "ftp://rasa", "url:")]
    [InlineData("url", "http://u:p@rasa", "url:")]
    [InlineData("url", "http://rasa?token=x", "url:")]
    [InlineData("jwt", "x.y.z", "token:")]
    [InlineData("concurrency", "0", "concurrency:")]
    public void A_wrong_setting_is_refused(string key, string value, string says)
    {
        var settings = new Dictionary<string, string?> { ["url"] = "http://rasa:5005", ["token"] = "t", [key] = value };
        Assert.Contains(says, Assert.Throws<OptionsValidationException>(() => AdapterUnderTest.Make(new RasaModule(), settings)).Message, StringComparison.Ordinal);
    }

    private AdapterUnderTest Make(params (string Key, string Value)[] more) =>
        AdapterUnderTest.Make(new RasaModule(), new Dictionary<string, string?>(more.Select(m => KeyValuePair.Create<string, string?>(m.Key, m.Value))) { ["endpoint"] = _rasa.Address });

    private static Task<Understanding> AskAsync(AdapterUnderTest adapter, string text) =>
        adapter.Adapter.UnderstandAsync(new Utterance(text, "en"), CancellationToken.None).AsTask();
}
