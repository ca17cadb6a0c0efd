using System.Numerics.Tensors;

namespace IntentRouter.Adapters.Local.Models;

/// <summary>The numbers behind a confidence.</summary>
internal static class Signals
{
    public const int Share = 0;
    public const int Entropy = 1;
    public const int Energy = 2;
    public const int Nearest = 3;
    public const int OfIntent = 4;
    public const int Unseen = 5;
    public const int Count = 6;

    public static readonly (string Name, string Meaning)[] Explained =
    [
        ("share", "log odds of the first intent against all others"),
        ("entropy", "0: one intent stands out; 1: all intents are equally likely"),
        ("energy", "how strongly the text speaks for any intent at all"),
        ("nearest", "likeness to the nearest training examples, 1 is identical"),
        ("nearest-of-intent", "likeness to the nearest example of the first intent, 1 is identical"),
        ("unseen-words", "share of the words that no training example has"),
    ];

    /// <summary>Turns <paramref name="logits"/> into probabilities and writes the signals; returns the best class other than <paramref name="excluded"/>.</summary>
    public static int Read(Span<float> logits, int excluded, Exemplars? exemplars, ReadOnlySpan<float> vector, float unseen, Span<float> signals)
    {
        var highest = TensorPrimitives.Max<float>(logits);
        TensorPrimitives.Subtract(logits, highest, logits);
        TensorPrimitives.Exp<float>(logits, logits);
        var sum = TensorPrimitives.Sum<float>(logits);
        TensorPrimitives.Divide(logits, sum, logits);

        var first = -1;
        var entropy = 0f;
        for (var c = 0; c < logits.Length; c++)
        {
            var p = logits[c];
            entropy -= p > 1e-12f ? p * MathF.Log(p) : 0f;
            if (c != excluded && (first < 0 || p > logits[first]))
            {
                first = c;
            }
        }

        var share = Math.Clamp(logits[first], 1e-6f, 1f - 1e-6f);
        signals[Share] = MathF.Log(share / (1f - share));
        signals[Entropy] = entropy / MathF.Log(Math.Max(2, logits.Length));
        signals[Energy] = highest + MathF.Log(sum);
        signals[Unseen] = unseen;
        (signals[Nearest], signals[OfIntent]) = exemplars is null ? (0f, 0f) : exemplars.Compare(vector, first);
        return first;
    }
}
