using System.Runtime.InteropServices;

namespace IntentRouter.Adapters.Local.Encoding;

/// <summary>
/// The named numbers in an ONNX file. The graph that goes with them is fixed and stands in <see cref="SentenceEncoder"/>: running it here costs a
/// sixth of the memory of a general runtime.
/// </summary>
internal sealed class OnnxNumbers
{
    private const int ModelGraph = 7;
    private const int GraphInitializer = 5;
    private const int TensorName = 8;
    private const int TensorRaw = 9;

    private readonly Dictionary<string, ReadOnlyMemory<byte>> _tensors = new(StringComparer.Ordinal);

    public OnnxNumbers(ReadOnlyMemory<byte> file)
    {
        foreach (var (_, graph) in Blocks(file).Where(b => b.Field == ModelGraph))
        {
            foreach (var (_, tensor) in Blocks(graph).Where(b => b.Field == GraphInitializer))
            {
                var parts = Blocks(tensor).ToLookup(b => b.Field, b => b.Content);
                _tensors[Name(parts[TensorName].Single())] = parts[TensorRaw].Single();
            }
        }
    }

    public float[] Floats(string name) => MemoryMarshal.Cast<byte, float>(Find(name).Span).ToArray();

    public ReadOnlySpan<sbyte> Bytes(string name) => MemoryMarshal.Cast<byte, sbyte>(Find(name).Span);

    public QuantizedMatrix Matrix(string name, bool positive = false) => new(Bytes(name + "_q"), Floats(name + "_s"), Floats(name + "_bias"), positive);

    private static string Name(ReadOnlyMemory<byte> text) => System.Text.Encoding.UTF8.GetString(text.Span);

    private ReadOnlyMemory<byte> Find(string name) =>
        _tensors.TryGetValue(name, out var bytes) ? bytes : throw new InvalidDataException($"The encoder's file has no '{name}'.");

    /// <summary>The length-delimited fields of a protobuf message; others are passed over.</summary>
    private static IEnumerable<(int Field, ReadOnlyMemory<byte> Content)> Blocks(ReadOnlyMemory<byte> message)
    {
        for (var at = 0; at < message.Length;)
        {
            var tag = Varint(message.Span, ref at);
            switch (tag & 7)
            {
                case 0:
                    Varint(message.Span, ref at);
                    break;
                case 2:
                    var length = (int)Varint(message.Span, ref at);
                    yield return ((int)(tag >> 3), message.Slice(at, length));
                    at += length;
                    break;
                case 5:
                    at += sizeof(float);
                    break;
                default:
                    throw new InvalidDataException("The encoder's file is damaged.");
            }
        }
    }

    private static long Varint(ReadOnlySpan<byte> bytes, ref int at)
    {
        var value = 0L;
        for (var shift = 0; ; shift += 7)
        {
            var next = bytes[at++];
            value |= (long)(next & 127) << shift;
            if (next < 128)
            {
                return value;
            }
        }
    }
}
