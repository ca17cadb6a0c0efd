using IntentRouter.Nlu;
using IntentRouter.Storage;

namespace IntentRouter.Review;

/// <summary>Keeps in the store what adapters on trial answered. A store that does not take it costs a measurement, never a turn.</summary>
internal sealed partial class ShadowLedger(IEventStore store, ILogger<ShadowLedger> logger) : IShadowLedger
{
    public async Task KeepAsync(ShadowTrial trial, CancellationToken cancellationToken)
    {
        var answer = new ShadowAnswer(
            trial.Turn.Bot.Name,
            trial.Turn.Conversation,
            trial.Turn.Turn,
            ReviewText.KeyOf(ReviewText.Mask(trial.Text)),
            trial.Adapter,
            trial.Model,
            trial.Outcome,
            trial.Best?.Intent,
            Answers(trial, trial.Best),
            trial.Counted.Adapter,
            trial.Counted.Ranking is [var live, ..] ? live.Intent : null,
            Answers(trial, trial.Counted.Ranking is [var first, ..] ? first : null),
            trial.Duration.TotalMilliseconds,
            trial.Counted.Duration.TotalMilliseconds,
            default);
        try
        {
            await store.AddShadowAsync(answer, cancellationToken);
        }
        catch (Exception ex) when (ex is not OperationCanceledException)
        {
            LogNotKept(ex, trial.Adapter);
        }
    }

    private static bool Answers(ShadowTrial trial, Decisions.RankedIntent? best) =>
        best?.Probability >= (best is null ? 1 : trial.Turn.Bot.Options.Intents.GetValueOrDefault(best.Intent)?.Answer ?? trial.Turn.Bot.Options.Confidence.Answer);

    [LoggerMessage(3021, LogLevel.Warning, "An answer of shadow adapter {Adapter} could not be stored")]
    private partial void LogNotKept(Exception exception, string adapter);
}
