using System.Globalization;
using System.Text.RegularExpressions;
using Fluid;
using Fluid.Values;

namespace IntentRouter.Replies;

/// <summary>Filters of texts, beside Liquid's standard ones.</summary>
internal static partial class TextFilters
{
    /// <summary>The filters that texts may use.</summary>
    public static TemplateOptions Offered { get; } = LiquidTemplate.Offer(new Dictionary<string, FilterDelegate>
    {
        ["date"] = (input, arguments, context) => Text(Date(context, input.ToObjectValue(), Argument(arguments, 0) ?? "long")),
        ["time"] = (input, _, context) => Text(Time(context, input.ToObjectValue())),
        ["money"] = (input, arguments, context) => Text(Money(context, input.ToObjectValue(), Argument(arguments, 0))),
        ["mask"] = (input, _, _) => Text(Mask(input.ToObjectValue())),
        ["link"] = (input, _, _) => Text(Link(input.ToObjectValue())),
        ["first_day"] = (input, _, _) => Text(FirstDay(input.ToObjectValue())),
        ["last_day"] = (input, _, _) => Text(LastDay(input.ToObjectValue())),
        ["count"] = (input, _, context) => NumberValue.Create(Count(input, context)),
    });

    /// <summary><c>{{ result.eta | date }}</c>: the day in words; <c>"short"</c>, <c>"weekday"</c>, <c>"month"</c>, or a strftime pattern.</summary>
    private static string? Date(TemplateContext context, object? input, string format)
    {
        if (Moment(context, input) is not { } moment)
        {
            return Convert.ToString(input, CultureInfo.InvariantCulture);
        }

        var culture = context.CultureInfo;
        var now = context.Now();
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
    private static string? Time(TemplateContext context, object? input)
    {
        if (input is string text && TimeOnly.TryParseExact(text, ["HH:mm", "HH:mm:ss"], CultureInfo.InvariantCulture, DateTimeStyles.None, out var time))
        {
            return time.ToString(context.CultureInfo.DateTimeFormat.ShortTimePattern, context.CultureInfo);
        }

        return Moment(context, input) is { } moment ? moment.ToString(context.CultureInfo.DateTimeFormat.ShortTimePattern, context.CultureInfo) : Convert.ToString(input, CultureInfo.InvariantCulture);
    }

    /// <summary><c>{{ result.total | money: "EUR" }}</c>: an amount as the language writes it.</summary>
    private static string? Money(TemplateContext context, object? input, string? currency)
    {
        var text = Convert.ToString(input, CultureInfo.InvariantCulture) ?? "";
        var parts = text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (parts.Length == 0 || !decimal.TryParse(parts[0], NumberStyles.Float, CultureInfo.InvariantCulture, out var amount))
        {
            return text;
        }

        currency ??= parts.Length > 1 ? parts[1] : null;
        var format = (NumberFormatInfo)context.CultureInfo.NumberFormat.Clone();
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
    private static string? FirstDay(object? input) => input is string text ? text.Split('/')[0] : null;

    /// <summary><c>{{ slots.stay | last_day | date }}</c>: where a span of days ends.</summary>
    private static string? LastDay(object? input) => input is string text ? text.Split('/')[^1] : null;

    private static int Count(FluidValue input, TemplateContext context) => input.Type switch
    {
        FluidValues.Array or FluidValues.Dictionary => input.Enumerate(context).Count(),
        FluidValues.Nil => 0,
        _ => 1,
    };

    private static ValueTask<FluidValue> Text(string? text) => text is null ? NilValue.Instance : StringValue.Create(text);

    private static string? Argument(FilterArguments arguments, int at) => arguments.At(at) is { } given && !given.IsNil() ? given.ToStringValue() : null;

    private static DateTimeOffset? Moment(TemplateContext context, object? input)
    {
        var zone = context.TimeZone;
        switch (input)
        {
            case DateTimeOffset moment:
                return TimeZoneInfo.ConvertTime(moment, zone);
            case DateTime local:
                return new DateTimeOffset(DateTime.SpecifyKind(local, DateTimeKind.Unspecified), TimeSpan.Zero);
            case int or long or decimal or double:
                var seconds = Convert.ToDouble(input, CultureInfo.InvariantCulture);
                return seconds is > 86_400 and < 32_503_680_000 ? TimeZoneInfo.ConvertTime(DateTimeOffset.UnixEpoch.AddSeconds(seconds), zone) : null;
            case "now":
                return TimeZoneInfo.ConvertTime(context.Now(), zone);
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
