using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace IntentRouter;

/// <summary>
/// JSON over HTTP with an engine, so that every adapter reads answers and maps failures alike: a status outside 2xx, an answer that is not the
/// expected JSON and one that is too long become an <see cref="AdapterException"/> without a word of the answer in its message.
/// </summary>
public static class EngineHttp
{
    /// <summary>Longest answer that is read, in bytes; a longer one is <see cref="AdapterFailure.Malformed"/>.</summary>
    public const int MaxAnswerBytes = 4 * 1024 * 1024;

    /// <summary>Makes a JSON body of fixed length; some signers and servers refuse chunked ones.</summary>
    public static HttpContent Json<T>(T value, JsonTypeInfo<T> type)
    {
        ArgumentNullException.ThrowIfNull(type);
        var content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(value, type));
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        return content;
    }

    /// <summary>Sends a request and reads the JSON answer. Thread-safe.</summary>
    /// <param name="http">The entry's client.</param>
    /// <param name="request">What to send.</param>
    /// <param name="answer">How to read a 2xx answer.</param>
    /// <param name="explain">Makes the exception for a status outside 2xx where the engine's error body says more than the status.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="AdapterException">The engine refused, failed or answered something else.</exception>
    /// <exception cref="HttpRequestException">The engine could not be reached; <see cref="AdapterException.From"/> maps it.</exception>
    public static async Task<T> SendAsync<T>(
        HttpClient http, HttpRequestMessage request, JsonTypeInfo<T> answer, Func<EngineError, AdapterException>? explain, CancellationToken cancellationToken)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(http);
        using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);
        var body = await ReadAsync(response, cancellationToken).ConfigureAwait(false);
        if (!response.IsSuccessStatusCode)
        {
            var error = new EngineError(response.StatusCode, response.Headers, TryParse(body));
            throw explain?.Invoke(error) ?? error.ToException();
        }

        return JsonSerializer.Deserialize(body, answer)
            ?? throw new AdapterException(AdapterFailure.Malformed, "The engine answered with null.");
    }

    private static async Task<byte[]> ReadAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        await response.Content.LoadIntoBufferAsync(MaxAnswerBytes, cancellationToken).ConfigureAwait(false);
        return await response.Content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false);
    }

    // A proxy on the way may answer in HTML: an error body is a hint, never a condition.
    private static JsonElement? TryParse(byte[] body)
    {
        try
        {
            var reader = new Utf8JsonReader(body);
            return JsonElement.TryParseValue(ref reader, out var element) ? element : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

/// <summary>An answer of the engine outside 2xx, as it came.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Headers">The answer's headers.</param>
/// <param name="Body">The answer's JSON, or <see langword="null"/> when it was none. It may repeat the person's words: take codes from it, not sentences.</param>
public sealed record EngineError(HttpStatusCode Status, HttpResponseHeaders Headers, JsonElement? Body)
{
    /// <summary>The delay that <c>Retry-After</c> names, in seconds or as a date beside the answer's own <c>Date</c>; <see langword="null"/> when it is absent.</summary>
    public TimeSpan? RetryAfter => Headers.RetryAfter switch
    {
        { Delta: { } wait } => wait,
        { Date: { } until } when Headers.Date is { } now => until > now ? until - now : TimeSpan.Zero,
        _ => null,
    };

    /// <summary>The exception for the status alone.</summary>
    /// <param name="remedy">What the operator should do, as a sentence, or <see langword="null"/>.</param>
    public AdapterException ToException(string? remedy = null)
    {
        var failure = AdapterException.FromStatus(Status);
        return new AdapterException(failure, $"The engine answered {(int)Status}.{(remedy is null ? "" : " " + remedy)}") { RetryAfter = RetryAfter };
    }

    /// <summary>A string member of the body's top level, or <see langword="null"/>.</summary>
    public string? Member(string name) =>
        Body is { ValueKind: JsonValueKind.Object } body && body.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;
}
