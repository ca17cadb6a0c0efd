using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;

namespace IntentRouter.Adapters.Rasa;

internal sealed class RasaAdapter(HttpClient http, RasaOptions options, TimeProvider clock) : NluAdapter, IDisposable
{
    private readonly SemaphoreSlim _slots = new(options.Concurrency);
    private readonly HashSet<string> _fallbacks = [.. options.FallbackIntents.DefaultIfEmpty("nlu_fallback")];
    private volatile string? _model;

    public override AdapterCapabilities Capabilities { get; } = new()
    {
        Languages = options.Language is { Length: > 0 } language ? new HashSet<string>(StringComparer.OrdinalIgnoreCase) { language } : null,
        ReportsRanking = true,
        ReportsSpans = true,
        Dialogue = true,
    };

    public void Dispose() => _slots.Dispose();

    public override async ValueTask StartAsync(CancellationToken cancellationToken) => await ReadStatusAsync(cancellationToken).ConfigureAwait(false);

    protected override async ValueTask<Understanding> UnderstandCoreAsync(Utterance utterance, CancellationToken cancellationToken)
    {
        var text = WithoutCommand(utterance.Text);
        if (string.IsNullOrWhiteSpace(text))
        {
            return Understanding.NoMatch;
        }

        await _slots.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            using var request = Request(HttpMethod.Post, "model/parse");
            request.Content = EngineHttp.Json(new ParseRequest(text), RasaJson.Default.ParseRequest);
            var parsed = await EngineHttp.SendAsync(http, request, RasaJson.Default.ParseAnswer, Explain, cancellationToken).ConfigureAwait(false);
            var heard = Read(parsed, utterance.Text) with
            {
                Model = _model,
                Language = options.Language,
                Warnings = ReferenceEquals(text, utterance.Text) ? [] : ["command-escaped"],
            };
            return utterance.Mode == UnderstandingMode.Converse
                ? heard with { ProviderReply = await ConverseAsync(utterance.SessionId, text, cancellationToken).ConfigureAwait(false) }
                : heard;
        }
        finally
        {
            _slots.Release();
        }
    }

    protected override async ValueTask<AdapterHealth> CheckHealthCoreAsync(CancellationToken cancellationToken)
    {
        await ReadStatusAsync(cancellationToken).ConfigureAwait(false);
        return AdapterHealth.Healthy;
    }

    private async Task ReadStatusAsync(CancellationToken cancellationToken)
    {
        using var request = Request(HttpMethod.Get, "status");
        var status = await EngineHttp.SendAsync(http, request, RasaJson.Default.StatusAnswer, Explain, cancellationToken).ConfigureAwait(false);
        _model = status.ModelId ?? status.Fingerprint ?? status.ModelFile;
    }

    // The channel says nothing of intents, and answers 200 with what it has when its dialogue broke: no text is "no answer".
    private async Task<ProviderReply> ConverseAsync(string session, string text, CancellationToken cancellationToken)
    {
        using var request = Request(HttpMethod.Post, "webhooks/rest/webhook");
        request.Content = EngineHttp.Json(new ChannelRequest(session, text), RasaJson.Default.ChannelRequest);
        var said = await EngineHttp.SendAsync(http, request, RasaJson.Default.IReadOnlyListChannelAnswer, Explain, cancellationToken).ConfigureAwait(false);
        return new ProviderReply
        {
            Messages = [.. said.SelectMany(m => new[] { m.Text, m.Image }).OfType<string>().Where(m => m.Length > 0)],
            Choices = [.. (said.LastOrDefault(m => m.Buttons is { Count: > 0 })?.Buttons ?? [])
                .Where(b => !string.IsNullOrEmpty(b.Title))
                // A command comes back as the customer's words, and those are no commands: the title is what Rasa can understand then.
                .Select(b => KeyValuePair.Create(b.Title!, b.Payload is { Length: > 0 } payload && !payload.StartsWith('/') ? payload : b.Title!))],
            Ended = false,
            FulfilmentFailed = said.Count == 0,
        };
    }

    private Understanding Read(ParseAnswer answer, string text)
    {
        IEnumerable<RasaIntent> ranking = answer.IntentRanking is { Count: > 0 } ranked ? ranked : answer.Intent is { } only ? [only] : [];
        var fellBack = answer.Intent?.Name is not { } top || _fallbacks.Contains(top);
        return new Understanding
        {
            Kind = fellBack ? UnderstandingKind.NoMatch : UnderstandingKind.Ranked,
            Ranking = [.. ranking
                .Where(i => i.Name is not null && !_fallbacks.Contains(i.Name))
                .Select(i => new IntentCandidate(Name(i.Name!, answer), Confidence.Clamp(i.Confidence)))],
            Entities = [.. (answer.Entities ?? []).Where(e => !string.IsNullOrEmpty(e.Entity)).Select(e => Read(e, text))],
            Evidence = fellBack ? [new Evidence("provider-fell-back", 1, "Rasa's fallback classifier decided that no intent fits.")] : [],
        };
    }

    private string Name(string intent, ParseAnswer answer) =>
        options.RetrievalKeys
        && answer.ResponseSelector?.TryGetValue(intent, out var selector) == true
        && selector.ValueKind == JsonValueKind.Object
        && selector.Deserialize(RasaJson.Default.Selector)?.Response?.IntentResponseKey is { Length: > 0 } key
            ? key
            : intent;

    private static Entity Read(RasaEntity entity, string text)
    {
        var place = entity is { Start: { } start, End: { } end } ? UtteranceText.FromCodePoints(text, start, end) : null;
        var words = place is var (at, length) ? text.Substring(at, length) : null;
        return new Entity(entity.Entity!, Text(entity.Value) ?? words ?? "")
        {
            Text = words,
            Start = place?.Start,
            Length = place?.Length,
            Confidence = Confidence.Clamp(entity.ConfidenceEntity ?? entity.Confidence),
            Role = entity.Role,
            Group = entity.Group,
        };
    }

    private static string? Text(JsonElement? value) => value is not { } v ? null : v.ValueKind switch
    {
        JsonValueKind.String => v.GetString(),
        JsonValueKind.Null or JsonValueKind.Undefined => null,
        _ => v.GetRawText(),
    };

    // A leading slash makes Rasa read a command that sets the intent. Blanks instead of slashes keep every position.
    private static string WithoutCommand(string text)
    {
        if (!text.AsSpan().TrimStart().StartsWith("/"))
        {
            return text;
        }

        var command = 0;
        while (command < text.Length && (text[command] == '/' || char.IsWhiteSpace(text[command])))
        {
            command++;
        }

        return new string(' ', command) + text[command..];
    }

    private HttpRequestMessage Request(HttpMethod method, string path)
    {
        // The server reads its token from the query only.
        var query = string.IsNullOrEmpty(options.Token) ? "" : "?token=" + Uri.EscapeDataString(options.Token);
        var request = new HttpRequestMessage(method, path + query);
        if (options.Jwt is { Length: > 0 } ready)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", ready);
        }
        else if (options.JwtSecret is { Length: > 0 } secret)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", RasaToken.Make(secret, clock.GetUtcNow()));
        }

        return request;
    }

    private static AdapterException Explain(EngineError error) => error.Status switch
    {
        HttpStatusCode.Conflict => new AdapterException(AdapterFailure.Unreachable, "Rasa has no model loaded; train or load one.") { RetryAfter = error.RetryAfter },
        HttpStatusCode.NotFound => error.ToException("Start Rasa with --enable-api, and check the path of url (the REST channel needs its entry in credentials.yml)."),
        HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden => error.ToException("Check token, jwt or jwtSecret; parsing needs the role admin."),
        _ => error.ToException("Rasa's log says why."),
    };
}
