using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace IntentRouter.Adapters.Local.Models;

/// <summary>
/// One linear classifier over a sparse and a dense vector. The sparse weights lie row by row, so that a text touches only its own rows, and rows are
/// padded to whole <see cref="Lane"/>s, so that no row needs a remainder; padding stays zero.
/// </summary>
internal sealed class SoftmaxRegression(int classes, int features, int width)
{
    /// <summary>Numbers that are handled at once.</summary>
    public const int Lane = Lanes.Width;

    public int Classes { get; } = classes;

    public int Features { get; } = features;

    public int Width { get; } = width;

    /// <summary>Length of a padded row.</summary>
    public int Stride { get; } = StrideOf(classes);

    public float[] Bias { get; init; } = new float[StrideOf(classes)];

    public float[] Sparse { get; init; } = new float[features * StrideOf(classes)];

    public float[] Dense { get; init; } = new float[classes * width];

    public static int StrideOf(int classes) => (classes + Lane - 1) / Lane * Lane;

    /// <summary>Writes the logits of one text; <paramref name="logits"/> has the length of a padded row.</summary>
    public void Logits(ReadOnlySpan<int> rows, ReadOnlySpan<float> values, ReadOnlySpan<float> dense, Span<float> logits)
    {
        Bias.CopyTo(logits);
        if (Width > 0)
        {
            for (var c = 0; c < Classes; c++)
            {
                logits[c] += Lanes.Dot(Dense.AsSpan(c * Width, Width), dense);
            }
        }

        AddRows(rows, values, logits);
    }

    /// <summary>Adds the rows times their values. The sums stay in registers over all rows, four lanes at a time.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void AddRows(ReadOnlySpan<int> rows, ReadOnlySpan<float> values, Span<float> logits)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(logits.Length, Stride);
        ArgumentOutOfRangeException.ThrowIfNotEqual(values.Length, rows.Length);
        ref var weights = ref MemoryMarshal.GetArrayDataReference(Sparse);
        ref var sums = ref MemoryMarshal.GetReference(logits);
        var lane = (nuint)Lane;
        var at = 0;
        for (; at + (4 * Lane) <= Stride; at += 4 * Lane)
        {
            var (a, b, c, d) = (Vector512<float>.Zero, Vector512<float>.Zero, Vector512<float>.Zero, Vector512<float>.Zero);
            for (var i = 0; i < rows.Length; i++)
            {
                var from = ((nuint)rows[i] * (nuint)Stride) + (nuint)at;
                var value = Vector512.Create(values[i]);
                a = Vector512.FusedMultiplyAdd(Vector512.LoadUnsafe(ref weights, from), value, a);
                b = Vector512.FusedMultiplyAdd(Vector512.LoadUnsafe(ref weights, from + lane), value, b);
                c = Vector512.FusedMultiplyAdd(Vector512.LoadUnsafe(ref weights, from + (2 * lane)), value, c);
                d = Vector512.FusedMultiplyAdd(Vector512.LoadUnsafe(ref weights, from + (3 * lane)), value, d);
            }

            var to = (nuint)at;
            (Vector512.LoadUnsafe(ref sums, to) + a).StoreUnsafe(ref sums, to);
            (Vector512.LoadUnsafe(ref sums, to + lane) + b).StoreUnsafe(ref sums, to + lane);
            (Vector512.LoadUnsafe(ref sums, to + (2 * lane)) + c).StoreUnsafe(ref sums, to + (2 * lane));
            (Vector512.LoadUnsafe(ref sums, to + (3 * lane)) + d).StoreUnsafe(ref sums, to + (3 * lane));
        }

        for (; at < Stride; at += Lane)
        {
            var sum = Vector512<float>.Zero;
            for (var i = 0; i < rows.Length; i++)
            {
                sum = Vector512.FusedMultiplyAdd(Vector512.LoadUnsafe(ref weights, ((nuint)rows[i] * (nuint)Stride) + (nuint)at), Vector512.Create(values[i]), sum);
            }

            (Vector512.LoadUnsafe(ref sums, (nuint)at) + sum).StoreUnsafe(ref sums, (nuint)at);
        }
    }
}
