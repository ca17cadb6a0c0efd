using System.Reflection;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace IntentRouter.Turns;

/// <summary>
/// Something to be done outside because of a turn: a record, committed with the session and the event, then sent in order from the
/// outbox. <see cref="Public"/> effects pass the gate again just before they are sent.
/// </summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(SendMessage), "send-message")]
[JsonDerivedType(typeof(SendPrivateNote), "send-private-note")]
[JsonDerivedType(typeof(SetStatus), "set-status")]
[JsonDerivedType(typeof(SetPriority), "set-priority")]
[JsonDerivedType(typeof(Assign), "assign")]
[JsonDerivedType(typeof(SetAttributes), "set-attributes")]
[JsonDerivedType(typeof(AddLabels), "add-labels")]
[JsonDerivedType(typeof(CallAction), "call-action")]
[JsonDerivedType(typeof(SendCode), "send-code")]
[JsonDerivedType(typeof(CreateConversation), "create-conversation")]
internal abstract record Effect
{
    private static readonly Dictionary<Type, string> _kinds =
        typeof(Effect).GetCustomAttributes<JsonDerivedTypeAttribute>().ToDictionary(a => a.DerivedType, a => (string)a.TypeDiscriminator!);

    /// <summary>Whether the customer sees it or the conversation's ownership depends on it: dropped when a human stepped in meanwhile.</summary>
    [JsonIgnore]
    public abstract bool Public { get; }

    /// <summary>Whether sending it twice does no harm (absolute values); others are reconciled before they are repeated.</summary>
    [JsonIgnore]
    public abstract bool Idempotent { get; }

    /// <summary>Whether the rest goes on without it when the chat fails on it again and again: no customer waits for it.</summary>
    [JsonIgnore]
    public virtual bool Dispensable => false;

    /// <summary>Its name in documents, columns, logs and metrics.</summary>
    public static string KindOf(Effect effect) => _kinds[effect.GetType()];
}

/// <summary>A public message. <paramref name="ContentAttributes"/> holds <c>items</c> and the like; the outbox adds our marker.</summary>
internal sealed record SendMessage(string Content, string ContentType = "text", JsonObject? ContentAttributes = null) : Effect
{
    public override bool Public => true;

    public override bool Idempotent => false;
}

internal sealed record SendPrivateNote(string Content) : Effect
{
    public override bool Public => false;

    public override bool Idempotent => false;
}

/// <summary><paramref name="Status"/> is <c>open</c>, <c>resolved</c>, <c>pending</c> or <c>snoozed</c>; always explicit, since a bare toggle is not idempotent.</summary>
internal sealed record SetStatus(string Status) : Effect
{
    public override bool Public => true;

    public override bool Idempotent => true;
}

internal sealed record SetPriority(string? Priority) : Effect
{
    public override bool Public => false;

    public override bool Idempotent => true;

    public override bool Dispensable => true;
}

internal sealed record Assign(long? AgentId, long? TeamId) : Effect
{
    public override bool Public => true;

    public override bool Idempotent => true;

    public override bool Dispensable => true;
}

/// <summary>
/// Custom attributes to set. The platform replaces the whole object, so the outbox merges these into what the last event
/// showed: attributes of others are never lost by us.
/// </summary>
internal sealed record SetAttributes(JsonObject Attributes) : Effect
{
    public override bool Public => false;

    public override bool Idempotent => true;

    public override bool Dispensable => true;
}

/// <summary>Labels to add, where the platform's version lets a bot do so, or by the administrator's token; otherwise skipped.</summary>
internal sealed record AddLabels(IReadOnlyList<string> Labels) : Effect
{
    public override bool Public => false;

    public override bool Idempotent => true;

    public override bool Dispensable => true;
}

/// <summary>
/// Runs a configured action at most once. Its outcome comes back as an <c>action_completed</c> event of the same conversation, handled
/// before anything newer.
/// </summary>
internal sealed record CallAction(string Action, IReadOnlyDictionary<string, string> Arguments, string IdempotencyKey) : Effect
{
    public override bool Public => false;

    public override bool Idempotent => false;
}

/// <summary>Sends a one-time code through the configured sender.</summary>
internal sealed record SendCode(string Sender, string Address, string Code, string Language) : Effect
{
    public override bool Public => false;

    public override bool Idempotent => false;
}

/// <summary>Creates the conversation in which the bot speaks first (widget greeting).</summary>
internal sealed record CreateConversation(string SourceId, long InboxId, string Content) : Effect
{
    public override bool Public => true;

    public override bool Idempotent => false;
}
