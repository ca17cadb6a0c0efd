using IntentRouter.Chat;
using IntentRouter.Configuration;
using IntentRouter.Storage;

namespace IntentRouter.Sweep;

/// <summary>Runs the sweep every <c>chat.sweep.every</c> on one replica at a time; idle without <c>chat.adminToken</c>.</summary>
internal sealed partial class SweepService(Sweeper sweeper, IEventStore store, ChatCapabilities capabilities, ChatReader reader, ILiveConfiguration configuration, TimeProvider clock, ILogger<SweepService> logger)
    : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            var every = configuration.Current.Options.Chat.Sweep.Every;
            await Task.Delay(every, clock, stoppingToken);
            try
            {
                // Somewhat less than the pace, so that the same replica's next run is not late by a moment.
                if (await store.TryTakeDutyAsync("sweep", every * 0.9, stoppingToken))
                {
                    await RunAsync(stoppingToken);
                }
            }
            catch (Exception ex) when (!stoppingToken.IsCancellationRequested)
            {
                // One run less must not end the service; the next one is a pace away.
                LogFailed(ex);
            }
        }
    }

    private async Task RunAsync(CancellationToken stoppingToken)
    {
        if ((await reader.VersionAsync(stoppingToken)).Value is { Version: { } version })
        {
            await capabilities.SeeVersionAsync(reader.Installation, version);
        }

        if (reader.HasAdminToken)
        {
            await sweeper.RunAsync(stoppingToken);
        }
    }

    [LoggerMessage(9110, LogLevel.Error, "A run of the sweep failed")]
    private partial void LogFailed(Exception exception);
}
