using System.Text.Json.Serialization;

namespace IntentRouter.Evaluation;

/// <summary>How good one adapter is on one set of labelled utterances. Shares lie in [0, 1]; null where there is nothing to measure.</summary>
internal sealed record EvaluationResult
{
    public required string Adapter { get; init; }

    public string? Model { get; init; }

    public string? Language { get; init; }

    /// <summary>Whether the confidence is a probability: calibrated by the service, or by the engine itself.</summary>
    public bool Calibrated { get; init; }

    public int Utterances { get; init; }

    public int InScope { get; init; }

    public int OutOfScope { get; init; }

    /// <summary>The share of in-scope utterances whose first candidate is right.</summary>
    public double? Accuracy { get; init; }

    /// <summary>Mean over the intents of precision and recall's harmonic mean.</summary>
    public double? MacroF1 { get; init; }

    /// <summary>The answer threshold that the next four apply to.</summary>
    public double Threshold { get; init; }

    /// <summary>The share of all utterances answered.</summary>
    public double? Answered { get; init; }

    /// <summary>The share of the answered that is right; an answered out-of-scope utterance is wrong.</summary>
    public double? Precision { get; init; }

    /// <summary>The share of in-scope utterances that is answered, and right.</summary>
    public double? AnsweredRight { get; init; }

    /// <summary>The share of out-of-scope utterances that is not answered.</summary>
    public double? OutOfScopeRefused { get; init; }

    /// <summary>How often an in-scope utterance gets more confidence than an out-of-scope one.</summary>
    public double? Auroc { get; init; }

    /// <summary>Mean distance between confidence and how often it is right, in 15 bins.</summary>
    public double? CalibrationError { get; init; }

    /// <summary>Mean square of the same, utterance by utterance.</summary>
    public double? Brier { get; init; }

    public IReadOnlyList<IntentScore> Intents { get; init; } = [];

    public IReadOnlyList<Confusion> Confusions { get; init; } = [];

    public IReadOnlyList<ReliabilityBin> Reliability { get; init; } = [];

    public IReadOnlyList<CoveragePoint> Curve { get; init; } = [];

    /// <summary>What the bot would have decided, by rule.</summary>
    public IReadOnlyDictionary<string, int> Decisions { get; init; } = new Dictionary<string, int>();

    public LatencyScore? Latency { get; init; }

    /// <summary>Utterances that the adapter could not answer, by kind of failure; they count as not answered.</summary>
    public IReadOnlyDictionary<string, int> Failures { get; init; } = new Dictionary<string, int>();

    public CostScore? Cost { get; init; }

    /// <summary>Utterance by utterance; not in the JSON, which stays small enough for the store, but in <see cref="EvaluationReport.AnswersFile"/>.</summary>
    [JsonIgnore]
    public IReadOnlyList<JudgedUtterance> Judged { get; init; } = [];

    /// <summary>Things to know before trusting the figures.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];
}

/// <param name="Support">Utterances with this label.</param>
/// <param name="Predicted">Utterances whose first candidate it is.</param>
internal sealed record IntentScore(string Intent, int Support, int Predicted, double? Precision, double? Recall, double? F1);

/// <param name="Predicted">Null for "nothing matched".</param>
/// <param name="Examples">Some of the texts.</param>
internal sealed record Confusion(string Expected, string? Predicted, int Count, IReadOnlyList<string> Examples);

internal sealed record ReliabilityBin(double From, double To, int Count, double Confidence, double Right);

internal sealed record CoveragePoint(double Threshold, double Answered, double? Precision, double? OutOfScopeRefused);

/// <summary>Milliseconds; remembered answers are left out.</summary>
internal sealed record LatencyScore(int Calls, double Mean, double P50, double P95, double P99);

/// <param name="PerThousand">Price of a thousand utterances.</param>
internal sealed record CostScore(int Calls, decimal Total, decimal PerThousand);
