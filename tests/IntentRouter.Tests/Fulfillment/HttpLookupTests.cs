using System.Text;
using IntentRouter.Configuration;
using IntentRouter.Fulfillment;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;

namespace IntentRouter.Tests.Fulfillment;

public sealed class HttpLookupTests : IAsyncLifetime
{
    private readonly FakeTimeProvider _clock = new() { AutoAdvanceAmount = TimeSpan.Zero };
    private FulfillmentScene _scene = new();
    private BackingApi _api = null!;

    public async Task InitializeAsync() => _api = await BackingApi.StartAsync();

    public async Task DisposeAsync()
    {
        _scene.Dispose();
        await _api.DisposeAsync();
    }

    private LookupOptions Options(string path = "/bookings/{{ booking_code }}") =>
        new() { Kind = "http", Url = _api.Url + path, AllowPrivate = true, Retries = 0, Timeout = TimeSpan.FromMinutes(2) };

    private Task<LookupOutcome> FindAsync(LookupOptions options, params (string Slot, string Value)[] slots) =>
        _scene.Lookup(options).FindAsync(FulfillmentScene.Call(slots), CancellationToken.None);

    [Theory]
    [InlineData("""{"booking":{"date":"2026-03-01","guests":4}}""", "$.booking", """{"date":"2026-03-01","guests":4}""")]
    [InlineData("""{"date":"2026-03-01"}""", null, """{"date":"2026-03-01"}""")]
    [InlineData("""{"data":[{"n":1},{"n":2}]}""", "$.data[1]", """{"n":2}""")]
    [InlineData("""{"data":[{"n":1}]}""", "$.data", """{"n":1}""")]
    [InlineData("""{"a b":{"c":"shipped"}}""", "$['a b'].c", """{"value":"shipped"}""")]
    [InlineData("""{"x":[{"y":[{"z":1}]},{"y":[]}]}""", "$.x[*].y[*]", """{"z":1}""")]
    [InlineData("""[{"n":1},{"n":2}]""", "$[-1]", """{"n":2}""")]
    public async Task The_part_that_the_path_names_is_the_row(string answer, string? path, string row)
    {
        _api.AnswersWith(answer);
        var options = Options();
        options.Result = path;

        Assert.Equal(row, FulfillmentScene.Row(await FindAsync(options, ("booking_code", "B7"))).ToJsonString());
    }

    [Theory]
    [InlineData(404, "nothing here")]
    [InlineData(410, "")]
    [InlineData(204, "")]
    [InlineData(200, """{"booking":null}""")]
    [InlineData(200, """{"booking":[]}""")]
    [InlineData(200, """{}""")]
    public async Task Nothing_there_is_not_found(int status, string answer)
    {
        _api.Answer = (context, _) =>
        {
            context.Response.StatusCode = status;
            return status == 204 ? Task.CompletedTask : context.Response.WriteAsync(answer);
        };
        var options = Options();
        options.Result = "$.booking";

        Assert.IsType<LookupOutcome.NotFound>(await FindAsync(options, ("booking_code", "B7")));
    }

    [Theory]
    [InlineData(200, "<html>maintenance</html>", "Unreadable")]
    [InlineData(200, "", "Unreadable")]
    [InlineData(200, "{\"a\":1,\"a\":2}", "Unreadable")]
    [InlineData(200, "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]", "Unreadable")]
    [InlineData(302, "", "Refused")]
    [InlineData(400, "", "Refused")]
    [InlineData(401, "", "Refused")]
    [InlineData(403, "", "Refused")]
    [InlineData(429, "", "Refused")]
    [InlineData(500, "", "Unreachable")]
    [InlineData(503, "", "Unreachable")]
    public async Task Each_failure_has_its_reason(int status, string answer, string reason)
    {
        _api.AnswersWith(answer, status);

        Assert.Equal(Enum.Parse<LookupFailure>(reason), FulfillmentScene.Failure(await FindAsync(Options(), ("booking_code", "B7"))));
        Assert.Single(_api.Requests);
    }

    [Fact]
    public async Task An_answer_beyond_the_bound_is_too_large_also_when_it_was_compressed()
    {
        var options = Options();
        options.MaxSize = 1000;
        _api.AnswersWith($$"""{"x":"{{new string('x', 2000)}}"}""");
        Assert.Equal(LookupFailure.TooLarge, FulfillmentScene.Failure(await FindAsync(options, ("booking_code", "B7"))));

        _api.Answer = async (context, _) =>
        {
            context.Response.Headers.ContentEncoding = "gzip";
            await using var gzip = new System.IO.Compression.GZipStream(context.Response.Body, System.IO.Compression.CompressionLevel.Fastest);
            await gzip.WriteAsync(Encoding.UTF8.GetBytes($$"""{"x":"{{new string('x', 200_000)}}"}"""));
        };
        Assert.Equal(LookupFailure.TooLarge, FulfillmentScene.Failure(await FindAsync(options, ("booking_code", "B7"))));
    }

    [Fact]
    public async Task A_slow_answer_is_given_up_in_time()
    {
        _api.Answer = (context, _) => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted);
        var options = Options();
        options.Timeout = TimeSpan.FromMilliseconds(50);

        Assert.Equal(LookupFailure.TimedOut, FulfillmentScene.Failure(await FindAsync(options, ("booking_code", "B7"))));
    }

    [Fact]
    public async Task Nobody_there_is_unreachable()
    {
        var options = Options();
        options.Url = "http://127.0.0.1:1/x";

        Assert.Equal(LookupFailure.Unreachable, FulfillmentScene.Failure(await FindAsync(options)));
    }

    [Fact]
    public async Task An_answer_cut_off_is_unreachable()
    {
        _api.Answer = async (context, _) =>
        {
            context.Response.ContentLength = 1000;
            await context.Response.WriteAsync("{");
            await context.Response.Body.FlushAsync();
            context.Abort();
        };

        Assert.Equal(LookupFailure.Unreachable, FulfillmentScene.Failure(await FindAsync(Options(), ("booking_code", "B7"))));
    }

    [Fact]
    public async Task A_read_that_failed_is_repeated_as_often_as_the_entry_says()
    {
        _api.Answer = (context, n) =>
        {
            context.Response.StatusCode = n < 3 ? 503 : 200;
            return context.Response.WriteAsync("""{"n":1}""");
        };
        var options = Options();
        options.Retries = 2;

        FulfillmentScene.Row(await FindAsync(options, ("booking_code", "B7")));
        Assert.Equal(3, _api.Requests.Count);
    }

    [Fact]
    public async Task While_the_other_side_is_down_it_is_left_alone()
    {
        _scene = new FulfillmentScene(_clock);
        _api.AnswersWith("", 500);
        var lookup = _scene.Lookup(Options());
        for (var i = 0; i < 8; i++)
        {
            Assert.Equal(LookupFailure.Unreachable, FulfillmentScene.Failure(await lookup.FindAsync(FulfillmentScene.Call(("booking_code", "B7")), CancellationToken.None)));
        }

        Assert.Equal(6, _api.Requests.Count);
        _api.AnswersWith("""{"n":1}""");
        _clock.Advance(TimeSpan.FromSeconds(11));
        FulfillmentScene.Row(await lookup.FindAsync(FulfillmentScene.Call(("booking_code", "B7")), CancellationToken.None));
    }

    [Fact]
    public async Task An_answer_is_kept_for_the_same_question_and_no_longer_than_said()
    {
        _scene = new FulfillmentScene(_clock);
        _api.Answer = (context, n) => context.Response.WriteAsync($$"""{"n":{{n}}}""");
        var options = Options();
        options.Cache = TimeSpan.FromMinutes(1);
        var lookup = _scene.Lookup(options);
        async Task<string> Find(string code) => FulfillmentScene.Row(await lookup.FindAsync(FulfillmentScene.Call(("booking_code", code)), CancellationToken.None)).ToJsonString();

        Assert.Equal("""{"n":1}""", await Find("A"));
        Assert.Equal("""{"n":1}""", await Find("A"));
        Assert.Equal("""{"n":2}""", await Find("B"));
        _clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal("""{"n":3}""", await Find("A"));
    }

    [Theory]
    [InlineData("B7", "/bookings/B7")]
    [InlineData("a/b", "/bookings/a%2Fb")]
    [InlineData("../admin", "/bookings/..%2Fadmin")]
    [InlineData("x?admin=true", "/bookings/x%3Fadmin%3Dtrue")]
    [InlineData("x#y", "/bookings/x%23y")]
    [InlineData("x\r\nHost: evil", "/bookings/x%0D%0AHost%3A%20evil")]
    [InlineData("@evil.example", "/bookings/%40evil.example")]
    [InlineData("a\\..\\b", "/bookings/a%5C..%5Cb")]
    [InlineData("{{ 7 | times: 6 }}", "/bookings/%7B%7B%207%20%7C%20times%3A%206%20%7D%7D")]
    [InlineData("%2e%2e", "/bookings/%252e%252e")]
    [InlineData("ä€😀", "/bookings/%C3%A4%E2%82%AC%F0%9F%98%80")]
    public async Task A_value_stays_one_segment_of_the_address(string value, string target)
    {
        await FindAsync(Options(), ("booking_code", value));

        Assert.Equal(target, Assert.Single(_api.Requests).Target);
    }

    [Theory]
    [InlineData("..")]
    [InlineData(".")]
    [InlineData("")]
    public async Task A_value_that_would_name_another_resource_is_not_sent(string value)
    {
        Assert.IsType<LookupOutcome.NotFound>(await FindAsync(Options(), ("booking_code", value)));
        Assert.IsType<LookupOutcome.NotFound>(await FindAsync(Options("/bookings/{{ missing }}")));
        Assert.IsType<LookupOutcome.NotFound>(await FindAsync(Options("/{{ booking_code }}{{ booking_code }}/x"), ("booking_code", value)));
        Assert.Empty(_api.Requests);
    }

    [Fact]
    public async Task A_value_stays_one_parameter_of_the_query()
    {
        await FindAsync(Options("/find?code={{ slots.booking_code }}&none={{ missing }}"), ("booking_code", "a&admin=1#x"));

        Assert.Equal("/find?code=a%26admin%3D1%23x&none=", Assert.Single(_api.Requests).Target);
    }

    [Fact]
    public async Task A_value_stays_inside_its_header()
    {
        var options = Options("/x");
        options.Headers = new() { ["X-Code"] = "code={{ booking_code }}", ["X-Fixed"] = "yes" };

        await FindAsync(options, ("booking_code", "a\r\nX-Admin: 1\nä\0"));

        var headers = Assert.Single(_api.Requests).Headers;
        Assert.Equal(("code=aX-Admin: 1%C3%A4", "yes"), (headers["X-Code"], headers["X-Fixed"]));
        Assert.DoesNotContain("X-Admin", headers.Keys);
    }

    [Fact]
    public async Task A_value_stays_one_string_of_the_json()
    {
        var options = Options("/search");
        options.Method = "post";
        options.Body = System.Text.Json.Nodes.JsonNode.Parse("""{"code":"{{ booking_code }}","guests":"{{ guests | number }}","flags":[true,"{{ booking_code | upcase }}"]}""");

        await FindAsync(options, ("booking_code", "a\",\"admin\":true,\"x\":\""), ("guests", "4"));

        var sent = System.Text.Json.Nodes.JsonNode.Parse(Assert.Single(_api.Requests).Body)!;
        Assert.Equal("a\",\"admin\":true,\"x\":\"", (string)sent["code"]!);
        Assert.Equal(4, (int)sent["guests"]!);
        Assert.Equal(["code", "guests", "flags"], sent.AsObject().Select(m => m.Key));
    }

    [Theory]
    [InlineData("{% if booking_code %}{{ booking_code | downcase }}{% endif %}", "b7")]
    [InlineData("{{ booking_code | append: '/x' }}", "B7%2Fx")]
    [InlineData("{{ \"}}\" | append: booking_code }}", "%7D%7DB7")]
    public async Task Filters_run_before_a_value_is_encoded(string template, string expected)
    {
        await FindAsync(Options("/" + template), ("booking_code", "B7"));

        Assert.Equal("/" + expected, Assert.Single(_api.Requests).Target);
    }

    [Theory]
    [InlineData("basic", "Authorization", "Basic bWU6cGFzcw==")]
    [InlineData("bearer", "Authorization", "Bearer token")]
    [InlineData("header", "X-Key", "token")]
    public async Task Credentials_are_added(string kind, string header, string value)
    {
        var options = Options();
        options.Auth = new AuthOptions { Kind = kind, User = "me", Password = "pass", Token = "token", Header = "X-Key" };

        await FindAsync(options, ("booking_code", "B7"));

        Assert.Equal(value, Assert.Single(_api.Requests).Headers[header]);
    }

    [Fact]
    public async Task A_client_credentials_token_is_fetched_once_kept_and_renewed()
    {
        _scene = new FulfillmentScene(_clock);
        var tokens = 0;
        _api.Answer = (context, _) => context.Request.Path == "/token"
            ? context.Response.WriteAsync($$"""{"access_token":"t{{++tokens}}","expires_in":60}""")
            : Answer(context, context.Request.Headers.Authorization == "Bearer t2" ? 401 : 200);
        var options = Options();
        options.Auth = new AuthOptions { Kind = "oauth2", TokenUrl = _api.Url + "/token", ClientId = "id", ClientSecret = "se cret", Scope = "read" };
        var lookup = _scene.Lookup(options);
        async Task<LookupOutcome> Find() => await lookup.FindAsync(FulfillmentScene.Call(("booking_code", "B7")), CancellationToken.None);

        await Find();
        await Find();
        var first = _api.Requests.First();
        Assert.Equal(("grant_type=client_credentials&scope=read", "Basic aWQ6c2UrY3JldA=="), (first.Body, first.Headers["Authorization"]));
        Assert.Equal(1, tokens);

        // Expired after a minute less the margin; the second is refused and a third fetched at once.
        _clock.Advance(TimeSpan.FromSeconds(31));
        FulfillmentScene.Row(await Find());
        Assert.Equal(3, tokens);

        static Task Answer(HttpContext context, int status)
        {
            context.Response.StatusCode = status;
            return context.Response.WriteAsync("""{"n":1}""");
        }
    }

    [Theory]
    [InlineData("http://127.0.0.1:1/x")]
    [InlineData("http://localhost:1/x")]
    [InlineData("http://[::1]:1/x")]
    [InlineData("http://[::ffff:10.0.0.1]:1/x")]
    [InlineData("http://169.254.169.254/latest/meta-data")]
    [InlineData("http://0x7f000001:1/x")]
    public async Task Private_addresses_are_refused_unless_allowed(string url)
    {
        var options = Options();
        options.Url = url;
        options.AllowPrivate = false;

        Assert.Equal(LookupFailure.Refused, FulfillmentScene.Failure(await FindAsync(options)));
    }

    [Theory]
    [InlineData("8.8.8.8", true)]
    [InlineData("2606:4700:4700::1111", true)]
    [InlineData("10.1.2.3", false)]
    [InlineData("172.31.0.1", false)]
    [InlineData("172.32.0.1", true)]
    [InlineData("100.64.0.1", false)]
    [InlineData("192.168.1.1", false)]
    [InlineData("169.254.169.254", false)]
    [InlineData("0.0.0.0", false)]
    [InlineData("224.0.0.1", false)]
    [InlineData("255.255.255.255", false)]
    [InlineData("::", false)]
    [InlineData("::1", false)]
    [InlineData("fe80::1", false)]
    [InlineData("fd00::1", false)]
    [InlineData("::ffff:192.168.0.1", false)]
    [InlineData("64:ff9b::7f00:1", false)]
    [InlineData("64:ff9b::808:808", true)]
    [InlineData("2002:a00:1::1", false)]
    [InlineData("::7f00:1", false)]
    [InlineData("64:ff9b:1::808:808", false)]
    public void Public_and_private_addresses_are_told_apart(string address, bool isPublic) =>
        Assert.Equal(isPublic, PublicAddress.Is(System.Net.IPAddress.Parse(address)));

    [Fact]
    public async Task No_value_is_logged_when_a_lookup_fails()
    {
        _api.AnswersWith("canary", 500);

        await FindAsync(Options(), ("booking_code", "canary"));

        Assert.NotEmpty(_scene.Logs.GetSnapshot());
        Assert.DoesNotContain(_scene.Logs.GetSnapshot(), l => l.ToString()!.Contains("canary", StringComparison.Ordinal));
    }
}
