using IntentRouter.Adapters.Local.Encoding;

namespace IntentRouter.Adapters.Local.Training;

/// <summary>What people taught the bot while it ran, as examples beside those of the training files.</summary>
internal static class LearnedExamples
{
    /// <summary>
    /// The rows of a file that the service wrote; none when it is absent or damaged, as with every cache. The training files have the last word: what they
    /// say about a text counts, and an intent begins in them.
    /// </summary>
    public static IReadOnlyList<TrainingExample> Read(string file, TrainingData own)
    {
        if (!File.Exists(file) || TrainingData.ReadLabelled([file]) is not { Problems.Count: 0, Examples: var rows })
        {
            return [];
        }

        var intents = own.Examples.Select(e => e.Intent).Append(TrainingData.OutOfScope).ToHashSet(StringComparer.Ordinal);
        var known = own.Examples.Select(e => TextNormalizer.Normalize(e.Text)).ToHashSet(StringComparer.Ordinal);
        return [.. rows.Where(r => intents.Contains(r.Intent) && TextNormalizer.Normalize(r.Text) is { Length: > 0 } text && known.Add(text))];
    }

    /// <summary>Drops from a file what another no longer has: taken back, or the words of a person who is to be forgotten. That passes no gate.</summary>
    /// <returns>Whether anything was dropped.</returns>
    public static bool Retract(string file, string delivered)
    {
        if (!File.Exists(file) || TrainingData.ReadLabelled([file]).Examples is not { Count: > 0 } rows)
        {
            return false;
        }

        var still = TrainingData.ReadLabelled([delivered]).Examples.Select(e => (e.Text, e.Intent)).ToHashSet();
        var kept = rows.Where(r => still.Contains((r.Text, r.Intent))).ToArray();
        if (kept.Length == rows.Count)
        {
            return false;
        }

        AtomicFile.Write(file, stream =>
        {
            using var writer = new StreamWriter(stream, leaveOpen: true);
            writer.Write("text,intent\n");
            foreach (var row in kept)
            {
                writer.Write($"{Quote(row.Text)},{Quote(row.Intent)}\n");
            }
        });
        return true;

        static string Quote(string field) => $"\"{field.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
    }

    public static TrainingData With(this TrainingData own, IReadOnlyList<TrainingExample> learned) => learned.Count == 0 ? own : new TrainingData
    {
        Examples = [.. own.Examples, .. learned],
        Patterns = own.Patterns,
        Lookups = own.Lookups,
        Synonyms = own.Synonyms,
        Problems = own.Problems,
    };
}
