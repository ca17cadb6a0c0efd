using IntentRouter.Adapters.Local.Encoding;
using IntentRouter.Adapters.Local.Models;

namespace IntentRouter.Adapters.Local.Training;

/// <summary>Asks about every example once, a model that did not see it.</summary>
internal static class CrossValidation
{
    private const int Large = 5000;
    private const int Seed = 29;

    /// <param name="judged">The examples that are asked about.</param>
    /// <param name="always">Examples that every model sees.</param>
    /// <returns>The answers in the order of <paramref name="judged"/>.</returns>
    public static IReadOnlyList<Prediction> Run(
        IReadOnlyList<TrainingExample> judged, IReadOnlyList<TrainingExample> always, LocalOptions options, TrainingPace pace, IProgress<TrainingStep>? progress, CancellationToken cancellationToken)
    {
        var folds = judged.Count > Large ? 3 : 5;
        var encoder = options.UsesEncoder ? SentenceEncoder.Shared : null;
        var vectors = encoder is null ? null : new ExampleVectors(encoder);
        var parts = Parts(judged, folds);
        var results = new Prediction[judged.Count];
        for (var fold = 0; fold < folds; fold++)
        {
            progress?.Report(new TrainingStep($"Cross-validating, part {fold + 1} of {folds}", fold / (double)folds));
            var rest = new TrainingData { Examples = [.. judged.Where((_, i) => parts[i] != fold), .. always] };
            var model = ModelTrainer.Train(rest, encoder, vectors, options.IsEnglish, pace with { KeepsVectors = true }, cancellationToken);
            for (var i = 0; i < results.Length; i++)
            {
                if (parts[i] == fold)
                {
                    results[i] = model.Predict(judged[i].Text);
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
}
