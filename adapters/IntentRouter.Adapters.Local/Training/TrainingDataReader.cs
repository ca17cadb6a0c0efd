using System.Text.Unicode;
using IntentRouter.Adapters.Local.Encoding;

namespace IntentRouter.Adapters.Local.Training;

/// <summary>Collects what several files say, then looks at the whole.</summary>
internal sealed class TrainingDataReader
{
    private readonly List<TrainingExample> _examples = [];
    private readonly List<TrainingPattern> _patterns = [];
    private readonly Dictionary<string, List<string>> _lookups = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _synonyms = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<TrainingProblem> _problems = [];

    public static TrainingData Read(IEnumerable<string> paths) => Read(paths, (reader, files) => reader.CheckWhole(files));

    public static TrainingData ReadLabelled(IEnumerable<string> paths) => Read(paths, (_, _) => { });

    private static TrainingData Read(IEnumerable<string> paths, Action<TrainingDataReader, string[]> check)
    {
        var reader = new TrainingDataReader();
        var files = Files(paths, reader).ToArray();
        foreach (var file in files)
        {
            reader.ReadOne(file);
        }

        check(reader, files);
        return new TrainingData
        {
            Examples = reader._examples,
            Patterns = reader._patterns,
            Lookups = reader._lookups.ToDictionary(l => l.Key, l => (IReadOnlyList<string>)l.Value, StringComparer.Ordinal),
            Synonyms = reader._synonyms,
            Problems = reader._problems,
        };
    }

    /// <summary>The files that the paths name, folders opened, in a stable order; what does not exist is left out.</summary>
    public static IEnumerable<string> FilesOf(IEnumerable<string> paths) => Files(paths, null);

    public void Add(TrainingExample example) => _examples.Add(example);

    public void Add(TrainingPattern pattern) => _patterns.Add(pattern);

    public void AddLookup(string entity, string phrase)
    {
        if (!_lookups.TryGetValue(entity, out var phrases))
        {
            _lookups.Add(entity, phrases = []);
        }

        phrases.Add(phrase);
    }

    public void AddSynonym(string words, string value, TrainingLocation location)
    {
        if (!_synonyms.TryAdd(words, value) && _synonyms[words] != value)
        {
            Warn(location, $"'{words}' is a synonym of '{_synonyms[words]}' already; '{value}' is ignored. Keep one of the two.");
        }
    }

    public void Error(TrainingLocation location, string message) => _problems.Add(new TrainingProblem(true, location, message));

    public void Warn(TrainingLocation location, string message) => _problems.Add(new TrainingProblem(false, location, message));

    private void ReadOne(string file)
    {
        try
        {
            if (!IsReadable(file))
            {
                Error(new TrainingLocation(file, 1), "The name must end in .csv, .yml, .yaml or .json: it says how the file is read.");
            }
            else if (LineOutsideUtf8(file) is { } line)
            {
                // Read all the same, its words would have holes, and show only as a bot that does not understand.
                Error(new TrainingLocation(file, line), "The line is not UTF-8. Save the file with this encoding (in Excel: 'CSV UTF-8').");
            }
            else if (Path.GetExtension(file).Equals(".csv", StringComparison.OrdinalIgnoreCase))
            {
                CsvExamples.Read(file, this);
            }
            else
            {
                RasaYaml.Read(file, this);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Error(new TrainingLocation(file, 1), $"The file cannot be read: {e.Message}");
        }
    }

    private static IEnumerable<string> Files(IEnumerable<string> paths, TrainingDataReader? reader)
    {
        foreach (var path in paths)
        {
            if (File.Exists(path))
            {
                yield return path;
                continue;
            }

            if (!Directory.Exists(path))
            {
                reader?.Error(new TrainingLocation(path, 1), "There is no such file or folder.");
                continue;
            }

            var found = Directory.EnumerateFiles(path, "*", SearchOption.AllDirectories)
                .Where(IsReadable)
                // A mounted configuration map keeps its versions in folders of their own, whose names start with two dots.
                .Where(f => !Path.GetRelativePath(path, f).Split(Path.DirectorySeparatorChar).Any(part => part.StartsWith('.')))
                .Order(StringComparer.Ordinal)
                .ToArray();
            if (found.Length == 0)
            {
                reader?.Error(new TrainingLocation(path, 1), "The folder holds no .yml, .yaml, .json or .csv file.");
            }

            foreach (var file in found)
            {
                yield return file;
            }
        }
    }

    private static bool IsReadable(string file) => Path.GetExtension(file).ToUpperInvariant() is ".YML" or ".YAML" or ".JSON" or ".CSV";

    private static int? LineOutsideUtf8(string file)
    {
        ReadOnlySpan<byte> bytes = File.ReadAllBytes(file);
        var line = 0;
        foreach (var range in bytes.Split((byte)'\n'))
        {
            line++;
            if (!Utf8.IsValid(bytes[range]))
            {
                return line;
            }
        }

        return null;
    }

    private void CheckWhole(string[] files)
    {
        if (_problems.Any(p => p.IsError))
        {
            return;
        }

        var intents = _examples.GroupBy(e => e.Intent, StringComparer.Ordinal).ToArray();
        var count = intents.Count(i => i.Key != TrainingData.OutOfScope);
        if (count < 2)
        {
            Error(new TrainingLocation(files.FirstOrDefault() ?? "", 1), $"The training data names {count} intents; at least 2 are needed to tell anything apart.");
            return;
        }

        CheckCounts(intents);
        CheckDuplicates();
    }

    private void CheckCounts(IGrouping<string, TrainingExample>[] intents)
    {
        foreach (var intent in intents.Where(i => i.Key != TrainingData.OutOfScope))
        {
            var distinct = intent.Select(e => TextNormalizer.Normalize(e.Text)).Distinct(StringComparer.Ordinal).Count();
            var location = intent.First().Location;
            if (distinct < 2)
            {
                Error(location, $"Intent '{intent.Key}' has {distinct} example; give it at least 2, better 10.");
            }
            else if (distinct < 5)
            {
                Warn(location, $"Intent '{intent.Key}' has only {distinct} examples; below 5 it will often be missed.");
            }
        }
    }

    private void CheckDuplicates()
    {
        var seen = new Dictionary<string, TrainingExample>(StringComparer.Ordinal);
        foreach (var example in _examples)
        {
            var text = TextNormalizer.Normalize(example.Text);
            if (!seen.TryAdd(text, example) && seen[text].Intent != example.Intent)
            {
                Warn(example.Location, $"This example of '{example.Intent}' is also one of '{seen[text].Intent}', at {seen[text].Location}. Keep it in one of them.");
            }
        }
    }
}
