using System.Globalization;

namespace IntentRouter.Dialogue.Extraction;

/// <summary>Reads a time of day: "20:30", "8pm", "half past eight", "viertel vor neun".</summary>
internal sealed class TimeReader(string text, string language, bool asked) : PhraseReader(text, language)
{
    // Exact: it cannot be meant twelve hours later.
    private readonly record struct Clock(int Hour, int Minute, bool Exact);

    public SlotRead Read(decimal? earliest, decimal? latest) => Meant(ClockAt) is { } found ? Settle(found, earliest, latest) : SlotRead.Nothing;

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
            else if (morning && evening && Lexicon?.TwelveHours == true)
            {
                return Refused("ambiguous-time", null, found.From, found.Next);
            }
        }

        return Reading(string.Create(CultureInfo.InvariantCulture, $"{hour:00}:{minute:00}"), found.From, found.Next);

        bool Within(int h, int m) => (earliest is null || h + (m / 60m) >= earliest) && (latest is null || h + (m / 60m) <= latest);
    }

    private int? DayPart()
    {
        for (var i = 0; Lexicon is not null && i < Tokens.Count; i++)
        {
            if (Lexicon.DayParts.At(Tokens, i, out var part, out _))
            {
                return part;
            }
        }

        return null;
    }

    private Found<Clock>? ClockAt(int at)
    {
        var marked = Lexicon is not null && Lexicon.TimeMarkers.At(Tokens, at, out _, out _);
        var start = at;
        if (marked && Lexicon!.TimeMarkers.At(Tokens, at, out _, out var behind))
        {
            start = behind;
        }

        if (start >= Tokens.Count)
        {
            return null;
        }

        return DigitsAt(at, start, marked) ?? (Lexicon is null ? null : NamedAt(at, start) ?? ShiftedAt(at, start) ?? WordAt(at, start, marked));
    }

    // 20:00, 20.30 Uhr, 20h30, 8:30 pm, 8pm, 20 Uhr, um 8
    private Found<Clock>? DigitsAt(int at, int start, bool marked)
    {
        if (Tokens[start] is not { Length: <= 2, Number: { } hour } || hour > 24 || (start > 0 && start == at && Tokens[start - 1].IsDigits && Tokens[start].Gap is ":" or "." or "/" or "-"))
        {
            return null;
        }

        var next = start + 1;
        var minute = 0;
        var certain = marked;
        var withMinutes = false;
        if (next < Tokens.Count && Tokens[next] is { Length: 2, Number: { } minutes } && minutes < 60 && Tokens[next].Gap is ":" or ".")
        {
            // "5.10." is a day, "5.10.2026" too.
            var colon = Tokens[next].Gap == ":";
            var more = next + 1 < Tokens.Count && Tokens[next + 1].IsDigits && Tokens[next + 1].Gap == Tokens[next].Gap && !colon;
            if (more || (!colon && !marked && !asked && !FollowedByHour(next + 1)))
            {
                return null;
            }

            (minute, certain, withMinutes) = (minutes, true, true);
            next++;
            // Seconds say nothing here.
            next += colon && next < Tokens.Count && Tokens[next] is { Length: 2, IsDigits: true, Gap: ":" } ? 1 : 0;
        }

        if (Lexicon is not null && !withMinutes && Lexicon.OClock.At(Tokens, next, out _, out var clock))
        {
            (next, certain) = (clock, true);
            if (next < Tokens.Count && Tokens[next] is { Length: 2, Number: { } past60 } && past60 < 60 && (Tokens[next].Gap.Trim().Length == 0))
            {
                (minute, withMinutes) = (past60, true);
                next++;
            }
        }
        else if (Lexicon is not null && withMinutes && Lexicon.OClock.At(Tokens, next, out _, out clock))
        {
            next = clock;
        }

        if (Lexicon is not null && Lexicon.AmPm.At(Tokens, next, out var half, out var end))
        {
            return hour is >= 1 and <= 12 ? new Found<Clock>(new Clock((hour % 12) + (half == 2 ? 12 : 0), minute, true), at, end) : null;
        }

        if (Lexicon is not null && Lexicon.MinutesAfter.At(Tokens, next, out var added, out end) && !withMinutes)
        {
            return Shifted(hour, added, false, at, end);
        }

        if (!certain && !(Lexicon is not null && Lexicon.DayParts.At(Tokens, next)) && !(asked && !LooksLikeSomethingElse(start, next)))
        {
            return null;
        }

        // A marker before a number of people or days: "from 2 guests".
        if (certain && marked && !withMinutes && Lexicon is not null && next < Tokens.Count && (Lexicon.Nights.At(Tokens, next) || Lexicon.Units.At(Tokens, next) || Lexicon.Months.At(Tokens, next)))
        {
            return null;
        }

        var written = Tokens[start].Length == 2 && Tokens[start].Text[0] == '0';
        return hour == 24 && minute > 0 ? null : new Found<Clock>(new Clock(hour % 24, minute, written || hour is 0 or > 12), at, next);
    }

    private bool FollowedByHour(int at) => Lexicon is not null && (Lexicon.OClock.At(Tokens, at) || Lexicon.AmPm.At(Tokens, at));

    private bool LooksLikeSomethingElse(int start, int next) =>
        Lexicon is not null && next < Tokens.Count && (Lexicon.Nights.At(Tokens, next) || Lexicon.Units.At(Tokens, next) || Lexicon.Months.At(Tokens, next) || Tokens[next].IsDigits)
        || Tokens.Count - (next - start) > 3;

    private Found<Clock>? NamedAt(int at, int start) =>
        Lexicon!.NamedTimes.At(Tokens, start, out var hour, out var next) ? new Found<Clock>(new Clock(hour, 0, true), at, next) : null;

    // half past eight, halb neun, viertel vor neun, kwart over acht
    private Found<Clock>? ShiftedAt(int at, int start)
    {
        if (!Lexicon!.MinutesBefore.At(Tokens, start, out var minutes, out var next) || HourAt(next) is not { } hour)
        {
            return null;
        }

        var end = Lexicon.OClock.At(Tokens, hour.Next, out _, out var clock) ? clock : hour.Next;
        return Lexicon.AmPm.At(Tokens, end, out var half, out var stop) && hour.Value <= 12
            ? Shifted((hour.Value % 12) + (half == 2 ? 12 : 0), minutes, true, at, stop)
            : Shifted(hour.Value, minutes, false, at, end);
    }

    // at eight, acht Uhr, ocho y media, a las ocho
    private Found<Clock>? WordAt(int at, int start, bool marked)
    {
        if (Tokens[start].IsDigits || HourAt(start) is not { } hour || hour.Value > 24)
        {
            return null;
        }

        var next = hour.Next;
        var certain = marked;
        if (Lexicon!.OClock.At(Tokens, next, out _, out var clock))
        {
            (certain, next) = (true, clock);
        }

        if (Lexicon.MinutesAfter.At(Tokens, next, out var minutes, out var end))
        {
            return Shifted(hour.Value, minutes, false, at, end);
        }

        if (next < Tokens.Count && certain && clock == next && Tokens[next] is { Length: 2, Number: { } digits } && digits < 60)
        {
            return new Found<Clock>(new Clock(hour.Value % 24, digits, hour.Value > 12), at, next + 1);
        }

        if (Lexicon.AmPm.At(Tokens, next, out var half, out end) && hour.Value <= 12)
        {
            return new Found<Clock>(new Clock((hour.Value % 12) + (half == 2 ? 12 : 0), 0, true), at, end);
        }

        return (certain || Lexicon.DayParts.At(Tokens, next) || (asked && Tokens.Count <= 3)) && !(next < Tokens.Count && (Lexicon.Nights.At(Tokens, next) || Lexicon.Units.At(Tokens, next)))
            ? new Found<Clock>(new Clock(hour.Value % 24, 0, hour.Value > 12), at, next)
            : null;
    }

    private Found<int>? HourAt(int at) =>
        at >= Tokens.Count ? null
        : Tokens[at] is { Length: <= 2, Number: { } digits } ? new Found<int>(digits, at, at + 1)
        : Lexicon!.Numbers.At(Tokens, at, out var words, out var next) || Lexicon.Articles.At(Tokens, at, out words, out next) ? new Found<int>(words, at, next)
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
}
