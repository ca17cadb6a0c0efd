using System.Threading.Channels;
using IntentRouter.Diagnostics;
using Microsoft.Data.Sqlite;

namespace IntentRouter.Storage.Sqlite;

/// <summary>
/// The only writer of the file: one thread that puts everything waiting into one transaction, so that a disk flush is shared by all who
/// wait for it. Operations depend on nothing but the database, so a batch with a failing one is undone and run again without it.
/// </summary>
internal sealed class SqliteWriter : IAsyncDisposable
{
    private const int LargestBatch = 512;

    // Result codes that concern one operation only.
    private const int SqliteError = 1;
    private const int SqliteTooBig = 18;
    private const int SqliteConstraint = 19;
    private const int SqliteMismatch = 20;

    private readonly Channel<SqliteOperation> _queue = Channel.CreateUnbounded<SqliteOperation>(new UnboundedChannelOptions { SingleReader = true });
    private readonly SqliteSession _session;
    private readonly Thread _thread;

    public SqliteWriter(SqliteSession session)
    {
        _session = session;
        _thread = new Thread(Run) { IsBackground = true, Name = "store writer" };
        _thread.Start();
    }

    /// <summary>Queues an operation; its result comes after the commit.</summary>
    public Task<T> RunAsync<T>(Func<SqliteSession, T> body, Action<T>? afterCommit = null, NewEvent? newEvent = null)
    {
        var operation = new SqliteOperation<T>(body, afterCommit) { NewEvent = newEvent };
        if (!_queue.Writer.TryWrite(operation))
        {
            operation.Fail(new StoreUnavailableException("The store is closed."));
        }

        return operation.Result;
    }

    public async ValueTask DisposeAsync()
    {
        if (_queue.Writer.TryComplete())
        {
            await Task.Run(_thread.Join);
            _session.Dispose();
        }
    }

    private void Run()
    {
        var batch = new List<SqliteOperation>(LargestBatch);
        var reader = _queue.Reader;
        while (reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
        {
            batch.Clear();
            while (batch.Count < LargestBatch && reader.TryRead(out var operation))
            {
                batch.Add(operation);
            }

            BatchOrder.SettleTies(batch, operation => operation.NewEvent);
            RunBatch(batch);
        }
    }

    private void RunBatch(List<SqliteOperation> batch)
    {
        while (batch.Count > 0)
        {
            var current = 0;
            try
            {
                _session.Change("begin immediate");
                for (; current < batch.Count; current++)
                {
                    batch[current].Execute(_session);
                }

                CrashPoint.Hit("before-commit");
                _session.Change("commit");
                CrashPoint.Hit("after-commit");
            }
#pragma warning disable CA1031 // Whatever an operation throws belongs to its caller; the writer goes on.
            catch (Exception ex)
#pragma warning restore CA1031
            {
                UndoQuietly();
                FailSome(batch, current, ex);
                continue;
            }

            foreach (var operation in batch)
            {
                operation.Complete();
            }

            return;
        }
    }

    private static void FailSome(List<SqliteOperation> batch, int current, Exception exception)
    {
        if (exception is not SqliteException sqlite)
        {
            batch[current].Fail(exception);
            batch.RemoveAt(current);
            return;
        }

        var failure = new StoreUnavailableException($"The database file refused a change: {sqlite.Message}", sqlite);
        if (current < batch.Count && sqlite.SqliteErrorCode is SqliteError or SqliteConstraint or SqliteMismatch or SqliteTooBig)
        {
            batch[current].Fail(failure);
            batch.RemoveAt(current);
            return;
        }

        // The file itself refuses (full, read-only, damaged). On a full disk finishing work may still succeed where taking more cannot; apart
        // from that nobody waits for as many attempts as there are operations.
        var someAreNew = batch.Any(operation => operation.NewEvent is not null);
        foreach (var operation in batch.Where(operation => operation.NewEvent is not null || !someAreNew))
        {
            operation.Fail(failure);
        }

        batch.RemoveAll(operation => operation.NewEvent is not null || !someAreNew);
    }

    private void UndoQuietly()
    {
        try
        {
            _session.Change("rollback");
        }
        catch (SqliteException)
        {
            // "begin" failed, or the failure ended the transaction already: nothing is left to undo.
        }
    }
}

internal abstract class SqliteOperation
{
    /// <summary>What an append takes in: given up first when the disk is full.</summary>
    public NewEvent? NewEvent { get; init; }

    public abstract void Execute(SqliteSession session);

    public abstract void Complete();

    public abstract void Fail(Exception exception);
}

internal sealed class SqliteOperation<T>(Func<SqliteSession, T> body, Action<T>? afterCommit) : SqliteOperation
{
    private readonly TaskCompletionSource<T> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private T _result = default!;

    public Task<T> Result => _completion.Task;

    public override void Execute(SqliteSession session) => _result = body(session);

    public override void Complete()
    {
        afterCommit?.Invoke(_result);
        _completion.TrySetResult(_result);
    }

    public override void Fail(Exception exception) => _completion.TrySetException(exception);
}
