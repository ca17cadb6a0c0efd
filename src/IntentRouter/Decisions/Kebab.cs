using System.Collections.Concurrent;
using System.Text.RegularExpressions;

namespace IntentRouter.Decisions;

/// <summary>Enum names as they appear outside: <c>LowConfidence</c> → <c>low-confidence</c>.</summary>
internal static partial class Kebab
{
    private static readonly ConcurrentDictionary<Enum, string> _known = new();

    public static string Of(Enum value) =>
#pragma warning disable CA1308 // The outside form is lower case by definition.
        _known.GetOrAdd(value, v => Hump().Replace(v.ToString(), "-$1").ToLowerInvariant());
#pragma warning restore CA1308

    public static bool TryParse<T>(string text, out T value)
        where T : struct, Enum
    {
        foreach (var candidate in Enum.GetValues<T>())
        {
            if (string.Equals(Of(candidate), text, StringComparison.OrdinalIgnoreCase))
            {
                value = candidate;
                return true;
            }
        }

        value = default;
        return false;
    }

    [GeneratedRegex("(?<!^)([A-Z])")]
    private static partial Regex Hump();
}
