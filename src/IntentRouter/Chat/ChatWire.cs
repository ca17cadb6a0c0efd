using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace IntentRouter.Chat;

/// <summary>An error's three spellings; whatever their type, they are only searched for known words.</summary>
internal sealed record WireError(JsonElement Error, JsonElement Errors, JsonElement Message);

/// <summary>A message as the API shows it. Only what is used; everything may be absent.</summary>
internal sealed record WireMessage
{
    public long Id { get; init; }

    public string? Content { get; init; }

    [JsonConverter(typeof(MessageTypeConverter))]
    public WireMessageType MessageType { get; init; }

    public bool? Private { get; init; }

    public JsonElement ContentAttributes { get; init; }

    [JsonConverter(typeof(EpochOrIsoConverter))]
    public DateTimeOffset? CreatedAt { get; init; }

    public string? SenderType { get; init; }

    public WireSender? Sender { get; init; }

    /// <summary>The whole object, to build an event of it; nothing for messages inside conversations.</summary>
    [JsonIgnore]
    public JsonElement Raw { get; init; }

    /// <summary>Our own effect's key, when this message carries it.</summary>
    [JsonIgnore]
    public string? Marker => ReadMarker(ContentAttributes);

    /// <summary>Whether it shows a message of a bot (of ours or another).</summary>
    [JsonIgnore]
    public bool FromBot => SenderType is "AgentBot" || Sender?.Type is "agent_bot";

    public static string? ReadMarker(JsonElement attributes) =>
        attributes.ValueKind == JsonValueKind.Object
        && attributes.TryGetProperty(ChatApi.MarkerName, out var marker)
        && marker.ValueKind == JsonValueKind.Object
        && marker.TryGetProperty("k", out var key)
        && key.ValueKind == JsonValueKind.String
            ? key.GetString()
            : null;
}

internal enum WireMessageType
{
    Incoming = 0,
    Outgoing = 1,
    Activity = 2,
    Template = 3,
    Unknown = -1,
}

internal sealed record WireSender
{
    public long? Id { get; init; }

    public string? Type { get; init; }
}

/// <summary>A conversation as list and show give it.</summary>
internal sealed record WireConversation
{
    public long Id { get; init; }

    public long? AccountId { get; init; }

    public long? InboxId { get; init; }

    public string? Status { get; init; }

    public WireMessage?[]? Messages { get; init; }

    public Dictionary<string, JsonElement>? CustomAttributes { get; init; }

    public WireMessage? LastNonActivityMessage { get; init; }

    [JsonConverter(typeof(EpochOrIsoConverter))]
    public DateTimeOffset? LastActivityAt { get; init; }

    [JsonConverter(typeof(EpochOrIsoConverter))]
    public DateTimeOffset? WaitingSince { get; init; }

    /// <summary>The whole object, to build an event of it.</summary>
    [JsonIgnore]
    public JsonElement Raw { get; init; }
}

internal sealed record WireStatusAnswer(WireStatusPayload? Payload);

internal sealed record WireStatusPayload(string? CurrentStatus);

internal sealed record WireLabels(string?[]? Payload);

internal sealed record WireCreatedConversation(long Id);

internal sealed record WireVersion(string? Version, string? QueueServices, string? DataServices);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, NumberHandling = JsonNumberHandling.AllowReadingFromString, RespectNullableAnnotations = false)]
[JsonSerializable(typeof(JsonElement))]
[JsonSerializable(typeof(WireError))]
[JsonSerializable(typeof(WireMessage))]
[JsonSerializable(typeof(WireConversation))]
[JsonSerializable(typeof(WireStatusAnswer))]
[JsonSerializable(typeof(WireLabels))]
[JsonSerializable(typeof(WireCreatedConversation))]
[JsonSerializable(typeof(WireVersion))]
[JsonSerializable(typeof(ChatAbilities))]
internal sealed partial class ChatJson : JsonSerializerContext;

/// <summary>Integers in API answers, words in events, either in nested messages.</summary>
internal sealed class MessageTypeConverter : JsonConverter<WireMessageType>
{
    public override WireMessageType Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.Number when reader.TryGetInt32(out var number) && number is >= 0 and <= 3:
                return (WireMessageType)number;
            case JsonTokenType.String:
                return Enum.TryParse<WireMessageType>(reader.GetString(), ignoreCase: true, out var type) && Enum.IsDefined(type) ? type : WireMessageType.Unknown;
            default:
                reader.Skip();
                return WireMessageType.Unknown;
        }
    }

    public override void Write(Utf8JsonWriter writer, WireMessageType value, JsonSerializerOptions options) => writer.WriteNumberValue((int)value);
}

/// <summary>Epoch seconds (with or without fraction, 0 for none) or ISO text.</summary>
internal sealed class EpochOrIsoConverter : JsonConverter<DateTimeOffset?>
{
    private const double MaxSeconds = 253_402_300_799;

    public override bool HandleNull => true;

    public override DateTimeOffset? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.Number:
                return FromSeconds(reader.GetDouble());
            case JsonTokenType.String:
                var text = reader.GetString();
                return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds) ? FromSeconds(seconds)
                    : DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at) ? at
                    : null;
            default:
                reader.Skip();
                return null;
        }
    }

    public override void Write(Utf8JsonWriter writer, DateTimeOffset? value, JsonSerializerOptions options)
    {
        if (value is { } at)
        {
            writer.WriteNumberValue(at.ToUnixTimeMilliseconds() / 1000.0);
        }
        else
        {
            writer.WriteNullValue();
        }
    }

    private static DateTimeOffset? FromSeconds(double seconds) =>
        seconds is > 0 and < MaxSeconds ? DateTimeOffset.UnixEpoch.AddMilliseconds(Math.Round(seconds * 1000)) : null;
}
