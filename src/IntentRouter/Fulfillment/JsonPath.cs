using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace IntentRouter.Fulfillment;

/// <summary>The part of JSONPath that answers need: <c>$.data.items[0]</c>, <c>$['odd name']</c>, <c>$.orders[*].lines[*]</c>, <c>[-1]</c>. Immutable.</summary>
internal sealed partial class JsonPath
{
    private readonly List<Step> _steps;

    private JsonPath(List<Step> steps) => _steps = steps;

    /// <exception cref="FormatException">Not a path of this kind.</exception>
    public static JsonPath Parse(string text)
    {
        var steps = new List<Step>();
        var at = text.StartsWith('$') ? 1 : throw new FormatException("A path begins with '$'.");
        while (at < text.Length)
        {
            var match = StepPattern().Match(text, at);
            if (!match.Success || match.Index != at)
            {
                throw new FormatException($"'{text[at..]}' cannot be read; write .name, ['name'], [0] or [*].");
            }

            steps.Add(match.Groups["name"].Success ? new Step(match.Groups["name"].Value, null)
                : match.Groups["quoted"].Success ? new Step(match.Groups["quoted"].Value, null)
                : match.Groups["index"].Success ? new Step(null, int.Parse(match.Groups["index"].ValueSpan, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture))
                : new Step(null, null));
            at += match.Length;
        }

        return new JsonPath(steps);
    }

    /// <summary>What the path leads to, in document order; a path that leads nowhere gives nothing.</summary>
    public IReadOnlyList<JsonNode> Select(JsonNode? root)
    {
        IEnumerable<JsonNode?> nodes = [root];
        foreach (var step in _steps)
        {
            nodes = nodes.SelectMany(n => step.From(n));
        }

        return [.. nodes.OfType<JsonNode>()];
    }

    private sealed record Step(string? Name, int? Index)
    {
        public IEnumerable<JsonNode?> From(JsonNode? node) => (Name, Index, node) switch
        {
            ({ } name, _, JsonObject map) => map.TryGetPropertyValue(name, out var value) ? [value] : [],
            (null, { } index, JsonArray list) => index + (index < 0 ? list.Count : 0) is var at && at >= 0 && at < list.Count ? [list[at]] : [],
            (null, null, JsonArray list) => list,
            (null, null, JsonObject map) => map.Select(m => m.Value),
            _ => [],
        };
    }

    [GeneratedRegex(@"\.(?<name>[\p{L}_][\p{L}\p{Nd}_-]*)|\['(?<quoted>[^']+)'\]|\[""(?<quoted>[^""]+)""\]|\[(?<index>-?\d{1,6})\]|(\[\*\]|\.\*)")]
    private static partial Regex StepPattern();
}
