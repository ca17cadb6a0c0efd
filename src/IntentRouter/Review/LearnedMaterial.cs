using System.Collections.Concurrent;
using IntentRouter.Configuration;
using IntentRouter.Nlu;
using IntentRouter.Storage;

namespace IntentRouter.Review;

/// <summary>
/// Delivers what people taught the bots to the embedded NLU: from the shared store into a file beside each entry's caches, alike on every replica. The adapter
/// notices the file, weighs it and trains.
/// </summary>
internal sealed partial class LearnedMaterial(IEventStore store, ILiveConfiguration configuration, TimeProvider clock, ILogger<LearnedMaterial> logger) : BackgroundService
{
    public const string AdapterType = "local";

    /// <summary>The name that the adapter looks for.</summary>
    private const string FileName = "learned.csv";

    private static readonly TimeSpan _every = TimeSpan.FromSeconds(15);

    /// <summary>Training costs more than waiting a little for the next label.</summary>
    private static readonly TimeSpan _longest = TimeSpan.FromMinutes(5);

    private readonly ConcurrentDictionary<string, int> _delivered = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, (string Content, long Since)> _waiting = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>How many utterances each entry has to learn from.</summary>
    public IEnumerable<KeyValuePair<string, int>> Delivered => _delivered;

    // Before the adapters start: what was taught while this replica was away belongs into its first look.
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await LookAsync(settled: true, cancellationToken);
        await base.StartAsync(cancellationToken);
    }

    /// <summary>Writes what has changed: at once, or when it did not change between two looks.</summary>
    public async Task LookAsync(bool settled, CancellationToken cancellationToken)
    {
        try
        {
            var current = configuration.Current;
            foreach (var (name, rows) in await ReadAsync(current, store.ReadLearnedAsync, cancellationToken))
            {
                var content = ReviewExport.AsCsv(rows);
                var file = FileOf(current.Root, name);
                _delivered[name] = rows.Count;
                if (!IsNews(file, content))
                {
                    _waiting.Remove(name);
                }
                else if (settled || (_waiting.TryGetValue(name, out var waiting) && (waiting.Content == content || clock.GetElapsedTime(waiting.Since) > _longest)))
                {
                    Write(file, content);
                    _waiting.Remove(name);
                    LogDelivered(name, rows.Count);
                }
                else
                {
                    _waiting[name] = (content, _waiting.TryGetValue(name, out var before) ? before.Since : clock.GetTimestamp());
                }
            }
        }
        catch (Exception ex) when (ex is StoreUnavailableException or IOException or UnauthorizedAccessException)
        {
            LogNotDelivered(ex);
        }
    }

    /// <summary>What each entry of the embedded NLU is to learn, from the bots that use it.</summary>
    public static async Task<IReadOnlyDictionary<string, IReadOnlyList<(string Text, string Label)>>> ReadAsync(
        RouterConfiguration configuration, Func<string, CancellationToken, Task<IReadOnlyList<LearnedUtterance>>> read, CancellationToken cancellationToken)
    {
        var learned = new Dictionary<string, IReadOnlyList<(string, string)>>(StringComparer.OrdinalIgnoreCase);
        foreach (var (name, entry) in configuration.Options.Nlu.Where(n => n.Value.Adapter == AdapterType))
        {
            var language = entry.Settings["language"] ?? "en";
            var utterances = new List<LearnedUtterance>();
            foreach (var bot in configuration.Bots.Values.Where(b => b.Options.Nlu.Use.Concat(b.Options.Nlu.Shadow).Contains(name, StringComparer.OrdinalIgnoreCase)))
            {
                utterances.AddRange((await read(bot.Name, cancellationToken)).Where(u => bot.Options.Review.LearnTakeovers || !u.ByTakeover));
            }

            learned.Add(name, Settle(utterances.Where(u => string.Equals(u.Adapter, name, StringComparison.OrdinalIgnoreCase) || Speaks(u.Language, language))));
        }

        return learned;
    }

    /// <summary>Writes the file that the adapter reads, whole or not at all.</summary>
    /// <returns>Whether it said something else before.</returns>
    public static bool Deliver(string directory, IReadOnlyList<(string Text, string Label)> rows)
    {
        var (file, content) = (Path.Combine(directory, FileName), ReviewExport.AsCsv(rows));
        if (!IsNews(file, content))
        {
            return false;
        }

        Write(file, content);
        return true;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(_every, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            await LookAsync(settled: false, stoppingToken);
        }
    }

    /// <summary>One row per text: what one bot calls its own is not out of scope for a model that serves both; two different intents say nothing.</summary>
    private static IReadOnlyList<(string Text, string Label)> Settle(IEnumerable<LearnedUtterance> utterances) =>
    [
        .. utterances.GroupBy(u => ReviewText.KeyOf(u.Text))
            .Select(g => (g.First().Text, Labels: g.Select(u => u.Label).Where(l => l != ReviewPolicy.OutOfScope).Distinct().ToArray()))
            .Where(g => g.Labels.Length <= 1)
            .Select(g => (g.Text, Label: g.Labels is [var label] ? label : ReviewPolicy.OutOfScope))
            .OrderBy(r => r.Text, StringComparer.Ordinal).ThenBy(r => r.Label, StringComparer.Ordinal),
    ];

    private static bool Speaks(string language, string model) => language.Split('-')[0].Equals(model.Split('-')[0], StringComparison.OrdinalIgnoreCase);

    private static string FileOf(string root, string name) => Path.Combine(AdapterFactory.DataDirectory(root, name), FileName);

    private static bool IsNews(string file, string content) => File.Exists(file) ? File.ReadAllText(file) != content : content != ReviewExport.AsCsv([]);

    private static void Write(string file, string content)
    {
        var unfinished = $"{file}.{Guid.NewGuid():N}.tmp";
        File.WriteAllText(unfinished, content);
        File.Move(unfinished, file, overwrite: true);
    }

    [LoggerMessage(3031, LogLevel.Information, "NLU {Name}: {Count} utterances from the review queue to learn from")]
    private partial void LogDelivered(string name, int count);

    [LoggerMessage(3032, LogLevel.Warning, "What people taught could not be read from the store; it will be tried again")]
    private partial void LogNotDelivered(Exception exception);
}
