using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using IntentRouter.TestKit;

namespace IntentRouter.Adapters.Tests.Simulators;

/// <summary>Dialogflow ES, API v2: one project, one region; sections 3 and 5 of the provider contracts.</summary>
public sealed partial class DialogflowEsSimulator : GoogleApi
{
    public const int TextLimit = 256;

    /// <summary>The part before <c>/sessions</c> and <c>/environments</c>.</summary>
    public string Agent { get; init; } = "projects/demo-project/agent";

    /// <summary>Languages that the agent knows.</summary>
    public IReadOnlyList<string> Languages { get; init; } = ["en", "de"];

    /// <summary>Whether the fallback answers as some agents were seen to: not marked.</summary>
    public bool HidesFallback { get; set; }

    protected override EngineResponse Route(EngineRequest request, string[] segments, bool numbers)
    {
        var path = string.Join('/', segments);
        if (request.Method == "GET" && path == $"v2/{Agent}")
        {
            return MayReadAgent
                ? EngineResponse.Json(new { parent = "projects/demo-project", displayName = "Demo", defaultLanguageCode = "en", timeZone = "Europe/Berlin" })
                : Error("PERMISSION_DENIED", "The caller does not have permission dialogflow.agents.get", "IAM_PERMISSION_DENIED");
        }

        if (!path.StartsWith($"v2/{Agent}/", StringComparison.Ordinal))
        {
            return Error("NOT_FOUND", $"No DesignTimeAgent found for {path}.");
        }

        var session = SessionPath().Match(path[$"v2/{Agent}/".Length..]);
        if (request.Method != "POST" || !session.Success)
        {
            return Error("INVALID_ARGUMENT", "Resource name does not match a session.");
        }

        var id = session.Groups["id"].Value;
        return id.Length > 36
            ? Error("INVALID_ARGUMENT", "Session id is too long.")
            : Detect(JsonNode.Parse(request.Text)!.AsObject(), id, numbers);
    }

    private EngineResponse Detect(JsonObject body, string session, bool numbers)
    {
        var input = body["queryInput"] as JsonObject;
        var text = input?["text"] as JsonObject;
        if (Unknown(body, "root", "queryInput", "queryParams", "outputAudioConfig", "outputAudioConfigMask", "inputAudio") is { } atRoot)
        {
            return atRoot;
        }

        if (input is null || text is null || Unknown(text, "query_input.text", "text", "languageCode") is not null
            || (body["queryParams"] is JsonObject parameters
                && Unknown(parameters, "query_params", "timeZone", "geoLocation", "contexts", "resetContexts", "sessionEntityTypes", "payload", "sentimentAnalysisRequestConfig", "webhookHeaders", "platform") is not null))
        {
            return Error("INVALID_ARGUMENT", "Input text not set, or an unknown member.");
        }

        var words = (string?)text["text"] ?? "";
        var language = (string?)text["languageCode"] ?? "";
        if (words.Length is 0 or > TextLimit)
        {
            return Error("INVALID_ARGUMENT", words.Length == 0 ? "Input text not set." : $"Input text exceeds {TextLimit} characters: {words}");
        }

        if (!Languages.Contains(language.Split('-')[0]))
        {
            return Error("INVALID_ARGUMENT", $"Agent does not support language {language}.");
        }

        Move(session);
        return EngineResponse.Json(Result(session, words, language, Script(words), numbers));
    }

    private JsonObject Result(string session, string words, string language, Scripted script, bool numbers)
    {
        var fallback = script.Ranking.Count == 0;
        var intent = fallback
            ? new JsonObject { ["name"] = $"{Agent}/intents/00000000-0000-4000-8000-000000000000", ["displayName"] = "Default Fallback Intent" }
            : new JsonObject { ["name"] = $"{Agent}/intents/7d1a1d0c-0000-4000-8000-000000000001", ["displayName"] = script.Ranking[0].Intent };
        if (fallback && !HidesFallback)
        {
            intent["isFallback"] = true;
        }

        var contexts = new JsonArray();
        if (script is { Entity: { } entity, Words: { } said })
        {
            contexts.Add(new JsonObject
            {
                ["name"] = $"{Agent}/sessions/{session}/contexts/__system_counters__",
                ["lifespanCount"] = 1,
                ["parameters"] = new JsonObject { [entity] = said, [entity + ".original"] = said, ["no-input"] = 0 },
            });
        }

        if (script.Waits)
        {
            contexts.Add(new JsonObject { ["name"] = $"{Agent}/sessions/{session}/contexts/booking", ["lifespanCount"] = 5 });
        }

        var result = new JsonObject
        {
            ["queryText"] = words,
            ["parameters"] = Entities(script),
            ["fulfillmentText"] = script.Replies is { Count: > 0 } texts ? texts[0] : "",
            ["fulfillmentMessages"] = new JsonArray(
            [
                .. (script.Replies ?? []).Select(r => new JsonObject { ["text"] = new JsonObject { ["text"] = new JsonArray(r) } }),
                new JsonObject { ["platform"] = numbers ? 2 : "SLACK", ["payload"] = new JsonObject { ["blocks"] = new JsonArray() } },
            ]),
            ["outputContexts"] = contexts,
            ["intent"] = intent,
            ["languageCode"] = language.Split('-')[0],
        };

        // proto3 JSON leaves out what is false, empty or zero.
        if (fallback && !HidesFallback)
        {
            result["action"] = "input.unknown";
        }

        if (!script.Waits)
        {
            result["allRequiredParamsPresent"] = true;
        }

        if ((fallback ? 1 : script.Ranking[0].Confidence) is { } confidence and not 0)
        {
            result["intentDetectionConfidence"] = confidence;
        }

        return new JsonObject { ["responseId"] = "0f2c7a6e-1f", ["queryResult"] = result };
    }

    [GeneratedRegex("^(environments/(?<environment>[^/]+)/users/[^/]+/)?sessions/(?<id>[^/]+):detectIntent$")]
    private static partial Regex SessionPath();
}
