using System.Threading.Channels;

namespace IntentRouter.Nlu;

/// <summary>
/// Asks shadow adapters beside the turn: a bounded queue that drops when it is full, so that a slow engine on trial neither delays a reply nor
/// fills the memory. Their answers are compared with the one that counted, and go nowhere.
/// </summary>
internal sealed class ShadowAdapters(AdapterCatalog catalog, NluTelemetry telemetry) : BackgroundService
{
    private const int Workers = 4;

    private readonly Channel<Trial> _trials = Channel.CreateBounded<Trial>(new BoundedChannelOptions(256) { FullMode = BoundedChannelFullMode.Wait });

    /// <summary>Never waits.</summary>
    public void Ask(string adapter, Utterance utterance, Heard counted)
    {
        if (!_trials.Writer.TryWrite(new Trial(adapter, utterance with { Mode = UnderstandingMode.Read }, counted)))
        {
            telemetry.Shadow(adapter, ShadowOutcome.Dropped);
        }
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(Enumerable.Range(0, Workers).Select(_ => WorkAsync(stoppingToken)));

    private async Task WorkAsync(CancellationToken cancellationToken)
    {
        await foreach (var trial in _trials.Reader.ReadAllAsync(cancellationToken).ConfigureAwait(false))
        {
            telemetry.Shadow(trial.Adapter, await AskAsync(trial, cancellationToken).ConfigureAwait(false));
        }
    }

    private async Task<ShadowOutcome> AskAsync(Trial trial, CancellationToken cancellationToken)
    {
        if (catalog.Find(trial.Adapter) is not { } adapter || !adapter.TryEnter())
        {
            return ShadowOutcome.Dropped;
        }

        try
        {
            var understanding = await adapter.AskAsync(trial.Utterance, AskRole.Shadow, cancellationToken).ConfigureAwait(false);
            return Top(understanding) == (trial.Counted.Understanding is { } counted ? Top(counted) : null) ? ShadowOutcome.Agrees : ShadowOutcome.Differs;
        }
        catch (AdapterException)
        {
            // Counted with its kind where it was thrown.
            return ShadowOutcome.Failed;
        }
        finally
        {
            await adapter.ExitAsync().ConfigureAwait(false);
        }
    }

    private static string? Top(Understanding understanding) =>
        understanding.Kind != UnderstandingKind.NoMatch && understanding.Ranking is [var best, ..] ? best.Intent : null;

    private sealed record Trial(string Adapter, Utterance Utterance, Heard Counted);
}
