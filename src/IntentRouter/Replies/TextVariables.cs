using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using IntentRouter.Configuration;
using IntentRouter.Conversations;
using IntentRouter.Decisions;
using IntentRouter.Dialogue;

namespace IntentRouter.Replies;

/// <summary>The variables of texts: <c>result</c>, <c>results</c>, <c>slots</c>, <c>contact</c>, <c>conversation</c>, <c>bot</c>, <c>hours</c>.</summary>
internal static class TextVariables
{
    public static TextScope Scope(DecisionInput input, ActiveRoute? route = null, IReadOnlyList<JsonObject>? rows = null, params (string Name, object? Value)[] more)
    {
        var facts = input.State.Facts;
        var zone = SlotFiller.ZoneOf(input.Bot, facts.Contact);
        var hours = input.Bot.Hours;
        var opens = hours?.NextOpening(input.Now);
        var open = hours?.IsOpen(input.Now) ?? true;
        var variables = new Dictionary<string, object?>
        {
            ["slots"] = Slots(input.Bot, route),
            ["contact"] = Contact(facts.Contact),
            ["conversation"] = new Dictionary<string, object?>
            {
                ["language"] = input.Language,
                ["channel"] = facts.Channel,
                ["attributes"] = Attributes(facts.CustomAttributes),
            },
            ["bot"] = new Dictionary<string, object?> { ["name"] = input.Bot.Name, ["language"] = input.Bot.Options.Language },
            ["hours"] = new Dictionary<string, object?> { ["open"] = open, ["next"] = open ? null : opens },
        };
        if (rows is not null)
        {
            var results = rows.Select(r => (object)Of(r)!).ToList();
            variables["results"] = results;
            variables["result"] = results.Count > 0 ? results[0] : new Dictionary<string, object?>();
        }

        foreach (var (name, value) in more)
        {
            variables[name] = value;
        }

        return new TextScope(variables, CultureOf(input.Language), hours is null || !more.Any(m => m.Name == "reason") ? zone : hours.Zone, input.Now);
    }

    /// <summary>A slot that is not filled is empty, not missing: texts may ask for it.</summary>
    private static Dictionary<string, object?> Slots(Bot bot, ActiveRoute? route)
    {
        var slots = new Dictionary<string, object?>();
        if (route is null)
        {
            return slots;
        }

        if (bot.Routes.TryGetValue(route.Route, out var options))
        {
            foreach (var name in options.Slots.Keys)
            {
                slots[name] = null;
            }
        }

        foreach (var (name, value) in route.Slots)
        {
            slots[name] = value.Value;
        }

        return slots;
    }

    private static Dictionary<string, object?> Contact(ContactFacts contact)
    {
        var hash = Attributes(contact.CustomAttributes);
        hash["name"] = contact.Name;
        hash["first_name"] = contact.Name?.Split(' ', StringSplitOptions.RemoveEmptyEntries).FirstOrDefault();
        hash["email"] = contact.Email;
        hash["phone"] = contact.Phone;
        hash["verified"] = contact.Verified;
        return hash;
    }

    private static Dictionary<string, object?> Attributes(IReadOnlyDictionary<string, JsonElement> attributes)
    {
        var hash = new Dictionary<string, object?>();
        foreach (var (name, value) in attributes)
        {
            hash[name] = Of(value);
        }

        return hash;
    }

    // A person's own site fills attributes: a key that is there twice is no reason to say nothing.
    private static object? Of(JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                var map = new Dictionary<string, object?>();
                foreach (var member in value.EnumerateObject())
                {
                    map[member.Name] = Of(member.Value);
                }

                return map;
            case JsonValueKind.Array:
                return value.EnumerateArray().Select(Of).ToList();
            default:
                return Of(JsonValue.Create(value));
        }
    }

    public static object? Of(JsonNode? node) => node switch
    {
        JsonObject map => Map(map),
        JsonArray list => list.Select(Of).ToList(),
        JsonValue value => value.GetValueKind() switch
        {
            JsonValueKind.String => value.ToString(),
            JsonValueKind.True => true,
            JsonValueKind.False => false,
            JsonValueKind.Number => decimal.TryParse(value.ToJsonString(), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : value.ToJsonString(),
            _ => null,
        },
        _ => null,
    };

    private static Dictionary<string, object?> Map(JsonObject map)
    {
        var hash = new Dictionary<string, object?>();
        foreach (var (name, value) in map)
        {
            hash[name] = Of(value);
        }

        return hash;
    }

    private static CultureInfo CultureOf(string language)
    {
        try
        {
            return CultureInfo.GetCultureInfo(language switch { "en" => "en-GB", "de" => "de-DE", "fr" => "fr-FR", "es" => "es-ES", "pt" => "pt-PT", "it" => "it-IT", "nl" => "nl-NL", _ => language });
        }
        catch (CultureNotFoundException)
        {
            return CultureInfo.InvariantCulture;
        }
    }
}
