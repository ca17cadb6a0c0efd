using IntentRouter.Adapters.Local.Encoding;
using IntentRouter.Adapters.Local.Entities;
using IntentRouter.Adapters.Local.Models;
using IntentRouter.Adapters.Local.Training;
using Microsoft.Extensions.Logging;

namespace IntentRouter.Adapters.Local;

/// <summary>Answers from a model that was trained in this process; sends nothing anywhere.</summary>
internal sealed partial class LocalAdapter(LocalOptions options, AdapterRegistration registration, ILogger<LocalAdapter> logger) : NluAdapter
{
    private volatile Trained? _trained;

    /// <inheritdoc/>
    public override AdapterCapabilities Capabilities { get; } = new()
    {
        Languages = new HashSet<string>(StringComparer.OrdinalIgnoreCase) { options.Language },
        MaxTextLength = TextNormalizer.MaxLength,
        ReportsConfidence = true,
        ReportsRanking = true,
        ReportsSpans = true,
        Dialogue = false,
        Remote = false,
    };

    /// <inheritdoc/>
    public override async ValueTask StartAsync(CancellationToken cancellationToken) =>
        _trained = await Task.Run(() => Train(cancellationToken), cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    protected override ValueTask<Understanding> UnderstandCoreAsync(Utterance utterance, CancellationToken cancellationToken)
    {
        var trained = _trained ?? throw new AdapterException(AdapterFailure.Unreachable, $"NLU '{registration.Name}' has no trained model yet.");
        return ValueTask.FromResult(trained.Understand(utterance, options.Language));
    }

    /// <inheritdoc/>
    protected override ValueTask<AdapterHealth> CheckHealthCoreAsync(CancellationToken cancellationToken) => ValueTask.FromResult(
        _trained is { } trained
            ? new AdapterHealth(true, null, $"Model {trained.Model.Id}, {trained.Model.Intents.Length} intents.")
            : new AdapterHealth(false, AdapterFailure.Unreachable, "No model is trained yet."));

    private Trained Train(CancellationToken cancellationToken)
    {
        var data = TrainingData.Read(options.Training.Select(p => Path.GetFullPath(p, registration.ContentRoot)));
        foreach (var problem in data.Problems.Where(p => !p.IsError))
        {
            LogTrainingWarning(registration.Name, problem.Location, problem.Message);
        }

        var errors = data.Problems.Where(p => p.IsError).ToArray();
        if (errors.Length > 0)
        {
            throw new AdapterException(
                AdapterFailure.Rejected,
                $"NLU '{registration.Name}' cannot be trained:{Environment.NewLine}{string.Join(Environment.NewLine, errors.Select(e => e.ToString()))}");
        }

        var model = ModelTrainer.Train(data, options.UsesEncoder ? SentenceEncoder.Shared : null, cancellationToken);
        LogTrained(registration.Name, model.Id, model.Intents.Length, data.Examples.Count);
        return new Trained(model, new EntityFinder(data));
    }

    [LoggerMessage(3101, LogLevel.Information, "NLU {Name}: model {Model} is trained, {Intents} intents, {Examples} examples")]
    private partial void LogTrained(string name, string model, int intents, int examples);

    [LoggerMessage(3102, LogLevel.Warning, "NLU {Name}: {Location}: {Problem}")]
    private partial void LogTrainingWarning(string name, TrainingLocation location, string problem);

    private sealed record Trained(IntentModel Model, EntityFinder Entities)
    {
        public Understanding Understand(Utterance utterance, string language)
        {
            var text = utterance.Text;
            List<string> warnings = text.Length > TextNormalizer.MaxLength ? ["text-cut"] : [];
            var prediction = Model.Predict(text);
            var evidence = new Evidence[Signals.Count];
            for (var i = 0; i < evidence.Length; i++)
            {
                evidence[i] = new Evidence(Signals.Explained[i].Name, prediction.Signals[i], Signals.Explained[i].Meaning);
            }

            return new Understanding
            {
                Kind = prediction.IsOutOfScope ? UnderstandingKind.NoMatch : UnderstandingKind.Ranked,
                Ranking = prediction.Ranking,
                Entities = Entities.Find(text.Length > TextNormalizer.MaxLength ? text[..TextNormalizer.MaxLength] : text, warnings),
                Model = Model.Id,
                Language = language,
                Evidence = evidence,
                Warnings = warnings,
            };
        }
    }
}
