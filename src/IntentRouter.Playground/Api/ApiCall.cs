using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace IntentRouter.Playground;

/// <summary>What a call is answered with.</summary>
internal readonly record struct ApiAnswer(int Status, ReadOnlyMemory<byte> Body, string ContentType)
{
    public TimeSpan? RetryAfter { get; init; }

    public static ApiAnswer Empty { get; } = new(200, ReadOnlyMemory<byte>.Empty, "text/html");

    public static ApiAnswer Json(Action<Utf8JsonWriter> write) => new(200, Playground.Json.Write(write), "application/json; charset=utf-8");

    public static ApiAnswer Object(Action<Utf8JsonWriter> members) => Json(w =>
    {
        w.WriteStartObject();
        members(w);
        w.WriteEndObject();
    });

    public static ApiAnswer Text(int status, string body, string contentType = "application/json; charset=utf-8") =>
        new(status, Encoding.UTF8.GetBytes(body), contentType);

    public static ApiAnswer Error(int status, string error) =>
        new(status, Playground.Json.Write(w =>
        {
            w.WriteStartObject();
            w.WriteString("error", error);
            w.WriteEndObject();
        }), "application/json; charset=utf-8");
}

/// <summary>Ends a call early with an error answer.</summary>
internal sealed class ApiRefusal(ApiAnswer answer) : Exception
{
    public ApiAnswer Answer { get; } = answer;

    public static ApiRefusal NotFound() => new(ApiAnswer.Error(404, "Resource could not be found"));

    public static ApiRefusal Unauthorized(string error) => new(ApiAnswer.Error(401, error));

    public static ApiRefusal SignIn() => new(ApiAnswer.Text(401, """{"errors":["You need to sign in or sign up before continuing."]}"""));

    public static ApiRefusal Invalid(string error) => new(ApiAnswer.Error(422, error));

    public static ApiRefusal InvalidRecord(string message, string attribute) => new(new ApiAnswer(422, Json.Write(w =>
    {
        w.WriteStartObject();
        w.WriteString("message", message);
        w.WriteStartArray("attributes");
        w.WriteStringValue(attribute);
        w.WriteEndArray();
        w.WriteEndObject();
    }), "application/json; charset=utf-8"));

    public static ApiRefusal InternalError() => new(ApiAnswer.Text(500, """{"status":500,"error":"Internal Server Error"}"""));

    public static ApiRefusal NoRoute() => new(ApiAnswer.Text(404, """{"status":404,"error":"Not Found"}"""));

    public static ApiRefusal BadRequest() => new(ApiAnswer.Text(400, """{"status":400,"error":"Bad Request"}"""));
}

/// <summary>
/// One call: path, query and body read leniently, as the platform's parameters are. It keeps nothing of the HTTP context, because a scripted
/// delay may run it after the caller has gone.
/// </summary>
internal sealed class ApiCall(PlaygroundChat chat, HttpRequest http, JsonElement body, IReadOnlyList<PlaygroundAttachment> files)
{
    private readonly RouteValueDictionary _path = new(http.RouteValues);
    private readonly IQueryCollection _query = http.Query;

    public PlaygroundChat Chat { get; } = chat;

    /// <summary>When the request arrived, before its body was read.</summary>
    public required DateTimeOffset BegunAt { get; init; }

    public required long BegunStamp { get; init; }

    public string Client { get; } = http.HttpContext.Connection.RemoteIpAddress?.ToString() ?? "";

    public bool NamesAccount => _path.ContainsKey("account");

    public long? AccountId => PathNumber("account");

    public long? ConversationId => PathNumber("cid");

    /// <summary>The token header's value; null when none arrived.</summary>
    public string? Token { get; init; }

    /// <summary>Whoever the token belongs to; null when nobody.</summary>
    public object? Owner { get; init; }

    public JsonElement Body { get; } = body;

    public IReadOnlyList<PlaygroundAttachment> Files { get; } = files;

    /// <summary>The body was not JSON.</summary>
    public bool Malformed { get; init; }

    /// <summary>User, bot or platform app.</summary>
    public object Caller { get; set; } = null!;

    public PlaygroundAccount Account { get; set; } = null!;

    public bool IsAdministrator { get; set; }

    /// <summary>The message this call created, for the ledger.</summary>
    public PlaygroundMessage? Created { get; set; }

    public PlaygroundBehaviour Behaviour => Chat.Behaviour;

    public PlaygroundBot? Bot => Caller as PlaygroundBot;

    public PlaygroundUser? User => Caller as PlaygroundUser;

    public long RouteId(string name) => PathNumber(name) ?? -1;

    public PlaygroundConversation Conversation() =>
        Account.ConversationsById.GetValueOrDefault(RouteId("cid")) ?? throw ApiRefusal.NotFound();

    public PlaygroundContact Contact() => Account.ContactsById.GetValueOrDefault(RouteId("id")) ?? throw ApiRefusal.NotFound();

    public PlaygroundInbox Inbox() => Account.InboxList.Find(i => i.Id == RouteId("id")) ?? throw ApiRefusal.NotFound();

    /// <summary>True when the parameter was sent at all, null included.</summary>
    public bool Has(string name) => Body.TryGetProperty(name, out _) || _query.ContainsKey(name);

    public JsonElement? Value(string name) => Body.TryGetProperty(name, out var value) ? value : null;

    public string? Text(string name) => Value(name) switch
    {
        { ValueKind: JsonValueKind.String } text => text.GetString(),
        { ValueKind: JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False } other => other.ToString(),
        null => _query[name] is [var first, ..] ? first : null,
        _ => null,
    };

    public bool Flag(string name) => Text(name) is { } text && text.ToLowerInvariant() is not ("" or "false" or "0" or "f" or "off");

    public long? Number(string name) =>
        long.TryParse(Text(name), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : null;

    private long? PathNumber(string name) =>
        long.TryParse(_path[name] as string, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
