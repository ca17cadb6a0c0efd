using IntentRouter.Adapters.Local.Features;

namespace IntentRouter.Adapters.Local.Training;

/// <summary>All training examples as numbers: sparse rows and values, one dense vector and one class each.</summary>
internal sealed class ExampleMatrix
{
    private readonly int[] _starts;
    private readonly int[] _rows;
    private readonly float[] _values;
    private readonly float[] _dense;

    private ExampleMatrix(int[] starts, int[] rows, float[] values, float[] dense, int width, int[] classes)
    {
        _starts = starts;
        _rows = rows;
        _values = values;
        _dense = dense;
        Width = width;
        Classes = classes;
    }

    public int Count => Classes.Length;

    /// <summary>Length of a dense vector; 0 without an encoder.</summary>
    public int Width { get; }

    public int[] Classes { get; }

    public static ExampleMatrix Build(Vocabulary vocabulary, IReadOnlyList<string> texts, int[] classes, float[] dense, int width)
    {
        var starts = new int[texts.Count + 1];
        var rows = new List<int>();
        var values = new List<float>();
        var buffers = new FeatureBuffers();
        for (var i = 0; i < texts.Count; i++)
        {
            vocabulary.Read(texts[i], buffers);
            rows.AddRange(buffers.Rows.AsSpan(0, buffers.Count));
            values.AddRange(buffers.Values.AsSpan(0, buffers.Count));
            starts[i + 1] = rows.Count;
        }

        return new ExampleMatrix(starts, [.. rows], [.. values], dense, width, classes);
    }

    public ReadOnlySpan<int> Rows(int example) => _rows.AsSpan(_starts[example].._starts[example + 1]);

    public ReadOnlySpan<float> Values(int example) => _values.AsSpan(_starts[example].._starts[example + 1]);

    public ReadOnlySpan<float> Dense(int example) => _dense.AsSpan(example * Width, Width);
}
