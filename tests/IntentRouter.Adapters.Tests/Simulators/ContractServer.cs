using System.Text.Json;
using System.Text.Json.Nodes;
using IntentRouter.TestKit;

namespace IntentRouter.Adapters.Tests.Simulators;

/// <summary>A server of the HTTP adapter contract, counting code points as a Python author's would.</summary>
public sealed class ContractServer : EngineSimulator
{
    protected override EngineResponse Answer(EngineRequest request) => (request.Method, request.Path) switch
    {
        ("GET", "/v1/health") => EngineResponse.Json(new { healthy = true }),
        ("POST", "/v1/understand") => Understand(request.Json),
        _ => EngineResponse.Json(new { title = "Not found" }, 404),
    };

    protected override EngineResponse Fail(AdapterFailure failure, string sent) => failure switch
    {
        AdapterFailure.TimedOut => EngineResponse.Json(new { title = "Too slow", detail = sent }, 504),
        AdapterFailure.Throttled => EngineResponse.Json(new { title = "Slow down" }, 429) with { Headers = new Dictionary<string, string> { ["Retry-After"] = "2" } },
        AdapterFailure.Rejected => EngineResponse.Json(new { title = "No", detail = sent }, 401),
        AdapterFailure.Malformed => new EngineResponse(200, """{ "kind": "maybe", "ranking": [] }"""),
        _ => EngineResponse.Json(new { title = "Broken", detail = sent }, 500),
    };

    private EngineResponse Understand(JsonElement body)
    {
        var text = body.GetProperty("text").GetString()!;
        var script = Script(text);
        var converse = body.GetProperty("mode").GetString() == "converse";
        if (converse)
        {
            Move(body.GetProperty("sessionId").GetString()!);
        }

        var answer = new JsonObject
        {
            ["kind"] = script.Ranking.Count == 0 ? "noMatch" : "ranked",
            ["positions"] = "codePoints",
            ["model"] = "m1",
            ["ranking"] = new JsonArray([.. script.Ranking.Select(r => new JsonObject { ["intent"] = r.Intent, ["confidence"] = r.Confidence })]),
        };
        if (script is { Entity: { } entity, Words: { } words })
        {
            var start = text[..text.IndexOf(words, StringComparison.Ordinal)].EnumerateRunes().Count();
            answer["entities"] = new JsonArray(new JsonObject { ["name"] = entity, ["value"] = words, ["start"] = start, ["end"] = start + words.EnumerateRunes().Count() });
        }

        if (converse)
        {
            answer["reply"] = new JsonObject { ["messages"] = new JsonArray([.. (script.Replies ?? []).Select(m => (JsonNode)m)]), ["ended"] = !script.Waits };
        }

        return EngineResponse.Json(answer);
    }
}
