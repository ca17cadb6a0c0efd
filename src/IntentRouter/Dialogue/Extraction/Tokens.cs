using System.Globalization;
using System.Text;

namespace IntentRouter.Dialogue.Extraction;

/// <summary>A run of letters or of digits: comparable text, and where it stands.</summary>
/// <param name="Text">Lower case, without marks; digits of every script as 0 to 9.</param>
/// <param name="Gap">What stands between this token and the one before.</param>
internal readonly record struct Token(string Text, int Start, int Length, string Gap)
{
    public int End => Start + Length;

    public bool IsDigits => Text.Length > 0 && char.IsAsciiDigit(Text[0]);

    public int? Number => IsDigits && Text.Length <= 9 ? int.Parse(Text, CultureInfo.InvariantCulture) : null;
}

internal static class Tokens
{
    /// <summary>Splits at everything that is no letter or digit, and between letters and digits: <c>8pm</c>, <c>20h30</c>, <c>5th</c>.</summary>
    public static List<Token> Of(string text)
    {
        var tokens = new List<Token>();
        var last = 0;
        for (var i = 0; i < text.Length;)
        {
            if (!char.IsLetterOrDigit(text[i]))
            {
                i++;
                continue;
            }

            var start = i;
            var digits = char.IsDigit(text[i]);
            while (i < text.Length && (char.IsLetterOrDigit(text[i]) || IsMark(text[i])) && (IsMark(text[i]) || char.IsDigit(text[i]) == digits))
            {
                i++;
            }

            tokens.Add(new Token(Comparable(text.AsSpan(start, i - start)), start, i - start, text[last..start]));
            last = i;
        }

        return tokens;
    }

    private static bool IsMark(char c) => CharUnicodeInfo.GetUnicodeCategory(c) == UnicodeCategory.NonSpacingMark;

    private static string Comparable(ReadOnlySpan<char> word)
    {
        var builder = new StringBuilder(word.Length);
        foreach (var c in word.ToString().Normalize(NormalizationForm.FormKD))
        {
            if (!IsMark(c))
            {
                builder.Append(char.IsDigit(c) ? (char)('0' + CharUnicodeInfo.GetDecimalDigitValue(c)) : char.ToLowerInvariant(c));
            }
        }

        return builder.ToString();
    }
}

/// <summary>Phrases of one or more tokens, each with a meaning.</summary>
internal sealed class PhraseTable
{
    private readonly Dictionary<string, List<(string[] Words, int Meaning)>> _byFirst = [];

    /// <param name="table"><c>today=0|day after tomorrow=2</c>; without <c>=</c> the meaning is the row's position, counting from 1, and spaces separate alternatives.</param>
    public static PhraseTable Of(string table)
    {
        var phrases = new PhraseTable();
        foreach (var row in table.Split('|', StringSplitOptions.RemoveEmptyEntries))
        {
            var equals = row.LastIndexOf('=');
            phrases.Add(row[..equals], int.Parse(row[(equals + 1)..], CultureInfo.InvariantCulture));
        }

        return phrases;
    }

    /// <summary>Alternatives of each row are separated by spaces, the words of an alternative by underscores; rows count from 1.</summary>
    public static PhraseTable Rows(string table)
    {
        var phrases = new PhraseTable();
        var rows = table.Split('|');
        for (var i = 0; i < rows.Length; i++)
        {
            foreach (var alternative in rows[i].Split(' ', StringSplitOptions.RemoveEmptyEntries))
            {
                phrases.Add(alternative.Replace('_', ' '), i + 1);
            }
        }

        return phrases;
    }

    public void Add(string phrase, int meaning)
    {
        var words = Tokens.Of(phrase).Select(t => t.Text).ToArray();
        if (words.Length == 0)
        {
            return;
        }

        if (!_byFirst.TryGetValue(words[0], out var list))
        {
            _byFirst[words[0]] = list = [];
        }

        list.Add((words, meaning));
        list.Sort((a, b) => b.Words.Length.CompareTo(a.Words.Length));
    }

    /// <summary>The longest phrase that stands at the position.</summary>
    public bool At(IReadOnlyList<Token> tokens, int at, out int meaning, out int next)
    {
        if (at >= 0 && at < tokens.Count && _byFirst.TryGetValue(tokens[at].Text, out var list))
        {
            foreach (var (words, value) in list)
            {
                if (at + words.Length <= tokens.Count && Same(tokens, at, words))
                {
                    (meaning, next) = (value, at + words.Length);
                    return true;
                }
            }
        }

        (meaning, next) = (0, at);
        return false;
    }

    public bool At(IReadOnlyList<Token> tokens, int at) => At(tokens, at, out _, out _);

    /// <summary>The longest phrase that ends just before the position.</summary>
    public bool Before(IReadOnlyList<Token> tokens, int at, out int meaning, out int start)
    {
        for (start = Math.Max(0, at - 4); start < at; start++)
        {
            if (_byFirst.TryGetValue(tokens[start].Text, out var list))
            {
                foreach (var (words, value) in list)
                {
                    if (start + words.Length == at && Same(tokens, start, words))
                    {
                        meaning = value;
                        return true;
                    }
                }
            }
        }

        meaning = 0;
        return false;
    }

    private static bool Same(IReadOnlyList<Token> tokens, int at, string[] words)
    {
        for (var i = 0; i < words.Length; i++)
        {
            if (tokens[at + i].Text != words[i])
            {
                return false;
            }
        }

        return true;
    }
}
