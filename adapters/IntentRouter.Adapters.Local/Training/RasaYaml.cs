using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace IntentRouter.Adapters.Local.Training;

/// <summary>
/// Rasa's NLU training file as Rasa reads it, but strict: what Rasa would skip with a warning is reported with file and line, because a lost example
/// shows only as a bot that does not understand.
/// </summary>
internal sealed class RasaYaml
{
    private const int NewestMajor = 3;

    // Parts of a Rasa project that may share a file with the NLU data and mean nothing here.
    private static readonly HashSet<string> _elsewhere = new(StringComparer.Ordinal)
    {
        "stories", "rules", "responses", "intents", "entities", "slots", "forms", "actions", "e2e_actions", "session_config",
    };

    private static readonly string[] _kinds = ["intent", "synonym", "regex", "lookup"];

    private readonly string _file;
    private readonly TrainingDataReader _into;

    private RasaYaml(string file, TrainingDataReader into)
    {
        _file = file;
        _into = into;
    }

    public static void Read(string file, TrainingDataReader into) => new RasaYaml(file, into).Read();

    private void Read()
    {
        var yaml = new YamlStream();
        try
        {
            using var reader = new StreamReader(_file, new UTF8Encoding(encoderShouldEmitUTF8Identifier: true, throwOnInvalidBytes: true));
            yaml.Load(reader);
        }
        catch (DecoderFallbackException)
        {
            _into.Error(At(new Mark(0, 1, 1)), "There are bytes that are not UTF-8; save the file as UTF-8.");
            return;
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException)
        {
            // The library's own, where a bracket is not closed.
            _into.Error(At(new Mark(0, 1, 1)), "Not valid YAML; is a bracket, brace or quote not closed?");
            return;
        }
        catch (YamlException e)
        {
            _into.Error(At(e.Start), $"Not valid YAML: {e.InnerException?.Message ?? e.Message}");
            return;
        }

        foreach (var document in yaml.Documents)
        {
            ReadDocument(document.RootNode);
        }
    }

    private void ReadDocument(YamlNode root)
    {
        if (root is not YamlMappingNode top)
        {
            _into.Error(At(root.Start), "The file must be a mapping with 'version' and 'nlu'.");
            return;
        }

        foreach (var key in top.Children.Keys.Where(k => Text(k) is not ("version" or "nlu") && !_elsewhere.Contains(Text(k))))
        {
            _into.Error(At(key.Start), $"'{Text(key)}' is unknown here; a training file has 'version' and 'nlu'.");
        }

        if (!CheckVersion(top))
        {
            return;
        }

        if (!Find(top, "nlu", out var nlu))
        {
            if (!top.Children.Keys.Any(k => _elsewhere.Contains(Text(k))))
            {
                _into.Error(At(root.Start), "The file has no 'nlu' part.");
            }

            return;
        }

        if (nlu is not YamlSequenceNode items)
        {
            _into.Error(At(nlu.Start), "'nlu' must be a list of items that start with '- intent:', '- synonym:', '- regex:' or '- lookup:'.");
            return;
        }

        foreach (var item in items)
        {
            ReadItem(item);
        }
    }

    private bool CheckVersion(YamlMappingNode top)
    {
        if (!Find(top, "version", out var version))
        {
            return true;
        }

        var text = Text(version);
        if (!int.TryParse(text.Split('.')[0], NumberStyles.None, CultureInfo.InvariantCulture, out var major) || major < 1)
        {
            _into.Error(At(version.Start), $"'{text}' is not a version; write \"3.1\".");
            return false;
        }

        if (major > NewestMajor)
        {
            _into.Error(At(version.Start), $"Version {text} is newer than what is understood here ({NewestMajor}.x).");
            return false;
        }

        return true;
    }

    private void ReadItem(YamlNode node)
    {
        if (node is not YamlMappingNode item)
        {
            _into.Error(At(node.Start), "An item must be a mapping that starts with '- intent:', '- synonym:', '- regex:' or '- lookup:'.");
            return;
        }

        var kinds = _kinds.Where(k => Find(item, k, out _)).ToArray();
        if (kinds is not [var kind])
        {
            _into.Error(At(item.Start), kinds.Length == 0
                ? $"The item has none of {string.Join(", ", _kinds)}; it has {string.Join(", ", item.Children.Keys.Select(Text))}."
                : $"The item is both {kinds[0]} and {kinds[1]}; make two items.");
            return;
        }

        foreach (var key in item.Children.Keys.Where(k => Text(k) != kind && Text(k) is not ("examples" or "metadata")))
        {
            _into.Error(At(key.Start), $"'{Text(key)}' is unknown in an item of kind {kind}; use 'examples'.");
        }

        if (!Find(item, kind, out var nameNode) || Text(nameNode).Trim() is not { Length: > 0 } name)
        {
            _into.Error(At(item.Start), $"The {kind} has no name.");
            return;
        }

        if (kind == "intent" && name.Count(c => c == '/') > 1)
        {
            _into.Error(At(nameNode.Start), $"Intent '{name}' has more than one slash; a retrieval intent has one.");
            return;
        }

        if (!Find(item, "examples", out var examples))
        {
            _into.Error(At(item.Start), $"The {kind} '{name}' has no 'examples'.");
            return;
        }

        ReadExamples(kind, name, examples);
    }

    private void ReadExamples(string kind, string name, YamlNode examples)
    {
        var any = false;
        foreach (var (text, location) in examples is YamlSequenceNode list ? List(list) : Block(examples))
        {
            any = true;
            AddExample(kind, name, text, location);
        }

        if (!any)
        {
            _into.Error(At(examples.Start), $"The {kind} '{name}' has no examples.");
        }
    }

    private void AddExample(string kind, string name, string text, TrainingLocation location)
    {
        switch (kind)
        {
            case "intent":
                AddMarked(name, text, location);
                break;
            case "synonym":
                _into.AddSynonym(text, name, location);
                break;
            case "lookup":
                _into.AddLookup(name, text);
                break;
            default:
                AddPattern(name, text, location);
                break;
        }
    }

    private void AddMarked(string intent, string marked, TrainingLocation location)
    {
        var (text, entities, problem) = EntityMarkup.Read(marked);
        if (problem is not null)
        {
            _into.Error(location, problem);
            return;
        }

        _into.Add(new TrainingExample(text, intent, entities, location));
        foreach (var entity in entities.Where(e => e.Value != text.Substring(e.Start, e.Length)))
        {
            _into.AddSynonym(text.Substring(entity.Start, entity.Length), entity.Value, location);
        }
    }

    private void AddPattern(string entity, string pattern, TrainingLocation location)
    {
        try
        {
            _ = new Regex(pattern, RegexOptions.None, TimeSpan.FromSeconds(1));
            _into.Add(new TrainingPattern(entity, pattern, location));
        }
        catch (ArgumentException e)
        {
            _into.Error(location, $"'{pattern}' is not a regular expression: {e.Message}");
        }
    }

    /// <summary>A block of lines, each starting with a hyphen.</summary>
    private IEnumerable<(string Text, TrainingLocation Location)> Block(YamlNode node)
    {
        if (node is not YamlScalarNode { Value: { } block } scalar)
        {
            _into.Error(At(node.Start), "'examples' must be a block ('examples: |') of lines that start with '-', or a list.");
            yield break;
        }

        var line = FirstLine(scalar);
        foreach (var raw in block.Split('\n'))
        {
            var text = raw.Trim();
            var location = new TrainingLocation(_file, line++);
            if (text.Length == 0)
            {
                continue;
            }

            if (text[0] != '-' || text.Length == 1)
            {
                _into.Error(location, text == "-" ? "The example is empty." : "Every line under 'examples: |' must start with '-'.");
                continue;
            }

            yield return (text[1..].Trim(), location);
        }
    }

    /// <summary>A list of texts, or of mappings with <c>text</c> and <c>metadata</c>.</summary>
    private IEnumerable<(string Text, TrainingLocation Location)> List(YamlSequenceNode list)
    {
        foreach (var node in list)
        {
            var textNode = node;
            if (node is YamlMappingNode mapping)
            {
                foreach (var key in mapping.Children.Keys.Where(k => Text(k) is not ("text" or "metadata")))
                {
                    _into.Error(At(key.Start), $"'{Text(key)}' is unknown in an example; use 'text' and 'metadata'.");
                }

                if (!Find(mapping, "text", out textNode))
                {
                    _into.Error(At(node.Start), "The example has no 'text'.");
                    continue;
                }
            }

            if (textNode is not YamlScalarNode scalar)
            {
                _into.Error(At(textNode.Start), "An example must be a text, or a mapping with 'text'.");
                continue;
            }

            var text = Text(scalar).Trim();
            if (text.StartsWith("- ", StringComparison.Ordinal))
            {
                text = text[2..].Trim();
            }

            var location = new TrainingLocation(_file, FirstLine(scalar));
            if (text.Length == 0)
            {
                _into.Error(location, "The example is empty.");
                continue;
            }

            yield return (text, location);
        }
    }

    // The content of a block scalar starts on the line below its indicator; any other scalar holds it on its own line.
    private static int FirstLine(YamlScalarNode scalar) =>
        (int)scalar.Start.Line + (scalar.Style is ScalarStyle.Literal or ScalarStyle.Folded ? 1 : 0);

    private static bool Find(YamlMappingNode mapping, string key, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out YamlNode? value) =>
        mapping.Children.TryGetValue(new YamlScalarNode(key), out value);

    private static string Text(YamlNode node) => (node as YamlScalarNode)?.Value ?? "";

    private TrainingLocation At(Mark mark) => new(_file, (int)mark.Line);
}
