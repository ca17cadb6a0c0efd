using System.Collections.Concurrent;
using System.Reflection;

namespace IntentRouter.Configuration;

/// <summary>One key of an options class, as the binder, the schema and the guide see it.</summary>
internal sealed class OptionKey
{
    private static readonly ConcurrentDictionary<Type, IReadOnlyList<OptionKey>> _known = new();

    private OptionKey(PropertyInfo property)
    {
        Property = property;
        Name = char.ToLowerInvariant(property.Name[0]) + property.Name[1..];
        IsSecret = property.IsDefined(typeof(SecretAttribute));
    }

    /// <summary>As the file writes it.</summary>
    public string Name { get; }

    public PropertyInfo Property { get; }

    public bool IsSecret { get; }

    public static IReadOnlyList<OptionKey> Of(Type type) => _known.GetOrAdd(type, t =>
        [.. t.GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(p => p.CanWrite && !p.IsDefined(typeof(NotAKeyAttribute)) && !p.IsDefined(typeof(ForeignKeysAttribute)))
            .Select(p => new OptionKey(p))]);

    public static PropertyInfo? ForeignKeysOf(Type type) => type.GetProperties().FirstOrDefault(p => p.IsDefined(typeof(ForeignKeysAttribute)));

    public static PropertyInfo? ShortFormOf(Type type) =>
        type.GetCustomAttribute<ShortFormAttribute>() is { } form ? type.GetProperty(form.Property) : null;

    /// <summary>Whether a type is an options class of ours, as opposed to a value.</summary>
    public static bool IsSection(Type type) => type.IsClass && type.Namespace == typeof(OptionKey).Namespace;
}
