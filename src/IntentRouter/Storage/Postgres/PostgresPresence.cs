using Npgsql;

namespace IntentRouter.Storage.Postgres;

/// <summary>
/// Shows the other replicas that this one lives: a session lock that the database lets go of the moment the connection ends. Only a hint that
/// saves waiting for leases to run out; what keeps two replicas apart is the lease's token.
/// </summary>
internal sealed partial class PostgresPresence(string connectionString, int number, TimeProvider clock, ILogger logger) : IAsyncDisposable
{
    /// <remarks>
    /// After a restart of the database nobody holds a lock at first: for some seconds only leases that ran out are taken. An attempt is counted on
    /// the event in hand when its holder ended without giving the conversation back: perhaps that event was the reason.
    /// </remarks>
    public const string Recover =
        """
        with present as materialized (
          select objid::bigint as number from pg_locks
          where $4 and locktype = 'advisory' and classid = 1769238116 and objsubid = 2 and granted
            and database = (select oid from pg_database where datname = current_database())
        ), abandoned as (
          select conversation, owner, handling from lease
          where until <= router_now()
            or $4 and owner > 0 and owner <> $1 and owner not in (select number from present)
              and pg_postmaster_start_time() < now() - interval '5 seconds'
          order by until limit $3 for update skip locked
        ), taken as (
          update lease l set owner = $1, token = nextval('lease_token'), until = router_now() + $2, dirty = 1, handling = 0
          from abandoned a where l.conversation = a.conversation
          returning l.conversation, l.token, a.owner as before, a.handling
        ), counted as (
          update open_event e set attempts = e.attempts + 1
          from taken t
          where t.before <> 0 and e.seq = t.handling and e.state = 0
        )
        select conversation, token from taken
        """;

    /// <summary>The first half of the lock's key; the second is the replica's number.</summary>
    private const int LockSpace = 1769238116;

    private readonly CancellationTokenSource _stop = new();
    private Task _loop = Task.CompletedTask;

    /// <summary>Returns when the lock is held.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var connection = await LockAsync(cancellationToken);
        _loop = Task.Run(() => StayAsync(connection), CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _loop;
        _stop.Dispose();
    }

    private async Task<NpgsqlConnection> LockAsync(CancellationToken cancellationToken)
    {
        var connection = new NpgsqlConnection(
            new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false, KeepAlive = 10, MaxAutoPrepare = 0 }.ToString());
        try
        {
            await connection.OpenAsync(cancellationToken);
            await using var command = new NpgsqlCommand("select pg_advisory_lock($1, $2)", connection);
            command.Parameters.Add(PostgresSql.P(LockSpace));
            command.Parameters.Add(PostgresSql.P(number));
            await command.ExecuteNonQueryAsync(cancellationToken);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    private async Task StayAsync(NpgsqlConnection held)
    {
        var connection = held;
        while (true)
        {
            try
            {
                await using (connection)
                {
                    while (true)
                    {
                        await connection.WaitAsync(_stop.Token);
                    }
                }
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception ex) when (ex is NpgsqlException or IOException or InvalidOperationException)
            {
                LogLost(ex);
            }

            while (true)
            {
                try
                {
                    await Task.Delay(TimeSpan.FromMilliseconds(200), clock, _stop.Token);
                    connection = await LockAsync(_stop.Token);
                    break;
                }
                catch (OperationCanceledException) when (_stop.IsCancellationRequested)
                {
                    return;
                }
                catch (Exception ex) when (ex is NpgsqlException or IOException or TimeoutException)
                {
                    // Logged once, when it was lost; here it is only not yet back.
                    _ = ex;
                }
            }
        }
    }

    [LoggerMessage(9152, LogLevel.Warning, "The connection that shows this replica's presence was cut and is opened again; meanwhile other replicas may take over its conversations, which is safe")]
    private partial void LogLost(Exception exception);
}
