using System.Globalization;
using IntentRouter.Decisions;

namespace IntentRouter.Dialogue.Extraction;

/// <summary>Reads a span of days: "5 to 8 October", "Friday to Monday", "three nights from Friday".</summary>
internal sealed class SpanReader(string text, ReadingContext context, bool asked) : DayReader(text, context, asked, past: false)
{
    private const int LongestStay = 366;

    public SlotRead ReadSpan()
    {
        var span = Span();
        if (span.Reading is null && Context.FirstDay is { } first && Until(first) is { } rest)
        {
            return rest;
        }

        // "Two nights" alone is no span, and no number of guests either.
        return span == default && Length(0, Tokens.Count) is { } stay ? Taken(stay.From, stay.Next) : span;
    }

    // After "on Friday": "two nights", "till Monday".
    private SlotRead? Until(DateOnly first)
    {
        if (Length(0, Tokens.Count) is { } stay)
        {
            return Spanned(first, first.AddDays(stay.Value), stay.From, stay.Next);
        }

        for (var i = 0; i < Tokens.Count; i++)
        {
            if (DateAt(i) is { } last)
            {
                var end = WeekdayAt(i) is not null ? OnOrAfter(last.Value, first.AddDays(1)) : IsDayAlone(i, last.Next) ? DayAfter(first, last.Value.Day) : last.Value;
                // An earlier day begins anew.
                return end > first ? (SlotRead?)Spanned(first, end, i, last.Next) : null;
            }
        }

        return null;
    }

    private static DateOnly OnOrAfter(DateOnly weekday, DateOnly day) => weekday >= day ? weekday : weekday.AddDays((day.DayNumber - weekday.DayNumber + 6) / 7 * 7);

    // "The 5th", with no month.
    private bool IsDayAlone(int at, int next) => DayAloneAt(at) is { } alone && alone.Next == next && !Enumerable.Range(at, next - at).Any(i => Lexicon!.Months.At(Tokens, i));

    private int? BareDay(int at) =>
        at < Tokens.Count && Tokens[at] is { Length: <= 2, Number: { } day and >= 1 and <= 31 } && DateAt(at) is null && !IsClock(at)
        && !(Lexicon is { } words && (words.People.At(Tokens, at + 1) || words.Children.At(Tokens, at + 1) || words.Nights.At(Tokens, at + 1) || words.Units.At(Tokens, at + 1) || words.Months.At(Tokens, at + 1)))
            ? day
            : null;

    private static DateOnly DayAfter(DateOnly first, int day)
    {
        var month = new DateOnly(first.Year, first.Month, 1);
        while (day > DateTime.DaysInMonth(month.Year, month.Month) || month.AddDays(day - 1) <= first)
        {
            month = month.AddMonths(1);
        }

        return month.AddDays(day - 1);
    }

    private SlotRead Span()
    {
        for (var i = 0; i < Tokens.Count; i++)
        {
            if (Lexicon is not null && Lexicon.Weekends.At(Tokens, i, out var weekend, out var after))
            {
                var saturday = Monday(Today).AddDays(5 + (weekend * 7));
                saturday = saturday < Today ? saturday.AddDays(7) : saturday;
                return Spanned(saturday, saturday.AddDays(1), i, after);
            }

            if (IsoPairAt(i) is { } pair)
            {
                return Spanned(pair.Value.From, pair.Value.To, i, pair.Next);
            }

            if (SharedMonthAt(i) is { } shared)
            {
                return Spanned(shared.Value.From, shared.Value.To, i, shared.Next);
            }

            if (DateAt(i) is not { } first)
            {
                continue;
            }

            if (Length(0, i) is { } ahead)
            {
                return Spanned(first.Value, first.Value.AddDays(ahead.Value), Math.Min(ahead.From, i), Math.Max(ahead.Next, first.Next));
            }

            if (Length(first.Next, Tokens.Count) is { } stay)
            {
                return Spanned(first.Value, first.Value.AddDays(stay.Value), i, stay.Next);
            }

            var to = first.Next;
            if (Lexicon is not null && Lexicon.To.At(Tokens, to, out _, out var behind))
            {
                to = behind;
            }
            else if (to < Tokens.Count && !Tokens[to].Gap.Contains('-', StringComparison.Ordinal) && !Tokens[to].Gap.Contains('–', StringComparison.Ordinal))
            {
                return Incomplete(first.Value, i, first.Next);
            }

            // "November 5 to 8"
            if (BareDay(to) is { } day)
            {
                return Spanned(first.Value, DayAfter(first.Value, day), i, to + 1);
            }

            for (var j = to; j < Math.Min(to + 3, Tokens.Count); j++)
            {
                if (DateAt(j) is { } second)
                {
                    var end = IsDayAlone(j, second.Next) ? DayAfter(first.Value, second.Value.Day) : second.Value;
                    // "Friday to Monday" and "30 December to 2 January" go on; a written year is kept.
                    while (end < first.Value && end.AddDays(7) >= first.Value && end.DayNumber - first.Value.DayNumber > -7)
                    {
                        end = end.AddDays(7);
                    }

                    end = end < first.Value && end.AddYears(1).DayNumber - first.Value.DayNumber < LongestStay ? end.AddYears(1) : end;
                    return Spanned(first.Value, end, i, second.Next);
                }
            }

            return Incomplete(first.Value, i, first.Next);
        }

        return Problem;
    }

    // A day that does not exist is why the other end is missing.
    private SlotRead Incomplete(DateOnly first, int at, int next) =>
        Problem.Problem is null ? Refused(SlotProblem.RangeIncomplete, When.Iso(first), at, next) : Problem;

    private SlotRead Spanned(DateOnly from, DateOnly to, int at, int next) =>
        to <= from ? Refused("range-order", null, at, next)
        : to.DayNumber - from.DayNumber > LongestStay ? Refused("range-too-long", LongestStay.ToString(CultureInfo.InvariantCulture), at, next)
        : Reading($"{When.Iso(from)}/{When.Iso(to)}", at, next);

    private Found<(DateOnly From, DateOnly To)>? IsoPairAt(int at) =>
        IsoAt(at) is { } from && from.Next < Tokens.Count && Tokens[from.Next].Gap.Trim() == "/" && IsoAt(from.Next) is { } to
            ? new Found<(DateOnly From, DateOnly To)>((from.Value, to.Value), at, to.Next)
            : null;

    // 5 to 8 October, 5.–8. Oktober, du 5 au 8 octobre
    private Found<(DateOnly From, DateOnly To)>? SharedMonthAt(int at)
    {
        if (Lexicon is null || DayNumber(at) is not { } first)
        {
            return null;
        }

        var next = first.Next;
        if (Lexicon.OrdinalSuffix.At(Tokens, next, out _, out var suffix) && Tokens[next].Gap.Length == 0)
        {
            next = suffix;
        }

        if (Lexicon.To.At(Tokens, next, out _, out var to))
        {
            next = to < Tokens.Count && Tokens[to].Text is "the" or "le" or "el" or "il" or "de" or "den" or "o" ? to + 1 : to;
        }
        else if (next >= Tokens.Count || !(Tokens[next].Gap.Contains('-', StringComparison.Ordinal) || Tokens[next].Gap.Contains('–', StringComparison.Ordinal)))
        {
            return null;
        }

        if (next >= Tokens.Count || DayNumber(next) is null || DayAndMonthAt(next) is not { } end)
        {
            // October 5 to 8
            return null;
        }

        return Make(end.Value.Year, end.Value.Month, first.Value, at, end.Next) is { } from ? new Found<(DateOnly From, DateOnly To)>((from, end.Value), at, end.Next) : null;
    }

    private Found<int>? Length(int from, int to)
    {
        for (var i = from; i < to && Lexicon is not null; i++)
        {
            if (Amount(i) is { } amount && amount.Next < to + 1 && Lexicon.Nights.At(Tokens, amount.Next, out var days, out var next) && next <= to && amount.Value is > 0 and < 60)
            {
                return new Found<int>(amount.Value * days, i, next);
            }
        }

        return null;
    }
}
