using System.Buffers;
using System.Collections.Frozen;
using System.Text.RegularExpressions;

namespace IntentRouter.Nlu;

/// <summary>
/// Hides personal data before a text leaves the process, and puts it back into what came home. A stand-in has the shape and the length of what it
/// hides: engines still see an e-mail address or a number, and every position in the answer is right for the original.
/// </summary>
internal static partial class PersonalDataMask
{
    private static readonly SearchValues<char> _telling = SearchValues.Create("0123456789@");

    /// <summary>Different values of one text that get a stand-in of their own.</summary>
    private const int MostValues = 50;

    /// <summary>Stands for what has no stand-in of its own; nothing is put back for it.</summary>
    private const char Filler = 'x';

    public static IReadOnlySet<string> Kinds { get; } = new[] { "email", "phone", "card", "order" }.ToFrozenSet();

    public static MaskedText Hide(string text, IReadOnlyCollection<string> kinds)
    {
        // Most messages: there is nothing in them that any kind could be.
        if (!text.AsSpan().ContainsAny(_telling))
        {
            return new MaskedText(text, text, []);
        }

        var hidden = new List<Hidden>();
        var standInOf = new Dictionary<string, string>(StringComparer.Ordinal);
        var standInsUsed = new HashSet<string>(StringComparer.Ordinal);
        var taken = new bool[text.Length];
        var chars = text.ToCharArray();
        // Dates stay readable, and end a number that stands beside them.
        var dateless = WithoutDates(text);
        if (kinds.Contains("email"))
        {
            foreach (Match match in Email().Matches(text))
            {
                Hide(match, EmailStandIns);
            }
        }

        if (kinds.Contains("card") || kinds.Contains("phone"))
        {
            foreach (Match match in NumberRun().Matches(dateless))
            {
                var digits = match.Value.Count(char.IsAsciiDigit);
                // Longer than a number can be, it is several in a row: a card with its date and its code, a phone number and an order.
                var several = match.Length > digits;
                var card = digits >= 13 && (digits <= 19 || several) && (match.Value[0] != '+' || digits > 15);
                var phone = digits >= 7 && (digits <= 15 || several);
                if ((card && kinds.Contains("card")) || (phone && kinds.Contains("phone")))
                {
                    Hide(match, card ? CardStandIns : DigitStandIns);
                }
            }
        }

        if (kinds.Contains("order"))
        {
            foreach (Match match in Token().Matches(dateless))
            {
                if (match.Value.Count(char.IsAsciiDigit) >= (match.Value[0] == '#' ? 3 : 4) && !IsYear(match.Value))
                {
                    Hide(match, DigitStandIns);
                }
            }
        }

        return new MaskedText(text, hidden.Count == 0 ? text : new string(chars), hidden);

        void Hide(Match match, Func<string, IEnumerable<string>> standIns)
        {
            var place = taken.AsSpan(match.Index, match.Length);
            if (place.Contains(true))
            {
                return;
            }

            place.Fill(true);
            var original = text.Substring(match.Index, match.Length);
            if (!standInOf.TryGetValue(original, out var standIn))
            {
                // The same value keeps its stand-in; no stand-in may be something that the person said. Nobody says more values than that in earnest.
                standIn = standInOf.Count >= MostValues ? null
                    : standIns(original).FirstOrDefault(s => !standInsUsed.Contains(s) && !text.Contains(s, StringComparison.OrdinalIgnoreCase));
                standIn ??= new string(Filler, match.Length);
                standInOf.Add(original, standIn);
                standInsUsed.Add(standIn);
            }

            hidden.Add(new Hidden(match.Index, original, standIn));
            standIn.CopyTo(0, chars, match.Index, standIn.Length);
        }
    }

    /// <summary>An understanding of the masked text as one of the original.</summary>
    public static Understanding PutBack(Understanding understanding, MaskedText masked)
    {
        if (masked.Hidden.Count == 0)
        {
            return understanding;
        }

        var forms = masked.Hidden.Where(h => h.StandIn.AsSpan().ContainsAnyExcept(Filler)).DistinctBy(h => h.Original).SelectMany(Forms).Distinct().OrderByDescending(f => f.StandIn.Length).ToArray();
        return understanding with
        {
            Entities = [.. understanding.Entities.Select(e => e with
            {
                Value = PutBack(e.Value, forms),
                Text = e is { Start: { } start, Length: { } length } ? masked.Original.Substring(start, length) : e.Text is { } words ? PutBack(words, forms) : null,
            })],
            ProviderReply = understanding.ProviderReply is not { } reply ? null : reply with
            {
                Messages = [.. reply.Messages.Select(m => PutBack(m, forms))],
                Choices = [.. reply.Choices.Select(c => KeyValuePair.Create(PutBack(c.Key, forms), PutBack(c.Value, forms)))],
            },
        };
    }

    private static string PutBack(string text, (string StandIn, string Original)[] forms)
    {
        foreach (var (standIn, original) in forms)
        {
            text = text.Replace(standIn, original, StringComparison.OrdinalIgnoreCase);
        }

        return text;
    }

    // Engines normalise: a number comes back without its hash, blanks or leading zeros.
    private static IEnumerable<(string StandIn, string Original)> Forms(Hidden hidden)
    {
        yield return (hidden.StandIn, hidden.Original);
        yield return (hidden.StandIn.TrimStart('#'), hidden.Original.TrimStart('#'));
        var digits = Digits(hidden.StandIn);
        if (digits.Length >= 3)
        {
            yield return (digits, Digits(hidden.Original));
            yield return (digits.TrimStart('0'), Digits(hidden.Original).TrimStart('0'));
        }

        static string Digits(string text) => string.Concat(text.Where(char.IsAsciiDigit));
    }

    // Everything but the top-level domain, one letter for all.
    private static IEnumerable<string> EmailStandIns(string email)
    {
        var end = email.LastIndexOf('.');
        return "xyzwvuqkjabcdefghilmnoprst".Select(letter => string.Concat(email.Select((c, i) => i < end && char.IsLetterOrDigit(c) ? letter : c)));
    }

    // Leading zeros stay, then 7, zeros and a count: 0049 151 1234567 → 0070 000 0000001.
    private static IEnumerable<string> DigitStandIns(string number)
    {
        var total = number.Count(char.IsAsciiDigit);
        var zeros = Math.Min(number.Where(char.IsAsciiDigit).TakeWhile(d => d == '0').Count(), total - 3);
        var free = Math.Max(total - Math.Max(zeros, 0), 1);
        for (var count = 1; count < 100; count++)
        {
            var digits = new string('0', total - free) + "7" + count.ToString(System.Globalization.CultureInfo.InvariantCulture).PadLeft(free - 1, '0');
            yield return Shape(number, digits[..total]);
        }
    }

    private static IEnumerable<string> CardStandIns(string card)
    {
        foreach (var candidate in DigitStandIns(card))
        {
            var digits = candidate.Where(char.IsAsciiDigit).Select(c => c - '0').ToArray();
            digits[^1] = 0;
            var sum = digits.Reverse().Select((d, i) => i % 2 == 0 ? d : d * 2 > 9 ? (d * 2) - 9 : d * 2).Sum();
            digits[^1] = (10 - (sum % 10)) % 10;
            yield return Shape(card, string.Concat(digits));
        }
    }

    private static string Shape(string original, string digits)
    {
        var next = 0;
        return string.Concat(original.Select(c => char.IsAsciiDigit(c) ? digits[next++] : char.IsAsciiLetterUpper(c) ? 'X' : char.IsLetter(c) ? 'x' : c));
    }

    // "12 December 2026" has to stay a date; an order of that number is still hidden when it is written with its hash.
    private static bool IsYear(string token) => token.Length == 4 && int.TryParse(token, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var year) && year is >= 1900 and <= 2099;

    private static string WithoutDates(string text)
    {
        var dates = Date().Matches(text).Where(d => !GoesOn(text, d)).ToArray();
        if (dates.Length == 0)
        {
            return text;
        }

        var chars = text.ToCharArray();
        foreach (var date in dates)
        {
            chars.AsSpan(date.Index, date.Length).Fill(' ');
            // Not a blank alone, over which a number could go on.
            chars[date.Index] = chars[date.Index + date.Length - 1] = ';';
        }

        return new string(chars);
    }

    // "01.23.45.67.89" begins like a date and is a phone number.
    private static bool GoesOn(string text, Match date)
    {
        var end = date.Index + date.Length;
        return (end + 1 < text.Length && text[end] is '-' or '/' or '.' && char.IsAsciiDigit(text[end + 1]))
            || (date.Index > 1 && text[date.Index - 1] is '-' or '/' or '.' && char.IsAsciiDigit(text[date.Index - 2]));
    }

    // Linear-time engines: the text is untrusted and may be long.
    [GeneratedRegex(@"[\w.%+\-]+@[\w\-]+(\.[\w\-]+)+", RegexOptions.NonBacktracking)]
    private static partial Regex Email();

    [GeneratedRegex(@"\+?\(?[0-9]([\s().\-/]{0,2}[0-9])*", RegexOptions.NonBacktracking)]
    private static partial Regex NumberRun();

    [GeneratedRegex(@"\b([0-9]{4}[-/.][0-9]{1,2}[-/.][0-9]{1,2}|[0-9]{1,2}[-/.][0-9]{1,2}[-/.]([0-9]{4}|[0-9]{2}))\b", RegexOptions.NonBacktracking)]
    private static partial Regex Date();

    [GeneratedRegex(@"#?[\p{L}0-9]+([-_/][\p{L}0-9]+)*", RegexOptions.NonBacktracking)]
    private static partial Regex Token();
}

/// <summary>A text with stand-ins.</summary>
internal sealed record MaskedText(string Original, string Text, IReadOnlyList<Hidden> Hidden);

internal sealed record Hidden(int Start, string Original, string StandIn)
{
    // The generated one would print what is hidden.
    public override string ToString() => $"Hidden at {Start}, {StandIn.Length} units";
}
