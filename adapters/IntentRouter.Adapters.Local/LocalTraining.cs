using IntentRouter.Adapters.Local.Encoding;
using IntentRouter.Adapters.Local.Training;
using Microsoft.Extensions.Configuration;

namespace IntentRouter.Adapters.Local;

/// <summary>How far a training is.</summary>
/// <param name="Step">What is being done, in plain words.</param>
/// <param name="Done">The share of it that is done, in [0, 1].</param>
public readonly record struct TrainingStep(string Step, double Done);

/// <summary>What a model that never saw an example made of it.</summary>
/// <param name="Example">The example.</param>
/// <param name="Ranking">The candidates with their confidence, best first; empty when it was taken for out of scope.</param>
public sealed record CrossValidated(TrainingExample Example, IReadOnlyList<IntentCandidate> Ranking);

/// <summary>The training of one entry with <c>adapter: local</c>, by hand: what the <c>train</c> verb does.</summary>
public sealed class LocalTraining
{
    private const int Large = 5000;
    private const int Seed = 29;

    private readonly LocalOptions _options = new();
    private readonly TrainingFolder _folder;

    /// <summary>Takes an entry's settings, which were validated before.</summary>
    /// <param name="entry">The entry as the module sees it.</param>
    public LocalTraining(AdapterRegistration entry)
    {
        ArgumentNullException.ThrowIfNull(entry);
        entry.Section.Bind(_options);
        _folder = new TrainingFolder(_options, entry);
    }

    /// <summary>The entry's language.</summary>
    public string Language => _options.Language;

    /// <summary>Reads the training files again.</summary>
    public TrainingData Read() => _folder.Read();

    /// <summary>Trains, or takes the model that is kept for the same data; returns its name.</summary>
    public string Train(TrainingData data, IProgress<TrainingStep>? progress, CancellationToken cancellationToken) =>
        _folder.Make(data, null, Pace(progress), cancellationToken).Model.Id;

    /// <summary>
    /// Trains on a part of the examples and asks about the rest, until every example was asked about once. Examples of "out of scope" take part.
    /// </summary>
    public IReadOnlyList<CrossValidated> CrossValidate(TrainingData data, IProgress<TrainingStep>? progress, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(data);
        var folds = data.Examples.Count > Large ? 3 : 5;
        var encoder = _options.UsesEncoder ? SentenceEncoder.Shared : null;
        var vectors = encoder is null ? null : new ExampleVectors(encoder);
        var parts = Parts(data.Examples, folds);
        var results = new CrossValidated[data.Examples.Count];
        for (var fold = 0; fold < folds; fold++)
        {
            progress?.Report(new TrainingStep($"Cross-validating, part {fold + 1} of {folds}", fold / (double)folds));
            var rest = new TrainingData { Examples = [.. data.Examples.Where((_, i) => parts[i] != fold)] };
            var model = ModelTrainer.Train(rest, encoder, vectors, _options.IsEnglish, new TrainingPace(Environment.ProcessorCount) { KeepsVectors = true }, cancellationToken);
            for (var i = 0; i < results.Length; i++)
            {
                if (parts[i] == fold)
                {
                    var prediction = model.Predict(data.Examples[i].Text);
                    results[i] = new CrossValidated(data.Examples[i], prediction.IsOutOfScope ? [] : prediction.Ranking);
                }
            }
        }

        progress?.Report(new TrainingStep("Cross-validated", 1));
        return results;
    }

    /// <summary>Spreads each intent's examples over the parts; the same words always fall into the same part.</summary>
    private static int[] Parts(IReadOnlyList<TrainingExample> examples, int folds)
    {
        var parts = new int[examples.Count];
        foreach (var intent in examples.Select((e, i) => (e, i)).GroupBy(e => e.e.Intent, StringComparer.Ordinal))
        {
            var texts = intent.Select(e => TextNormalizer.Normalize(e.e.Text)).Distinct(StringComparer.Ordinal).ToArray();
            new Random(Seed).Shuffle(texts);
            var part = texts.Select((text, i) => (text, i)).ToDictionary(t => t.text, t => t.i % folds, StringComparer.Ordinal);
            foreach (var (example, i) in intent)
            {
                parts[i] = part[TextNormalizer.Normalize(example.Text)];
            }
        }

        return parts;
    }

    private static TrainingPace Pace(IProgress<TrainingStep>? progress) =>
        new(Environment.ProcessorCount, progress is null ? null : new Steps(progress));

    private sealed class Steps(IProgress<TrainingStep> progress) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => progress.Report(new TrainingStep(
            value.Step switch { "encode" => "Encoding the examples", _ => "Fitting the model" }, value.Done));
    }
}
