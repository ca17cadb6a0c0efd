using IntentRouter.Configuration;
using IntentRouter.Storage;

namespace IntentRouter.Hosting;

/// <summary>
/// Gives back, once, what only starting needed (configuration as text, training data, weights before they were packed): the collector would keep it
/// until traffic makes it look again.
/// </summary>
internal sealed class StartUpCompaction(Readiness readiness, TimeProvider clock) : BackgroundService
{
    private static readonly TimeSpan _look = TimeSpan.FromMilliseconds(500);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(_look, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            if (readiness.AdaptersStarted)
            {
                GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
                return;
            }
        }
    }
}

/// <summary>Deletes what is older than its retention, on one replica at a time.</summary>
internal sealed partial class Housekeeping(IEventStore store, ILiveConfiguration configuration, TimeProvider clock, ILogger<Housekeeping> logger) : BackgroundService
{
    private static readonly TimeSpan _every = TimeSpan.FromMinutes(10);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(_every, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                // Somewhat less than the pace, so that the same replica's next run is not late by a moment.
                if (await store.TryTakeDutyAsync("retention", _every * 0.9, stoppingToken))
                {
                    var limits = configuration.Current.Options.Retention;
                    var deleted = await store.DeleteOldAsync(new RetentionLimits(limits.Events, limits.Explanations, limits.Conversations), stoppingToken);
                    LogDeleted(deleted);
                }
            }
            catch (StoreUnavailableException ex)
            {
                LogFailed(ex);
            }
        }
    }

    [LoggerMessage(2201, LogLevel.Debug, "Retention deleted {Count} rows")]
    private partial void LogDeleted(int count);

    [LoggerMessage(2202, LogLevel.Warning, "Retention could not run")]
    private partial void LogFailed(Exception exception);
}
