using System.Collections.Concurrent;
using System.Reflection;
using IntentRouter.Adapters.Local.Models;

namespace IntentRouter.Adapters.Local.Encoding;

/// <summary>
/// Turns a normalised English text into vectors whose directions tell meanings apart: the Universal Sentence Encoder "lite", 8-bit, two transformer
/// layers. Thread-safe; at most as many encodings run at once as there are cores, further callers wait.
/// </summary>
internal sealed class SentenceEncoder : IDisposable
{
    /// <summary>Length of the sentence vector (unit length).</summary>
    public const int Size = 512;

    private const int WordSize = 256;

    private static readonly Lazy<SentenceEncoder> _shared = new(LoadEmbedded);

    private readonly SentencePieces _pieces;
    private readonly sbyte[] _words;
    private readonly float[] _wordScales;
    private readonly float[] _timing;
    private readonly TransformerLayer _first;
    private readonly TransformerLayer _second;
    private readonly QuantizedMatrix _head;
    private readonly SemaphoreSlim _slots = new(Environment.ProcessorCount);
    private readonly ConcurrentBag<EncoderBuffers> _pool = [];

    private SentenceEncoder(SentencePieces pieces, OnnxNumbers numbers)
    {
        _pieces = pieces;
        _words = numbers.Bytes("words_q").ToArray();
        _wordScales = numbers.Floats("words_s");
        _timing = numbers.Floats("timing");
        _first = new TransformerLayer(numbers, "l0_", widens: true);
        _second = new TransformerLayer(numbers, "l1_", widens: false);
        _head = numbers.Matrix("head");
    }

    /// <summary>The one encoder of the process: its weights never change, and every model uses the same.</summary>
    public static SentenceEncoder Shared => _shared.Value;

    public static SentenceEncoder LoadEmbedded()
    {
        using var vocabulary = Resource("use-lite.vocab.json");
        using var model = Resource("use-lite.onnx");
        var bytes = new byte[model.Length];
        model.ReadExactly(bytes);
        return new SentenceEncoder(SentencePieces.Load(vocabulary), new OnnxNumbers(bytes));
    }

    /// <summary>Encodes one normalised text into <paramref name="embedding"/> and <paramref name="pooled"/>, both of <see cref="Size"/>.</summary>
    public void Encode(ReadOnlySpan<char> text, Span<float> embedding, Span<float> pooled)
    {
        _slots.Wait();
        try
        {
            if (!_pool.TryTake(out var buffers))
            {
                buffers = new EncoderBuffers();
            }

            Encode(text, buffers, embedding[..Size], pooled[..Size]);
            _pool.Add(buffers);
        }
        finally
        {
            _slots.Release();
        }
    }

    public void Dispose() => _slots.Dispose();

    private void Encode(ReadOnlySpan<char> text, EncoderBuffers buffers, Span<float> embedding, Span<float> pooled)
    {
        var count = _pieces.Tokenize(text, buffers.Ids);
        buffers.Reserve(count);
        var rows = buffers.Rows.AsSpan(0, count * WordSize);
        for (var i = 0; i < count; i++)
        {
            var row = rows.Slice(i * WordSize, WordSize);
            var id = (int)buffers.Ids[i];
            for (var j = 0; j < row.Length; j++)
            {
                row[j] = (_words[(id * WordSize) + j] * _wordScales[id]) + _timing[(i * WordSize) + j];
            }
        }

        var hidden = _first.AttendAndWiden(rows, count, buffers);
        _first.Finish(hidden, count, buffers, buffers.Rows);
        hidden = _second.AttendAndWiden(buffers.Rows.AsSpan(0, count * Size), count, buffers);

        // The second layer's last matrix is linear: the mean over the pieces may come before it.
        Mean(hidden, count);
        Mean(buffers.Sums.AsSpan(0, count * Size), count);
        _second.Finish(hidden, 1, buffers, pooled);
        buffers.Multiply(_head, pooled, 1, embedding);
        foreach (ref var number in embedding)
        {
            number = MathF.Tanh(number);
        }

        Lanes.Scale(embedding, 1f / MathF.Sqrt(Lanes.Dot(embedding, embedding)));
    }

    /// <summary>The mean of the rows, in place of the first.</summary>
    private static void Mean(Span<float> rows, int count)
    {
        var width = rows.Length / count;
        var first = rows[..width];
        for (var i = 1; i < count; i++)
        {
            Lanes.Add(first, rows.Slice(i * width, width));
        }

        Lanes.Scale(first, 1f / count);
    }

    private static Stream Resource(string name) =>
        Assembly.GetExecutingAssembly().GetManifestResourceStream(name)
        ?? throw new InvalidOperationException($"The assembly lacks its resource '{name}'; rebuild it.");
}
