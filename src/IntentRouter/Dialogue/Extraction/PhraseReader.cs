using IntentRouter.Decisions;

namespace IntentRouter.Dialogue.Extraction;

/// <summary>A value, and the tokens that say it: the first, and the one behind the last.</summary>
internal readonly record struct Found<T>(T Value, int From, int Next);

/// <summary>A text in tokens beside the words of its language: what the readers of days and of times share.</summary>
internal abstract class PhraseReader(string text, string language)
{
    protected List<Token> Tokens { get; } = Extraction.Tokens.Of(text);

    /// <summary>Null for a language whose words are not known; digits are read all the same.</summary>
    protected Lexicon? Lexicon { get; } = Extraction.Lexicon.Of(language);

    /// <summary>What the text means of all that stands in it: in "not Friday, Saturday" and in "from Friday to Saturday" that is Saturday.</summary>
    /// <param name="readAt">Reads what begins at a token.</param>
    protected Found<T>? Meant<T>(Func<int, Found<T>?> readAt)
    {
        var all = new List<Found<T>>();
        for (var i = 0; i < Tokens.Count;)
        {
            if (readAt(i) is { } found)
            {
                all.Add(found);
                i = found.Next;
            }
            else
            {
                i++;
            }
        }

        var affirmed = all.FindAll(f => Lexicon is null || !Lexicon.Not.Before(Tokens, f.From, out _, out _));
        return (affirmed.Count == 0 ? all : affirmed) switch
        {
            [] => null,
            [var from, var to, ..] when Lexicon is not null && Between(from.Next, to.From, Lexicon.To) && Lexicon.From.Before(Tokens, from.From, out _, out _) => to,
            [var first, ..] => first,
        };
    }

    protected SlotReading Reading(string value, int from, int next)
    {
        var start = Tokens[from].Start;
        var length = Tokens[next - 1].End - start;
        return new SlotReading(value, text.Substring(start, length), start, length);
    }

    /// <summary>A value that was seen and cannot be taken.</summary>
    protected SlotRead Refused(string code, string? limit, int from, int next) => Taken(from, next) with { Problem = new SlotProblem(code, limit) };

    /// <summary>Words that belong here, and give no value.</summary>
    protected SlotRead Taken(int from, int next) => new(null, null, Tokens[from].Start, Tokens[next - 1].End - Tokens[from].Start);

    /// <summary>What stands between a token, or the end of the text, and the token before.</summary>
    protected string? After(int at) => at < Tokens.Count ? Tokens[at].Gap : at > 0 && at == Tokens.Count ? text[Tokens[at - 1].End..] : null;

    // "on", "am", "le" between a week and its day.
    protected int Skip(int at) => at < Tokens.Count && Tokens[at].Text is "on" or "am" or "le" or "el" or "na" or "no" or "il" or "op" or "the" or "a" or "um" ? at + 1 : at;

    private bool Between(int from, int to, PhraseTable phrases) => from < to && phrases.At(Tokens, from, out _, out var next) && (next == to || Skip(next) >= to);
}
