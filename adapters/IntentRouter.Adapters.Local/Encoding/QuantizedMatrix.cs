using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;
using IntentRouter.Adapters.Local.Models;

namespace IntentRouter.Adapters.Local.Encoding;

/// <summary>
/// A 7-bit matrix and its bias, which multiplies rows of 7-bit numbers: four products fit 16 bits, which is what processors add fastest. The weights
/// lie as the processor takes them: blocks of 16 columns, in a block four rows at a time, of each column four numbers side by side.
/// </summary>
internal sealed class QuantizedMatrix
{
    private const int Block = 16;
    private const int Four = 4;
    private const int Line = 64;

    /// <summary>Bytes between the weights in use and those asked for: the memory takes about as long as they last.</summary>
    private const int Ahead = 2048;

    private readonly int _largest;
    private readonly int _shift;
    private readonly sbyte[] _weights;
    private readonly int _begin;
    private readonly int[] _starts;
    private readonly float[] _scales;
    private readonly float[] _bias;

    /// <param name="weights">Row by row, each of at most ±63.</param>
    /// <param name="positive">Whether the rows to multiply have no negative numbers; they keep one bit more.</param>
    public QuantizedMatrix(ReadOnlySpan<sbyte> weights, float[] scales, float[] bias, bool positive)
    {
        _largest = positive ? 127 : 63;

        // x86 multiplies unsigned with signed numbers: rows are shifted, and the sums start with what that adds.
        _shift = positive || Dp.IsSupported ? 0 : 64;
        _scales = scales;
        _bias = bias;
        Outputs = scales.Length;
        Inputs = weights.Length / Outputs;
        if (Outputs % (2 * Block) != 0 || Inputs % 64 != 0 || bias.Length != Outputs)
        {
            throw new InvalidDataException($"The encoder's file has a matrix of {Inputs} x {Outputs}, which does not fit.");
        }

        // On whole cache lines: a load that touches two takes twice as long.
        _weights = GC.AllocateUninitializedArray<sbyte>(weights.Length + Line, pinned: true);
        _begin = (int)((Line - (Marshal.UnsafeAddrOfPinnedArrayElement(_weights, 0) % Line)) % Line);
        _starts = new int[Outputs];
        Pack(weights);
    }

    public int Inputs { get; }

    public int Outputs { get; }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Pack(ReadOnlySpan<sbyte> weights)
    {
        for (var input = 0; input < Inputs; input++)
        {
            var row = weights.Slice(input * Outputs, Outputs);
            for (var output = 0; output < row.Length; output++)
            {
                _weights[_begin + (output / Block * Block * Inputs) + (input / Four * Block * Four) + (output % Block * Four) + (input % Four)] = row[output];
                _starts[output] -= _shift * row[output];
            }
        }
    }

    /// <summary>Brings rows of numbers to 7 bits, each row with a scale of its own: what a text becomes does not depend on its neighbours.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Quantize(ReadOnlySpan<float> rows, Span<byte> numbers, Span<float> scales)
    {
        var shift = Vector512.Create((byte)_shift);
        for (var r = 0; r < rows.Length / Inputs; r++)
        {
            var row = rows.Slice(r * Inputs, Inputs);
            var largest = Lanes.LargestMagnitude(row);
            scales[r] = largest / _largest;
            var factor = Vector512.Create(largest > 0 ? _largest / largest : 0f);
            ref var from = ref MemoryMarshal.GetReference(row);
            ref var to = ref MemoryMarshal.GetReference(numbers[(r * Inputs)..]);
            for (nuint at = 0; at < (nuint)Inputs; at += 64)
            {
                var low = Vector512.Narrow(Rounded(ref from, at, factor), Rounded(ref from, at + 16, factor));
                var high = Vector512.Narrow(Rounded(ref from, at + 32, factor), Rounded(ref from, at + 48, factor));
                (Vector512.Narrow(low, high).AsByte() + shift).StoreUnsafe(ref to, at);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<int> Rounded(ref float from, nuint at, Vector512<float> factor) =>
        Vector512.ConvertToInt32(Vector512.Round(Vector512.LoadUnsafe(ref from, at) * factor));

    /// <summary>Multiplies rows that <see cref="Quantize"/> made.</summary>
    public void Multiply(ReadOnlySpan<byte> numbers, ReadOnlySpan<float> scales, int rows, Span<float> results)
    {
        Debug.Assert(numbers.Length >= rows * Inputs && scales.Length >= rows && results.Length >= rows * Outputs);
        for (var column = 0; column < Outputs; column += 2 * Block)
        {
            // Two rows at a time share each load of weights; an odd last row is its own partner.
            for (var row = 0; row < rows; row += 2)
            {
                var partner = Math.Min(row + 1, rows - 1);
                if (Avx512BW.IsSupported)
                {
                    Multiply512(numbers, scales, row, partner, column, results);
                }
                else
                {
                    Multiply256(numbers, scales, row, column, results);
                    Multiply256(numbers, scales, row, column + Block, results);
                    Multiply256(numbers, scales, partner, column, results);
                    Multiply256(numbers, scales, partner, column + Block, results);
                }
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private unsafe void Multiply512(ReadOnlySpan<byte> numbers, ReadOnlySpan<float> scales, int row, int partner, int column, Span<float> results)
    {
        ref var weights = ref _weights[_begin + (column * Inputs)];
        ref var others = ref _weights[_begin + ((column + Block) * Inputs)];
        ref var first = ref Unsafe.As<byte, int>(ref MemoryMarshal.GetReference(numbers[(row * Inputs)..]));
        ref var second = ref Unsafe.As<byte, int>(ref MemoryMarshal.GetReference(numbers[(partner * Inputs)..]));
        var ones = Vector512.Create((short)1);

        // All matrices together are larger than the cache beside the core. The array is pinned, and what is only asked for may lie behind its end.
        var next = (byte*)Unsafe.AsPointer(ref weights) + Ahead;
        var nextOther = (byte*)Unsafe.AsPointer(ref others) + Ahead;
        var (a, b, c, d) = (Vector512<int>.Zero, Vector512<int>.Zero, Vector512<int>.Zero, Vector512<int>.Zero);
        for (nuint four = 0; four < (nuint)(Inputs / Four); four += 2)
        {
            var at = four * Block * Four;
            if (row == 0)
            {
                Sse.Prefetch0(next + at);
                Sse.Prefetch0(next + at + Line);
                Sse.Prefetch0(nextOther + at);
                Sse.Prefetch0(nextOther + at + Line);
            }

            var left = Vector512.LoadUnsafe(ref weights, at);
            var right = Vector512.LoadUnsafe(ref others, at);
            var one = Vector512.Create(Unsafe.Add(ref first, four)).AsByte();
            var two = Vector512.Create(Unsafe.Add(ref second, four)).AsByte();
            var nextLeft = Vector512.LoadUnsafe(ref weights, at + (Block * Four));
            var nextRight = Vector512.LoadUnsafe(ref others, at + (Block * Four));
            var nextOne = Vector512.Create(Unsafe.Add(ref first, four + 1)).AsByte();
            var nextTwo = Vector512.Create(Unsafe.Add(ref second, four + 1)).AsByte();
            a += Avx512BW.MultiplyAddAdjacent(Avx512BW.MultiplyAddAdjacent(one, left) + Avx512BW.MultiplyAddAdjacent(nextOne, nextLeft), ones);
            b += Avx512BW.MultiplyAddAdjacent(Avx512BW.MultiplyAddAdjacent(one, right) + Avx512BW.MultiplyAddAdjacent(nextOne, nextRight), ones);
            c += Avx512BW.MultiplyAddAdjacent(Avx512BW.MultiplyAddAdjacent(two, left) + Avx512BW.MultiplyAddAdjacent(nextTwo, nextLeft), ones);
            d += Avx512BW.MultiplyAddAdjacent(Avx512BW.MultiplyAddAdjacent(two, right) + Avx512BW.MultiplyAddAdjacent(nextTwo, nextRight), ones);
        }

        Store512(a, scales[row], column, results[(row * Outputs)..]);
        Store512(b, scales[row], column + Block, results[(row * Outputs)..]);
        Store512(c, scales[partner], column, results[(partner * Outputs)..]);
        Store512(d, scales[partner], column + Block, results[(partner * Outputs)..]);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Store512(Vector512<int> sums, float scale, int column, Span<float> results)
    {
        var whole = Vector512.ConvertToSingle(sums + Vector512.Create<int>(_starts.AsSpan(column, Block)));
        var scaled = (whole * (Vector512.Create<float>(_scales.AsSpan(column, Block)) * scale)) + Vector512.Create<float>(_bias.AsSpan(column, Block));
        scaled.CopyTo(results[column..]);
    }

    /// <summary>One row and 16 columns, for every other processor.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Multiply256(ReadOnlySpan<byte> numbers, ReadOnlySpan<float> scales, int row, int column, Span<float> results)
    {
        ref var weights = ref _weights[_begin + (column * Inputs)];
        ref var first = ref Unsafe.As<byte, int>(ref MemoryMarshal.GetReference(numbers[(row * Inputs)..]));
        var (low, high) = (Vector256<int>.Zero, Vector256<int>.Zero);
        for (nuint four = 0; four < (nuint)(Inputs / Four); four++)
        {
            var left = Vector256.LoadUnsafe(ref weights, four * Block * Four);
            var right = Vector256.LoadUnsafe(ref weights, (four * Block * Four) + 32);
            var number = Unsafe.Add(ref first, four);
            if (Avx2.IsSupported)
            {
                low += Avx2.MultiplyAddAdjacent(Avx2.MultiplyAddAdjacent(Vector256.Create(number).AsByte(), left), Vector256.Create((short)1));
                high += Avx2.MultiplyAddAdjacent(Avx2.MultiplyAddAdjacent(Vector256.Create(number).AsByte(), right), Vector256.Create((short)1));
            }
            else
            {
                low = Vector256.Create(AddProducts(low.GetLower(), number, left.GetLower()), AddProducts(low.GetUpper(), number, left.GetUpper()));
                high = Vector256.Create(AddProducts(high.GetLower(), number, right.GetLower()), AddProducts(high.GetUpper(), number, right.GetUpper()));
            }
        }

        Store256(low, scales[row], column, results[(row * Outputs)..]);
        Store256(high, scales[row], column + 8, results[(row * Outputs)..]);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<int> AddProducts(Vector128<int> sums, int number, Vector128<sbyte> weights)
    {
        var numbers = Vector128.Create(number);
        if (Dp.IsSupported)
        {
            return Dp.DotProduct(sums, weights, numbers.AsSByte());
        }

        if (Ssse3.IsSupported)
        {
            // Virtual machines often show no more than this.
            return sums + Sse2.MultiplyAddAdjacent(Ssse3.MultiplyAddAdjacent(numbers.AsByte(), weights), Vector128.Create((short)1));
        }

        var low = Vector128.WidenLower(numbers.AsByte()).AsInt16() * Vector128.WidenLower(weights);
        var high = Vector128.WidenUpper(numbers.AsByte()).AsInt16() * Vector128.WidenUpper(weights);
        return sums + Vector128.Create(
            low[0] + low[1] + low[2] + low[3], low[4] + low[5] + low[6] + low[7], high[0] + high[1] + high[2] + high[3], high[4] + high[5] + high[6] + high[7]);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Store256(Vector256<int> sums, float scale, int column, Span<float> results)
    {
        var whole = Vector256.ConvertToSingle(sums + Vector256.Create<int>(_starts.AsSpan(column, 8)));
        var scaled = (whole * (Vector256.Create<float>(_scales.AsSpan(column, 8)) * scale)) + Vector256.Create<float>(_bias.AsSpan(column, 8));
        scaled.CopyTo(results[column..]);
    }
}
