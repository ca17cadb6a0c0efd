using System.Globalization;
using System.Text.RegularExpressions;

namespace IntentRouter.Dialogue.Extraction;

/// <summary>Numbers and amounts in digits and words.</summary>
internal static partial class Numbers
{
    private static readonly string[] _codes = ["", "EUR", "USD", "GBP", "CHF", "INR", "JPY", "BRL"];

    /// <param name="asked">A number was asked for, so that articles count: "one", "eine".</param>
    /// <param name="name">What is counted, as the slot is called.</param>
    public static SlotRead Read(string text, string language, bool asked, string name)
    {
        var lexicon = Lexicon.Of(language);
        var tokens = Tokens.Of(text);
        var found = All(text, tokens, lexicon, asked);
        var meant = found.Where(f => lexicon is null || !Negated(tokens, f.Start, lexicon)).DefaultIfEmpty(found.FirstOrDefault()).ToList();
        var chosen = meant.Find(f => Counts(name, tokens, lexicon, f.Start + f.Length)) is { Length: > 0 } named ? named : meant[0];
        chosen = lexicon is null || chosen.Length == 0 ? chosen : WithCompany(chosen, tokens, lexicon);
        return chosen.Length > 0
            ? new SlotReading(chosen.Value.ToString(CultureInfo.InvariantCulture), text.Substring(chosen.Start, chosen.Length), chosen.Start, chosen.Length)
            : SlotRead.Nothing;
    }

    /// <summary>Whether the word behind a number is the slot's own, or one for people where the slot counts people.</summary>
    private static bool Counts(string name, List<Token> tokens, Lexicon? lexicon, int end)
    {
        var at = tokens.FindIndex(t => t.Start >= end);
        var words = Tokens.Of(name);
        return at >= 0 && ((lexicon is not null && words.Exists(w => IsPerson([w], 0, lexicon) || IsPerson([w], 0, Lexicon.Of("en")!)) && IsPerson(tokens, at, lexicon))
            || words.Exists(w => w.Text.TrimEnd('s') == tokens[at].Text.TrimEnd('s')));

        static bool IsPerson(List<Token> all, int at, Lexicon lexicon) => lexicon.People.At(all, at) || lexicon.Children.At(all, at);
    }

    /// <summary>"Two adults and a child" are three.</summary>
    private static (decimal Value, int Start, int Length) WithCompany((decimal Value, int Start, int Length) first, List<Token> tokens, Lexicon lexicon)
    {
        var (value, start, length) = first;
        for (var at = tokens.FindIndex(t => t.Start >= start + length); at >= 0 && IsPerson(at, out var next) && next < tokens.Count;)
        {
            next = tokens[next].Text is "and" or "plus" or "with" or "und" or "mit" or "et" or "avec" or "y" or "con" or "e" or "com" or "en" or "met" ? next + 1 : next;
            if (next >= tokens.Count)
            {
                break;
            }

            var (more, behind) = tokens[next].Number is { } digits ? (digits, next + 1) : Words(tokens, next, lexicon, asked: true);
            if (behind == next || !IsPerson(behind, out var end))
            {
                break;
            }

            (value, length, at) = (value + more, tokens[end - 1].End - start, behind);
        }

        return (value, start, length);

        bool IsPerson(int at, out int next) => lexicon.People.At(tokens, at, out _, out next) || lexicon.Children.At(tokens, at, out _, out next);
    }

    /// <summary>The value is <c>12.50 EUR</c>; without a currency only where an amount is asked for.</summary>
    public static SlotRead ReadMoney(string text, string language, bool asked)
    {
        var lexicon = Lexicon.Of(language) ?? Lexicon.Of("en")!;
        var tokens = Tokens.Of(text);
        var found = All(text, tokens, lexicon, asked);
        for (var i = 0; i < found.Count; i++)
        {
            var (value, start, length) = found[i];
            if (Currency(text, tokens, lexicon, start, start + length) is not { } currency)
            {
                continue;
            }

            var end = Math.Max(start + length, currency.End);
            // "12 euros 50": the cents follow the name.
            if (i + 1 < found.Count && value == decimal.Truncate(value) && found[i + 1] is var cents && cents.Length == 2 && cents.Value is > 0 and < 100
                && text[end..cents.Start].Trim().Length == 0)
            {
                value += cents.Value / 100;
                end = cents.Start + cents.Length;
            }

            var from = Math.Min(start, currency.Start);
            return new SlotReading($"{value.ToString(CultureInfo.InvariantCulture)} {currency.Code}", text[from..end], from, end - from);
        }

        return asked && found is [var bare, ..]
            ? new SlotReading(bare.Value.ToString(CultureInfo.InvariantCulture), text.Substring(bare.Start, bare.Length), bare.Start, bare.Length)
            : SlotRead.Nothing;
    }

    private static List<(decimal Value, int Start, int Length)> All(string text, List<Token> tokens, Lexicon? lexicon, bool asked)
    {
        var found = new List<(decimal Value, int Start, int Length)>();
        foreach (Match match in Digits().Matches(text))
        {
            if (Parse(match.Value, lexicon?.Group ?? ',') is { } number)
            {
                found.Add((number, match.Index, match.Length));
            }
        }

        for (var i = 0; lexicon is not null && i < tokens.Count;)
        {
            if (!tokens[i].IsDigits && Words(tokens, i, lexicon, asked) is var (value, next) && next > i)
            {
                found.Add((value, tokens[i].Start, tokens[next - 1].End - tokens[i].Start));
                i = next;
            }
            else
            {
                i++;
            }
        }

        found.Sort((a, b) => a.Start.CompareTo(b.Start));
        return found;
    }

    private static (decimal Value, int Next) Words(List<Token> tokens, int at, Lexicon lexicon, bool asked)
    {
        if (lexicon.Counts.At(tokens, at, out var count, out var after))
        {
            return (count, after);
        }

        decimal total = 0, current = 0;
        var i = at;
        while (i < tokens.Count)
        {
            // "Hundred hundred" are two numbers.
            if (lexicon.Hundreds.At(tokens, i, out var large, out var next) && (large >= 1000 || current < 100))
            {
                (total, current) = large >= 1000 ? (total + (Math.Max(current, 1) * large), 0) : (total, large == 100 ? Math.Max(current, 1) * 100 : current + large);
            }
            else if ((i == at || current >= 100 || (current == 0 && total > 0)) && lexicon.Numbers.At(tokens, i, out var small, out next))
            {
                current += small;
            }
            else if (current >= 100 && tokens[i].Text is "and" or "und" or "et" or "y" or "e" or "en" && i + 1 < tokens.Count && lexicon.Numbers.At(tokens, i + 1, out small, out next))
            {
                current += small;
            }
            else
            {
                break;
            }

            i = next;
        }

        return i > at ? (total + current, i)
            : lexicon.Articles.At(tokens, at, out var one, out var end) && (asked || lexicon.People.At(tokens, end)) ? (one, end)
            : (0, at);
    }

    /// <summary>One separator before three digits groups them where the language writes it so; otherwise the last separator is the decimal one.</summary>
    public static decimal? Parse(string digits, char group)
    {
        var text = digits.Replace("\u00A0", " ", StringComparison.Ordinal).Replace("\u202F", " ", StringComparison.Ordinal).Replace("'", " ", StringComparison.Ordinal).Replace("’", " ", StringComparison.Ordinal);
        text = text.Replace(" ", "", StringComparison.Ordinal);
        var last = text.LastIndexOfAny(['.', ',']);
        if (last >= 0)
        {
            var separator = text[last];
            var groups = text.Count(c => c == separator) > 1 || (text.IndexOfAny(['.', ',']) == last && text.Length - last - 1 == 3 && separator == group);
            text = groups
                ? text.Replace(".", "", StringComparison.Ordinal).Replace(",", "", StringComparison.Ordinal)
                : text[..last].Replace(".", "", StringComparison.Ordinal).Replace(",", "", StringComparison.Ordinal) + "." + text[(last + 1)..];
        }

        return decimal.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) ? number : null;
    }

    private static bool Negated(List<Token> tokens, int start, Lexicon lexicon)
    {
        var at = tokens.FindIndex(t => t.Start >= start);
        return at > 0 && lexicon.Not.Before(tokens, at, out _, out _);
    }

    private static (string Code, int Start, int End)? Currency(string text, List<Token> tokens, Lexicon lexicon, int start, int end)
    {
        // A sign right before or after: €12, 12 €.
        var before = start - 1;
        while (before >= 0 && char.IsWhiteSpace(text[before]))
        {
            before--;
        }

        if (before >= 0 && Sign(text[before]) is { } left)
        {
            return (left == "USD" && before > 0 && text[before - 1] is 'R' or 'r' ? "BRL" : left, left == "USD" && before > 0 && text[before - 1] is 'R' or 'r' ? before - 1 : before, end);
        }

        var after = end;
        while (after < text.Length && char.IsWhiteSpace(text[after]))
        {
            after++;
        }

        if (after < text.Length && Sign(text[after]) is { } right)
        {
            return (right, start, after + 1);
        }

        var next = tokens.FindIndex(t => t.Start >= end);
        if (next >= 0 && lexicon.Currencies.At(tokens, next, out var meaning, out var stop))
        {
            return (_codes[meaning], start, tokens[stop - 1].End);
        }

        var first = tokens.FindIndex(t => t.Start >= start);
        return first > 0 && lexicon.Currencies.Before(tokens, first, out meaning, out var from) ? (_codes[meaning], tokens[from].Start, end) : null;
    }

    private static string? Sign(char c) => c switch { '€' => "EUR", '$' => "USD", '£' => "GBP", '₹' => "INR", '¥' => "JPY", _ => null };

    // Not inside a word, a time, a date or a longer number.
    [GeneratedRegex(@"(?<![\p{L}\d.,:/-])(?<![\p{L}\d]\s?-)-?\d{1,3}(?:[ \u00A0\u202F'’.,]\d{3})+(?:[.,]\d{1,2})?(?![\d:/]|[.,]\d|\p{L})|(?<![\p{L}\d.,:/])(?<!\d-)-?\d{1,12}(?:[.,]\d{1,4})?(?![\d:/]|[.,]\d|-\d|\p{L})", RegexOptions.CultureInvariant)]
    private static partial Regex Digits();
}
