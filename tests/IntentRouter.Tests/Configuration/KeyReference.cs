using System.Collections;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using IntentRouter.Configuration;

namespace IntentRouter.Tests.Configuration;

/// <summary>What editors and the guide know about the keys: made from the option classes and their documentation, so that it cannot be out of date.</summary>
internal static partial class KeyReference
{
    private static readonly Dictionary<string, XElement> _documentation = XDocument.Load(Path.Combine(AppContext.BaseDirectory, "intent-router.xml"))
        .Descendants("member").ToDictionary(m => m.Attribute("name")!.Value, m => m);

    /// <summary>JSON schema of the configuration file, draft 7: the one that editors read best.</summary>
    public static JsonObject Schema()
    {
        var definitions = new JsonObject();
        var root = SectionOf(typeof(RouterOptions), definitions);
        root["$schema"] = "http://json-schema.org/draft-07/schema#";
        root["title"] = "IntentRouter configuration";
        root["definitions"] = definitions;
        return root;
    }

    /// <summary>The guide's reference: a table per section.</summary>
    public static string Guide()
    {
        var text = new System.Text.StringBuilder();
        var anchors = Places();
        var seen = new HashSet<Type>();
        void Section(string path, Type type)
        {
            if (!seen.Add(type))
            {
                return;
            }

            text.AppendLine(CultureInfo.InvariantCulture, $"### `{(path.Length == 0 ? "(top)" : path)}`").AppendLine();
            if (Words($"T:{type.FullName}") is { Length: > 0 } words && path.Length > 0)
            {
                text.AppendLine(words).AppendLine();
            }

            text.AppendLine("| key | value | default | meaning |").AppendLine("|---|---|---|---|");
            var instance = Activator.CreateInstance(type)!;
            var below = new List<(string, Type)>();
            foreach (var key in OptionKey.Of(type))
            {
                var name = path.Length == 0 ? key.Name : $"{path}.{key.Name}";
                text.AppendLine(CultureInfo.InvariantCulture, $"| `{key.Name}` | {Escaped(Kind(key.Property, anchors))} | {Escaped(Default(key.Property.GetValue(instance)))} | {Escaped(Words(key.Property))}{(key.Property.IsDefined(typeof(RestartAttribute)) ? " *Restart.*" : "")} |");
                if (Below(key.Property.PropertyType) is { } next)
                {
                    below.Add((key.Property.PropertyType.IsGenericType ? $"{name}.<name>" : name, next));
                }
            }

            text.AppendLine();
            below.ForEach(b => Section(b.Item1, b.Item2));
        }

        Section("", typeof(RouterOptions));
        return text.ToString().TrimEnd();
    }

    /// <summary>Where each section is described: the first place that it is used at.</summary>
    private static Dictionary<Type, string> Places()
    {
        var places = new Dictionary<Type, string>();
        void Visit(string path, Type type)
        {
            if (!places.TryAdd(type, path))
            {
                return;
            }

            var below = OptionKey.Of(type).Select(k => (Key: k, Type: Below(k.Property.PropertyType), Path: path.Length == 0 ? k.Name : $"{path}.{k.Name}")).Where(b => b.Type is not null).ToList();
            below.ForEach(b => Visit(b.Key.Property.PropertyType.IsGenericType ? $"{b.Path}.<name>" : b.Path, b.Type!));
        }

        Visit("", typeof(RouterOptions));
        return places;
    }

    public static IEnumerable<string> KeysWithoutWords() =>
        Sections(typeof(RouterOptions), []).SelectMany(t => OptionKey.Of(t).Where(k => Words(k.Property).Length == 0).Select(k => $"{t.Name}.{k.Name}"));

    private static IEnumerable<Type> Sections(Type type, HashSet<Type> seen) =>
        seen.Add(type) ? OptionKey.Of(type).Select(k => Below(k.Property.PropertyType)).OfType<Type>().SelectMany(t => Sections(t, seen)).Prepend(type) : [];

    private static Type? Below(Type type) =>
        OptionKey.IsSection(type) ? type
        : type.IsGenericType && type.GetGenericArguments()[^1] is var last && OptionKey.IsSection(last) ? last
        : null;

    private static JsonObject SectionOf(Type type, JsonObject definitions)
    {
        var instance = Activator.CreateInstance(type)!;
        var properties = new JsonObject();
        foreach (var key in OptionKey.Of(type))
        {
            var schema = SchemaOf(key.Property.PropertyType, key.Property, definitions);
            // "key:" with nothing behind it is a key left out.
            schema = OrNothing(schema);
            schema["description"] = MarkdownLink().Replace(Words(key.Property), "$1");
            if (Literal(key.Property.GetValue(instance)) is { } value && !key.IsSecret)
            {
                schema["default"] = value;
            }

            properties[key.Name] = schema;
        }

        return new JsonObject
        {
            ["type"] = "object",
            ["properties"] = properties,
            ["additionalProperties"] = OptionKey.ForeignKeysOf(type) is not null,
        };
    }

    private static JsonObject SchemaOf(Type type, PropertyInfo property, JsonObject definitions)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(Dictionary<,>))
        {
            var value = SchemaOf(type.GetGenericArguments()[1], property, definitions);
            value = value.ContainsKey("$ref") ? OrNothing(value) : value;
            return property.IsDefined(typeof(PlainNamesAttribute))
                ? new JsonObject { ["type"] = "object", ["patternProperties"] = new JsonObject { ["^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"] = value }, ["additionalProperties"] = false }
                : new JsonObject { ["type"] = "object", ["additionalProperties"] = value };
        }

        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(List<>))
        {
            var item = SchemaOf(type.GetGenericArguments()[0], property, definitions);
            return new JsonObject { ["anyOf"] = new JsonArray(new JsonObject { ["type"] = "array", ["items"] = item.DeepClone() }, item) };
        }

        if (!OptionKey.IsSection(type))
        {
            return ScalarOf(type, property);
        }

        var name = type.Name.Replace("Options", "", StringComparison.Ordinal);
        if (!definitions.ContainsKey(name))
        {
            definitions[name] = new JsonObject();
            var section = SectionOf(type, definitions);
            definitions[name] = OptionKey.ShortFormOf(type) is { } shortForm
                ? new JsonObject { ["anyOf"] = new JsonArray(SchemaOf(shortForm.PropertyType, shortForm, definitions), section) }
                : section;
        }

        return new JsonObject { ["$ref"] = $"#/definitions/{name}" };
    }

    private static JsonObject OrNothing(JsonObject schema)
    {
        var nothing = new JsonObject { ["type"] = "null" };
        if (schema.ContainsKey("$ref"))
        {
            // Draft 7 ignores what stands beside a reference.
            return new JsonObject { ["anyOf"] = new JsonArray(schema, nothing) };
        }

        if (schema["anyOf"] is JsonArray any)
        {
            any.Add(nothing);
        }
        else if (schema["enum"] is JsonArray words)
        {
            words.Add(null);
        }
        else
        {
            schema["type"] = schema["type"] is JsonArray types ? new JsonArray([.. types.Select(t => t!.DeepClone()), "null"]) : new JsonArray(schema["type"]!.DeepClone(), "null");
        }

        return schema;
    }

    private static JsonObject ScalarOf(Type type, PropertyInfo property)
    {
        if (property.GetCustomAttribute<OneOfAttribute>() is { } oneOf)
        {
            return new JsonObject { ["enum"] = new JsonArray([.. oneOf.Words.Select(w => JsonValue.Create(w))]) };
        }

        if (type.IsEnum)
        {
            return new JsonObject { ["enum"] = new JsonArray([.. Enum.GetNames(type).Select(n => JsonValue.Create(Camel(n)))]) };
        }

        if (type == typeof(JsonNode))
        {
            return new JsonObject { ["type"] = new JsonArray("object", "array") };
        }

        var schema = type == typeof(TimeSpan) ? new JsonObject { ["type"] = new JsonArray("string", "integer"), ["pattern"] = Duration.Pattern, ["minimum"] = 0, ["maximum"] = 0 }
            : type == typeof(DateOnly) ? new JsonObject { ["type"] = "string", ["format"] = "date" }
            : type == typeof(bool) ? new JsonObject { ["type"] = "boolean" }
            : type == typeof(int) || type == typeof(long) ? new JsonObject { ["type"] = "integer" }
            : type == typeof(double) || type == typeof(decimal) ? new JsonObject { ["type"] = "number" }
            : new JsonObject { ["type"] = new JsonArray("string", "number", "boolean") };
        if (type == typeof(string) && property.PropertyType == typeof(string) && new NullabilityInfoContext().Create(property).WriteState == NullabilityState.NotNull)
        {
            schema["minLength"] = 1;
        }

        if (property.GetCustomAttribute<RangeAttribute>() is { } range)
        {
            schema["minimum"] = Convert.ToDecimal(range.Minimum, CultureInfo.InvariantCulture);
            schema["maximum"] = Convert.ToDecimal(range.Maximum, CultureInfo.InvariantCulture);
        }

        return schema;
    }

    private static string Kind(PropertyInfo property, Dictionary<Type, string> places)
    {
        var type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
        var isList = type.IsGenericType && type.GetGenericTypeDefinition() == typeof(List<>);
        var isMap = type.IsGenericType && !isList;
        var inner = isList || isMap ? type.GetGenericArguments()[^1] : type;
        inner = Nullable.GetUnderlyingType(inner) ?? inner;
        var kind = property.GetCustomAttribute<OneOfAttribute>() is { } oneOf ? string.Join(" | ", oneOf.Words.Select(w => $"`{w}`"))
            : inner.IsEnum ? string.Join(" | ", Enum.GetNames(inner).Select(n => $"`{Camel(n)}`"))
            : property.GetCustomAttribute<BetweenAttribute>() is { } between ? $"duration, {Duration.Format(between.Least)} to {Duration.Format(between.Greatest)}"
            : property.GetCustomAttribute<RangeAttribute>() is { Maximum: int.MaxValue } least ? string.Create(CultureInfo.InvariantCulture, $"number, {least.Minimum} or more")
            : property.GetCustomAttribute<RangeAttribute>() is { } range ? string.Create(CultureInfo.InvariantCulture, $"number, {range.Minimum} to {range.Maximum}")
            : property.IsDefined(typeof(FilePathAttribute)) ? "path"
            : inner == typeof(string) ? "text"
            : inner == typeof(bool) ? "`true` or `false`"
            : inner == typeof(DateOnly) ? "date"
            : inner == typeof(JsonNode) ? "map"
            : OptionKey.IsSection(inner) ? $"{(OptionKey.ShortFormOf(inner) is null ? "" : "text, or ")}[map](#{new string([.. places[inner].Where(c => char.IsLetterOrDigit(c) || c is '-' or '_')]).ToLowerInvariant()})"
            : inner.IsGenericType ? "list"
            : "number";
        return isList ? $"list of {kind}" : isMap ? $"map of name to {kind}" : kind;
    }

    private static string Default(object? value) => Literal(value) is { } literal ? $"`{literal.ToString()}`" : "";

    private static JsonNode? Literal(object? value) => value switch
    {
        string { Length: > 0 } text => JsonValue.Create(text),
        bool truth => JsonValue.Create(truth),
        int number => JsonValue.Create(number),
        long number => JsonValue.Create(number),
        double number => JsonValue.Create(number),
        TimeSpan time => JsonValue.Create(Duration.Format(time)),
        Enum word => JsonValue.Create(Camel(word.ToString())),
        IEnumerable or null => null,
        _ => null,
    };

    private static string Camel(string name) => char.ToLowerInvariant(name[0]) + name[1..];

    private static string Words(PropertyInfo property) => Words($"P:{property.DeclaringType!.FullName}.{property.Name}");

    private static string Words(string member)
    {
        if (!_documentation.TryGetValue(member, out var documentation) || documentation.Element("summary") is not { } summary)
        {
            return "";
        }

        var text = string.Concat(summary.Nodes().Select(n => n switch
        {
            XElement { Name.LocalName: "c" } code => $"`{code.Value}`",
            XElement { Name.LocalName: "see" } see => $"`{Camel(see.Attribute("cref")!.Value.Split('.')[^1])}`",
            _ => ((XText)n).Value,
        }));
        return Spaces().Replace(text, " ").Trim();
    }

    private static string Escaped(string cell) => cell.Replace("|", "\\|", StringComparison.Ordinal);

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();

    [GeneratedRegex(@"\[([^\]]+)\]\([^)]+\)")]
    private static partial Regex MarkdownLink();
}
