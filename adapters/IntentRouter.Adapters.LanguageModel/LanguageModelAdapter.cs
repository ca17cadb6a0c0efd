using System.ClientModel;
using System.ClientModel.Primitives;
using System.Globalization;
using System.Net;
using System.Text.Json;
using Microsoft.Extensions.AI;
using OpenAI;
using OpenAI.Chat;
using ChatResponseFormat = Microsoft.Extensions.AI.ChatResponseFormat;

namespace IntentRouter.Adapters.LanguageModel;

/// <summary>
/// Asks a chat model to name the intent. It can only name one of the list: whatever a customer writes into a message, no other word leaves here.
/// </summary>
internal sealed class LanguageModelAdapter : NluAdapter, IDisposable
{
    private readonly LanguageModelOptions _options;
    private readonly AdapterRegistration _registration;
    private readonly HttpClient _http;
    private readonly IChatClient _chat;
    private volatile Prompt? _prompt;

    public LanguageModelAdapter(HttpClient http, LanguageModelOptions options, AdapterRegistration registration)
    {
        _http = http;
        _options = options;
        _registration = registration;
        var client = new ChatClient(
            options.Model,
            new ApiKeyCredential(string.IsNullOrEmpty(options.ApiKey) ? "none" : options.ApiKey),
            new OpenAIClientOptions
            {
                Endpoint = options.Server,
                Transport = new HttpClientPipelineTransport(http),
                RetryPolicy = new ClientRetryPolicy(maxRetries: 0),
                NetworkTimeout = Timeout.InfiniteTimeSpan,
            });
        _chat = client.AsIChatClient();
        Capabilities = new AdapterCapabilities
        {
            MaxTextLength = options.TextLimit,
            ReportsConfidence = options.LogProbabilities,
            ReportsRanking = options.LogProbabilities,
            Remote = !options.Private,
        };
    }

    public override AdapterCapabilities Capabilities { get; }

    public void Dispose() => _chat.Dispose();

    public override ValueTask StartAsync(CancellationToken cancellationToken)
    {
        _prompt ??= Prompt.Read(_options, _registration.ContentRoot);
        return ValueTask.CompletedTask;
    }

    protected override async ValueTask<Understanding> UnderstandCoreAsync(Utterance utterance, CancellationToken cancellationToken)
    {
        var prompt = _prompt ?? throw new AdapterException(AdapterFailure.Rejected, "The training data has not been read.");
        var text = UtteranceText.Cut(utterance.Text, _options.TextLimit);
        var response = await AskAsync(prompt, text, cancellationToken).ConfigureAwait(false);
        var content = response.Text;
        var answer = Read(content);
        var known = prompt.Intents.Contains(answer.Intent) || answer.Intent == Prompt.None;
        var probabilities = known ? TokenConfidence.Read(content, answer.Intent, Tokens(response), [.. prompt.Intents, Prompt.None]) : null;
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
            Model = $"{_options.Model}/{prompt.Version}",
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
        if (!string.IsNullOrEmpty(_options.ApiKey))
        {
            request.Headers.Authorization = new System.Net.Http.Headers.AuthenticationHeaderValue("Bearer", _options.ApiKey);
        }

        using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);
        return response.StatusCode switch
        {
            _ when response.IsSuccessStatusCode => AdapterHealth.Healthy,
            HttpStatusCode.NotFound => new AdapterHealth(true, null, "The server does not list its models, so only the connection was checked."),
            _ => throw Explain((int)response.StatusCode, response.Headers.RetryAfter?.Delta),
        };
    }

    private async Task<ChatResponse> AskAsync(Prompt prompt, string text, CancellationToken cancellationToken)
    {
        var options = new ChatOptions
        {
            Temperature = _options.Temperature,
            MaxOutputTokens = 400,
            ResponseFormat = _options.Schema ? ChatResponseFormat.ForJsonSchema(prompt.Schema, "understanding") : ChatResponseFormat.Json,
            RawRepresentationFactory = _ => _options.LogProbabilities
                ? new ChatCompletionOptions { IncludeLogProbabilities = true, TopLogProbabilityCount = 5 }
                : new ChatCompletionOptions(),
        };
        try
        {
            return await _chat.GetResponseAsync(
                [new(ChatRole.System, prompt.System), new(ChatRole.User, Prompt.Quote(text))], options, cancellationToken).ConfigureAwait(false);
        }
        catch (ClientResultException ex)
        {
            // Its message repeats the server's, which may repeat the text: it is not passed on.
            throw ex.Status == 0
                ? new AdapterException(AdapterFailure.Unreachable, "The model's server could not be reached.", ex.InnerException)
                : Explain(ex.Status, RetryAfter(ex.GetRawResponse()));
        }
        catch (Exception ex) when (ex is JsonException or InvalidOperationException or KeyNotFoundException or ArgumentException or FormatException)
        {
            // The client library throws many kinds on an answer that is not the API's.
            throw new AdapterException(AdapterFailure.Malformed, $"The server's answer is not that of a chat completion API ({ex.GetType().Name}).");
        }
    }

    private static AdapterException Explain(int status, TimeSpan? retryAfter)
    {
        var remedy = status switch
        {
            400 => " Check model; some models refuse logProbabilities, temperature or schema.",
            401 or 403 => " Check apiKey.",
            404 => " Check url (it ends with /v1) and model.",
            _ => "",
        };
        return new AdapterException(AdapterException.FromStatus((HttpStatusCode)status), $"The model's server answered {status}.{remedy}") { RetryAfter = retryAfter };
    }

    private static TimeSpan? RetryAfter(PipelineResponse? response) =>
        response?.Headers.TryGetValue("Retry-After", out var value) == true && double.TryParse(value, CultureInfo.InvariantCulture, out var seconds) && seconds is >= 0 and < 86_400
            ? TimeSpan.FromSeconds(seconds)
            : null;

    private static (string Intent, IReadOnlyList<Entity> Entities) Read(string content)
    {
        try
        {
            var answer = JsonSerializer.Deserialize(content, LanguageModelJson.Default.ModelAnswer);
            return answer?.Intent is { Length: > 0 } intent
                ? (intent, [.. (answer.Entities ?? [])
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

    private static AnswerToken[] Tokens(ChatResponse response) =>
        [.. ((response.RawRepresentation as ChatCompletion)?.ContentTokenLogProbabilities ?? []).Select(t => new AnswerToken(
            t.Token, t.LogProbability, [.. t.TopLogProbabilities.Select(a => (a.Token, (double)a.LogProbability))]))];
}
