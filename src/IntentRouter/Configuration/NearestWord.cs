namespace IntentRouter.Configuration;

/// <summary>Finds the known word that was probably meant.</summary>
internal static class NearestWord
{
    /// <summary>The nearest of <paramref name="known"/>, or null when none is near enough to be meant.</summary>
    public static string? To(string word, IEnumerable<string> known)
    {
        var plain = Plain(word);
        var best = known
            .Select(k => (Word: k, Distance: Distance(plain, Plain(k))))
            .OrderBy(c => c.Distance).ThenBy(c => c.Word, StringComparer.Ordinal)
            .FirstOrDefault((Word: null!, Distance: int.MaxValue));
        return best.Distance <= Math.Max(1, Math.Min(3, word.Length / 3)) ? best.Word : null;
    }

    /// <summary>The sentence for a remedy: the nearest word, else the whole list when it is short.</summary>
    public static string Advice(string word, IEnumerable<string> known)
    {
        var all = known.Order(StringComparer.Ordinal).ToList();
        return To(word, all) is { } near ? $"Did you mean '{near}'?"
            : all.Count == 0 ? "Nothing of this kind is configured."
            : $"Known here: {string.Join(", ", all.Take(30))}{(all.Count > 30 ? ", …" : "")}.";
    }

    // base_url and base-url are the same slip as baseurl.
    private static string Plain(string word) => string.Concat(word.Where(c => c is not ('_' or '-'))).ToUpperInvariant();

    private static int Distance(string a, string b)
    {
        var before = new int[b.Length + 1];
        var previous = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var current = new int[b.Length + 1];
            current[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var cost = a[i - 1] == b[j - 1] ? 0 : 1;
                current[j] = Math.Min(Math.Min(current[j - 1] + 1, previous[j] + 1), previous[j - 1] + cost);
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                {
                    current[j] = Math.Min(current[j], before[j - 2] + 1);
                }
            }

            (before, previous) = (previous, current);
        }

        return previous[b.Length];
    }
}
