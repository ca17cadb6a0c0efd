using System.Text;
using System.Text.Json;

namespace IntentRouter.Playground;

/// <summary>How one attempt to hand an event to a bot ended.</summary>
public enum DeliveryOutcome
{
    /// <summary>2xx.</summary>
    Accepted,

    /// <summary>Another status; nothing more is tried.</summary>
    Refused,

    /// <summary>429 or 500 and another attempt follows.</summary>
    WillRetry,

    /// <summary>No answer in time.</summary>
    TimedOut,

    /// <summary>No connection, or it broke.</summary>
    Unreachable,

    /// <summary>Not sent: the address is not allowed.</summary>
    Forbidden,
}

/// <summary>One attempt of one delivery, as recorded.</summary>
public sealed record PlaygroundDelivery
{
    public required string Event { get; init; }

    /// <summary>Null when an account webhook received it.</summary>
    public PlaygroundBot? Bot { get; init; }

    public required long AccountId { get; init; }

    public long? ConversationId { get; init; }

    public long? MessageId { get; init; }

    /// <summary>Same on every attempt.</summary>
    public required Guid DeliveryId { get; init; }

    public required int Attempt { get; init; }

    public required DateTimeOffset QueuedAt { get; init; }

    public DateTimeOffset StartedAt { get; init; }

    public DateTimeOffset AnsweredAt { get; init; }

    /// <summary>Position in the playground's common order of moments; see <see cref="PlaygroundChat.Mark"/>.</summary>
    public long StartedStamp { get; init; }

    /// <summary>Position in the playground's common order of moments at which the answer was in hand.</summary>
    public long AnsweredStamp { get; init; }

    public int? StatusCode { get; init; }

    public DeliveryOutcome Outcome { get; init; }

    /// <summary>The exact bytes that were posted.</summary>
    public ReadOnlyMemory<byte> Body { get; init; }

    /// <summary>The body, parsed.</summary>
    public JsonElement Json() => JsonDocument.Parse(Body).RootElement;

    public override string ToString() =>
        $"{Event} attempt {Attempt}: {Outcome} {StatusCode} {Encoding.UTF8.GetString(Body.Span[..Math.Min(Body.Length, 200)])}";

    internal DeliveryTarget Target { get; init; } = null!;
}

/// <summary>Where a delivery goes; fixed when it is queued, so a rotated secret or URL does not change waiting jobs.</summary>
internal sealed record DeliveryTarget(object Owner, PlaygroundBot? Bot, string Url, string Secret, long Lane);
