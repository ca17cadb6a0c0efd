using IntentRouter.Adapters.Lex;
using IntentRouter.Adapters.Tests.Simulators;
using IntentRouter.TestKit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace IntentRouter.Adapters.Tests;

public sealed class LexAdapterTests : IAsyncDisposable
{
    private readonly LexSimulator _lex = new();

    public ValueTask DisposeAsync() => _lex.DisposeAsync();

    [Fact]
    public async Task A_wrong_secret_is_refused_by_the_signature()
    {
        await using var made = Make(("secretAccessKey", "another"));
        var failure = await Assert.ThrowsAsync<AdapterException>(() => AskAsync(made, "hello"));
        Assert.Equal(AdapterFailure.Rejected, failure.Failure);
        Assert.Contains("InvalidSignatureException", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Temporary_credentials_are_signed_with_their_token()
    {
        _lex.SessionToken = "FwoGZXIvYXdzEXAMPLE";
        _lex.Says(null, new Scripted([("greet", 0.9)]));
        await using var without = Make();
        await Assert.ThrowsAsync<AdapterException>(() => AskAsync(without, "hello"));
        await using var with = Make(("sessionToken", "FwoGZXIvYXdzEXAMPLE"));
        Assert.Equal("greet", (await AskAsync(with, "hello")).Ranking[0].Intent);
    }

    [Fact]
    public async Task The_fallback_is_left_out_of_the_ranking_wherever_it_stands()
    {
        _lex.Says("table", new Scripted([("BookTable", 0.92), ("CancelTable", 0.31)]));
        _lex.Says("hm", new Scripted([("BookTable", 0.31)]));
        await using var made = Make();
        var heard = await AskAsync(made, "table");
        Assert.Equal((UnderstandingKind.Ranked, "BookTable,CancelTable"), (heard.Kind, string.Join(',', heard.Ranking.Select(c => c.Intent))));
        var fellBack = await AskAsync(made, "hm");
        Assert.Equal((UnderstandingKind.NoMatch, "BookTable"), (fellBack.Kind, string.Join(',', fellBack.Ranking.Select(c => c.Intent))));
    }

    [Fact]
    public async Task Slots_of_every_shape_are_read()
    {
        await using var server = new EngineDouble((_, _) => Task.FromResult(new EngineResponse(
            200,
            """
            { "interpretations": [ { "nluConfidence": { "score": 0.92 }, "intent": { "name": "BookTable", "slots": {
              "Guests": { "value": { "originalValue": "four", "interpretedValue": "4", "resolvedValues": [ "4" ] } },
              "Date": null,
              "Extras": { "values": [ { "value": { "originalValue": "olive", "interpretedValue": "olives" } }, { "shape": "Scalar", "value": { "originalValue": "ham", "interpretedValue": "ham" } }, null ] },
              "Address": { "shape": "Composite", "subSlots": { "City": { "value": { "originalValue": "Bonn", "interpretedValue": "Bonn", "resolvedValues": [] } }, "Zip": null } },
              "Unresolved": { "shape": "Scalar", "value": { "originalValue": "soonish" } } } } } ] }
            """)));
        await using var made = Make(("endpoint", server.Address.ToString()));
        var heard = await AskAsync(made, "four with olive and ham in Bonn soonish");
        Assert.Equal(
            ["Guests=4 (four)", "Extras=olives (olive)", "Extras=ham (ham)", "Address.City=Bonn (Bonn)", "Unresolved=soonish (soonish)"],
            heard.Entities.Select(e => $"{e.Name}={e.Value} ({e.Text})"));
        Assert.All(heard.Entities, e => Assert.True(e.SpanDerived));
    }

    [Fact]
    public async Task Slots_are_read_from_the_running_intent_where_the_interpretation_has_none()
    {
        await using var server = new EngineDouble((_, _) => Task.FromResult(new EngineResponse(
            200,
            """
            { "sessionState": { "intent": { "name": "BookTable", "slots": { "Guests": { "value": { "interpretedValue": "4" }, "subSlots": {} } } } },
              "interpretations": [ { "nluConfidence": { "score": 0.92 }, "intent": { "name": "BookTable", "slots": {} } } ] }
            """)));
        await using var made = Make(("endpoint", server.Address.ToString()));
        Assert.Equal("Guests=4", string.Join(',', (await AskAsync(made, "four")).Entities.Select(e => $"{e.Name}={e.Value}")));
    }

    [Fact]
    public async Task A_clock_that_is_wrong_is_corrected_by_the_services()
    {
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow() - TimeSpan.FromMinutes(20));
        _lex.Says(null, new Scripted([("greet", 0.9)]));
        await using var made = AdapterUnderTest.Make(new LexModule(), Settings(), configure: s => s.AddSingleton<TimeProvider>(clock));
        Assert.Equal("greet", (await AskAsync(made, "hello")).Ranking[0].Intent);
        Assert.Equal(2, _lex.Double.Requests.Count);
        await AskAsync(made, "hello");
        Assert.Equal(3, _lex.Double.Requests.Count);
    }

    [Fact]
    public async Task Messages_of_every_kind_are_read()
    {
        await using var server = new EngineDouble((_, _) => Task.FromResult(new EngineResponse(
            200,
            """
            { "messages": [ { "contentType": "PlainText", "content": "Hello" }, { "contentType": "SSML", "content": "<speak>Tom &amp; <b>Jerry</b></speak>" }, { "contentType": "CustomPayload", "content": "{}" },
                { "contentType": "ImageResponseCard", "imageResponseCard": { "title": "Pick", "subtitle": "one", "buttons": [ { "text": "Yes", "value": "y" } ] } } ],
              "sessionState": { "dialogAction": { "type": "ConfirmIntent" }, "intent": { "name": "BookTable", "state": "Failed" } },
              "interpretations": [ { "intent": { "name": "BookTable", "state": "InProgress" } } ] }
            """)));
        await using var made = Make(("endpoint", server.Address.ToString()));
        var heard = await AskAsync(made, "hello", UnderstandingMode.Converse);
        Assert.Equal(UnderstandingKind.Continued, heard.Kind);
        Assert.Equal(["Hello", "Tom & Jerry", "Pick\none"], heard.ProviderReply!.Messages);
        Assert.Equal([new("Yes", "y")], heard.ProviderReply.Choices);
        Assert.True(heard.ProviderReply is { Ended: false, FulfilmentFailed: true });
    }

    [Theory]
    [InlineData("ValidationException", AdapterFailure.Rejected)]
    [InlineData("AccessDeniedException", AdapterFailure.Rejected)]
    [InlineData("ResourceNotFoundException", AdapterFailure.Rejected)]
    [InlineData("ConflictException", AdapterFailure.Throttled)]
    [InlineData("DependencyFailedException", AdapterFailure.Faulted)]
    [InlineData("ThrottlingException", AdapterFailure.Throttled)]
    [InlineData("InternalServerException", AdapterFailure.Faulted)]
    [InlineData("BadGatewayException", AdapterFailure.Faulted)]
    public async Task Each_error_of_the_service_is_known(string type, AdapterFailure failure)
    {
        _lex.ErrorType = type;
        await using var made = Make();
        var refusal = await Assert.ThrowsAsync<AdapterException>(() => AskAsync(made, "zanzibar"));
        Assert.Equal(failure, refusal.Failure);
        Assert.Contains(type, refusal.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("zanzibar", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{ "__type": "com.amazonaws.lex#ThrottlingException", "message": "x" }""")]
    [InlineData("""{ "code": "ThrottlingException:http://internal", "Message": "x" }""")]
    public async Task The_type_is_found_in_the_body_too(string body)
    {
        await using var server = new EngineDouble((_, _) => Task.FromResult(new EngineResponse(400, body)));
        await using var made = Make(("endpoint", server.Address.ToString()));
        var failure = await Assert.ThrowsAsync<AdapterException>(() => AskAsync(made, "hello"));
        Assert.Equal(AdapterFailure.Throttled, failure.Failure);
        Assert.True(failure.RetryAfter < TimeSpan.FromSeconds(1));
    }

    [Fact]
    public async Task A_message_goes_to_the_locale_of_its_language()
    {
        await using var made = Make(("locale", null), ("locales:0", "en_US"), ("locales:1", "de_DE"));
        await AskAsync(made, "hallo", language: "de");
        Assert.Contains("/botLocales/de_DE/", _lex.Double.Requests[^1].Target, StringComparison.Ordinal);
        Assert.Contains("language-replaced", (await AskAsync(made, "bonjour", language: "fr")).Warnings);
    }

    [Fact]
    public async Task The_probe_bills_nothing_and_knows_what_it_cannot_see()
    {
        await using var made = Make();
        Assert.True((await made.Adapter.CheckHealthAsync(CancellationToken.None)).IsHealthy);
        Assert.Equal("GET", _lex.Double.Requests[^1].Method);
        _lex.MayGetSession = false;
        Assert.Contains("lex:GetSession", (await made.Adapter.CheckHealthAsync(CancellationToken.None)).Description, StringComparison.Ordinal);
        await using var wrong = Make(("secretAccessKey", "another"));
        Assert.False((await wrong.Adapter.CheckHealthAsync(CancellationToken.None)).IsHealthy);
    }

    [Fact]
    public async Task Without_any_credentials_the_start_says_what_to_give()
    {
        await using var made = Make(("accessKeyId", null), ("secretAccessKey", null), ("profile", "no-such-profile-here"));
        var failure = await Assert.ThrowsAsync<AdapterException>(() => made.Adapter.StartAsync(CancellationToken.None).AsTask());
        Assert.Equal(AdapterFailure.Rejected, failure.Failure);
        Assert.Contains("accessKeyId", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("region", "Europe", "region:")]
    [InlineData("botId", "my-bot", "botId:")]
    [InlineData("botAliasId", "prod", "botAliasId:")]
    [InlineData("locale", "en_US,de_DE", "locale:")]
    [InlineData("secretAccessKey", null, "accessKeyId:")]
    [InlineData("profile", "x", "profile:")]
    [InlineData("endpoint", "http://host/path", "endpoint:")]
    public void A_wrong_setting_is_refused(string key, string? value, string says) =>
        Assert.Contains(says, Assert.Throws<OptionsValidationException>(() => Make((key, value))).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("eu-west-1", false, "https://runtime-v2-lex.eu-west-1.amazonaws.com/")]
    [InlineData("us-gov-west-1", true, "https://runtime-v2-lex-fips.us-gov-west-1.amazonaws.com/")]
    [InlineData("cn-north-1", false, "https://runtime-v2-lex.cn-north-1.amazonaws.com.cn/")]
    public void The_host_follows_region_and_partition(string region, bool fips, string host) =>
        Assert.Equal(host, new LexOptions { Region = region, Fips = fips }.Server.ToString());

    private AdapterUnderTest Make(params (string Key, string? Value)[] more) => AdapterUnderTest.Make(new LexModule(), Settings(more));

    private Dictionary<string, string?> Settings(params (string Key, string? Value)[] more)
    {
        var settings = new Dictionary<string, string?>
        {
            ["region"] = LexSimulator.Region,
            ["botId"] = LexSimulator.BotId,
            ["botAliasId"] = LexSimulator.AliasId,
            ["locale"] = "en_US",
            ["accessKeyId"] = LexSimulator.KeyId,
            ["secretAccessKey"] = LexSimulator.Secret,
            ["endpoint"] = _lex.Address,
        };
        foreach (var (key, value) in more)
        {
            settings[key] = value;
        }

        return settings.Where(s => s.Value is not null).ToDictionary();
    }

    private static Task<Understanding> AskAsync(AdapterUnderTest made, string text, UnderstandingMode mode = UnderstandingMode.Read, string language = "en") =>
        made.Adapter.UnderstandAsync(new Utterance(text, language) { SessionId = "0123456789abcdef0123456789abcdef", Mode = mode }, CancellationToken.None).AsTask();
}
