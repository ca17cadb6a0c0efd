using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using IntentRouter.Nlu;

namespace IntentRouter.Evaluation;

/// <summary>
/// Answers of remote adapters, kept in one file per adapter so that the next evaluation pays only for new words. Knows an utterance by
/// its hash; the file holds no texts. Another configuration of the adapter is another file.
/// </summary>
internal sealed partial class AnswerCache(string directory)
{
    private readonly Dictionary<string, Dictionary<string, Answer>> _files = [];

    public Understanding? Find(ConfiguredAdapter adapter, string language, string text) =>
        Of(adapter).TryGetValue(Key(language, text), out var answer)
            ? new Understanding
            {
                Kind = answer.Kind,
                Ranking = [.. answer.Ranking.Select(c => new IntentCandidate(c.Intent, Confidence.Clamp(c.Confidence)))],
                Model = answer.Model,
                Language = answer.Language,
            }
            : null;

    public void Add(ConfiguredAdapter adapter, string language, string text, Understanding understanding) =>
        Of(adapter)[Key(language, text)] = new Answer(
            understanding.Kind, [.. understanding.Ranking.Select(c => new Candidate(c.Intent, c.Confidence?.Value))], understanding.Model, understanding.Language);

    public void Save(ConfiguredAdapter adapter)
    {
        Directory.CreateDirectory(directory);
        var file = FileOf(adapter);
        var unfinished = file + ".tmp";
        File.WriteAllBytes(unfinished, JsonSerializer.SerializeToUtf8Bytes(Of(adapter), AnswerJson.Default.DictionaryStringAnswer));
        File.Move(unfinished, file, overwrite: true);
    }

    private Dictionary<string, Answer> Of(ConfiguredAdapter adapter)
    {
        var file = FileOf(adapter);
        if (!_files.TryGetValue(file, out var answers))
        {
            _files[file] = answers = Read(file);
        }

        return answers;
    }

    private static Dictionary<string, Answer> Read(string file)
    {
        try
        {
            return File.Exists(file) ? JsonSerializer.Deserialize(File.ReadAllBytes(file), AnswerJson.Default.DictionaryStringAnswer) ?? [] : [];
        }
        catch (JsonException)
        {
            // Written by another version, or cut off: the engine is asked again.
            return [];
        }
    }

    private string FileOf(ConfiguredAdapter adapter) => Path.Combine(directory, $"{adapter.Name}-{adapter.Fingerprint[..12].ToLowerInvariant()}.answers.json");

    private static string Key(string language, string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{language}\n{text}")).AsSpan(0, 16));

    internal sealed record Answer(UnderstandingKind Kind, IReadOnlyList<Candidate> Ranking, string? Model, string? Language);

    internal sealed record Candidate(string Intent, double? Confidence);

    [JsonSerializable(typeof(Dictionary<string, Answer>))]
    private sealed partial class AnswerJson : JsonSerializerContext;
}
