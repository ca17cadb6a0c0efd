using System.Security.Cryptography;
using IntentRouter.Adapters.Local.Encoding;
using IntentRouter.Adapters.Local.Features;
using IntentRouter.Adapters.Local.Models;

namespace IntentRouter.Adapters.Local.Training;

/// <summary>Makes a model from training data: features, regression, and the confidence by hiding intents and examples.</summary>
internal sealed class ModelTrainer
{
    /// <summary>Raised whenever the same data would give another model.</summary>
    private const int Generation = 5;

    private const int Many = 5000;
    private const int Seed = 17;

    private readonly ExampleVectors? _kept;
    private readonly TrainingPace _pace;
    private readonly string[] _intents;
    private readonly string[] _texts;
    private readonly int[] _classes;
    private readonly int _written;
    private readonly int _named;
    private readonly float[] _vectors;
    private readonly float[] _dense;

    private ModelTrainer(TrainingData data, ExampleVectors? vectors, bool background, TrainingPace pace)
    {
        _kept = vectors;
        _pace = pace;
        var written = data.Examples
            .Select(e => (Text: TextNormalizer.Normalize(e.Text), e.Intent))
            .Where(e => e.Text.Length > 0)
            .Distinct()
            .ToArray();
        _intents = [.. written.Select(e => e.Intent).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        _written = written.Length;

        // The names come last: only what people wrote is hidden, judged and compared with.
        (string Text, string Intent)[] examples =
        [
            .. written,
            .. _intents.Where(i => i != TrainingData.OutOfScope)
                .Select(i => (Text: IntentNames.Words(i), i))
                .Where(n => n.Text is not null && !written.Contains((n.Text, n.i)))
                .Select(n => (n.Text!, n.i)),
        ];
        _named = examples.Length;
        _texts = [.. examples.Select(e => e.Text), .. background ? Background.Texts.Except(examples.Select(e => e.Text)) : []];
        _classes = [.. examples.Select(e => Array.BinarySearch(_intents, e.Intent, StringComparer.Ordinal)), .. Enumerable.Repeat(-1, _texts.Length - _named)];
        _vectors = new float[vectors is null ? 0 : _texts.Length * SentenceEncoder.Size];
        _dense = new float[vectors is null ? 0 : _texts.Length * DenseInput.Width];
    }

    private int Width => _kept is null ? 0 : DenseInput.Width;

    private int OutOfScope => Array.IndexOf(_intents, TrainingData.OutOfScope);

    private SoftmaxSettings Settings => _written > Many
        ? new() { Epochs = 10, FirstRate = 0.3f, LastRate = 0.03f, Doubt = 0.2f, Seed = Seed }
        : new() { Epochs = 30, FirstRate = 0.2f, LastRate = 0.02f, Doubt = 0.05f, Seed = Seed };

    /// <summary>The name of the model that the data would give.</summary>
    public static string IdOf(TrainingData data, bool encoder, bool background)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        void Append(string text) => hash.AppendData(System.Text.Encoding.UTF8.GetBytes(text + "\0"));
        Append($"{Generation} {encoder} {background}");
        foreach (var example in data.Examples)
        {
            Append(example.Text);
            Append(example.Intent);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset().AsSpan(0, 8));
    }

    /// <param name="vectors">Keeps the sentence vectors, with the encoder that makes them; null for the lexical tier.</param>
    /// <param name="background">Whether the data is English, so that talk about anything else may be too.</param>
    public static IntentModel Train(
        TrainingData data, SentenceEncoder? encoder, ExampleVectors? vectors, bool background, TrainingPace pace, CancellationToken cancellationToken)
    {
        var trainer = new ModelTrainer(data, vectors, background, pace);
        trainer.Encode(cancellationToken);
        if (!pace.KeepsVectors)
        {
            vectors?.Keep(trainer._texts);
        }

        var (vocabulary, regression, confidence) = trainer.Fit(cancellationToken);
        return new IntentModel
        {
            Id = IdOf(data, encoder is not null, background),
            Intents = trainer._intents,
            Vocabulary = vocabulary,
            Regression = regression,
            Confidence = confidence,
            Exemplars = encoder is null ? null : trainer.Choose([.. Enumerable.Range(0, trainer._written)], trainer._classes),
            Encoder = encoder,
        };
    }

    private Exemplars Choose(int[] examples, int[] classes) =>
        Exemplars.Choose(_vectors, SentenceEncoder.Size, [.. examples.Where(e => e < _written)], classes);

    private void Encode(CancellationToken cancellationToken)
    {
        if (_kept is null)
        {
            return;
        }

        var done = 0;
        Parallel.For(0, _texts.Length, _pace.Options(cancellationToken), i =>
        {
            var vector = _vectors.AsSpan(i * SentenceEncoder.Size, SentenceEncoder.Size);
            _kept.Read(_texts[i], vector);
            DenseInput.From(vector, _dense.AsSpan(i * DenseInput.Width, DenseInput.Width));
            if (Interlocked.Increment(ref done) % 100 == 0)
            {
                _pace.Report("encode", done / (double)_texts.Length);
            }
        });
    }

    private (Vocabulary Vocabulary, SoftmaxRegression Regression) Fit(int[] chosen, int[] classes, int classCount, CancellationToken cancellationToken)
    {
        // Rare pieces of a large set are mostly names and misspellings, and cost memory.
        var vocabulary = Vocabulary.Learn([.. chosen.Select(i => _texts[i])], least: chosen.Length > Many ? 2 : 1);
        var matrix = ExampleMatrix.Build(vocabulary, _texts, classes, _dense, Width);
        return (vocabulary, SoftmaxTrainer.Train(matrix, chosen, classCount, vocabulary.Count, Settings, cancellationToken));
    }

    /// <summary>The fit on everything, and beside it the rounds of hiding; the longest goes first, so that no core waits at the end.</summary>
    private (Vocabulary Vocabulary, SoftmaxRegression Regression, ConfidenceModel Confidence) Fit(CancellationToken cancellationToken)
    {
        var rounds = _written > Many ? 2 : 4;
        var inScope = Enumerable.Range(0, _intents.Length).Where(c => c != OutOfScope).ToArray();
        new Random(Seed).Shuffle(inScope);
        (Vocabulary Vocabulary, SoftmaxRegression Regression)? whole = null;
        var rows = new List<ConfidenceRow>[rounds];
        var done = 0;
        Parallel.For(0, rounds + 1, _pace.Options(cancellationToken), task =>
        {
            if (task == 0)
            {
                whole = Fit([.. Enumerable.Range(0, _named)], _classes, _intents.Length, cancellationToken);
            }
            else
            {
                // At least two intents must stay, or nothing can be told apart.
                var hidden = inScope.Where((_, i) => i % 4 == task - 1).Take(inScope.Length - 2).ToHashSet();
                rows[task - 1] = HideAndJudge(hidden, task - 1, cancellationToken);
            }

            _pace.Report("fit", Interlocked.Increment(ref done) / (rounds + 1.0));
        });
        return (whole!.Value.Vocabulary, whole.Value.Regression, ConfidenceTrainer.Train(rows.SelectMany(r => r)));
    }

    private List<ConfidenceRow> HideAndJudge(HashSet<int> hidden, int round, CancellationToken cancellationToken)
    {
        var seen = Enumerable.Range(0, _intents.Length).Where(c => !hidden.Contains(c)).ToArray();
        var renumbered = Enumerable.Range(0, _intents.Length).Select(c => Array.IndexOf(seen, c)).ToArray();
        int[] classes = [.. _classes.Select(c => c < 0 ? c : renumbered[c])];
        var order = Enumerable.Range(0, _written).Where(i => classes[i] >= 0).ToArray();
        new Random(Seed + round).Shuffle(order);
        var heldOut = order[..(order.Length / 4)];
        int[] chosen = [.. order[(order.Length / 4)..].Order(), .. Enumerable.Range(_written, _named - _written).Where(i => classes[i] >= 0)];
        var (vocabulary, regression) = Fit(chosen, classes, seen.Length, cancellationToken);
        var excluded = OutOfScope < 0 ? -1 : renumbered[OutOfScope];
        var exemplars = _kept is null ? null : Choose(chosen, classes);

        var features = new FeatureBuffers();
        var logits = new float[regression.Stride];
        ConfidenceRow Judge(int example, RowKind kind)
        {
            var signals = new float[Signals.Count];
            vocabulary.Read(_texts[example], features);
            regression.Logits(
                features.Rows.AsSpan(0, features.Count), features.Values.AsSpan(0, features.Count), _dense.AsSpan(example * Width, Width), logits);
            var vector = _kept is null ? [] : _vectors.AsSpan(example * SentenceEncoder.Size, SentenceEncoder.Size);
            var first = Signals.Read(logits.AsSpan(0, seen.Length), excluded, exemplars, vector, features.UnseenShare, signals);
            return new ConfidenceRow(signals, first == classes[example], kind);
        }

        return
        [
            .. heldOut.Select(i => Judge(i, classes[i] == excluded ? RowKind.Near : RowKind.Known)),
            .. Enumerable.Range(0, _written).Where(i => classes[i] < 0).Select(i => Judge(i, RowKind.Near)),
            .. Enumerable.Range(_named, _texts.Length - _named).Select(i => Judge(i, RowKind.Far)),
        ];
    }
}

/// <summary>How much of the machine a training may take, and who hears of its progress.</summary>
internal sealed record TrainingPace(int Threads, IProgress<TrainingProgress>? Progress = null)
{
    /// <summary>Whether vectors of texts that this training does not have are kept for the next one.</summary>
    public bool KeepsVectors { get; init; }


    public ParallelOptions Options(CancellationToken cancellationToken) => new() { MaxDegreeOfParallelism = Threads, CancellationToken = cancellationToken };

    public void Report(string step, double done) => Progress?.Report(new TrainingProgress(step, done));
}

/// <param name="Step"><c>encode</c>, then <c>fit</c>.</param>
/// <param name="Done">Share of the step that is done.</param>
internal readonly record struct TrainingProgress(string Step, double Done);
