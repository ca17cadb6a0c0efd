using System.Collections.Concurrent;
using IntentRouter.Diagnostics;
using Microsoft.Data.Sqlite;

namespace IntentRouter.Storage.Sqlite;

/// <summary>
/// The only writer of the file: one thread that puts what waits into one transaction, so that a disk flush is shared by all who
/// wait for it. Appends go first, because the platform waits for their answer; turns get a bounded share of each transaction, so that neither
/// side holds up the other. Operations depend on nothing but the database, so a batch with a failing one is undone and run again without it.
/// </summary>
internal sealed class SqliteWriter : IAsyncDisposable
{
    private const int LargestBatch = 512;

    /// <summary>Operations after which the log is copied back into the file: some thousand pages.</summary>
    private const int CheckpointAfter = 1_000;

    // Result codes that concern one operation only.
    private const int SqliteError = 1;
    private const int SqliteTooBig = 18;
    private const int SqliteConstraint = 19;
    private const int SqliteMismatch = 20;

    /// <summary>How long turns are worked on in a transaction that appends wait for.</summary>
    private static readonly TimeSpan _shareOfTurns = TimeSpan.FromMilliseconds(4);

    private readonly ConcurrentQueue<SqliteOperation> _appends = new();
    private readonly ConcurrentQueue<SqliteOperation> _turns = new();
    private readonly AutoResetEvent _wake = new(false);
    private readonly SqliteSession _session;
    private readonly SqliteCheckpoint _checkpoint;
    private readonly TimeProvider _clock;
    private readonly Thread _thread;
    private int _sinceCheckpoint;
    private int _asleep;
    private volatile bool _closed;

    public SqliteWriter(SqliteSession session, SqliteCheckpoint checkpoint, TimeProvider clock)
    {
        _session = session;
        _checkpoint = checkpoint;
        _clock = clock;
        _thread = new Thread(Run) { IsBackground = true, Name = "store writer" };
        _thread.Start();
    }

    /// <summary>Queues an operation; its result comes after the commit.</summary>
    public Task<T> RunAsync<T>(Func<SqliteSession, T> body, Action<T>? afterCommit = null, NewEvent? newEvent = null)
    {
        var operation = new SqliteOperation<T>(body, afterCommit) { NewEvent = newEvent };
        (newEvent is null ? _turns : _appends).Enqueue(operation);
        if (_closed)
        {
            // The thread may have gone before it saw this one.
            operation.Fail(new StoreUnavailableException("The store is closed."));
        }
        else
        {
            Wake();
        }

        return operation.Result;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_closed)
        {
            _closed = true;
            Wake();
            await Task.Run(_thread.Join);
            await _checkpoint.DisposeAsync();
            _session.Dispose();
            _wake.Dispose();
        }
    }

    private void Wake()
    {
        if (Interlocked.CompareExchange(ref _asleep, 0, 1) == 1)
        {
            _wake.Set();
        }
    }

    private void Run()
    {
        var batch = new List<SqliteOperation>(LargestBatch);
        while (true)
        {
            batch.Clear();
            while (batch.Count < LargestBatch && _appends.TryDequeue(out var append))
            {
                batch.Add(append);
            }

            if (batch.Count > 0 || !_turns.IsEmpty)
            {
                BatchOrder.SettleTies(batch, operation => operation.NewEvent);
                RunBatch(batch);
                Checkpoint(batch.Count);
                continue;
            }

            Interlocked.Exchange(ref _asleep, 1);
            if (!_appends.IsEmpty || !_turns.IsEmpty)
            {
                Interlocked.Exchange(ref _asleep, 0);
            }
            else if (_closed)
            {
                return;
            }
            else
            {
                _wake.WaitOne();
            }
        }
    }

    private void RunBatch(List<SqliteOperation> batch)
    {
        do
        {
            var current = 0;
            try
            {
                _session.Change("begin immediate");
                var turnsUntil = batch.Count;
                var began = 0L;
                for (; current < batch.Count || TakeTurn(batch, turnsUntil, ref began); current++)
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
        while (batch.Count > 0);
    }

    /// <summary>One more operation of a turn, while its share of this transaction lasts; at least one, so that a flood of appends stops no turn.</summary>
    private bool TakeTurn(List<SqliteOperation> batch, int first, ref long began)
    {
        if (batch.Count == first)
        {
            began = _clock.GetTimestamp();
        }
        else if (batch.Count >= LargestBatch || _clock.GetElapsedTime(began) >= _shareOfTurns)
        {
            return false;
        }

        if (!_turns.TryDequeue(out var turn))
        {
            return false;
        }

        batch.Add(turn);
        return true;
    }

    private void Checkpoint(int operations)
    {
        _sinceCheckpoint += operations;
        if (_checkpoint.IsNearlyDone)
        {
            _checkpoint.Finish(_session);
        }
        else if (_sinceCheckpoint >= CheckpointAfter && _checkpoint.TryBegin())
        {
            _sinceCheckpoint = 0;
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
    /// <summary>What an append takes in: served first, and given up first when the disk is full.</summary>
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
