using System.Text.Json.Nodes;
using IntentRouter.Configuration;
using IntentRouter.Fulfillment;
using Microsoft.AspNetCore.Http;
using Microsoft.Data.Sqlite;

namespace IntentRouter.Tests.Fulfillment;

public sealed class ActionTests : IAsyncLifetime
{
    private readonly FulfillmentScene _scene = new();
    private readonly string _file = Path.Combine(Path.GetTempPath(), $"intent-router-{Guid.NewGuid():n}.db");
    private BackingApi _api = null!;

    public async Task InitializeAsync()
    {
        _api = await BackingApi.StartAsync();
        Execute("create table bookings (id text primary key, day text, guests integer check (guests <= 12))");
    }

    public async Task DisposeAsync()
    {
        _scene.Dispose();
        await _api.DisposeAsync();
        SqliteConnection.ClearAllPools();
        File.Delete(_file);
    }

    private ActionOptions Http(string? place = "header") => new()
    {
        Kind = "http",
        Url = _api.Url + "/bookings",
        Body = JsonNode.Parse("""{"day":"{{ day }}"}"""),
        AllowPrivate = true,
        IdempotencyKey = place,
        Result = "$.booking",
        Timeout = TimeSpan.FromMinutes(2),
    };

    private ActionOptions Sql(string statement) => new() { Kind = "sql", Provider = "sqlite", Connection = $"Data Source={_file}", Statement = statement, Timeout = TimeSpan.FromMinutes(2) };

    private Task<ActionOutcome> RunAsync(ActionOptions options, params (string Slot, string Value)[] arguments)
    {
        _scene.Options.Actions["it"] = options;
        return _scene.Get<IActionCatalog>().Find(_scene.Configuration, "it").RunAsync(
            new ActionCall(arguments.ToDictionary(a => a.Slot, a => a.Value), "key-1", "shop", 3, 17), CancellationToken.None);
    }

    private object? Execute(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={_file};Pooling=false");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar();
    }

    [Fact]
    public async Task A_call_that_succeeds_is_done_with_its_result()
    {
        _api.AnswersWith("""{"booking":{"code":"B7"}}""", 201);

        var done = Assert.IsType<ActionOutcome.Done>(await RunAsync(Http(), ("day", "2026-03-01")));

        Assert.Equal("B7", (string)done.Result["code"]!);
        var request = Assert.Single(_api.Requests);
        Assert.Equal(("POST", """{"day":"2026-03-01"}""", "key-1"), (request.Method, request.Body, request.Headers["Idempotency-Key"]));
    }

    [Theory]
    [InlineData("header:X-Request-Id", "X-Request-Id", """{"day":"x"}""")]
    [InlineData("body:meta.key", null, """{"day":"x","meta":{"key":"key-1"}}""")]
    [InlineData(null, null, """{"day":"x"}""")]
    public async Task The_idempotency_key_goes_where_the_entry_says(string? place, string? header, string body)
    {
        await RunAsync(Http(place), ("day", "x"));

        var request = Assert.Single(_api.Requests);
        Assert.Equal(body, request.Body);
        Assert.True(header is null || request.Headers[header] == "key-1");
    }

    [Theory]
    [InlineData(200, "<html>", "Done")]
    [InlineData(204, "", "Done")]
    [InlineData(400, "", "Failed")]
    [InlineData(401, "", "Failed")]
    [InlineData(404, "", "Failed")]
    [InlineData(409, "", "Failed")]
    [InlineData(422, "", "Failed")]
    [InlineData(429, "", "Failed")]
    [InlineData(307, "", "Failed")]
    [InlineData(302, "", "InDoubt")]
    [InlineData(408, "", "InDoubt")]
    [InlineData(500, "", "InDoubt")]
    [InlineData(503, "", "InDoubt")]
    public async Task What_is_certain_about_an_answer_is_told_apart_and_nothing_is_repeated(int status, string answer, string outcome)
    {
        _api.Answer = (context, _) =>
        {
            context.Response.StatusCode = status;
            return status == 204 ? Task.CompletedTask : context.Response.WriteAsync(answer);
        };

        Assert.Equal(outcome, (await RunAsync(Http(), ("day", "x"))).GetType().Name);
        Assert.Single(_api.Requests);
    }

    [Fact]
    public async Task A_connection_that_breaks_after_the_request_leaves_it_in_doubt()
    {
        _api.Answer = (context, _) =>
        {
            context.Abort();
            return Task.CompletedTask;
        };

        Assert.IsType<ActionOutcome.InDoubt>(await RunAsync(Http(), ("day", "x")));
        Assert.Single(_api.Requests);
    }

    [Fact]
    public async Task A_time_out_leaves_it_in_doubt()
    {
        _api.Answer = (context, _) => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted);
        var options = Http();
        options.Timeout = TimeSpan.FromMilliseconds(50);

        Assert.Equal(LookupFailure.TimedOut, Assert.IsType<ActionOutcome.InDoubt>(await RunAsync(options, ("day", "x"))).Reason);
    }

    [Theory]
    [InlineData("http://127.0.0.1:1/x", true, LookupFailureName.Unreachable)]
    [InlineData("http://no-such-host.invalid/x", true, LookupFailureName.Unreachable)]
    [InlineData("http://127.0.0.1:1/x", false, LookupFailureName.Refused)]
    public async Task What_never_left_has_certainly_failed(string url, bool allowPrivate, string reason)
    {
        var options = Http();
        (options.Url, options.AllowPrivate) = (url, allowPrivate);

        Assert.Equal(Enum.Parse<LookupFailure>(reason), Assert.IsType<ActionOutcome.Failed>(await RunAsync(options, ("day", "x"))).Reason);
    }

    [Fact]
    public async Task A_statement_is_done_with_the_row_it_returns()
    {
        var done = Assert.IsType<ActionOutcome.Done>(await RunAsync(
            Sql("insert into bookings values (@idempotency_key, @day, @guests) returning id, day"), ("day", "2026-03-01'); drop table bookings; --"), ("guests", "4")));

        Assert.Equal("key-1", (string)done.Result["id"]!);
        Assert.Equal("2026-03-01'); drop table bookings; --", Execute("select day from bookings"));
    }

    [Theory]
    [InlineData("insert into bookings values (@idempotency_key, @day, 99)")]
    [InlineData("update bookings set day = @day where id = 'nobody'")]
    [InlineData("insert into gone values (1)")]
    [InlineData("insert into bookings values ('x', 'y', 1); delete from bookings")]
    public async Task A_statement_that_changed_nothing_has_certainly_failed(string statement)
    {
        Assert.IsType<ActionOutcome.Failed>(await RunAsync(Sql(statement), ("day", "x")));
        Assert.Equal(0L, Execute("select count(*) from bookings"));
    }

    [Fact]
    public async Task The_same_key_twice_is_refused_by_the_database_and_changes_nothing()
    {
        Assert.IsType<ActionOutcome.Done>(await RunAsync(Sql("insert into bookings values (@idempotency_key, @day, 1)"), ("day", "x")));
        Assert.IsType<ActionOutcome.Failed>(await RunAsync(Sql("insert into bookings values (@idempotency_key, @day, 1)"), ("day", "y")));

        Assert.Equal("x", Execute("select day from bookings"));
    }

    [Fact]
    public async Task A_statement_that_takes_too_long_is_taken_back()
    {
        var options = Sql("insert into bookings with recursive n(i) as (select 1 union all select i + 1 from n) select 'a', i, 1 from n where i < 0");
        options.Timeout = TimeSpan.FromMilliseconds(50);

        Assert.Equal(LookupFailure.TimedOut, Assert.IsType<ActionOutcome.Failed>(await RunAsync(options)).Reason);
        Assert.Equal(0L, Execute("select count(*) from bookings"));
    }

    [Fact]
    public async Task An_action_that_is_not_configured_says_so() =>
        Assert.Equal(
            new ActionOutcome.Failed(LookupFailure.NotConfigured),
            await _scene.Get<IActionCatalog>().Find(_scene.Configuration, "nothing").RunAsync(new ActionCall(new Dictionary<string, string>(), "k", "shop", 3, 17), CancellationToken.None));

    private static class LookupFailureName
    {
        public const string Unreachable = nameof(LookupFailure.Unreachable);
        public const string Refused = nameof(LookupFailure.Refused);
    }
}
