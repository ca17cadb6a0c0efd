using IntentRouter.Configuration;
using IntentRouter.Fulfillment;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;

namespace IntentRouter.Tests.Fulfillment;

public sealed class SqliteLookupTests : IDisposable
{
    private readonly FulfillmentScene _scene = new();
    private readonly string _file = Path.Combine(Path.GetTempPath(), $"intent-router-{Guid.NewGuid():n}.db");

    public SqliteLookupTests() => Execute("""
        create table orders (number integer primary key, email text, status text, eta text, weight real, note text);
        insert into orders values (4711, 'ada@example.com', 'shipped', '2026-03-01', 1.5, null), (4712, 'bob@example.com', 'packed', null, 2, 'x');
        """);

    private LookupOptions Options(string query) => new() { Kind = "sql", Provider = "sqlite", Connection = $"Data Source={_file}", Query = query, Timeout = TimeSpan.FromMinutes(2) };

    private LookupOptions ByNumberAndEmail => Options("select number, status, eta, weight, note from orders where number = @order_number and lower(email) = @email");

    private Task<LookupOutcome> FindAsync(LookupOptions options, params (string Slot, string Value)[] slots) =>
        _scene.Lookup(options).FindAsync(FulfillmentScene.Call(slots), CancellationToken.None);

    private void Execute(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={_file};Pooling=false");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private long Count()
    {
        using var connection = new SqliteConnection($"Data Source={_file};Pooling=false");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "select count(*) from orders";
        return (long)command.ExecuteScalar()!;
    }

    [Fact]
    public async Task A_row_that_matches_is_found_with_its_values()
    {
        var row = FulfillmentScene.Row(await FindAsync(ByNumberAndEmail, ("order_number", "4711"), ("email", "ada@example.com")));

        Assert.Equal("""{"number":4711,"status":"shipped","eta":"2026-03-01","weight":1.5,"note":null}""", row.ToJsonString());
    }

    [Theory]
    [InlineData("""{"a":1,"b":[2]}""", """{"info":{"a":1,"b":[2]}}""")]
    [InlineData("""{"a":1,"a":2}""", """{"info":"{\u0022a\u0022:1,\u0022a\u0022:2}"}""")]
    [InlineData("""{"a":""", """{"info":"{\u0022a\u0022:"}""")]
    public async Task A_column_of_json_is_opened_where_all_would_read_it_alike(string stored, string expected)
    {
        Execute($"create table facts (info json); insert into facts values ('{stored}')");

        var row = FulfillmentScene.Row(await FindAsync(Options("select info from facts")));

        Assert.Equal(expected, row.DeepClone().ToJsonString());
    }

    [Fact]
    public async Task Another_persons_order_is_not_found() =>
        Assert.IsType<LookupOutcome.NotFound>(await FindAsync(ByNumberAndEmail, ("order_number", "4712"), ("email", "ada@example.com")));

    [Fact]
    public async Task A_slot_that_was_not_given_matches_nothing() =>
        Assert.IsType<LookupOutcome.NotFound>(await FindAsync(ByNumberAndEmail, ("order_number", "4711")));

    [Fact]
    public async Task A_hyphen_in_a_slots_name_is_an_underscore_in_the_query() =>
        FulfillmentScene.Row(await FindAsync(ByNumberAndEmail, ("order-number", "4711"), ("email", "ada@example.com")));

    [Fact]
    public async Task The_contact_is_a_parameter_too() =>
        Assert.Equal(17L, (long)FulfillmentScene.Row(await FindAsync(Options("select @contact_id + 0 as id")))["id"]!);

    [Theory]
    [InlineData("4711' or '1'='1")]
    [InlineData("4711; drop table orders; --")]
    [InlineData("4711) union select 1,2,3,4,5 --")]
    [InlineData("@email")]
    [InlineData("\0")]
    [InlineData("%")]
    public async Task A_value_is_never_read_as_sql(string value)
    {
        Assert.IsType<LookupOutcome.NotFound>(await FindAsync(ByNumberAndEmail, ("order_number", value), ("email", "ada@example.com")));
        Assert.IsType<LookupOutcome.NotFound>(await FindAsync(ByNumberAndEmail, ("order_number", "4711"), ("email", value)));
        Assert.Equal(2, Count());
    }

    [Theory]
    [InlineData("delete from orders")]
    [InlineData("select 1; delete from orders")]
    [InlineData("with x as (select 1) delete from orders")]
    public async Task A_query_that_is_not_one_select_never_runs(string query)
    {
        Assert.Equal(LookupFailure.NotConfigured, FulfillmentScene.Failure(await FindAsync(Options(query))));
        Assert.Equal(2, Count());
    }

    [Fact]
    public async Task A_query_that_computes_for_ever_is_stopped()
    {
        var endless = Options("with recursive n(i) as (select 1 union all select i + 1 from n) select max(i) from n");
        endless.Timeout = TimeSpan.FromMilliseconds(50);

        Assert.Equal(LookupFailure.TimedOut, FulfillmentScene.Failure(await FindAsync(endless)));
        FulfillmentScene.Row(await FindAsync(ByNumberAndEmail, ("order_number", "4711"), ("email", "ada@example.com")));
    }

    [Fact]
    public async Task Cancelling_the_turn_cancels_the_lookup()
    {
        using var turn = new CancellationTokenSource(TimeSpan.FromMilliseconds(50));
        var endless = _scene.Lookup(Options("with recursive n(i) as (select 1 union all select i + 1 from n) select max(i) from n"));

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => endless.FindAsync(FulfillmentScene.Call(), turn.Token));
    }

    [Fact]
    public async Task No_more_rows_come_than_asked_for()
    {
        var many = Options("with recursive n(i) as (select 1 union all select i + 1 from n where i < 1000) select i from n");
        many.MaxRows = 3;

        Assert.Equal(3, Assert.IsType<LookupOutcome.Found>(await FindAsync(many)).Rows.Count);
    }

    [Fact]
    public async Task A_row_that_is_too_large_is_a_reason()
    {
        var large = Options("select hex(zeroblob(5000)) as big");
        large.MaxSize = 4096;

        Assert.Equal(LookupFailure.TooLarge, FulfillmentScene.Failure(await FindAsync(large)));
    }

    [Fact]
    public async Task A_missing_file_is_unreachable_and_not_created()
    {
        var missing = ByNumberAndEmail;
        missing.Connection = $"Data Source={_file}.missing";

        Assert.Equal(LookupFailure.Unreachable, FulfillmentScene.Failure(await FindAsync(missing)));
        Assert.False(File.Exists(_file + ".missing"));
    }

    [Fact]
    public async Task A_file_that_is_no_database_is_unreadable()
    {
        await File.WriteAllTextAsync(_file + ".txt", new string('x', 4096));
        var garbage = ByNumberAndEmail;
        garbage.Connection = $"Data Source={_file}.txt";

        Assert.Equal(LookupFailure.Unreadable, FulfillmentScene.Failure(await FindAsync(garbage)));
        File.Delete(_file + ".txt");
    }

    [Fact]
    public async Task A_query_about_a_table_that_is_gone_is_refused_and_logged_without_values()
    {
        Assert.Equal(LookupFailure.Refused, FulfillmentScene.Failure(await FindAsync(Options("select @email from gone"), ("email", "canary@example.com"))));

        Assert.Contains("code 1", Assert.Single(_scene.Logs.GetSnapshot()).Message, StringComparison.Ordinal);
        Assert.DoesNotContain(_scene.Logs.GetSnapshot(), l => l.ToString()!.Contains("canary", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_lookup_that_is_not_configured_says_so()
    {
        var outcome = await _scene.Get<ILookupCatalog>().Find(_scene.Configuration, "nothing").FindAsync(FulfillmentScene.Call(), CancellationToken.None);

        Assert.Equal(LookupFailure.NotConfigured, FulfillmentScene.Failure(outcome));
    }

    [Fact]
    public async Task Each_lookup_is_measured_with_its_outcome_and_no_value()
    {
        using var durations = new MetricCollector<double>(_scene.Meters, "IntentRouter", "intentrouter.lookup.duration");

        await FindAsync(ByNumberAndEmail, ("order_number", "4711"), ("email", "ada@example.com"));
        await FindAsync(Options("select 1 from gone"));

        Assert.Equal(["it found", "it refused"], durations.GetMeasurementSnapshot().Select(m => $"{m.Tags["intentrouter.lookup"]} {m.Tags["intentrouter.outcome"]}"));
        Assert.All(durations.GetMeasurementSnapshot(), m => Assert.Equal(2, m.Tags.Count));
    }

    public void Dispose()
    {
        _scene.Dispose();
        SqliteConnection.ClearAllPools();
        File.Delete(_file);
    }
}
