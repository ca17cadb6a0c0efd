using System.Globalization;
using Fluid.Values;

namespace IntentRouter.Replies;

/// <summary>One Liquid text, parsed. Immutable and thread-safe.</summary>
internal sealed class TextTemplate
{
    private const int LongestSource = 20_000;
    private const int LongestOutput = 20_000;
    private readonly LiquidTemplate? _template;

    private TextTemplate(string source, LiquidTemplate? template)
    {
        Source = source;
        _template = template;
    }

    public string Source { get; }

    /// <summary>Variables that the text uses and does not make itself, as written, for example <c>slots.date</c>.</summary>
    public IReadOnlyList<string> Variables => _template?.Variables ?? [];

    /// <exception cref="FormatException">Not a text: the message says what is wrong.</exception>
    public static TextTemplate Parse(string source) =>
        source.Length > LongestSource ? throw new FormatException($"The text is longer than {LongestSource} characters.")
        : new TextTemplate(source, LiquidTemplate.IsLiquid(source) ? LiquidTemplate.Parse(source, TextFilters.Offered, "texts") : null);

    /// <param name="scope">What the text may use.</param>
    /// <param name="form">How the text is read where it is shown.</param>
    /// <param name="isItem">Whether an empty value may be left out, as the members of an item are.</param>
    /// <exception cref="TextRenderException">A variable is missing, or the text grew out of bounds.</exception>
    public string Render(TextScope scope, TextForm form, bool isItem = false)
    {
        if (_template is null)
        {
            return CustomerText.Settle(Source, form);
        }

        using var writer = new BoundedWriter(LongestOutput, scope.Culture);
        try
        {
            _template.Render(scope, (variable, isEmpty) => (isItem && isEmpty) || DiffersByPerson(variable), value => Marked(value, scope.Culture), writer);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            throw new TextRenderException(e is LiquidBoundsException or LiquidMissingException ? e.Message : e.GetType().Name, e);
        }

        return CustomerText.Settle(writer.ToString(), form);
    }

    // Every value is marked: it is not the author's.
    private static string Marked(FluidValue value, CultureInfo culture) => CustomerText.Mark(
        value is ArrayValue list ? string.Join(", ", list.Values.Select(v => Words(v, culture)).OfType<string>()) : Words(value, culture) ?? "");

    private static string? Words(FluidValue value, CultureInfo culture) => value.Type switch
    {
        FluidValues.String => value.ToStringValue(),
        FluidValues.Number => value.ToNumberValue().ToString("0.#############################", culture),
        FluidValues.Boolean => value.ToBooleanValue() ? "true" : "false",
        FluidValues.DateTime => (value.ToObjectValue() as IFormattable)?.ToString(null, culture),
        _ => null,
    };

    // What is known of a person differs from person to person.
    private static bool DiffersByPerson(string variable) =>
        variable.StartsWith("contact.", StringComparison.Ordinal) || variable.StartsWith("conversation.attributes.", StringComparison.Ordinal);

    private sealed class BoundedWriter(int most, IFormatProvider culture) : StringWriter(culture)
    {
        public override void Write(char value)
        {
            Bound(1);
            base.Write(value);
        }

        public override void Write(char[] buffer, int index, int count)
        {
            Bound(count);
            base.Write(buffer, index, count);
        }

        public override void Write(ReadOnlySpan<char> buffer)
        {
            Bound(buffer.Length);
            base.Write(buffer);
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
                throw new LiquidBoundsException();
            }
        }
    }
}

/// <summary>What a text may use: variables, and how to write numbers and dates.</summary>
/// <param name="Variables">Texts, numbers, booleans, times, and lists and maps of them.</param>
internal sealed record TextScope(IReadOnlyDictionary<string, object?> Variables, CultureInfo Culture, TimeZoneInfo Zone, DateTimeOffset Now);

/// <summary>A text could not be rendered; the message names the variable, never a value.</summary>
internal sealed class TextRenderException(string message, Exception? inner = null) : Exception(message, inner);
