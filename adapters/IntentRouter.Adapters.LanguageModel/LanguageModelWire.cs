using System.Text.Json;
using System.Text.Json.Serialization;

namespace IntentRouter.Adapters.LanguageModel;

// What a chat completion API answers, as far as it is used. Everything may be missing.
internal sealed record ChatAnswer(IReadOnlyList<ChatChoice?>? Choices, ChatUsage? Usage);

internal sealed record ChatUsage(long? PromptTokens, long? CompletionTokens);

internal sealed record ChatChoice(ChoiceMessage? Message, ChatProbabilities? Logprobs);

internal sealed record ChoiceMessage(JsonElement? Content)
{
    /// <summary>What the model wrote: some servers send it in parts.</summary>
    [JsonIgnore]
    public string Text => Content switch
    {
        { ValueKind: JsonValueKind.String } text => text.GetString()!,
        { ValueKind: JsonValueKind.Array } parts => string.Concat(parts.EnumerateArray().Select(Part)),
        _ => "",
    };

    private static string? Part(JsonElement part) =>
        part.ValueKind == JsonValueKind.Object && part.TryGetProperty("text", out var text) && text.ValueKind == JsonValueKind.String ? text.GetString() : null;
}

internal sealed record ChatProbabilities([property: JsonConverter(typeof(AnswerTokens))] IReadOnlyList<AnswerToken>? Content);

/// <summary>Read by hand: the tokens are most of an answer's bytes, and generated code makes and fills several objects for each.</summary>
internal sealed class AnswerTokens : JsonConverter<IReadOnlyList<AnswerToken>>
{
    public override IReadOnlyList<AnswerToken> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        Expect(reader.TokenType == JsonTokenType.StartArray);
        var tokens = new List<AnswerToken>(32);
        var alternatives = new List<(string Text, double LogProbability)>(8);
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            alternatives.Clear();

            // A token without its probability is left out, and then the rest does not spell the answer.
            if (ReadOne(ref reader, alternatives) is var (text, logProbability))
            {
                tokens.Add(new AnswerToken(text, logProbability, [.. alternatives]));
            }
        }

        return tokens;
    }

    public override void Write(Utf8JsonWriter writer, IReadOnlyList<AnswerToken> value, JsonSerializerOptions options) => throw new NotSupportedException();

    private static (string Text, double LogProbability)? ReadOne(ref Utf8JsonReader reader, List<(string Text, double LogProbability)>? alternatives)
    {
        Expect(reader.TokenType == JsonTokenType.StartObject);
        string? text = null;
        double? logProbability = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var (isText, isProbability, isTop) = (reader.ValueTextEquals("token"u8), reader.ValueTextEquals("logprob"u8), reader.ValueTextEquals("top_logprobs"u8));
            reader.Read();
            if (reader.TokenType == JsonTokenType.Null)
            {
                continue;
            }

            if (isText)
            {
                text = reader.GetString();
            }
            else if (isProbability)
            {
                logProbability = reader.GetDouble();
            }
            else if (isTop && alternatives is not null)
            {
                Expect(reader.TokenType == JsonTokenType.StartArray);
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                {
                    if (ReadOne(ref reader, null) is { } alternative)
                    {
                        alternatives.Add(alternative);
                    }
                }
            }
            else
            {
                reader.Skip();
            }
        }

        return text is not null && logProbability is { } known ? (text, known) : null;
    }

    // Without words of the answer.
    private static void Expect(bool expected)
    {
        if (!expected)
        {
            throw new JsonException("The token probabilities have another form.");
        }
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(ChatAnswer))]
internal sealed partial class ChatJson : JsonSerializerContext;

/// <summary>What the prompt asks for.</summary>
internal sealed record ModelAnswer(string? Intent, IReadOnlyList<ModelEntity?>? Entities);

internal sealed record ModelEntity(string? Name, string? Text, string? Value);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ModelAnswer))]
internal sealed partial class LanguageModelJson : JsonSerializerContext;
