namespace IntentRouter.Dialogue.Extraction;

/// <summary>Reads one day: "5.10.", "next Friday", "in three days", "the 5th of October".</summary>
internal class DayReader(string text, ReadingContext context, bool asked, bool past) : PhraseReader(text, context.Language)
{
    protected ReadingContext Context { get; } = context;

    protected DateOnly Today { get; } = DateOnly.FromDateTime(context.Now.DateTime);

    /// <summary>Why something that looks like a day is none; the first one counts.</summary>
    protected SlotRead Problem { get; private set; }

    public SlotRead Read() => Meant(DateAt) is { } date ? Reading(When.Iso(date.Value), date.From, date.Next) : Problem;

    protected Found<DateOnly>? DateAt(int at) =>
        IsoAt(at) ?? NumericAt(at) ?? RelativeAt(at) ?? DistanceAt(at) ?? WeekdayAt(at) ?? DayAndMonthAt(at) ?? DayAloneAt(at);

    protected Found<DateOnly>? IsoAt(int at) =>
        at + 2 < Tokens.Count && Tokens[at] is { Length: 4, Number: { } year } && Tokens[at + 1].Gap == "-" && Tokens[at + 1].Number is { } month && Tokens[at + 2].Gap == "-" && Tokens[at + 2].Number is { } day
        && Make(year, month, day, at, at + 3) is { } date ? new Found<DateOnly>(date, at, at + 3) : null;

    private Found<DateOnly>? NumericAt(int at)
    {
        if (at + 1 >= Tokens.Count || Tokens[at] is not { Length: <= 2, Number: { } first } || Tokens[at + 1] is not { Length: <= 2, Number: { } second })
        {
            return null;
        }

        var separator = Tokens[at + 1].Gap.Trim();
        if (separator is not ("/" or "." or "-") || Tokens[at + 1].Gap.Length > 2 || (at > 0 && Tokens[at].Gap is ":" or "." or "/" or "-" && Tokens[at - 1].IsDigits))
        {
            return null;
        }

        var withYear = at + 2 < Tokens.Count && Tokens[at + 2] is { Length: 2 or 4, IsDigits: true } && Tokens[at + 2].Gap.Trim() == separator && Tokens[at + 2].Gap.Length <= 2;
        // "5.10" alone is as well a number or a time; "5.10." and "5/10" are days.
        var closed = separator == "." && After(at + 2) is { } rest && rest.StartsWith('.');
        if (!withYear && !asked && !(separator == "/" || closed))
        {
            return null;
        }

        if (!withYear && (separator == "-" || (at + 2 < Tokens.Count && Tokens[at + 2].Gap.Length == 0)))
        {
            return null;
        }

        var american = Context.Region == "US" || Context.Language.EndsWith("-US", StringComparison.OrdinalIgnoreCase);
        var unclear = Context.Language.Equals("en", StringComparison.OrdinalIgnoreCase) && Context.Region is null && separator == "/";
        if (unclear && first is >= 1 and <= 12 && second is >= 1 and <= 12 && first != second)
        {
            Note("ambiguous-date", at, at + 2);
            return null;
        }

        var (day, month) = (american && separator == "/" && first <= 12) || second > 12 ? (second, first) : (first, second);
        if (withYear)
        {
            var year = Tokens[at + 2].Number!.Value;
            return Make(year < 100 ? 2000 + year : year, month, day, at, at + 3) is { } full ? new Found<DateOnly>(full, at, at + 3) : null;
        }

        return Nearest(month, day, at, at + 2) is { } date ? new Found<DateOnly>(date, at, at + 2) : null;
    }

    private Found<DateOnly>? RelativeAt(int at) =>
        Lexicon is not null && Lexicon.Relative.At(Tokens, at, out var days, out var next) && !IsWordFor(at, next) ? new Found<DateOnly>(Today.AddDays(days), at, next) : null;

    // "Guten Morgen" and "morgens um acht" are no day.
    private bool IsWordFor(int at, int next) =>
        next - at == 1 && at > 0 && Tokens[at].Text is "morgen" && Tokens[at - 1].Text is "guten" or "goede" or "am";

    private Found<DateOnly>? DistanceAt(int at)
    {
        if (Lexicon is null)
        {
            return null;
        }

        if (Lexicon.In.At(Tokens, at, out _, out var next) && Amount(next) is { } ahead && Shift(ahead.Value, ahead.Next, +1) is { } later)
        {
            return new Found<DateOnly>(later.Value, at, later.Next);
        }

        if (Lexicon.AgoBefore.At(Tokens, at, out _, out next) && Amount(next) is { } back && Shift(back.Value, back.Next, -1) is { } earlier)
        {
            return new Found<DateOnly>(earlier.Value, at, earlier.Next);
        }

        return Amount(at) is { } amount && Shift(amount.Value, amount.Next, -1) is { } ago && Lexicon.AgoAfter.At(Tokens, ago.Next, out _, out var end)
            ? new Found<DateOnly>(ago.Value, at, end)
            : null;
    }

    private Found<DateOnly>? Shift(int amount, int at, int sign) =>
        amount is > 0 and < 1000 && Lexicon!.Units.At(Tokens, at, out var unit, out var next)
            ? unit switch
            {
                1 => new Found<DateOnly>(Today.AddDays(sign * amount), at, next),
                2 => new Found<DateOnly>(Today.AddDays(sign * amount * 7), at, next),
                3 => new Found<DateOnly>(Today.AddMonths(sign * amount), at, next),
                4 when amount < 100 => new Found<DateOnly>(Today.AddYears(sign * amount), at, next),
                _ => null,
            }
            : null;

    protected Found<int>? Amount(int at) =>
        at >= Tokens.Count ? null
        : Tokens[at].Number is { } digits ? new Found<int>(digits, at, at + 1)
        : Lexicon!.Numbers.At(Tokens, at, out var words, out var next) || Lexicon.Articles.At(Tokens, at, out words, out next) || Lexicon.Counts.At(Tokens, at, out words, out next)
            ? new Found<int>(words, at, next)
            : null;

    protected Found<DateOnly>? WeekdayAt(int at)
    {
        if (Lexicon is null)
        {
            return null;
        }

        // "next week on Friday", "nächste Woche Freitag"
        if (Lexicon.Weeks.At(Tokens, at, out var weeks, out var behind) && AnyWeekday(Skip(behind), out var inWeek, out var stop))
        {
            return new Found<DateOnly>(Monday(Today).AddDays((weeks * 7) + inWeek - 1), at, stop);
        }

        int? modifier = null;
        var day = at;
        if (Lexicon.Modifiers.At(Tokens, at, out var before, out var then) && AnyWeekday(then, out _, out _))
        {
            (modifier, day) = (before, then);
        }

        // "Sun" and "Mar" are words, too.
        var shortCounts = modifier is not null || (asked && Tokens.Count <= 2);
        if (!Lexicon.Weekdays.At(Tokens, day, out var weekday, out var next) && !(shortCounts && Lexicon.ShortWeekdays.At(Tokens, day, out weekday, out next)))
        {
            return null;
        }

        // "Friday, 9 October": the day of the month says it more exactly.
        if (DayAndMonthAt(SkipDayWords(next)) is { } exact)
        {
            return exact with { From = at };
        }

        if (modifier is null && Lexicon.Modifiers.At(Tokens, next, out var after, out var end) && !AnyWeekday(end, out _, out _))
        {
            (modifier, next) = (after, end);
        }

        return new Found<DateOnly>(Weekday(weekday, modifier), at, next);
    }

    private bool AnyWeekday(int at, out int weekday, out int next) =>
        Lexicon!.Weekdays.At(Tokens, at, out weekday, out next) || Lexicon.ShortWeekdays.At(Tokens, at, out weekday, out next);

    private DateOnly Weekday(int weekday, int? modifier)
    {
        var current = ((int)Today.DayOfWeek + 6) % 7;
        var ahead = (weekday - 1 - current + 7) % 7;
        return modifier switch
        {
            0 => Today.AddDays(ahead),
            2 => Monday(Today).AddDays(7 + weekday - 1),
            3 => Today.AddDays((ahead == 0 ? 7 : ahead) + 7),
            -1 => Today.AddDays(ahead == 0 ? -7 : ahead - 7),
            null when past => Today.AddDays(ahead == 0 ? 0 : ahead - 7),
            // On a Friday, "Friday" is the next one: of today people say "today".
            _ => Today.AddDays(ahead == 0 ? 7 : ahead),
        };
    }

    protected Found<DateOnly>? DayAndMonthAt(int at)
    {
        if (at >= Tokens.Count || Lexicon is null)
        {
            return null;
        }

        // 5 October, 5th of October, fünfter Oktober, cinco de octubre
        if (DayNumber(at) is { } day)
        {
            var next = day.Next;
            if (Lexicon.OrdinalSuffix.At(Tokens, next, out _, out var suffix) && Tokens[next].Gap.Length == 0)
            {
                next = suffix;
            }

            if (Lexicon.Joins.At(Tokens, next, out _, out var of))
            {
                next = of;
            }

            if (Lexicon.Months.At(Tokens, next, out var month, out var end))
            {
                return Dated(day.Value, month, at, end);
            }
        }

        // October 5, October the 5th
        if (Lexicon.Months.At(Tokens, at, out var named, out var then))
        {
            var number = then < Tokens.Count && Tokens[then].Text == "the" ? then + 1 : then;
            if (number < Tokens.Count && Tokens[number] is { Length: <= 2, Number: { } after } && after is >= 1 and <= 31 && !IsClock(number))
            {
                var end = Lexicon.OrdinalSuffix.At(Tokens, number + 1, out _, out var suffix) && Tokens[number + 1].Gap.Length == 0 ? suffix : number + 1;
                return Dated(after, named, at, end);
            }

            if (Lexicon.Ordinals.At(Tokens, number, out var ordinal, out var stop))
            {
                return Dated(ordinal, named, at, stop);
            }
        }

        return null;
    }

    protected Found<int>? DayNumber(int at) =>
        Tokens[at] is { Length: <= 2, Number: { } digits } ? new Found<int>(digits, at, at + 1)
        : Lexicon!.Ordinals.At(Tokens, at, out var ordinal, out var next) ? new Found<int>(ordinal, at, next)
        : Lexicon.Numbers.At(Tokens, at, out var number, out next) && number <= 31 ? new Found<int>(number, at, next)
        : null;

    private Found<DateOnly>? Dated(int day, int month, int from, int next)
    {
        var year = next;
        if (Lexicon!.Joins.At(Tokens, year, out _, out var of))
        {
            year = of;
        }

        if (year < Tokens.Count && Tokens[year] is { Length: 4, Number: { } full } && full is > 1900 and < 2200)
        {
            return Make(full, month, day, from, year + 1) is { } exact ? new Found<DateOnly>(exact, from, year + 1) : null;
        }

        return Nearest(month, day, from, next) is { } date ? new Found<DateOnly>(date, from, next) : null;
    }

    protected Found<DateOnly>? DayAloneAt(int at)
    {
        if (Lexicon is null)
        {
            return null;
        }

        var marked = Lexicon.DayMarkers.At(Tokens, at, out _, out var number);
        number = marked ? number : Tokens[at].Text == "the" ? at + 1 : at;
        if (number >= Tokens.Count)
        {
            return null;
        }

        if (number > at && DayAndMonthAt(number) is { } whole)
        {
            return whole with { From = at };
        }

        var ordinal = Lexicon.Ordinals.At(Tokens, number, out var day, out var next) && marked;
        if (!ordinal)
        {
            if (Tokens[number] is not { Length: <= 2, Number: { } digits } || IsClock(number))
            {
                return null;
            }

            (day, next) = (digits, number + 1);
            if (Lexicon.OrdinalSuffix.At(Tokens, next, out _, out var suffix) && Tokens[next].Gap.Length == 0)
            {
                (ordinal, next) = (true, suffix);
            }
            else if (After(next) is { } rest && rest.StartsWith('.') && Context.Language.StartsWith("de", StringComparison.OrdinalIgnoreCase) && marked)
            {
                ordinal = true;
            }
        }

        // A bare number is a day only where nothing else can be meant.
        if (!ordinal && !(marked && asked) && !(asked && Tokens.Count == 1))
        {
            return null;
        }

        for (var month = Today; day is >= 1 and <= 31; month = month.AddMonths(past ? -1 : 1))
        {
            var first = new DateOnly(month.Year, month.Month, 1);
            if (day <= DateTime.DaysInMonth(first.Year, first.Month) && first.AddDays(day - 1) is var date && (past ? date <= Today : date >= Today))
            {
                return new Found<DateOnly>(date, at, next);
            }

            if (Math.Abs(month.DayNumber - Today.DayNumber) > 100)
            {
                break;
            }
        }

        return null;
    }

    private void Note(string code, int from, int next) => Problem = Problem.Problem is null ? Refused(code, null, from, next) : Problem;

    protected DateOnly? Make(int year, int month, int day, int from, int next)
    {
        if (year is > 1900 and < 2200 && month is >= 1 and <= 12 && day >= 1 && day <= DateTime.DaysInMonth(year, month))
        {
            return new DateOnly(year, month, day);
        }

        if (month is >= 1 and <= 12 && day is > 0 and <= 31)
        {
            Note("no-such-date", from, next);
        }

        return null;
    }

    private DateOnly? Nearest(int month, int day, int from, int next)
    {
        if (month is < 1 or > 12 || day is < 1 or > 31)
        {
            return null;
        }

        // 29 February waits for a leap year.
        for (var year = Today.Year; Math.Abs(year - Today.Year) <= 8; year += past ? -1 : 1)
        {
            if (day <= DateTime.DaysInMonth(year, month) && new DateOnly(year, month, day) is var date && (past ? date <= Today : date >= Today))
            {
                return date;
            }
        }

        Note("no-such-date", from, next);
        return null;
    }

    protected static DateOnly Monday(DateOnly date) => date.AddDays(-(((int)date.DayOfWeek + 6) % 7));

    protected bool IsClock(int at) =>
        at + 1 < Tokens.Count && (Tokens[at + 1] is { Length: 2, IsDigits: true, Gap: ":" } || (Lexicon is not null && (Lexicon.OClock.At(Tokens, at + 1) || Lexicon.AmPm.At(Tokens, at + 1))))
        || (at > 0 && Tokens[at].Gap == ":");

    private int SkipDayWords(int at) => at < Tokens.Count && Tokens[at].Text is "the" or "den" or "dem" or "am" or "der" or "le" or "el" or "il" or "dia" or "de" ? at + 1 : at;
}
