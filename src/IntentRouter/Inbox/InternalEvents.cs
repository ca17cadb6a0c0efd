using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using IntentRouter.Fulfillment;
using IntentRouter.Storage;
using IntentRouter.Webhooks;

namespace IntentRouter.Inbox;

/// <summary>Events of our own making that travel through the inbox, so that what they lead to is as durable as the rest.</summary>
internal static class InternalEvents
{
    /// <summary>An action ended: <see cref="ActionCompleted"/>.</summary>
    public const string ActionCompletedKind = "action_completed";

    /// <summary>Something went wrong that the customer must not pay for: <see cref="Trouble"/>; the conversation is handed off.</summary>
    public const string TroubleKind = "trouble";

    public static NewEvent Completed(string conversation, string effectKey, string action, ActionOutcome outcome) => new()
    {
        Key = $"action:{effectKey}",
        Conversation = conversation,
        Kind = ActionCompletedKind,
        Urgent = true,
        Payload = JsonSerializer.SerializeToUtf8Bytes(
            outcome switch
            {
                ActionOutcome.Done d => new ActionCompleted(action, "done", d.Result, null),
                ActionOutcome.Failed f => new ActionCompleted(action, "failed", null, f.Reason),
                ActionOutcome.InDoubt i => new ActionCompleted(action, "in-doubt", null, i.Reason),
                _ => throw new System.Diagnostics.UnreachableException(),
            },
            InternalJson.Default.ActionCompleted),
    };

    public static NewEvent Troubled(string conversation, string key, string reason, string? effectKind = null, PlatformEvent? seen = null) => new()
    {
        Key = $"trouble:{key}",
        Conversation = conversation,
        Kind = TroubleKind,
        Urgent = true,
        Payload = JsonSerializer.SerializeToUtf8Bytes(new Trouble(reason, effectKind, seen), InternalJson.Default.Trouble),
    };
}

internal sealed record ActionCompleted(string Action, string Outcome, JsonObject? Result, LookupFailure? Reason)
{
    public ActionOutcome ToOutcome() => Outcome switch
    {
        "done" => new ActionOutcome.Done(Result ?? []),
        "failed" => new ActionOutcome.Failed(Reason ?? LookupFailure.Faulted),
        _ => new ActionOutcome.InDoubt(Reason ?? LookupFailure.Faulted),
    };
}

/// <param name="Reason">A handoff reason, kebab-case.</param>
/// <param name="Seen">What the conversation looked like when the trouble was seen, where no event told; null otherwise.</param>
internal sealed record Trouble(string Reason, string? EffectKind, PlatformEvent? Seen = null);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true)]
[JsonSerializable(typeof(ActionCompleted))]
[JsonSerializable(typeof(Trouble))]
internal sealed partial class InternalJson : JsonSerializerContext;
