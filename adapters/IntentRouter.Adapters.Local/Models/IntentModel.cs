using System.Collections.Concurrent;
using IntentRouter.Adapters.Local.Encoding;
using IntentRouter.Adapters.Local.Features;

namespace IntentRouter.Adapters.Local.Models;

/// <summary>What the model makes of one text.</summary>
/// <param name="Ranking">The likeliest intents with calibrated confidence, best first; never "out of scope".</param>
/// <param name="IsOutOfScope">Whether the text is likest to the examples of what is not one of ours.</param>
/// <param name="Signals">The numbers behind the confidence, see <see cref="Models.Signals"/>.</param>
internal readonly record struct Prediction(IntentCandidate[] Ranking, bool IsOutOfScope, float[] Signals);

/// <summary>A trained model. Immutable and thread-safe; its encoder is shared with other models.</summary>
internal sealed class IntentModel
{
    private const int Longest = 5;

    private readonly ConcurrentBag<Buffers> _pool = [];

    /// <summary>Hash of the training data, the settings and the code's generation.</summary>
    public required string Id { get; init; }

    public required string[] Intents { get; init; }

    public required Vocabulary Vocabulary { get; init; }

    public required SoftmaxRegression Regression { get; init; }

    public required ConfidenceModel Confidence { get; init; }

    public required Exemplars? Exemplars { get; init; }

    public required SentenceEncoder? Encoder { get; init; }

    /// <summary>The class of what is not one of ours, or -1.</summary>
    public int OutOfScope => Array.IndexOf(Intents, Training.TrainingData.OutOfScope);

    public Prediction Predict(string text)
    {
        if (!_pool.TryTake(out var buffers))
        {
            buffers = new Buffers(Regression.Stride, Regression.Width);
        }

        var normalized = TextNormalizer.Normalize(text);
        Vocabulary.Read(normalized, buffers.Features);
        Encoder?.Encode(normalized, buffers.Vector, buffers.Pooled);
        var prediction = Judge(buffers);
        _pool.Add(buffers);
        return prediction;
    }

    private Prediction Judge(Buffers buffers)
    {
        var features = buffers.Features;
        var dense = DenseInput.From(buffers.Vector, buffers.Dense);
        Regression.Logits(features.Rows.AsSpan(0, features.Count), features.Values.AsSpan(0, features.Count), dense, buffers.Logits);
        var probabilities = buffers.Logits.AsSpan(0, Intents.Length);
        var signals = new float[Signals.Count];
        var outOfScope = OutOfScope;
        var first = Signals.Read(probabilities, outOfScope, Exemplars, buffers.Vector, features.UnseenShare, signals);
        var confidence = Confidence.Probability(signals);
        return new Prediction(
            Rank(probabilities, outOfScope, confidence / probabilities[first]),
            outOfScope >= 0 && probabilities[outOfScope] > probabilities[first],
            signals);
    }

    private IntentCandidate[] Rank(ReadOnlySpan<float> probabilities, int excluded, float scale)
    {
        Span<int> best = stackalloc int[Math.Min(Longest, probabilities.Length - (excluded < 0 ? 0 : 1))];
        var count = Likeliest.Write(probabilities, excluded, best);
        var ranking = new IntentCandidate[count];
        for (var i = 0; i < count; i++)
        {
            ranking[i] = new IntentCandidate(Intents[best[i]], IntentRouter.Confidence.Clamp(probabilities[best[i]] * scale));
        }

        return ranking;
    }

    private sealed class Buffers(int stride, int width)
    {
        public FeatureBuffers Features { get; } = new();
        public float[] Logits { get; } = new float[stride];
        public float[] Dense { get; } = new float[width];
        public float[] Vector { get; } = new float[width == 0 ? 0 : SentenceEncoder.Size];
        public float[] Pooled { get; } = new float[width == 0 ? 0 : SentenceEncoder.Size];
    }
}

/// <summary>How the encoder's vectors enter the regression.</summary>
internal static class DenseInput
{
    public const int Width = SentenceEncoder.Size;

    // The sentence vector has unit length, as each group of n-grams has; it tells more than they do.
    private const float Weight = 4f;

    public static ReadOnlySpan<float> From(ReadOnlySpan<float> vector, Span<float> into)
    {
        vector.CopyTo(into);
        Lanes.Scale(into, Weight);
        return into;
    }
}
