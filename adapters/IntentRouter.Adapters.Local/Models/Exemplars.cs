using System.Numerics.Tensors;

namespace IntentRouter.Adapters.Local.Models;

/// <summary>Sentence vectors of training examples, some of each intent, against which a new text is compared.</summary>
internal sealed class Exemplars
{
    /// <summary>More of one intent make a large bot slow and tell hardly more.</summary>
    public const int MostPerIntent = 20;

    // The neighbours that count belong to the likeliest intents: looking no further keeps a bot of 150 intents as fast as one of ten.
    private const int Rivals = 8;

    private const int Neighbours = 5;

    private readonly int[] _starts;

    /// <param name="classes">The class of each vector, in ascending order.</param>
    public Exemplars(float[] vectors, int[] classes, int width)
    {
        Vectors = vectors;
        Classes = classes;
        Width = width;
        _starts = new int[classes.Length == 0 ? 1 : classes[^1] + 2];
        foreach (var c in classes)
        {
            _starts[c + 1]++;
        }

        for (var c = 1; c < _starts.Length; c++)
        {
            _starts[c] += _starts[c - 1];
        }
    }

    public float[] Vectors { get; }

    public int[] Classes { get; }

    public int Width { get; }

    /// <summary>Takes up to <see cref="MostPerIntent"/> examples of each class, spread evenly over their order.</summary>
    public static Exemplars Choose(ReadOnlySpan<float> vectors, int width, ReadOnlySpan<int> chosen, int[] classes)
    {
        var byClass = new SortedDictionary<int, List<int>>();
        foreach (var example in chosen)
        {
            if (!byClass.TryGetValue(classes[example], out var list))
            {
                byClass.Add(classes[example], list = []);
            }

            list.Add(example);
        }

        var kept = new List<int>();
        foreach (var list in byClass.Values)
        {
            var most = Math.Min(MostPerIntent, list.Count);
            kept.AddRange(Enumerable.Range(0, most).Select(i => list[(int)((long)i * list.Count / most)]));
        }

        var copy = new float[kept.Count * width];
        for (var i = 0; i < kept.Count; i++)
        {
            vectors.Slice(kept[i] * width, width).CopyTo(copy.AsSpan(i * width));
        }

        return new Exemplars(copy, [.. kept.Select(i => classes[i])], width);
    }

    /// <summary>Mean cosine to the nearest few of the likeliest intents, and the largest cosine to one of <paramref name="intent"/>.</summary>
    public (float Nearest, float OfIntent) Compare(ReadOnlySpan<float> vector, ReadOnlySpan<float> probabilities, int intent)
    {
        Span<int> rivals = stackalloc int[Math.Min(Rivals, probabilities.Length)];
        rivals = rivals[..Likeliest.Write(probabilities, -1, rivals)];
        Span<float> best = stackalloc float[Neighbours];
        best.Fill(-1f);
        var own = -1f;
        var compared = 0;
        foreach (var rival in rivals)
        {
            for (var i = StartOf(rival); i < StartOf(rival + 1); i++)
            {
                var cosine = TensorPrimitives.Dot(Vectors.AsSpan(i * Width, Width), vector);
                own = rival == intent ? Math.Max(own, cosine) : own;
                compared++;
                for (var at = 0; at < best.Length; at++)
                {
                    if (cosine > best[at])
                    {
                        (best[at], cosine) = (cosine, best[at]);
                    }
                }
            }
        }

        var known = Math.Min(Neighbours, compared);
        return (known == 0 ? -1f : TensorPrimitives.Sum<float>(best[..known]) / known, own);
    }

    private int StartOf(int intent) => _starts[Math.Min(intent, _starts.Length - 1)];
}
