using System.Diagnostics.Metrics;
using System.Globalization;
using IntentRouter.Adapters.Local.Encoding;
using IntentRouter.Adapters.Local.Models;
using IntentRouter.Adapters.Local.Training;
using Microsoft.Extensions.Logging;

namespace IntentRouter.Adapters.Local;

/// <summary>
/// Answers from a model that was trained in this process; sends nothing anywhere. When a training file changes, a new model is trained in the
/// background and takes over whole; with a file that cannot be trained from, the last good model stays.
/// </summary>
internal sealed partial class LocalAdapter(LocalOptions options, AdapterRegistration registration, TimeProvider clock, ILogger<LocalAdapter> logger)
    : NluAdapter, IAsyncDisposable
{
    private static readonly TimeSpan _look = TimeSpan.FromSeconds(2);

    private static readonly Meter _meter = new("IntentRouter");
    private static readonly Counter<long> _models = _meter.CreateCounter<long>(
        "intentrouter.training.models", "{model}", "Models of the embedded NLU that were trained anew while it ran, by what became of them.");

    private readonly TrainingFolder _folder = new(options, registration);
    private readonly LearningGate _gate = new(new TrainingFolder(options, registration), options);
    private readonly CancellationTokenSource _closing = new();
    private volatile Trained? _trained;
    private volatile string? _trouble;
    private volatile string? _notLearned;
    private volatile int _learned;
    private Task _watching = Task.CompletedTask;

    /// <inheritdoc/>
    public override AdapterCapabilities Capabilities { get; } = new()
    {
        Languages = new HashSet<string>(StringComparer.OrdinalIgnoreCase) { options.Language },
        MaxTextLength = TextNormalizer.MaxLength,
        ReportsConfidence = true,
        ReportsProbability = true,
        ReportsRanking = true,
        ReportsSpans = true,
        Dialogue = false,
        Remote = false,
    };

    /// <inheritdoc/>
    public override async ValueTask StartAsync(CancellationToken cancellationToken)
    {
        if (_trained is not null)
        {
            return;
        }

        var stamp = _folder.Stamp();
        _trained = await Task.Run(() => Make(new TrainingPace(Environment.ProcessorCount), cancellationToken), cancellationToken).ConfigureAwait(false);
        if (!options.Watch)
        {
            await Task.Run(() => Learn(new TrainingPace(Environment.ProcessorCount), cancellationToken), cancellationToken).ConfigureAwait(false);
        }
        else
        {
            _watching = Task.Run(() => WatchAsync(stamp, _closing.Token), CancellationToken.None);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync().ConfigureAwait(false);
        await _watching.ConfigureAwait(false);
        _closing.Dispose();
    }

    /// <inheritdoc/>
    protected override ValueTask<Understanding> UnderstandCoreAsync(Utterance utterance, CancellationToken cancellationToken)
    {
        var trained = _trained ?? throw new AdapterException(AdapterFailure.Unreachable, $"NLU '{registration.Name}' has no trained model yet.");
        return ValueTask.FromResult(Understand(trained, utterance.Text));
    }

    /// <inheritdoc/>
    protected override ValueTask<AdapterHealth> CheckHealthCoreAsync(CancellationToken cancellationToken) => ValueTask.FromResult(
        _trained is { Model: var model }
            ? new AdapterHealth(true, null, $"Model {model.Id}, {model.Intents.Length} intents{(_learned == 0 ? "" : $", {_learned} utterances learned from people")}.{_trouble}{_notLearned}")
            : new AdapterHealth(false, AdapterFailure.Unreachable, "No model is trained yet."));

    private Understanding Understand(Trained trained, string text)
    {
        var kept = UtteranceText.Cut(text, TextNormalizer.MaxLength);
        List<string>? warnings = ReferenceEquals(kept, text) ? null : [UtteranceText.CutWarning];
        var prediction = trained.Model.Predict(kept);
        return new Understanding
        {
            Kind = prediction.IsOutOfScope ? UnderstandingKind.NoMatch : UnderstandingKind.Ranked,
            Ranking = prediction.Ranking,
            Entities = trained.Entities.Find(kept, ref warnings),
            Model = trained.Model.Id,
            Language = options.Language,
            Evidence = Signals.Explain(prediction.Signals, trained.Model.Encoder is not null),
            Warnings = warnings ?? (IReadOnlyList<string>)[],
        };
    }

    private async Task WatchAsync(string stamp, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(_look, clock);
        try
        {
            Learn(new TrainingPace(Threads: 1), cancellationToken);
            while (await timer.WaitForNextTickAsync(cancellationToken).ConfigureAwait(false))
            {
                var now = _folder.Stamp();
                if (now != stamp)
                {
                    stamp = now;
                    Refresh(cancellationToken);
                    Learn(new TrainingPace(Threads: 1), cancellationToken);
                }
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The adapter is being removed.
        }
    }

    // Here and in Learn: what answers and what health says change after the log and the count of it, so that who sees the one finds the other.
    private void Refresh(CancellationToken cancellationToken)
    {
        try
        {
            // One core only: the others answer meanwhile.
            var before = _trained?.Model.Id;
            var trained = Make(new TrainingPace(Threads: 1), cancellationToken);
            if (trained.Model.Id != before)
            {
                Count("taken");
            }

            _trained = trained;
            _trouble = null;
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested && e is not OutOfMemoryException)
        {
            // What is wrong with the owner's files needs their place, not ours.
            var refusal = e as AdapterException;
            LogKeptLastGood(refusal is null ? e : null, registration.Name, refusal?.Message ?? "");
            Count("failed");
            _trouble = " The changed training data cannot be used; the last good model answers.";
        }
    }

    /// <summary>Weighs what people taught since, and trains with it when the model does not get worse by it.</summary>
    private void Learn(TrainingPace pace, CancellationToken cancellationToken)
    {
        try
        {
            switch (_gate.Consider(pace, null, cancellationToken))
            {
                case { Taken: true } verdict:
                    var learned = Make(pace, cancellationToken);
                    LogLearned(registration.Name, verdict.Learned, verdict.Examples, verdict.Lost, verdict.Won);
                    Count("taken");
                    _notLearned = null;
                    _trained = learned;
                    break;
                case { } verdict:
                    // What was taken back is out of use all the same.
                    _trained = Make(pace, cancellationToken);
                    LogNotLearned(registration.Name, verdict.Learned, verdict.Examples, verdict.Lost, verdict.Won);
                    Count("refused");
                    _notLearned = string.Create(
                        CultureInfo.InvariantCulture,
                        $" What people taught since is not used: with these {verdict.Learned} utterances {verdict.Lost} of the {verdict.Examples} examples in the training files would no longer be treated rightly, and {verdict.Won} others would be. Look at the labels in the review queue.");
                    break;
                case null when !_gate.Refused:
                    _notLearned = null;
                    break;
            }
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested && e is not OutOfMemoryException)
        {
            LogLearningFailed(e, registration.Name);
            Count("failed");
            _notLearned = " What people taught since could not be weighed; the last good model answers.";
        }
    }

    private void Count(string outcome) => _models.Add(1, new("intentrouter.adapter", registration.Name), new("intentrouter.outcome", outcome));

    private Trained Make(TrainingPace pace, CancellationToken cancellationToken)
    {
        var began = clock.GetTimestamp();
        var data = _folder.Read();
        foreach (var problem in data.Problems.Where(p => !p.IsError))
        {
            LogTrainingWarning(registration.Name, problem.Location, problem.Message);
        }

        if (LocalModule.Refusal(data) is { } refusal)
        {
            throw new AdapterException(AdapterFailure.Rejected, $"NLU '{registration.Name}' cannot be trained. {refusal}");
        }

        var before = _trained?.Model.Id;
        var trained = _folder.Make(data, _trained, pace, cancellationToken);
        _learned = data.Examples.Count(e => e.Location.File == _folder.Used);
        if (trained.Model.Id != before)
        {
            LogReady(registration.Name, trained.Model.Id, trained.Model.Intents.Length, data.Examples.Count, clock.GetElapsedTime(began).TotalSeconds);
        }

        return trained;
    }

    [LoggerMessage(3101, LogLevel.Information, "NLU {Name}: model {Model} is ready after {Seconds:0.0} s, {Intents} intents, {Examples} examples")]
    private partial void LogReady(string name, string model, int intents, int examples, double seconds);

    [LoggerMessage(3102, LogLevel.Warning, "NLU {Name}: {Location}: {Problem}")]
    private partial void LogTrainingWarning(string name, TrainingLocation location, string problem);

    [LoggerMessage(3104, LogLevel.Information, "NLU {Name}: {Learned} utterances learned from people are in use; of {Examples} examples in the training files {Lost} are no longer treated rightly by a model that did not see them, {Won} others are")]
    private partial void LogLearned(string name, int learned, int examples, int lost, int won);

    [LoggerMessage(3105, LogLevel.Warning, "NLU {Name}: {Learned} utterances learned from people are not used; of {Examples} examples in the training files {Lost} would no longer be treated rightly by a model that did not see them, {Won} others would be")]
    private partial void LogNotLearned(string name, int learned, int examples, int lost, int won);

    [LoggerMessage(3106, LogLevel.Error, "NLU {Name}: what people taught could not be weighed, the last good model answers")]
    private partial void LogLearningFailed(Exception exception, string name);

    [LoggerMessage(3103, LogLevel.Error, "NLU {Name}: the changed training data cannot be used, the last good model answers. {Problem}")]
    private partial void LogKeptLastGood(Exception? exception, string name, string problem);
}
