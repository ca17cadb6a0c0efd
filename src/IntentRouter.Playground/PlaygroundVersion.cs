using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace IntentRouter.Playground;

/// <summary>A release of the chat platform; what a bot may notice of it is in <see cref="PlaygroundBehaviour"/>.</summary>
public readonly record struct PlaygroundVersion(int Major, int Minor, int Patch) : IComparable<PlaygroundVersion>
{
    /// <summary>4.2.0, what OneHash Chat's public source reports.</summary>
    public static PlaygroundVersion OneHash { get; } = new(4, 2, 0);

    /// <summary>4.16.2: signed, retried deliveries, reading and labelling by bots.</summary>
    public static PlaygroundVersion Recent { get; } = new(4, 16, 2);

    /// <summary>Reads <c>4.2</c> or <c>4.16.2</c>.</summary>
    public static PlaygroundVersion Parse(string text) =>
        TryParse(text, out var version)
            ? version
            : throw new FormatException($"'{text}' is not a chat version; write it like 4.2.0 or 4.16.2.");

    public static bool TryParse([NotNullWhen(true)] string? text, out PlaygroundVersion version)
    {
        version = default;
        var parts = text?.Split('.') ?? [];
        if (parts.Length is < 2 or > 3)
        {
            return false;
        }

        Span<int> numbers = stackalloc int[3];
        for (var i = 0; i < parts.Length; i++)
        {
            if (!int.TryParse(parts[i], NumberStyles.None, CultureInfo.InvariantCulture, out numbers[i]))
            {
                return false;
            }
        }

        version = new PlaygroundVersion(numbers[0], numbers[1], numbers[2]);
        return true;
    }

    public bool AtLeast(int major, int minor, int patch = 0) => CompareTo(new PlaygroundVersion(major, minor, patch)) >= 0;

    public int CompareTo(PlaygroundVersion other) => (Major, Minor, Patch).CompareTo((other.Major, other.Minor, other.Patch));

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Major}.{Minor}.{Patch}");

    public static bool operator <(PlaygroundVersion left, PlaygroundVersion right) => left.CompareTo(right) < 0;

    public static bool operator >(PlaygroundVersion left, PlaygroundVersion right) => left.CompareTo(right) > 0;

    public static bool operator <=(PlaygroundVersion left, PlaygroundVersion right) => left.CompareTo(right) <= 0;

    public static bool operator >=(PlaygroundVersion left, PlaygroundVersion right) => left.CompareTo(right) >= 0;
}

/// <summary>Whose build of the platform is simulated.</summary>
public enum PlaygroundFlavor
{
    /// <summary>OneHash Chat: orders and bookings of a contact, its own content types, whole <c>content_attributes</c> stored.</summary>
    OneHash,

    /// <summary>Upstream Chatwoot.</summary>
    Chatwoot,
}
