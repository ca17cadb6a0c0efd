namespace IntentRouter.Nlu;

/// <summary>Keeps the adapters' last known state fresh: starts again what could not start, and probes what no real call has vouched for lately.</summary>
internal sealed class AdapterHealthTracker(AdapterCatalog catalog, TimeProvider clock) : BackgroundService
{
    private static readonly TimeSpan _every = TimeSpan.FromSeconds(15);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(_every, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false))
        {
            await Task.WhenAll(catalog.All.Select(a => ProbeAsync(a, stoppingToken))).ConfigureAwait(false);
        }
    }

    private static async Task ProbeAsync(ConfiguredAdapter adapter, CancellationToken cancellationToken)
    {
        if (!adapter.TryEnter())
        {
            return;
        }

        try
        {
            await adapter.ProbeAsync(_every, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            await adapter.ExitAsync().ConfigureAwait(false);
        }
    }
}
