using System.Globalization;
using System.Text.RegularExpressions;
using DotLiquid;
using DotLiquid.Exceptions;

namespace IntentRouter.Replies;

/// <summary>One Liquid text, parsed. Immutable and thread-safe.</summary>
internal sealed partial class TextTemplate
{
    private const int LongestSource = 20_000;
    private const int LongestOutput = 20_000;
    private const int MostRounds = 500;
    private static readonly TimeSpan _timeout = TimeSpan.FromSeconds(5);
    private static readonly string[] _tags = ["if", "elsif", "else", "endif", "unless", "endunless", "case", "when", "endcase", "for", "endfor", "break", "continue", "assign", "capture", "endcapture", "comment", "endcomment"];
    private readonly Template? _template;
    private readonly HashSet<string> _optional = [];

    private TextTemplate(string source, Template? template)
    {
        Source = source;
        _template = template;
    }

    public string Source { get; }

    /// <summary>Variables that the text uses and does not make itself, as written, for example <c>slots.date</c>.</summary>
    public IReadOnlyList<string> Variables { get; private init; } = [];

    /// <exception cref="FormatException">Not a text: the message says what is wrong.</exception>
    public static TextTemplate Parse(string source)
    {
        if (source.Length > LongestSource)
        {
            throw new FormatException($"The text is longer than {LongestSource} characters.");
        }

        if (!source.Contains("{{", StringComparison.Ordinal) && !source.Contains("{%", StringComparison.Ordinal))
        {
            return new TextTemplate(source, null);
        }

        foreach (Match tag in Tag().Matches(source))
        {
            if (!_tags.Contains(tag.Groups[1].Value))
            {
                throw new FormatException($"The tag '{tag.Groups[1].Value}' is not available in texts; available are if, unless, case, for, assign, capture and comment.");
            }
        }

        var optional = new HashSet<string>();
        var variables = new List<string>();
        var marked = Output().Replace(source, m =>
        {
            var expression = m.Groups["expression"].Value;
            var variable = Head().Match(expression).Groups[1].Value;
            if (variable.Length > 0)
            {
                variables.Add(variable);
                if (DefaultFilter().IsMatch(expression))
                {
                    optional.Add(variable);
                }
            }

            foreach (Match filter in FilterName().Matches(QuotedText().Replace(expression, "''")))
            {
                if (!_filters.Contains(filter.Groups[1].Value))
                {
                    throw new FormatException($"The filter '{filter.Groups[1].Value}' does not exist.");
                }
            }

            return $"{m.Groups["open"].Value}{expression} | from_outside {m.Groups["close"].Value}";
        });

        try
        {
            var template = Template.Parse(marked, SyntaxCompatibility.DotLiquid22a);
            template.MakeThreadSafe();
            var own = Made().Matches(source).Select(m => m.Groups[1].Value).Append("forloop").ToHashSet();
            variables.AddRange(Tested().Matches(source).SelectMany(m => Word().Matches(QuotedText().Replace(m.Groups[1].Value, "")).Select(w => w.Value)).Where(w => !_words.Contains(w)));
            var parsed = new TextTemplate(source, template) { Variables = [.. variables.Where(v => !own.Contains(v.Split('.', '[')[0])).Distinct()] };
            parsed._optional.UnionWith(optional);
            return parsed;
        }
        catch (LiquidException e)
        {
            throw new FormatException(e.Message.Replace(" | from_outside ", "", StringComparison.Ordinal), e);
        }
    }

    /// <exception cref="TextRenderException">A variable is missing, or the text grew out of bounds.</exception>
    public string Render(TextScope scope, TextForm form)
    {
        if (_template is null)
        {
            return CustomerText.Settle(Source, form);
        }

        using var deadline = new CancellationTokenSource(_timeout);
        var registers = new Hash { [TextFilters.ZoneRegister] = scope.Zone, [TextFilters.NowRegister] = scope.Now };
        var context = new Context([scope.Variables], new Hash(), registers, ErrorsOutputMode.Rethrow, MostRounds, scope.Culture, deadline.Token)
        {
            SyntaxCompatibilityLevel = SyntaxCompatibility.DotLiquid22a,
        };
        context.AddFilters(typeof(TextFilters));
        using var writer = new BoundedWriter(LongestOutput, scope.Culture);
        try
        {
            _template.Render(writer, RenderParameters.FromContext(context, scope.Culture));
        }
        catch (Exception e) when (e is LiquidException or RenderException or OperationCanceledException or OutputTooLongException or InvalidCastException or FormatException or OverflowException or System.ArgumentException or DivideByZeroException)
        {
            throw new TextRenderException(e is OutputTooLongException or OperationCanceledException or MaximumIterationsExceededException ? "the text grew out of bounds" : e.GetType().Name, e);
        }

        if (context.Errors.OfType<VariableNotFoundException>().Select(e => Quoted().Match(e.Message).Groups[1].Value).FirstOrDefault(v => !_optional.Contains(v) && !MayBeMissing(v)) is { } missing)
        {
            throw new TextRenderException($"the variable '{missing}' has no value");
        }

        return CustomerText.Settle(writer.ToString(), form);
    }

    // What is known of a person differs from person to person.
    private static bool MayBeMissing(string variable) =>
        variable.StartsWith("contact.", StringComparison.Ordinal) || variable.StartsWith("conversation.attributes.", StringComparison.Ordinal);

    private static readonly HashSet<string> _words = ["and", "or", "contains", "true", "false", "nil", "null", "empty", "blank", "in", "limit", "offset", "reversed"];

    private static readonly HashSet<string> _filters = FilterNames();

    private static HashSet<string> FilterNames() =>
        [.. new[] { typeof(StandardFilters), typeof(TextFilters) }
            .SelectMany(t => t.GetMethods(System.Reflection.BindingFlags.Public | System.Reflection.BindingFlags.Static))
            .Select(m => Template.NamingConvention.GetMemberName(m.Name))];

    [GeneratedRegex(@"\{%-?\s*(\w+)", RegexOptions.CultureInvariant)]
    private static partial Regex Tag();

    [GeneratedRegex(@"(?<open>\{\{-?)(?<expression>(?:""[^""]*""|'[^']*'|[^""'}]|\}(?!\}))*?)(?<close>-?\}\})", RegexOptions.CultureInvariant | RegexOptions.Singleline)]
    private static partial Regex Output();

    [GeneratedRegex(@"^\s*([A-Za-z_][\w.\-\[\]]*)", RegexOptions.CultureInvariant)]
    private static partial Regex Head();

    [GeneratedRegex(@"\{%-?\s*(?:for|assign|capture)\s+(\w+)", RegexOptions.CultureInvariant)]
    private static partial Regex Made();

    [GeneratedRegex(@"\{%-?\s*(?:if|elsif|unless|case|when|for\s+\w+\s+in|assign\s+\w+\s*=)\s([^%]*?)(?:\|[^%]*)?-?%\}", RegexOptions.CultureInvariant)]
    private static partial Regex Tested();

    [GeneratedRegex(@"(?<![\w.])[A-Za-z_][\w.\-]*", RegexOptions.CultureInvariant)]
    private static partial Regex Word();

    [GeneratedRegex(@"\|\s*default\s*:", RegexOptions.CultureInvariant)]
    private static partial Regex DefaultFilter();

    [GeneratedRegex(@"\|\s*(\w+)", RegexOptions.CultureInvariant)]
    private static partial Regex FilterName();

    [GeneratedRegex("\"[^\"]*\"|'[^']*'", RegexOptions.CultureInvariant)]
    private static partial Regex QuotedText();

    [GeneratedRegex("'([^']*)'", RegexOptions.CultureInvariant)]
    private static partial Regex Quoted();

    private sealed class BoundedWriter(int most, IFormatProvider culture) : StringWriter(culture)
    {
        public override void Write(char value)
        {
            Bound(1);
            base.Write(value);
        }

        public override void Write(string? value)
        {
            Bound(value?.Length ?? 0);
            base.Write(value);
        }

        private void Bound(int more)
        {
            if (GetStringBuilder().Length + more > most)
            {
                throw new OutputTooLongException();
            }
        }
    }

    private sealed class OutputTooLongException : Exception;
}

/// <summary>What a text may use: variables, and how to write numbers and dates.</summary>
internal sealed record TextScope(Hash Variables, CultureInfo Culture, TimeZoneInfo Zone, DateTimeOffset Now);

/// <summary>A text could not be rendered; the message names the variable, never a value.</summary>
internal sealed class TextRenderException(string message, Exception? inner = null) : Exception(message, inner);
