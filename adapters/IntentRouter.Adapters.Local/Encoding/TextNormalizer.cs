using System.Text;

namespace IntentRouter.Adapters.Local.Encoding;

/// <summary>Brings what people type into the one form that features and encoder see.</summary>
internal static class TextNormalizer
{
    /// <summary>Longer texts are cut: what follows does not help to tell intents apart, and a turn must stay cheap.</summary>
    public const int MaxLength = 1000;

    public static string Normalize(ReadOnlySpan<char> text)
    {
        if (text.Length > MaxLength)
        {
            text = text[..(char.IsHighSurrogate(text[MaxLength - 1]) ? MaxLength - 1 : MaxLength)];
        }

        Span<char> buffer = stackalloc char[MaxLength];
        var length = 0;
        var gap = false;
        var ascii = true;
        foreach (var c in text)
        {
            if (char.IsWhiteSpace(c) || char.IsControl(c))
            {
                gap = length > 0;
                continue;
            }

            if (gap)
            {
                if (length == MaxLength - 1)
                {
                    break;
                }

                buffer[length++] = ' ';
                gap = false;
            }

            var plain = Plain(c);
            ascii &= plain < 0x80;
            buffer[length++] = plain;
            if (length == MaxLength)
            {
                break;
            }
        }

        buffer = buffer[..WithoutAddresses(buffer[..length])];
        return ascii ? string.Create(buffer.Length, buffer, static (target, source) => ((ReadOnlySpan<char>)source).ToLowerInvariant(target)) : Compose(buffer);
    }

    /// <summary>Takes out e-mail and web addresses, unless nothing else is said: their letters say nothing of what is wanted, and only look like words nobody knows.</summary>
    private static int WithoutAddresses(Span<char> text)
    {
        if (!text.Contains('@') && !text.Contains("://", StringComparison.Ordinal) && !text.Contains("www.", StringComparison.OrdinalIgnoreCase))
        {
            return text.Length;
        }

        Span<char> kept = stackalloc char[text.Length];
        var (length, words) = (0, false);
        foreach (var range in ((ReadOnlySpan<char>)text).Split(' '))
        {
            var word = text[range];
            if (IsAddress(word))
            {
                continue;
            }

            if (length > 0)
            {
                kept[length++] = ' ';
            }

            word.CopyTo(kept[length..]);
            length += word.Length;
            foreach (var c in word)
            {
                words |= char.IsLetterOrDigit(c);
            }
        }

        if (!words)
        {
            return text.Length;
        }

        kept[..length].CopyTo(text);
        return length;
    }

    private static bool IsAddress(ReadOnlySpan<char> word) =>
        (word.IndexOf('@') is > 0 and var at && word[at..].Contains('.'))
        || word.StartsWith("www.", StringComparison.OrdinalIgnoreCase) || word.Contains("://", StringComparison.Ordinal);

    private static string Compose(ReadOnlySpan<char> text)
    {
        var composed = new string(text);
        // A lone surrogate has no normal form; the message is then taken as it is.
        if (IsWellFormed(text))
        {
            composed = composed.Normalize(NormalizationForm.FormKC);
        }

        return composed.ToLowerInvariant();
    }

    private static char Plain(char c) => c switch
    {
        '\u2018' or '\u2019' or '\u201B' or '\u02BC' or '`' or '\u00B4' => '\'',
        '\u201C' or '\u201D' or '\u201E' or '\u00AB' or '\u00BB' => '"',
        '\u2013' or '\u2014' => '-',
        _ => c,
    };

    private static bool IsWellFormed(ReadOnlySpan<char> text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (!char.IsSurrogate(text[i]))
            {
                continue;
            }

            if (i + 1 == text.Length || !char.IsSurrogatePair(text[i], text[i + 1]))
            {
                return false;
            }

            i++;
        }

        return true;
    }
}
