using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using IntentRouter.TestKit;

namespace IntentRouter.Adapters.Tests.Simulators;

/// <summary>The Lex V2 runtime: one bot alias; section 6 of the provider contracts, signatures verified on the raw target.</summary>
public sealed partial class LexSimulator : EngineSimulator
{
    public const string KeyId = "AKIDEXAMPLE00000000";
    public const string Secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
    public const string Region = "eu-west-1";
    public const string BotId = "BOT1234567";
    public const string AliasId = "ALIAS12345";

    /// <summary>The session token that goes with the key, or null.</summary>
    public string? SessionToken { get; set; }

    public IReadOnlyList<string> Locales { get; init; } = ["en_US", "de_DE"];

    /// <summary>Whether the caller may read sessions.</summary>
    public bool MayGetSession { get; set; } = true;

    /// <summary>An error type to answer with instead, by its name in the service model.</summary>
    public string? ErrorType { get; set; }

    public override void Reset()
    {
        base.Reset();
        ErrorType = null;
        MayGetSession = true;
    }

    protected override EngineResponse Answer(EngineRequest request)
    {
        if (SigV4Verifier.Problem(request, KeyId, Secret, SessionToken, Region, "lex", TimeProvider.System.GetUtcNow()) is { } refused)
        {
            return Error(403, refused, "The request signature we calculated does not match the signature you provided.", capital: true);
        }

        if (ErrorType is { } type)
        {
            return Error(Status(type), type, "Simulated for " + request.Text);
        }

        var segments = request.Path.TrimStart('/').Split('/').Select(Uri.UnescapeDataString).ToArray();
        if (segments is not ["bots", var bot, "botAliases", var alias, "botLocales", var locale, "sessions", var session, ..] || segments.Length is < 8 or > 9)
        {
            return Error(404, "UnknownOperationException", "");
        }

        if (!SessionId().IsMatch(session) || !LocaleId().IsMatch(locale))
        {
            return Error(400, "ValidationException", "1 validation error detected: value failed to satisfy constraint");
        }

        if (bot != BotId || alias != AliasId || !Locales.Contains(locale))
        {
            return Error(404, "ResourceNotFoundException", $"Failed to find bot {bot} alias {alias} locale {locale}");
        }

        return (request.Method, segments.Length) switch
        {
            ("GET", 8) when !MayGetSession => Error(403, "AccessDeniedException", "User is not authorized to perform: lex:GetSession", capital: true),
            ("GET", 8) when Moves(session) == 0 => Error(404, "ResourceNotFoundException", $"Session with id {session} not found"),
            ("GET", 8) => EngineResponse.Json(new { sessionId = session, messages = Array.Empty<object>(), interpretations = Array.Empty<object>(), sessionState = new { } }),
            ("POST", 9) when segments[8] == "text" => Recognize(session, request),
            _ => Error(404, "UnknownOperationException", ""),
        };
    }

    protected override EngineResponse Fail(AdapterFailure failure, string sent) => failure switch
    {
        AdapterFailure.TimedOut => new EngineResponse(504, "<html>Gateway Timeout</html>") { ContentType = "text/html" },
        AdapterFailure.Throttled => Error(429, "ThrottlingException", "Rate exceeded"),
        AdapterFailure.Rejected => Error(400, "ValidationException", "Failed on " + sent),
        AdapterFailure.Malformed => new EngineResponse(200, """{ "interpretations": { "intent": "oops" } }"""),
        _ => Error(500, "InternalServerException", "Failed on " + sent),
    };

    public static int Status(string type) => type switch
    {
        "AccessDeniedException" => 403,
        "ResourceNotFoundException" => 404,
        "ConflictException" => 409,
        "DependencyFailedException" => 424,
        "ThrottlingException" => 429,
        "InternalServerException" => 500,
        "BadGatewayException" => 502,
        _ => 400,
    };

    private EngineResponse Recognize(string session, EngineRequest request)
    {
        var body = JsonNode.Parse(request.Text)!.AsObject();
        var text = (string?)body["text"] ?? "";
        if (body.Any(p => p.Key is not ("text" or "sessionState" or "requestAttributes")) || text.Length is 0 or > 1024)
        {
            return Error(400, "ValidationException", "1 validation error detected: text must have length between 1 and 1024");
        }

        Move(session);
        var script = Script(text);
        var interpretations = script.Ranking.Select((r, i) => Interpretation(r.Intent, r.Confidence, i == 0 ? Slots(script) : [])).ToList();

        // The fallback stands where the bot's threshold falls; it never has a confidence.
        interpretations.Insert(script.Ranking.TakeWhile(r => r.Confidence is null or >= 0.4).Count(), Interpretation("FallbackIntent", null, []));
        var top = interpretations[0]["intent"]!.DeepClone().AsObject();
        top["state"] = script.Waits ? "InProgress" : script.Ranking.Count == 0 ? "ReadyForFulfillment" : "Fulfilled";
        top["confirmationState"] = "None";
        return EngineResponse.Json(new JsonObject
        {
            ["messages"] = new JsonArray([.. (script.Replies ?? []).Select(r => new JsonObject { ["contentType"] = "PlainText", ["content"] = r })]),
            ["sessionState"] = new JsonObject
            {
                ["dialogAction"] = script.Waits
                    ? new JsonObject { ["type"] = "ElicitSlot", ["slotToElicit"] = "Date" }
                    : new JsonObject { ["type"] = "Close" },
                ["intent"] = top,
                ["sessionAttributes"] = new JsonObject { ["tenant"] = "north" },
                ["originatingRequestId"] = "b7c00000-0000-4000-8000-000000000000",
            },
            ["interpretations"] = new JsonArray([.. interpretations]),
            ["requestAttributes"] = body["requestAttributes"]?.DeepClone() ?? new JsonObject(),
            ["sessionId"] = session,
        });
    }

    private static JsonObject Interpretation(string intent, double? confidence, JsonObject slots)
    {
        var interpretation = new JsonObject { ["interpretationSource"] = "Lex", ["intent"] = new JsonObject { ["name"] = intent, ["slots"] = slots } };
        if (confidence is { } score)
        {
            interpretation["nluConfidence"] = new JsonObject { ["score"] = score };
        }

        return interpretation;
    }

    private static JsonObject Slots(Scripted script) => script is not { Entity: { } entity, Words: { } words } ? [] : new JsonObject
    {
        [entity] = Scalar(words),
        ["Unfilled"] = null,
    };

    private static JsonObject Scalar(string words) => new()
    {
        ["shape"] = "Scalar",
        ["value"] = new JsonObject { ["originalValue"] = words, ["interpretedValue"] = words, ["resolvedValues"] = new JsonArray(words) },
    };

    private static EngineResponse Error(int status, string type, string message, bool capital = false) =>
        EngineResponse.Json(new JsonObject { [capital ? "Message" : "message"] = message }, status) with
        {
            Headers = new Dictionary<string, string> { ["x-amzn-ErrorType"] = type + ":http://internal.amazon.com/coral/com.amazonaws.lex.runtime.v2/", ["x-amzn-RequestId"] = "r1", ["Date"] = TimeProvider.System.GetUtcNow().ToString("R") },
        };

    [GeneratedRegex("^[0-9a-zA-Z._:-]{2,100}$")]
    private static partial Regex SessionId();

    [GeneratedRegex("^[a-z]{2,3}_[A-Z0-9]{2,3}$")]
    private static partial Regex LocaleId();
}
