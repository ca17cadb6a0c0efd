using System.Security.Cryptography;
using IntentRouter.Adapters.Local.Encoding;
using IntentRouter.Adapters.Local.Features;
using IntentRouter.Adapters.Local.Models;

namespace IntentRouter.Adapters.Local.Training;

/// <summary>Makes a model from training data: features, regression, and the confidence by hiding intents and examples.</summary>
internal sealed class ModelTrainer
{
    /// <summary>Raised whenever the same data would give another model.</summary>
    private const int Generation = 1;

    private const int Many = 5000;
    private const int Seed = 17;

    private readonly SentenceEncoder? _encoder;
    private readonly string[] _intents;
    private readonly string[] _texts;
    private readonly int[] _classes;
    private readonly float[] _vectors;
    private readonly float[] _dense;

    private ModelTrainer(TrainingData data, SentenceEncoder? encoder)
    {
        _encoder = encoder;
        var examples = data.Examples
            .Select(e => (Text: TextNormalizer.Normalize(e.Text), e.Intent))
            .Where(e => e.Text.Length > 0)
            .Distinct()
            .ToArray();
        _intents = [.. examples.Select(e => e.Intent).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        _texts = [.. examples.Select(e => e.Text)];
        _classes = [.. examples.Select(e => Array.BinarySearch(_intents, e.Intent, StringComparer.Ordinal))];
        _vectors = new float[encoder is null ? 0 : _texts.Length * SentenceEncoder.Size];
        _dense = new float[encoder is null ? 0 : _texts.Length * DenseInput.Width];
    }

    private int Width => _encoder is null ? 0 : DenseInput.Width;

    private int OutOfScope => Array.IndexOf(_intents, TrainingData.OutOfScope);

    private SoftmaxSettings Settings => new() { Epochs = _texts.Length > Many ? 15 : 30, Seed = Seed };

    /// <summary>The name of the model that the data would give.</summary>
    public static string IdOf(TrainingData data, bool encoder)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        void Append(string text) => hash.AppendData(System.Text.Encoding.UTF8.GetBytes(text + "\0"));
        Append($"{Generation} {encoder}");
        foreach (var example in data.Examples)
        {
            Append(example.Text);
            Append(example.Intent);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset().AsSpan(0, 8));
    }

    public static IntentModel Train(TrainingData data, SentenceEncoder? encoder, CancellationToken cancellationToken)
    {
        var trainer = new ModelTrainer(data, encoder);
        trainer.Encode(cancellationToken);
        var confidence = trainer.LearnConfidence(cancellationToken);
        int[] all = [.. Enumerable.Range(0, trainer._texts.Length)];
        var (vocabulary, regression) = trainer.Fit(all, trainer._classes, trainer._intents.Length, cancellationToken);
        return new IntentModel
        {
            Id = IdOf(data, encoder is not null),
            Intents = trainer._intents,
            Vocabulary = vocabulary,
            Regression = regression,
            Confidence = confidence,
            Exemplars = encoder is null ? null : Exemplars.Choose(trainer._vectors, SentenceEncoder.Size, trainer.InScope(all), trainer._classes),
            Encoder = encoder,
        };
    }

    private void Encode(CancellationToken cancellationToken)
    {
        if (_encoder is null)
        {
            return;
        }

        var options = new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = cancellationToken };
        Parallel.For(0, _texts.Length, options, i =>
        {
            Span<float> pooled = stackalloc float[SentenceEncoder.Size];
            var vector = _vectors.AsSpan(i * SentenceEncoder.Size, SentenceEncoder.Size);
            _encoder.Encode(_texts[i], vector, pooled);
            DenseInput.From(vector, _dense.AsSpan(i * DenseInput.Width, DenseInput.Width));
        });
    }

    private int[] InScope(int[] examples) => OutOfScope < 0 ? examples : [.. examples.Where(e => _classes[e] != OutOfScope)];

    private (Vocabulary Vocabulary, SoftmaxRegression Regression) Fit(int[] chosen, int[] classes, int classCount, CancellationToken cancellationToken)
    {
        // Rare pieces of a large set are mostly names and misspellings, and cost memory.
        var vocabulary = Vocabulary.Learn([.. chosen.Select(i => _texts[i])], least: chosen.Length > Many ? 2 : 1);
        var matrix = ExampleMatrix.Build(vocabulary, _texts, classes, _dense, Width);
        return (vocabulary, SoftmaxTrainer.Train(matrix, chosen, classCount, vocabulary.Count, Settings, cancellationToken));
    }

    private ConfidenceModel LearnConfidence(CancellationToken cancellationToken)
    {
        var rounds = _texts.Length > Many ? 2 : 4;
        var inScope = Enumerable.Range(0, _intents.Length).Where(c => c != OutOfScope).ToArray();
        new Random(Seed).Shuffle(inScope);
        var rows = new List<ConfidenceRow>[rounds];
        var options = new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = cancellationToken };
        Parallel.For(0, rounds, options, round =>
        {
            // At least two intents must stay, or nothing can be told apart.
            var hidden = inScope.Where((_, i) => i % 4 == round).Take(inScope.Length - 2).ToHashSet();
            rows[round] = HideAndJudge(hidden, round, cancellationToken);
        });
        return ConfidenceTrainer.Train([.. rows.SelectMany(r => r)]);
    }

    private List<ConfidenceRow> HideAndJudge(HashSet<int> hidden, int round, CancellationToken cancellationToken)
    {
        var seen = Enumerable.Range(0, _intents.Length).Where(c => !hidden.Contains(c)).ToArray();
        var renumbered = Enumerable.Range(0, _intents.Length).Select(c => Array.IndexOf(seen, c)).ToArray();
        int[] classes = [.. _classes.Select(c => renumbered[c])];
        var order = Enumerable.Range(0, _texts.Length).Where(i => classes[i] >= 0).ToArray();
        new Random(Seed + round).Shuffle(order);
        var heldOut = order[..(order.Length / 4)];
        var chosen = order[(order.Length / 4)..];
        Array.Sort(chosen);
        var (vocabulary, regression) = Fit(chosen, classes, seen.Length, cancellationToken);
        var excluded = OutOfScope < 0 ? -1 : renumbered[OutOfScope];
        var exemplars = _encoder is null ? null : Exemplars.Choose(_vectors, SentenceEncoder.Size, InScope(chosen), classes);

        var features = new FeatureBuffers();
        var logits = new float[seen.Length];
        ConfidenceRow Judge(int example)
        {
            var signals = new float[Signals.Count];
            vocabulary.Read(_texts[example], features);
            regression.Logits(
                features.Rows.AsSpan(0, features.Count), features.Values.AsSpan(0, features.Count), _dense.AsSpan(example * Width, Width), logits);
            var vector = _encoder is null ? [] : _vectors.AsSpan(example * SentenceEncoder.Size, SentenceEncoder.Size);
            var first = Signals.Read(logits, excluded, exemplars, vector, features.UnseenShare, signals);
            return new ConfidenceRow(signals, first == classes[example], classes[example] < 0 || classes[example] == excluded);
        }

        return [.. heldOut.Select(Judge), .. Enumerable.Range(0, _texts.Length).Where(i => classes[i] < 0).Select(Judge)];
    }
}
