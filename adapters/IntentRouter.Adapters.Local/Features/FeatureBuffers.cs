namespace IntentRouter.Adapters.Local.Features;

/// <summary>Room for the features of one text, used again for the next; grows to the longest text seen.</summary>
internal sealed class FeatureBuffers
{
    public ulong[] Hashes { get; private set; } = [];

    public ulong[] Words { get; private set; } = [];

    public int[] Rows { get; private set; } = [];

    public float[] Values { get; private set; } = [];

    public int Count { get; set; }

    public int WordCount { get; set; }

    /// <summary>Share of the words that no training example has.</summary>
    public float UnseenShare { get; set; }

    public void Reserve(int length)
    {
        var capacity = NGrams.Capacity(length);
        if (Hashes.Length < capacity)
        {
            Hashes = new ulong[capacity];
            Words = new ulong[length + 1];
            Rows = new int[capacity];
            Values = new float[capacity];
        }
    }
}
