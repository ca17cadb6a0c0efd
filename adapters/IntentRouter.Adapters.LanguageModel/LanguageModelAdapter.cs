using System.Text.Json;
using Microsoft.Extensions.AI;

namespace IntentRouter.Adapters.LanguageModel;

/// <summary>
/// Asks a chat model to name the intent. It can only name one of the list: whatever a customer writes into a message, no other word leaves here.
/// </summary>
internal sealed class LanguageModelAdapter(IChatClient chat, LanguageModelOptions options, AdapterRegistration registration) : NluAdapter
{
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
        var response = await chat.GetResponseAsync([prompt.System, Prompt.Quote(text)], prompt.Options, cancellationToken).ConfigureAwait(false);
        var content = response.Text;
        var answer = Read(content);
        var known = prompt.Intents.Contains(answer.Intent) || answer.Intent == Prompt.None;
        var tokens = (response.RawRepresentation as ChatChoice)?.Logprobs?.Content ?? [];
        var probabilities = known ? TokenConfidence.Read(content, answer.Intent, tokens, prompt.Names) : null;
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

    // Another client in its place has no question that costs nothing.
    protected override async ValueTask<AdapterHealth> CheckHealthCoreAsync(CancellationToken cancellationToken) =>
        chat.GetService<ChatCompletionClient>() is { } client
            ? await client.CheckHealthAsync(cancellationToken).ConfigureAwait(false)
            : await base.CheckHealthCoreAsync(cancellationToken).ConfigureAwait(false);

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
