using IntentRouter.Adapters.Local.Training;

namespace IntentRouter.Adapters.Local;

/// <summary>What became of newly learned examples.</summary>
/// <param name="Taken">Whether they are used from now on.</param>
/// <param name="Learned">How many they are.</param>
/// <param name="Examples">How many examples the training files have.</param>
/// <param name="Lost">How many of these are treated rightly without the new ones and no longer with them; cross-validated.</param>
/// <param name="Won">How many the other way round.</param>
public sealed record LearnedVerdict(bool Taken, int Learned, int Examples, int Lost, int Won);

/// <summary>
/// Lets what people taught into the model only where it does no harm: models that did not see an example of the training files must treat it as
/// well with the new rows as with those in use, and as with none. The training files themselves are the owner's word and pass without.
/// </summary>
internal sealed class LearningGate(TrainingFolder folder, LocalOptions options)
{
    /// <summary>Confidence in what is right from where on it is right, and below which it is not. What is between may change sides by a fit that is a little surer or less sure.</summary>
    private const float Surely = 0.5f;
    private const float Hardly = 0.25f;

    /// <summary>How many standard deviations a loss may be chance: one in twenty is beyond.</summary>
    private const double Chance = 1.64;

    /// <summary>What no loss may exceed, as a share of the examples, however it came about.</summary>
    private const double Most = 0.03;

    /// <summary>What a handful of examples may always lose.</summary>
    private const int Few = 2;

    private readonly Dictionary<string, float[]> _trust = new(StringComparer.Ordinal);
    private string? _refused;

    /// <summary>How many models' results are kept.</summary>
    public int Remembered => _trust.Count;

    /// <summary>Whether the latest rows were refused.</summary>
    public bool Refused => _refused is not null;

    /// <summary>Weighs the rows that the service delivered, and puts them to use when they pass.</summary>
    /// <returns>Null when there is nothing to weigh: no rows, those in use, or those that were refused before.</returns>
    public LearnedVerdict? Consider(TrainingPace pace, IProgress<TrainingStep>? progress, CancellationToken cancellationToken)
    {
        var own = folder.ReadOwn();
        if (own.Problems.Any(p => p.IsError) || folder.TakeDelivered() is not { } delivered)
        {
            return null;
        }

        try
        {
            var retracted = LearnedExamples.Retract(folder.Used, delivered);
            var newer = LearnedExamples.Read(delivered, own);
            var present = LearnedExamples.Read(folder.Used, own);
            var id = IdOf(own, newer);
            if (id == IdOf(own, present) || id == _refused)
            {
                _refused = id == _refused ? id : null;
                return retracted && _refused is null ? new LearnedVerdict(true, newer.Count, own.Examples.Count, 0, 0) : null;
            }

            var after = Trust(own, newer, pace, progress, cancellationToken);
            float[][] before = newer.Count == 0 ? [after] : [Trust(own, present, pace, progress, cancellationToken), Trust(own, [], pace, progress, cancellationToken)];
            Forget(except: [id, IdOf(own, present), IdOf(own, [])]);
            var (lost, won) = before.Select(b => Compare(b, after)).MaxBy(c => c.Lost - c.Won);
            var taken = lost - won <= Math.Max(Few, Math.Min(Chance * Math.Sqrt(lost + won), Most * after.Length));
            if (taken)
            {
                File.Move(delivered, folder.Used, overwrite: true);
            }

            _refused = taken ? null : id;
            return new LearnedVerdict(taken, newer.Count, after.Length, lost, won);
        }
        finally
        {
            File.Delete(delivered);
        }
    }

    // Training files and rows that are no longer in use are not weighed again.
    private void Forget(string[] except)
    {
        foreach (var id in _trust.Keys.Except(except).ToList())
        {
            _trust.Remove(id);
        }
    }

    private string IdOf(TrainingData own, IReadOnlyList<TrainingExample> learned) => ModelTrainer.IdOf(own.With(learned), options.UsesEncoder, options.IsEnglish);

    private static (int Lost, int Won) Compare(float[] before, float[] after) =>
        (before.Zip(after).Count(e => e is { First: >= Surely, Second: < Hardly }), before.Zip(after).Count(e => e is { First: < Hardly, Second: >= Surely }));

    /// <summary>What a model that did not see an example gives for the right thing to do: to answer by its intent, or to refuse what is out of scope.</summary>
    private float[] Trust(TrainingData own, IReadOnlyList<TrainingExample> learned, TrainingPace pace, IProgress<TrainingStep>? progress, CancellationToken cancellationToken)
    {
        var id = IdOf(own, learned);
        if (!_trust.TryGetValue(id, out var trust))
        {
            var answers = CrossValidation.Run(own.Examples, learned, options, pace, progress, cancellationToken);
            trust = [.. own.Examples.Zip(answers, (example, answer) =>
            {
                var (intent, confidence) = !answer.IsOutOfScope && answer.Ranking is [{ Confidence: { } sure } best, ..] ? (best.Intent, (float)sure.Value) : (null, 0f);
                return example.Intent == TrainingData.OutOfScope ? 1 - confidence : intent == example.Intent ? confidence : 0;
            })];
            _trust.Add(id, trust);
        }

        return trust;
    }
}
