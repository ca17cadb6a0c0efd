using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace IntentRouter.Configuration;

/// <summary>Where a setting was written. <paramref name="Name"/> is the variable's name for the environment.</summary>
/// <param name="Directory">What a relative path in the value refers to; null where the source has no directory of its own.</param>
/// <param name="IsSecret">Whether nothing that stands there may be shown, whichever setting it is.</param>
internal sealed record SettingsSource(string File, string? Directory, string? Name = null, bool IsSecret = false)
{
    public const string EnvironmentName = "environment";

    public bool IsEnvironment => Name is not null;

    /// <summary>The environment variable, or the secret's file, that sets a path; a shell's variables have no hyphens.</summary>
    public static string VariableOf(string path) => path.Replace(":", "__", StringComparison.Ordinal).Replace('-', '_');
}

/// <summary>A position in a source, 1-based; 0 where the source has no lines.</summary>
internal readonly record struct SettingsMark(SettingsSource Source, int Line, int Column);

/// <summary>One node of what the sources say, with the place where it was written: a scalar, a map, a list, or nothing.</summary>
internal sealed partial class SettingsNode
{
    private readonly Dictionary<string, SettingsEntry>? _map;
    private readonly List<SettingsNode>? _items;

    private SettingsNode(SettingsMark mark, string? value, bool quoted, Dictionary<string, SettingsEntry>? map, List<SettingsNode>? items)
    {
        Mark = mark;
        Value = value;
        Quoted = quoted;
        _map = map;
        _items = items;
    }

    public SettingsMark Mark { get; }

    /// <summary>The scalar as written, or null.</summary>
    public string? Value { get; }

    /// <summary>Whether the scalar was quoted: <c>"4"</c> is text, <c>4</c> a number.</summary>
    public bool Quoted { get; }

    public bool IsMap => _map is not null;

    public bool IsList => _items is not null;

    public bool IsNothing => _map is null && _items is null && Value is null;

    /// <summary>Entries in the order written.</summary>
    public IEnumerable<SettingsEntry> Entries => _map?.Values ?? Enumerable.Empty<SettingsEntry>();

    public IReadOnlyList<SettingsNode> Items => _items ?? [];

    public static SettingsNode Nothing(SettingsMark mark) => new(mark, null, false, null, null);

    public static SettingsNode Scalar(SettingsMark mark, string value, bool quoted) => new(mark, value, quoted, null, null);

    public static SettingsNode Map(SettingsMark mark) => new(mark, null, false, new(StringComparer.OrdinalIgnoreCase), null);

    public static SettingsNode List(SettingsMark mark) => new(mark, null, false, null, []);

    public SettingsEntry? Find(string key) => _map is not null && _map.TryGetValue(key, out var entry) ? entry : null;

    public void Set(SettingsEntry entry) => _map![entry.Key] = entry;

    public void Add(SettingsNode item) => _items!.Add(item);

    /// <summary>The node at a colon-separated path, or its nearest ancestor that exists, with the path of what was found and the key's mark.</summary>
    public (SettingsNode Node, string Path, SettingsMark KeyMark, bool Exact) Nearest(string path)
    {
        var node = this;
        var found = "";
        var mark = Mark;
        foreach (var segment in path.Split(':', StringSplitOptions.RemoveEmptyEntries))
        {
            if (node.Find(segment) is { } entry)
            {
                (node, mark) = (entry.Node, entry.KeyMark);
                found = found.Length == 0 ? entry.Key : $"{found}:{entry.Key}";
            }
            else if (node.IsList && int.TryParse(segment, NumberStyles.None, CultureInfo.InvariantCulture, out var index) && index < node.Items.Count)
            {
                node = node.Items[index];
                mark = node.Mark;
                found = $"{found}:{segment}";
            }
            else
            {
                return (node, found, mark, false);
            }
        }

        return (node, found, mark, true);
    }

    /// <summary>The tree as JSON: quoted scalars and words stay text, plain numbers and truth values do not.</summary>
    public JsonNode? ToJson() => this switch
    {
        { IsMap: true } => new JsonObject(Entries.Select(e => KeyValuePair.Create(e.Key, e.Node.ToJson()))),
        { IsList: true } => new JsonArray([.. Items.Select(i => i.ToJson())]),
        { Value: null } => null,
        { Quoted: true } => JsonValue.Create(Value),
        { Value: "true" } => JsonValue.Create(true),
        { Value: "false" } => JsonValue.Create(false),
        _ when JsonNumber().IsMatch(Value) => JsonNode.Parse(Value),
        _ => JsonValue.Create(Value),
    };

    /// <summary>Every scalar below, by colon-separated path: the form that <see cref="Microsoft.Extensions.Configuration.IConfiguration"/> knows.</summary>
    public IEnumerable<KeyValuePair<string, string?>> Flatten(string prefix = "")
    {
        if (Value is not null)
        {
            yield return new(prefix, Value);
        }

        var children = IsMap ? Entries.Select(e => (e.Key, e.Node)) : Items.Select((n, i) => (Key: i.ToString(CultureInfo.InvariantCulture), Node: n));
        foreach (var (key, child) in children)
        {
            foreach (var pair in child.Flatten(prefix.Length == 0 ? key : $"{prefix}:{key}"))
            {
                yield return pair;
            }
        }
    }

    [GeneratedRegex(@"^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$", RegexOptions.ECMAScript)]
    private static partial Regex JsonNumber();
}

internal sealed record SettingsEntry(string Key, SettingsMark KeyMark, SettingsNode Node);
