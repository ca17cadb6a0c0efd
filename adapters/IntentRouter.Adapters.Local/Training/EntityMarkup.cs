using System.Text;
using System.Text.Json;

namespace IntentRouter.Adapters.Local.Training;

/// <summary>
/// Reads the markup of entities in an example: <c>[text](entity)</c>, <c>[text](entity:value)</c> and <c>[text]{"entity": …, "value": …, "role": …, "group": …}</c>.
/// Square brackets that neither form follows are ordinary text.
/// </summary>
internal static class EntityMarkup
{
    public static (string Text, IReadOnlyList<TrainingEntity> Entities, string? Problem) Read(string marked)
    {
        if (!marked.Contains('[', StringComparison.Ordinal))
        {
            return (marked, [], null);
        }

        var text = new StringBuilder();
        var entities = new List<TrainingEntity>();
        for (var at = 0; at < marked.Length;)
        {
            if (marked[at] == '[' && TryReadOne(marked, at, text.Length, out var entity, out var words, out var end, out var problem))
            {
                if (entity is null)
                {
                    return (marked, [], problem);
                }

                text.Append(words);
                entities.Add(entity);
                at = end;
                continue;
            }

            text.Append(marked[at++]);
        }

        return (text.ToString(), entities, null);
    }

    private static bool TryReadOne(string marked, int open, int start, out TrainingEntity? entity, out string words, out int end, out string? problem)
    {
        entity = null;
        problem = null;
        words = "";
        end = 0;
        var close = marked.IndexOf(']', open);
        if (close < 0 || close + 1 == marked.Length || marked[close + 1] is not ('(' or '{'))
        {
            return false;
        }

        var isJson = marked[close + 1] == '{';
        words = marked[(open + 1)..close];
        var last = marked.IndexOf(isJson ? '}' : ')', close);
        end = last + 1;
        problem = (last, words.Length) switch
        {
            ( < 0, _) => $"The markup after '[{words}]' is not closed.",
            (_, 0) => "An entity's text is empty: '[]'.",
            _ when isJson => ReadJson(marked[(close + 1)..end], words, start, out entity),
            _ => ReadShort(marked[(close + 2)..last], words, start, out entity),
        };
        return true;
    }

    private static string? ReadShort(string inside, string words, int start, out TrainingEntity? entity)
    {
        var colon = inside.IndexOf(':', StringComparison.Ordinal);
        var name = (colon < 0 ? inside : inside[..colon]).Trim();
        var value = colon < 0 ? words : inside[(colon + 1)..].Trim();
        entity = name.Length == 0 ? null : new TrainingEntity(name, value, start, words.Length);
        return entity is null ? $"The entity after '[{words}]' has no name." : null;
    }

    private static string? ReadJson(string json, string words, int start, out TrainingEntity? entity)
    {
        entity = null;
        try
        {
            using var document = JsonDocument.Parse(json);
            var fields = document.RootElement.EnumerateObject().ToDictionary(p => p.Name, p => p.Value.ToString(), StringComparer.Ordinal);
            if (fields.Keys.FirstOrDefault(k => k is not ("entity" or "value" or "role" or "group")) is { } unknown)
            {
                return $"'{unknown}' after '[{words}]' is unknown; the keys are entity, value, role and group.";
            }

            if (!fields.TryGetValue("entity", out var name) || name.Length == 0)
            {
                return $"The entity after '[{words}]' has no name: add \"entity\".";
            }

            entity = new TrainingEntity(name, fields.GetValueOrDefault("value", words), start, words.Length, fields.GetValueOrDefault("role"), fields.GetValueOrDefault("group"));
            return null;
        }
        catch (Exception e) when (e is JsonException or ArgumentException)
        {
            return $"The braces after '[{words}]' are not a JSON object with distinct keys.";
        }
    }
}
