using System.Net;
using System.Text.Json;

namespace IntentRouter.Adapters.Http;

internal sealed class HttpEngineAdapter(HttpClient http, HttpEngineOptions options) : NluAdapter
{
    public override AdapterCapabilities Capabilities { get; } = new()
    {
        Languages = options.Languages.Count > 0 ? new HashSet<string>(options.Languages, StringComparer.OrdinalIgnoreCase) : null,
        MaxTextLength = options.MaxTextLength,
        ReportsRanking = true,
        ReportsSpans = true,
        Dialogue = options.Dialogue,
    };

    protected override async ValueTask<Understanding> UnderstandCoreAsync(Utterance utterance, CancellationToken cancellationToken)
    {
        var text = UtteranceText.Cut(utterance.Text, options.MaxTextLength);
        var mode = utterance.Mode == UnderstandingMode.Converse ? EngineMode.Converse : EngineMode.Read;
        using var request = new HttpRequestMessage(HttpMethod.Post, "v1/understand");
        request.Content = EngineHttp.Json(
            new UnderstandRequest(text, utterance.Language, utterance.SessionId, utterance.TimeZone, mode), HttpEngineJson.Default.UnderstandRequest);
        var answer = await EngineHttp.SendAsync(http, request, HttpEngineJson.Default.UnderstandAnswer, Explain, cancellationToken).ConfigureAwait(false);
        return new Understanding
        {
            Kind = answer.Kind switch
            {
                EngineKind.NoMatch => UnderstandingKind.NoMatch,
                EngineKind.Continued => UnderstandingKind.Continued,
                EngineKind.Ranked => UnderstandingKind.Ranked,
                _ => throw new AdapterException(AdapterFailure.Malformed, "The engine's answer has no kind; it is ranked, noMatch or continued."),
            },
            Ranking = [.. (answer.Ranking ?? []).Select(c => new IntentCandidate(c.Intent ?? "", Read(c.Confidence)) { Id = c.Id })],
            Entities = [.. (answer.Entities ?? []).Select(e => Read(e, utterance.Text, answer.Positions ?? EnginePositions.Utf16))],
            Model = answer.Model,
            Language = answer.Language,
            Evidence = [.. (answer.Evidence ?? []).Where(e => !string.IsNullOrEmpty(e.Name)).Select(e => new Evidence(e.Name!, e.Value, e.Meaning))],
            Warnings = ReferenceEquals(text, utterance.Text) ? answer.Warnings ?? [] : [UtteranceText.CutWarning, .. answer.Warnings ?? []],
            ProviderReply = mode == EngineMode.Converse && answer.Reply is { } reply ? Read(reply) : null,
        };
    }

    protected override async ValueTask<AdapterHealth> CheckHealthCoreAsync(CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "v1/health");
        var answer = await EngineHttp.SendAsync(http, request, HttpEngineJson.Default.HealthAnswer, Explain, cancellationToken).ConfigureAwait(false);
        return answer.Healthy switch
        {
            true => AdapterHealth.Healthy,
            false => new AdapterHealth(false, AdapterFailure.Unreachable, answer.Description ?? "The server says that it is not ready."),
            null => throw new AdapterException(AdapterFailure.Malformed, "The health answer has no member 'healthy'."),
        };
    }

    // The contract is ours, so a number out of range is a bug of the server and not something to repair.
    private static Confidence? Read(double? confidence) => confidence switch
    {
        null => null,
        >= 0 and <= 1 => Confidence.From(confidence.Value),
        _ => throw new AdapterException(AdapterFailure.Malformed, "The engine's answer has a confidence outside 0 to 1."),
    };

    private static Entity Read(EngineEntity entity, string text, EnginePositions positions)
    {
        if (string.IsNullOrEmpty(entity.Name))
        {
            throw new AdapterException(AdapterFailure.Malformed, "The engine's answer has an entity without a name.");
        }

        (int Start, int Length)? place = entity is not { Start: { } start, End: { } end } ? null
            : positions == EnginePositions.CodePoints ? UtteranceText.FromCodePoints(text, start, end)
            : start >= 0 && end >= start && end <= text.Length ? (start, end - start)
            : null;
        var words = place is var (at, length) ? text.Substring(at, length) : entity.Text;
        var value = entity.Value is not { } v ? null : v.ValueKind == JsonValueKind.String ? v.GetString() : v.ValueKind == JsonValueKind.Null ? null : v.GetRawText();
        var read = new Entity(entity.Name, value ?? words ?? "")
        {
            Text = words,
            Start = place?.Start,
            Length = place?.Length,
            Confidence = Read(entity.Confidence),
            Role = entity.Role,
            Group = entity.Group,
        };
        return UtteranceText.Locate(read, text);
    }

    private static ProviderReply Read(EngineReply reply) => new()
    {
        Messages = [.. (reply.Messages ?? []).Where(m => !string.IsNullOrEmpty(m))],
        Choices = [.. (reply.Choices ?? []).Where(c => !string.IsNullOrEmpty(c.Title)).Select(c => KeyValuePair.Create(c.Title!, c.Value ?? c.Title!))],
        HandoffRequested = reply.Handoff ?? false,
        Ended = reply.Ended ?? true,
        FulfilmentFailed = reply.FulfilmentFailed ?? false,
    };

    private static AdapterException Explain(EngineError error) => error.Status switch
    {
        HttpStatusCode.NotFound => error.ToException("Check url: POST v1/understand and GET v1/health are expected below it."),
        HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden => error.ToException("Check token and headers."),
        _ => error.ToException(),
    };
}
