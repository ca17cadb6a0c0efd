using System.Collections.Concurrent;
using System.IO.Hashing;
using System.Runtime.InteropServices;
using IntentRouter.Adapters.Local.Encoding;

namespace IntentRouter.Adapters.Local.Training;

/// <summary>
/// Sentence vectors of training examples, kept from one training to the next, so that an edit costs only the new texts. Kept with half
/// precision, and rounded to it before first use too: a model does not depend on whether its vectors were kept. Thread-safe.
/// </summary>
internal sealed class ExampleVectors(SentenceEncoder encoder)
{
    private static ReadOnlySpan<byte> Magic => "irvec02\n"u8;

    private ConcurrentDictionary<UInt128, Half[]> _vectors = new();

    /// <summary>Writes the vector of a normalised text.</summary>
    public void Read(string text, Span<float> into)
    {
        var key = Key(text);
        if (!_vectors.TryGetValue(key, out var kept))
        {
            Span<float> pooled = stackalloc float[SentenceEncoder.Size];
            encoder.Encode(text, into, pooled);
            kept = new Half[SentenceEncoder.Size];
            for (var i = 0; i < kept.Length; i++)
            {
                kept[i] = (Half)into[i];
            }

            _vectors[key] = kept;
        }

        for (var i = 0; i < kept.Length; i++)
        {
            into[i] = (float)kept[i];
        }
    }

    /// <summary>Drops all vectors but those of the given texts.</summary>
    public void Keep(IEnumerable<string> texts)
    {
        var kept = new ConcurrentDictionary<UInt128, Half[]>();
        foreach (var key in texts.Select(Key))
        {
            if (_vectors.TryGetValue(key, out var vector))
            {
                kept[key] = vector;
            }
        }

        _vectors = kept;
    }

    /// <summary>Frees the memory; the file has them.</summary>
    public void Clear() => _vectors = new();

    public void Save(string file) => AtomicFile.Write(file, stream =>
    {
        stream.Write(Magic);
        foreach (var (key, vector) in _vectors.OrderBy(v => v.Key))
        {
            stream.Write(MemoryMarshal.AsBytes([key]));
            stream.Write(MemoryMarshal.AsBytes<Half>(vector));
        }
    });

    /// <summary>Takes what a file has; a file that is absent or of another form has nothing.</summary>
    public void Load(string file)
    {
        if (!File.Exists(file))
        {
            return;
        }

        using var stream = File.OpenRead(file);
        Span<byte> magic = stackalloc byte[8];
        if (stream.ReadAtLeast(magic, magic.Length, throwOnEndOfStream: false) < magic.Length || !magic.SequenceEqual(Magic))
        {
            return;
        }

        Span<UInt128> key = stackalloc UInt128[1];
        while (true)
        {
            var vector = new Half[SentenceEncoder.Size];
            if (stream.ReadAtLeast(MemoryMarshal.AsBytes(key), 16, throwOnEndOfStream: false) < 16
                || stream.ReadAtLeast(MemoryMarshal.AsBytes(vector.AsSpan()), vector.Length * 2, throwOnEndOfStream: false) < vector.Length * 2)
            {
                return;
            }

            _vectors[key[0]] = vector;
        }
    }

    private static UInt128 Key(string text) => XxHash128.HashToUInt128(MemoryMarshal.AsBytes(text.AsSpan()));
}
