using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using IntentRouter.Adapters.Local.Training;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace IntentRouter.Adapters.Local.Tests;

/// <summary>What people teach while the bot runs, and the gate that it passes.</summary>
public sealed class LearningTests : IDisposable
{
    private readonly TrainingFiles _files = new();
    private readonly FakeTimeProvider _clock = new();
    private readonly string _name = $"local-{Guid.NewGuid():N}";

    private readonly ConcurrentQueue<string> _outcomes = new();
    private readonly MeterListener _listener = new();

    public LearningTests()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Name == "intentrouter.training.models")
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((_, _, tags, _) =>
        {
            var all = tags.ToArray().ToDictionary(t => t.Key, t => t.Value as string);
            // The instrument is one for the process.
            if (all["intentrouter.adapter"] == _name)
            {
                _outcomes.Enqueue(all["intentrouter.outcome"]!);
            }
        });
        _listener.Start();
    }

    public void Dispose()
    {
        _listener.Dispose();
        _files.Dispose();
    }

    [Fact]
    public async Task What_is_not_one_of_ours_is_refused_from_the_next_training_on()
    {
        await using var provider = Provide();
        var adapter = await Start(provider);
        var before = await Ask(adapter, "do you sell gift cards for the cinema");

        Learn([.. Strangers().Take(30), ("do you sell gift cards for the cinema", "out_of_scope"), ("cinema gift cards", "out_of_scope")]);
        var after = await Until(adapter, a => a.Model != before.Model);

        Assert.Equal(UnderstandingKind.NoMatch, (await Ask(adapter, "cinema gift cards")).Kind);
        Assert.Contains("32 utterances learned from people", await Health(adapter), StringComparison.Ordinal);
        Assert.Equal(["taken"], _outcomes);
        Assert.NotEqual(before.Model, after.Model);
    }

    [Fact]
    public async Task Labels_make_an_intent_understand_more()
    {
        await using var provider = Provide();
        var adapter = await Start(provider);
        var intent = (await Ask(adapter, "where is my parcel")).Ranking[0].Intent;
        var before = await Ask(adapter, "xyzzy plugh");

        Learn([("xyzzy plugh", intent), ("plugh xyzzy please", intent)]);
        await Until(adapter, a => a.Model != before.Model);

        Assert.Equal(intent, (await Ask(adapter, "xyzzy plugh")).Ranking[0].Intent);
    }

    [Fact]
    public async Task What_makes_the_model_worse_on_its_own_examples_is_not_taken_and_says_so()
    {
        await using var provider = Provide();
        var adapter = await Start(provider);
        var before = await Ask(adapter, "where is my parcel");

        // Every intent's own words, said to be none of ours.
        Learn(Poison());
        await UntilHealth(adapter, h => h.Contains("is not used", StringComparison.Ordinal));

        var health = await Health(adapter);
        Assert.Equal(["refused"], _outcomes);
        Assert.Contains("is not used", health, StringComparison.Ordinal);
        Assert.Contains("review queue", health, StringComparison.Ordinal);
        Assert.Equal(before.Model, (await Ask(adapter, "where is my parcel")).Model);

        // Taken back, all is well again.
        Learn([]);
        await UntilHealth(adapter, h => !h.Contains("is not used", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_was_learned_is_in_use_again_after_a_restart_and_what_was_refused_is_not()
    {
        string? learned;
        await using (var provider = Provide())
        {
            var adapter = await Start(provider);
            var before = await Ask(adapter, "hello");
            Learn([.. Strangers().Take(20)]);
            learned = (await Until(adapter, a => a.Model != before.Model)).Model;
        }

        Learn([.. Strangers().Take(20), .. Poison()]);
        await using var again = Provide();
        var restarted = await Start(again);
        Assert.Equal(learned, (await Ask(restarted, "hello")).Model);
        await UntilHealth(restarted, h => h.Contains("is not used", StringComparison.Ordinal));
        Assert.Equal(["taken", "refused"], _outcomes);
        Assert.Equal(learned, (await Ask(restarted, "hello")).Model);
    }

    [Fact]
    public async Task What_is_taken_back_is_forgotten_even_beside_what_is_refused()
    {
        await using var provider = Provide();
        var adapter = await Start(provider);
        var before = await Ask(adapter, "hello");
        (string, string)[] rows = [.. Strangers().Take(20)];
        Learn(rows);
        var learned = await Until(adapter, a => a.Model != before.Model);

        // One customer is to be forgotten, and somebody labels nonsense at the same time.
        Learn([.. rows.Skip(1), .. Poison()]);
        await UntilHealth(adapter, h => h.Contains("is not used", StringComparison.Ordinal));

        Assert.DoesNotContain(rows[0].Item1, await File.ReadAllTextAsync(Path.Combine(_files.Folder, "learned.used.csv")), StringComparison.Ordinal);
        Assert.Contains("19 utterances learned", await Health(adapter), StringComparison.Ordinal);
        Assert.NotEqual(learned.Model, (await Ask(adapter, "hello")).Model);

        Learn([.. rows.Skip(2)]);
        await UntilHealth(adapter, h => h.Contains("18 utterances learned", StringComparison.Ordinal) && !h.Contains("is not used", StringComparison.Ordinal));
    }

    [Fact]
    public void Two_replicas_learn_the_same_model_from_the_same_rows()
    {
        using var other = new TrainingFiles();
        (string, string)[] rows = [.. Strangers().Take(25)];
        var models = new List<string>();
        foreach (var folder in (string[])[_files.Folder, other.Folder])
        {
            Learn(rows, folder);
            var training = new LocalTraining(Registration(folder));
            var verdict = training.Learn(null, CancellationToken.None);
            Assert.True(verdict!.Taken);
            Assert.Equal(25, verdict.Learned);
            models.Add(training.Train(training.Read(), null, CancellationToken.None));
        }

        Assert.Equal(models[0], models[1]);
        Assert.NotEqual(models[0], new LocalTraining(Registration(Directory.CreateDirectory(Path.Combine(other.Folder, "fresh")).FullName)) is var fresh ? fresh.Train(fresh.Read(), null, CancellationToken.None) : "");
    }

    [Fact]
    public void The_training_files_have_the_last_word_about_a_text_and_about_intents()
    {
        var own = TrainingData.Read(TrainingFiles.Shop);
        var known = own.Examples[0];
        Learn([(known.Text.ToUpperInvariant() + " ", "out_of_scope"), ("never heard", "no_such_intent"), ("brand new", known.Intent), ("Brand  new", known.Intent), ("out there", "out_of_scope")]);

        var learned = LearnedExamples.Read(Path.Combine(_files.Folder, TrainingFolder.LearnedFile), own);

        Assert.Equal([("brand new", known.Intent), ("out there", "out_of_scope")], learned.Select(l => (l.Text, l.Intent)));
    }

    [Theory]
    [InlineData("not,a\"valid\nfile")]
    [InlineData("")]
    public async Task A_damaged_file_teaches_nothing_and_harms_nothing(string content)
    {
        File.WriteAllText(Path.Combine(_files.Folder, TrainingFolder.LearnedFile), content);
        File.WriteAllText(Path.Combine(_files.Folder, "learned.used.csv"), content);
        await using var provider = Provide();

        Assert.True((await Ask(await Start(provider), "where is my parcel")).Ranking.Count > 0);
    }

    [Fact]
    public void What_was_weighed_and_is_in_use_no_longer_is_forgotten()
    {
        var registration = Registration(_files.Folder);
        var options = new LocalOptions();
        registration.Section.Bind(options);
        var gate = new LearningGate(new TrainingFolder(options, registration), options);
        for (var rows = 5; rows < 10; rows++)
        {
            Learn([.. Strangers().Take(rows)]);
            Assert.NotNull(gate.Consider(new TrainingPace(2), null, CancellationToken.None));
            Assert.InRange(gate.Remembered, 1, 3);
        }
    }

    [Fact]
    public async Task Without_watching_it_is_weighed_at_the_start()
    {
        Learn([.. Strangers().Take(20)]);
        await using var provider = Provide(("watch", "false"));

        Assert.Contains("20 utterances learned", await Health(await Start(provider)), StringComparison.Ordinal);
    }

    private static IEnumerable<(string Text, string Intent)> Strangers() =>
        File.ReadLines(Path.Combine(AppContext.BaseDirectory, "Data", "out-of-scope.csv")).Skip(1).Select(l => (l.Split(',')[0].Trim('"'), TrainingData.OutOfScope));

    private static (string, string)[] Poison() =>
        [.. TrainingData.Read(TrainingFiles.Shop).Examples.Where(e => e.Intent != TrainingData.OutOfScope).SelectMany(e => (string[])[$"{e.Text} now", $"so {e.Text}"]).Select(t => (t, TrainingData.OutOfScope))];

    private void Learn((string Text, string Intent)[] rows, string? folder = null)
    {
        var file = Path.Combine(folder ?? _files.Folder, TrainingFolder.LearnedFile);
        File.WriteAllText(file + ".tmp", "text,intent\n" + string.Concat(rows.Select(r => $"\"{r.Text.Replace("\"", "\"\"", StringComparison.Ordinal)}\",{r.Intent}\n")));
        File.Move(file + ".tmp", file, overwrite: true);
    }

    private async Task<Understanding> Until(NluAdapter adapter, Func<Understanding, bool> done)
    {
        for (var began = TimeProvider.System.GetTimestamp(); ;)
        {
            await TickAsync(adapter, began);
            if (await Ask(adapter, "hello") is var understanding && done(understanding))
            {
                return understanding;
            }
        }
    }

    private async Task UntilHealth(NluAdapter adapter, Func<string, bool> done)
    {
        for (var began = TimeProvider.System.GetTimestamp(); !done(await Health(adapter));)
        {
            await TickAsync(adapter, began);
        }
    }

    // The adapter looks when its clock moves; training takes what it takes, within reason.
    private async Task TickAsync(NluAdapter adapter, long began)
    {
        Assert.True(TimeProvider.System.GetElapsedTime(began) < TimeSpan.FromMinutes(5), $"It did not come: {await Health(adapter)} {string.Join(' ', _outcomes)}");
        _clock.Advance(TimeSpan.FromSeconds(2));
        await Task.Yield();
    }

    private static async Task<NluAdapter> Start(ServiceProvider provider)
    {
        var adapter = provider.GetRequiredService<NluAdapter>();
        await adapter.StartAsync(CancellationToken.None);
        return adapter;
    }

    private static async Task<string> Health(NluAdapter adapter) => (await adapter.CheckHealthAsync(CancellationToken.None)).Description ?? "";

    private static ValueTask<Understanding> Ask(NluAdapter adapter, string text) => adapter.UnderstandAsync(new Utterance(text, "en"), CancellationToken.None);

    private AdapterRegistration Registration(string folder, IServiceCollection? services = null, params (string Key, string Value)[] settings) => new(
        _name,
        new ConfigurationBuilder().AddInMemoryCollection(
            settings.Select(s => new KeyValuePair<string, string?>(s.Key, s.Value)).Concat([new("training", TrainingFiles.Shop), new("embedding", "none")])).Build(),
        services ?? new ServiceCollection(),
        folder,
        folder);

    private ServiceProvider Provide(params (string Key, string Value)[] settings)
    {
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddSingleton<TimeProvider>(_clock);
        new LocalModule().Register(Registration(_files.Folder, services, settings));
        return services.BuildServiceProvider();
    }
}
