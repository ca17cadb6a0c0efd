using System.Text.Json;

namespace IntentRouter.Adapters.Dialogflow;

/// <summary>Dialogflow CX: matchIntent reads without moving the session; detectIntent answers.</summary>
internal sealed class CxAdapter(HttpClient http, DialogflowOptions options) : NluAdapter
{
    private readonly HashSet<string> _fallbacks = [.. options.FallbackIntents];

    public override AdapterCapabilities Capabilities { get; } = new()
    {
        Languages = options.Understood,
        MaxTextLength = options.TextLimit,
        ReportsRanking = true,
        Dialogue = true,
    };

    public override async ValueTask StartAsync(CancellationToken cancellationToken) =>
        await AgentProbe.AskAsync(http, options, "v3", cancellationToken).ConfigureAwait(false);

    protected override async ValueTask<Understanding> UnderstandCoreAsync(Utterance utterance, CancellationToken cancellationToken)
    {
        var converse = utterance.Mode == UnderstandingMode.Converse;
        var text = UtteranceText.Cut(utterance.Text, options.TextLimit);
        var (language, replaced) = options.LanguageFor(utterance);
        using var request = new HttpRequestMessage(
            HttpMethod.Post, $"v3/{options.SessionPath(utterance.SessionId)}:{(converse ? "detectIntent" : "matchIntent")}");
        request.Content = EngineHttp.Json(
            new CxRequest(
                new CxQueryInput(new CxText(text), language),
                new QueryParams(utterance.TimeZone, converse ? null : true, new RouterPayload(new RouterMark(converse ? "converse" : "read")))),
            DialogflowJson.Default.CxRequest);
        (bool, string)[] warnings = [(!ReferenceEquals(text, utterance.Text), UtteranceText.CutWarning), (replaced, "language-replaced")];
        if (!converse)
        {
            var matched = await EngineHttp.SendAsync(http, request, DialogflowJson.Default.CxMatchAnswer, Explain, cancellationToken).ConfigureAwait(false);
            return Read(matched.Matches ?? [], utterance.Text) with { Warnings = Warnings.Of(warnings) };
        }

        var answer = await EngineHttp.SendAsync(http, request, DialogflowJson.Default.CxDetectAnswer, Explain, cancellationToken).ConfigureAwait(false);
        var result = answer.QueryResult ?? throw new AdapterException(AdapterFailure.Malformed, "Dialogflow's answer has no queryResult.");
        var fulfilmentFailed = (result.WebhookStatuses ?? []).Any(s => s.Code != 0);
        return Read(result.Match is { } match ? [match] : [], utterance.Text) with
        {
            Language = result.LanguageCode,
            Warnings = Warnings.Of([.. warnings, (fulfilmentFailed, "webhook-failed")]),
            ProviderReply = Reply(result, fulfilmentFailed),
        };
    }

    protected override async ValueTask<AdapterHealth> CheckHealthCoreAsync(CancellationToken cancellationToken) =>
        await AgentProbe.AskAsync(http, options, "v3", cancellationToken).ConfigureAwait(false);

    private Understanding Read(IReadOnlyList<CxMatch> matches, string text)
    {
        var best = matches.Count > 0 ? matches[0] : null;
        return new Understanding
        {
            Kind = best?.MatchType switch
            {
                "PARAMETER_FILLING" => UnderstandingKind.Continued,
                "INTENT" or "DIRECT_INTENT" when IsNamed(best) => UnderstandingKind.Ranked,
                _ => UnderstandingKind.NoMatch,
            },
            Ranking = [.. matches
                .Where(IsNamed)
                .Select(m => new IntentCandidate(m.Intent!.DisplayName!, m.MatchType is "INTENT" or "DIRECT_INTENT" ? Confidence.Clamp(m.Confidence) : null) { Id = m.Intent.Name })],
            Entities = ParameterEntities.Read(best?.Parameters, _ => null, text),
            Model = options.Model,
            Evidence = best?.MatchType is "PLAYBOOK" or "KNOWLEDGE_CONNECTOR"
                ? [new Evidence("no-intent", 1, $"The agent would answer by {best.MatchType.ToLowerInvariant().Replace('_', ' ')}, which has no intent to route by.")]
                : [],
        };
    }

    private bool IsNamed(CxMatch match) => match.Intent?.DisplayName is { Length: > 0 } name && !_fallbacks.Contains(name);

    private static ProviderReply Reply(CxQueryResult result, bool fulfilmentFailed)
    {
        var said = result.ResponseMessages ?? [];
        var page = result.CurrentPage?.Name?.Split('/')[^1];
        return new ProviderReply
        {
            Messages = [.. said.SelectMany(m => m.Text?.Text ?? []).Where(t => !string.IsNullOrEmpty(t))],
            HandoffRequested = said.Any(m => m.LiveAgentHandoff is { ValueKind: JsonValueKind.Object }),
            Ended = page is null or "START_PAGE" or "END_FLOW" or "END_SESSION" || said.Any(m => m.EndInteraction is { ValueKind: JsonValueKind.Object }),
            FulfilmentFailed = fulfilmentFailed,
        };
    }

    private AdapterException Explain(EngineError error) => GoogleErrors.Explain(error, options);
}
