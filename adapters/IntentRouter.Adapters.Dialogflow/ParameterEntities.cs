using System.Globalization;
using System.Text.Json;

namespace IntentRouter.Adapters.Dialogflow;

/// <summary>Dialogflow's parameters as entities: the unfilled ones (empty text, list or object) dropped, lists one by one.</summary>
internal static class ParameterEntities
{
    public static IReadOnlyList<Entity> Read(
        IReadOnlyDictionary<string, JsonElement>? parameters, Func<string, JsonElement?> original, string text) =>
        [.. (parameters ?? new Dictionary<string, JsonElement>()).SelectMany(p => Read(p.Key, p.Value, original(p.Key), text))];

    private static IEnumerable<Entity> Read(string name, JsonElement value, JsonElement? original, string text)
    {
        if (value.ValueKind != JsonValueKind.Array)
        {
            return Text(value) is { } single ? [Make(name, single, original, text)] : [];
        }

        var originals = original is { ValueKind: JsonValueKind.Array } list ? list.EnumerateArray().Select(o => (JsonElement?)o).ToArray() : [];
        return value.EnumerateArray()
            .Select((element, i) => (Value: Text(element), Original: i < originals.Length ? originals[i] : null))
            .Where(e => e.Value is not null)
            .Select(e => Make(name, e.Value!, e.Original, text));
    }

    private static Entity Make(string name, string value, JsonElement? original, string text) =>
        UtteranceText.Locate(new Entity(name, value) { Text = original is { } o ? Text(o) : null }, text);

    private static string? Text(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString() is { Length: > 0 } text ? text : null,
        JsonValueKind.Number => Number(value),
        JsonValueKind.True => "true",
        JsonValueKind.False => "false",
        JsonValueKind.Object => value.EnumerateObject().Any() ? value.GetRawText() : null,
        JsonValueKind.Array => value.GetArrayLength() > 0 ? value.GetRawText() : null,
        _ => null,
    };

    // Digit by digit: an order number of 16 digits must not become 1E+15, and 4.0 is the 4 that the person wrote.
    private static string Number(JsonElement value) =>
        value.TryGetDecimal(out var exact) ? exact.ToString("0.############################", CultureInfo.InvariantCulture) : value.GetRawText();
}
