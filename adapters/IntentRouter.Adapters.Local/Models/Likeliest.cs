namespace IntentRouter.Adapters.Local.Models;

/// <summary>The classes of the highest probabilities.</summary>
internal static class Likeliest
{
    /// <summary>Writes the best classes other than <paramref name="excluded"/>, best first; returns their number.</summary>
    public static int Write(ReadOnlySpan<float> probabilities, int excluded, Span<int> best)
    {
        var count = 0;
        for (var c = 0; c < probabilities.Length; c++)
        {
            if (c == excluded || (count == best.Length && probabilities[c] <= probabilities[best[^1]]))
            {
                continue;
            }

            var at = count < best.Length ? count++ : count - 1;
            for (; at > 0 && probabilities[c] > probabilities[best[at - 1]]; at--)
            {
                best[at] = best[at - 1];
            }

            best[at] = c;
        }

        return count;
    }
}
