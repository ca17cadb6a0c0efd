using System.Buffers;
using System.Net;
using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;

namespace IntentRouter.Adapters.LanguageModel;

/// <summary>
/// A chat completion API, as far as the adapter needs one. The vendor's client would do the same for half a millisecond of processor time a message,
/// most of it spent on encoding the prompt anew and on making objects of every token.
/// </summary>
internal sealed class ChatCompletionClient(HttpClient http) : IChatClient
{
    private static readonly JsonSerializerOptions _readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly JsonWriterOptions _written = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly MediaTypeHeaderValue _json = new("application/json");

    private readonly ChatClientMetadata _metadata = new("openai", http.BaseAddress);
    private volatile Head? _head;

    /// <returns>The response; its raw representation is the <see cref="ChatChoice"/>.</returns>
    public async Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "chat/completions") { Content = new ByteArrayContent(Body([.. messages], options)) };
        request.Content.Headers.ContentType = _json;
        var answer = await EngineHttp.SendAsync(http, request, ChatJson.Default.ChatAnswer, Explain, cancellationToken).ConfigureAwait(false);
        return answer.Choices is [{ } choice, ..]
            ? new ChatResponse(new ChatMessage(ChatRole.Assistant, choice.Message?.Text))
            {
                RawRepresentation = choice,
                Usage = answer.Usage is { } usage ? new UsageDetails { InputTokenCount = usage.PromptTokens, OutputTokenCount = usage.CompletionTokens } : null,
            }
            : throw new AdapterException(AdapterFailure.Malformed, "The server's answer is not that of a chat completion API: it has no choices.");
    }

    /// <summary>In one piece: an intent is of no use before it is whole.</summary>
    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        foreach (var update in (await GetResponseAsync(messages, options, cancellationToken).ConfigureAwait(false)).ToChatResponseUpdates())
        {
            yield return update;
        }
    }

    public async Task<AdapterHealth> CheckHealthAsync(CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "models");
        using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);
        return response.StatusCode switch
        {
            _ when response.IsSuccessStatusCode => AdapterHealth.Healthy,
            HttpStatusCode.NotFound => new AdapterHealth(true, null, "The server does not list its models, so only the connection was checked."),
            _ => throw Explain(new EngineError(response.StatusCode, response.Headers, null)),
        };
    }

    public object? GetService(Type serviceType, object? serviceKey = null) =>
        serviceKey is not null ? null
        : serviceType == typeof(ChatClientMetadata) ? _metadata
        : serviceType.IsInstanceOfType(this) ? this
        : null;

    public void Dispose()
    {
        // The HTTP client is the factory's.
    }

    private byte[] Body(ChatMessage[] messages, ChatOptions? options)
    {
        var head = _head;
        if (head is null || head.Options != options || !head.Messages.AsSpan().SequenceEqual(messages.AsSpan(..^1), null))
        {
            var before = messages.AsSpan(..^1).ToArray();
            _head = head = new Head(before, options, Encode(before, options));
        }

        var last = new ArrayBufferWriter<byte>(messages[^1].Text.Length + 64);
        using (var json = new Utf8JsonWriter(last, _written))
        {
            json.WriteStartObject();
            json.WriteString("role", messages[^1].Role.Value);
            json.WriteString("content", messages[^1].Text);
            json.WriteEndObject();
        }

        return [.. head.Bytes, .. last.WrittenSpan, .. "]}"u8];
    }

    private static byte[] Encode(ChatMessage[] messages, ChatOptions? options)
    {
        var body = new JsonObject();
        Add("model", options?.ModelId);
        Add("max_completion_tokens", options?.MaxOutputTokens);
        Add("temperature", options?.Temperature);
        foreach (var (key, value) in options?.AdditionalProperties ?? [])
        {
            Add(key, JsonSerializer.SerializeToNode(value));
        }

        if (options?.ResponseFormat is ChatResponseFormatJson format)
        {
            body["response_format"] = format.Schema is { } schema
                ? new JsonObject { ["type"] = "json_schema", ["json_schema"] = new JsonObject { ["name"] = format.SchemaName, ["strict"] = true, ["schema"] = JsonObject.Create(schema) } }
                : new JsonObject { ["type"] = "json_object" };
        }

        // Last, so that one more message can be written after it.
        body["messages"] = new JsonArray([.. messages.Select(m => new JsonObject { ["role"] = m.Role.Value, ["content"] = m.Text })]);
        var written = body.ToJsonString(_readable);
        return Encoding.UTF8.GetBytes(written[..^"]}".Length] + (messages.Length > 0 ? "," : ""));

        void Add(string key, JsonNode? value)
        {
            if (value is not null)
            {
                body[key] = value;
            }
        }
    }

    private static AdapterException Explain(EngineError error) => error.Status switch
    {
        HttpStatusCode.BadRequest => Explain(error, " Check model; some models refuse logProbabilities, temperature or schema."),
        HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden => Explain(error, " Check apiKey."),
        HttpStatusCode.NotFound => Explain(error, " Check url (it ends with /v1) and model."),
        _ => Explain(error, ""),
    };

    private static AdapterException Explain(EngineError error, string remedy) =>
        new(AdapterException.FromStatus(error.Status), $"The model's server answered {(int)error.Status}.{remedy}") { RetryAfter = error.RetryAfter };

    /// <summary>
    /// All of a request but its last message. The prompt is long, and the same objects are asked with again and again: they are encoded once. Who changes
    /// them must make new ones.
    /// </summary>
    private sealed record Head(ChatMessage[] Messages, ChatOptions? Options, byte[] Bytes);
}
