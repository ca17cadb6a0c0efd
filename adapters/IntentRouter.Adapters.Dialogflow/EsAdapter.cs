using System.Text.Json;

namespace IntentRouter.Adapters.Dialogflow;

/// <summary>Dialogflow ES: detectIntent moves contexts, so a reading call gets a session of its own.</summary>
internal sealed class EsAdapter(HttpClient http, DialogflowOptions options) : NluAdapter
{
    private readonly HashSet<string> _fallbacks = [.. options.FallbackIntents];

    public override AdapterCapabilities Capabilities { get; } = new()
    {
        Languages = options.Understood,
        MaxTextLength = options.TextLimit,
        Dialogue = true,
    };

    public override async ValueTask StartAsync(CancellationToken cancellationToken) =>
        await AgentProbe.AskAsync(http, options, "v2", cancellationToken).ConfigureAwait(false);

    protected override async ValueTask<Understanding> UnderstandCoreAsync(Utterance utterance, CancellationToken cancellationToken)
    {
        var converse = utterance.Mode == UnderstandingMode.Converse;
        var text = UtteranceText.Cut(utterance.Text, options.TextLimit);
        var (language, replaced) = options.LanguageFor(utterance);
        var session = converse ? utterance.SessionId : Guid.NewGuid().ToString("N");
        using var request = new HttpRequestMessage(HttpMethod.Post, $"v2/{options.SessionPath(session)}:detectIntent");
        request.Content = EngineHttp.Json(
            new EsRequest(
                new EsQueryInput(new EsText(text, language)),
                new QueryParams(utterance.TimeZone, null, new RouterPayload(new RouterMark(converse ? "converse" : "read")))),
            DialogflowJson.Default.EsRequest);
        var answer = await EngineHttp.SendAsync(http, request, DialogflowJson.Default.EsAnswer, e => GoogleErrors.Explain(e, options), cancellationToken).ConfigureAwait(false);
        var result = answer.QueryResult ?? throw new AdapterException(AdapterFailure.Malformed, "Dialogflow's answer has no queryResult.");
        var fulfilmentFailed = answer.WebhookStatus is { Code: not 0 };
        return new Understanding
        {
            Kind = IsFallback(result) ? UnderstandingKind.NoMatch : UnderstandingKind.Ranked,
            Ranking = IsFallback(result) ? [] : [new IntentCandidate(result.Intent!.DisplayName!, Confidence.Clamp(result.IntentDetectionConfidence)) { Id = result.Intent.Name }],
            Entities = ParameterEntities.Read(result.Parameters, name => Original(result, name), utterance.Text),
            Model = options.Model,
            Language = result.LanguageCode,
            Warnings = Warnings.Of(
                (!ReferenceEquals(text, utterance.Text), UtteranceText.CutWarning), (replaced, "language-replaced"), (fulfilmentFailed, "webhook-failed")),
            ProviderReply = converse ? Reply(result, fulfilmentFailed) : null,
        };
    }

    protected override async ValueTask<AdapterHealth> CheckHealthCoreAsync(CancellationToken cancellationToken) =>
        await AgentProbe.AskAsync(http, options, "v2", cancellationToken).ConfigureAwait(false);

    // No single sign is reliable: agents were seen to answer isFallback false with confidence 1 on a fallback.
    private bool IsFallback(EsQueryResult result) =>
        result.Intent is not { DisplayName: { Length: > 0 } name } intent
        || intent.IsFallback
        || result.Action == "input.unknown"
        || _fallbacks.Contains(name);

    private static JsonElement? Original(EsQueryResult result, string name)
    {
        foreach (var context in result.OutputContexts ?? [])
        {
            if (context.Parameters?.TryGetValue(name + ".original", out var words) == true)
            {
                return words;
            }
        }

        return null;
    }

    private static ProviderReply Reply(EsQueryResult result, bool fulfilmentFailed)
    {
        var plain = (result.FulfillmentMessages ?? []).Where(m => m.Platform is null or "PLATFORM_UNSPECIFIED").ToArray();
        string[] texts =
        [
            .. plain.SelectMany(m => (m.Text?.Text ?? []).Append(m.QuickReplies?.Title).Append(Card(m.Card))).OfType<string>().Where(t => t.Length > 0),
        ];
        return new ProviderReply
        {
            Messages = texts.Length > 0 ? texts : string.IsNullOrEmpty(result.FulfillmentText) ? [] : [result.FulfillmentText],
            Choices =
            [
                .. plain.SelectMany(m => m.QuickReplies?.QuickReplies ?? []).Select(q => KeyValuePair.Create(q, q)),
                .. plain.SelectMany(m => m.Card?.Buttons ?? []).Where(b => !string.IsNullOrEmpty(b.Text)).Select(b => KeyValuePair.Create(b.Text!, b.Postback ?? b.Text!)),
            ],
            HandoffRequested = result.Intent?.LiveAgentHandoff ?? false,
            Ended = result.Intent?.EndInteraction == true || result.CancelsSlotFilling || (result.AllRequiredParamsPresent && !Waits(result)),
            FulfilmentFailed = fulfilmentFailed,
        };
    }

    private static string? Card(EsCard? card) => card is null ? null : string.Join('\n', new[] { card.Title, card.Subtitle }.Where(t => !string.IsNullOrEmpty(t)));

    // A context that the agent set for the next message: its follow-up intents match in this session only.
    private static bool Waits(EsQueryResult result) =>
        (result.OutputContexts ?? []).Any(c => c.LifespanCount > 0 && c.Name?.Split('/')[^1].StartsWith("__", StringComparison.Ordinal) == false);
}
