using System.Globalization;

namespace IntentRouter.Configuration;

/// <summary>Shown as <c>***</c>, and warned about in a world-readable file. On a map: all its values.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class SecretAttribute : Attribute;

/// <summary>The words a text may be.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class OneOfAttribute(params string[] words) : Attribute
{
    public IReadOnlyList<string> Words { get; } = words;
}

/// <summary>Least and greatest duration, written as in the file.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class BetweenAttribute(string least, string greatest) : Attribute
{
    public TimeSpan Least { get; } = Read(least);

    public TimeSpan Greatest { get; } = Read(greatest);

    private static TimeSpan Read(string text) =>
        Duration.TryParse(text, out var value) ? value : throw new FormatException(string.Create(CultureInfo.InvariantCulture, $"'{text}' is not a duration."));
}

/// <summary>A scalar or a list in place of the map stands for this property.</summary>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class ShortFormAttribute(string property) : Attribute
{
    public string Property { get; } = property;
}

/// <summary>A path, made absolute: relative ones refer to the directory of the file that names them.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class FilePathAttribute : Attribute;

/// <summary>Taken from the map's own name or from the reader, never written by people.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class NotAKeyAttribute : Attribute;

/// <summary>Keys that the class does not know belong to somebody else, and are kept here as <see cref="Microsoft.Extensions.Configuration.IConfiguration"/>.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class ForeignKeysAttribute : Attribute;

/// <summary>Read once at start: a change while running is reported and needs a restart.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class RestartAttribute : Attribute;

/// <summary>Names in the map become part of addresses and paths: letters, digits, hyphen, underscore and dot.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class PlainNamesAttribute : Attribute;
