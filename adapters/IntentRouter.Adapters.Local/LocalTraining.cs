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

    /// <summary>The file with what people taught the bot and is in use; the place of such examples.</summary>
    public string LearnedFile => _folder.Used;

    /// <summary>Reads the training files again, with what people taught the bot and is in use.</summary>
    public TrainingData Read() => _folder.Read();

    /// <summary>Weighs what people taught the bot, and uses it from now on when the model does not get worse by it; null when there is nothing new.</summary>
    public LearnedVerdict? Learn(IProgress<TrainingStep>? progress, CancellationToken cancellationToken) =>
        new LearningGate(_folder, _options).Consider(new TrainingPace(Environment.ProcessorCount), progress, cancellationToken);

    /// <summary>Trains, or takes the model that is kept for the same data; returns its name.</summary>
    public string Train(TrainingData data, IProgress<TrainingStep>? progress, CancellationToken cancellationToken) =>
        _folder.Make(data, null, Pace(progress), cancellationToken).Model.Id;

    /// <summary>
    /// Trains on a part of the examples and asks about the rest, until every example was asked about once. Examples of "out of scope" take part.
    /// </summary>
    public IReadOnlyList<CrossValidated> CrossValidate(TrainingData data, IProgress<TrainingStep>? progress, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(data);
        var answers = CrossValidation.Run(data.Examples, [], _options, new TrainingPace(Environment.ProcessorCount), progress, cancellationToken);
        return [.. data.Examples.Zip(answers, (example, answer) => new CrossValidated(example, answer.IsOutOfScope ? [] : answer.Ranking))];
    }

    private static TrainingPace Pace(IProgress<TrainingStep>? progress) =>
        new(Environment.ProcessorCount, progress is null ? null : new Steps(progress));

    private sealed class Steps(IProgress<TrainingStep> progress) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => progress.Report(new TrainingStep(
            value.Step switch { "encode" => "Encoding the examples", _ => "Fitting the model" }, value.Done));
    }
}
