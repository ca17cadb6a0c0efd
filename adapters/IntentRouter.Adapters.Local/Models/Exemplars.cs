using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace IntentRouter.Adapters.Local.Models;

/// <summary>How near a text is to training examples.</summary>
/// <param name="Nearest">Mean cosine to the nearest few of the likeliest intents.</param>
/// <param name="OfIntent">Largest cosine to one of the first intent.</param>
internal readonly record struct Likeness(float Nearest, float OfIntent);

/// <summary>
/// Sentence vectors of training examples, against which a new text is compared: the nearest one of an intent speaks for it beside the regression,
/// which knows only what all of them have in common. 8 bits a number. Immutable and thread-safe.
/// </summary>
internal sealed class Exemplars
{
    /// <summary>More of one intent make a large bot slow and tell hardly more.</summary>
    public const int MostPerIntent = 150;

    // Only the likeliest intents are compared with: looking no further keeps a bot of 150 intents as fast as one of ten.
    private const int Rivals = 8;

    private const int Neighbours = 5;

    // What a cosine of one adds to the logit. Less tells less; with more, single odd examples win against all the others.
    private const float Weight = 3f;

    private readonly int[] _starts;

    /// <param name="numbers">The vectors, one after the other.</param>
    /// <param name="scales">What each vector's numbers are to be multiplied with.</param>
    /// <param name="classes">The class of each vector, in ascending order.</param>
    public Exemplars(sbyte[] numbers, float[] scales, int[] classes, int width)
    {
        Numbers = numbers;
        Scales = scales;
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

    public sbyte[] Numbers { get; }

    public float[] Scales { get; }

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

        var numbers = new sbyte[kept.Count * width];
        var scales = new float[kept.Count];
        Span<short> rounded = stackalloc short[width];
        for (var i = 0; i < kept.Count; i++)
        {
            scales[i] = Round(vectors.Slice(kept[i] * width, width), rounded);
            for (var j = 0; j < width; j++)
            {
                numbers[(i * width) + j] = (sbyte)rounded[j];
            }
        }

        return new Exemplars(numbers, scales, [.. kept.Select(i => classes[i])], width);
    }

    /// <summary>
    /// Compares a text with the examples of its likeliest intents and adds to the logits how near their nearest ones are. Examples of the class
    /// <paramref name="excluded"/> speak for it, but are nothing that the bot knows.
    /// </summary>
    public Likeness Compare(ReadOnlySpan<float> vector, Span<float> logits, int excluded)
    {
        Span<short> text = stackalloc short[Width];
        var scale = Round(vector, text);
        Span<int> rivals = stackalloc int[Math.Min(Rivals, logits.Length)];
        rivals = rivals[..Likeliest.Write(logits, -1, rivals)];
        Span<float> own = stackalloc float[rivals.Length];
        Span<float> best = stackalloc float[Neighbours];
        best.Fill(-1f);
        var compared = 0;
        for (var r = 0; r < rivals.Length; r++)
        {
            own[r] = -1f;
            for (var i = StartOf(rivals[r]); i < StartOf(rivals[r] + 1); i++)
            {
                var cosine = scale * Scales[i] * Dot(text, Numbers.AsSpan(i * Width, Width));
                own[r] = Math.Max(own[r], cosine);
                if (rivals[r] != excluded)
                {
                    compared++;
                    Insert(best, cosine);
                }
            }
        }

        var known = Math.Min(Neighbours, compared);
        return new Likeness(known == 0 ? -1f : Sum(best[..known]) / known, Add(rivals, own, logits, excluded));
    }

    /// <summary>The intents that were not compared with count as far as the farthest that was. Returns the likeness to the first intent.</summary>
    private static float Add(ReadOnlySpan<int> rivals, ReadOnlySpan<float> own, Span<float> logits, int excluded)
    {
        var farthest = 1f;
        foreach (var cosine in own)
        {
            farthest = Math.Min(farthest, cosine);
        }

        foreach (ref var logit in logits)
        {
            logit += Weight * farthest;
        }

        var first = -1;
        for (var r = 0; r < rivals.Length; r++)
        {
            logits[rivals[r]] += Weight * (own[r] - farthest);
            if (rivals[r] != excluded && (first < 0 || logits[rivals[r]] > logits[rivals[first]]))
            {
                first = r;
            }
        }

        return first < 0 ? -1f : own[first];
    }

    private static float Sum(ReadOnlySpan<float> numbers)
    {
        var sum = 0f;
        foreach (var number in numbers)
        {
            sum += number;
        }

        return sum;
    }

    private static void Insert(Span<float> best, float value)
    {
        for (var at = 0; at < best.Length; at++)
        {
            if (value > best[at])
            {
                (best[at], value) = (value, best[at]);
            }
        }
    }

    private static float Round(ReadOnlySpan<float> vector, Span<short> into)
    {
        var largest = Lanes.LargestMagnitude(vector);
        var scale = largest > 0 ? largest / sbyte.MaxValue : 1f;
        for (var j = 0; j < into.Length; j++)
        {
            into[j] = (short)MathF.Round(vector[j] / scale);
        }

        return scale;
    }

    /// <summary>Two products of numbers of up to ±127 fit 16 bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int Dot(ReadOnlySpan<short> text, ReadOnlySpan<sbyte> example)
    {
        ref var left = ref MemoryMarshal.GetReference(text);
        ref var right = ref MemoryMarshal.GetReference(example);
        var sums = Vector512<int>.Zero;
        for (nuint at = 0; at < (nuint)example.Length; at += (nuint)Vector512<sbyte>.Count)
        {
            var numbers = Vector512.LoadUnsafe(ref right, at);
            var products = (Vector512.LoadUnsafe(ref left, at) * Vector512.WidenLower(numbers))
                + (Vector512.LoadUnsafe(ref left, at + (nuint)Vector512<short>.Count) * Vector512.WidenUpper(numbers));
            sums += Vector512.WidenLower(products) + Vector512.WidenUpper(products);
        }

        return Vector512.Sum(sums);
    }

    private int StartOf(int intent) => _starts[Math.Min(intent, _starts.Length - 1)];
}
