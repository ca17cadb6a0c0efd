using IntentRouter.Adapters.Dialogflow;
using IntentRouter.Adapters.Tests.Simulators;
using IntentRouter.TestKit;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace IntentRouter.Adapters.Tests;

public sealed class DialogflowAdapterTests : IAsyncDisposable
{
    private readonly DialogflowEsSimulator _es = new();
    private readonly DialogflowCxSimulator _cx = new();
    private readonly GoogleTokenSimulator _tokens = new();

    public async ValueTask DisposeAsync()
    {
        await _es.DisposeAsync();
        await _cx.DisposeAsync();
        await _tokens.DisposeAsync();
    }

    [Theory]
    [InlineData("es", null, "production", "v2/projects/demo-project/agent/environments/production/users/-/sessions/")]
    [InlineData("es", "europe-west1", null, "v2/projects/demo-project/locations/europe-west1/agent/sessions/")]
    [InlineData("es", "europe-west1", "production", "v2/projects/demo-project/locations/europe-west1/agent/environments/production/users/-/sessions/")]
    [InlineData("cx", "europe-west1", "e1", "v3/projects/demo-project/locations/europe-west1/agents/a1/environments/e1/sessions/")]
    [InlineData("cx", null, null, "v3/projects/demo-project/locations/global/agents/a1/sessions/")]
    public async Task The_session_is_named_from_its_parts(string edition, string? location, string? environment, string path)
    {
        await using var server = new EngineDouble((_, _) => Task.FromResult(EngineResponse.Json(new { queryResult = new { }, matches = Array.Empty<object>() })));
        await using var made = Make(server.Address.ToString(), ("edition", edition), ("location", location), ("environment", environment), ("agent", edition == "cx" ? "a1" : null));
        await AskAsync(made, "hello");
        Assert.StartsWith("/" + path, Assert.Single(server.Requests).Target, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("global", "https://dialogflow.googleapis.com/")]
    [InlineData("europe-west1", "https://europe-west1-dialogflow.googleapis.com/")]
    public void Host_and_path_agree_on_the_region(string location, string host)
    {
        var options = new DialogflowOptions { Project = "demo-project", Location = location };
        Assert.Equal(host, options.Server.ToString());
        Assert.Equal(location != "global", options.AgentPath.Contains($"locations/{location}", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("en", null, "de", "en", true)]
    [InlineData(null, null, "de", "de", false)]
    [InlineData("en", "en,de", "de-AT", "de", false)]
    [InlineData("en", "en,de", "fr", "en", true)]
    [InlineData(null, "pt-BR,en", "pt", "pt-BR", false)]
    public async Task Each_message_is_sent_in_a_language_of_the_agent(string? language, string? languages, string spoken, string sent, bool replaced)
    {
        await using var server = new EngineDouble((_, _) => Task.FromResult(EngineResponse.Json(new { queryResult = new { } })));
        var settings = (languages?.Split(',') ?? []).Select((l, i) => ($"languages:{i}", (string?)l)).Append(("language", language)).ToArray();
        await using var made = Make(server.Address.ToString(), settings);
        var heard = await AskAsync(made, "hello", language: spoken);
        Assert.Equal(sent, Assert.Single(server.Requests).Json.GetProperty("queryInput").GetProperty("text").GetProperty("languageCode").GetString());
        Assert.Equal(replaced, heard.Warnings.Contains("language-replaced"));
    }

    [Fact]
    public async Task A_fallback_that_hides_is_known_by_its_name()
    {
        _es.HidesFallback = true;
        await using var naive = Make(_es.Address);
        Assert.Equal(UnderstandingKind.Ranked, (await AskAsync(naive, "blub")).Kind);
        await using var told = Make(_es.Address, ("fallbackIntents:0", "Default Fallback Intent"));
        Assert.Equal(UnderstandingKind.NoMatch, (await AskAsync(told, "blub")).Kind);
    }

    [Fact]
    public async Task Unfilled_parameters_are_dropped_and_lists_taken_apart()
    {
        await using var server = Answering(
            """
            { "queryResult": { "intent": { "displayName": "pizza" }, "allRequiredParamsPresent": true,
              "parameters": { "size": "", "toppings": [ "olives", "ham" ], "count": 2, "extra": {}, "when": { "date": "2026-03-05" }, "none": [], "null": null, "fresh": true, "order": 1234567890123456, "price": 4.0 },
              "outputContexts": [ { "name": "projects/p/agent/sessions/s/contexts/__system_counters__", "parameters": { "toppings.original": [ "olive", "ham" ], "count.original": "two" } } ] } }
            """);
        await using var made = Make(server.Address.ToString());
        var heard = await AskAsync(made, "two with olive and ham");
        Assert.Equal(
            ["toppings=olives@9", "toppings=ham@19"],
            heard.Entities.Where(e => e.Name == "toppings").Select(e => FormattableString.Invariant($"{e.Name}={e.Value}@{e.Start}")));
        Assert.Equal(["toppings", "toppings", "count", "when", "fresh", "order", "price"], heard.Entities.Select(e => e.Name));
        Assert.Equal("""{ "date": "2026-03-05" }""", heard.Entities.Single(e => e.Name == "when").Value);
        Assert.Equal("1234567890123456", heard.Entities.Single(e => e.Name == "order").Value);
        Assert.Equal("4", heard.Entities.Single(e => e.Name == "price").Value);
        Assert.True(heard.Entities.Single(e => e.Name == "count") is { Value: "2", Text: "two", Start: 0, SpanDerived: true });
    }

    [Fact]
    public async Task An_absent_confidence_is_zero_as_proto3_drops_zeros()
    {
        await using var server = Answering("""{ "queryResult": { "intent": { "displayName": "greet" } } }""");
        await using var made = Make(server.Address.ToString());
        Assert.Equal(0, (await AskAsync(made, "hello")).Ranking[0].Confidence!.Value.Value);
    }

    [Fact]
    public async Task A_failed_webhook_leaves_the_understanding_standing()
    {
        await using var server = Answering("""{ "queryResult": { "intent": { "displayName": "greet" }, "intentDetectionConfidence": 0.9 }, "webhookStatus": { "code": 4, "message": "timeout" } }""");
        await using var made = Make(server.Address.ToString());
        var heard = await AskAsync(made, "hello", UnderstandingMode.Converse);
        Assert.Equal("greet", heard.Ranking[0].Intent);
        Assert.Contains("webhook-failed", heard.Warnings);
        Assert.True(heard.ProviderReply!.FulfilmentFailed);
    }

    [Fact]
    public async Task Plain_messages_choices_and_a_handoff_come_through()
    {
        await using var server = Answering(
            """
            { "queryResult": { "intent": { "displayName": "help", "liveAgentHandoff": true, "endInteraction": true }, "allRequiredParamsPresent": true, "fulfillmentText": "not used",
              "fulfillmentMessages": [ { "text": { "text": [ "One." ] } }, { "platform": "SLACK", "text": { "text": [ "slack only" ] } },
                { "platform": "PLATFORM_UNSPECIFIED", "quickReplies": { "title": "Which?", "quickReplies": [ "A", "B" ] } },
                { "card": { "title": "Card", "subtitle": "Below", "buttons": [ { "text": "Go", "postback": "go!" } ] } }, { "payload": {} } ] } }
            """);
        await using var made = Make(server.Address.ToString());
        var reply = (await AskAsync(made, "hello", UnderstandingMode.Converse)).ProviderReply!;
        Assert.Equal(["One.", "Which?", "Card\nBelow"], reply.Messages);
        Assert.Equal([new("A", "A"), new("B", "B"), new("Go", "go!")], reply.Choices);
        Assert.True(reply is { HandoffRequested: true, Ended: true });
    }

    [Theory]
    [InlineData("PARAMETER_FILLING", UnderstandingKind.Continued)]
    [InlineData("DIRECT_INTENT", UnderstandingKind.Ranked)]
    [InlineData("KNOWLEDGE_CONNECTOR", UnderstandingKind.NoMatch)]
    [InlineData("PLAYBOOK", UnderstandingKind.NoMatch)]
    [InlineData("EVENT", UnderstandingKind.NoMatch)]
    public async Task A_match_is_read_by_its_type(string type, UnderstandingKind kind)
    {
        _cx.MatchType = type;
        _cx.Says("four", new Scripted([("table.book", 0.9)]));
        await using var made = MakeCx();
        Assert.Equal(kind, (await AskAsync(made, "four")).Kind);
    }

    [Fact]
    public async Task Reading_asks_cx_by_matchIntent_without_webhooks()
    {
        await using var made = MakeCx();
        await AskAsync(made, "hello");
        var request = _cx.Double.Requests[^1];
        Assert.EndsWith(":matchIntent", request.Path, StringComparison.Ordinal);
        Assert.True(request.Json.GetProperty("queryParams").GetProperty("disableWebhook").GetBoolean());
    }

    [Fact]
    public async Task One_token_serves_parallel_calls_and_a_revoked_one_is_renewed_once()
    {
        _es.AcceptsToken = _tokens.Accepts;
        await using var made = Make(_es.Address, ("credentialsJson", _tokens.KeyFile), ("quotaProject", "payer"));
        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => AskAsync(made, "hello")));
        Assert.Equal(1, _tokens.Minted);
        Assert.All(_es.Double.Requests, r => Assert.Equal("payer", r.Headers["x-goog-user-project"]));

        _tokens.Revoke();
        await AskAsync(made, "hello");
        Assert.Equal(2, _tokens.Minted);

        _es.AcceptsToken = _ => false;
        var failure = await Assert.ThrowsAsync<AdapterException>(() => AskAsync(made, "hello"));
        Assert.Equal((AdapterFailure.Rejected, 3), (failure.Failure, _tokens.Minted));
    }

    [Fact]
    public async Task Refused_credentials_are_a_refusal_with_the_reason()
    {
        _tokens.Refuses = true;
        await using var made = Make(_es.Address, ("credentialsJson", _tokens.KeyFile));
        var failure = await Assert.ThrowsAsync<AdapterException>(() => AskAsync(made, "hello"));
        Assert.Equal(AdapterFailure.Rejected, failure.Failure);
        Assert.Contains("invalid_grant", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_workload_identity_file_works()
    {
        var directory = Directory.CreateTempSubdirectory("wif-");
        await File.WriteAllTextAsync(Path.Combine(directory.FullName, "subject"), _tokens.SubjectToken);
        await File.WriteAllTextAsync(Path.Combine(directory.FullName, "wif.json"), _tokens.WorkloadFile(Path.Combine(directory.FullName, "subject")));
        _es.AcceptsToken = _tokens.Accepts;
        await using var made = Make(_es.Address, ("credentials", Path.Combine(directory.FullName, "wif.json")));
        await AskAsync(made, "hello");
        Assert.Equal(1, _tokens.Minted);
        directory.Delete(recursive: true);
    }

    [Fact]
    public async Task A_workload_identity_without_its_token_says_where_to_look()
    {
        await using var made = Make(_es.Address, ("credentialsJson", _tokens.WorkloadFile("/nowhere/subject")));
        var failure = await Assert.ThrowsAsync<AdapterException>(() => AskAsync(made, "hello"));
        Assert.Equal(AdapterFailure.Rejected, failure.Failure);
        Assert.Contains("credential_source", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_token_endpoint_that_is_down_is_named()
    {
        await _tokens.DisposeAsync();
        await using var made = Make(_es.Address, ("credentialsJson", _tokens.KeyFile));
        var failure = await Assert.ThrowsAsync<AdapterException>(() => AskAsync(made, "hello"));
        Assert.Equal((AdapterFailure.Unreachable, "Google's token endpoint could not be reached."), (failure.Failure, failure.Message));
    }

    [Theory]
    [InlineData("""{ "type": "gdch_service_account" }""")]
    [InlineData("""{ "type": "service_account", "client_email": "a", "private_key": "nonsense" }""")]
    [InlineData("not json")]
    public async Task Another_kind_of_file_is_refused(string file)
    {
        await using var made = Make(_es.Address, ("credentialsJson", file));
        var failure = await Assert.ThrowsAsync<AdapterException>(() => AskAsync(made, "hello"));
        Assert.Equal(AdapterFailure.Rejected, failure.Failure);
        Assert.Contains("service account key", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Throttling_says_how_long()
    {
        _es.Fails(AdapterFailure.Throttled);
        await using var made = Make(_es.Address);
        var failure = await Assert.ThrowsAsync<AdapterException>(() => AskAsync(made, "hello"));
        Assert.Equal(TimeSpan.FromSeconds(7), failure.RetryAfter);
        Assert.Contains("RATE_LIMIT_EXCEEDED", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_role_that_may_only_detect_is_healthy_with_a_word()
    {
        _es.MayReadAgent = false;
        await using var made = Make(_es.Address);
        var health = await made.Adapter.CheckHealthAsync(CancellationToken.None);
        Assert.True(health.IsHealthy);
        Assert.Contains("dialogflow.agents.get", health.Description, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("project", "None", "project:")]
    [InlineData("project", "projects/x", "project:")]
    [InlineData("edition", "cx", "agent:")]
    [InlineData("agent", "a1", "agent:")]
    [InlineData("credentials", "missing.json", "credentials:")]
    [InlineData("endpoint", "http://dialogflow.example/v2", "endpoint:")]
    [InlineData("textLimit", "1", "textLimit:")]
    public void A_wrong_setting_is_refused(string key, string value, string says)
    {
        var failure = Assert.Throws<OptionsValidationException>(() => Make("https://private.example/", (key, value)));
        Assert.Contains(says, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_token_does_not_travel_in_plain_text()
    {
        var failure = Assert.Throws<OptionsValidationException>(() => Make("http://dialogflow.example/", ("credentialsJson", "{}")));
        Assert.Contains("plain text", failure.Message, StringComparison.Ordinal);
    }

    private static EngineDouble Answering(string body) => new((_, _) => Task.FromResult(new EngineResponse(200, body)));

    private AdapterUnderTest MakeCx() => Make(
        _cx.Address, ("edition", "cx"), ("location", "europe-west1"), ("agent", "11111111-2222-4333-8444-555555555555"));

    private static AdapterUnderTest Make(string endpoint, params (string Key, string? Value)[] more)
    {
        var settings = new Dictionary<string, string?> { ["project"] = "demo-project", ["endpoint"] = endpoint };
        foreach (var (key, value) in more.Where(m => m.Value is not null))
        {
            settings[key] = value;
        }

        return AdapterUnderTest.Make(new DialogflowModule(), settings);
    }

    private static Task<Understanding> AskAsync(AdapterUnderTest made, string text, UnderstandingMode mode = UnderstandingMode.Read, string language = "en") =>
        made.Adapter.UnderstandAsync(new Utterance(text, language) { SessionId = "0123456789abcdef0123456789abcdef", Mode = mode }, CancellationToken.None).AsTask();
}
