using System.Text.Json.Nodes;
using IntentRouter.Configuration;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace IntentRouter.Replies;

/// <summary>
/// A bot's texts, by language and key, with the fallback chain asked language → its parent → the bot's default → English. In each of these languages the
/// bot's own text comes before the one that is built in.
/// Immutable and thread-safe.
/// </summary>
internal sealed class TextCatalog
{
    private readonly Dictionary<string, Dictionary<string, ReplyText>> _byLanguage;
    private readonly string _default;

    private TextCatalog(string defaultLanguage, Dictionary<string, Dictionary<string, ReplyText>> byLanguage)
    {
        _default = defaultLanguage;
        _byLanguage = byLanguage;
    }

    /// <summary>Only what is built in.</summary>
    public static TextCatalog Empty { get; } = new("en", []);

    /// <summary>Languages that have a file.</summary>
    public IReadOnlyList<string> Languages => [.. _byLanguage.Keys.Order(StringComparer.OrdinalIgnoreCase)];

    /// <summary>All keys of the files, any language.</summary>
    public IEnumerable<ReplyText> Own => _byLanguage.Values.SelectMany(t => t.Values);

    /// <summary>Reads <c>&lt;language&gt;.yaml</c> of each directory, later ones over earlier ones. Everything wrong is added to <paramref name="problems"/>; the rest is usable.</summary>
    public static TextCatalog Load(string defaultLanguage, IEnumerable<string> directories, ICollection<ConfigurationProblem> problems)
    {
        var byLanguage = new Dictionary<string, Dictionary<string, ReplyText>>(StringComparer.OrdinalIgnoreCase);
        foreach (var directory in directories)
        {
            if (!Directory.Exists(directory))
            {
                problems.Add(new ConfigurationProblem(null, 0, 0, "texts", directory, "The directory does not exist.", "Create it with a file per language, for example en.yaml, or correct the path."));
                continue;
            }

            foreach (var file in Directory.EnumerateFiles(directory).Where(f => Path.GetExtension(f) is ".yaml" or ".yml").Order(StringComparer.Ordinal))
            {
                var language = Path.GetFileNameWithoutExtension(file);
                if (!byLanguage.TryGetValue(language, out var texts))
                {
                    byLanguage[language] = texts = [];
                }

                TextFile.Read(() => YamlText.ReadFile(file), file, language, texts, problems);
            }
        }

        return new TextCatalog(defaultLanguage, byLanguage);
    }

    /// <summary>Texts given in memory: language → key → text. For tests and tools.</summary>
    public static TextCatalog From(string defaultLanguage, IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>> texts) =>
        new(defaultLanguage, texts.ToDictionary(
            l => l.Key,
            l => l.Value.ToDictionary(t => t.Key, t => new ReplyText { Key = t.Key, Language = l.Key, Text = TextTemplate.Parse(t.Value) }),
            StringComparer.OrdinalIgnoreCase));

    public ReplyText? Find(string key, string language)
    {
        foreach (var candidate in Chain(language))
        {
            if ((_byLanguage.TryGetValue(candidate, out var own) && own.TryGetValue(key, out var text))
                || (BuiltInTexts.ByLanguage.TryGetValue(candidate, out var builtIn) && builtIn.TryGetValue(key, out text)))
            {
                return text;
            }
        }

        return BuiltInTexts.English.GetValueOrDefault(key);
    }

    /// <summary>Whether the bot's own files have the text, in the language or one that stands in for it.</summary>
    public bool HasOwn(string key, string language) =>
        Chain(language).Any(candidate => _byLanguage.TryGetValue(candidate, out var texts) && texts.ContainsKey(key));

    private IEnumerable<string> Chain(string language)
    {
        yield return language;
        var root = language.Split('-', '_')[0];
        if (root.Length < language.Length)
        {
            yield return root;
        }

        // A file for a region serves its language: de-AT.yaml for de, when there is no de.yaml.
        foreach (var sibling in _byLanguage.Keys.Where(l => l.StartsWith(root + "-", StringComparison.OrdinalIgnoreCase)).Order(StringComparer.OrdinalIgnoreCase))
        {
            yield return sibling;
        }

        yield return _default;
        yield return _default.Split('-', '_')[0];
    }
}

internal enum ReplyKind
{
    Text,
    Cards,
    Select,
    Form,
    Article,
    Email,
}

/// <summary>One text or rich reply.</summary>
internal sealed record ReplyText
{
    public required string Key { get; init; }

    public required string Language { get; init; }

    public ReplyKind Kind { get; init; } = ReplyKind.Text;

    public required TextTemplate Text { get; init; }

    public IReadOnlyList<ItemNode> Items { get; init; } = [];

    /// <summary>Variable that holds a list: the items are repeated for each element, which is then called <c>item</c>.</summary>
    public string? Each { get; init; }

    public TextTemplate? ButtonLabel { get; init; }

    public string? File { get; init; }

    public int Line { get; init; }

    /// <summary>Every template of the reply.</summary>
    public IEnumerable<TextTemplate> Templates => [Text, .. ButtonLabel is null ? [] : new[] { ButtonLabel }, .. Items.SelectMany(i => i.Templates)];
}

/// <summary>An item of a rich reply: a tree whose texts are templates.</summary>
internal abstract record ItemNode
{
    private ItemNode()
    {
    }

    public abstract IEnumerable<TextTemplate> Templates { get; }

    public sealed record Words(TextTemplate Template) : ItemNode
    {
        public override IEnumerable<TextTemplate> Templates => [Template];
    }

    public sealed record Flag(bool Value) : ItemNode
    {
        public override IEnumerable<TextTemplate> Templates => [];
    }

    public sealed record Map(IReadOnlyDictionary<string, ItemNode> Members) : ItemNode
    {
        public override IEnumerable<TextTemplate> Templates => Members.Values.SelectMany(m => m.Templates);
    }

    public sealed record Many(IReadOnlyList<ItemNode> Nodes) : ItemNode
    {
        public override IEnumerable<TextTemplate> Templates => Nodes.SelectMany(n => n.Templates);
    }

    public JsonNode? Render(TextScope scope) => this switch
    {
        Words words => words.Template.Render(scope, TextForm.Plain, isItem: true) is { Length: > 0 } text ? JsonValue.Create(text) : null,
        Flag flag => JsonValue.Create(flag.Value),
        Map map => new JsonObject(map.Members.Select(m => KeyValuePair.Create(m.Key, m.Value.Render(scope))).Where(m => m.Value is not null)),
        Many many => new JsonArray([.. many.Nodes.Select(n => n.Render(scope)).Where(n => n is not null)]),
        _ => null,
    };
}

/// <summary>Reads one language's file.</summary>
internal static class TextFile
{
    private static readonly Dictionary<ReplyKind, string[]> _itemKeys = new()
    {
        [ReplyKind.Select] = ["title", "value"],
        [ReplyKind.Cards] = ["title", "description", "media_url", "actions"],
        [ReplyKind.Form] = ["type", "placeholder", "label", "name", "options", "default", "required", "pattern", "title", "pattern_error"],
        [ReplyKind.Article] = ["title", "description", "link"],
    };

    private static readonly string[] _actionKeys = ["text", "type", "payload", "uri"];
    private static readonly string[] _optionKeys = ["label", "value"];

    public static void Read(Func<string> content, string file, string language, Dictionary<string, ReplyText> into, ICollection<ConfigurationProblem> problems)
    {
        YamlStream yaml = [];
        try
        {
            yaml.Load(YamlText.Parse(content()));
        }
        catch (YamlException e)
        {
            problems.Add(new ConfigurationProblem(file, (int)e.End.Line, (int)e.End.Column, "", null, $"This is not valid YAML: {YamlText.Sentence(e)}", "Correct the syntax at this line; YAML indents with spaces."));
            return;
        }
        catch (UnauthorizedAccessException e)
        {
            problems.Add(new ConfigurationProblem(file, 0, 0, "", null, $"The file cannot be read: {e.Message}", "Give the service's user the right to read it."));
            return;
        }

        if (yaml.Documents.Count == 0)
        {
            return;
        }

        if (yaml.Documents[0].RootNode is not YamlMappingNode root)
        {
            problems.Add(new ConfigurationProblem(file, 1, 1, "", null, "A text file is a map of key to text.", "Write lines such as  greeting: Hello!"));
            return;
        }

        if (yaml.Documents.Count > 1)
        {
            problems.Add(new ConfigurationProblem(file, (int)yaml.Documents[1].RootNode.Start.Line, 1, "", null, "The file holds several YAML documents; only one is read.", "Take the line '---' out."));
        }

        foreach (var (keyNode, value) in root.Children)
        {
            if (keyNode is not YamlScalarNode)
            {
                problems.Add(new ConfigurationProblem(file, (int)keyNode.Start.Line, (int)keyNode.Start.Column, "", null, "A key is plain text.", "Write lines such as  greeting: Hello!"));
                continue;
            }

            var key = Name(keyNode);
            var context = new Reading(file, language, key, problems);
            if (context.Reply(value) is { } reply)
            {
                into[key] = reply;
            }
        }
    }

    // A key that is a list or a map itself is named as it is written: no key that is known here.
    private static string Name(YamlNode key) => key is YamlScalarNode scalar ? scalar.Value ?? "" : key.ToString();

    private sealed class Reading(string file, string language, string key, ICollection<ConfigurationProblem> problems)
    {
        public ReplyText? Reply(YamlNode node)
        {
            if (node is YamlScalarNode)
            {
                return Template(node, key) is { } text ? new ReplyText { Key = key, Language = language, Text = text, File = file, Line = Line(node) } : null;
            }

            if (node is not YamlMappingNode map)
            {
                Problem(node, key, null, "A text is words or a rich reply.", "Write words, or a map with type, text and items.");
                return null;
            }

            var members = map.Children.ToDictionary(c => Name(c.Key), c => c.Value);
            foreach (var (name, value) in members)
            {
                if (name is not ("type" or "text" or "items" or "each" or "button_label"))
                {
                    Problem(value, $"{key}:{name}", null, $"'{name}' is not known here.", "Use type, text, items, each, button_label.");
                }
            }

            var type = (members.GetValueOrDefault("type") as YamlScalarNode)?.Value ?? "text";
            if (!Enum.TryParse<ReplyKind>(type, ignoreCase: true, out var kind) || int.TryParse(type, out _))
            {
                Problem(members["type"], $"{key}:type", type, "Not a kind of reply.", "Use text, cards, select, form, article or email.");
                return null;
            }

            if (members.GetValueOrDefault("text") is not { } textNode || Template(textNode, $"{key}:text") is not { } words)
            {
                if (!members.ContainsKey("text"))
                {
                    Problem(map, $"{key}:text", null, "The reply has no text.", "Add text: it is what channels without buttons or cards show.");
                }

                return null;
            }

            var items = Items(kind, members.GetValueOrDefault("items"), map);
            return items is null ? null : new ReplyText
            {
                Key = key,
                Language = language,
                Kind = kind,
                Text = words,
                Items = items,
                Each = (members.GetValueOrDefault("each") as YamlScalarNode)?.Value,
                ButtonLabel = members.GetValueOrDefault("button_label") is { } label ? Template(label, $"{key}:button_label") : null,
                File = file,
                Line = Line(map),
            };
        }

        private List<ItemNode>? Items(ReplyKind kind, YamlNode? node, YamlMappingNode reply)
        {
            if (!_itemKeys.TryGetValue(kind, out var allowed))
            {
                if (node is not null)
                {
                    Problem(node, $"{key}:items", null, "This kind of reply has no items.", "Remove items, or use cards, select, form or article.");
                }

                return [];
            }

            if (node is not YamlSequenceNode { Children.Count: > 0 } list)
            {
                Problem(node ?? reply, $"{key}:items", null, "The chat refuses this kind of reply without items.", "List at least one item.");
                return null;
            }

            var items = new List<ItemNode>();
            for (var i = 0; i < list.Children.Count; i++)
            {
                var path = $"{key}:items:{i}";
                if (list.Children[i] is not YamlMappingNode item)
                {
                    Problem(list.Children[i], path, null, "An item is a map.", $"Use the keys {string.Join(", ", allowed)}.");
                    continue;
                }

                if (Map(item, path, allowed) is { } read)
                {
                    items.Add(read);
                }
            }

            return items.Count > 0 ? items : null;
        }

        private ItemNode.Map? Map(YamlMappingNode map, string path, string[] allowed)
        {
            var members = new Dictionary<string, ItemNode>();
            foreach (var (keyNode, value) in map.Children)
            {
                var name = Name(keyNode);
                if (!allowed.Contains(name))
                {
                    Problem(value, $"{path}:{name}", null, $"The chat refuses the key '{name}' here.", $"Use {string.Join(", ", allowed)}.");
                    continue;
                }

                ItemNode? node = (name, value) switch
                {
                    ("actions", YamlSequenceNode actions) => Many(actions, $"{path}:actions", _actionKeys),
                    ("options", YamlSequenceNode options) => Many(options, $"{path}:options", _optionKeys),
                    ("required", YamlScalarNode flag) => new ItemNode.Flag(flag.Value is "true" or "yes" or "True"),
                    (_, YamlScalarNode) => Template(value, $"{path}:{name}") is { } words ? new ItemNode.Words(words) : null,
                    _ => null,
                };
                if (node is null)
                {
                    Problem(value, $"{path}:{name}", null, "Not readable here.", name is "actions" or "options" ? "Write a list." : "Write words.");
                    continue;
                }

                members[name] = node;
            }

            return new ItemNode.Map(members);
        }

        private ItemNode.Many Many(YamlSequenceNode list, string path, string[] allowed) =>
            new([.. list.Children.OfType<YamlMappingNode>().Select((m, i) => Map(m, $"{path}:{i}", allowed)).Where(m => m is not null).Select(m => (ItemNode)m!)]);

        private TextTemplate? Template(YamlNode node, string path)
        {
            if (node is not YamlScalarNode scalar)
            {
                Problem(node, path, null, "A text is words.", "Write words, in quotes when they begin with { or contain ': '.");
                return null;
            }

            try
            {
                return TextTemplate.Parse(scalar.Value ?? "");
            }
            catch (FormatException e)
            {
                Problem(node, path, scalar.Value is { Length: > 80 } v ? v[..80] + "…" : scalar.Value, e.Message, "Correct the Liquid text.");
                return null;
            }
        }

        private void Problem(YamlNode node, string path, string? value, string message, string remedy) =>
            problems.Add(new ConfigurationProblem(file, Line(node), (int)node.Start.Column, path, value, message, remedy));

        private static int Line(YamlNode node) => (int)node.Start.Line;
    }
}
