using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using IntentRouter.Adapters.Local.Encoding;
using IntentRouter.Adapters.Local.Features;

namespace IntentRouter.Adapters.Local.Models;

/// <summary>A trained model as one file: a mark, the hash of the rest, a JSON header, arrays.</summary>
internal static partial class ModelFile
{
    private const int HashSize = 32;

    private static ReadOnlySpan<byte> Magic => "irnlu04\n"u8;

    public static void Save(IntentModel model, string file)
    {
        using var content = new MemoryStream();
        var header = JsonSerializer.SerializeToUtf8Bytes(
            new Header(
                model.Id,
                model.Intents,
                model.Vocabulary.Count,
                model.Regression.Width,
                model.Exemplars?.Classes.Length ?? -1),
            HeaderJson.Default.Header);
        Write(content, [header.Length]);
        content.Write(header);
        Write(content, model.Vocabulary.Hashes);
        Write(content, model.Vocabulary.Weights);
        Write<float>(content, model.Regression.Bias);
        Write<float>(content, model.Regression.Sparse);
        Write<float>(content, model.Regression.Dense);
        Write<float>(content, model.Confidence.Means);
        Write<float>(content, model.Confidence.Scales);
        Write<float>(content, model.Confidence.Weights);
        Write<float>(content, [model.Confidence.Bias]);
        if (model.Exemplars is { } exemplars)
        {
            Write<int>(content, exemplars.Classes);
            Write<float>(content, exemplars.Scales);
            Write<sbyte>(content, exemplars.Numbers);
        }

        var bytes = content.GetBuffer().AsMemory(0, (int)content.Length);
        AtomicFile.Write(file, stream =>
        {
            stream.Write(Magic);
            stream.Write(SHA256.HashData(bytes.Span));
            stream.Write(bytes.Span);
        });
    }

    /// <summary>Reads a model; null when the file is absent, damaged, or not the model of this name.</summary>
    public static IntentModel? Load(string file, string id, SentenceEncoder? encoder)
    {
        if (!File.Exists(file))
        {
            return null;
        }

        var bytes = File.ReadAllBytes(file);
        var start = Magic.Length + HashSize;
        if (bytes.Length < start
            || !bytes.AsSpan(0, Magic.Length).SequenceEqual(Magic)
            || !SHA256.HashData(bytes.AsSpan(start)).AsSpan().SequenceEqual(bytes.AsSpan(Magic.Length, HashSize)))
        {
            return null;
        }

        var at = start;
        var length = Read<int>(bytes, ref at, 1)[0];
        var header = JsonSerializer.Deserialize(bytes.AsSpan(at, length), HeaderJson.Default.Header)!;
        at += length;
        return header.Id == id ? Read(bytes, at, header, encoder) : null;
    }

    private static IntentModel Read(byte[] bytes, int at, Header header, SentenceEncoder? encoder)
    {
        var classes = header.Intents.Length;
        var stride = SoftmaxRegression.StrideOf(classes);
        return new IntentModel
        {
            Id = header.Id,
            Intents = header.Intents,
            Vocabulary = new Vocabulary(Read<ulong>(bytes, ref at, header.Features), Read<float>(bytes, ref at, header.Features)),
            Regression = new SoftmaxRegression(classes, header.Features, header.Width)
            {
                Bias = Read<float>(bytes, ref at, stride),
                Sparse = Read<float>(bytes, ref at, header.Features * stride),
                Dense = Read<float>(bytes, ref at, header.Width * classes),
            },
            Confidence = new ConfidenceModel(
                Read<float>(bytes, ref at, Signals.Count), Read<float>(bytes, ref at, Signals.Count), Read<float>(bytes, ref at, Signals.Count), Read<float>(bytes, ref at, 1)[0]),
            Exemplars = header.Exemplars < 0 ? null : ReadExemplars(bytes, ref at, header.Exemplars),
            Encoder = encoder,
        };
    }

    private static Exemplars ReadExemplars(byte[] bytes, ref int at, int count)
    {
        var classes = Read<int>(bytes, ref at, count);
        var scales = Read<float>(bytes, ref at, count);
        return new Exemplars(Read<sbyte>(bytes, ref at, count * SentenceEncoder.Size), scales, classes, SentenceEncoder.Size);
    }

    private static void Write<T>(Stream stream, ReadOnlySpan<T> values)
        where T : unmanaged => stream.Write(MemoryMarshal.AsBytes(values));

    private static T[] Read<T>(byte[] bytes, ref int at, int count)
        where T : unmanaged
    {
        var values = new T[count];
        var target = MemoryMarshal.AsBytes(values.AsSpan());
        bytes.AsSpan(at, target.Length).CopyTo(target);
        at += target.Length;
        return values;
    }

    private sealed record Header(string Id, string[] Intents, int Features, int Width, int Exemplars);

    [JsonSerializable(typeof(Header))]
    private sealed partial class HeaderJson : JsonSerializerContext;
}
