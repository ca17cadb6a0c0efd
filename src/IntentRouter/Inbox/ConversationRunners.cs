using System.Collections.Concurrent;
using IntentRouter.Configuration;
using IntentRouter.Diagnostics;
using IntentRouter.Storage;

namespace IntentRouter.Inbox;

/// <summary>
/// Keeps one runner for each conversation this process holds: starts them when an append or a recovery claims one, renews exactly the leases of live
/// runners, and lets go of everything on shutdown. Thread-safe.
/// </summary>
internal sealed partial class ConversationRunners(
    IEventStore store, IServiceProvider services, ILiveConfiguration configuration, RouterTelemetry telemetry, TimeProvider clock, ILogger<ConversationRunners> logger)
    : BackgroundService, IHostedLifecycleService
{
    /// <summary>Runners of which the first event is kept in memory until it is their turn; the rest load it then.</summary>
    private const int MostTold = 1_024;

    private static readonly TimeSpan _storePause = TimeSpan.FromMilliseconds(500);
    private readonly ConcurrentDictionary<string, Entry> _live = new();
    private readonly CancellationTokenSource _abort = new();
    private readonly SemaphoreSlim _suspects = new(1);
    private readonly SemaphoreSlim _active = new(configuration.Current.Options.Engine.MaxActive);
    private volatile bool _draining;
    private bool _storeIsDown;
    private int _running;
    private TaskCompletionSource? _idle;

    /// <summary>Whether shutdown has begun: readiness turns false.</summary>
    public bool Draining => _draining;

    public int Live => _live.Count;

    /// <summary>
    /// Whether an event may be stored as being handled (<see cref="NewEvent.StartsAtOnce"/>). If the process ends while the event still waits for its turn it is accused
    /// wrongly, but once in its life; where a single accusation makes a suspect it is not told.
    /// </summary>
    public bool MayStart => !_draining && Volatile.Read(ref _running) < MostTold && Suspicion.AloneFrom(configuration.Current.Options.Engine) > 1;

    /// <summary>Starts the conversation's runner, or tells it that there is more.</summary>
    /// <param name="loaded">What the runner would load first, when the append told.</param>
    public void Wake(Claim claim, LoadedRows? loaded = null)
    {
        while (true)
        {
            if (!_live.TryGetValue(claim.Conversation, out var entry))
            {
                if (_draining)
                {
                    // Stored and durable; another replica takes it over at its next look, or this one at its next start.
                    _ = LetGoAsync(claim);
                    return;
                }
            }
            else
            {
                if (entry.Claim.Token == claim.Token)
                {
                    entry.Nudge();
                    return;
                }

                if (entry.Claim.Token > claim.Token)
                {
                    return;
                }
            }

            var started = new Entry(claim, CancellationTokenSource.CreateLinkedTokenSource(_abort.Token), _suspects, loaded);
            if (entry is null ? _live.TryAdd(claim.Conversation, started) : _live.TryUpdate(claim.Conversation, started, entry))
            {
                // The older claim is fenced off: whatever its runner still does is refused by the store.
                entry?.Cancel();
                _ = RunAsync(started);
                return;
            }

            started.Stop.Dispose();
        }
    }

    /// <summary>Completes when no runner is live. For tests and for draining.</summary>
    public async Task WaitUntilIdleAsync(CancellationToken cancellationToken)
    {
        while (!_live.IsEmpty)
        {
            var first = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            var idle = Interlocked.CompareExchange(ref _idle, first, null) ?? first;
            if (_live.IsEmpty)
            {
                return;
            }

            await idle.Task.WaitAsync(cancellationToken);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var options = configuration.Current.Options.Engine;
        await Task.WhenAll(
            EveryAsync(options.Recover, RecoverAsync, stoppingToken),
            EveryAsync(options.Lease / 3, RenewAsync, stoppingToken),
            EveryAsync(TimeSpan.FromSeconds(5), LookAsync, stoppingToken));
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>
    /// Drains before anything stops: the listeners still answer, so that readiness says what is going on, and an event that arrives meanwhile is stored for another
    /// replica or the next start instead of being refused to a chat that sends it once.
    /// </summary>
    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        _draining = true;
        LogDraining(_live.Count);
        using var limit = new CancellationTokenSource(configuration.Current.Options.Engine.Drain, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            foreach (var entry in _live.Values)
            {
                entry.Nudge();
            }

            await WaitUntilIdleAsync(either.Token);
        }
        catch (OperationCanceledException)
        {
            LogCutShort(_live.Count);
            await _abort.CancelAsync();
        }
    }

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(CancellationToken.None);
        try
        {
            await store.ReleaseAllAsync(CancellationToken.None);
        }
        catch (StoreUnavailableException ex)
        {
            LogStoreDown(ex);
        }
    }

    public override void Dispose()
    {
        _abort.Dispose();
        _active.Dispose();
        _suspects.Dispose();
        base.Dispose();
    }

    private async Task RunAsync(Entry entry)
    {
        var entered = false;
        Interlocked.Increment(ref _running);
        try
        {
            await _active.WaitAsync(entry.Stop.Token);
            entered = true;
            var runner = services.GetRequiredService<ConversationRunner>();
            while (!await TryRunAsync(runner, entry))
            {
                await Task.Delay(_storePause, clock, entry.Stop.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // Lost to another replica, or shut down: the store has everything.
        }
#pragma warning disable CA1031 // The last net: one conversation's bug must not end the process. The event's attempts count it.
        catch (Exception ex)
#pragma warning restore CA1031
        {
            LogRunnerFailed(new UnquotedException(ex));
        }
        finally
        {
            if (entered)
            {
                _active.Release();
            }

            _live.TryRemove(new KeyValuePair<string, Entry>(entry.Claim.Conversation, entry));
            entry.Stop.Dispose();
            Interlocked.Decrement(ref _running);
            if (_live.IsEmpty)
            {
                Interlocked.Exchange(ref _idle, null)?.TrySetResult();
            }
        }
    }

    /// <summary>
    /// False when the store failed on the way. The claim is kept meanwhile: when the store is back before the lease ran out the run goes on at once,
    /// and nobody counts an attempt; else its first read says that the claim is lost.
    /// </summary>
    private async Task<bool> TryRunAsync(ConversationRunner runner, Entry entry)
    {
        try
        {
            await Task.Run(() => runner.RunAsync(entry.Claim, entry, () => _draining, entry.Stop.Token), entry.Stop.Token);
            return true;
        }
        catch (StoreUnavailableException ex)
        {
            StoreFailed(ex);
            return _draining;
        }
    }

    /// <summary>Said once for an outage, however many wait for its end.</summary>
    private void StoreFailed(StoreUnavailableException exception)
    {
        if (!Interlocked.Exchange(ref _storeIsDown, true))
        {
            LogStoreDown(exception);
        }
    }

    private void StoreAnswered()
    {
        if (Interlocked.Exchange(ref _storeIsDown, false))
        {
            LogStoreBack();
        }
    }

    private async Task LetGoAsync(Claim claim)
    {
        try
        {
            await store.ReleaseAsync(claim, TimeSpan.Zero, CancellationToken.None);
        }
        catch (StoreUnavailableException ex)
        {
            StoreFailed(ex);
        }
    }

    private async Task RecoverAsync(CancellationToken cancellationToken)
    {
        var room = Math.Max(0, (2 * configuration.Current.Options.Engine.MaxActive) - _live.Count);
        if (room == 0 || _draining)
        {
            return;
        }

        foreach (var claim in await store.RecoverAsync(Math.Min(room, 200), cancellationToken))
        {
            Wake(claim);
        }
    }

    private async Task RenewAsync(CancellationToken cancellationToken)
    {
        var entries = _live.Values.ToList();
        if (entries.Count == 0)
        {
            return;
        }

        foreach (var lost in await store.RenewAsync([.. entries.Select(e => e.Claim)], cancellationToken))
        {
            if (entries.Find(e => e.Claim == lost) is { } entry)
            {
                entry.Cancel();
            }
        }
    }

    private async Task LookAsync(CancellationToken cancellationToken) => telemetry.Inbox = await store.StatisticsAsync(cancellationToken);

    private async Task EveryAsync(TimeSpan period, Func<CancellationToken, Task> work, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(period, clock);
        do
        {
            try
            {
                await work(cancellationToken);
                StoreAnswered();
            }
            catch (StoreUnavailableException ex)
            {
                StoreFailed(ex);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
#pragma warning disable CA1031 // The last net: one look that went wrong must end neither the later ones nor the process.
            catch (Exception ex)
#pragma warning restore CA1031
            {
                LogLookFailed(new UnquotedException(ex));
            }
        }
        while (await NextAsync(timer, cancellationToken));
    }

    private static async Task<bool> NextAsync(PeriodicTimer timer, CancellationToken cancellationToken)
    {
        try
        {
            return await timer.WaitForNextTickAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    [LoggerMessage(2101, LogLevel.Information, "Draining: {Count} conversations are being finished")]
    private partial void LogDraining(int count);

    [LoggerMessage(2102, LogLevel.Warning, "The drain time is over with {Count} conversations unfinished; another replica or the next start resumes them")]
    private partial void LogCutShort(int count);

    [LoggerMessage(2103, LogLevel.Error, "The store is not available; work resumes when it is")]
    private partial void LogStoreDown(Exception exception);

    [LoggerMessage(2105, LogLevel.Information, "The store is available again")]
    private partial void LogStoreBack();

    [LoggerMessage(2104, LogLevel.Error, "Work on a conversation failed; it resumes when its lease has run out")]
    private partial void LogRunnerFailed(Exception exception);

    [LoggerMessage(2106, LogLevel.Error, "A periodic look at the store failed; the next one comes")]
    private partial void LogLookFailed(Exception exception);

    /// <summary>A live runner's handle.</summary>
    /// <param name="suspects">Held while an event is handled that may end the process: one at a time.</param>
    /// <param name="loaded">What the append told.</param>
    internal sealed class Entry(Claim claim, CancellationTokenSource stop, SemaphoreSlim suspects, LoadedRows? loaded)
    {
        private TaskCompletionSource _more = New();
        private LoadedRows? _loaded = loaded;

        public Claim Claim => claim;

        public CancellationTokenSource Stop => stop;

        public SemaphoreSlim Suspects => suspects;

        /// <summary>Completes when something was appended since the last <see cref="Rearm"/>.</summary>
        public Task More => Volatile.Read(ref _more).Task;

        public void Rearm() => Volatile.Write(ref _more, New());

        public void Nudge() => Volatile.Read(ref _more).TrySetResult();

        /// <summary>What the append told, once, and only while nothing came after it.</summary>
        public LoadedRows? TakeLoaded()
        {
            var loaded = More.IsCompleted ? null : _loaded;
            _loaded = null;
            return loaded;
        }

        /// <summary>
        /// Ends the run, or does nothing when it ended by itself in the meantime. What hangs on the token may be a plugin's code: it runs on another thread, and what
        /// it throws is nobody's failure.
        /// </summary>
        public void Cancel()
        {
            try
            {
                _ = stop.CancelAsync();
            }
            catch (ObjectDisposedException)
            {
                // It ended by itself in the meantime.
            }
        }

        private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
