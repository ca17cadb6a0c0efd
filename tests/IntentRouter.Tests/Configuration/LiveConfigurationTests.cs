using IntentRouter.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace IntentRouter.Tests.Configuration;

public sealed class LiveConfigurationTests : IDisposable
{
    private const string Bad = "bots: { shop: { key: x } }";
    private readonly ConfigurationScene _scene = new ConfigurationScene().Write("texts/en.yaml", ConfigurationScene.Texts);
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly FakeTimeProvider _clock = new();

    private System.Diagnostics.Metrics.IMeterFactory Meters => _services.GetRequiredService<System.Diagnostics.Metrics.IMeterFactory>();

    private static string Better => ConfigurationScene.Minimal.Replace("accessToken: not-a-real-token", "accessToken: not-a-real-token\n    language: en-GB", StringComparison.Ordinal);

    private LiveConfiguration Start(string? path = null)
    {
        var loaded = _scene.Load(path);
        Assert.Empty(loaded.Errors);
        return new LiveConfiguration(loaded, _scene.Sources(path), _scene.Parts, _clock, Meters, NullLogger<LiveConfiguration>.Instance);
    }

    [Fact]
    public async Task A_good_change_is_taken_and_told()
    {
        using var live = Start(_scene.Write("c.yaml", ConfigurationScene.Minimal).Folder + "/c.yaml");
        var before = live.Current;
        var told = new TaskCompletionSource<RouterConfiguration>();
        live.Changed += told.SetResult;
        Assert.False(live.Look());

        _scene.Write("c.yaml", Better);

        Assert.True(live.Look());
        Assert.Same(live.Current, await told.Task.WaitAsync(TimeSpan.FromMinutes(2)));
        Assert.Equal("en-GB", live.Current.Options.Bots["shop"].Language);
        Assert.NotEqual(before.Version, live.Current.Version);
        Assert.Equal("en", before.Options.Bots["shop"].Language);
    }

    [Fact]
    public void A_change_that_nobody_foresaw_keeps_the_last_good_configuration_too()
    {
        using var reloads = new MetricCollector<long>(Meters, "IntentRouter", "intentrouter.configuration.reloads");
        _scene.Write("c.yaml", ConfigurationScene.Minimal);
        var loaded = _scene.Load("c.yaml");
        var isBroken = false;
        var parts = _scene.Parts with { Nlu = (_, _, _) => isBroken ? throw new NotSupportedException("my words") : [] };
        using var live = new LiveConfiguration(loaded, _scene.Sources("c.yaml"), parts, _clock, Meters, NullLogger<LiveConfiguration>.Instance);
        var before = live.Current;

        isBroken = true;
        _scene.Write("c.yaml", Better);

        Assert.False(live.Look());
        Assert.Same(before, live.Current);
        Assert.Contains(nameof(NotSupportedException), Assert.Single(live.Problems).Message, StringComparison.Ordinal);
        Assert.Equal("refused", Assert.Single(reloads.GetMeasurementSnapshot()).Tags["intentrouter.result"]);

        isBroken = false;
        _scene.Write("c.yaml", Better + "\n");
        Assert.True(live.Look());
    }

    [Fact]
    public void A_bad_change_keeps_the_last_good_configuration_and_is_counted_and_shown()
    {
        using var reloads = new MetricCollector<long>(Meters, "IntentRouter", "intentrouter.configuration.reloads");
        _scene.Write("c.yaml", ConfigurationScene.Minimal);
        using var live = Start("c.yaml");
        var before = live.Current;

        _scene.Write("c.yaml", Bad);

        Assert.False(live.Look());
        Assert.Same(before, live.Current);
        Assert.Contains(live.Problems, p => p.Path == "bots:shop:key" && !p.IsWarning);

        _scene.Write("c.yaml", Better);
        Assert.True(live.Look());
        Assert.DoesNotContain(live.Problems, p => !p.IsWarning);
        Assert.Equal(["refused", "taken"], reloads.GetMeasurementSnapshot().Select(m => m.Tags["intentrouter.result"]));
    }

    [Theory]
    [InlineData("bots: [")]
    [InlineData("bots: { shop: { accounts: [3\n  language: en")]
    [InlineData("")]
    public void A_file_cut_short_keeps_the_last_good_configuration(string text)
    {
        _scene.Write("c.yaml", ConfigurationScene.Minimal);
        using var live = Start("c.yaml");

        _scene.Write("c.yaml", text);

        Assert.False(live.Look());
        Assert.NotEmpty(live.Problems);
    }

    [Fact]
    public void A_file_that_vanishes_and_comes_back_is_followed()
    {
        _scene.Write("c.yaml", ConfigurationScene.Minimal);
        using var live = Start("c.yaml");

        File.Delete(Path.Combine(_scene.Folder, "c.yaml"));
        Assert.False(live.Look());
        _scene.Write("c.yaml", Better);

        Assert.True(live.Look());
    }

    [Fact]
    public void Texts_are_part_of_it()
    {
        _scene.Write("c.yaml", ConfigurationScene.Minimal);
        using var live = Start("c.yaml");

        _scene.Write("texts/de.yaml", "order.found: Gefunden.");

        Assert.True(live.Look());
        Assert.Contains("de", live.Current.Bots["shop"].Texts.Languages);
    }

    [Fact]
    public void A_new_file_in_the_folder_is_seen()
    {
        _scene.Write("config/a.yaml", ConfigurationScene.Minimal.Replace("texts: texts", "texts: ../texts", StringComparison.Ordinal));
        using var live = Start("config");

        _scene.Write("config/b.yaml", "bots: { shop: { language: en-GB } }");

        Assert.True(live.Look());
        Assert.Equal("en-GB", live.Current.Options.Bots["shop"].Language);
    }

    [Fact]
    public void A_config_map_is_followed_through_its_symlinks()
    {
        // As the kubelet does it: c.yaml → ..data/c.yaml, ..data → ..one, and ..data is replaced by a rename.
        string Absolute(string text) => text.Replace("texts: texts", $"texts: {_scene.Folder}/texts", StringComparison.Ordinal);
        _scene.Write("mount/..one/c.yaml", Absolute(ConfigurationScene.Minimal)).Write("mount/..two/c.yaml", Absolute(Better));
        var mount = Path.Combine(_scene.Folder, "mount");
        File.CreateSymbolicLink(Path.Combine(mount, "..data"), "..one");
        File.CreateSymbolicLink(Path.Combine(mount, "c.yaml"), Path.Combine("..data", "c.yaml"));

        using var live = Start("mount/c.yaml");
        File.CreateSymbolicLink(Path.Combine(mount, "..new"), "..two");
        File.Delete(Path.Combine(mount, "..data"));
        Directory.Move(Path.Combine(mount, "..new"), Path.Combine(mount, "..data"));

        Assert.True(live.Look());
        Assert.Equal("en-GB", live.Current.Options.Bots["shop"].Language);
    }

    [Fact]
    public void What_is_read_only_at_start_says_that_it_needs_a_restart()
    {
        _scene.Write("c.yaml", ConfigurationScene.Minimal);
        using var live = Start("c.yaml");

        _scene.Write("c.yaml", "urls: \"http://*:9999\"\n" + Better);

        Assert.True(live.Look());
        var problem = Assert.Single(live.Problems, p => p.Message.Contains("only at start", StringComparison.Ordinal));
        Assert.Equal(("urls", true, 1), (problem.Path, problem.IsWarning, problem.Line));
    }

    [Fact]
    public async Task Time_alone_makes_it_look()
    {
        _scene.Write("c.yaml", ConfigurationScene.Minimal);
        using var live = Start("c.yaml");
        var told = new TaskCompletionSource<RouterConfiguration>();
        live.Changed += told.SetResult;
        await live.StartAsync(CancellationToken.None);

        _scene.Write("c.yaml", Better);
        _clock.Advance(TimeSpan.FromSeconds(2));

        Assert.Equal("en-GB", (await told.Task.WaitAsync(TimeSpan.FromMinutes(2))).Options.Bots["shop"].Language);
        await live.StopAsync(CancellationToken.None);
    }

    public void Dispose()
    {
        _services.Dispose();
        _scene.Dispose();
    }
}
