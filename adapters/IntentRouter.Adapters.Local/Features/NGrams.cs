using System.Globalization;

namespace IntentRouter.Adapters.Local.Features;

/// <summary>
/// Cuts a normalised text into words and pairs of words, with marks for beginning and end, and into runs of 2 to 4 characters inside words. Each
/// piece is a 64-bit hash whose lowest bit says its kind.
/// </summary>
internal static class NGrams
{
    private const int Shortest = 2;
    private const int Longest = 4;

    // Any fixed values: they keep the kinds of pieces apart.
    private const ulong WordSeed = 0x9E3779B97F4A7C15;
    private const ulong PairSeed = 0xC2B2AE3D27D4EB4F;
    private const ulong RunSeed = 0x165667B19E3779F9;
    private const ulong Edge = 0x27D4EB2F165667C5;

    /// <summary>The number of hashes that a text of this length can give at most.</summary>
    public static int Capacity(int length) => ((length + 2) * (Longest - Shortest + 3)) + 4;

    /// <summary>Whether the hash stands for a run of characters, not for a word or a pair.</summary>
    public static bool IsRun(ulong hash) => (hash & 1) == 1;

    /// <summary>Writes the hashes, in the order of the text, and returns their number; the words' own hashes come in <paramref name="words"/>.</summary>
    public static int Extract(ReadOnlySpan<char> text, Span<ulong> hashes, Span<ulong> words, out int wordCount)
    {
        var count = 0;
        wordCount = 0;
        var previous = Edge;
        for (var at = 0; at < text.Length;)
        {
            var start = at;
            while (at < text.Length && IsWordPart(text, at))
            {
                at++;
            }

            if (at == start)
            {
                at++;
                continue;
            }

            var word = text[start..at].Trim('\'');
            if (word.IsEmpty)
            {
                continue;
            }

            var hash = Hash(WordSeed, word);
            words[wordCount++] = hash;
            hashes[count++] = hash;
            hashes[count++] = Pair(previous, hash);
            previous = hash;
            count += Runs(word, hashes[count..]);
        }

        if (wordCount > 0)
        {
            hashes[count++] = Pair(previous, Edge);
        }

        return count;
    }

    private static int Runs(ReadOnlySpan<char> word, Span<ulong> hashes)
    {
        Span<char> marked = stackalloc char[word.Length + 2];
        marked[0] = ' ';
        marked[^1] = ' ';
        word.CopyTo(marked[1..]);
        var count = 0;
        for (var start = 0; start < marked.Length; start++)
        {
            var hash = RunSeed;
            for (var length = 1; length <= Longest && start + length <= marked.Length; length++)
            {
                hash = Step(hash, marked[start + length - 1]);
                if (length >= Shortest)
                {
                    hashes[count++] = Finish(hash) | 1;
                }
            }
        }

        return count;
    }

    private static bool IsWordPart(ReadOnlySpan<char> text, int at)
    {
        var c = text[at];
        return char.IsAsciiLetterOrDigit(c) || c == '\'' || (c >= 0x80 && (char.IsLetterOrDigit(c) || char.IsSurrogate(c)
            || char.GetUnicodeCategory(c) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark));
    }

    private static ulong Hash(ulong seed, ReadOnlySpan<char> text)
    {
        foreach (var c in text)
        {
            seed = Step(seed, c);
        }

        return Finish(seed) & ~1UL;
    }

    private static ulong Pair(ulong first, ulong second) => Finish(Step(Step(PairSeed, first), second)) & ~1UL;

    private static ulong Step(ulong hash, ulong value) => (hash ^ value) * 0x100000001B3 + (hash >> 29);

    private static ulong Finish(ulong hash)
    {
        hash = (hash ^ (hash >> 30)) * 0xBF58476D1CE4E5B9;
        hash = (hash ^ (hash >> 27)) * 0x94D049BB133111EB;
        return hash ^ (hash >> 31);
    }
}
