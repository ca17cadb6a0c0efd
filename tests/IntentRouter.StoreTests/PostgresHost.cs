using System.Globalization;
using IntentRouter.Configuration;
using IntentRouter.Storage;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Testcontainers.PostgreSql;

namespace IntentRouter.StoreTests;

/// <summary>One PostgreSQL in a container for all tests, a database for each.</summary>
internal static class PostgresServer
{
    private static readonly Lazy<Task<PostgreSqlContainer>> _container = new(StartAsync);

    private static int _databases;

    /// <summary>Why tests against PostgreSQL cannot run here, or null.</summary>
    public static string? Absent =>
        string.IsNullOrEmpty(Environment.GetEnvironmentVariable("DOCKER_HOST")) ? "No container engine: DOCKER_HOST is not set." : null;

    public static async Task<string> CreateDatabaseAsync()
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"test_{Interlocked.Increment(ref _databases)}");
        var server = new NpgsqlConnectionStringBuilder((await _container.Value).GetConnectionString()) { Timeout = 120, CommandTimeout = 300 }.ToString();
        await using var connection = new NpgsqlConnection(server);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand($"create database {name}", connection);
        await command.ExecuteNonQueryAsync();
        return new NpgsqlConnectionStringBuilder(server) { Database = name }.ToString();
    }

    public static async Task StopAsync()
    {
        if (_container.IsValueCreated)
        {
            NpgsqlConnection.ClearAllPools();
            await (await _container.Value).DisposeAsync();
        }
    }

    private static async Task<PostgreSqlContainer> StartAsync()
    {
        var image = Environment.GetEnvironmentVariable("INTENTROUTER_TEST_POSTGRES_IMAGE") ?? "postgres:15";
        var container = new PostgreSqlBuilder(image).WithCommand("-c", "max_connections=300").Build();
        await container.StartAsync();
        return container;
    }
}

public sealed class PostgresHost(string connection) : StoreHost
{
    private readonly SemaphoreSlim _opening = new(1);
    private readonly List<IEventStore> _open = [];
    private long? _stoodAt;
    private TimeSpan _ahead;

    public string Connection => connection;

    public bool Presence { get; set; } = true;

    /// <summary>What the store measures its patience with the database by.</summary>
    public TimeProvider Clock { get; set; } = new PatientTime();

    /// <summary>Whether the store's clock stands still between two <see cref="AdvanceAsync"/>: a slow machine then lets no lease run out.</summary>
    public bool StopsTheClock { get; init; } = true;

    public static async Task<PostgresHost> CreateAsync(bool stopsTheClock = true)
    {
        Skip.If(PostgresServer.Absent is not null, PostgresServer.Absent);
        return new PostgresHost(await PostgresServer.CreateDatabaseAsync()) { StopsTheClock = stopsTheClock };
    }

    internal override async Task<IEventStore> OpenAsync()
    {
        var store = await StartedAsync();
        await _opening.WaitAsync();
        try
        {
            _open.Add(store);
            if (StopsTheClock && _stoodAt is null)
            {
                _stoodAt = (long)(await ExecuteAsync("select router_now()"))!;
                await AdvanceAsync(TimeSpan.Zero);
            }
        }
        finally
        {
            _opening.Release();
        }

        return store;
    }

    internal IEventStore Create() =>
        EventStoreFactory.Create(
            new StoreOptions { Provider = "postgres", Connection = connection, Presence = Presence }, Engine, "/", Clock, NullLoggerFactory.Instance);

    internal override async Task KillAsync(IEventStore store)
    {
        _open.Remove(store);
        await store.DisposeAsync();
    }

    /// <summary>The store knows no other clock than this function of the database.</summary>
    public override async Task AdvanceAsync(TimeSpan time)
    {
        _ahead += time;
        var now = _stoodAt?.ToString(CultureInfo.InvariantCulture) ?? "(extract(epoch from clock_timestamp()) * 1000)::bigint";
        await ExecuteAsync(
            string.Create(
                CultureInfo.InvariantCulture,
                $"create or replace function router_now() returns bigint language sql volatile parallel safe as 'select {now} + {(long)_ahead.TotalMilliseconds}'"));
    }

    public async Task<object?> ExecuteAsync(string sql)
    {
        await using var database = new NpgsqlConnection(connection);
        await database.OpenAsync();
        await using var command = new NpgsqlCommand(sql, database);
        return await command.ExecuteScalarAsync();
    }

    public override async ValueTask DisposeAsync()
    {
        foreach (var store in _open)
        {
            await store.DisposeAsync();
        }

        await using var pooled = new NpgsqlConnection(connection);
        NpgsqlConnection.ClearPool(pooled);
        _opening.Dispose();
    }

    // A connection gets two seconds, whatever a slow machine needs for it.
    private async Task<IEventStore> StartedAsync()
    {
        for (var attempt = 1; ; attempt++)
        {
            var store = Create();
            try
            {
                await store.StartAsync(CancellationToken.None);
                return store;
            }
            catch (StoreUnavailableException) when (attempt < 5)
            {
                await store.DisposeAsync();
            }
        }
    }

    /// <summary>Passes at a thirtieth: what the store gives up after two seconds it gives up after a minute, and its short pauses stay short.</summary>
    private sealed class PatientTime : TimeProvider
    {
        private const int Times = 30;
        private static readonly TimeSpan _short = TimeSpan.FromSeconds(1);

        public override long GetTimestamp() => System.GetTimestamp() / Times;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            System.CreateTimer(callback, state, dueTime < _short ? dueTime : dueTime * Times, period);
    }
}
