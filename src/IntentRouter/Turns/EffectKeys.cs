using System.Globalization;

namespace IntentRouter.Turns;

/// <summary>Names of effects: deterministic, so that a repeated turn names them alike.</summary>
internal static class EffectKeys
{
    public static string Of(string turnKey, int ordinal) => string.Create(CultureInfo.InvariantCulture, $"{turnKey}#{ordinal}");
}
