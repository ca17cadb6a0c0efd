using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace IntentRouter.Configuration;

/// <summary>
/// Reads YAML (and so JSON) into <see cref="SettingsNode"/>s. Works on the parser's events: the library's own model stops at the first duplicate key
/// and says only where the second one is.
/// </summary>
internal sealed class SettingsReader
{
    // Aliases can blow a small file up to gigabytes.
    private const int MaxNodes = 200_000;
    private const int MaxDepth = 64;

    private readonly SettingsSource _source;
    private readonly List<ConfigurationProblem> _problems;
    private readonly IParser _parser;
    private readonly Dictionary<string, (SettingsNode Node, int Size)> _anchors = [];
    private int _nodes;

    private SettingsReader(string text, SettingsSource source, List<ConfigurationProblem> problems)
    {
        _source = source;
        _problems = problems;
        _parser = YamlText.Parse(text);
    }

    /// <summary>Null when the text cannot be read; the problem says where.</summary>
    public static SettingsNode? Read(string text, SettingsSource source, List<ConfigurationProblem> problems)
    {
        try
        {
            return new SettingsReader(text, source, problems).ReadDocument();
        }
        catch (YamlException ex)
        {
            problems.Add(new ConfigurationProblem(
                source.File, (int)ex.End.Line, (int)ex.End.Column, "", null, $"This is not valid YAML: {YamlText.Sentence(ex)}", "Correct the syntax at this line; YAML indents with spaces."));
            return null;
        }
    }

    private SettingsNode ReadDocument()
    {
        _parser.Consume<StreamStart>();
        var start = new SettingsMark(_source, 1, 1);
        if (_parser.Accept<StreamEnd>(out _))
        {
            return SettingsNode.Map(start);
        }

        _parser.Consume<DocumentStart>();
        var node = ReadNode(0, "");
        _parser.Consume<DocumentEnd>();
        if (_parser.Accept<DocumentStart>(out var second))
        {
            Report(MarkOf(second.Start), "", "The file holds several YAML documents.", "Put each into a file of its own in one folder, and name the folder.");
        }

        if (node.IsNothing)
        {
            return SettingsNode.Map(start);
        }

        if (!node.IsMap)
        {
            Report(node.Mark, "", "The file does not hold a map of keys.", "Start it with a key such as 'bots:'.");
            return SettingsNode.Map(start);
        }

        return node;
    }

    private SettingsNode ReadNode(int depth, string path)
    {
        Count(1, depth);
        if (_parser.TryConsume<AnchorAlias>(out var alias))
        {
            if (!_anchors.TryGetValue(alias.Value.Value, out var known))
            {
                throw new YamlException(alias.Start, alias.End, $"the anchor '{alias.Value.Value}' is not defined before");
            }

            Count(known.Size, depth);
            return known.Node;
        }

        var (anchor, before) = ((_parser.Current as NodeEvent)?.Anchor ?? AnchorName.Empty, _nodes);
        var node = ReadContent(depth, path);
        if (!anchor.IsEmpty)
        {
            // Known from its end on: what holds itself has none.
            _anchors[anchor.Value] = (node, _nodes - before);
        }

        return node;
    }

    private void Count(int nodes, int depth)
    {
        _nodes += nodes;
        if (_nodes > MaxNodes || depth > MaxDepth)
        {
            var at = _parser.Current?.Start ?? Mark.Empty;
            throw new YamlException(at, at, "it is nested too deeply or has too many entries");
        }
    }

    private SettingsNode ReadContent(int depth, string path)
    {
        if (_parser.TryConsume<Scalar>(out var scalar))
        {
            return scalar.Style == ScalarStyle.Plain && (scalar.Value is "" or "~" or "null" or "Null" or "NULL")
                ? SettingsNode.Nothing(MarkOf(scalar.Start))
                : SettingsNode.Scalar(MarkOf(scalar.Start), scalar.Value, scalar.Style != ScalarStyle.Plain);
        }

        if (_parser.TryConsume<SequenceStart>(out var sequence))
        {
            var list = SettingsNode.List(MarkOf(sequence.Start));
            while (!_parser.TryConsume<SequenceEnd>(out _))
            {
                list.Add(ReadNode(depth + 1, path));
            }

            return list;
        }

        return ReadMap(depth, path);
    }

    private SettingsNode ReadMap(int depth, string path)
    {
        var start = _parser.Consume<MappingStart>();
        var map = SettingsNode.Map(MarkOf(start.Start));
        var merged = new List<SettingsNode>();
        while (!_parser.TryConsume<MappingEnd>(out _))
        {
            if (!_parser.TryConsume<Scalar>(out var key))
            {
                var at = _parser.Current!;
                throw new YamlException(at.Start, at.End, "a key must be plain text");
            }

            var keyPath = path.Length == 0 ? key.Value : $"{path}:{key.Value}";
            var value = ReadNode(depth + 1, keyPath);
            if (key.Value == "<<" && key.Style == ScalarStyle.Plain)
            {
                merged.AddRange(value.IsList ? value.Items : [value]);
                if (merged.Exists(m => !m.IsMap))
                {
                    throw new YamlException(key.Start, key.End, "'<<' takes in a map, or a list of maps");
                }
            }
            else if (map.Find(key.Value) is { } first)
            {
                Report(MarkOf(key.Start), keyPath, $"'{key.Value}' is written twice in this map; the first is in line {first.KeyMark.Line}.", "Keep one of the two.");
            }
            else
            {
                map.Set(new SettingsEntry(key.Value, MarkOf(key.Start), value));
            }
        }

        // '<<: *common': what the map says itself wins.
        foreach (var entry in merged.SelectMany(m => m.Entries).Where(e => map.Find(e.Key) is null).ToList())
        {
            map.Set(entry);
        }

        return map;
    }

    private SettingsMark MarkOf(Mark mark) => new(_source, (int)mark.Line, (int)mark.Column);

    private void Report(SettingsMark at, string path, string message, string remedy) =>
        _problems.Add(new ConfigurationProblem(_source.File, at.Line, at.Column, path, null, message, remedy));
}
