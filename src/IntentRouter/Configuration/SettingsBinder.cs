using System.Collections;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace IntentRouter.Configuration;

/// <summary>
/// Turns settings into options and reports everything that does not fit: the stock binder stops at the first problem, does not know where it was
/// written, and takes an unknown key in silence or not at all.
/// </summary>
internal sealed partial class SettingsBinder(ProblemReport report)
{
    private readonly NullabilityInfoContext _nullability = new();

    public T Bind<T>(SettingsNode root)
        where T : class, new()
    {
        var options = new T();
        Fill(options, root, "");
        return options;
    }

    private void Fill(object options, SettingsNode map, string path)
    {
        var keys = OptionKey.Of(options.GetType());
        var foreign = OptionKey.ForeignKeysOf(options.GetType());
        var foreignKeys = SettingsNode.Map(map.Mark);
        foreach (var entry in map.Entries)
        {
            var key = keys.FirstOrDefault(k => string.Equals(k.Name, entry.Key, StringComparison.OrdinalIgnoreCase));
            if (key is not null)
            {
                SetKey(options, key, entry.Node, Join(path, entry.Key));
            }
            else if (foreign is not null)
            {
                foreignKeys.Set(entry);
            }
            else
            {
                report.KeyError(Join(path, entry.Key), $"'{entry.Key}' is not a key {(path.Length == 0 ? "at the top of the file" : $"of {path}")}.", NearestWord.Advice(entry.Key, keys.Select(k => k.Name)));
            }
        }

        foreign?.SetValue(options, Section(foreignKeys));
    }

    private static IConfiguration Section(SettingsNode node) => new ConfigurationBuilder().AddInMemoryCollection(node.Flatten()).Build();

    private void SetKey(object options, OptionKey key, SettingsNode node, string path)
    {
        if (key.IsSecret)
        {
            report.MarkSecret(path);
            foreach (var entry in node.Entries)
            {
                report.MarkSecret(Join(path, entry.Key));
            }
        }

        // "key:" with nothing behind it is a key left out, so its default stands.
        if (node.IsNothing)
        {
            return;
        }

        if (Read(node, key.Property.PropertyType, path, key.Property, key.Property.GetValue(options)) is { } value)
        {
            key.Property.SetValue(options, value);
        }
    }

    // Null means that a problem was reported.
    private object? Read(SettingsNode node, Type type, string path, PropertyInfo? property, object? current)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (type == typeof(JsonNode))
        {
            return ReadTree(node, path);
        }

        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(Dictionary<,>))
        {
            return ReadMap(node, type, path, property);
        }

        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(List<>))
        {
            return ReadList(node, type, path, property);
        }

        if (OptionKey.IsSection(type))
        {
            return ReadSection(node, type, path, current);
        }

        if (node.Value is not { } text)
        {
            report.Error(path, "A single value is expected here.", $"Write {Example(type, property)}.");
            return null;
        }

        return ReadScalar(text.Trim(), text, type, path, property, node);
    }

    private object? ReadSection(SettingsNode node, Type type, string path, object? current)
    {
        var section = current ?? Activator.CreateInstance(type)!;
        if (node.IsMap || node.IsNothing)
        {
            Fill(section, node.IsMap ? node : SettingsNode.Map(node.Mark), path);
            return section;
        }

        if (OptionKey.ShortFormOf(type) is { } shortForm)
        {
            if (Read(node, shortForm.PropertyType, path, shortForm, null) is { } value)
            {
                shortForm.SetValue(section, value);
            }

            return section;
        }

        report.Error(path, "A map of keys is expected here.", $"Known keys: {string.Join(", ", OptionKey.Of(type).Select(k => k.Name))}.");
        return null;
    }

    private IDictionary? ReadMap(SettingsNode node, Type type, string path, PropertyInfo? property)
    {
        if (!node.IsMap)
        {
            report.Error(path, "A map of names is expected here.", "Write one name per line, each followed by a colon.");
            return null;
        }

        var valueType = type.GetGenericArguments()[1];
        var plainNames = property?.IsDefined(typeof(PlainNamesAttribute)) == true;
        // Names are compared as keys are, also by those who look them up.
        var map = (IDictionary)Activator.CreateInstance(type, StringComparer.OrdinalIgnoreCase)!;
        foreach (var entry in node.Entries)
        {
            var entryPath = Join(path, entry.Key);
            if (plainNames && !PlainName().IsMatch(entry.Key))
            {
                report.KeyError(entryPath, $"'{entry.Key}' cannot be a name here.", "Use letters, digits, hyphen, underscore and dot, at most 64, beginning with a letter or digit.");
            }

            var value = entry.Node.IsNothing && OptionKey.IsSection(valueType)
                ? Activator.CreateInstance(valueType)
                : Read(entry.Node, valueType, entryPath, property, null);
            if (value is not null)
            {
                map[entry.Key] = value;
            }
        }

        return map;
    }

    private IList? ReadList(SettingsNode node, Type type, string path, PropertyInfo? property)
    {
        var itemType = type.GetGenericArguments()[0];
        var list = (IList)Activator.CreateInstance(type)!;
        var items = node switch
        {
            { IsList: true } => node.Items,
            // The environment and secrets have no lists: Accounts__0=3, or Accounts=3,4.
            { IsMap: true } when IsOutsideFiles(node) && Indexes(node) is { } indexed => indexed,
            { IsMap: false, Value: { } text } when node.Mark.Source.IsEnvironment =>
                [.. text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(t => SettingsNode.Scalar(node.Mark, t, false))],
            { IsMap: false } => [node],
            _ => null,
        };
        if (items is null)
        {
            report.Error(path, "A list is expected here.", "Write [a, b], or one '- item' per line.");
            return null;
        }

        for (var i = 0; i < items.Count; i++)
        {
            var itemPath = ReferenceEquals(items[i], node) ? path : Join(path, i.ToString(CultureInfo.InvariantCulture));
            if (Read(items[i], itemType, itemPath, property, null) is { } value)
            {
                list.Add(value);
            }
        }

        return list;
    }

    private static bool IsOutsideFiles(SettingsNode node) => node.Mark.Source is { IsEnvironment: true } or { IsSecret: true };

    private static List<SettingsNode>? Indexes(SettingsNode map)
    {
        var indexed = map.Entries.Select(e => (Good: int.TryParse(e.Key, NumberStyles.None, CultureInfo.InvariantCulture, out var i), Index: i, e.Node)).ToList();
        return indexed.TrueForAll(e => e.Good) ? [.. indexed.OrderBy(e => e.Index).Select(e => e.Node)] : null;
    }

    private object? ReadScalar(string text, string raw, Type type, string path, PropertyInfo? property, SettingsNode node)
    {
        object? value;
        if (type == typeof(string))
        {
            value = ReadText(raw, path, property, node);
        }
        else if (type == typeof(bool))
        {
            value = text.ToUpperInvariant() switch
            {
                "TRUE" or "YES" or "ON" => true,
                "FALSE" or "NO" or "OFF" => false,
                _ => null,
            };
        }
        else if (type == typeof(TimeSpan))
        {
            value = Duration.TryParse(text, out var duration) ? duration : null;
        }
        else if (type == typeof(DateOnly))
        {
            value = DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date) ? date : null;
        }
        else if (type.IsEnum)
        {
            value = Array.Find(Enum.GetNames(type), n => string.Equals(n, text.Replace("-", "", StringComparison.Ordinal), StringComparison.OrdinalIgnoreCase)) is { } name
                ? Enum.Parse(type, name)
                : null;
        }
        else
        {
            value = ReadNumber(text, type);
        }

        if (value is null)
        {
            report.Error(path, $"This is not {Kind(type, property)}.", Remedy(text, type, property));
            return null;
        }

        return InRange(value, path, property) ? value : null;
    }

    private string? ReadText(string text, string path, PropertyInfo? property, SettingsNode node)
    {
        if (property?.GetCustomAttribute<OneOfAttribute>() is { } oneOf)
        {
            return oneOf.Words.FirstOrDefault(w => string.Equals(w, text.Trim(), StringComparison.OrdinalIgnoreCase));
        }

        if (property?.IsDefined(typeof(FilePathAttribute)) == true && node.Mark.Source.Directory is { } directory && text.Length > 0)
        {
            return Path.GetFullPath(text, directory);
        }

        if (text.Length == 0 && property is not null && _nullability.Create(property).WriteState == NullabilityState.NotNull && property.PropertyType == typeof(string))
        {
            report.Error(path, "The value is empty.", "Give a value, or leave the key out for its default.");
        }

        return text;
    }

    private static object? ReadNumber(string text, Type type)
    {
        // JSON writes a thousand as 1000, 1000.0 or 1e3.
        const NumberStyles Number = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;
        var culture = CultureInfo.InvariantCulture;
        return type == typeof(int) ? int.TryParse(text, Number, culture, out var i) ? i : null
            : type == typeof(long) ? long.TryParse(text, Number, culture, out var l) ? l : null
            : type == typeof(double) ? double.TryParse(text, Number, culture, out var d) && double.IsFinite(d) ? d : null
            : type == typeof(decimal) ? decimal.TryParse(text, Number, culture, out var m) ? m : null
            : throw new NotSupportedException($"No reader for {type}.");
    }

    private bool InRange(object value, string path, PropertyInfo? property)
    {
        if (property?.GetCustomAttribute<RangeAttribute>() is { } range && value is int or long or double or decimal
            && (Convert.ToDouble(value, CultureInfo.InvariantCulture) is var number)
            && (number < Convert.ToDouble(range.Minimum, CultureInfo.InvariantCulture) || number > Convert.ToDouble(range.Maximum, CultureInfo.InvariantCulture)))
        {
            report.Error(path, "The number is out of range.", string.Create(CultureInfo.InvariantCulture, $"Write a number from {range.Minimum} to {range.Maximum}."));
            return false;
        }

        if (property?.GetCustomAttribute<BetweenAttribute>() is { } between && value is TimeSpan duration && (duration < between.Least || duration > between.Greatest))
        {
            report.Error(path, "The duration is out of range.", $"Write a duration from {Duration.Format(between.Least)} to {Duration.Format(between.Greatest)}.");
            return false;
        }

        return true;
    }

    private JsonNode? ReadTree(SettingsNode node, string path)
    {
        if (node.IsMap || node.IsList)
        {
            return node.ToJson();
        }

        report.Error(path, "A map or list is expected here.", "Write the fields of the JSON body, each with its value or template.");
        return null;
    }

    private static string Kind(Type type, PropertyInfo? property) =>
        property?.IsDefined(typeof(OneOfAttribute)) == true || type.IsEnum ? "one of the words known here"
        : type == typeof(bool) ? "true or false"
        : type == typeof(TimeSpan) ? "a duration"
        : type == typeof(DateOnly) ? "a date"
        : type == typeof(int) || type == typeof(long) ? "a whole number"
        : type == typeof(string) ? "a text"
        : "a number";

    private static string Remedy(string text, Type type, PropertyInfo? property) =>
        property?.GetCustomAttribute<OneOfAttribute>() is { } oneOf ? NearestWord.Advice(text, oneOf.Words)
        : type.IsEnum ? NearestWord.Advice(text, Enum.GetNames(type))
        : $"Write {Example(type, property)}.";

    private static string Example(Type type, PropertyInfo? property) =>
        property?.GetCustomAttribute<OneOfAttribute>() is { } oneOf ? $"one of {string.Join(", ", oneOf.Words)}"
        : type.IsEnum ? $"one of {string.Join(", ", Enum.GetNames(type))}"
        : type == typeof(bool) ? "true or false"
        : type == typeof(TimeSpan) ? "a number with its unit, such as 800ms, 20s, 30m, 2h or 7d"
        : type == typeof(DateOnly) ? "a date such as 2026-12-25"
        : type == typeof(int) || type == typeof(long) ? "a whole number such as 3"
        : type == typeof(string) ? "a text"
        : "a number such as 0.7";

    private static string Join(string path, string key) => path.Length == 0 ? key : $"{path}:{key}";

    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
    private static partial Regex PlainName();
}
