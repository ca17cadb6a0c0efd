using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using DotLiquid;
using DotLiquid.Exceptions;

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
internal sealed partial class ValueTemplate
{
    // Stands for a value that the sink cannot take. It cannot come from a value: sinks encode everything beyond ASCII.
    private const char Refused = '\uE000';
    private static readonly TimeSpan _longest = TimeSpan.FromSeconds(1);
    private readonly Template? _template;
    private readonly string _source;
    private readonly ValueSink _sink;

    private ValueTemplate(string source, ValueSink sink, Template? template, IReadOnlyList<string> variables)
    {
        _source = source;
        _sink = sink;
        _template = template;
        Variables = variables;
    }

    /// <summary>Names that the outputs begin with, for example <c>order_number</c> or <c>slots.order_number</c>.</summary>
    public IReadOnlyList<string> Variables { get; }

    /// <exception cref="FormatException">Not a template: the message says why.</exception>
    public static ValueTemplate Parse(string source, ValueSink sink)
    {
        if (!source.Contains("{{", StringComparison.Ordinal) && !source.Contains("{%", StringComparison.Ordinal))
        {
            return new ValueTemplate(source, sink, null, []);
        }

        if (source.Contains(Refused, StringComparison.Ordinal))
        {
            throw new FormatException("The template holds a character of a private range.");
        }

        var variables = new List<string>();
        var filter = sink switch
        {
            ValueSink.UrlPath => " | sink_path ",
            ValueSink.UrlQuery => " | sink_query ",
            ValueSink.Header => " | sink_header ",
            _ => " ",
        };
        var encoded = Output().Replace(source, match =>
        {
            var expression = match.Groups["expression"].Value;
            if (Head().Match(expression) is { Success: true } head)
            {
                variables.Add(head.Groups[1].Value);
            }

            return $"{{{{{expression}{filter}}}}}";
        });
        try
        {
            var template = Template.Parse(encoded, SyntaxCompatibility.DotLiquid22a);
            template.MakeThreadSafe();
            return new ValueTemplate(source, sink, template, variables);
        }
        catch (LiquidException ex)
        {
            throw new FormatException(SinkFilter().Replace(ex.Message, ""), ex);
        }
    }

    /// <summary>The text with its values, or null when a value cannot stand where the template puts it.</summary>
    public string? Render(IReadOnlyDictionary<string, string> values)
    {
        if (_template is null)
        {
            return _source;
        }

        var slots = Hash.FromDictionary(values.ToDictionary(v => v.Key, object? (v) => v.Value));
        var variables = new Hash();
        variables.Merge(slots);
        variables["slots"] = slots;
        using var limit = new CancellationTokenSource(_longest);
        var context = new Context([variables], new Hash(), new Hash(), ErrorsOutputMode.Suppress, 200, CultureInfo.InvariantCulture, limit.Token)
        {
            SyntaxCompatibilityLevel = SyntaxCompatibility.DotLiquid22a,
        };
        context.AddFilters(typeof(SinkFilters));
        using var writer = new StringWriter(CultureInfo.InvariantCulture);
        try
        {
            _template.Render(writer, RenderParameters.FromContext(context, CultureInfo.InvariantCulture));
        }
        catch (Exception ex) when (ex is OperationCanceledException or RenderException)
        {
            return null;
        }

        var text = writer.ToString();
        var failed = context.Errors.Exists(e => e is not VariableNotFoundException);
        return failed || (text.Contains(Refused, StringComparison.Ordinal) && _sink != ValueSink.Json) ? null : text;
    }

    [GeneratedRegex("""\{\{-?(?<expression>(?:"[^"]*"|'[^']*'|[^"'}]|\}(?!\}))*?)-?\}\}""", RegexOptions.Singleline | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Output();

    [GeneratedRegex(@"^\s*([A-Za-z_][\w.\-]*)", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Head();

    [GeneratedRegex(@" \| sink_\w+ ", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex SinkFilter();

    // Public static methods of this class are what DotLiquid calls.
    private static class SinkFilters
    {
        public static string SinkPath(object? value) =>
            Text(value) is { Length: > 0 } text && text.Trim('.').Length > 0 ? Uri.EscapeDataString(text) : Refused.ToString();

        public static string SinkQuery(object? value) => Uri.EscapeDataString(Text(value));

        public static string SinkHeader(object? value)
        {
            var result = new StringBuilder();
            foreach (var rune in Text(value).EnumerateRunes())
            {
                result.Append(rune.Value is >= 0x20 and < 0x7f ? rune.ToString() : rune.Value is < 0x20 or 0x7f ? "" : Uri.EscapeDataString(rune.ToString()));
            }

            return result.ToString();
        }

        private static string Text(object? value) => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "";
    }
}
