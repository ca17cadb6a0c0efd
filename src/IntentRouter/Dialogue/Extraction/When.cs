using System.Globalization;
using IntentRouter.Decisions;

namespace IntentRouter.Dialogue.Extraction;

/// <summary>Dates, times and spans of days in words, relative to a moment. Deterministic, driven by the language's <see cref="Lexicon"/>.</summary>
internal static class When
{
    private const int LongestStay = 366;

    /// <param name="asked">A date was asked for: short weekday names and bare numbers count.</param>
    /// <param name="past">Dates without a year lie in the past.</param>
    public static SlotRead ReadDate(string text, ReadingContext context, bool asked, bool past)
    {
        var reader = new Reader(text, context, asked, past);
        var (found, problem) = reader.Dates();
        return found is { } date ? reader.Reading(Iso(date.Value), date.From, date.Next) : problem is null ? SlotRead.Nothing : problem;
    }

    /// <param name="earliest">Earliest hour that makes sense, or null: decides whether "8" is in the morning.</param>
    public static SlotRead ReadTime(string text, ReadingContext context, bool asked, decimal? earliest = null, decimal? latest = null)
    {
        var reader = new Reader(text, context, asked, past: false);
        return reader.Time(earliest, latest);
    }

    /// <summary>The value is <c>first day/last day</c>; for a stay the last day is that of leaving.</summary>
    public static SlotRead ReadRange(string text, ReadingContext context, bool asked) => new Reader(text, context, asked, past: false).Range();

    private static string Iso(DateOnly date) => date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private readonly record struct Found<T>(T Value, int From, int Next);

    private sealed class Reader(string text, ReadingContext context, bool asked, bool past)
    {
        private readonly List<Token> _tokens = Tokens.Of(text);
        private readonly Lexicon? _lexicon = Lexicon.Of(context.Language);
        private readonly DateOnly _today = DateOnly.FromDateTime(context.Now.DateTime);
        private SlotProblem? _problem;

        public SlotReading Reading(string value, int from, int next)
        {
            var start = _tokens[from].Start;
            var length = _tokens[next - 1].End - start;
            return new SlotReading(value, text.Substring(start, length), start, length);
        }

        // ---- days ------------------------------------------------------------------------------------------------------------------

        public (Found<DateOnly>? Date, SlotProblem? Problem) Dates()
        {
            var all = new List<Found<DateOnly>>();
            for (var i = 0; i < _tokens.Count;)
            {
                if (DateAt(i) is { } date)
                {
                    all.Add(date);
                    i = date.Next;
                }
                else
                {
                    i++;
                }
            }

            // "Not Friday, Saturday" means Saturday; "from Friday to Saturday" moves to Saturday.
            var meant = all.Where(d => _lexicon is null || !_lexicon.Not.Before(_tokens, d.From, out _, out _)).ToList();
            meant = meant.Count == 0 ? all : meant;
            return meant.Count == 0 ? (null, _problem)
                : meant.Count > 1 && _lexicon is not null && Between(meant[0].Next, meant[1].From, _lexicon.To) && StartsWith(meant[0].From, _lexicon.From) ? (meant[1], null)
                : (meant[0], null);
        }

        private bool StartsWith(int at, PhraseTable phrases) => phrases.Before(_tokens, at, out _, out _);

        private bool Between(int from, int to, PhraseTable phrases) => from < to && phrases.At(_tokens, from, out _, out var next) && (next == to || Skip(next) >= to);

        private Found<DateOnly>? DateAt(int at) =>
            IsoAt(at) ?? NumericAt(at) ?? RelativeAt(at) ?? DistanceAt(at) ?? WeekdayAt(at) ?? DayAndMonthAt(at) ?? DayAloneAt(at);

        private Found<DateOnly>? IsoAt(int at) =>
            at + 2 < _tokens.Count && _tokens[at] is { Length: 4, Number: { } year } && Gap(at + 1, "-") && _tokens[at + 1].Number is { } month && Gap(at + 2, "-") && _tokens[at + 2].Number is { } day
            && Make(year, month, day) is { } date ? new Found<DateOnly>(date, at, at + 3) : null;

        private Found<DateOnly>? NumericAt(int at)
        {
            if (at + 1 >= _tokens.Count || _tokens[at] is not { Length: <= 2, Number: { } first } || _tokens[at + 1] is not { Length: <= 2, Number: { } second })
            {
                return null;
            }

            var separator = _tokens[at + 1].Gap.Trim();
            if (separator is not ("/" or "." or "-") || _tokens[at + 1].Gap.Length > 2 || (at > 0 && _tokens[at].Gap is ":" or "." or "/" or "-" && _tokens[at - 1].IsDigits))
            {
                return null;
            }

            var withYear = at + 2 < _tokens.Count && _tokens[at + 2] is { Length: 2 or 4, IsDigits: true } && _tokens[at + 2].Gap.Trim() == separator && _tokens[at + 2].Gap.Length <= 2;
            // "5.10" alone is as well a number or a time; "5.10." and "5/10" are days.
            var closed = separator == "." && After(at + 2) is { } rest && rest.StartsWith('.');
            if (!withYear && !asked && !(separator == "/" || closed))
            {
                return null;
            }

            if (!withYear && (separator == "-" || (at + 2 < _tokens.Count && _tokens[at + 2].Gap.Length == 0)))
            {
                return null;
            }

            var american = context.Region == "US" || context.Language.EndsWith("-US", StringComparison.OrdinalIgnoreCase);
            var unclear = context.Language.Equals("en", StringComparison.OrdinalIgnoreCase) && context.Region is null && separator == "/";
            if (unclear && first is >= 1 and <= 12 && second is >= 1 and <= 12 && first != second)
            {
                _problem ??= new SlotProblem("ambiguous-date");
                return null;
            }

            var (day, month) = (american && separator == "/" && first <= 12) || second > 12 ? (second, first) : (first, second);
            if (withYear)
            {
                var year = _tokens[at + 2].Number!.Value;
                return Make(year < 100 ? 2000 + year : year, month, day) is { } full ? new Found<DateOnly>(full, at, at + 3) : null;
            }

            return Nearest(month, day) is { } date ? new Found<DateOnly>(date, at, at + 2) : null;
        }

        private Found<DateOnly>? RelativeAt(int at) =>
            _lexicon is not null && _lexicon.Relative.At(_tokens, at, out var days, out var next) && !IsWordFor(at, next) ? new Found<DateOnly>(_today.AddDays(days), at, next) : null;

        // "Guten Morgen" and "morgens um acht" are no day.
        private bool IsWordFor(int at, int next) =>
            next - at == 1 && at > 0 && _tokens[at].Text is "morgen" && _tokens[at - 1].Text is "guten" or "goede" or "am";

        private Found<DateOnly>? DistanceAt(int at)
        {
            if (_lexicon is null)
            {
                return null;
            }

            if (_lexicon.In.At(_tokens, at, out _, out var next) && Amount(next) is { } ahead && Shift(ahead.Value, ahead.Next, +1) is { } later)
            {
                return new Found<DateOnly>(later.Value, at, later.Next);
            }

            if (_lexicon.AgoBefore.At(_tokens, at, out _, out next) && Amount(next) is { } back && Shift(back.Value, back.Next, -1) is { } earlier)
            {
                return new Found<DateOnly>(earlier.Value, at, earlier.Next);
            }

            return Amount(at) is { } amount && Shift(amount.Value, amount.Next, -1) is { } ago && _lexicon.AgoAfter.At(_tokens, ago.Next, out _, out var end)
                ? new Found<DateOnly>(ago.Value, at, end)
                : null;
        }

        private Found<DateOnly>? Shift(int amount, int at, int sign) =>
            amount is > 0 and < 1000 && _lexicon!.Units.At(_tokens, at, out var unit, out var next)
                ? unit switch
                {
                    1 => new Found<DateOnly>(_today.AddDays(sign * amount), at, next),
                    2 => new Found<DateOnly>(_today.AddDays(sign * amount * 7), at, next),
                    3 => new Found<DateOnly>(_today.AddMonths(sign * amount), at, next),
                    4 when amount < 100 => new Found<DateOnly>(_today.AddYears(sign * amount), at, next),
                    _ => null,
                }
                : null;

        private Found<int>? Amount(int at) =>
            at >= _tokens.Count ? null
            : _tokens[at].Number is { } digits ? new Found<int>(digits, at, at + 1)
            : _lexicon!.Numbers.At(_tokens, at, out var words, out var next) || _lexicon.Articles.At(_tokens, at, out words, out next) || _lexicon.Counts.At(_tokens, at, out words, out next)
                ? new Found<int>(words, at, next)
                : null;

        private Found<DateOnly>? WeekdayAt(int at)
        {
            if (_lexicon is null)
            {
                return null;
            }

            // "next week on Friday", "nächste Woche Freitag"
            if (_lexicon.Weeks.At(_tokens, at, out var weeks, out var behind) && AnyWeekday(Skip(behind), out var inWeek, out var stop))
            {
                return new Found<DateOnly>(Monday(_today).AddDays((weeks * 7) + inWeek - 1), at, stop);
            }

            int? modifier = null;
            var day = at;
            if (_lexicon.Modifiers.At(_tokens, at, out var before, out var then) && AnyWeekday(then, out _, out _))
            {
                (modifier, day) = (before, then);
            }

            // "Sun" and "Mar" are words, too.
            var shortCounts = modifier is not null || (asked && _tokens.Count <= 2);
            if (!_lexicon.Weekdays.At(_tokens, day, out var weekday, out var next) && !(shortCounts && _lexicon.ShortWeekdays.At(_tokens, day, out weekday, out next)))
            {
                return null;
            }

            // "Friday, 9 October": the day of the month says it more exactly.
            if (DayAndMonthAt(SkipDayWords(next)) is { } exact)
            {
                return exact with { From = at };
            }

            if (modifier is null && _lexicon.Modifiers.At(_tokens, next, out var after, out var end) && !AnyWeekday(end, out _, out _))
            {
                (modifier, next) = (after, end);
            }

            return new Found<DateOnly>(Weekday(weekday, modifier), at, next);
        }

        private bool AnyWeekday(int at, out int weekday, out int next) =>
            _lexicon!.Weekdays.At(_tokens, at, out weekday, out next) || _lexicon.ShortWeekdays.At(_tokens, at, out weekday, out next);

        private DateOnly Weekday(int weekday, int? modifier)
        {
            var current = ((int)_today.DayOfWeek + 6) % 7;
            var ahead = (weekday - 1 - current + 7) % 7;
            return modifier switch
            {
                0 => _today.AddDays(ahead),
                2 => Monday(_today).AddDays(7 + weekday - 1),
                3 => _today.AddDays((ahead == 0 ? 7 : ahead) + 7),
                -1 => _today.AddDays(ahead == 0 ? -7 : ahead - 7),
                null when past => _today.AddDays(ahead == 0 ? 0 : ahead - 7),
                // On a Friday, "Friday" is the next one: of today people say "today".
                _ => _today.AddDays(ahead == 0 ? 7 : ahead),
            };
        }

        private Found<DateOnly>? DayAndMonthAt(int at)
        {
            if (at >= _tokens.Count || _lexicon is null)
            {
                return null;
            }

            // 5 October, 5th of October, fünfter Oktober, cinco de octubre
            if (DayNumber(at) is { } day)
            {
                var next = day.Next;
                if (_lexicon.OrdinalSuffix.At(_tokens, next, out _, out var suffix) && _tokens[next].Gap.Length == 0)
                {
                    next = suffix;
                }

                if (_lexicon.Joins.At(_tokens, next, out _, out var of))
                {
                    next = of;
                }

                if (_lexicon.Months.At(_tokens, next, out var month, out var end))
                {
                    return Dated(day.Value, month, at, end);
                }
            }

            // October 5, October the 5th
            if (_lexicon.Months.At(_tokens, at, out var named, out var then))
            {
                var number = then < _tokens.Count && _tokens[then].Text == "the" ? then + 1 : then;
                if (number < _tokens.Count && _tokens[number] is { Length: <= 2, Number: { } after } && after is >= 1 and <= 31 && !IsClock(number))
                {
                    var end = _lexicon.OrdinalSuffix.At(_tokens, number + 1, out _, out var suffix) && _tokens[number + 1].Gap.Length == 0 ? suffix : number + 1;
                    return Dated(after, named, at, end);
                }

                if (_lexicon.Ordinals.At(_tokens, number, out var ordinal, out var stop))
                {
                    return Dated(ordinal, named, at, stop);
                }
            }

            return null;
        }

        private Found<int>? DayNumber(int at) =>
            _tokens[at] is { Length: <= 2, Number: { } digits } ? new Found<int>(digits, at, at + 1)
            : _lexicon!.Ordinals.At(_tokens, at, out var ordinal, out var next) ? new Found<int>(ordinal, at, next)
            : _lexicon.Numbers.At(_tokens, at, out var number, out next) && number <= 31 ? new Found<int>(number, at, next)
            : null;

        private Found<DateOnly>? Dated(int day, int month, int from, int next)
        {
            var year = next;
            if (_lexicon!.Joins.At(_tokens, year, out _, out var of))
            {
                year = of;
            }

            if (year < _tokens.Count && _tokens[year] is { Length: 4, Number: { } full } && full is > 1900 and < 2200)
            {
                return Make(full, month, day) is { } exact ? new Found<DateOnly>(exact, from, year + 1) : null;
            }

            return Nearest(month, day) is { } date ? new Found<DateOnly>(date, from, next) : null;
        }

        private Found<DateOnly>? DayAloneAt(int at)
        {
            if (_lexicon is null)
            {
                return null;
            }

            var marked = _lexicon.DayMarkers.At(_tokens, at, out _, out var number);
            number = marked ? number : _tokens[at].Text == "the" ? at + 1 : at;
            if (number >= _tokens.Count)
            {
                return null;
            }

            if (number > at && DayAndMonthAt(number) is { } whole)
            {
                return whole with { From = at };
            }

            var ordinal = _lexicon.Ordinals.At(_tokens, number, out var day, out var next) && marked;
            if (!ordinal)
            {
                if (_tokens[number] is not { Length: <= 2, Number: { } digits } || IsClock(number))
                {
                    return null;
                }

                (day, next) = (digits, number + 1);
                if (_lexicon.OrdinalSuffix.At(_tokens, next, out _, out var suffix) && _tokens[next].Gap.Length == 0)
                {
                    (ordinal, next) = (true, suffix);
                }
                else if (After(next) is { } rest && rest.StartsWith('.') && context.Language.StartsWith("de", StringComparison.OrdinalIgnoreCase) && marked)
                {
                    ordinal = true;
                }
            }

            // A bare number is a day only where nothing else can be meant.
            if (!ordinal && !(marked && asked) && !(asked && _tokens.Count == 1))
            {
                return null;
            }

            for (var month = _today; day is >= 1 and <= 31; month = month.AddMonths(past ? -1 : 1))
            {
                var first = new DateOnly(month.Year, month.Month, 1);
                if (day <= DateTime.DaysInMonth(first.Year, first.Month) && first.AddDays(day - 1) is var date && (past ? date <= _today : date >= _today))
                {
                    return new Found<DateOnly>(date, at, next);
                }

                if (Math.Abs(month.DayNumber - _today.DayNumber) > 100)
                {
                    break;
                }
            }

            return null;
        }

        private DateOnly? Make(int year, int month, int day)
        {
            if (year is > 1900 and < 2200 && month is >= 1 and <= 12 && day >= 1 && day <= DateTime.DaysInMonth(year, month))
            {
                return new DateOnly(year, month, day);
            }

            if (month is >= 1 and <= 12 && day is > 0 and <= 31)
            {
                _problem ??= new SlotProblem("no-such-date");
            }

            return null;
        }

        private DateOnly? Nearest(int month, int day)
        {
            if (month is < 1 or > 12 || day is < 1 or > 31)
            {
                return null;
            }

            // 29 February waits for a leap year.
            for (var year = _today.Year; Math.Abs(year - _today.Year) <= 8; year += past ? -1 : 1)
            {
                if (day <= DateTime.DaysInMonth(year, month) && new DateOnly(year, month, day) is var date && (past ? date <= _today : date >= _today))
                {
                    return date;
                }
            }

            _problem ??= new SlotProblem("no-such-date");
            return null;
        }

        private static DateOnly Monday(DateOnly date) => date.AddDays(-(((int)date.DayOfWeek + 6) % 7));

        // ---- spans of days ---------------------------------------------------------------------------------------------------------

        public SlotRead Range()
        {
            var span = Span();
            return span.Reading is null && context.FirstDay is { } first && Until(first) is { } rest ? rest : span;
        }

        // After "on Friday": "two nights", "till Monday".
        private SlotRead? Until(DateOnly first)
        {
            if (Length(0, _tokens.Count) is { } stay)
            {
                return Spanned(first, first.AddDays(stay.Value), stay.From, stay.Next);
            }

            for (var i = 0; i < _tokens.Count; i++)
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
            for (var i = 0; i < _tokens.Count; i++)
            {
                if (_lexicon is not null && _lexicon.Weekends.At(_tokens, i, out var weekend, out var after))
                {
                    var saturday = Monday(_today).AddDays(5 + (weekend * 7));
                    saturday = saturday < _today ? saturday.AddDays(7) : saturday;
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

                if (Length(first.Next, _tokens.Count) is { } stay)
                {
                    return Spanned(first.Value, first.Value.AddDays(stay.Value), i, stay.Next);
                }

                var to = first.Next;
                if (_lexicon is not null && _lexicon.To.At(_tokens, to, out _, out var behind))
                {
                    to = behind;
                }
                else if (to < _tokens.Count && !_tokens[to].Gap.Contains('-', StringComparison.Ordinal) && !_tokens[to].Gap.Contains('–', StringComparison.Ordinal))
                {
                    return new SlotProblem(SlotProblem.RangeIncomplete, Iso(first.Value));
                }

                for (var j = to; j < Math.Min(to + 3, _tokens.Count); j++)
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

                return new SlotProblem(SlotProblem.RangeIncomplete, Iso(first.Value));
            }

            return _problem is null ? SlotRead.Nothing : _problem;
        }

        private SlotRead Spanned(DateOnly from, DateOnly to, int at, int next) =>
            to <= from ? new SlotProblem("range-order")
            : to.DayNumber - from.DayNumber > LongestStay ? new SlotProblem("range-too-long", LongestStay.ToString(CultureInfo.InvariantCulture))
            : Reading($"{Iso(from)}/{Iso(to)}", at, next);

        private Found<(DateOnly From, DateOnly To)>? IsoPairAt(int at) =>
            IsoAt(at) is { } from && from.Next < _tokens.Count && _tokens[from.Next].Gap.Trim() == "/" && IsoAt(from.Next) is { } to
                ? new Found<(DateOnly From, DateOnly To)>((from.Value, to.Value), at, to.Next)
                : null;

        // 5 to 8 October, 5.–8. Oktober, du 5 au 8 octobre
        private Found<(DateOnly From, DateOnly To)>? SharedMonthAt(int at)
        {
            if (_lexicon is null || DayNumber(at) is not { } first)
            {
                return null;
            }

            var next = first.Next;
            if (_lexicon.OrdinalSuffix.At(_tokens, next, out _, out var suffix) && _tokens[next].Gap.Length == 0)
            {
                next = suffix;
            }

            if (_lexicon.To.At(_tokens, next, out _, out var to))
            {
                next = to < _tokens.Count && _tokens[to].Text is "the" or "le" or "el" or "il" or "de" or "den" or "o" ? to + 1 : to;
            }
            else if (next >= _tokens.Count || !(_tokens[next].Gap.Contains('-', StringComparison.Ordinal) || _tokens[next].Gap.Contains('–', StringComparison.Ordinal)))
            {
                return null;
            }

            if (next >= _tokens.Count || DayNumber(next) is null || DayAndMonthAt(next) is not { } end)
            {
                // October 5 to 8
                return null;
            }

            return Make(end.Value.Year, end.Value.Month, first.Value) is { } from ? new Found<(DateOnly From, DateOnly To)>((from, end.Value), at, end.Next) : null;
        }

        private Found<int>? Length(int from, int to)
        {
            for (var i = from; i < to && _lexicon is not null; i++)
            {
                if (Amount(i) is { } amount && amount.Next < to + 1 && _lexicon.Nights.At(_tokens, amount.Next, out var days, out var next) && next <= to && amount.Value is > 0 and < 60)
                {
                    return new Found<int>(amount.Value * days, i, next);
                }
            }

            return null;
        }

        // ---- times -----------------------------------------------------------------------------------------------------------------

        // Exact: it cannot be meant twelve hours later.
        private readonly record struct Clock(int Hour, int Minute, bool Exact);

        public SlotRead Time(decimal? earliest, decimal? latest)
        {
            var all = new List<Found<Clock>>();
            for (var i = 0; i < _tokens.Count;)
            {
                if (ClockAt(i) is { } found)
                {
                    all.Add(found);
                    i = found.Next;
                }
                else
                {
                    i++;
                }
            }

            var meant = all.Where(t => _lexicon is null || !_lexicon.Not.Before(_tokens, t.From, out _, out _)).ToList();
            meant = meant.Count == 0 ? all : meant;
            if (meant.Count == 0)
            {
                return SlotRead.Nothing;
            }

            var chosen = meant.Count > 1 && _lexicon is not null && Between(meant[0].Next, meant[1].From, _lexicon.To) && StartsWith(meant[0].From, _lexicon.From) ? meant[1] : meant[0];
            return Settle(chosen, earliest, latest);
        }

        private SlotRead Settle(Found<Clock> found, decimal? earliest, decimal? latest)
        {
            var (hour, minute, exact) = found.Value;
            if (!exact && DayPart() is { } part && hour <= 12)
            {
                hour = part switch
                {
                    1 => hour == 12 ? 0 : hour,
                    4 when hour is < 6 or 12 => hour == 12 ? 0 : hour,
                    _ => hour is < 12 ? hour + 12 : hour,
                };
                exact = true;
            }

            if (!exact && hour is >= 1 and <= 11)
            {
                var morning = Within(hour, minute);
                var evening = Within(hour + 12, minute);
                if (!morning && evening)
                {
                    hour += 12;
                }
                else if (morning && evening && _lexicon?.TwelveHours == true)
                {
                    return new SlotProblem("ambiguous-time");
                }
            }

            return Reading(string.Create(CultureInfo.InvariantCulture, $"{hour:00}:{minute:00}"), found.From, found.Next);

            bool Within(int h, int m) => (earliest is null || h + (m / 60m) >= earliest) && (latest is null || h + (m / 60m) <= latest);
        }

        private int? DayPart()
        {
            for (var i = 0; _lexicon is not null && i < _tokens.Count; i++)
            {
                if (_lexicon.DayParts.At(_tokens, i, out var part, out _))
                {
                    return part;
                }
            }

            return null;
        }

        private Found<Clock>? ClockAt(int at)
        {
            var marked = _lexicon is not null && _lexicon.TimeMarkers.At(_tokens, at, out _, out _);
            var start = at;
            if (marked && _lexicon!.TimeMarkers.At(_tokens, at, out _, out var behind))
            {
                start = behind;
            }

            if (start >= _tokens.Count)
            {
                return null;
            }

            return DigitsAt(at, start, marked) ?? (_lexicon is null ? null : NamedAt(at, start) ?? ShiftedAt(at, start) ?? WordAt(at, start, marked));
        }

        // 20:00, 20.30 Uhr, 20h30, 8:30 pm, 8pm, 20 Uhr, um 8
        private Found<Clock>? DigitsAt(int at, int start, bool marked)
        {
            if (_tokens[start] is not { Length: <= 2, Number: { } hour } || hour > 24 || (start > 0 && start == at && _tokens[start - 1].IsDigits && _tokens[start].Gap is ":" or "." or "/" or "-"))
            {
                return null;
            }

            var next = start + 1;
            var minute = 0;
            var certain = marked;
            var withMinutes = false;
            if (next < _tokens.Count && _tokens[next] is { Length: 2, Number: { } minutes } && minutes < 60 && _tokens[next].Gap is ":" or ".")
            {
                // "5.10." is a day, "5.10.2026" too.
                var colon = _tokens[next].Gap == ":";
                var more = next + 1 < _tokens.Count && _tokens[next + 1].IsDigits && _tokens[next + 1].Gap == _tokens[next].Gap && !colon;
                if (more || (!colon && !marked && !asked && !FollowedByHour(next + 1)))
                {
                    return null;
                }

                (minute, certain, withMinutes) = (minutes, true, true);
                next++;
                // Seconds say nothing here.
                next += colon && next < _tokens.Count && _tokens[next] is { Length: 2, IsDigits: true, Gap: ":" } ? 1 : 0;
            }

            if (_lexicon is not null && !withMinutes && _lexicon.OClock.At(_tokens, next, out _, out var clock))
            {
                (next, certain) = (clock, true);
                if (next < _tokens.Count && _tokens[next] is { Length: 2, Number: { } past60 } && past60 < 60 && (_tokens[next].Gap.Trim().Length == 0))
                {
                    (minute, withMinutes) = (past60, true);
                    next++;
                }
            }
            else if (_lexicon is not null && withMinutes && _lexicon.OClock.At(_tokens, next, out _, out clock))
            {
                next = clock;
            }

            if (_lexicon is not null && _lexicon.AmPm.At(_tokens, next, out var half, out var end))
            {
                return hour is >= 1 and <= 12 ? new Found<Clock>(new Clock((hour % 12) + (half == 2 ? 12 : 0), minute, true), at, end) : null;
            }

            if (_lexicon is not null && _lexicon.MinutesAfter.At(_tokens, next, out var added, out end) && !withMinutes)
            {
                return Shifted(hour, added, false, at, end);
            }

            if (!certain && !(_lexicon is not null && _lexicon.DayParts.At(_tokens, next)) && !(asked && !LooksLikeSomethingElse(start, next)))
            {
                return null;
            }

            // A marker before a number of people or days: "from 2 guests".
            if (certain && marked && !withMinutes && _lexicon is not null && next < _tokens.Count && (_lexicon.Nights.At(_tokens, next) || _lexicon.Units.At(_tokens, next) || _lexicon.Months.At(_tokens, next)))
            {
                return null;
            }

            var written = _tokens[start].Length == 2 && _tokens[start].Text[0] == '0';
            return hour == 24 && minute > 0 ? null : new Found<Clock>(new Clock(hour % 24, minute, written || hour is 0 or > 12), at, next);
        }

        private bool FollowedByHour(int at) => _lexicon is not null && (_lexicon.OClock.At(_tokens, at) || _lexicon.AmPm.At(_tokens, at));

        private bool LooksLikeSomethingElse(int start, int next) =>
            _lexicon is not null && next < _tokens.Count && (_lexicon.Nights.At(_tokens, next) || _lexicon.Units.At(_tokens, next) || _lexicon.Months.At(_tokens, next) || _tokens[next].IsDigits)
            || _tokens.Count - (next - start) > 3;

        private Found<Clock>? NamedAt(int at, int start) =>
            _lexicon!.NamedTimes.At(_tokens, start, out var hour, out var next) ? new Found<Clock>(new Clock(hour, 0, true), at, next) : null;

        // half past eight, halb neun, viertel vor neun, kwart over acht
        private Found<Clock>? ShiftedAt(int at, int start)
        {
            if (!_lexicon!.MinutesBefore.At(_tokens, start, out var minutes, out var next) || HourAt(next) is not { } hour)
            {
                return null;
            }

            var end = _lexicon.OClock.At(_tokens, hour.Next, out _, out var clock) ? clock : hour.Next;
            return _lexicon.AmPm.At(_tokens, end, out var half, out var stop) && hour.Value <= 12
                ? Shifted((hour.Value % 12) + (half == 2 ? 12 : 0), minutes, true, at, stop)
                : Shifted(hour.Value, minutes, false, at, end);
        }

        // at eight, acht Uhr, ocho y media, a las ocho
        private Found<Clock>? WordAt(int at, int start, bool marked)
        {
            if (_tokens[start].IsDigits || HourAt(start) is not { } hour || hour.Value > 24)
            {
                return null;
            }

            var next = hour.Next;
            var certain = marked;
            if (_lexicon!.OClock.At(_tokens, next, out _, out var clock))
            {
                (certain, next) = (true, clock);
            }

            if (_lexicon.MinutesAfter.At(_tokens, next, out var minutes, out var end))
            {
                return Shifted(hour.Value, minutes, false, at, end);
            }

            if (next < _tokens.Count && certain && clock == next && _tokens[next] is { Length: 2, Number: { } digits } && digits < 60)
            {
                return new Found<Clock>(new Clock(hour.Value % 24, digits, hour.Value > 12), at, next + 1);
            }

            if (_lexicon.AmPm.At(_tokens, next, out var half, out end) && hour.Value <= 12)
            {
                return new Found<Clock>(new Clock((hour.Value % 12) + (half == 2 ? 12 : 0), 0, true), at, end);
            }

            return (certain || _lexicon.DayParts.At(_tokens, next) || (asked && _tokens.Count <= 3)) && !(next < _tokens.Count && (_lexicon.Nights.At(_tokens, next) || _lexicon.Units.At(_tokens, next)))
                ? new Found<Clock>(new Clock(hour.Value % 24, 0, hour.Value > 12), at, next)
                : null;
        }

        private Found<int>? HourAt(int at) =>
            at >= _tokens.Count ? null
            : _tokens[at] is { Length: <= 2, Number: { } digits } ? new Found<int>(digits, at, at + 1)
            : _lexicon!.Numbers.At(_tokens, at, out var words, out var next) || _lexicon.Articles.At(_tokens, at, out words, out next) ? new Found<int>(words, at, next)
            : null;

        private static Found<Clock>? Shifted(int hour, int minutes, bool exact, int from, int next)
        {
            if (hour is < 0 or > 24)
            {
                return null;
            }

            var total = (((hour * 60) + minutes) + 1440) % 1440;
            return new Found<Clock>(new Clock(total / 60, total % 60, exact || hour > 12), from, next);
        }

        // ---- small things ----------------------------------------------------------------------------------------------------------

        private bool IsClock(int at) =>
            at + 1 < _tokens.Count && (_tokens[at + 1] is { Length: 2, IsDigits: true, Gap: ":" } || (_lexicon is not null && (_lexicon.OClock.At(_tokens, at + 1) || _lexicon.AmPm.At(_tokens, at + 1))))
            || (at > 0 && _tokens[at].Gap == ":");

        private bool Gap(int at, string gap) => _tokens[at].Gap == gap;

        private string? After(int at) => at < _tokens.Count ? _tokens[at].Gap : at > 0 && at == _tokens.Count ? text[_tokens[at - 1].End..] : null;

        // "on", "am", "le" between a week and its day.
        private int Skip(int at) => at < _tokens.Count && _tokens[at].Text is "on" or "am" or "le" or "el" or "na" or "no" or "il" or "op" or "the" or "a" or "um" ? at + 1 : at;

        private int SkipDayWords(int at) => at < _tokens.Count && _tokens[at].Text is "the" or "den" or "dem" or "am" or "der" or "le" or "el" or "il" or "dia" or "de" ? at + 1 : at;
    }
}
