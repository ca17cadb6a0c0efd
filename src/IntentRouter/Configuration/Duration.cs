using System.Globalization;
using System.Text.RegularExpressions;

namespace IntentRouter.Configuration;

/// <summary>Durations as the file writes them: <c>800ms</c>, <c>20s</c>, <c>30m</c>, <c>2h</c>, <c>7d</c>, <c>1h30m</c>, <c>1.5s</c>, <c>0</c>.</summary>
internal static partial class Duration
{
    /// <summary>The same form, for the JSON schema.</summary>
    public const string Pattern = @"^(0|(\d+(\.\d+)?(ms|s|m|h|d))+)$";

    public static bool TryParse(string text, out TimeSpan value)
    {
        value = TimeSpan.Zero;
        if (!Whole().IsMatch(text))
        {
            return false;
        }

        try
        {
            foreach (Match part in Part().Matches(text))
            {
                var number = double.Parse(part.Groups["n"].ValueSpan, CultureInfo.InvariantCulture);
                value += part.Groups["u"].Value switch
                {
                    "ms" => TimeSpan.FromMilliseconds(number),
                    "s" => TimeSpan.FromSeconds(number),
                    "m" => TimeSpan.FromMinutes(number),
                    "h" => TimeSpan.FromHours(number),
                    _ => TimeSpan.FromDays(number),
                };
            }

            return true;
        }
        catch (OverflowException)
        {
            return false;
        }
    }

    public static string Format(TimeSpan value) => value switch
    {
        { Ticks: 0 } => "0",
        _ when value.Ticks % TimeSpan.TicksPerDay == 0 => string.Create(CultureInfo.InvariantCulture, $"{value.TotalDays}d"),
        _ when value.Ticks % TimeSpan.TicksPerHour == 0 => string.Create(CultureInfo.InvariantCulture, $"{value.TotalHours}h"),
        _ when value.Ticks % TimeSpan.TicksPerMinute == 0 => string.Create(CultureInfo.InvariantCulture, $"{value.TotalMinutes}m"),
        _ when value.Ticks % TimeSpan.TicksPerSecond == 0 => string.Create(CultureInfo.InvariantCulture, $"{value.TotalSeconds}s"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{value.TotalMilliseconds}ms"),
    };

    [GeneratedRegex(Pattern, RegexOptions.ECMAScript)]
    private static partial Regex Whole();

    [GeneratedRegex(@"(?<n>\d+(\.\d+)?)(?<u>ms|s|m|h|d)")]
    private static partial Regex Part();
}
