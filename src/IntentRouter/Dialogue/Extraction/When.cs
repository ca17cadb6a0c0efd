using System.Globalization;
using System.Text.RegularExpressions;

namespace IntentRouter.Dialogue.Extraction;

/// <summary>Dates, times and spans of days in words.</summary>
internal static partial class When
{
    public static SlotRead ReadDate(string text, ReadingContext context, bool asked, bool past)
    {
        var match = Iso().Match(text);
        return match.Success && DateOnly.TryParseExact(match.Value, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _)
            ? new SlotReading(match.Value, match.Value, match.Index, match.Length)
            : SlotRead.Nothing;
    }

    public static SlotRead ReadTime(string text, ReadingContext context, bool asked)
    {
        var match = Clock().Match(text);
        return match.Success ? new SlotReading(match.Value, match.Value, match.Index, match.Length) : SlotRead.Nothing;
    }

    public static SlotRead ReadRange(string text, ReadingContext context) => SlotRead.Nothing;

    [GeneratedRegex(@"(?<!\d)\d{4}-\d{2}-\d{2}(?!\d)", RegexOptions.CultureInvariant, 100)]
    private static partial Regex Iso();

    [GeneratedRegex(@"(?<!\d)(?:[01]\d|2[0-3]):[0-5]\d(?!\d)", RegexOptions.CultureInvariant, 100)]
    private static partial Regex Clock();
}
