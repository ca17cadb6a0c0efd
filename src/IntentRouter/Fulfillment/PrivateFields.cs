using System.Text.Json.Nodes;
using IntentRouter.Conversations;
using IntentRouter.Decisions;
using IntentRouter.Replies;

namespace IntentRouter.Fulfillment;

/// <summary>Fields that a lookup marks as private are recognisable only, until the person has proved who they are.</summary>
internal static class PrivateFields
{
    public static IReadOnlyList<JsonObject> Mask(DecisionInput input, string lookup, ActiveRoute route, IReadOnlyList<JsonObject> rows)
    {
        if (input.Bot.Lookups.GetValueOrDefault(lookup)?.Private is not { Count: > 0 } hidden || route.Proven != ProofLevel.None || input.State.Facts.Contact.Verified)
        {
            return rows;
        }

        return [.. rows.Select(row => new JsonObject(row.Select(f => KeyValuePair.Create(
            f.Key, hidden.Contains(f.Key, StringComparer.OrdinalIgnoreCase) && f.Value is not null ? JsonValue.Create(TextFilters.Mask(f.Value.ToString())) : f.Value?.DeepClone()))))];
    }
}
