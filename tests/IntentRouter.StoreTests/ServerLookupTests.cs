using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using IntentRouter.Configuration;
using IntentRouter.Fulfillment;
using IntentRouter.Tests.Injection;
using Microsoft.Extensions.Logging.Abstractions;
using MySqlConnector;
using Npgsql;

namespace IntentRouter.StoreTests;

/// <summary>Lookups and actions against real servers: what SQLite alone cannot show.</summary>
public abstract class ServerLookupTests : IAsyncLifetime
{
    private const string Tables = """
        create table orders (number integer primary key, email varchar(200), status varchar(20), ordered_on date, total decimal(10,2), shipped boolean);
        insert into orders values (4711, 'ada@example.com', 'shipped', '2026-03-01', 12.50, true), (4712, 'bob@example.com', 'packed', null, 3, false);
        """;

    private string _connection = "";

    protected abstract string Provider { get; }

    /// <summary>A query that takes a minute.</summary>
    protected abstract string Slow { get; }

    /// <summary>SELECT statements that write behind a function, which only the engine can refuse.</summary>
    protected abstract string WriteBehindAFunction { get; }

    protected abstract string Functions { get; }

    /// <summary>What a text column needs to hold every sign, where it does not anyway.</summary>
    protected virtual string Unicode => "";

    protected abstract Task<string> CreateDatabaseAsync();

    protected abstract Task ExecuteAsync(string connection, string sql);

    protected abstract Task<object?> ScalarAsync(string connection, string sql);

    public async Task InitializeAsync()
    {
        try
        {
            _connection = await CreateDatabaseAsync();
        }
        catch (SkipException)
        {
            // Each test says so again: a skip counts only inside a test.
            return;
        }

        await ExecuteAsync(_connection, Tables);
        await ExecuteAsync(_connection, Functions);
    }

    public Task DisposeAsync() => Task.CompletedTask;

    private void NeedServer() => Skip.If(_connection.Length == 0, $"No {Provider} server here.");

    private Task<LookupOutcome> FindAsync(string query, TimeSpan? timeout = null, string? connection = null, params (string Slot, string Value)[] slots) =>
        new SqlLookup(
            "it", new LookupOptions { Kind = "sql", Provider = Provider, Connection = connection ?? _connection, Query = query, Timeout = timeout ?? TimeSpan.FromMinutes(2) }, TimeProvider.System, NullLogger.Instance)
            .FindAsync(new LookupCall(slots.ToDictionary(s => s.Slot, s => s.Value), "shop", 3, 17, "en"), CancellationToken.None);

    private Task<ActionOutcome> RunAsync(string statement, TimeSpan? timeout = null, params (string Slot, string Value)[] slots) =>
        new SqlAction(
            "it", new ActionOptions { Kind = "sql", Provider = Provider, Connection = _connection, Statement = statement, Timeout = timeout ?? TimeSpan.FromMinutes(2) }, TimeProvider.System, NullLogger.Instance)
            .RunAsync(new ActionCall(slots.ToDictionary(s => s.Slot, s => s.Value), "key-1", "shop", 3, 17), CancellationToken.None);

    private Task<object?> CountAsync() => ScalarAsync(_connection, "select count(*) from orders");

    [SkippableFact]
    public async Task A_row_is_found_by_text_values_whatever_the_columns_type()
    {
        NeedServer();
        var found = Assert.IsType<LookupOutcome.Found>(await FindAsync(
            "select number, status, ordered_on, total from orders where number = @order_number and lower(email) = @email and ordered_on >= @day",
            slots: [("order_number", "4711"), ("email", "ada@example.com"), ("day", "2026-01-01")]));

        Assert.Equal("""{"number":4711,"status":"shipped","ordered_on":"2026-03-01","total":12.50}""", Assert.Single(found.Rows).ToJsonString());
    }

    [SkippableTheory]
    [InlineData("4713")]
    [InlineData("4711' or '1'='1")]
    [InlineData("4711; drop table orders")]
    [InlineData("not a number")]
    [InlineData("99999999999999999999999")]
    public async Task What_is_no_number_of_an_order_is_not_found_and_harms_nothing(string number)
    {
        NeedServer();
        Assert.IsType<LookupOutcome.NotFound>(await FindAsync("select status from orders where number = @order_number and email = @email", slots: [("order_number", number), ("email", "bob@example.com")]));
        Assert.Equal(2L, await CountAsync());
    }

    [SkippableFact]
    public async Task Hostile_words_are_values_in_every_statement()
    {
        NeedServer();
        await ExecuteAsync(_connection, $"create table words (word text{Unicode})");
        foreach (var word in Hostile.Everything.Where(w => !w.Contains('\0', StringComparison.Ordinal)))
        {
            var nobodys = await FindAsync("select number from orders where email = @word or status = @word", slots: [("word", word)]);
            Assert.True(nobodys is LookupOutcome.NotFound, $"{word}: {nobodys}");
            Assert.IsType<ActionOutcome.Done>(await RunAsync("insert into words (word) values (@word)", slots: [("word", word)]));
            var found = Assert.IsType<LookupOutcome.Found>(await FindAsync("select word from words where word = @word", slots: [("word", word)]));
            Assert.Equal(word, found.Rows[0]["word"]!.GetValue<string>());
            Assert.IsType<ActionOutcome.Failed>(await RunAsync("delete from orders where email = @word", slots: [("word", word)]));
            Assert.IsType<ActionOutcome.Done>(await RunAsync("delete from words where word = @word", slots: [("word", word)]));
        }

        // What a text of the server cannot hold is no text of a customer's order either.
        Assert.IsNotType<LookupOutcome.Found>(await FindAsync("select number from orders where email = @word", slots: [("word", "\0")]));
        Assert.Equal(2L, await CountAsync());
    }

    [SkippableFact]
    public async Task The_engine_refuses_to_write_even_behind_a_function()
    {
        NeedServer();
        var failed = Assert.IsType<LookupOutcome.Failed>(await FindAsync(WriteBehindAFunction));

        Assert.Equal(LookupFailure.Refused, failed.Reason);
        Assert.Equal(2L, await CountAsync());
    }

    [SkippableFact]
    public async Task A_slow_query_is_given_up_in_time_and_the_pool_stays_usable()
    {
        NeedServer();
        var started = Stopwatch.StartNew();

        Assert.Equal(LookupFailure.TimedOut, Assert.IsType<LookupOutcome.Failed>(await FindAsync(Slow, TimeSpan.FromMilliseconds(300))).Reason);

        Assert.InRange(started.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(50));
        Assert.IsType<LookupOutcome.Found>(await FindAsync("select status from orders where number = 4711"));
    }

    [SkippableFact]
    public async Task A_server_that_is_not_there_is_unreachable()
    {
        NeedServer();
        Assert.Equal(LookupFailure.Unreachable, Assert.IsType<LookupOutcome.Failed>(await FindAsync("select 1", connection: WithPort(_connection, 1))).Reason);
    }

    [SkippableFact]
    public async Task An_action_is_committed_once_and_taken_back_when_it_fails()
    {
        NeedServer();
        var done = Assert.IsType<ActionOutcome.Done>(await RunAsync("update orders set status = @status where number = @order_number", slots: [("status", "cancelled"), ("order_number", "4711")]));
        Assert.Equal(1L, (long)done.Result["affected"]!.GetValue<int>());
        Assert.Equal("cancelled", await ScalarAsync(_connection, "select status from orders where number = 4711"));

        Assert.IsType<ActionOutcome.Failed>(await RunAsync("update orders set status = 'x' where number = @order_number", slots: [("order_number", "1")]));
        Assert.IsType<ActionOutcome.Failed>(await RunAsync("insert into orders (number) values (4711)"));
        Assert.IsType<ActionOutcome.Failed>(await RunAsync("update gone set x = 1"));
        Assert.Equal(2L, await CountAsync());
    }

    protected abstract string WithPort(string connection, int port);
}

public sealed class PostgresLookupTests : ServerLookupTests
{
    protected override string Provider => "postgres";

    protected override string Slow => "select pg_sleep(60)";

    protected override string Functions => "create function cancel_all() returns int language sql as 'delete from orders returning 1'";

    protected override string WriteBehindAFunction => "select cancel_all()";

    protected override Task<string> CreateDatabaseAsync()
    {
        Skip.If(PostgresServer.Absent is not null, PostgresServer.Absent);
        return PostgresServer.CreateDatabaseAsync();
    }

    protected override async Task ExecuteAsync(string connection, string sql)
    {
        await using var source = NpgsqlDataSource.Create(connection);
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    protected override async Task<object?> ScalarAsync(string connection, string sql)
    {
        await using var source = NpgsqlDataSource.Create(connection);
        await using var command = source.CreateCommand(sql);
        return await command.ExecuteScalarAsync();
    }

    protected override string WithPort(string connection, int port) => new NpgsqlConnectionStringBuilder(connection) { Host = "127.0.0.1", Port = port }.ToString();
}

public sealed class MariaDbLookupTests : ServerLookupTests
{
    protected override string Provider => "mysql";

    protected override string Unicode => " character set utf8mb4";

    protected override string Slow => "select sleep(60)";

    protected override string Functions => "create function cancel_all() returns int modifies sql data begin delete from orders; return 1; end";

    protected override string WriteBehindAFunction => "select cancel_all()";

    protected override Task<string> CreateDatabaseAsync()
    {
        Skip.If(MariaDbServer.Absent is not null, MariaDbServer.Absent);
        return MariaDbServer.CreateDatabaseAsync();
    }

    protected override async Task ExecuteAsync(string connection, string sql)
    {
        await using var source = new MySqlDataSource(connection);
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    protected override async Task<object?> ScalarAsync(string connection, string sql)
    {
        await using var source = new MySqlDataSource(connection);
        await using var command = source.CreateCommand(sql);
        return await command.ExecuteScalarAsync();
    }

    protected override string WithPort(string connection, int port) => new MySqlConnectionStringBuilder(connection) { Port = (uint)port }.ToString();
}

/// <summary>One MariaDB of the machine's own binaries, in a folder and on a port of its own, for all tests; ended with the process.</summary>
internal static class MariaDbServer
{
    private static readonly Lazy<Task<string>> _connection = new(StartAsync);
    private static int _databases;

    public static string? Absent => File.Exists("/usr/sbin/mariadbd") ? null : "No MariaDB: install mariadb-server to run these tests.";

    public static async Task<string> CreateDatabaseAsync()
    {
        var server = await _connection.Value;
        var name = $"test_{Interlocked.Increment(ref _databases)}";
        await using var source = new MySqlDataSource(server);
        await using var command = source.CreateCommand($"create database {name}");
        await command.ExecuteNonQueryAsync();
        return new MySqlConnectionStringBuilder(server) { Database = name }.ToString();
    }

    private static async Task<string> StartAsync()
    {
        var folder = Directory.CreateTempSubdirectory("mariadb-").FullName;
        using (var install = Process.Start(new ProcessStartInfo("mariadb-install-db", ["--no-defaults", $"--datadir={folder}/data", "--skip-test-db", $"--user={Environment.UserName}"]) { RedirectStandardOutput = true })!)
        {
            await install.StandardOutput.ReadToEndAsync();
            await install.WaitForExitAsync();
        }

        // Another may take the port before the server does.
        for (var attempt = 1; ; attempt++)
        {
            if (await ListenAsync(folder) is { } connection)
            {
                return connection;
            }

            Assert.True(attempt < 5, "MariaDB did not start.");
        }
    }

    /// <returns>Null when the server ended or did not answer.</returns>
    private static async Task<string?> ListenAsync(string folder)
    {
        using var free = new TcpListener(IPAddress.Loopback, 0);
        free.Start();
        var port = ((IPEndPoint)free.LocalEndpoint).Port;
        free.Stop();
        var server = Process.Start(new ProcessStartInfo(
            "/usr/sbin/mariadbd",
            ["--no-defaults", $"--datadir={folder}/data", $"--port={port}", "--bind-address=127.0.0.1", $"--socket={folder}/s", $"--pid-file={folder}/pid", "--skip-grant-tables", "--skip-networking=0", $"--user={Environment.UserName}", "--innodb-buffer-pool-size=16M", "--innodb-fast-shutdown=3"])
        { RedirectStandardError = true })!;
        _ = server.StandardError.ReadToEndAsync();
        var connection = $"Server=127.0.0.1;Port={port};User ID=root;Connection Timeout=120";
        for (var attempt = 0; attempt < 600 && !server.HasExited; attempt++)
        {
            try
            {
                await using var source = new MySqlDataSource(connection);
                await using var opened = await source.OpenConnectionAsync();
                AppDomain.CurrentDomain.ProcessExit += (_, _) =>
                {
                    server.Kill();
                    server.WaitForExit(5_000);
                    Directory.Delete(folder, recursive: true);
                };
                return connection;
            }
            catch (MySqlException)
            {
                await Task.Delay(200);
            }
        }

        server.Kill();
        await server.WaitForExitAsync();
        return null;
    }
}
