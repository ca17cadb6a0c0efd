namespace IntentRouter.Adapters.Local.Encoding;

/// <summary>Room for the numbers of one text, used again for the next; grows to the longest text seen.</summary>
internal sealed class EncoderBuffers
{
    private const int Widest = TransformerLayer.Hidden;

    private byte[] _bytes = [];
    private float[] _scales = [];

    public long[] Ids { get; } = new long[SentencePieces.MaxTokens];

    /// <summary>What goes into a layer and comes out of it.</summary>
    public float[] Rows { get; private set; } = [];

    public float[] Normed { get; private set; } = [];

    /// <summary>Queries, keys and values, then the hidden layer.</summary>
    public float[] Wide { get; private set; } = [];

    public float[] Attended { get; private set; } = [];

    public float[] Sums { get; private set; } = [];

    public float[] Scores { get; } = new float[SentencePieces.MaxTokens];

    public void Reserve(int count)
    {
        if (_scales.Length >= count)
        {
            return;
        }

        _bytes = new byte[count * Widest];
        _scales = new float[count];
        Rows = new float[count * SentenceEncoder.Size];
        Normed = new float[count * SentenceEncoder.Size];
        Wide = new float[count * Widest];
        Attended = new float[count * SentenceEncoder.Size];
        Sums = new float[count * SentenceEncoder.Size];
    }

    public void Multiply(QuantizedMatrix matrix, ReadOnlySpan<float> rows, int count, Span<float> results)
    {
        matrix.Quantize(rows[..(count * matrix.Inputs)], _bytes, _scales);
        matrix.Multiply(_bytes, _scales, count, results);
    }
}
