using System.Text.Json;
using System.Text.Json.Serialization;

namespace IntentRouter.Adapters.Http;

// The contract of docs/adapters/http-adapter.openapi.yaml. A test compares the two.
internal sealed record UnderstandRequest(string Text, string Language, string SessionId, string? TimeZone, EngineMode Mode);

[JsonConverter(typeof(Words<EngineMode>))]
internal enum EngineMode
{
    Read,
    Converse,
}

internal sealed record UnderstandAnswer(
    EngineKind? Kind,
    IReadOnlyList<EngineCandidate>? Ranking,
    IReadOnlyList<EngineEntity>? Entities,
    EnginePositions? Positions,
    string? Model,
    string? Language,
    IReadOnlyList<EngineEvidence>? Evidence,
    IReadOnlyList<string>? Warnings,
    EngineReply? Reply);

[JsonConverter(typeof(Words<EngineKind>))]
internal enum EngineKind
{
    Ranked,
    NoMatch,
    Continued,
}

[JsonConverter(typeof(Words<EnginePositions>))]
internal enum EnginePositions
{
    Utf16,
    CodePoints,
}

internal sealed record EngineCandidate(string? Intent, double? Confidence, string? Id);

internal sealed record EngineEntity(
    string? Name, JsonElement? Value, string? Text, int? Start, int? End, double? Confidence, string? Role, string? Group);

internal sealed record EngineEvidence(string? Name, double Value, string? Meaning);

internal sealed record EngineReply(
    IReadOnlyList<string>? Messages, IReadOnlyList<EngineChoice>? Choices, bool? Handoff, bool? Ended, bool? FulfilmentFailed);

internal sealed record EngineChoice(string? Title, string? Value);

internal sealed record HealthAnswer(bool? Healthy, string? Description);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(UnderstandRequest))]
[JsonSerializable(typeof(UnderstandAnswer))]
[JsonSerializable(typeof(HealthAnswer))]
internal sealed partial class HttpEngineJson : JsonSerializerContext;

// Numbers are refused: a server that says 1 may mean anything.
internal sealed class Words<TEnum>() : JsonStringEnumConverter<TEnum>(JsonNamingPolicy.CamelCase, allowIntegerValues: false)
    where TEnum : struct, Enum;
