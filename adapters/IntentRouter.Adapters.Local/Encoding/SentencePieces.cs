using System.Text.Json;

namespace IntentRouter.Adapters.Local.Encoding;

/// <summary>
/// The encoder's vocabulary of word pieces with their log probabilities. <see cref="Tokenize"/> finds the most probable split of a text (unigram model,
/// Viterbi). Immutable and thread-safe; allocates nothing.
/// </summary>
internal sealed class SentencePieces
{
    public const int MaxTokens = 128;

    private const char Space = '\u2581';
    private const int Reserved = 6;
    private const int Unknown = 0;

    // A piece that the vocabulary lacks costs more than any that it has, so that it is taken only where nothing fits.
    private const float UnknownScore = -24f;

    private readonly Trie _trie;
    private readonly float[] _scores;

    private SentencePieces(Trie trie, float[] scores)
    {
        _trie = trie;
        _scores = scores;
    }

    public static SentencePieces Load(Stream json)
    {
        using var document = JsonDocument.Parse(json);
        var scores = new float[document.RootElement.GetArrayLength()];
        var trie = new Trie();
        var id = 0;
        foreach (var piece in document.RootElement.EnumerateArray())
        {
            // Seven pieces carry null, which the reference implementation reads as zero.
            scores[id] = piece[1].ValueKind == JsonValueKind.Number ? piece[1].GetSingle() : 0f;
            if (id >= Reserved)
            {
                trie.Add(piece[0].GetString()!, id);
            }

            id++;
        }

        return new SentencePieces(trie, scores);
    }

    /// <summary>Splits a normalised text; returns the number of ids written, at most <see cref="MaxTokens"/>.</summary>
    public int Tokenize(ReadOnlySpan<char> text, Span<long> ids)
    {
        var length = text.Length + 1;
        Span<char> marked = stackalloc char[TextNormalizer.MaxLength * 2];
        if (length > marked.Length)
        {
            length = marked.Length;
            text = text[..(length - 1)];
        }

        marked[0] = Space;
        text.CopyTo(marked[1..]);
        marked = marked[..length];
        marked.Replace(' ', Space);

        Span<float> best = stackalloc float[length + 1];
        Span<short> from = stackalloc short[length + 1];
        Span<short> piece = stackalloc short[length + 1];
        best.Fill(float.NegativeInfinity);
        best[0] = 0;
        for (var start = 0; start < length; start++)
        {
            var soFar = best[start];
            var node = Trie.Root;
            for (var end = start; end < length && _trie.TryStep(node, marked[end], out node, out var id);)
            {
                end++;
                if (id >= 0 && soFar + _scores[id] > best[end])
                {
                    Set(best, from, piece, start, end, soFar + _scores[id], id);
                }
            }

            if (soFar + UnknownScore > best[start + 1])
            {
                Set(best, from, piece, start, start + 1, soFar + UnknownScore, Unknown);
            }
        }

        return Backtrack(from, piece, length, ids);
    }

    private static void Set(Span<float> best, Span<short> from, Span<short> piece, int start, int end, float score, int id)
    {
        best[end] = score;
        from[end] = (short)start;
        piece[end] = (short)id;
    }

    private static int Backtrack(ReadOnlySpan<short> from, ReadOnlySpan<short> piece, int length, Span<long> ids)
    {
        Span<short> reversed = stackalloc short[length];
        var count = 0;
        for (var end = length; end > 0; end = from[end])
        {
            // Unknown characters in a row are one unknown piece.
            if (piece[end] != Unknown || count == 0 || reversed[count - 1] != Unknown)
            {
                reversed[count++] = piece[end];
            }
        }

        var kept = Math.Min(count, Math.Min(ids.Length, MaxTokens));
        for (var i = 0; i < kept; i++)
        {
            ids[i] = reversed[count - 1 - i];
        }

        return kept;
    }

    /// <summary>Child lookup by (node, character) in one open-addressing table.</summary>
    private sealed class Trie
    {
        public const int Root = 0;

        private readonly Dictionary<int, int> _children = [];
        private readonly List<int> _ids = [-1];

        public void Add(string piece, int id)
        {
            var node = Root;
            foreach (var c in piece)
            {
                var key = (node << 16) | c;
                if (!_children.TryGetValue(key, out var next))
                {
                    next = _ids.Count;
                    _children.Add(key, next);
                    _ids.Add(-1);
                }

                node = next;
            }

            _ids[node] = id;
        }

        public bool TryStep(int node, char c, out int next, out int id)
        {
            if (_children.TryGetValue((node << 16) | c, out next))
            {
                id = _ids[next];
                return true;
            }

            id = -1;
            return false;
        }
    }
}
