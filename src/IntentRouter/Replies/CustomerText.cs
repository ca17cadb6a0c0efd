using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace IntentRouter.Replies;

/// <summary>How a message's words are read where they are shown.</summary>
internal enum TextForm
{
    /// <summary>Markdown is rendered: the website, e-mail, Telegram.</summary>
    Markdown,

    /// <summary>Shown as it is, so that an escape would be seen: SMS, WhatsApp, items of cards.</summary>
    Plain,
}

/// <summary>
/// Makes values that others wrote harmless inside our messages: the platform runs Liquid on outgoing text and renders Markdown. The author's own
/// Markdown around them is kept. Values are marked while a template renders and made harmless in one pass over the whole text, so that no
/// filter, capture or neighbouring character can undo it.
/// </summary>
internal static partial class CustomerText
{
    // Private-use characters; removed from every value first, so that no value can close its own mark.
    private const char Open = '\uE000';
    private const char Close = '\uE001';
    private const char Gap = '\u200B';

    public static string Mark(string value) => value.Length == 0 ? value : $"{Open}{value.Replace("\uE000", "", StringComparison.Ordinal).Replace("\uE001", "", StringComparison.Ordinal)}{Close}";

    /// <summary>Neutralises one value that is used outside a template, for example in a private note.</summary>
    public static string Neutralise(string value, TextForm form = TextForm.Markdown) => Settle(Mark(value), form);

    /// <summary>Neutralises a text of several lines and keeps the lines, without their indentation, which would make them code.</summary>
    public static string NeutraliseLines(string text, TextForm form) => string.Join('\n', text.ReplaceLineEndings("\n").Split('\n').Select(line => Neutralise(line.TrimStart(), form)));

    /// <summary>Neutralises the marked parts of a rendered text and removes the marks. Where Markdown is not rendered, the author's links are written out.</summary>
    public static string Settle(string rendered, TextForm form)
    {
        rendered = Target().Replace(rendered, m => IsInside(rendered, m.Index) ? m.Value : $"]({Address(m.Groups[1].Value)})");
        if (form == TextForm.Plain)
        {
            rendered = Link().Replace(rendered, m => IsInside(rendered, m.Index) ? m.Value : $"{m.Groups[1].Value}: {m.Groups[2].Value}");
        }

        var result = new StringBuilder(rendered.Length + 16);
        var depth = 0;
        for (var i = 0; i < rendered.Length; i++)
        {
            var c = rendered[i];
            if (c == Open)
            {
                depth++;
            }
            else if (c == Close)
            {
                depth = Math.Max(0, depth - 1);
            }
            else if (depth == 0)
            {
                Write(result, c);
            }
            else if (char.IsControl(c) || c is '\u2028' or '\u2029')
            {
                // A value is one line: a line break could start a heading, a list or a quotation.
                if (result.Length > 0 && result[^1] != ' ')
                {
                    result.Append(' ');
                }
            }
            else if (CharUnicodeInfo.GetUnicodeCategory(c) == UnicodeCategory.Format && c is not '\u200D')
            {
                // Direction overrides and invisible characters: dropped.
            }
            else if (form == TextForm.Markdown && Escapes(rendered, i, result))
            {
                result.Append('\\');
                Write(result, c);
            }
            else
            {
                Write(result, c);
            }
        }

        return result.ToString();
    }

    // Values in the target of the author's link: one that begins it is a web address or nothing, never a script; any other is a part of the address.
    private static string Address(string target) => Marked().Replace(target, m =>
        m.Index > 0 ? Uri.EscapeDataString(m.Groups[1].Value)
        : TextFilters.Link(m.Groups[1].Value)?.Replace("(", "%28", StringComparison.Ordinal).Replace(")", "%29", StringComparison.Ordinal) ?? "about:blank");

    private static bool IsInside(string rendered, int at) => rendered.LastIndexOf(Open, at) > rendered.LastIndexOf(Close, at);

    // Two delimiters must never meet, whoever wrote them.
    private static void Write(StringBuilder result, char c)
    {
        if (result.Length > 0 && ((c is '{' or '%' && result[^1] == '{') || (c == '}' && result[^1] is '}' or '%')))
        {
            result.Append(Gap);
        }

        result.Append(c);
    }

    private static bool Escapes(string text, int at, StringBuilder before)
    {
        switch (text[at])
        {
            case '\\' or '`' or '*' or '[' or ']' or '<' or '>' or '~' or '|' or '{' or '}':
                return true;
            case '_':
                // Inside a word it is plain: e-mail addresses stay readable.
                return !(at > 0 && char.IsLetterOrDigit(text[at - 1]) && at + 1 < text.Length && char.IsLetterOrDigit(text[at + 1]));
            case '(' or ')':
                // Could end or extend the target of a link that the author wrote.
                return true;
            case '&':
                return StartsEntity(text, at + 1);
            case '!':
                return at + 1 < text.Length && text[at + 1] == '[';
            case '#' or '-' or '+' or '=':
                return AtLineStart(before);
            case '.':
                return at > 0 && char.IsAsciiDigit(text[at - 1]) && (at + 1 == text.Length || !char.IsAsciiDigit(text[at + 1])) && StartsList(before);
            default:
                return false;
        }
    }

    [GeneratedRegex(@"\[([^\[\]\n]{1,200})\]\((\uE000?https?://[^\s()]{1,1000})\)", RegexOptions.CultureInvariant)]
    private static partial Regex Link();

    [GeneratedRegex(@"\]\(\s*<?((?:[^()<>\s\uE000\uE001]|\uE000[^\uE001]*\uE001)+)>?\s*\)", RegexOptions.CultureInvariant)]
    private static partial Regex Target();

    [GeneratedRegex(@"\uE000([^\uE001]*)\uE001", RegexOptions.CultureInvariant)]
    private static partial Regex Marked();

    private static bool AtLineStart(StringBuilder before) => LinePrefix(before) is { } prefix && BlockMarks().IsMatch(prefix);

    private static bool StartsEntity(string text, int at)
    {
        const int Longest = 32;
        for (var i = at; i < text.Length && i - at < Longest; i++)
        {
            if (text[i] == ';')
            {
                return i > at;
            }

            if (!char.IsAsciiLetterOrDigit(text[i]) && text[i] != '#')
            {
                return false;
            }
        }

        return false;
    }

    private static bool StartsList(StringBuilder before) => LinePrefix(before) is { } prefix && ListNumber().IsMatch(prefix);

    /// <summary>The line so far, while it is nothing but marks of headings, lists and quotations; null when it holds words.</summary>
    private static string? LinePrefix(StringBuilder before)
    {
        const int Longest = 64;
        var start = before.Length;
        for (; start > 0 && before[start - 1] != '\n'; start--)
        {
            if (before.Length - start > Longest || !(before[start - 1] is ' ' or '\t' or '>' or '#' or '-' or '+' or '=' or '*' or '\\' or '.' or ')' || char.IsAsciiDigit(before[start - 1])))
            {
                return null;
            }
        }

        return before.ToString(start, before.Length - start);
    }

    [GeneratedRegex(@"^(?:[\s>#+=*\\-]|[0-9]{1,9}[.)](?=\s))*$", RegexOptions.CultureInvariant)]
    private static partial Regex BlockMarks();

    [GeneratedRegex(@"^(?:[\s>#+=*\\-]|[0-9]{1,9}[.)](?=\s))*[0-9]{1,9}$", RegexOptions.CultureInvariant)]
    private static partial Regex ListNumber();
}
