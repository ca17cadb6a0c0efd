using System.Globalization;
using System.Text.RegularExpressions;
using DotLiquid;

namespace IntentRouter.Replies;

/// <summary>Filters of texts, beside Liquid's standard ones. Public static methods are the filters.</summary>
internal static partial class TextFilters
{
    internal const string ZoneRegister = "zone";
    internal const string NowRegister = "now";

    /// <summary><c>{{ result.eta | date }}</c>: the day in words; <c>"short"</c>, <c>"weekday"</c>, <c>"month"</c>, or a strftime pattern.</summary>
    public static string? Date(Context context, object? input, string format = "long")
    {
        if (Moment(context, input) is not { } moment)
        {
            return input?.ToString();
        }

        var culture = context.CurrentCulture;
        var now = context.Registers.TryGetValue(NowRegister, out var n) && n is DateTimeOffset at ? at : moment;
        return format switch
        {
            "long" => moment.ToString(LongPattern(culture, withYear: moment.Year != now.Year), culture),
            "full" => moment.ToString(LongPattern(culture, withYear: true), culture),
            "short" => moment.ToString(culture.DateTimeFormat.ShortDatePattern, culture),
            "weekday" => moment.ToString("dddd", culture),
            "month" => moment.ToString("MMMM", culture),
            "iso" => moment.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
            _ when format.Contains('%', StringComparison.Ordinal) => Strftime().Replace(format, m => Directive(moment, m.Groups[1].Value, culture)),
            _ => moment.ToString(format, culture),
        };
    }

    /// <summary><c>{{ slots.time | time }}</c>: the clock time as the language writes it.</summary>
    public static string? Time(Context context, object? input)
    {
        if (input is string text && TimeOnly.TryParseExact(text, ["HH:mm", "HH:mm:ss"], CultureInfo.InvariantCulture, DateTimeStyles.None, out var time))
        {
            return time.ToString(context.CurrentCulture.DateTimeFormat.ShortTimePattern, context.CurrentCulture);
        }

        return Moment(context, input) is { } moment ? moment.ToString(context.CurrentCulture.DateTimeFormat.ShortTimePattern, context.CurrentCulture) : input?.ToString();
    }

    /// <summary><c>{{ result.total | money: "EUR" }}</c>: an amount as the language writes it.</summary>
    public static string? Money(Context context, object? input, string? currency = null)
    {
        var text = Convert.ToString(input, CultureInfo.InvariantCulture) ?? "";
        var parts = text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (parts.Length == 0 || !decimal.TryParse(parts[0], NumberStyles.Number | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out var amount))
        {
            return text;
        }

        currency ??= parts.Length > 1 ? parts[1] : null;
        var format = (NumberFormatInfo)context.CurrentCulture.NumberFormat.Clone();
        if (currency is null)
        {
            return amount.ToString("N2", format);
        }

        var code = currency.ToUpperInvariant();
        format.CurrencySymbol = code switch { "EUR" => "€", "USD" => "$", "GBP" => "£", "INR" => "₹", "JPY" => "¥", "BRL" => "R$", _ => code };
        format.CurrencyDecimalDigits = code is "JPY" or "KRW" ? 0 : 2;
        if (format.CurrencySymbol == code && format.CurrencyPositivePattern is 0 or 1)
        {
            format.CurrencyPositivePattern += 2;
        }

        return amount.ToString("C", format);
    }

    /// <summary><c>{{ contact.email | mask }}</c>: enough to recognise one's own, too little to use.</summary>
    public static string? Mask(object? input)
    {
        var text = Convert.ToString(input, CultureInfo.InvariantCulture);
        if (string.IsNullOrEmpty(text))
        {
            return text;
        }

        var at = text.LastIndexOf('@');
        if (at > 0)
        {
            return $"{text[0]}•••{text[at..]}";
        }

        var shown = text.Count(char.IsLetterOrDigit) switch { >= 8 => 4, >= 4 => 2, _ => 0 };
        return $"•••{text[^shown..]}";
    }

    /// <summary><c>{{ result.link | link }}</c>: a web address, or nothing when it is anything else.</summary>
    public static string? Link(object? input) =>
        input is string text && Uri.TryCreate(text.Trim(), UriKind.Absolute, out var uri) && uri.Scheme is "https" or "http" ? uri.AbsoluteUri : null;

    /// <summary><c>{{ slots.stay | first_day | date }}</c>: where a span of days begins.</summary>
    public static string? FirstDay(object? input) => input is string text ? text.Split('/')[0] : null;

    /// <summary><c>{{ slots.stay | last_day | date }}</c>: where a span of days ends.</summary>
    public static string? LastDay(object? input) => input is string text ? text.Split('/')[^1] : null;

    /// <summary>Part of a text, counted in what people see as characters.</summary>
    public static object? Slice(object? input, int offset, int length = 1)
    {
        if (input is not string text)
        {
            return input;
        }

        var whole = new StringInfo(text);
        var start = offset < 0 ? Math.Max(0, whole.LengthInTextElements + offset) : Math.Min(offset, whole.LengthInTextElements);
        var count = Math.Clamp(length, 0, whole.LengthInTextElements - start);
        return count == 0 ? "" : whole.SubstringByTextElements(start, count);
    }

    /// <summary><c>{{ results | count }}</c>.</summary>
    public static int Count(object? input) => input is System.Collections.IEnumerable list and not string ? list.Cast<object?>().Count() : input is null ? 0 : 1;

    /// <summary>Appended to every output: the value is not the author's.</summary>
    public static object? FromOutside(Context context, object? input) => input switch
    {
        null => null,
        string text => CustomerText.Mark(text),
        bool flag => flag ? "true" : "false",
        decimal number => CustomerText.Mark(number.ToString("0.#############################", context.CurrentCulture)),
        System.Collections.IEnumerable list => CustomerText.Mark(string.Join(", ", list.Cast<object?>().Where(o => o is string or ValueType).Select(o => Convert.ToString(o, context.CurrentCulture)))),
        IFormattable value => CustomerText.Mark(value.ToString(null, context.CurrentCulture)),
        _ => CustomerText.Mark(input.ToString() ?? ""),
    };

    private static DateTimeOffset? Moment(Context context, object? input)
    {
        var zone = context.Registers.TryGetValue(ZoneRegister, out var z) && z is TimeZoneInfo info ? info : TimeZoneInfo.Utc;
        switch (input)
        {
            case DateTimeOffset moment:
                return TimeZoneInfo.ConvertTime(moment, zone);
            case DateTime local:
                return new DateTimeOffset(DateTime.SpecifyKind(local, DateTimeKind.Unspecified), TimeSpan.Zero);
            case int or long or decimal or double:
                var seconds = Convert.ToDouble(input, CultureInfo.InvariantCulture);
                return seconds is > 86_400 and < 32_503_680_000 ? TimeZoneInfo.ConvertTime(DateTimeOffset.UnixEpoch.AddSeconds(seconds), zone) : null;
            case "now" when context.Registers.TryGetValue(NowRegister, out var now) && now is DateTimeOffset current:
                return TimeZoneInfo.ConvertTime(current, zone);
            case string { Length: >= 10 } text when char.IsAsciiDigit(text[0]):
                if (DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date))
                {
                    return new DateTimeOffset(date, default, TimeSpan.Zero);
                }

                // A time with an offset is shown in the reader's zone; one without is wall-clock time already.
                return text.Length > 10 && (text.EndsWith('Z') || text.AsSpan(10).IndexOfAny('+', '-') >= 0)
                    ? DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.None, out var absolute) ? TimeZoneInfo.ConvertTime(absolute, zone) : null
                    : DateTime.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.None, out var wall) ? new DateTimeOffset(wall, TimeSpan.Zero) : null;
            default:
                return null;
        }
    }

    private static string LongPattern(CultureInfo culture, bool withYear)
    {
        var year = withYear ? culture.TwoLetterISOLanguageName is "es" or "pt" ? " 'de' yyyy" : " yyyy" : "";
        return culture.TwoLetterISOLanguageName switch
        {
            "en" => $"dddd, d MMMM{year}",
            "de" => $"dddd, d. MMMM{year}",
            "fr" or "it" or "nl" => $"dddd d MMMM{year}",
            "es" or "pt" => $"dddd, d 'de' MMMM{year}",
            _ => culture.DateTimeFormat.LongDatePattern,
        };
    }

    private static string Directive(DateTimeOffset moment, string directive, CultureInfo culture) => directive switch
    {
        "d" => moment.ToString("dd", culture),
        "e" or "-d" => moment.Day.ToString(culture),
        "m" => moment.ToString("MM", culture),
        "-m" => moment.Month.ToString(culture),
        "Y" => moment.ToString("yyyy", culture),
        "y" => moment.ToString("yy", culture),
        "B" => moment.ToString("MMMM", culture),
        "b" => moment.ToString("MMM", culture),
        "A" => moment.ToString("dddd", culture),
        "a" => moment.ToString("ddd", culture),
        "H" => moment.ToString("HH", culture),
        "I" => moment.ToString("hh", culture),
        "M" => moment.ToString("mm", culture),
        "S" => moment.ToString("ss", culture),
        "p" => moment.ToString("tt", CultureInfo.InvariantCulture),
        _ => "%" + directive,
    };

    [GeneratedRegex("%(-?[a-zA-Z])", RegexOptions.CultureInvariant)]
    private static partial Regex Strftime();
}
