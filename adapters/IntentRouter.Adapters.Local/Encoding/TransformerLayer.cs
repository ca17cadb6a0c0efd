using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using IntentRouter.Adapters.Local.Models;

namespace IntentRouter.Adapters.Local.Encoding;

/// <summary>One layer of the encoder: the pieces of a text look at each other, then each is worked on alone. Immutable.</summary>
internal sealed class TransformerLayer(OnnxNumbers numbers, string name, bool widens)
{
    /// <summary>Width of the hidden layer.</summary>
    public const int Hidden = 1536;

    private const int Heads = 4;
    private const int Lane = Lanes.Width;
    private const float Epsilon = 1e-6f;

    private readonly float[] _normScale = numbers.Floats(name + "norm_scale");
    private readonly float[] _normBias = numbers.Floats(name + "norm_bias");
    private readonly float[] _forwardScale = numbers.Floats(name + "ffn_scale");
    private readonly float[] _forwardBias = numbers.Floats(name + "ffn_bias");
    private readonly QuantizedMatrix _attention = numbers.Matrix(name + "qkv");
    private readonly QuantizedMatrix _output = numbers.Matrix(name + "out");
    private readonly QuantizedMatrix? _widen = widens ? numbers.Matrix(name + "widen") : null;
    private readonly QuantizedMatrix _up = numbers.Matrix(name + "up");
    private readonly QuantizedMatrix _down = numbers.Matrix(name + "down", positive: true);

    /// <summary>Everything up to the last matrix: returns the hidden rows and leaves what is to be added to the result in the buffers' sums.</summary>
    public Span<float> AttendAndWiden(ReadOnlySpan<float> rows, int count, EncoderBuffers buffers)
    {
        var normed = buffers.Normed.AsSpan();
        Normalize(rows, count, _normScale, _normBias, normed);
        buffers.Multiply(_attention, normed, count, buffers.Wide);
        Attend(buffers, count, _attention.Outputs / 3);
        buffers.Multiply(_output, buffers.Attended, count, buffers.Sums);
        if (_widen is not null)
        {
            buffers.Multiply(_widen, rows, count, normed);
            rows = normed;
        }

        var sums = buffers.Sums.AsSpan(0, count * _output.Outputs);
        Lanes.Add(sums, rows[..sums.Length]);
        Normalize(sums, count, _forwardScale, _forwardBias, normed);
        var hidden = buffers.Wide.AsSpan(0, count * Hidden);
        buffers.Multiply(_up, normed, count, hidden);
        Rectify(hidden);
        return hidden;
    }

    /// <summary>The last matrix, and the sums.</summary>
    public void Finish(ReadOnlySpan<float> hidden, int count, EncoderBuffers buffers, Span<float> results)
    {
        buffers.Multiply(_down, hidden, count, results);
        results = results[..(count * _down.Outputs)];
        Lanes.Add(results, buffers.Sums.AsSpan(0, results.Length));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Normalize(ReadOnlySpan<float> rows, int count, float[] scale, float[] bias, Span<float> into)
    {
        var width = scale.Length;
        ref var scales = ref MemoryMarshal.GetArrayDataReference(scale);
        ref var biases = ref MemoryMarshal.GetArrayDataReference(bias);
        for (var i = 0; i < count; i++)
        {
            ref var from = ref MemoryMarshal.GetReference(rows.Slice(i * width, width));
            ref var to = ref MemoryMarshal.GetReference(into.Slice(i * width, width));
            var sum = Vector512<float>.Zero;
            for (nuint at = 0; at < (nuint)width; at += Lane)
            {
                sum += Vector512.LoadUnsafe(ref from, at);
            }

            var mean = Vector512.Create(Vector512.Sum(sum) / width);
            var squares = Vector512<float>.Zero;
            for (nuint at = 0; at < (nuint)width; at += Lane)
            {
                var difference = Vector512.LoadUnsafe(ref from, at) - mean;
                squares = Vector512.FusedMultiplyAdd(difference, difference, squares);
            }

            var factor = Vector512.Create(1f / MathF.Sqrt((Vector512.Sum(squares) / width) + Epsilon));
            for (nuint at = 0; at < (nuint)width; at += Lane)
            {
                var normed = (Vector512.LoadUnsafe(ref from, at) - mean) * factor;
                Vector512.FusedMultiplyAdd(normed, Vector512.LoadUnsafe(ref scales, at), Vector512.LoadUnsafe(ref biases, at)).StoreUnsafe(ref to, at);
            }
        }
    }

    /// <summary>Negative numbers become zero.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Rectify(Span<float> numbers)
    {
        ref var first = ref MemoryMarshal.GetReference(numbers);
        for (nuint at = 0; at < (nuint)numbers.Length; at += Lane)
        {
            Vector512.MaxNative(Vector512.LoadUnsafe(ref first, at), Vector512<float>.Zero).StoreUnsafe(ref first, at);
        }
    }

    private static void Attend(EncoderBuffers buffers, int count, int width)
    {
        var size = width / Heads;
        var scale = 1f / MathF.Sqrt(size);
        var scores = buffers.Scores.AsSpan(0, count);
        for (var head = 0; head < Heads; head++)
        {
            var queries = buffers.Wide.AsSpan(head * size);
            for (var i = 0; i < count; i++)
            {
                Score(queries.Slice(i * 3 * width, size), queries[width..], 3 * width, scale, scores);
                Lanes.Softmax(scores);
                Mix(queries[(2 * width)..], 3 * width, scores, buffers.Attended.AsSpan((i * width) + (head * size), size));
            }
        }
    }

    /// <summary>How much the query likes each key; a key begins every <paramref name="stride"/> numbers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Score(ReadOnlySpan<float> query, ReadOnlySpan<float> keys, int stride, float scale, Span<float> scores)
    {
        ref var left = ref MemoryMarshal.GetReference(query);
        for (var j = 0; j < scores.Length; j++)
        {
            ref var right = ref MemoryMarshal.GetReference(keys.Slice(j * stride, query.Length));
            var sum = Vector512<float>.Zero;
            for (nuint at = 0; at < (nuint)query.Length; at += Lane)
            {
                sum = Vector512.FusedMultiplyAdd(Vector512.LoadUnsafe(ref left, at), Vector512.LoadUnsafe(ref right, at), sum);
            }

            scores[j] = scale * Vector512.Sum(sum);
        }
    }

    /// <summary>The sum of the values, each as much as its score.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Mix(ReadOnlySpan<float> values, int stride, ReadOnlySpan<float> scores, Span<float> mixed)
    {
        ref var target = ref MemoryMarshal.GetReference(mixed);
        ref var first = ref MemoryMarshal.GetReference(values[..(((scores.Length - 1) * stride) + mixed.Length)]);
        for (nuint at = 0; at < (nuint)mixed.Length; at += Lane)
        {
            var sum = Vector512<float>.Zero;
            for (var j = 0; j < scores.Length; j++)
            {
                sum = Vector512.FusedMultiplyAdd(Vector512.LoadUnsafe(ref first, ((nuint)j * (nuint)stride) + at), Vector512.Create(scores[j]), sum);
            }

            sum.StoreUnsafe(ref target, at);
        }
    }
}
