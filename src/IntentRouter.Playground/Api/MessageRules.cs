using System.Text.Json;

namespace IntentRouter.Playground;

/// <summary>What the platform checks of a message: content types, keys of interactive items, lengths.</summary>
internal static class MessageRules
{
    public const int MaximumLength = 150_000;
    public const int MaximumAttachments = 15;

    private static readonly HashSet<string> _types = new(StringComparer.Ordinal)
    {
        "text", "input_text", "input_textarea", "input_email", "input_select", "cards", "form", "article", "incoming_email", "input_csat",
        "integrations", "sticker",
    };

    private static readonly HashSet<string> _oneHashTypes = new(StringComparer.Ordinal)
    {
        "cal_event", "cal_event_confirmation", "calling_event", "shopify_order_event", "shopify_product_refer", "shopify_discount_refer",
    };

    private static readonly Dictionary<string, HashSet<string>> _itemKeys = new(StringComparer.Ordinal)
    {
        ["input_select"] = ["title", "value"],
        ["cards"] = ["title", "description", "media_url", "actions"],
        ["form"] = ["type", "placeholder", "label", "name", "options", "default", "required", "pattern", "title", "pattern_error"],
        ["article"] = ["title", "description", "link"],
    };

    private static readonly HashSet<string> _actionKeys = ["text", "type", "payload", "uri"];

    private static readonly HashSet<string> _keptBeforeFullStorage = ["items", "in_reply_to", "automation_rule_id"];

    public static bool IsKnownType(string type, PlaygroundBehaviour behaviour) =>
        _types.Contains(type)
        || (behaviour.IsOneHash ? _oneHashTypes.Contains(type) : type == "voice_call" && behaviour.Version.AtLeast(4, 11));

    /// <summary>The reason to refuse the items of an interactive message; null when they are fine.</summary>
    public static string? ProblemOf(string contentType, JsonElement attributes)
    {
        if (!_itemKeys.TryGetValue(contentType, out var allowed))
        {
            return null;
        }

        if (!attributes.TryGetProperty("items", out var items) || items.ValueKind is JsonValueKind.Null)
        {
            return "undefined method 'blank?' of the missing items";
        }

        return Problem(items, allowed, "items") ?? (contentType == "cards" ? ActionsProblem(items) : null);
    }

    public static JsonElement Stored(JsonElement attributes, PlaygroundBehaviour behaviour) =>
        behaviour.StoresAllContentAttributes ? attributes.Clone() : Json.Without(attributes, name => !_keptBeforeFullStorage.Contains(name));

    private static string? ActionsProblem(JsonElement items)
    {
        foreach (var item in items.EnumerateArray())
        {
            if (!item.TryGetProperty("actions", out var actions))
            {
                return "Validation failed: Content attributes contains items missing actions";
            }

            if (Problem(actions, _actionKeys, "actions") is { } problem)
            {
                return problem;
            }
        }

        return null;
    }

    private static string? Problem(JsonElement list, HashSet<string> allowed, string what)
    {
        if (list.ValueKind != JsonValueKind.Array || list.GetArrayLength() == 0)
        {
            return $"Validation failed: Content attributes {what} can't be blank";
        }

        foreach (var item in list.EnumerateArray())
        {
            if (item.ValueKind != JsonValueKind.Object)
            {
                return $"Validation failed: Content attributes {what} should be a hash.";
            }

            var foreign = item.EnumerateObject().Select(p => p.Name).Where(n => !allowed.Contains(n)).ToArray();
            if (foreign.Length > 0)
            {
                return $"Validation failed: Content attributes contains invalid keys for {what} : [{string.Join(", ", foreign)}]";
            }
        }

        return null;
    }
}
