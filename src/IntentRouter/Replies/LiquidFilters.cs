using System.Globalization;
using Fluid;
using Fluid.Values;

namespace IntentRouter.Replies;

/// <summary>Liquid's own filters where the engine's would mislead a customer.</summary>
internal static class LiquidFilters
{
    /// <summary>Filters that calculate.</summary>
    public static IReadOnlyList<string> Arithmetic { get; } = ["abs", "at_least", "at_most", "ceil", "floor", "minus", "modulo", "plus", "times"];

    public static IEnumerable<KeyValuePair<string, FilterDelegate>> Mended { get; } = new Dictionary<string, FilterDelegate>
    {
        // Exact: 1250 cents are 12.5, not 12.
        ["divided_by"] = OfNumbers((input, arguments, _) => NumberValue.Create(input.ToNumberValue() / arguments.At(0).ToNumberValue())),

        // A half is rounded up, as people do.
        ["round"] = OfNumbers((input, arguments, _) => NumberValue.Create(Math.Round(input.ToNumberValue(), Convert.ToInt32(arguments.At(0).ToNumberValue()), MidpointRounding.AwayFromZero))),

        // Blanks alone are no value either.
        ["default"] = (input, arguments, _) => input.IsNil() || (input.Type == FluidValues.Boolean && !input.ToBooleanValue()) || (input.Type == FluidValues.String && string.IsNullOrWhiteSpace(input.ToStringValue()))
            || (input is ArrayValue { Values.Count: 0 }) ? arguments.At(0) : input,
        ["capitalize"] = (input, _, context) => StringValue.Create(Capitalized(input.ToStringValue(), context.CultureInfo)),

        // In what people see as characters.
        ["slice"] = (input, arguments, _) => input.Type == FluidValues.String ? StringValue.Create(Slice(input.ToStringValue(), Number(arguments.At(0), 0), Number(arguments.At(1), 1))) : input,
    };

    /// <summary>The filter for numbers only: to the engine any other text is 0.</summary>
    public static FilterDelegate OfNumbers(FilterDelegate filter) => (input, arguments, context) =>
    {
        for (var i = -1; i < arguments.Count; i++)
        {
            var value = i < 0 ? input : arguments.At(i);
            if (value.Type != FluidValues.Number && (value.Type != FluidValues.String || NumberIn(value) is null))
            {
                throw new FormatException("Not a number.");
            }
        }

        return filter(input, arguments, context);
    };

    /// <summary>The number that a text is, without separators of thousands: <c>12,50</c> is none.</summary>
    public static decimal? NumberIn(FluidValue text) => decimal.TryParse(text.ToStringValue(), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static string Capitalized(string text, CultureInfo culture) => text.Length == 0 ? text : culture.TextInfo.ToUpper(text[0]) + culture.TextInfo.ToLower(text[1..]);

    private static string Slice(string text, int offset, int length)
    {
        var whole = new StringInfo(text);
        var start = offset < 0 ? Math.Max(0, whole.LengthInTextElements + offset) : Math.Min(offset, whole.LengthInTextElements);
        var count = Math.Clamp(length, 0, whole.LengthInTextElements - start);
        return count == 0 ? "" : whole.SubstringByTextElements(start, count);
    }

    private static int Number(FluidValue given, int otherwise) => given.IsNil() ? otherwise : Convert.ToInt32(given.ToNumberValue());
}
