using System.Threading.Channels;
using IntentRouter.Diagnostics;
using Npgsql;

namespace IntentRouter.Storage.Postgres;

/// <summary>
/// Puts all operations that wait into one transaction. A cut connection is tried again for a while: every operation may be repeated, so an
/// answer that got lost on the way does no harm.
/// </summary>
internal sealed class GroupCommitter<TOperation> : IAsyncDisposable
    where TOperation : PostgresOperation
{
    private const int LargestBatch = 256;

    /// <summary>How long a batch is tried; the platform waits for an answer meanwhile.</summary>
    private static readonly TimeSpan _patience = TimeSpan.FromMilliseconds(1_800);

    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(50);

    private readonly Channel<TOperation> _queue = Channel.CreateUnbounded<TOperation>(new UnboundedChannelOptions { SingleReader = true });
    private readonly Func<List<TOperation>, bool, CancellationToken, Task> _commit;
    private readonly TimeProvider _clock;
    private readonly Task _loop;

    /// <param name="commit">Runs a batch in one transaction and completes its operations; told whether the batch may have been committed before.</param>
    public GroupCommitter(Func<List<TOperation>, bool, CancellationToken, Task> commit, TimeProvider clock)
    {
        _commit = commit;
        _clock = clock;
        _loop = Task.Run(RunAsync);
    }

    public void Add(TOperation operation)
    {
        if (!_queue.Writer.TryWrite(operation))
        {
            operation.Fail(new StoreUnavailableException("The store is closed."));
        }
    }

    public async ValueTask DisposeAsync()
    {
        _queue.Writer.TryComplete();
        await _loop;
    }

    private async Task RunAsync()
    {
        var later = new List<TOperation>();
        while (later.Count > 0 || await _queue.Reader.WaitToReadAsync())
        {
            var batch = NextBatch(later);
            if (batch.Count > 0)
            {
                await CommitAsync(batch);
            }
        }
    }

    private List<TOperation> NextBatch(List<TOperation> later)
    {
        var keys = new HashSet<string>(StringComparer.Ordinal);
        var batch = new List<TOperation>();
        var waiting = later.ToList();
        later.Clear();
        foreach (var operation in waiting)
        {
            Place(operation);
        }

        while (batch.Count < LargestBatch && _queue.Reader.TryRead(out var operation))
        {
            Place(operation);
        }

        return batch;

        void Place(TOperation operation)
        {
            if (operation.Abandoned)
            {
                operation.Fail(new StoreUnavailableException(AppendBounds.TooLate));
            }
            else
            {
                (keys.Add(operation.Key) ? batch : later).Add(operation);
            }
        }
    }

    private async Task CommitAsync(List<TOperation> batch)
    {
        var started = _clock.GetTimestamp();
        var repeated = false;
        while (true)
        {
            try
            {
                CrashPoint.Hit("before-commit");
                await _commit(batch, repeated, CancellationToken.None);
                CrashPoint.Hit("after-commit");
                return;
            }
            catch (PostgresException ex) when (batch.Count > 1 && ConcernsOneOperation(ex))
            {
                foreach (var operation in batch)
                {
                    await CommitAsync([operation]);
                }

                return;
            }
            catch (NpgsqlException ex) when (ex.IsTransient && _clock.GetElapsedTime(started) < _patience)
            {
                repeated = true;
                await Task.Delay(_pause, _clock);
                foreach (var operation in batch.Where(operation => operation.Abandoned))
                {
                    operation.Fail(Unavailable(ex));
                }

                batch.RemoveAll(operation => operation.Abandoned);
                if (batch.Count == 0)
                {
                    return;
                }
            }
#pragma warning disable CA1031 // Whatever happened belongs to the callers; the loop goes on.
            catch (Exception ex)
#pragma warning restore CA1031
            {
                foreach (var operation in batch)
                {
                    operation.Fail(ex is NpgsqlException or TimeoutException or IOException ? Unavailable(ex) : ex);
                }

                return;
            }
        }
    }

    public static StoreUnavailableException Unavailable(Exception exception) =>
        new(exception is PostgresException postgres ? $"PostgreSQL refused: {postgres.SqlState} {postgres.MessageText}" : "PostgreSQL does not answer.", exception);

    /// <summary>A value that the database cannot take (class 22) or a broken rule (class 23).</summary>
    private static bool ConcernsOneOperation(PostgresException exception) =>
        exception.SqlState.StartsWith("22", StringComparison.Ordinal) || exception.SqlState.StartsWith("23", StringComparison.Ordinal);
}
