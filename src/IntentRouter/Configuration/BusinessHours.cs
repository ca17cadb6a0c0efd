using System.Globalization;

namespace IntentRouter.Configuration;

/// <summary>When people are at the desk. Immutable and thread-safe.</summary>
internal sealed class BusinessHours
{
    private static readonly string[] _days = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];
    private readonly TimeZoneInfo _zone;
    private readonly List<(TimeOnly From, TimeOnly To)>[] _open = [.. Enumerable.Range(0, 7).Select(_ => new List<(TimeOnly, TimeOnly)>())];
    private readonly HashSet<DateOnly> _holidays;

    private BusinessHours(TimeZoneInfo zone, IEnumerable<DateOnly> holidays)
    {
        _zone = zone;
        _holidays = [.. holidays];
    }

    public TimeZoneInfo Zone => _zone;

    /// <summary>Reads <c>mon-fri: 09:00-12:00, 13:00-18:00</c>. A span that ends before it begins goes over midnight.</summary>
    /// <exception cref="FormatException">A day, span or zone cannot be read; the message says which.</exception>
    public static BusinessHours Parse(HoursOptions options)
    {
        if (!TimeZoneInfo.TryFindSystemTimeZoneById(options.TimeZone, out var zone))
        {
            throw new FormatException($"'{options.TimeZone}' is not a time zone; use an IANA name such as Europe/Berlin.");
        }

        var hours = new BusinessHours(zone, options.Holidays);
        foreach (var (days, spans) in options.Open)
        {
            foreach (var day in ParseDays(days))
            {
                hours._open[day].AddRange(ParseSpans(spans));
            }
        }

        return hours;
    }

    public bool IsOpen(DateTimeOffset now)
    {
        var local = TimeZoneInfo.ConvertTime(now, _zone);
        var day = DateOnly.FromDateTime(local.DateTime);
        var time = TimeOnly.FromDateTime(local.DateTime);
        return OpenOn(day).Any(s => s.From < s.To ? time >= s.From && time < s.To : time >= s.From)
            || OpenOn(day.AddDays(-1)).Any(s => s.From >= s.To && time < s.To);
    }

    /// <summary>When the desk opens next, in its own zone; null when it never does. <paramref name="now"/> itself when open.</summary>
    public DateTimeOffset? NextOpening(DateTimeOffset now)
    {
        if (IsOpen(now))
        {
            return now;
        }

        var local = TimeZoneInfo.ConvertTime(now, _zone);
        var today = DateOnly.FromDateTime(local.DateTime);
        for (var ahead = 0; ahead < 366; ahead++)
        {
            var day = today.AddDays(ahead);
            foreach (var from in OpenOn(day).Select(s => s.From).Order())
            {
                var opening = day.ToDateTime(from);
                // A wall-clock time that daylight saving skips opens when the clock has jumped.
                opening = _zone.IsInvalidTime(opening) ? opening.AddHours(1) : opening;
                var at = new DateTimeOffset(opening, _zone.GetUtcOffset(opening));
                if (at > now)
                {
                    return at;
                }
            }
        }

        return null;
    }

    private List<(TimeOnly From, TimeOnly To)> OpenOn(DateOnly day) => _holidays.Contains(day) ? [] : _open[(int)day.DayOfWeek];

    private static IEnumerable<int> ParseDays(string text)
    {
        foreach (var part in text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var ends = part.Split('-', StringSplitOptions.TrimEntries);
            var from = DayOf(ends[0]);
            var to = ends.Length == 2 ? DayOf(ends[1]) : from;
            for (var day = from; ; day = (day + 1) % 7)
            {
                yield return day;
                if (day == to)
                {
                    break;
                }
            }
        }
    }

    private static int DayOf(string text)
    {
        var index = Array.FindIndex(_days, d => text.StartsWith(d, StringComparison.OrdinalIgnoreCase));
        return index >= 0 ? index : throw new FormatException($"'{text}' is not a day; use mon, tue, wed, thu, fri, sat, sun or a span such as mon-fri.");
    }

    private static IEnumerable<(TimeOnly From, TimeOnly To)> ParseSpans(string text)
    {
        foreach (var part in text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var ends = part.Split('-', StringSplitOptions.TrimEntries);
            if (ends.Length != 2 || !TryTime(ends[0], out var from) || !TryTime(ends[1], out var to))
            {
                throw new FormatException($"'{part}' is not a span; write it as 09:00-18:00.");
            }

            yield return (from, to);
        }
    }

    private static bool TryTime(string text, out TimeOnly time)
    {
        if (text == "24:00")
        {
            time = TimeOnly.MinValue;
            return true;
        }

        return TimeOnly.TryParseExact(text, ["HH:mm", "H:mm"], CultureInfo.InvariantCulture, DateTimeStyles.None, out time);
    }
}
