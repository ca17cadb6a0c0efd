using Microsoft.Data.Sqlite;

namespace IntentRouter.Storage.Sqlite;

/// <summary>
/// Copies the log back into the file on a connection of its own, while the writer goes on: on a slow disk that takes as long as many
/// transactions. What the writer added meanwhile is copied in further rounds; the little that is left the writer copies itself, between two transactions,
/// because only a log that is copied to its end starts anew instead of growing.
/// </summary>
internal sealed class SqliteCheckpoint(string connectionString) : IAsyncDisposable
{
    private const int Rounds = 3;

    /// <summary>Pages that are left to the writer: about as much as a transaction of its own.</summary>
    private const long Few = 200;

    private SqliteConnection? _connection;
    private Task _task = Task.CompletedTask;
    private volatile int _state;

    public bool IsNearlyDone => _state == 2;

    public bool TryBegin()
    {
        if (Interlocked.CompareExchange(ref _state, 1, 0) != 0)
        {
            return false;
        }

        _task = Task.Factory.StartNew(Copy, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        return true;
    }

    /// <summary>By the writer, outside a transaction.</summary>
    public void Finish(SqliteSession session)
    {
        try
        {
            session.Change("pragma wal_checkpoint(passive)");
        }
        catch (SqliteException)
        {
            // A full disk: the log stays and is copied the next time.
        }

        _state = 0;
    }

    public async ValueTask DisposeAsync()
    {
        await _task;
        _connection?.Dispose();
    }

    private void Copy()
    {
        try
        {
            if (_connection is null)
            {
                _connection = new SqliteConnection(new SqliteConnectionStringBuilder(connectionString) { Pooling = false }.ToString());
                _connection.Open();
            }

            using var command = _connection.CreateCommand();
            command.CommandText = "pragma wal_checkpoint(passive)";
            long before = 0;
            for (var round = 0; round < Rounds; round++)
            {
                using var row = command.ExecuteReader();
                if (!row.Read() || row.GetInt64(1) - before < Few)
                {
                    break;
                }

                before = row.GetInt64(1);
            }
        }
        catch (SqliteException)
        {
            // A full disk: the log stays and is copied the next time.
        }
        finally
        {
            _state = 2;
        }
    }
}
