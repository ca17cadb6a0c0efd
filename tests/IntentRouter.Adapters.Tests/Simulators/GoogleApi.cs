using System.Text.Json.Nodes;
using IntentRouter.TestKit;

namespace IntentRouter.Adapters.Tests.Simulators;

/// <summary>What the ES and CX simulators share: bearer token, strict bodies, Google's error form, enums as numbers where asked for.</summary>
public abstract class GoogleApi : EngineSimulator
{
    private static readonly Dictionary<string, int> _codes = new(StringComparer.Ordinal)
    {
        ["INVALID_ARGUMENT"] = 400,
        ["UNAUTHENTICATED"] = 401,
        ["PERMISSION_DENIED"] = 403,
        ["NOT_FOUND"] = 404,
        ["RESOURCE_EXHAUSTED"] = 429,
        ["INTERNAL"] = 500,
        ["UNAVAILABLE"] = 503,
        ["DEADLINE_EXCEEDED"] = 504,
    };

    /// <summary>Tokens that are accepted; null accepts a call without any.</summary>
    public Func<string, bool>? AcceptsToken { get; set; }

    /// <summary>Whether the caller may read the agent.</summary>
    public bool MayReadAgent { get; set; } = true;

    protected override EngineResponse Answer(EngineRequest request)
    {
        if (AcceptsToken is { } accepts
            && !(request.Headers.TryGetValue("authorization", out var header) && header.StartsWith("Bearer ", StringComparison.Ordinal) && accepts(header[7..])))
        {
            return Error("UNAUTHENTICATED", "Request had invalid authentication credentials.", "ACCESS_TOKEN_EXPIRED");
        }

        var numbers = Uri.UnescapeDataString(request.Target).Contains("$alt=json;enum-encoding=int", StringComparison.Ordinal);
        var segments = request.Path.TrimStart('/').Split('/').Select(Uri.UnescapeDataString).ToArray();
        return Route(request, segments, numbers);
    }

    protected abstract EngineResponse Route(EngineRequest request, string[] segments, bool numbers);

    protected override EngineResponse Fail(AdapterFailure failure, string sent) => failure switch
    {
        AdapterFailure.TimedOut => Error("DEADLINE_EXCEEDED", "Webhook too slow for " + sent),
        AdapterFailure.Throttled => Error("RESOURCE_EXHAUSTED", "Quota exceeded for quota metric 'Text query operations'.", "RATE_LIMIT_EXCEEDED", "7s"),
        AdapterFailure.Rejected => Error("INVALID_ARGUMENT", "Cannot use this: " + sent),
        AdapterFailure.Malformed => new EngineResponse(200, """{ "queryResult": "oops", "matches": 1 }"""),
        _ => Error("INTERNAL", "Internal error encountered with " + sent),
    };

    protected static EngineResponse Error(string status, string message, string? reason = null, string? retryDelay = null)
    {
        var details = new JsonArray();
        if (reason is not null)
        {
            details.Add(new JsonObject
            {
                ["@type"] = "type.googleapis.com/google.rpc.ErrorInfo",
                ["reason"] = reason,
                ["domain"] = "googleapis.com",
                ["metadata"] = new JsonObject { ["service"] = "dialogflow.googleapis.com" },
            });
        }

        if (retryDelay is not null)
        {
            details.Add(new JsonObject { ["@type"] = "type.googleapis.com/google.rpc.RetryInfo", ["retryDelay"] = retryDelay });
        }

        return EngineResponse.Json(
            new JsonObject { ["error"] = new JsonObject { ["code"] = _codes[status], ["message"] = message, ["status"] = status, ["details"] = details } }, _codes[status]);
    }

    /// <summary>Google refuses a member that it does not know.</summary>
    protected static EngineResponse? Unknown(JsonObject body, string path, params string[] known) =>
        body.Select(p => p.Key).FirstOrDefault(k => !known.Contains(k)) is { } unknown
            ? Error("INVALID_ARGUMENT", $"Invalid JSON payload received. Unknown name \"{unknown}\" at '{path}': Cannot find field.")
            : null;

    protected static JsonObject Entities(Scripted script) =>
        script is { Entity: { } entity, Words: { } words } ? new JsonObject { [entity] = words, ["unfilled"] = "", ["none"] = new JsonArray() } : [];
}
