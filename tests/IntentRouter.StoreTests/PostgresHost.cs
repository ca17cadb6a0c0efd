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
        var server = (await _container.Value).GetConnectionString();
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
    private readonly List<IEventStore> _open = [];
    private TimeSpan _ahead;

    public string Connection => connection;

    public bool Presence { get; set; } = true;

    public static async Task<PostgresHost> CreateAsync()
    {
        Skip.If(PostgresServer.Absent is not null, PostgresServer.Absent);
        return new PostgresHost(await PostgresServer.CreateDatabaseAsync());
    }

    internal override async Task<IEventStore> OpenAsync()
    {
        var store = Create();
        await store.StartAsync(CancellationToken.None);
        _open.Add(store);
        return store;
    }

    internal IEventStore Create() =>
        EventStoreFactory.Create(
            new StoreOptions { Provider = "postgres", Connection = connection, Presence = Presence }, Engine, "/", TimeProvider.System, NullLoggerFactory.Instance);

    internal override async Task KillAsync(IEventStore store)
    {
        _open.Remove(store);
        await store.DisposeAsync();
    }

    /// <summary>The store knows no other clock than this function of the database.</summary>
    public override async Task AdvanceAsync(TimeSpan time)
    {
        _ahead += time;
        await ExecuteAsync(
            string.Create(
                CultureInfo.InvariantCulture,
                $"create or replace function router_now() returns bigint language sql volatile parallel safe as 'select (extract(epoch from clock_timestamp()) * 1000)::bigint + {(long)_ahead.TotalMilliseconds}'"));
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
    }
}
