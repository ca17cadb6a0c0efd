using System.Globalization;
using System.Text.RegularExpressions;

namespace IntentRouter.Dialogue.Extraction;

/// <summary>Numbers and amounts in digits and words.</summary>
internal static partial class Numbers
{
    public static SlotRead Read(string text, string language)
    {
        var match = Digits().Match(text);
        return match.Success && decimal.TryParse(match.Value, NumberStyles.Number, CultureInfo.InvariantCulture, out var number)
            ? new SlotReading(number.ToString(CultureInfo.InvariantCulture), match.Value, match.Index, match.Length)
            : SlotRead.Nothing;
    }

    public static SlotRead ReadMoney(string text, string language, bool asked) => Read(text, language);

    [GeneratedRegex(@"(?<![\w.,])\d{1,12}(?:\.\d{1,4})?(?!\w)", RegexOptions.CultureInvariant, 100)]
    private static partial Regex Digits();
}
