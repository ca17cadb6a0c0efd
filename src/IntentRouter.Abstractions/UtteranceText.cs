using System.Globalization;

namespace IntentRouter;

/// <summary>What adapters must do to a text so that an engine takes it and its answer fits the original again. Pure and thread-safe.</summary>
public static class UtteranceText
{
    /// <summary>Longest text of an utterance, and of any text in an engine's answer, in UTF-16 units: what one message of the chat may hold.</summary>
    public const int MaxLength = 150_000;

    /// <summary>The code that goes into <see cref="Understanding.Warnings"/> when a text was shortened.</summary>
    public const string CutWarning = "text-cut";

    /// <summary>
    /// Shortens a text to at most <paramref name="limit"/> UTF-16 units: at the last white space in the second half, and never inside what
    /// a reader sees as one character.
    /// </summary>
    /// <returns>The text, the same instance when it was short enough.</returns>
    public static string Cut(string text, int limit)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(limit);
        if (text.Length <= limit)
        {
            return text;
        }

        var end = limit;
        for (var i = limit; i > limit / 2; i--)
        {
            if (char.IsWhiteSpace(text[i]))
            {
                return text[..i].TrimEnd();
            }
        }

        // One character of many units (a family of emoji) may cross the limit; step back to where it starts, unless it fills the whole text.
        var start = 0;
        foreach (var boundary in StringInfo.ParseCombiningCharacters(text[..Math.Min(text.Length, limit + 64)]))
        {
            if (boundary > limit)
            {
                break;
            }

            start = boundary;
        }

        end = start > 0 ? start : end;
        return char.IsHighSurrogate(text[end - 1]) ? text[..(end - 1)] : text[..end];
    }

    /// <summary>
    /// Converts a position that counts Unicode code points (Python, Go runes, Rust chars) to UTF-16 units.
    /// </summary>
    /// <returns>Start and length, or <see langword="null"/> when the position does not lie in the text.</returns>
    public static (int Start, int Length)? FromCodePoints(string text, int start, int end)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (start < 0 || end < start)
        {
            return null;
        }

        int? first = null;
        var point = 0;
        for (var i = 0; i <= text.Length; point++)
        {
            if (point == start)
            {
                first = i;
            }

            if (point == end)
            {
                return first is { } f ? (f, i - f) : null;
            }

            i += i + 1 < text.Length && char.IsSurrogatePair(text[i], text[i + 1]) ? 2 : 1;
        }

        return null;
    }

    /// <summary>
    /// Gives an entity of an engine without positions its place, when its words (<see cref="Entity.Text"/>, ignoring case) occur in the text exactly
    /// once; otherwise returns it as it is.
    /// </summary>
    public static Entity Locate(Entity entity, string text)
    {
        ArgumentNullException.ThrowIfNull(entity);
        ArgumentNullException.ThrowIfNull(text);
        if (entity.Start is not null || string.IsNullOrEmpty(entity.Text))
        {
            return entity;
        }

        var at = text.IndexOf(entity.Text, StringComparison.OrdinalIgnoreCase);
        return at < 0 || text.IndexOf(entity.Text, at + 1, StringComparison.OrdinalIgnoreCase) >= 0
            ? entity
            : entity with { Text = text.Substring(at, entity.Text.Length), Start = at, Length = entity.Text.Length, SpanDerived = true };
    }

    /// <summary>
    /// Picks from an engine's languages the one for a conversation's language: the same tag, else the same language without
    /// region (either way round), ignoring case and treating <c>_</c> like <c>-</c>; <see langword="null"/> when there is none.
    /// </summary>
    public static string? MatchLanguage(string language, IEnumerable<string> supported)
    {
        ArgumentNullException.ThrowIfNull(language);
        ArgumentNullException.ThrowIfNull(supported);
        string? sameRoot = null;
        foreach (var candidate in supported)
        {
            if (Normal(candidate).Equals(Normal(language), StringComparison.OrdinalIgnoreCase))
            {
                return candidate;
            }

            if (Root(candidate).Equals(Root(language), StringComparison.OrdinalIgnoreCase))
            {
                sameRoot ??= candidate;
            }
        }

        return sameRoot;

        static string Normal(string tag) => tag.Replace('_', '-');
        static string Root(string tag) => Normal(tag).Split('-')[0];
    }
}
