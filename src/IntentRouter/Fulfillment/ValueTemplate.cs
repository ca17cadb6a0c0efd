using System.Globalization;
using System.Text;
using Fluid;
using IntentRouter.Replies;

namespace IntentRouter.Fulfillment;

/// <summary>Where the values of a template end up, which decides what makes them harmless.</summary>
internal enum ValueSink
{
    /// <summary>A segment of an address's path: encoded, and never empty or a dot segment.</summary>
    UrlPath,

    /// <summary>The query of an address: encoded.</summary>
    UrlQuery,

    /// <summary>A header: one line of ASCII.</summary>
    Header,

    /// <summary>A text that is put into a JSON tree as a string: nothing to encode here.</summary>
    Json,
}

/// <summary>A Liquid template of an outgoing call: what comes out of <c>{{ }}</c> is encoded for its sink, whatever filters it went through. Thread-safe.</summary>
internal sealed class ValueTemplate
{
    // Stands for a value that the sink cannot take. It cannot come from a value: sinks encode everything beyond ASCII.
    private const char Refused = '\uE000';
    private static readonly TemplateOptions _options = LiquidTemplate.Offer([]);
    private readonly LiquidTemplate? _template;
    private readonly string _source;
    private readonly ValueSink _sink;

    private ValueTemplate(string source, ValueSink sink, LiquidTemplate? template)
    {
        _source = source;
        _sink = sink;
        _template = template;
    }

    /// <summary>Names that the outputs begin with, for example <c>order_number</c> or <c>slots.order_number</c>.</summary>
    public IReadOnlyList<string> Variables => _template?.Shown ?? [];

    /// <exception cref="FormatException">Not a template: the message says why.</exception>
    public static ValueTemplate Parse(string source, ValueSink sink)
    {
        if (!LiquidTemplate.IsLiquid(source))
        {
            return new ValueTemplate(source, sink, null);
        }

        return source.Contains(Refused, StringComparison.Ordinal)
            ? throw new FormatException("The template holds a character of a private range.")
            : new ValueTemplate(source, sink, LiquidTemplate.Parse(source, _options, "addresses, headers and bodies"));
    }

    /// <summary>The text with its values, or null when a value cannot stand where the template puts it.</summary>
    public string? Render(IReadOnlyDictionary<string, string> values)
    {
        if (_template is null)
        {
            return _source;
        }

        var slots = values.ToDictionary(v => v.Key, object? (v) => v.Value);
        using var writer = new StringWriter(CultureInfo.InvariantCulture);
        try
        {
            _template.Render(
                new TextScope(new Dictionary<string, object?>(slots) { ["slots"] = slots }, CultureInfo.InvariantCulture, TimeZoneInfo.Utc, DateTimeOffset.UnixEpoch),
                mayLack: (_, _) => true,
                value => Encoded(value.ToStringValue(), _sink),
                writer);
        }
        catch (Exception ex) when (ex is not OutOfMemoryException)
        {
            return null;
        }

        var text = writer.ToString();
        return text.Contains(Refused, StringComparison.Ordinal) && _sink != ValueSink.Json ? null : text;
    }

    private static string Encoded(string text, ValueSink sink)
    {
        switch (sink)
        {
            case ValueSink.UrlPath:
                return text.Trim('.').Length > 0 ? Uri.EscapeDataString(text) : Refused.ToString();
            case ValueSink.UrlQuery:
                return Uri.EscapeDataString(text);
            case ValueSink.Header:
                var result = new StringBuilder();
                foreach (var rune in text.EnumerateRunes())
                {
                    result.Append(rune.Value is >= 0x20 and < 0x7f ? rune.ToString() : rune.Value is < 0x20 or 0x7f ? "" : Uri.EscapeDataString(rune.ToString()));
                }

                return result.ToString();
            default:
                return text;
        }
    }
}
