using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace IntentRouter.Playground;

internal static class Json
{
    public static JsonSerializerOptions Options { get; } = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
    };

    private static readonly JsonWriterOptions _writerOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    public static JsonElement EmptyObject { get; } = JsonDocument.Parse("{}").RootElement.Clone();

    public static JsonElement Null { get; } = JsonDocument.Parse("null").RootElement.Clone();

    /// <summary>An immutable copy of any value; the names of the value's members are kept as they are.</summary>
    public static JsonElement From(object? value) => value is JsonElement element ? element.Clone() : JsonSerializer.SerializeToElement(value, _asNamed);

    private static readonly JsonSerializerOptions _asNamed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static byte[] Write(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>(2048);
        using (var writer = new Utf8JsonWriter(buffer, _writerOptions))
        {
            write(writer);
        }

        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>
    /// The platform's encoder writes &lt;, &gt; and &amp; as escapes; in JSON they occur only inside strings, so replacing bytes is safe.
    /// A receiver that re-serialises before verifying a signature fails here as it would in production.
    /// </summary>
    public static byte[] EscapeAsRails(byte[] json)
    {
        if (json.AsSpan().IndexOfAny("<>&"u8) < 0)
        {
            return json;
        }

        var escaped = new ArrayBufferWriter<byte>(json.Length + 64);
        var rest = json.AsSpan();
        while (rest.IndexOfAny("<>&"u8) is var at and >= 0)
        {
            escaped.Write(rest[..at]);
            escaped.Write(rest[at] switch { (byte)'<' => "\\u003c"u8, (byte)'>' => "\\u003e"u8, _ => "\\u0026"u8 });
            rest = rest[(at + 1)..];
        }

        escaped.Write(rest);
        return escaped.WrittenSpan.ToArray();
    }

    /// <summary>An object with the members of <paramref name="source"/> and one more, or one replaced.</summary>
    public static JsonElement With(JsonElement source, string name, JsonElement value)
    {
        var members = source.ValueKind == JsonValueKind.Object
            ? source.EnumerateObject().ToDictionary(p => p.Name, p => p.Value)
            : [];
        members[name] = value;
        return JsonSerializer.SerializeToElement(members, _asNamed);
    }

    public static JsonElement Without(JsonElement source, Func<string, bool> drop) =>
        JsonSerializer.SerializeToElement(
            source.EnumerateObject().Where(p => !drop(p.Name)).ToDictionary(p => p.Name, p => p.Value), _asNamed);
}
