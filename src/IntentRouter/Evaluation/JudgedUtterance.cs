using IntentRouter.Decisions;

namespace IntentRouter.Evaluation;

/// <summary>One labelled utterance and what an adapter made of it.</summary>
/// <param name="Text">The words; from the owner's file, not from a customer.</param>
/// <param name="Expected">The label; <see cref="OutOfScope"/> for what none of the intents is.</param>
/// <param name="Ranking">Candidates with raw and calibrated confidence, best first; empty when nothing matched or the adapter failed.</param>
internal sealed record JudgedUtterance(string Text, string Expected, IReadOnlyList<RankedIntent> Ranking)
{
    /// <summary>The label of utterances that belong to no intent.</summary>
    public const string OutOfScope = Adapters.Local.Training.TrainingData.OutOfScope;

    public AdapterFailure? Failure { get; init; }

    public TimeSpan Duration { get; init; }

    /// <summary>Whether the answer came from an earlier run.</summary>
    public bool Remembered { get; init; }

    public bool IsInScope => Expected != OutOfScope;

    /// <summary>The rule of the live decision, where it was asked.</summary>
    public string? Decision { get; init; }

    /// <summary>The first intent; null when the adapter declines, with no match or with an intent that says just this.</summary>
    public string? Best => Ranking is [{ Intent: not OutOfScope } best, ..] ? best.Intent : null;

    public bool IsRight => Best == Expected;

    /// <summary>What thresholds apply to. As in the live decision, an answer without confidence reaches none of them.</summary>
    public double Probability => Best is null ? 0 : Ranking[0].Probability ?? 0;
}
