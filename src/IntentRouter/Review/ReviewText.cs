using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using IntentRouter.Dialogue;
using IntentRouter.Nlu;

namespace IntentRouter.Review;

/// <summary>A customer's words as the review queue keeps them: without e-mail addresses and numbers, on one line, bounded.</summary>
internal static class ReviewText
{
    private const int Longest = 1000;

    // Control characters and halves of surrogate pairs.
    private static readonly SearchValues<char> _doubtful = SearchValues.Create(
        [.. Enumerable.Range(0, char.MaxValue + 1).Select(c => (char)c).Where(c => char.IsControl(c) || char.IsSurrogate(c))]);

    public static string Mask(string text)
    {
        // Half a surrogate pair or a control character is no word, and no database takes it.
        var readable = text.AsSpan().ContainsAny(_doubtful) ? string.Concat(text.EnumerateRunes().Where(rune => !Rune.IsControl(rune) || Rune.IsWhiteSpace(rune))) : text;
        var line = string.Join(' ', readable.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        if (line.Length > Longest)
        {
            line = line[..(char.IsHighSurrogate(line[Longest - 1]) ? Longest - 1 : Longest)];
        }

        // Training needs the shape of a number, nobody needs the number: so the same question about two orders is one line, too.
        return PersonalDataMask.Hide(line, PersonalDataMask.Kinds).Text;
    }

    /// <summary>Equal for texts that differ in case, marks and punctuation only.</summary>
    public static string KeyOf(string masked)
    {
        var words = Words.Normalize(masked);
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(words.Length == 0 ? masked : words)).AsSpan(0, 16));
    }
}
