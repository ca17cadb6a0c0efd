using System.Data.Common;
using System.Globalization;
using IntentRouter.Configuration;
using Npgsql;
using static IntentRouter.Storage.Postgres.PostgresSql;

namespace IntentRouter.Storage.Postgres;

/// <summary>
/// The shared store: any number of replicas over one database, which is the only coordinator. Times are the database's, ownership is a lease row
/// with a token from a sequence, and every change of a conversation locks that row first.
/// </summary>
internal sealed partial class PostgresEventStore : RelationalEventStore
{
    /// <summary>Time limit of a statement on the way of an event.</summary>
    public const int HotSeconds = 2;

    /// <summary>One each for appends, steps and loads.</summary>
    private const int HotConnections = 3;

    private const long MigrationLock = 0x1a7e_9700_0000_0001;

    private readonly EngineOptions _engine;
    private readonly bool _presence;
    private readonly ILogger _logger;
    private readonly NpgsqlDataSource _source;
    private NpgsqlDataSource _hot;
    private NpgsqlDataSource _lazy;
    private readonly string _connectionString;
    private readonly AppendBounds _bounds;
    private readonly string _where;
    private PostgresPresence? _presenceLock;
    private GroupCommitter<AppendOperation>? _appends;
    private GroupCommitter<PostgresOperation>? _progress;
    private GroupCommitter<LoadOperation>? _loads;
    private long _me;

    public PostgresEventStore(StoreOptions options, EngineOptions engine, TimeProvider clock, ILogger<PostgresEventStore> logger)
        : base(clock)
    {
        _engine = engine;
        _presence = options.Presence;
        _logger = logger;
        _bounds = new AppendBounds(engine, clock);
        var connection = Read(options.Connection);

        // The chat platform often shares the server: a replica takes few of its connections. A few statements, used all the time, stay
        // prepared; a pooler in transaction mode, for which presence is off, could not keep them.
        const int defaultPool = 100;
        var pool = connection.MaxPoolSize == defaultPool ? 10 : connection.MaxPoolSize;
        connection.MaxPoolSize = _presence ? Math.Max(1, pool - HotConnections) : pool;
        connection.MaxAutoPrepare = connection.MaxAutoPrepare == 0 && _presence ? 64 : connection.MaxAutoPrepare;
        connection.Timeout = Math.Min(connection.Timeout, HotSeconds);
        connection.CancellationTimeout = 500;
        connection.ApplicationName ??= "intent-router";
        _connectionString = connection.ToString();
        _where = string.Create(CultureInfo.InvariantCulture, $"PostgreSQL database '{connection.Database}' on {connection.Host}:{connection.Port}");
        _source = NpgsqlDataSource.Create(_connectionString);
        _hot = _lazy = _source;
    }

    /// <exception cref="StoreUnavailableException">It is no connection string that a store could use.</exception>
    public static NpgsqlConnectionStringBuilder Read(string text)
    {
        try
        {
            var connection = new NpgsqlConnectionStringBuilder(text).WithoutPreferredKerberos();
            return string.IsNullOrEmpty(connection.Host) ? throw new StoreUnavailableException("store.connection names no Host.") : connection;
        }
        catch (Exception ex) when (ex is ArgumentException or FormatException or KeyNotFoundException)
        {
            throw new StoreUnavailableException("store.connection is not a connection string of PostgreSQL; write 'Host=…;Database=…;Username=…;Password=…'.", ex);
        }
    }

    /// <summary>
    /// The connections on the way of events. Their statements all go by keys: one plan for each, made once, instead of one for each execution, which costs
    /// more than most of them. Not through a pooler, which passes no such settings on.
    /// </summary>
    private static NpgsqlDataSource Hot(string connectionString, int connections, string? synchronousCommit)
    {
        // Nothing here leaves anything behind in its session that would have to be reset.
        var connection = new NpgsqlConnectionStringBuilder(connectionString) { MaxPoolSize = connections, NoResetOnClose = true };
        var commit = synchronousCommit is null ? "" : $" -c synchronous_commit={synchronousCommit}";
        connection.Options = $"{connection.Options} {PostgresSql.HotOptions}{commit}".TrimStart();
        return NpgsqlDataSource.Create(connection.ToString());
    }

    protected override string SizeSql => "select pg_database_size(current_database())";

    private long LeaseMilliseconds => Milliseconds(_engine.Lease);

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            await MigrateAsync(cancellationToken);
            await using var connection = await _source.OpenConnectionAsync(cancellationToken);
            await using var command = new NpgsqlCommand("select nextval('replica_number'), current_setting('synchronous_commit') = 'off'", connection);
            bool isLazy;
            await using (var row = await command.ExecuteReaderAsync(cancellationToken))
            {
                await row.ReadAsync(cancellationToken);
                (_me, isLazy) = (row.GetInt64(0), row.GetBoolean(1));
            }

            if (isLazy && !_presence)
            {
                LogLazy();
            }

            if (_presence)
            {
                _hot = Hot(_connectionString, HotConnections - 1, isLazy ? "on" : null);

                // A load writes only marks for as long as its process lives: a crash of the database may take them.
                _lazy = Hot(_connectionString, 1, "off");
                _presenceLock = new PostgresPresence(_connectionString, (int)_me, Clock, _logger);
                await _presenceLock.StartAsync(cancellationToken);
            }
            else
            {
                _me = -_me;
            }
        }
        catch (Exception ex) when (ex is NpgsqlException or TimeoutException)
        {
            throw new StoreUnavailableException($"{_where} cannot be used: {ex.Message}", ex);
        }

        _appends = new GroupCommitter<AppendOperation>(
            (batch, repeated, ct) => OnAsync(_hot, c => AppendBatch.RunAsync(c, batch, repeated, _me, LeaseMilliseconds, ct), ct), Clock);
        _progress = new GroupCommitter<PostgresOperation>(
            (batch, _, ct) => OnAsync(_hot, c => ProgressBatch.RunAsync(c, batch, _me, _engine.Lease, ct), ct), Clock);
        _loads = new GroupCommitter<LoadOperation>((batch, _, ct) => OnAsync(_lazy, c => LoadBatch.RunAsync(c, batch, _me, Suspicion.AloneFrom(_engine), ct), ct), Clock);
    }

    public override async Task<Appended> AppendAsync(NewEvent newEvent, CancellationToken cancellationToken)
    {
        var payload = newEvent.NoWork ? [] : newEvent.Payload.ToArray();
        var appended = await _bounds.RunAsync(
            payload.Length,
            abandoned =>
            {
                var operation = new AppendOperation(newEvent, payload, abandoned);
                Started(_appends).Add(operation);
                return operation.Result;
            },
            cancellationToken);
        if (newEvent.Receipt is not null)
        {
            SendsEnded(newEvent.Conversation);
        }

        return appended;
    }

    public override async Task<LoadedConversation?> LoadAsync(Claim claim, int maxEvents, CancellationToken cancellationToken)
    {
        var operation = new LoadOperation(claim, maxEvents);
        Started(_loads).Add(operation);
        return (await operation.Result.WaitAsync(cancellationToken))?.Parse();
    }

    public override Task<bool> BeginHandlingAsync(Claim claim, long sequence, CancellationToken cancellationToken) =>
        ProgressAsync(new BeginHandlingOperation(claim, sequence), cancellationToken);

    public override async Task<StepResult> StepAsync(Claim claim, ConversationStep step, CancellationToken cancellationToken)
    {
        var row = Prepare(claim, step);
        var bounded = step.Ended is { } ended ? step with { Ended = ended with { Error = Bounded(ended.Error) } } : step;
        var result = await ProgressAsync(new StepOperation(claim, bounded, row), cancellationToken);
        if (step.Ended is not null)
        {
            SendsEnded(claim.Conversation);
        }

        return result;
    }

    public override Task<bool> FailEventAsync(Claim claim, long sequence, string reason, bool park, CancellationToken cancellationToken) =>
        ProgressAsync(new FailOperation(claim, sequence, Bounded(reason), park), cancellationToken);

    public override Task<IReadOnlyList<Claim>> RecoverAsync(int max, CancellationToken cancellationToken) =>
        WriteAsync<IReadOnlyList<Claim>>(
            async connection =>
            {
                await using var command = new NpgsqlCommand(PostgresPresence.Recover, (NpgsqlConnection)connection);
                command.Parameters.Add(P(_me));
                command.Parameters.Add(P(LeaseMilliseconds));
                command.Parameters.Add(P(max));
                command.Parameters.Add(P(_presence));
                await using var row = await command.ExecuteReaderAsync(cancellationToken);
                var claims = new List<Claim>();
                while (await row.ReadAsync(cancellationToken))
                {
                    claims.Add(new Claim(row.GetString(0), row.GetInt64(1)));
                }

                return claims;
            },
            cancellationToken);

    public override Task<IReadOnlyList<Claim>> RenewAsync(IReadOnlyList<Claim> claims, CancellationToken cancellationToken) =>
        WriteAsync<IReadOnlyList<Claim>>(
            async connection =>
            {
                // Exactly these pairs, never all of this owner: a claim whose answer got lost must run out.
                await using var command = new NpgsqlCommand(
                    """
                    with held as (
                      select l.conversation, l.token from lease l join unnest($1::text[], $2::bigint[]) u(conversation, token)
                        on l.conversation = u.conversation and l.token = u.token and l.owner = $3
                      order by l.conversation for update of l
                    )
                    update lease l set until = router_now() + $4 from held h where l.conversation = h.conversation
                    returning l.conversation, l.token
                    """,
                    (NpgsqlConnection)connection);
                command.Parameters.Add(Column(claims, c => c.Conversation));
                command.Parameters.Add(Column(claims, c => c.Token));
                command.Parameters.Add(P(_me));
                command.Parameters.Add(P(LeaseMilliseconds));
                var renewed = new HashSet<Claim>();
                await using var row = await command.ExecuteReaderAsync(cancellationToken);
                while (await row.ReadAsync(cancellationToken))
                {
                    renewed.Add(new Claim(row.GetString(0), row.GetInt64(1)));
                }

                return [.. claims.Where(claim => !renewed.Contains(claim))];
            },
            cancellationToken);

    public override Task ReleaseAllAsync(CancellationToken cancellationToken) =>
        WriteAsync(
            async connection =>
            {
                await using var command = new NpgsqlCommand(
                    """
                    with held as (select conversation from lease where owner = $1 order by conversation for update)
                    update lease l set owner = 0, until = router_now() from held h where l.conversation = h.conversation
                    """,
                    (NpgsqlConnection)connection);
                command.Parameters.Add(P(_me));
                return await command.ExecuteNonQueryAsync(cancellationToken);
            },
            cancellationToken);

    public override async ValueTask DisposeAsync()
    {
        foreach (var part in new IAsyncDisposable?[] { _appends, _progress, _loads, _presenceLock })
        {
            if (part is not null)
            {
                await part.DisposeAsync();
            }
        }

        await _lazy.DisposeAsync();
        await _hot.DisposeAsync();
        await _source.DisposeAsync();
    }

    protected override Task<T> ReadAsync<T>(Func<DbConnection, Task<T>> read, CancellationToken cancellationToken) =>
        WithConnectionAsync<T>(read, cancellationToken);

    protected override Task<T> WriteAsync<T>(Func<DbConnection, Task<T>> write, CancellationToken cancellationToken) =>
        WithConnectionAsync(
            async connection =>
            {
                await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
                var result = await write(connection);
                await transaction.CommitAsync(cancellationToken);
                return result;
            },
            cancellationToken);

    protected override DbCommand CreateCommand(DbConnection connection, string sql, params ReadOnlySpan<(string Name, object? Value)> parameters)
    {
#pragma warning disable CA2100 // Every statement is a constant of this folder.
        var command = new NpgsqlCommand(sql.Replace("@now", "router_now()", StringComparison.Ordinal), (NpgsqlConnection)connection);
#pragma warning restore CA2100
        foreach (var (name, value) in parameters)
        {
            command.Parameters.AddWithValue(name, value ?? DBNull.Value);
        }

        return command;
    }

    private static T Started<T>(T? part)
        where T : class => part ?? throw new StoreUnavailableException("The store is not started.");

    private async Task<T> ProgressAsync<T>(PostgresOperation<T> operation, CancellationToken cancellationToken)
    {
        Started(_progress).Add(operation);
        return await operation.Result.WaitAsync(cancellationToken);
    }

    private static async Task OnAsync(NpgsqlDataSource source, Func<NpgsqlConnection, Task> run, CancellationToken cancellationToken)
    {
        await using var connection = await source.OpenConnectionAsync(cancellationToken);
        await run(connection);
    }

    private async Task<T> WithConnectionAsync<T>(Func<NpgsqlConnection, Task<T>> run, CancellationToken cancellationToken)
    {
        try
        {
            await using var connection = await _source.OpenConnectionAsync(cancellationToken);
            return await run(connection);
        }
        catch (Exception ex) when (ex is NpgsqlException or TimeoutException)
        {
            throw GroupCommitter<PostgresOperation>.Unavailable(ex);
        }
    }

    private async Task MigrateAsync(CancellationToken cancellationToken)
    {
        // The lock lives in a transaction: that works through a pooler, too.
        await using var guard = await _source.OpenConnectionAsync(cancellationToken);
        await using var transaction = await guard.BeginTransactionAsync(cancellationToken);
        await using var command = new NpgsqlCommand("select pg_advisory_xact_lock($1)", guard, transaction) { CommandTimeout = 120 };
        command.Parameters.Add(P(MigrationLock));
        await command.ExecuteNonQueryAsync(cancellationToken);
        // A pooled connection would stay open, used once and counted against the server's limit.
        var unpooled = new NpgsqlConnectionStringBuilder(_connectionString) { Pooling = false }.ToString();
        await Task.Run(
            () => SchemaMigration.Run(
                PostgresqlExtensions.PostgresqlDatabase(DbUp.DeployChanges.To, unpooled).JournalToPostgresqlTable(null, SchemaMigration.Journal),
                "Postgres",
                _logger),
            cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    [LoggerMessage(9151, LogLevel.Warning, "synchronous_commit is off in this database, and behind a pooler the router cannot set it: a crash of the database loses events that were acknowledged. Set it to 'on' for the router's user.")]
    private partial void LogLazy();
}
