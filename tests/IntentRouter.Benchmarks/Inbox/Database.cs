using System.Globalization;
using IntentRouter.CrashTests;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace IntentRouter.Benchmarks.Inbox;

/// <summary>A fresh store for each measurement, SQLite or PostgreSQL.</summary>
internal sealed class Database : IAsyncDisposable
{
    private static int _number;

    private readonly string? _postgres;

    private Database(string directory, string? postgres)
    {
        Directory = directory;
        _postgres = postgres;
    }

    public string Directory { get; }

    public string Store => _postgres is null
        ? "{ provider: sqlite, connection: \"Data Source=bench.db\" }"
        : $"{{ provider: postgres, connection: \"{_postgres}\" }}";

    public static Database Sqlite() => new(NewDirectory(), null);

    public static async Task<Database> PostgresAsync(string server)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"bench_{Environment.ProcessId}_{Interlocked.Increment(ref _number)}");
        await ExecuteAsync(server, $"create database {name}");
        return new Database(NewDirectory(), new NpgsqlConnectionStringBuilder(server) { Database = name }.ToString());
    }

    /// <summary>A second directory for a second replica on the same database.</summary>
    public static string NewDirectory() => System.IO.Directory.CreateTempSubdirectory("inbox-bench-").FullName;

    /// <summary>Repeats what the service itself left behind under new keys, until the store remembers so many times as much.</summary>
    public async Task MultiplyHistoryAsync(int times)
    {
        // The one place outside Storage that knows the tables: a million real turns would take an hour.
        string Copies(string series, string forced, string ignore) =>
            $"""
            insert into inbox (seq, key, conversation, kind, signal, state_at, received_at) {forced}
              select seq + k * (select max(seq) from inbox), key || ':' || k, conversation || (k % 100), kind, signal, state_at, received_at from inbox, {series} where k > 0;
            insert into turn (conversation, bot, event_seq, decided_at, explanation)
              select conversation || (k % 100), bot, event_seq + k * (select max(event_seq) from turn), decided_at, explanation from turn, {series} where k > 0;
            insert into finished_effect (event_seq, ordinal, kind, state, attempts, remote_id, error, finished_at)
              select event_seq + k * (select max(event_seq) from finished_effect), ordinal, kind, state, attempts, remote_id, error, finished_at from finished_effect, {series} where k > 0;
            insert into conversation (conversation, bot, account, contact_id, state, status, last_decision, last_intent, updated_at)
              select conversation || (k % 100), bot, account, contact_id, state, status, last_decision, last_intent, updated_at from conversation, {series}
              where k > 0 and k <= 100 {ignore};
            """;

        if (_postgres is { } connection)
        {
            await ExecuteAsync(connection, Copies($"generate_series(1, {times - 1}) k", "overriding system value", "on conflict do nothing"));
            await ExecuteAsync(connection, "select setval(pg_get_serial_sequence('inbox', 'seq'), (select max(seq) from inbox))");
            // Not in parallel: a container has 64 MB of shared memory.
            await ExecuteAsync(connection, "vacuum (analyze, parallel 0)");

            // What was written here goes to the disk here, and not beside what is measured.
            await ExecuteAsync(connection, "checkpoint");
            return;
        }

        await using var file = new SqliteConnection($"Data Source={Path.Combine(Directory, "bench.db")};Pooling=False");
        file.Open();
        await using var command = file.CreateCommand();
#pragma warning disable CA2100 // Written above.
        command.CommandText = $"""
            pragma synchronous = off;
            create temp table series as with recursive s(k) as (select 1 union all select k + 1 from s where k < {times - 1}) select k from s;
            begin;
            {Copies("series", "", "on conflict do nothing")}
            commit;
            analyze;
            pragma wal_checkpoint(truncate);
            """;
#pragma warning restore CA2100
        command.ExecuteNonQuery();
    }

    public async ValueTask DisposeAsync()
    {
        if (_postgres is { } connection)
        {
            var name = new NpgsqlConnectionStringBuilder(connection).Database;
            await ExecuteAsync(new NpgsqlConnectionStringBuilder(connection) { Database = "postgres" }.ToString(), $"drop database {name} with (force)");
        }

        System.IO.Directory.Delete(Directory, recursive: true);
    }

    private static async Task ExecuteAsync(string connection, string sql)
    {
        await using var database = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(connection) { Pooling = false }.ToString());
        await database.OpenAsync();
#pragma warning disable CA2100 // Written above.
        await using var command = new NpgsqlCommand(sql, database) { CommandTimeout = 900 };
#pragma warning restore CA2100
        await command.ExecuteNonQueryAsync();
    }
}

/// <summary>The PostgreSQL that is measured: the one that was named, else a container.</summary>
internal sealed class Server : IAsyncDisposable
{
    private PostgresServer? _container;

    public string Connection { get; private set; } = "";

    /// <summary>Null when there is neither.</summary>
    public static async Task<Server?> StartAsync(Arguments arguments)
    {
        if (arguments.Value("--postgres") is { } named)
        {
            return new Server { Connection = named };
        }

        if (PostgresServer.Absent is { } why)
        {
            System.Console.WriteLine($"PostgreSQL left out: {why} Name a server with --postgres CONNECTION.");
            return null;
        }

        var container = await PostgresServer.StartAsync(flushes: true);
        return new Server { _container = container, Connection = await container.CreateDatabaseAsync() };
    }

    public async ValueTask DisposeAsync()
    {
        if (_container is { } container)
        {
            await container.DisposeAsync();
        }
    }
}
