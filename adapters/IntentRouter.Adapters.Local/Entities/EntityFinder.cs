using System.Text.RegularExpressions;
using IntentRouter.Adapters.Local.Training;

namespace IntentRouter.Adapters.Local.Entities;

/// <summary>
/// Finds entities by regular expressions and by lists of phrases (lookup tables and what examples mark up), and gives them the value that a synonym
/// names. Immutable and thread-safe.
/// </summary>
internal sealed class EntityFinder
{
    // The expression is the owner's, the text anyone's: some pairs would take for ever.
    private static readonly TimeSpan _patience = TimeSpan.FromMilliseconds(250);

    private readonly (string Entity, Regex Pattern)[] _patterns;
    private readonly Dictionary<string, Phrase[]>.AlternateLookup<ReadOnlySpan<char>> _phrases;
    private readonly IReadOnlyDictionary<string, string> _synonyms;
    private readonly bool _isEmpty;

    public EntityFinder(TrainingData data)
    {
        _patterns = [.. data.Patterns.Select(p => (p.Entity, Compile(p.Pattern)))];
        _synonyms = data.Synonyms;
        _phrases = data.Lookups.SelectMany(l => l.Value.Select(phrase => new Phrase(l.Key, phrase.Trim())))
            .Concat(data.Examples.SelectMany(e => e.Entities.Select(m => new Phrase(m.Name, e.Text.Substring(m.Start, m.Length).Trim()))))
            .Where(p => p.Text.Length > 0)
            .DistinctBy(p => (p.Entity, p.Text.ToUpperInvariant()))
            .GroupBy(p => FirstWord(p.Text).ToString(), StringComparer.OrdinalIgnoreCase)
            .ToDictionary(g => g.Key, g => g.OrderByDescending(p => p.Text.Length).ToArray(), StringComparer.OrdinalIgnoreCase)
            .GetAlternateLookup<ReadOnlySpan<char>>();
        _isEmpty = _patterns.Length == 0 && _phrases.Dictionary.Count == 0;
    }

    public IReadOnlyList<Entity> Find(string text, ref List<string>? warnings)
    {
        if (_isEmpty)
        {
            return [];
        }

        var found = new List<Entity>();
        foreach (var (entity, pattern) in _patterns)
        {
            FindPattern(entity, pattern, text, found, ref warnings);
        }

        FindPhrases(text, found);
        return found.Count < 2 ? found : WithoutInner(found);
    }

    private static Regex Compile(string pattern)
    {
        const RegexOptions Options = RegexOptions.CultureInvariant | RegexOptions.IgnoreCase;
        try
        {
            // Linear in the text's length whatever the pattern; some constructs exclude it.
            return new Regex(pattern, Options | RegexOptions.NonBacktracking);
        }
        catch (NotSupportedException)
        {
            return new Regex(pattern, Options, _patience);
        }
    }

    private void FindPattern(string entity, Regex pattern, string text, List<Entity> found, ref List<string>? warnings)
    {
        try
        {
            for (var match = pattern.Match(text); match.Success; match = match.NextMatch())
            {
                var part = match.Groups["value"] is { Success: true } named ? named : match;
                if (part.Length > 0)
                {
                    found.Add(Make(entity, text, part.Index, part.Length));
                }
            }
        }
        catch (RegexMatchTimeoutException)
        {
            (warnings ??= []).Add("entity-pattern-timed-out");
        }
    }

    private void FindPhrases(string text, List<Entity> found)
    {
        var end = 0;
        for (var start = 0; start < text.Length; start = Math.Max(end, start + 1))
        {
            end = start;
            while (end < text.Length && char.IsLetterOrDigit(text[end]))
            {
                end++;
            }

            var word = end > start ? text.AsSpan(start, end - start) : text.AsSpan(start, 1);
            if (!_phrases.TryGetValue(word, out var phrases))
            {
                continue;
            }

            foreach (var phrase in phrases)
            {
                if (Stands(phrase.Text, text, start))
                {
                    found.Add(Make(phrase.Entity, text, start, phrase.Text.Length));
                }
            }
        }
    }

    private static bool Stands(string phrase, string text, int at)
    {
        var after = at + phrase.Length;
        return after <= text.Length
            && text.AsSpan(at, phrase.Length).Equals(phrase, StringComparison.OrdinalIgnoreCase)
            && (after == text.Length || !char.IsLetterOrDigit(text[after]) || !char.IsLetterOrDigit(text[after - 1]));
    }

    /// <summary>Of one entity, what lies inside another find is the same find, cut short.</summary>
    private static List<Entity> WithoutInner(List<Entity> found)
    {
        var kept = new List<Entity>();
        foreach (var entity in found.OrderBy(e => e.Start).ThenByDescending(e => e.Length))
        {
            if (!kept.Any(k => k.Name == entity.Name && entity.Start < k.Start + k.Length))
            {
                kept.Add(entity);
            }
        }

        return kept;
    }

    private Entity Make(string name, string text, int start, int length)
    {
        var words = text.Substring(start, length);
        return new Entity(name, _synonyms.GetValueOrDefault(words, words)) { Text = words, Start = start, Length = length };
    }

    private static ReadOnlySpan<char> FirstWord(string phrase)
    {
        var end = 0;
        while (end < phrase.Length && char.IsLetterOrDigit(phrase[end]))
        {
            end++;
        }

        return end == 0 ? phrase.AsSpan(0, 1) : phrase.AsSpan(0, end);
    }

    private sealed record Phrase(string Entity, string Text);
}
