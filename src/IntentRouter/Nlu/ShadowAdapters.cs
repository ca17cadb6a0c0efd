using System.Threading.Channels;
using IntentRouter.Configuration;
using IntentRouter.Decisions;

namespace IntentRouter.Nlu;

/// <summary>
/// Asks shadow adapters beside the turn: a bounded queue that drops when it is full, so that a slow engine on trial neither delays a reply nor
/// fills the memory. Their answers are compared with the one that counted and kept for the report; they decide nothing.
/// </summary>
internal sealed class ShadowAdapters(AdapterCatalog catalog, ICalibration calibration, IShadowLedger ledger, NluTelemetry telemetry, TimeProvider clock) : BackgroundService
{
    private const int Workers = 4;

    private readonly Channel<Question> _questions = Channel.CreateBounded<Question>(new BoundedChannelOptions(256) { FullMode = BoundedChannelFullMode.Wait });

    /// <summary>Never waits.</summary>
    /// <param name="turn">The turn that it is asked beside; null when nobody will want to know.</param>
    public void Ask(string adapter, Utterance utterance, Heard counted, ShadowTurn? turn)
    {
        if (!_questions.Writer.TryWrite(new Question(adapter, utterance with { Mode = UnderstandingMode.Read }, counted, turn)))
        {
            telemetry.Shadow(adapter, ShadowOutcome.Dropped);
        }
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(Enumerable.Range(0, Workers).Select(_ => WorkAsync(stoppingToken)));

    private async Task WorkAsync(CancellationToken cancellationToken)
    {
        await foreach (var question in _questions.Reader.ReadAllAsync(cancellationToken).ConfigureAwait(false))
        {
            telemetry.Shadow(question.Adapter, await AskAsync(question, cancellationToken).ConfigureAwait(false));
        }
    }

    private async Task<ShadowOutcome> AskAsync(Question question, CancellationToken cancellationToken)
    {
        if (catalog.Find(question.Adapter) is not { } adapter || !adapter.TryEnter())
        {
            return ShadowOutcome.Dropped;
        }

        var began = clock.GetTimestamp();
        var outcome = ShadowOutcome.Failed;
        Understanding? understanding = null;
        try
        {
            understanding = await adapter.AskAsync(question.Utterance, AskRole.Shadow, cancellationToken).ConfigureAwait(false);
            outcome = Top(understanding)?.Intent == (question.Counted.Understanding is { } counted ? Top(counted)?.Intent : null) ? ShadowOutcome.Agrees : ShadowOutcome.Differs;
        }
        catch (AdapterException)
        {
            // Counted with its kind where it was thrown.
        }
        finally
        {
            await adapter.ExitAsync().ConfigureAwait(false);
        }

        if (question.Turn is { } turn)
        {
            var best = understanding is null || Top(understanding) is not { } top ? null
                : new RankedIntent(top.Intent, top.Confidence?.Value, Probability(adapter, understanding, question.Utterance, top));
            await ledger.KeepAsync(
                new ShadowTrial(turn, question.Utterance.Text, question.Adapter, understanding?.Model, outcome, best, clock.GetElapsedTime(began), question.Counted), cancellationToken).ConfigureAwait(false);
        }

        return outcome;
    }

    private double? Probability(ConfiguredAdapter adapter, Understanding understanding, Utterance utterance, IntentCandidate top) =>
        AdapterChain.Probability(top, 0, calibration.Find(adapter.Name, understanding.Model, understanding.Language ?? utterance.Language));

    private static IntentCandidate? Top(Understanding understanding) =>
        understanding.Kind != UnderstandingKind.NoMatch && understanding.Ranking is [var best, ..] ? best : null;

    private sealed record Question(string Adapter, Utterance Utterance, Heard Counted, ShadowTurn? Turn);
}

/// <summary>The turn that a shadow is asked beside.</summary>
internal sealed record ShadowTurn(Bot Bot, string Conversation, string Turn);

/// <summary>What a shadow made of a turn's utterance.</summary>
/// <param name="Best">Its first candidate, calibrated; null when it had none.</param>
/// <param name="Counted">What the turn went by.</param>
internal sealed record ShadowTrial(ShadowTurn Turn, string Text, string Adapter, string? Model, ShadowOutcome Outcome, RankedIntent? Best, TimeSpan Duration, Heard Counted);

/// <summary>Where answers of shadows are kept.</summary>
internal interface IShadowLedger
{
    Task KeepAsync(ShadowTrial trial, CancellationToken cancellationToken);
}

internal sealed class NoShadowLedger : IShadowLedger
{
    public Task KeepAsync(ShadowTrial trial, CancellationToken cancellationToken) => Task.CompletedTask;
}
