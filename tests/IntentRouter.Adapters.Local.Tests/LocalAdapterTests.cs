using System.Runtime.Versioning;
using IntentRouter.Adapters.Local.Training;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace IntentRouter.Adapters.Local.Tests;

/// <summary>The adapter as the service starts it: from configuration.</summary>
public sealed class LocalAdapterTests : IDisposable
{
    private const string Greetings = "text,intent\nhello there,greet\ngood morning,greet\nhi,greet\ngoodbye,bye\nsee you later,bye\nsee you,bye\n";

    private readonly TrainingFiles _files = new();
    private readonly FakeTimeProvider _clock = new();
    private readonly FakeLogCollector _log = FakeLogCollector.Create(new FakeLogCollectorOptions());

    public void Dispose() => _files.Dispose();

    [Theory]
    [InlineData("use-lite", 0.90, 0.90)]
    [InlineData("none", 0.72, 0.85)]
    public async Task It_understands_what_it_was_trained_for_and_declines_the_rest(string embedding, double accuracy, double declined)
    {
        await using var provider = Provide(("training", TrainingFiles.Shop), ("embedding", embedding));
        var adapter = provider.GetRequiredService<NluAdapter>();
        await adapter.StartAsync(CancellationToken.None);

        var right = 0.0;
        var heldOut = TrainingData.Read(Data("shop.held-out.csv")).Examples;
        foreach (var example in heldOut)
        {
            var understanding = await adapter.UnderstandAsync(new Utterance(example.Text, "en"), CancellationToken.None);
            right += understanding.Ranking[0].Intent == example.Intent ? 1 : 0;
        }

        var below = 0.0;
        var foreign = File.ReadLines(Data("out-of-scope.csv")).Skip(1).Select(l => l.Split(',')[0]).ToArray();
        foreach (var text in foreign)
        {
            var understanding = await adapter.UnderstandAsync(new Utterance(text, "en"), CancellationToken.None);
            below += understanding.Ranking[0].Confidence!.Value.Value < 0.5 ? 1 : 0;
        }

        Assert.True(
            right / heldOut.Count >= accuracy && below / foreign.Length >= declined,
            $"right {right / heldOut.Count:P1}, declined {below / foreign.Length:P1}");
    }

    [Fact]
    public async Task Entities_come_from_patterns_lookup_tables_and_synonyms_with_their_place()
    {
        await using var provider = Provide(("training", TrainingFiles.Shop), ("embedding", "none"));
        var adapter = provider.GetRequiredService<NluAdapter>();
        await adapter.StartAsync(CancellationToken.None);

        var understanding = await adapter.UnderstandAsync(new Utterance("😀 I ordered Light Green, not RED: #98123", "en"), CancellationToken.None);

        Assert.Equal(
            ["colour=green 'Light Green'@13", "colour=RED 'RED'@30", "order_number=98123 '98123'@36"],
            understanding.Entities.OrderBy(e => e.Start).Select(e => $"{e.Name}={e.Value} '{e.Text}'@{e.Start}"));
    }

    [Fact]
    public void Training_data_with_errors_stops_the_start_and_names_every_one()
    {
        var file = _files.Write("bad.yaml", "nlu:\n- intent: a\n  exampels: |\n    - x\n- intent: b\n  examples: |\n    y\n");
        using var provider = Provide(("training", file));

        var failure = Assert.Throws<OptionsValidationException>(() => provider.GetRequiredService<NluAdapter>());

        Assert.Contains($"{file}:3: error: 'exampels'", failure.Message, StringComparison.Ordinal);
        Assert.Contains($"{file}:7: error:", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "", "training: is missing")]
    [InlineData("embedding", "bert", "'bert' is unknown")]
    [InlineData("language", "de", "English only")]
    public void A_bad_setting_is_refused_with_its_remedy(string key, string value, string message)
    {
        using var provider = key.Length == 0
            ? Provide()
            : Provide(("training", TrainingFiles.Shop), (key, value), key == "language" ? ("embedding", "use-lite") : ("language", "en"));

        var failure = Assert.ThrowsAny<Exception>(() => provider.GetRequiredService<NluAdapter>());

        Assert.Contains(message, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Several_training_paths_make_one_model()
    {
        var first = _files.Write("a.csv", "text,intent\nhello there,greet\ngood morning,greet\n");
        var second = _files.Write("b.csv", "text,intent\ngoodbye,bye\nsee you later,bye\n");
        await using var provider = Provide(("training:0", first), ("training:1", second), ("embedding", "none"));
        var adapter = provider.GetRequiredService<NluAdapter>();
        await adapter.StartAsync(CancellationToken.None);

        var understanding = await adapter.UnderstandAsync(new Utterance("see you", "en"), CancellationToken.None);

        Assert.Equal("bye", understanding.Ranking[0].Intent);
        Assert.Equal(2, understanding.Ranking.Count);
    }

    [Fact]
    public async Task A_changed_file_is_trained_in_the_background_and_takes_over()
    {
        var file = _files.Write("a.csv", Greetings);
        await using var provider = Provide(("training", file), ("embedding", "none"));
        var adapter = await Start(provider);
        var before = (await Ask(adapter, "tea please")).Model;

        _files.Write("a.csv", Greetings + "a cup of tea,tea\ntea please,tea\n");
        var after = await Until(adapter, "tea please", u => u.Model != before);

        Assert.Equal("tea", after.Ranking[0].Intent);
    }

    [Fact]
    public async Task A_link_that_leads_elsewhere_is_a_change()
    {
        _files.Write("one/nlu.csv", Greetings);
        _files.Write("two/nlu.csv", Greetings + "a cup of tea,tea\ntea please,tea\n");
        var link = Path.Combine(_files.Folder, "current");
        Directory.CreateSymbolicLink(link, Path.Combine(_files.Folder, "one"));
        await using var provider = Provide(("training", Path.Combine(link, "nlu.csv")), ("embedding", "none"));
        var adapter = await Start(provider);
        var before = (await Ask(adapter, "tea please")).Model;

        Directory.Delete(link);
        Directory.CreateSymbolicLink(link, Path.Combine(_files.Folder, "two"));

        Assert.Equal("tea", (await Until(adapter, "tea please", u => u.Model != before)).Ranking[0].Intent);
    }

    [SkippableFact]
    [UnsupportedOSPlatform("windows")]
    public async Task A_folder_that_cannot_be_listed_for_a_while_does_not_end_the_watch()
    {
        Skip.If(Environment.IsPrivilegedProcess, "Root may list every folder.");
        _files.Write("nlu/a.csv", Greetings);
        var folder = Path.Combine(_files.Folder, "nlu");
        await using var provider = Provide(("training", folder), ("embedding", "none"));
        var adapter = await Start(provider);
        var before = (await Ask(adapter, "tea please")).Model;

        File.SetUnixFileMode(folder, UnixFileMode.None);
        await UntilHealthSays(adapter, "last good model");
        File.SetUnixFileMode(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        _files.Write("nlu/a.csv", Greetings + "a cup of tea,tea\ntea please,tea\n");

        Assert.Equal("tea", (await Until(adapter, "tea please", u => u.Model != before)).Ranking[0].Intent);
    }

    [Fact]
    public async Task With_a_file_that_cannot_be_used_the_last_good_model_answers_and_says_so()
    {
        var file = _files.Write("a.csv", Greetings);
        await using var provider = Provide(("training", file), ("embedding", "none"));
        var adapter = await Start(provider);
        var before = (await Ask(adapter, "see you")).Model;

        File.WriteAllText(file, "text,intnet\nhello,greet\n");

        Assert.True((await UntilHealthSays(adapter, "last good model")).IsHealthy);
        Assert.Equal(before, (await Ask(adapter, "see you")).Model);

        // The owner's file and line, and no stack of ours.
        var logged = Assert.Single(_log.GetSnapshot(), r => r.Id.Id == 3103);
        Assert.Null(logged.Exception);
        Assert.Contains("a.csv:1: error", logged.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_model_is_taken_from_disk_when_the_data_is_the_same()
    {
        var file = _files.Write("a.csv", Greetings);
        await using (var first = Provide(("training", file)))
        {
            await Start(first);
        }

        var model = Assert.Single(Directory.GetFiles(_files.Folder, "*.model"));
        var written = File.GetLastWriteTimeUtc(model);
        await using var second = Provide(("training", file));
        var adapter = await Start(second);

        Assert.Equal(Path.GetFileNameWithoutExtension(model), (await Ask(adapter, "see you")).Model);
        Assert.Equal(written, File.GetLastWriteTimeUtc(model));
    }

    [Fact]
    public async Task A_damaged_model_is_trained_again()
    {
        var file = _files.Write("a.csv", Greetings);
        await using (var first = Provide(("training", file), ("embedding", "none")))
        {
            await Start(first);
        }

        var model = Assert.Single(Directory.GetFiles(_files.Folder, "*.model"));
        var bytes = await File.ReadAllBytesAsync(model);
        bytes[^9] ^= 1;
        await File.WriteAllBytesAsync(model, bytes);
        await using var second = Provide(("training", file), ("embedding", "none"));

        Assert.Equal("bye", (await Ask(await Start(second), "see you later")).Ranking[0].Intent);
        Assert.NotEqual(bytes, await File.ReadAllBytesAsync(model));
    }

    private async Task<AdapterHealth> UntilHealthSays(NluAdapter adapter, string words)
    {
        while (true)
        {
            _clock.Advance(TimeSpan.FromSeconds(2));
            await Task.Yield();
            if (await adapter.CheckHealthAsync(CancellationToken.None) is { Description: { } said } health && said.Contains(words, StringComparison.Ordinal))
            {
                return health;
            }
        }
    }

    private async Task<Understanding> Until(NluAdapter adapter, string text, Func<Understanding, bool> done)
    {
        while (true)
        {
            _clock.Advance(TimeSpan.FromSeconds(2));
            await Task.Yield();
            if (await Ask(adapter, text) is var understanding && done(understanding))
            {
                return understanding;
            }
        }
    }

    private static async Task<NluAdapter> Start(ServiceProvider provider)
    {
        var adapter = provider.GetRequiredService<NluAdapter>();
        await adapter.StartAsync(CancellationToken.None);
        return adapter;
    }

    private static ValueTask<Understanding> Ask(NluAdapter adapter, string text) => adapter.UnderstandAsync(new Utterance(text, "en"), CancellationToken.None);

    private static string Data(string file) => Path.Combine(AppContext.BaseDirectory, "Data", file);

    [Fact]
    public async Task A_model_that_ships_with_the_program_is_taken_without_training()
    {
        var file = _files.Write("shipped.csv", Greetings + "are you a shipped model,shipped\nshipped beside the program,shipped\nshipped already,shipped\n");
        await using (var packing = Provide(("training", file), ("embedding", "none")))
        {
            await packing.GetRequiredService<NluAdapter>().StartAsync(CancellationToken.None);
        }

        var trained = Assert.Single(Directory.GetFiles(_files.Folder, "*.model"));
        var shipped = Path.Combine(Directory.CreateDirectory(TrainingFolder.Shipped).FullName, Path.GetFileName(trained));
        File.Move(trained, shipped, overwrite: true);
        try
        {
            await using var provider = Provide(("training", file), ("embedding", "none"));
            var adapter = provider.GetRequiredService<NluAdapter>();
            await adapter.StartAsync(CancellationToken.None);

            Assert.Equal("shipped", (await adapter.UnderstandAsync(new Utterance("shipped already", "en"), CancellationToken.None)).Ranking[0].Intent);
            Assert.Empty(Directory.GetFiles(_files.Folder, "*.model"));
        }
        finally
        {
            File.Delete(shipped);
        }
    }

    private ServiceProvider Provide(params (string Key, string Value)[] settings)
    {
        var section = new ConfigurationBuilder()
            .AddInMemoryCollection(settings.Select(s => new KeyValuePair<string, string?>(s.Key, s.Value)))
            .Build();
        var services = new ServiceCollection();
        services.AddLogging(logging => logging.AddProvider(new FakeLoggerProvider(_log)));
        services.AddSingleton<TimeProvider>(_clock);
        var registration = new AdapterRegistration("local", section, services, _files.Folder, _files.Folder);
        services.AddSingleton(registration);
        new LocalModule().Register(registration);
        return services.BuildServiceProvider();
    }
}
