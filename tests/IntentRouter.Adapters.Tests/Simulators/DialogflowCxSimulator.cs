using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using IntentRouter.TestKit;

namespace IntentRouter.Adapters.Tests.Simulators;

/// <summary>Dialogflow CX, API v3: one agent; sections 4 and 5 of the provider contracts. Only detectIntent moves a session.</summary>
public sealed partial class DialogflowCxSimulator : GoogleApi
{
    private static readonly Dictionary<string, int> _matchTypes = new(StringComparer.Ordinal)
    {
        ["INTENT"] = 1,
        ["DIRECT_INTENT"] = 2,
        ["PARAMETER_FILLING"] = 3,
        ["NO_MATCH"] = 4,
        ["NO_INPUT"] = 5,
        ["EVENT"] = 6,
        ["KNOWLEDGE_CONNECTOR"] = 8,
        ["PLAYBOOK"] = 9,
    };

    public string Agent { get; init; } = "projects/demo-project/locations/europe-west1/agents/11111111-2222-4333-8444-555555555555";

    public IReadOnlyList<string> Languages { get; init; } = ["en", "de"];

    /// <summary>How the best match came about.</summary>
    public string MatchType { get; set; } = "INTENT";

    public override void Reset()
    {
        base.Reset();
        MatchType = "INTENT";
    }

    protected override EngineResponse Route(EngineRequest request, string[] segments, bool numbers)
    {
        var path = string.Join('/', segments);
        if (request.Method == "GET" && path == $"v3/{Agent}")
        {
            return MayReadAgent
                ? EngineResponse.Json(new { name = Agent, displayName = "Demo", defaultLanguageCode = "en", timeZone = "Europe/Berlin" })
                : Error("PERMISSION_DENIED", "Permission dialogflow.agents.get denied.", "IAM_PERMISSION_DENIED");
        }

        var session = path.StartsWith($"v3/{Agent}/", StringComparison.Ordinal) ? SessionPath().Match(path[$"v3/{Agent}/".Length..]) : Match.Empty;
        if (request.Method != "POST" || !session.Success)
        {
            return path.StartsWith($"v3/{Agent}/", StringComparison.Ordinal)
                ? Error("INVALID_ARGUMENT", "Resource name does not match a session.")
                : Error("NOT_FOUND", "Agent does not exist, or lives in another region.");
        }

        var body = JsonNode.Parse(request.Text)!.AsObject();
        var input = body["queryInput"] as JsonObject;
        if (Unknown(body, "root", "queryInput", "queryParams", "outputAudioConfig", "persistParameterChanges", "responseView") is { } atRoot)
        {
            return atRoot;
        }

        if (input?["text"] is not JsonObject text || Unknown(text, "query_input.text", "text") is not null || Unknown(input, "query_input", "text", "languageCode") is not null
            || (body["queryParams"] is JsonObject parameters
                && Unknown(parameters, "query_params", "timeZone", "geoLocation", "sessionEntityTypes", "payload", "parameters", "currentPage", "currentPlaybook", "disableWebhook", "analyzeQueryTextSentiment", "webhookHeaders", "flowVersions", "llmModelSettings", "channel", "sessionTtl", "endUserMetadata", "searchConfig", "parameterScope", "populateDataStoreConnectionSignals") is not null))
        {
            return Error("INVALID_ARGUMENT", "Query input not set, or an unknown member.");
        }

        var words = (string?)text["text"] ?? "";
        var language = (string?)input["languageCode"] ?? "";
        if (words.Length is 0 or > 256)
        {
            return Error("INVALID_ARGUMENT", "Text is empty or longer than 256 characters.");
        }

        if (!Languages.Contains(language.Split('-')[0]))
        {
            return Error("INVALID_ARGUMENT", $"The agent does not support language {language}.");
        }

        var script = Script(words);
        if (session.Groups["verb"].Value == "matchIntent")
        {
            return EngineResponse.Json(new JsonObject
            {
                ["text"] = words,
                ["matches"] = new JsonArray([.. Matches(script, words, numbers)]),
                ["currentPage"] = Page(script.Waits),
            });
        }

        Move(session.Groups["id"].Value);
        return EngineResponse.Json(Detected(script, words, language, numbers));
    }

    private IEnumerable<JsonNode> Matches(Scripted script, string words, bool numbers)
    {
        if (script.Ranking.Count == 0)
        {
            return [new JsonObject { ["matchType"] = Word("NO_MATCH", numbers), ["event"] = "sys.no-match-default", ["resolvedInput"] = words, ["confidence"] = 0.3 }];
        }

        return script.Ranking.Select((r, i) =>
        {
            var match = new JsonObject
            {
                ["intent"] = new JsonObject { ["name"] = $"{Agent}/intents/{i + 1}", ["displayName"] = r.Intent },
                ["resolvedInput"] = words,
                ["matchType"] = Word(i == 0 ? MatchType : "INTENT", numbers),
            };
            if (r.Confidence is { } confidence and not 0)
            {
                match["confidence"] = confidence;
            }

            if (i == 0 && script.Entity is not null)
            {
                match["parameters"] = Entities(script);
            }

            return match;
        });
    }

    private JsonObject Detected(Scripted script, string words, string language, bool numbers) => new()
    {
        ["responseId"] = "9a1f0000-0000-4000-8000-000000000000",
        ["queryResult"] = new JsonObject
        {
            ["text"] = words,
            ["languageCode"] = language,
            ["parameters"] = new JsonObject { ["guests"] = 4 },
            ["responseMessages"] = new JsonArray([.. (script.Replies ?? []).Select(r => new JsonObject
            {
                ["text"] = new JsonObject { ["text"] = new JsonArray(r) },
                ["responseType"] = numbers ? 3 : "HANDLER_PROMPT",
            })]),
            ["currentPage"] = Page(script.Waits),
            ["match"] = Matches(script, words, numbers).First().DeepClone(),
            ["webhookStatuses"] = new JsonArray(new JsonObject()),
            ["webhookPayloads"] = new JsonArray(new JsonObject()),
            ["diagnosticInfo"] = new JsonObject { ["Alternative Matched Intents"] = new JsonArray(new JsonObject { ["Id"] = "1", ["Score"] = 0.28 }) },
        },
        ["responseType"] = numbers ? 2 : "FINAL",
    };

    private JsonObject Page(bool waits) => new()
    {
        ["name"] = $"{Agent}/flows/00000000-0000-0000-0000-000000000000/pages/{(waits ? "22222222-0000-4000-8000-000000000000" : "START_PAGE")}",
        ["displayName"] = waits ? "Ask guests" : "Start Page",
    };

    private static JsonNode Word(string type, bool numbers) => numbers ? _matchTypes[type] : type;

    [GeneratedRegex("^(environments/(?<environment>[^/]+)/)?sessions/(?<id>[^/]{1,36}):(?<verb>detectIntent|matchIntent)$")]
    private static partial Regex SessionPath();
}
