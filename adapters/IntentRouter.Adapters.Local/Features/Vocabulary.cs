using System.Numerics;

namespace IntentRouter.Adapters.Local.Features;

/// <summary>
/// The pieces that the training data knows, each with a row and a weight (inverse document frequency). Turns a text into a sparse vector: sublinear
/// counts, words and runs of characters each of unit length. Immutable and thread-safe.
/// </summary>
internal sealed class Vocabulary
{
    private const int Free = -1;

    private readonly ulong[] _slots;
    private readonly int[] _rowsOfSlots;
    private readonly ulong[] _hashes;
    private readonly float[] _weights;

    public Vocabulary(ulong[] hashes, float[] weights)
    {
        _hashes = hashes;
        _weights = weights;
        var size = (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(16, hashes.Length * 2));
        _slots = new ulong[size];
        _rowsOfSlots = new int[size];
        Array.Fill(_rowsOfSlots, Free);
        for (var row = 0; row < hashes.Length; row++)
        {
            var slot = SlotOf(hashes[row]);
            while (_rowsOfSlots[slot] != Free)
            {
                slot = (slot + 1) & (size - 1);
            }

            _slots[slot] = hashes[row];
            _rowsOfSlots[slot] = row;
        }
    }

    /// <summary>The number of pieces.</summary>
    public int Count => _hashes.Length;

    public ReadOnlySpan<ulong> Hashes => _hashes;

    public ReadOnlySpan<float> Weights => _weights;

    /// <summary>Learns the pieces of the texts; pieces that fewer than <paramref name="least"/> of them have are left out.</summary>
    public static Vocabulary Learn(IReadOnlyList<string> texts, int least)
    {
        var rows = new Dictionary<ulong, int>();
        var order = new List<ulong>();
        var counts = new List<int>();
        var buffers = new FeatureBuffers();
        foreach (var text in texts)
        {
            buffers.Reserve(text.Length);
            var hashes = buffers.Hashes.AsSpan(0, NGrams.Extract(text, buffers.Hashes, buffers.Words, out _));
            hashes.Sort();
            for (var i = 0; i < hashes.Length; i++)
            {
                if (i > 0 && hashes[i] == hashes[i - 1])
                {
                    continue;
                }

                if (!rows.TryGetValue(hashes[i], out var row))
                {
                    rows.Add(hashes[i], row = order.Count);
                    order.Add(hashes[i]);
                    counts.Add(0);
                }

                counts[row]++;
            }
        }

        var kept = Enumerable.Range(0, order.Count).Where(row => counts[row] >= least).ToArray();
        return new Vocabulary(
            [.. kept.Select(row => order[row])],
            [.. kept.Select(row => MathF.Log((1f + texts.Count) / (1f + counts[row])) + 1f)]);
    }

    /// <summary>Writes the sparse vector of a normalised text into <paramref name="into"/>.</summary>
    public void Read(ReadOnlySpan<char> text, FeatureBuffers into)
    {
        into.Reserve(text.Length);
        var count = NGrams.Extract(text, into.Hashes, into.Words, out var words);
        var unseen = 0;
        foreach (var word in into.Words.AsSpan(0, words))
        {
            unseen += Find(word) == Free ? 1 : 0;
        }

        into.WordCount = words;
        into.UnseenShare = words == 0 ? 1f : unseen / (float)words;
        var hashes = into.Hashes.AsSpan(0, count);
        hashes.Sort();
        Collect(hashes, into);
    }

    private void Collect(ReadOnlySpan<ulong> hashes, FeatureBuffers into)
    {
        var wordSquares = 0f;
        var runSquares = 0f;
        var count = 0;
        for (var i = 0; i < hashes.Length;)
        {
            var next = i + 1;
            while (next < hashes.Length && hashes[next] == hashes[i])
            {
                next++;
            }

            var row = Find(hashes[i]);
            if (row != Free)
            {
                var value = (1f + MathF.Log(next - i)) * _weights[row];
                into.Rows[count] = row;
                into.Values[count++] = value;
                if (NGrams.IsRun(hashes[i]))
                {
                    runSquares += value * value;
                }
                else
                {
                    wordSquares += value * value;
                }
            }

            i = next;
        }

        into.Count = count;
        var wordScale = wordSquares > 0 ? 1f / MathF.Sqrt(wordSquares) : 0f;
        var runScale = runSquares > 0 ? 1f / MathF.Sqrt(runSquares) : 0f;
        for (var i = 0; i < count; i++)
        {
            into.Values[i] *= NGrams.IsRun(_hashes[into.Rows[i]]) ? runScale : wordScale;
        }
    }

    private int Find(ulong hash)
    {
        var slot = SlotOf(hash);
        while (_rowsOfSlots[slot] != Free)
        {
            if (_slots[slot] == hash)
            {
                return _rowsOfSlots[slot];
            }

            slot = (slot + 1) & (_slots.Length - 1);
        }

        return Free;
    }

    private int SlotOf(ulong hash) => (int)(hash >> 1) & (_slots.Length - 1);
}
