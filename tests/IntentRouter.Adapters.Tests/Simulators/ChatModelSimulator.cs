using System.Text.Json;
using System.Text.Json.Nodes;
using IntentRouter.TestKit;

namespace IntentRouter.Adapters.Tests.Simulators;

/// <summary>An OpenAI-compatible chat completions server whose model answers by script; tokens with probabilities where asked for.</summary>
public sealed class ChatModelSimulator : EngineSimulator
{
    /// <summary>What the model writes instead of a scripted answer.</summary>
    public string? Writes { get; set; }

    /// <summary>Whether it gives token probabilities.</summary>
    public bool GivesProbabilities { get; set; } = true;

    public override void Reset()
    {
        base.Reset();
        Writes = null;
        GivesProbabilities = true;
    }

    protected override EngineResponse Answer(EngineRequest request) => (request.Method, request.Path) switch
    {
        ("GET", "/v1/models") => EngineResponse.Json(new { @object = "list", data = new[] { new { id = "test-model", @object = "model" } } }),
        ("POST", "/v1/chat/completions") => Complete(request.Json),
        _ => Refusal(404, "Not found"),
    };

    protected override EngineResponse Fail(AdapterFailure failure, string sent) => failure switch
    {
        AdapterFailure.TimedOut => Refusal(504, "Too slow for " + sent),
        AdapterFailure.Throttled => Refusal(429, "Rate limit reached for " + sent) with { Headers = new Dictionary<string, string> { ["Retry-After"] = "2" } },
        AdapterFailure.Rejected => Refusal(400, "The response was filtered: " + sent),
        AdapterFailure.Malformed => Completion("Sure! The customer says " + sent, [], null),
        _ => Refusal(500, "The server had an error with " + sent),
    };

    private EngineResponse Complete(JsonElement body)
    {
        var said = JsonDocument.Parse(body.GetProperty("messages")[1].GetProperty("content").GetString()!).RootElement.GetProperty("message").GetString()!;
        var script = Script(said);
        var intent = script.Ranking.Count == 0 ? "none" : script.Ranking[0].Intent;
        if (Writes is { } written)
        {
            return Completion(written, [], null);
        }

        var entities = script is { Entity: { } entity, Words: { } words }
            ? $$""","entities":[{"name":"{{entity}}","text":{{JsonSerializer.Serialize(words)}},"value":{{JsonSerializer.Serialize(words)}}}]"""
            : ""","entities":[]""";
        string[] tokens = ["{\"intent\":\"", intent, "\"", entities[..1], entities[1..] + "}"];
        var gives = GivesProbabilities && script.Ranking.All(r => r.Confidence is not null) && body.TryGetProperty("logprobs", out var asked) && asked.GetBoolean();
        return Completion(string.Concat(tokens), gives ? tokens : [], script);
    }

    private static EngineResponse Completion(string content, string[] tokens, Scripted? script)
    {
        JsonNode? probabilities = tokens.Length == 0 ? null : new JsonObject
        {
            ["content"] = new JsonArray([.. tokens.Select((t, i) => Token(
                t,
                i == 1 && script!.Ranking.Count > 0 ? script.Ranking[0].Confidence!.Value : 1,
                i == 1 ? script!.Ranking.Select(r => (r.Intent, r.Confidence!.Value)) : [(t, 1.0)]))]),
            ["refusal"] = null,
        };
        return EngineResponse.Json(new JsonObject
        {
            ["id"] = "chatcmpl-1",
            ["object"] = "chat.completion",
            ["created"] = 1_770_000_000,
            ["model"] = "test-model",
            ["choices"] = new JsonArray(new JsonObject
            {
                ["index"] = 0,
                ["message"] = new JsonObject { ["role"] = "assistant", ["content"] = content, ["refusal"] = null },
                ["logprobs"] = probabilities,
                ["finish_reason"] = "stop",
            }),
            ["usage"] = new JsonObject { ["prompt_tokens"] = 10, ["completion_tokens"] = 5, ["total_tokens"] = 15 },
        });
    }

    private static JsonObject Token(string text, double probability, IEnumerable<(string Text, double Probability)> top) => new()
    {
        ["token"] = text,
        ["logprob"] = Math.Log(probability),
        ["bytes"] = null,
        ["top_logprobs"] = new JsonArray([.. top.Select(a => new JsonObject { ["token"] = a.Text, ["logprob"] = Math.Log(a.Probability), ["bytes"] = null })]),
    };

    private static EngineResponse Refusal(int status, string message) =>
        EngineResponse.Json(new { error = new { message, type = "error", param = (string?)null, code = (string?)null } }, status);
}
