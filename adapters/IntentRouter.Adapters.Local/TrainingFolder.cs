using IntentRouter.Adapters.Local.Encoding;
using IntentRouter.Adapters.Local.Entities;
using IntentRouter.Adapters.Local.Models;
using IntentRouter.Adapters.Local.Training;

namespace IntentRouter.Adapters.Local;

/// <summary>One entry's training files and what was made of them: reads, trains, keeps the trained model on disk.</summary>
internal sealed class TrainingFolder(LocalOptions options, AdapterRegistration registration)
{
    /// <summary>What people taught the bot while it ran, written by the service beside the caches.</summary>
    public const string LearnedFile = "learned.csv";

    /// <summary>Of these, what passed the gate and is trained from.</summary>
    public string Used => Path.Combine(registration.DataDirectory, "learned.used.csv");

    /// <summary>Models that were trained when the program was packed, as the container's sample is: its first start is then as fast as any.</summary>
    public static string Shipped { get; } = Path.Combine(AppContext.BaseDirectory, "models");

    private string Delivered => Path.Combine(registration.DataDirectory, LearnedFile);

    private string VectorFile => Path.Combine(registration.DataDirectory, "examples.vectors");

    /// <summary>Changes whenever a file is written, replaced, added, removed, or when a link leads elsewhere.</summary>
    public string Stamp()
    {
        try
        {
            return string.Join('\n', TrainingDataReader.FilesOf(Paths().Append(Delivered)).Select(StampOf));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A folder went while it was listed, or may not be listed: that is a change too, and reading it anew says what is wrong.
            return e.GetType().Name;
        }
    }

    private static string StampOf(string file)
    {
        try
        {
            // The handle follows links; the path's own times would be those of the link.
            using var handle = File.OpenHandle(file);
            return $"{file}|{RandomAccess.GetLength(handle)}|{File.GetLastWriteTimeUtc(handle).Ticks}";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return $"{file}|{e.GetType().Name}";
        }
    }

    /// <summary>The training files with what was learned and is in use.</summary>
    public TrainingData Read()
    {
        var own = ReadOwn();
        return own.With(LearnedExamples.Read(Used, own));
    }

    public TrainingData ReadOwn() => TrainingData.Read(Paths());

    /// <summary>A copy of what the service delivered, which may be replaced at any time; null when nothing was.</summary>
    public string? TakeDelivered()
    {
        var copy = Path.Combine(registration.DataDirectory, $"learned.{Guid.NewGuid():N}.csv");
        try
        {
            File.Copy(Delivered, copy);
            return copy;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    /// <summary>The model of the data: the one at hand, the one on disk, or a new one.</summary>
    public Trained Make(TrainingData data, Trained? atHand, TrainingPace pace, CancellationToken cancellationToken)
    {
        var encoder = options.UsesEncoder ? SentenceEncoder.Shared : null;
        var id = ModelTrainer.IdOf(data, encoder is not null, options.IsEnglish);
        if (atHand?.Model.Id == id)
        {
            return new Trained(atHand.Model, new EntityFinder(data));
        }

        var file = Path.Combine(registration.DataDirectory, $"{id}.model");
        var known = options.Cache ? ModelFile.Load(file, id, encoder) ?? ModelFile.Load(Path.Combine(Shipped, $"{id}.model"), id, encoder) : null;
        return new Trained(known ?? Train(data, encoder, file, pace, cancellationToken), new EntityFinder(data));
    }

    private IntentModel Train(TrainingData data, SentenceEncoder? encoder, string file, TrainingPace pace, CancellationToken cancellationToken)
    {
        var vectors = encoder is null ? null : new ExampleVectors(encoder);
        if (options.Cache)
        {
            vectors?.Load(VectorFile);
        }

        var model = ModelTrainer.Train(data, encoder, vectors, options.IsEnglish, pace, cancellationToken);
        if (options.Cache)
        {
            ModelFile.Save(model, file);
            vectors?.Save(VectorFile);
            foreach (var old in Directory.EnumerateFiles(registration.DataDirectory, "*.model").Where(f => f != file))
            {
                File.Delete(old);
            }
        }

        // What training needed is many times what answering needs.
        vectors = null;
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        return model;
    }

    private IEnumerable<string> Paths() => options.Training.Select(p => Path.GetFullPath(p, registration.ContentRoot));
}

/// <summary>What answers: a model and the entities of the same files.</summary>
internal sealed record Trained(IntentModel Model, EntityFinder Entities);
