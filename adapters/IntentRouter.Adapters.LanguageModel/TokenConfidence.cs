namespace IntentRouter.Adapters.LanguageModel;

/// <summary>A token of an answer with its probability, and what the model might have written in its place.</summary>
internal sealed record AnswerToken(string Text, double LogProbability, IReadOnlyList<(string Text, double LogProbability)> Alternatives);

/// <summary>
/// Reads confidences from token probabilities: the chosen name's is the product over its tokens; another name's is known where a token that
/// was not taken would have led to that name only.
/// </summary>
internal static class TokenConfidence
{
    /// <returns>Probability by name, or null when the tokens do not spell the answer.</returns>
    public static IReadOnlyDictionary<string, double>? Read(string content, string intent, IReadOnlyList<AnswerToken> tokens, IReadOnlyCollection<string> names)
    {
        if (tokens.Count == 0 || string.Concat(tokens.Select(t => t.Text)) != content || Find(content, intent) is not { } start)
        {
            return null;
        }

        var end = start + intent.Length;
        var found = new Dictionary<string, double>(StringComparer.Ordinal);
        var before = 0.0;
        var position = 0;
        foreach (var token in tokens)
        {
            var (from, to) = (position, position + token.Text.Length);
            position = to;
            if (to <= start)
            {
                continue;
            }

            // The token after the name decides too: a quote ends it where another name would go on.
            if (from > end)
            {
                break;
            }

            var prefix = from <= start ? "" : intent[..(from - start)];
            var skip = Math.Max(start - from, 0);
            foreach (var (text, logProbability) in token.Alternatives)
            {
                if (text != token.Text && text.Length > skip && text[..skip] == token.Text[..skip] && Only(prefix + text[skip..], names) is { } other && other != intent)
                {
                    found[other] = found.GetValueOrDefault(other) + Math.Exp(before + logProbability);
                }
            }

            before += token.LogProbability;
        }

        found[intent] = Math.Exp(before);
        return found;
    }

    private static int? Find(string content, string intent)
    {
        var key = content.IndexOf("\"intent\"", StringComparison.Ordinal);
        var value = key < 0 ? -1 : content.IndexOf('"' + intent + '"', key + 8, StringComparison.Ordinal);
        return value < 0 ? null : value + 1;
    }

    private static string? Only(string begins, IReadOnlyCollection<string> names)
    {
        var quote = begins.IndexOf('"', StringComparison.Ordinal);
        var whole = quote >= 0 ? begins[..quote] : null;
        string? found = null;
        foreach (var name in names)
        {
            if (whole is null ? name.StartsWith(begins, StringComparison.Ordinal) : name == whole)
            {
                if (found is not null)
                {
                    return null;
                }

                found = name;
            }
        }

        return begins.Length > 0 ? found : null;
    }
}
