using System.Text.Json.Serialization;
using IntentRouter;

namespace Contoso.Nlu;

/// <summary>Asks the engine. Replace the wire shapes below by your engine's.</summary>
internal sealed class EngineTitleAdapter(HttpClient http, EngineTitleOptions options) : NluAdapter
{
    private const int TextLimit = 5000;

    public override AdapterCapabilities Capabilities { get; } = new() { MaxTextLength = TextLimit, ReportsRanking = true };

    protected override async ValueTask<Understanding> UnderstandCoreAsync(Utterance utterance, CancellationToken cancellationToken)
    {
        var text = UtteranceText.Cut(utterance.Text, TextLimit);
        using var request = new HttpRequestMessage(HttpMethod.Post, "parse") { Content = EngineHttp.Json(new Question(text), Wire.Default.Question) };
        Authorize(request);
        var answer = await EngineHttp.SendAsync(http, request, Wire.Default.Answer, explain: null, cancellationToken);
        return new Understanding
        {
            Kind = answer.Intents is { Count: > 0 } ? UnderstandingKind.Ranked : UnderstandingKind.NoMatch,
            Ranking = [.. (answer.Intents ?? []).Select(i => new IntentCandidate(i.Name ?? "", Confidence.Clamp(i.Confidence)))],
            Warnings = ReferenceEquals(text, utterance.Text) ? [] : [UtteranceText.CutWarning],
        };
    }

    protected override async ValueTask<AdapterHealth> CheckHealthCoreAsync(CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "health");
        Authorize(request);
        using var response = await http.SendAsync(request, cancellationToken);
        response.EnsureSuccessStatusCode();
        return AdapterHealth.Healthy;
    }

    private void Authorize(HttpRequestMessage request)
    {
        if (!string.IsNullOrEmpty(options.ApiKey))
        {
            request.Headers.Add("X-Api-Key", options.ApiKey);
        }
    }
}

internal sealed record Question(string Text);

internal sealed record Answer(IReadOnlyList<AnswerIntent>? Intents);

internal sealed record AnswerIntent(string? Name, double? Confidence);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(Question))]
[JsonSerializable(typeof(Answer))]
internal sealed partial class Wire : JsonSerializerContext;
