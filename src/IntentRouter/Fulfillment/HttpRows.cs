using System.Text.Json;
using System.Text.Json.Nodes;

namespace IntentRouter.Fulfillment;

/// <summary>Turns an answer's JSON into rows.</summary>
internal static class HttpRows
{
    /// <summary>What others wrote: an object with the same name twice would throw only when it is looked into.</summary>
    public static JsonDocumentOptions Strict { get; } = new() { AllowDuplicateProperties = false, MaxDepth = 64 };

    /// <summary>Null when it is not JSON, or JSON that different readers would read differently.</summary>
    public static List<JsonObject>? Read(byte[] body, JsonPath? path, int maxRows)
    {
        try
        {
            var root = JsonNode.Parse(body, documentOptions: Strict);
            var selected = path is null ? (root is null ? [] : [root]) : path.Select(root);
            return [.. selected.SelectMany(n => n is JsonArray list ? list : (IEnumerable<JsonNode?>)[n]).OfType<JsonNode>().Take(maxRows).Select(Row)];
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static JsonObject Row(JsonNode node) =>
        JsonNode.Parse((node is JsonObject ? node : new JsonObject { ["value"] = node.DeepClone() }).ToJsonString())!.AsObject();
}
