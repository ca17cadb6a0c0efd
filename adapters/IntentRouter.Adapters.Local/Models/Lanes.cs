using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace IntentRouter.Adapters.Local.Models;

/// <summary>
/// The few operations on rows of numbers that training and answering consist of, <see cref="Width"/> numbers at a time. Compiled once and fully: the
/// general ones of System.Numerics.Tensors cost a first training more time in compiling than the training itself takes.
/// </summary>
internal static class Lanes
{
    /// <summary>Numbers that are handled at once.</summary>
    public const int Width = 16;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float Dot(ReadOnlySpan<float> left, ReadOnlySpan<float> right)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(right.Length, left.Length);
        ref var a = ref MemoryMarshal.GetReference(left);
        ref var b = ref MemoryMarshal.GetReference(right);
        var (even, odd) = (Vector512<float>.Zero, Vector512<float>.Zero);
        var at = 0;
        for (; at + (2 * Width) <= left.Length; at += 2 * Width)
        {
            even = Vector512.FusedMultiplyAdd(Vector512.LoadUnsafe(ref a, (nuint)at), Vector512.LoadUnsafe(ref b, (nuint)at), even);
            odd = Vector512.FusedMultiplyAdd(Vector512.LoadUnsafe(ref a, (nuint)(at + Width)), Vector512.LoadUnsafe(ref b, (nuint)(at + Width)), odd);
        }

        var sum = Vector512.Sum(even + odd);
        for (; at < left.Length; at++)
        {
            sum += left[at] * right[at];
        }

        return sum;
    }

    /// <summary>Adds the source, so many times, to the target.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Add(Span<float> target, ReadOnlySpan<float> source, float times = 1f)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(source.Length, target.Length);
        ref var to = ref MemoryMarshal.GetReference(target);
        ref var from = ref MemoryMarshal.GetReference(source);
        var factor = Vector512.Create(times);
        var at = 0;
        for (; at + Width <= target.Length; at += Width)
        {
            Vector512.FusedMultiplyAdd(Vector512.LoadUnsafe(ref from, (nuint)at), factor, Vector512.LoadUnsafe(ref to, (nuint)at)).StoreUnsafe(ref to, (nuint)at);
        }

        for (; at < target.Length; at++)
        {
            target[at] += source[at] * times;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Scale(Span<float> numbers, float factor)
    {
        ref var first = ref MemoryMarshal.GetReference(numbers);
        var at = 0;
        for (; at + Width <= numbers.Length; at += Width)
        {
            (Vector512.LoadUnsafe(ref first, (nuint)at) * factor).StoreUnsafe(ref first, (nuint)at);
        }

        for (; at < numbers.Length; at++)
        {
            numbers[at] *= factor;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float LargestMagnitude(ReadOnlySpan<float> numbers)
    {
        ref var first = ref MemoryMarshal.GetReference(numbers);
        var largest = Vector512<float>.Zero;
        var at = 0;
        for (; at + Width <= numbers.Length; at += Width)
        {
            largest = Vector512.MaxNative(largest, Vector512.Abs(Vector512.LoadUnsafe(ref first, (nuint)at)));
        }

        var result = 0f;
        for (var i = 0; i < Width; i++)
        {
            result = Math.Max(result, largest[i]);
        }

        for (; at < numbers.Length; at++)
        {
            result = Math.Max(result, Math.Abs(numbers[at]));
        }

        return result;
    }

    /// <summary>Turns logits into probabilities; returns the logarithm of the sum of their exponentials.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float Softmax(Span<float> logits)
    {
        var highest = float.NegativeInfinity;
        foreach (var logit in logits)
        {
            highest = Math.Max(highest, logit);
        }

        ref var first = ref MemoryMarshal.GetReference(logits);
        var sums = Vector512<float>.Zero;
        var at = 0;
        for (; at + Width <= logits.Length; at += Width)
        {
            var power = Vector512.Exp(Vector512.LoadUnsafe(ref first, (nuint)at) - Vector512.Create(highest));
            power.StoreUnsafe(ref first, (nuint)at);
            sums += power;
        }

        var sum = Vector512.Sum(sums);
        for (; at < logits.Length; at++)
        {
            logits[at] = MathF.Exp(logits[at] - highest);
            sum += logits[at];
        }

        Scale(logits, 1f / sum);
        return highest + MathF.Log(sum);
    }
}
