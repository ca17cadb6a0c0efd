using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using IntentRouter.Conversations;
using IntentRouter.Decisions;
using IntentRouter.Fulfillment;
using IntentRouter.Replies;

namespace IntentRouter.Handoffs;

/// <summary>
/// A reply that was suggested to the people on the desk, as short hashes of its words: enough to see whether they took it up, too little to read it again.
/// </summary>
internal sealed record Suggestion(IReadOnlyList<int> Words)
{
    private const int MostWords = 200;
    private const double Whole = 0.8;
    private const double Part = 0.5;

    public static Suggestion Of(string reply) => new([.. WordsOf(reply).Take(MostWords).Select(Hash)]);

    /// <summary>How much of the suggestion a reply holds, 0 to 1; a greeting around it or another order takes nothing away.</summary>
    public double ShareIn(string reply)
    {
        if (Words.Count == 0)
        {
            return 0;
        }

        var said = WordsOf(reply).Select(Hash).GroupBy(w => w).ToDictionary(g => g.Key, g => g.Count());
        var taken = Words.GroupBy(w => w).Sum(g => Math.Min(g.Count(), said.GetValueOrDefault(g.Key)));
        return (double)taken / Words.Count;
    }

    public static SuggestionUse UseOf(double share) => share >= Whole ? SuggestionUse.Used : share >= Part ? SuggestionUse.Edited : SuggestionUse.Unused;

    // Scripts without spaces: every sign is a word.
    private static IEnumerable<string> WordsOf(string text)
    {
        var word = new StringBuilder();
        foreach (var rune in text.Normalize(NormalizationForm.FormKC).EnumerateRunes())
        {
            var stands = Rune.IsLetter(rune) && rune.Value is >= 0x2E80 and < 0xFB00;
            if (!stands && Rune.IsLetterOrDigit(rune))
            {
                word.Append(Rune.ToLowerInvariant(rune).ToString());
                continue;
            }

            if (word.Length > 0)
            {
                yield return word.ToString();
                word.Clear();
            }

            if (stands)
            {
                yield return rune.ToString();
            }
        }

        if (word.Length > 0)
        {
            yield return word.ToString();
        }
    }

    // 16 bits: thousands of words share each, so that no number can be searched for.
    private static int Hash(string word) => BinaryPrimitives.ReadUInt16LittleEndian(SHA256.HashData(Encoding.UTF8.GetBytes(word)));
}

internal enum SuggestionUse
{
    /// <summary>Said as it was, perhaps with a word before and after.</summary>
    Used,

    /// <summary>Said in part or in other words.</summary>
    Edited,

    Unused,
}

/// <summary>What the bot would say to the customer now, for the agents to copy.</summary>
internal static class SuggestedReply
{
    /// <summary>Null when nothing is known, or when it cannot be written.</summary>
    public static string? Write(DecisionInput input, string? intent, ActiveRoute? route, LookupOutcome? outcome)
    {
        var found = outcome as LookupOutcome.Found;
        var options = route is null ? null : input.Bot.Routes.GetValueOrDefault(route.Route);
        var key = found is not null ? options?.Reply.Found?.Say.FirstOrDefault() ?? options?.Reply.Text
            : intent is not null ? input.Bot.Options.Intents.GetValueOrDefault(intent)?.Reply
            : null;
        if (key is null or "provider")
        {
            return null;
        }

        try
        {
            // It is meant for the customer, so it shows no more than the customer has proven.
            var rows = found is null || options?.Lookup is not { } lookup ? null : PrivateFields.Mask(input, lookup, route!, found.Rows);
            var words = ReplyRenderer.Render(input.Bot.Texts, key, input.Language, input.State.Facts.Channel, TextVariables.Scope(input, route, rows)).Message.Content;
            return words.Length == 0 ? null : words;
        }
        catch (TextRenderException)
        {
            return null;
        }
    }

    /// <summary>As a line of a note, which is Markdown: words for a channel that shows them as they are must not become markup here.</summary>
    public static string Line(DecisionInput input, string words)
    {
        var shown = ChannelForm.Of(input.State.Facts.Channel).Text == TextForm.Plain ? CustomerText.NeutraliseLines(words, TextForm.Markdown) : words;
        return $"{HandoffNote.Label(input, "note.suggested", "Suggested reply")}:\n\n> {shown.ReplaceLineEndings("\n> ")}\n";
    }
}
