using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;

namespace IntentRouter.Adapters.LanguageModel;

/// <summary>
/// Asks a chat model to name the intent. It can only name one of the list: whatever a customer writes into a message, no other word leaves here.
/// </summary>
internal sealed class LanguageModelAdapter(HttpClient http, LanguageModelOptions options, AdapterRegistration registration) : NluAdapter
{
    private static readonly MediaTypeHeaderValue _json = new("application/json");

    private volatile Prompt? _prompt;

    public override AdapterCapabilities Capabilities { get; } = new()
    {
        MaxTextLength = options.TextLimit,
        ReportsConfidence = options.LogProbabilities,
        ReportsRanking = options.LogProbabilities,
        Remote = !options.Private,
    };

    public override ValueTask StartAsync(CancellationToken cancellationToken)
    {
        _prompt ??= Prompt.Read(options, registration.ContentRoot);
        return ValueTask.CompletedTask;
    }

    protected override async ValueTask<Understanding> UnderstandCoreAsync(Utterance utterance, CancellationToken cancellationToken)
    {
        var prompt = _prompt ?? throw new AdapterException(AdapterFailure.Rejected, "The training data has not been read.");
        var text = UtteranceText.Cut(utterance.Text, options.TextLimit);
        var choice = await AskAsync(prompt, text, cancellationToken).ConfigureAwait(false);
        var content = choice.Message?.Text ?? "";
        var answer = Read(content);
        var known = prompt.Intents.Contains(answer.Intent) || answer.Intent == Prompt.None;
        var probabilities = known ? TokenConfidence.Read(content, answer.Intent, choice.Logprobs?.Content ?? [], prompt.Names) : null;
        IEnumerable<string> ranking = probabilities?.Keys ?? (known ? [answer.Intent] : []);
        return new Understanding
        {
            Kind = known && answer.Intent != Prompt.None ? UnderstandingKind.Ranked : UnderstandingKind.NoMatch,
            Ranking = [.. ranking.Where(prompt.Intents.Contains)
                .OrderByDescending(i => i == answer.Intent)
                .Select(i => new IntentCandidate(i, Confidence.Clamp(probabilities?[i])))],
            // What the person did not write was made up.
            Entities = [.. answer.Entities
                .Where(e => prompt.Entities.Contains(e.Name) && e.Text is { Length: > 0 } words && utterance.Text.Contains(words, StringComparison.OrdinalIgnoreCase))
                .Select(e => UtteranceText.Locate(e, utterance.Text))],
            Model = $"{options.Model}/{prompt.Version}",
            Warnings = (ReferenceEquals(text, utterance.Text), known) switch
            {
                (true, true) => [],
                (false, true) => [UtteranceText.CutWarning],
                (true, false) => ["answer-outside-list"],
                _ => [UtteranceText.CutWarning, "answer-outside-list"],
            },
        };
    }

    protected override async ValueTask<AdapterHealth> CheckHealthCoreAsync(CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "models");
        using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);
        return response.StatusCode switch
        {
            _ when response.IsSuccessStatusCode => AdapterHealth.Healthy,
            HttpStatusCode.NotFound => new AdapterHealth(true, null, "The server does not list its models, so only the connection was checked."),
            _ => throw Explain(new EngineError(response.StatusCode, response.Headers, null)),
        };
    }

    private async Task<ChatChoice> AskAsync(Prompt prompt, string text, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "chat/completions") { Content = new ByteArrayContent(prompt.Ask(text)) };
        request.Content.Headers.ContentType = _json;
        var answer = await EngineHttp.SendAsync(http, request, ChatJson.Default.ChatAnswer, Explain, cancellationToken).ConfigureAwait(false);
        return answer.Choices is [{ } choice, ..]
            ? choice
            : throw new AdapterException(AdapterFailure.Malformed, "The server's answer is not that of a chat completion API: it has no choices.");
    }

    private static AdapterException Explain(EngineError error) => error.Status switch
    {
        HttpStatusCode.BadRequest => Explain(error, " Check model; some models refuse logProbabilities, temperature or schema."),
        HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden => Explain(error, " Check apiKey."),
        HttpStatusCode.NotFound => Explain(error, " Check url (it ends with /v1) and model."),
        _ => Explain(error, ""),
    };

    private static AdapterException Explain(EngineError error, string remedy) =>
        new(AdapterException.FromStatus(error.Status), $"The model's server answered {(int)error.Status}.{remedy}") { RetryAfter = error.RetryAfter };

    private static (string Intent, IReadOnlyList<Entity> Entities) Read(string content)
    {
        try
        {
            var answer = JsonSerializer.Deserialize(content, LanguageModelJson.Default.ModelAnswer);
            return answer?.Intent is { Length: > 0 } intent
                ? (intent, [.. (answer.Entities ?? []).OfType<ModelEntity>()
                    .Where(e => !string.IsNullOrEmpty(e.Name) && !string.IsNullOrEmpty(e.Value ?? e.Text))
                    .Select(e => new Entity(e.Name!, e.Value ?? e.Text!) { Text = e.Text })])
                : throw new AdapterException(AdapterFailure.Malformed, "The model's answer names no intent.");
        }
        catch (JsonException)
        {
            // The parser's message may quote the answer.
            throw new AdapterException(AdapterFailure.Malformed, "The model did not answer in JSON.");
        }
    }
}
