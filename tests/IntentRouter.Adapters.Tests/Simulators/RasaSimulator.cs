using System.Text.Json;
using System.Text.Json.Nodes;
using IntentRouter.TestKit;

namespace IntentRouter.Adapters.Tests.Simulators;

/// <summary>A Rasa 3 server's HTTP API, as far as section 7 of the provider contracts describes it. Positions count code points, as Python does.</summary>
public sealed class RasaSimulator : EngineSimulator
{
    /// <summary>The server's token, read from the query only.</summary>
    public string? Token { get; set; }

    /// <summary>What FallbackClassifier was configured with.</summary>
    public double FallbackThreshold { get; set; } = 0.3;

    /// <summary>Whether a model is loaded.</summary>
    public bool HasModel { get; set; } = true;

    public override void Reset()
    {
        base.Reset();
        HasModel = true;
    }

    protected override EngineResponse Answer(EngineRequest request)
    {
        if (request.Path is "/" or "/version")
        {
            return EngineResponse.Json(new { version = "3.6.21", minimum_compatible_version = "3.5.0" });
        }

        // The REST channel has no authentication of its own.
        if (request is { Method: "POST", Path: "/webhooks/rest/webhook" })
        {
            return Converse(request.Json);
        }

        if (Token is not null && !request.Target.EndsWith("?token=" + Uri.EscapeDataString(Token), StringComparison.Ordinal))
        {
            return Failure(401, "NotAuthenticated", "User is not authenticated.");
        }

        return (request.Method, request.Path, HasModel) switch
        {
            ("GET", "/status", false) or ("POST", "/model/parse", false) => Failure(409, "Conflict", "No agent loaded."),
            ("GET", "/status", true) => EngineResponse.Json(new { model_file = "20260101-120000.tar.gz", model_id = "a1b2c3", num_active_training_jobs = 0 }),
            ("POST", "/model/parse", true) => Parse(request.Json),
            _ => new EngineResponse(404, "Error: Requested URL not found") { ContentType = "text/plain" },
        };
    }

    protected override EngineResponse Fail(AdapterFailure failure, string sent) => failure switch
    {
        AdapterFailure.TimedOut => new EngineResponse(504, "<html>Gateway Time-out</html>") { ContentType = "text/html" },
        AdapterFailure.Throttled => new EngineResponse(429, "slow down") { ContentType = "text/plain", Headers = new Dictionary<string, string> { ["Retry-After"] = "2" } },
        AdapterFailure.Rejected => Failure(403, "NotAuthorized", "Not allowed: " + sent),
        AdapterFailure.Malformed => new EngineResponse(200, """{ "intent": "oops" }"""),
        _ => Failure(500, "ParsingError", "An unexpected error occurred: " + sent),
    };

    private EngineResponse Parse(JsonElement body)
    {
        var text = body.GetProperty("text").GetString()!;
        if (text.TrimStart().StartsWith('/'))
        {
            // A command: the caller sets the intent itself.
            return EngineResponse.Json(new { text, intent = new { name = text.Trim()[1..], confidence = 1.0 }, entities = Array.Empty<object>() });
        }

        var script = Script(text);
        var ranking = script.Ranking.Select(r => Intent(r.Intent, r.Confidence)).ToList();
        var fellBack = script.Ranking.Count == 0 || script.Ranking[0].Confidence < FallbackThreshold;
        if (fellBack)
        {
            ranking.Insert(0, Intent("nlu_fallback", FallbackThreshold));
        }

        return EngineResponse.Json(new JsonObject
        {
            ["text"] = text,
            ["intent"] = ranking[0].DeepClone(),
            ["entities"] = new JsonArray([.. Entities(text, script)]),
            ["text_tokens"] = new JsonArray(new JsonArray(0, 4)),
            ["intent_ranking"] = new JsonArray([.. ranking]),
            ["response_selector"] = new JsonObject
            {
                ["all_retrieval_intents"] = new JsonArray("faq"),
                ["faq"] = new JsonObject { ["response"] = new JsonObject { ["intent_response_key"] = "faq/hours", ["confidence"] = 0.53 } },
            },
        });
    }

    private EngineResponse Converse(JsonElement body)
    {
        Move(body.GetProperty("sender").GetString()!);
        var said = Script(body.GetProperty("message").GetString()!).Replies ?? [];
        return EngineResponse.Json(said.Select(text => new { recipient_id = body.GetProperty("sender").GetString(), text }));
    }

    private static JsonObject Intent(string name, double? confidence)
    {
        var intent = new JsonObject { ["name"] = name };
        if (confidence is { } number)
        {
            intent["confidence"] = number;
        }

        return intent;
    }

    private static IEnumerable<JsonNode> Entities(string text, Scripted script)
    {
        if (script is { Entity: { } entity, Words: { } words })
        {
            var start = text[..text.IndexOf(words, StringComparison.Ordinal)].EnumerateRunes().Count();
            yield return new JsonObject
            {
                ["entity"] = entity,
                ["start"] = start,
                ["end"] = start + words.EnumerateRunes().Count(),
                ["value"] = words,
                ["confidence_entity"] = 0.97,
                ["extractor"] = "DIETClassifier",
            };
        }
    }

    private static EngineResponse Failure(int status, string reason, string message) =>
        EngineResponse.Json(new { version = "3.6.21", status = "failure", message, reason, details = new { }, help = (string?)null, code = status }, status);
}
