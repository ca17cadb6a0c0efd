
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

    /// <summary>The signals in words, for the explanation of a turn.</summary>
    public static IReadOnlyList<Evidence> Explain(ReadOnlySpan<float> signals, bool encoder)
    {
        Evidence share = new("share", signals[Share], signals[Share] > 2 ? "the first intent leaves the others far behind" : "other intents are nearly as likely");
        Evidence entropy = new("entropy", signals[Entropy], signals[Entropy] > 0.5 ? "many intents are about equally likely" : "few intents come into question");
        Evidence energy = new("energy", signals[Energy], "how strongly the words speak for any intent at all");
        Evidence unseen = new("unseen-words", signals[Unseen], signals[Unseen] > 0.4 ? "many words are not in the training data" : "most words are in the training data");
        return encoder
            ?
            [
                share,
                entropy,
                energy,
                new("nearest", signals[Nearest], signals[Nearest] < 0.5 ? "unlike anything in the training data" : "like several training examples"),
                new("nearest-of-intent", signals[OfIntent], signals[OfIntent] < 0.6 ? "no example of the first intent is close" : "close to an example of the first intent"),
                unseen,
            ]
            : [share, entropy, energy, unseen];
    }

    /// <summary>Turns <paramref name="logits"/> into probabilities and writes the signals; returns the best class other than <paramref name="excluded"/>.</summary>
    public static int Read(Span<float> logits, int excluded, Exemplars? exemplars, ReadOnlySpan<float> vector, float unseen, Span<float> signals)
    {
        var likeness = exemplars?.Compare(vector, logits, excluded) ?? default;
        signals[Energy] = Lanes.Softmax(logits);

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
        signals[Unseen] = unseen;
        signals[Nearest] = likeness.Nearest;
        signals[OfIntent] = likeness.OfIntent;
        return first;
    }
}
