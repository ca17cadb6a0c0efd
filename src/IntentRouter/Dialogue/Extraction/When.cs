using System.Globalization;

namespace IntentRouter.Dialogue.Extraction;

/// <summary>Dates, times and spans of days in words, relative to a moment. Deterministic, driven by the language's <see cref="Lexicon"/>.</summary>
internal static class When
{
    /// <param name="asked">A date was asked for: short weekday names and bare numbers count.</param>
    /// <param name="past">Dates without a year lie in the past.</param>
    public static SlotRead ReadDate(string text, ReadingContext context, bool asked, bool past) => new DayReader(text, context, asked, past).Read();

    /// <param name="earliest">Earliest hour that makes sense, or null: decides whether "8" is in the morning.</param>
    public static SlotRead ReadTime(string text, ReadingContext context, bool asked, decimal? earliest = null, decimal? latest = null) =>
        new TimeReader(text, context.Language, asked).Read(earliest, latest);

    /// <summary>The value is <c>first day/last day</c>; for a stay the last day is that of leaving.</summary>
    public static SlotRead ReadRange(string text, ReadingContext context, bool asked) => new SpanReader(text, context, asked).ReadSpan();

    public static string Iso(DateOnly date) => date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
