using IntentRouter.Adapters.Local.Training;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace IntentRouter.Adapters.Local.Tests;

/// <summary>The adapter as the service starts it: from configuration.</summary>
public sealed class LocalAdapterTests : IDisposable
{
    private readonly TrainingFiles _files = new();

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

        Assert.InRange(right / heldOut.Count, accuracy, 1);
        Assert.InRange(below / foreign.Length, declined, 1);
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
    public async Task Training_data_with_errors_stops_the_start_and_names_every_one()
    {
        var file = _files.Write("bad.yaml", "nlu:\n- intent: a\n  exampels: |\n    - x\n- intent: b\n  examples: |\n    y\n");
        await using var provider = Provide(("training", file));

        var failure = await Assert.ThrowsAsync<AdapterException>(
            async () => await provider.GetRequiredService<NluAdapter>().StartAsync(CancellationToken.None));

        Assert.Equal(AdapterFailure.Rejected, failure.Failure);
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

    private static string Data(string file) => Path.Combine(AppContext.BaseDirectory, "Data", file);

    private ServiceProvider Provide(params (string Key, string Value)[] settings)
    {
        var section = new ConfigurationBuilder()
            .AddInMemoryCollection(settings.Select(s => new KeyValuePair<string, string?>(s.Key, s.Value)))
            .Build();
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddSingleton(TimeProvider.System);
        var registration = new AdapterRegistration("local", section, services, _files.Folder, _files.Folder);
        services.AddSingleton(registration);
        new LocalModule().Register(registration);
        return services.BuildServiceProvider();
    }
}
