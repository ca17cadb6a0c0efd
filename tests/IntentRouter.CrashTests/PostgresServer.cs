using System.Globalization;
using Npgsql;
using Testcontainers.PostgreSql;

namespace IntentRouter.CrashTests;

/// <summary>A PostgreSQL of its own, which may be killed and started again at the same address.</summary>
internal sealed class PostgresServer : IAsyncDisposable
{
    private readonly PostgreSqlContainer _container;
    private int _databases;

    private PostgresServer(PostgreSqlContainer container)
    {
        _container = container;
    }

    /// <summary>Why tests against PostgreSQL cannot run here, or null.</summary>
    public static string? Absent =>
        string.IsNullOrEmpty(Environment.GetEnvironmentVariable("DOCKER_HOST")) ? "No container engine: DOCKER_HOST is not set." : null;

    /// <param name="flushes">Whether commits reach the disk, as on a server that people run; the container is set up without for tests.</param>
    public static async Task<PostgresServer> StartAsync(bool flushes = false)
    {
        string[] command = flushes ? ["-c", "fsync=on", "-c", "full_page_writes=on", "-c", "synchronous_commit=on"] : [];
        var container = new PostgreSqlBuilder(Environment.GetEnvironmentVariable("INTENTROUTER_TEST_POSTGRES_IMAGE") ?? "postgres:15")
            .WithPortBinding(Ports.Free(), PostgreSqlBuilder.PostgreSqlPort)
            .WithCommand(command)
            .Build();
        await container.StartAsync();
        return new PostgresServer(container);
    }

    public async Task<string> CreateDatabaseAsync()
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"crash_{Interlocked.Increment(ref _databases)}");
        await using var connection = new NpgsqlConnection(_container.GetConnectionString());
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand($"create database {name}", connection);
        await command.ExecuteNonQueryAsync();
        return new NpgsqlConnectionStringBuilder(_container.GetConnectionString()) { Database = name }.ToString();
    }

    /// <summary>Ends at once, as a crash does: the next start recovers from the log.</summary>
    public Task CrashAsync() => _container.ExecAsync(["sh", "-c", "kill -QUIT 1"]);

    /// <summary>Cuts every connection of a database.</summary>
    public async Task CutConnectionsAsync(string database)
    {
        await using var connection = new NpgsqlConnection(_container.GetConnectionString());
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand("select pg_terminate_backend(pid) from pg_stat_activity where datname = $1", connection);
        command.Parameters.Add(new NpgsqlParameter { Value = new NpgsqlConnectionStringBuilder(database).Database });
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>As some owners set their server: a commit is answered before it is on the disk, here ten seconds before.</summary>
    public async Task CommitLazilyAsync()
    {
        await using var connection = new NpgsqlConnection(_container.GetConnectionString());
        await connection.OpenAsync();
        foreach (var sql in new[] { "alter system set synchronous_commit = off", "alter system set wal_writer_delay = '10s'", "alter system set bgwriter_delay = '10s'", "select pg_reload_conf()" })
        {
#pragma warning disable CA2100 // Written above.
            await using var command = new NpgsqlCommand(sql, connection);
#pragma warning restore CA2100
            await command.ExecuteNonQueryAsync();
        }
    }

    public Task StopAsync() => _container.StopAsync();

    public Task StartAgainAsync() => _container.StartAsync();

    public async ValueTask DisposeAsync() => await _container.DisposeAsync();
}
