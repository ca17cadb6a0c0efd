using IntentRouter.Conversations;

namespace IntentRouter.Dialogue;

/// <summary>
/// Reads a typed answer to offered choices: the chat may lose a pressed button, WhatsApp answers with the title, Telegram with the value, people
/// with a number or the first words.
/// </summary>
internal static class PromptAnswer
{
    private static readonly Dictionary<string, string[]> _ordinals = new()
    {
        ["en"] = ["first|one|first one|the first|the first one", "second|two|second one|the second|the second one", "third|three|third one|the third|the third one", "fourth|four|fourth one|the fourth|the fourth one", "fifth|five|the fifth"],
        ["de"] = ["erste|erstes|erster|eins|das erste|die erste|der erste|die eins", "zweite|zweites|zweiter|zwei|das zweite|die zweite|der zweite|die zwei", "dritte|drittes|dritter|drei|das dritte|die dritte|der dritte|die drei", "vierte|viertes|vierter|vier|das vierte|die vierte", "funfte|funf|das funfte|die funfte"],
        ["fr"] = ["premier|premiere|un|le premier|la premiere", "deuxieme|second|seconde|deux|le deuxieme|la deuxieme", "troisieme|trois|le troisieme|la troisieme", "quatrieme|quatre|le quatrieme|la quatrieme", "cinquieme|cinq"],
        ["es"] = ["primero|primera|primer|uno|el primero|la primera", "segundo|segunda|dos|el segundo|la segunda", "tercero|tercera|tres|el tercero|la tercera", "cuarto|cuarta|cuatro|el cuarto|la cuarta", "quinto|quinta|cinco"],
        ["pt"] = ["primeiro|primeira|um|o primeiro|a primeira", "segundo|segunda|dois|o segundo|a segunda", "terceiro|terceira|tres|o terceiro|a terceira", "quarto|quarta|quatro|o quarto|a quarta", "quinto|quinta|cinco"],
        ["it"] = ["primo|prima|uno|il primo|la prima", "secondo|seconda|due|il secondo|la seconda", "terzo|terza|tre|il terzo|la terza", "quarto|quarta|quattro|il quarto|la quarta", "quinto|quinta|cinque"],
        ["nl"] = ["eerste|een|de eerste", "tweede|twee|de tweede", "derde|drie|de derde", "vierde|vier|de vierde", "vijfde|vijf|de vijfde"],
    };

    /// <summary>The one choice meant by an answer to a prompt, or null when none or more than one fits.</summary>
    public static Choice? Match(Prompt prompt, string text, string language) => Match(prompt.Choices, text, language, exactly: prompt.Kind == PromptKind.Confirm);

    /// <summary>The one choice meant, or null when none or more than one fits.</summary>
    /// <param name="exactly">Only the value, the title or the ordinal count: "no, Friday" is more than a no.</param>
    public static Choice? Match(IReadOnlyList<Choice> choices, string text, string language, bool exactly = false)
    {
        if (choices.Count == 0 || text.Length > 200)
        {
            return null;
        }

        var trimmed = text.Trim();
        foreach (var choice in choices)
        {
            if (choice.Value.Equals(trimmed, StringComparison.OrdinalIgnoreCase) || choice.Title.Equals(trimmed, StringComparison.OrdinalIgnoreCase))
            {
                return choice;
            }
        }

        var said = Words.Normalize(text);
        if (said.Length == 0)
        {
            return null;
        }

        if (Only(choices, c => Words.Normalize(c.Title) == said) is { } titled)
        {
            return titled;
        }

        if (Ordinal(said, language) is { } ordinal && ordinal >= 1 && ordinal <= choices.Count)
        {
            return choices[ordinal - 1];
        }

        // First words: at least three letters, and only one choice begins with them.
        return !exactly && said.Length >= 3 && !said.All(char.IsDigit)
            ? Only(choices, c => (Words.Normalize(c.Title) + " ").StartsWith(said + " ", StringComparison.Ordinal))
                ?? (Words.Count(said) <= 6 ? Only(choices, c => Words.Contains(said, Words.Normalize(c.Title))) : null)
            : null;
    }

    private static Choice? Only(IReadOnlyList<Choice> choices, Func<Choice, bool> fits)
    {
        Choice? found = null;
        foreach (var choice in choices.Where(fits))
        {
            if (found is not null)
            {
                return null;
            }

            found = choice;
        }

        return found;
    }

    private static int? Ordinal(string said, string language)
    {
        if (said.Length <= 2 && int.TryParse(said, out var number))
        {
            return number;
        }

        foreach (var prefix in (ReadOnlySpan<string>)["number ", "option ", "nummer ", "numero ", "no ", "nr ", "opcion ", "opcao ", "opzione ", "optie "])
        {
            if (said.StartsWith(prefix, StringComparison.Ordinal) && int.TryParse(said.AsSpan(prefix.Length), out number))
            {
                return number;
            }
        }

        var root = language.Split('-', '_')[0].ToLowerInvariant();
        var words = _ordinals.GetValueOrDefault(root) ?? _ordinals["en"];
        for (var i = 0; i < words.Length; i++)
        {
            if (words[i].Split('|').Contains(said))
            {
                return i + 1;
            }
        }

        return null;
    }
}
