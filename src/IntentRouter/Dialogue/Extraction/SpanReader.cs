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
        return span.Reading is null && Context.FirstDay is { } first && Until(first) is { } rest ? rest : span;
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
                var end = WeekdayAt(i) is null ? last.Value : OnOrAfter(last.Value, first.AddDays(1));
                // An earlier day begins anew.
                return end > first ? (SlotRead?)Spanned(first, end, i, last.Next) : null;
            }
        }

        return null;
    }

    private static DateOnly OnOrAfter(DateOnly weekday, DateOnly day) => weekday >= day ? weekday : weekday.AddDays((day.DayNumber - weekday.DayNumber + 6) / 7 * 7);

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
                return new SlotProblem(SlotProblem.RangeIncomplete, When.Iso(first.Value));
            }

            for (var j = to; j < Math.Min(to + 3, Tokens.Count); j++)
            {
                if (DateAt(j) is { } second)
                {
                    var end = second.Value;
                    // "Friday to Monday" and "30 December to 2 January" go on; a written year is kept.
                    while (end < first.Value && end.AddDays(7) >= first.Value && end.DayNumber - first.Value.DayNumber > -7)
                    {
                        end = end.AddDays(7);
                    }

                    end = end < first.Value && end.AddYears(1).DayNumber - first.Value.DayNumber < LongestStay ? end.AddYears(1) : end;
                    return Spanned(first.Value, end, i, second.Next);
                }
            }

            return new SlotProblem(SlotProblem.RangeIncomplete, When.Iso(first.Value));
        }

        return Problem is null ? SlotRead.Nothing : Problem;
    }

    private SlotRead Spanned(DateOnly from, DateOnly to, int at, int next) =>
        to <= from ? new SlotProblem("range-order")
        : to.DayNumber - from.DayNumber > LongestStay ? new SlotProblem("range-too-long", LongestStay.ToString(CultureInfo.InvariantCulture))
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

        return Make(end.Value.Year, end.Value.Month, first.Value) is { } from ? new Found<(DateOnly From, DateOnly To)>((from, end.Value), at, end.Next) : null;
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
