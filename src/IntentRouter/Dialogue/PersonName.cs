using System.Text.RegularExpressions;
using IntentRouter.Configuration;

namespace IntentRouter.Dialogue;

/// <summary>A person's own name among the words that people put around it: "my name is", "please", the e-mail address in the same message. Pure.</summary>
internal static partial class PersonName
{
    /// <summary>A text that the profile's name fills is a name.</summary>
    public static bool IsAskedBy(SlotOptions slot) => slot is { Type: "text", From: "contact.name" };

    /// <summary>More words than names have, and not "my name is": an intent that is heard in them counts.</summary>
    public static bool IsSentence(string text) => Words.Count(Words.Normalize(text)) >= 4 && !Introduction().IsMatch(text);

    /// <summary>The name, or null when the words are all taken by other slots.</summary>
    /// <param name="rest">The text with spaces where other slots took their values.</param>
    public static string? In(string text, string rest)
    {
        var introduction = Introduction().Match(text).Length;
        (text, rest) = (text[introduction..], rest[introduction..]);
        var from = 0;
        foreach (var part in text.Split([',', ';', '\n']))
        {
            // "Ana Costa, for two people": the part from which nobody took anything.
            if (rest.Substring(from, part.Length) == part && Bare(part) is { } name)
            {
                return name;
            }

            from += part.Length + 1;
        }

        // "Ana Costa ana@example.com"; but "make it three people" names nobody.
        return rest == SlotReader.EmailPattern().Replace(text, m => new string(' ', m.Length)) ? Bare(rest) : null;
    }

    private static string? Bare(string words)
    {
        var name = Courtesy().Replace(words, "").Trim([' ', '\t', ',', ';', '.', ':', '!']);
        return name.Any(char.IsLetter) ? name : null;
    }

    [GeneratedRegex(
        @"^\s*(?:(?:hi|hello|hey|ok|okay|yes|sure|ja|oui|si|sí|sim)\b[\s,.!]*)?(?:(?:my|the) name(?:'s|’s|\s+is)|name(?:\s+is|:)|it(?:'s|’s|\s+is)|i(?:'m|’m|\s+am)|this is|under(?: the name(?: of)?)?|in the name of|on the name(?: of)?|for"
        + @"|ich hei(?:ß|ss)e|mein name ist|auf den namen|ich bin|auf|je m(?:'|’)appelle|mon nom est|au nom de|je suis|c(?:'|’)est|me llamo|mi nombre es|a nombre de|soy|chamo-me|me chamo|(?:o )?meu nome é|em nome de|sou"
        + @"|mi chiamo|il mio nome è|a nome di|sono|ik heet|mijn naam is|op naam van|ik ben)(?=[\s:])[\s:]+",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 200)]
    private static partial Regex Introduction();

    [GeneratedRegex(@"[\s,]+(?:please|pls|thanks|thank you|bitte|danke|merci|s(?:'|’)il vous pla[iî]t|svp|por favor|gracias|obrigad[oa]|per favore|grazie|alstublieft|graag|bedankt)[\s.!]*$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 200)]
    private static partial Regex Courtesy();
}
