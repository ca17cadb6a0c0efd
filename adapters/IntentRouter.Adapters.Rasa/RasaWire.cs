using System.Text.Json;
using System.Text.Json.Serialization;

namespace IntentRouter.Adapters.Rasa;

// What Rasa sends, as far as it is used; everything may be missing and unknown members are ignored.
internal sealed record ParseRequest(string Text);

internal sealed record ParseAnswer(
    RasaIntent? Intent,
    IReadOnlyList<RasaEntity>? Entities,
    [property: JsonPropertyName("intent_ranking")] IReadOnlyList<RasaIntent>? IntentRanking,
    [property: JsonPropertyName("response_selector")] IReadOnlyDictionary<string, JsonElement>? ResponseSelector);

internal sealed record RasaIntent(string? Name, double? Confidence);

internal sealed record RasaEntity(
    string? Entity,
    int? Start,
    int? End,
    JsonElement? Value,
    string? Role,
    string? Group,
    double? Confidence,
    [property: JsonPropertyName("confidence_entity")] double? ConfidenceEntity);

internal sealed record Selector(SelectorResponse? Response);

internal sealed record SelectorResponse([property: JsonPropertyName("intent_response_key")] string? IntentResponseKey);

internal sealed record StatusAnswer(
    [property: JsonPropertyName("model_id")] string? ModelId,
    [property: JsonPropertyName("model_file")] string? ModelFile,
    string? Fingerprint);

internal sealed record ChannelRequest(string Sender, string Message);

internal sealed record ChannelAnswer(string? Text, string? Image, IReadOnlyList<ChannelButton>? Buttons);

internal sealed record ChannelButton(string? Title, string? Payload);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ParseRequest))]
[JsonSerializable(typeof(ParseAnswer))]
[JsonSerializable(typeof(Selector))]
[JsonSerializable(typeof(StatusAnswer))]
[JsonSerializable(typeof(ChannelRequest))]
[JsonSerializable(typeof(IReadOnlyList<ChannelAnswer>))]
internal sealed partial class RasaJson : JsonSerializerContext;
