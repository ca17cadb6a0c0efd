using System.Text.Json;
using System.Text.Json.Serialization;

namespace IntentRouter.Adapters.Dialogflow;

// What the v2 and v3 services take and send, as far as it is used. proto3 JSON drops zeros: an absent number is 0, an absent flag is false.
internal sealed record EsRequest(EsQueryInput QueryInput, QueryParams QueryParams);

internal sealed record EsQueryInput(EsText Text);

internal sealed record EsText(string Text, string LanguageCode);

internal sealed record CxRequest(CxQueryInput QueryInput, QueryParams QueryParams);

internal sealed record CxQueryInput(CxText Text, string LanguageCode);

internal sealed record CxText(string Text);

internal sealed record QueryParams(string? TimeZone, bool? DisableWebhook, RouterPayload Payload);

/// <summary>Reaches the agent's webhook, so that it can leave effects alone while the bot only reads.</summary>
internal sealed record RouterPayload(RouterMark Intentrouter);

internal sealed record RouterMark(string Mode);

internal sealed record EsAnswer(EsQueryResult? QueryResult, RpcStatus? WebhookStatus);

internal sealed record EsQueryResult(
    string? Action,
    IReadOnlyDictionary<string, JsonElement>? Parameters,
    bool AllRequiredParamsPresent,
    bool CancelsSlotFilling,
    string? FulfillmentText,
    IReadOnlyList<EsMessage>? FulfillmentMessages,
    IReadOnlyList<EsContext>? OutputContexts,
    EsIntent? Intent,
    double IntentDetectionConfidence,
    string? LanguageCode);

internal sealed record EsIntent(string? Name, string? DisplayName, bool IsFallback, bool EndInteraction, bool LiveAgentHandoff);

internal sealed record EsContext(string? Name, int LifespanCount, IReadOnlyDictionary<string, JsonElement>? Parameters);

internal sealed record EsMessage(string? Platform, Texts? Text, EsQuickReplies? QuickReplies, EsCard? Card);

internal sealed record EsQuickReplies(string? Title, IReadOnlyList<string>? QuickReplies);

internal sealed record EsCard(string? Title, string? Subtitle, IReadOnlyList<EsCardButton>? Buttons);

internal sealed record EsCardButton(string? Text, string? Postback);

internal sealed record CxMatchAnswer(IReadOnlyList<CxMatch>? Matches);

internal sealed record CxDetectAnswer(CxQueryResult? QueryResult);

internal sealed record CxQueryResult(
    string? LanguageCode,
    IReadOnlyList<CxMessage>? ResponseMessages,
    CxPage? CurrentPage,
    CxMatch? Match,
    IReadOnlyList<RpcStatus>? WebhookStatuses);

internal sealed record CxMatch(CxIntent? Intent, IReadOnlyDictionary<string, JsonElement>? Parameters, string? MatchType, double Confidence);

internal sealed record CxIntent(string? Name, string? DisplayName);

internal sealed record CxPage(string? Name);

internal sealed record CxMessage(Texts? Text, JsonElement? LiveAgentHandoff, JsonElement? EndInteraction);

internal sealed record Texts(IReadOnlyList<string>? Text);

internal sealed record RpcStatus(int Code);

internal sealed record Agent(string? DisplayName);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(EsRequest))]
[JsonSerializable(typeof(EsAnswer))]
[JsonSerializable(typeof(CxRequest))]
[JsonSerializable(typeof(CxMatchAnswer))]
[JsonSerializable(typeof(CxDetectAnswer))]
[JsonSerializable(typeof(Agent))]
internal sealed partial class DialogflowJson : JsonSerializerContext;
