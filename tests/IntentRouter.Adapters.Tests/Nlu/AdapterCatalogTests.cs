using IntentRouter.Configuration;
using Microsoft.Extensions.Configuration;

namespace IntentRouter.Adapters.Tests.Nlu;

public sealed class AdapterCatalogTests
{
    [Fact]
    public async Task A_reload_keeps_what_did_not_change_and_replaces_what_did()
    {
        await using var bench = await new NluBench().Add("same").Add("changed").Add("removed").LoadAsync();
        var (same, changed) = (bench.Catalog.Find("same"), bench.Catalog.Find("changed"));
        var entries = new Dictionary<string, NluEntryOptions>
        {
            ["same"] = same!.Options,
            ["changed"] = new() { Adapter = "scripted", Settings = new ConfigurationBuilder().AddInMemoryCollection([new("colour", "red")]).Build() },
            ["added"] = new() { Adapter = "scripted" },
        };
        await bench.Catalog.LoadAsync(entries, Path.GetTempPath(), CancellationToken.None);
        Assert.Same(same, bench.Catalog.Find("same"));
        Assert.NotSame(changed, bench.Catalog.Find("changed"));
        Assert.NotNull(bench.Catalog.Find("added"));
        Assert.Null(bench.Catalog.Find("removed"));
        Assert.False(changed!.TryEnter());
    }

    [Fact]
    public async Task A_reload_that_cannot_be_made_changes_nothing()
    {
        await using var bench = await new NluBench().Add("first").LoadAsync();
        var first = bench.Catalog.Find("first");
        var entries = new Dictionary<string, NluEntryOptions>
        {
            ["first"] = new() { Adapter = "scripted", Retries = 3 },
            ["broken"] = new() { Adapter = "scripted", Settings = new ConfigurationBuilder().AddInMemoryCollection([new("size", "77")]).Build() },
        };
        await Assert.ThrowsAnyAsync<Exception>(() => bench.Catalog.LoadAsync(entries, Path.GetTempPath(), CancellationToken.None));
        Assert.Same(first, bench.Catalog.Find("first"));
        Assert.True(first!.TryEnter());
    }

    [Fact]
    public async Task The_check_names_path_value_and_remedy_and_hides_secrets()
    {
        await using var bench = new NluBench();
        var entry = new NluEntryOptions
        {
            Adapter = "scripted",
            Settings = new ConfigurationBuilder().AddInMemoryCollection([new("size", "77")]).Build(),
        };
        var problem = Assert.Single(bench.Check.Check("main", entry, Path.GetTempPath()));
        Assert.Equal(("nlu:main:size", "77", "Must lie between 1 and 9."), (problem.Path, problem.Value, problem.Message));

        entry.Settings = new ConfigurationBuilder().AddInMemoryCollection([new("color", "red"), new("apiTokn", "hush")]).Build();
        var unknown = bench.Check.Check("main", entry, Path.GetTempPath());
        Assert.Equal(["nlu:main:apiTokn", "nlu:main:color"], unknown.Select(p => p.Path).Order(StringComparer.Ordinal));
        Assert.DoesNotContain(unknown, p => p.ToString().Contains("hush", StringComparison.Ordinal));

        Assert.Equal("Did you mean 'apiToken'?", unknown.Single(p => p.Path.EndsWith("apiTokn", StringComparison.Ordinal)).Remedy);

        entry.Adapter = "scriptd";
        var missing = Assert.Single(bench.Check.Check("main", entry, Path.GetTempPath()));
        Assert.Equal("nlu:main:adapter", missing.Path);
        Assert.Equal("Did you mean 'scripted'?", missing.Remedy);

        entry.Adapter = "scripted";
        entry.Settings = new ConfigurationBuilder().AddInMemoryCollection([new("size", "big")]).Build();
        Assert.Equal(("nlu:main:size", "big"), bench.Check.Check("main", entry, Path.GetTempPath()).Select(p => (p.Path, p.Value)).Single());
    }

    [Fact]
    public async Task The_state_follows_calls_and_probes()
    {
        await using var bench = await new NluBench().Add("first", capabilities: new AdapterCapabilities { Remote = true }).LoadAsync();
        var adapter = bench.Catalog.Find("first")!;
        Assert.True(adapter.State.IsHealthy);

        bench["first"].Fails(AdapterFailure.Unreachable);
        await bench.AskAsync("hello", "first");
        Assert.Equal((false, AdapterFailure.Unreachable), (adapter.State.IsHealthy, adapter.State.Failure));

        await adapter.ProbeAsync(TimeSpan.FromSeconds(15), CancellationToken.None);
        Assert.True(adapter.State.IsHealthy);

        bench["first"].Health = new AdapterHealth(false, AdapterFailure.Rejected, "No such agent.");
        await adapter.ProbeAsync(TimeSpan.FromSeconds(15), CancellationToken.None);
        Assert.True(adapter.State.IsHealthy);
        bench.Clock.Advance(TimeSpan.FromSeconds(16));
        await adapter.ProbeAsync(TimeSpan.FromSeconds(15), CancellationToken.None);
        Assert.Equal("No such agent.", adapter.State.Description);
    }

    [Fact]
    public async Task An_engine_in_this_process_is_asked_how_it_is_at_every_probe()
    {
        await using var bench = await new NluBench().Add("first", capabilities: new AdapterCapabilities { Remote = false }).LoadAsync();
        var adapter = bench.Catalog.Find("first")!;

        bench["first"].Health = new AdapterHealth(true, null, "Nothing new was learned.");
        await adapter.ProbeAsync(TimeSpan.FromSeconds(15), CancellationToken.None);

        Assert.Equal("Nothing new was learned.", adapter.State.Description);
    }

    [Fact]
    public void Two_modules_of_one_type_are_refused()
    {
        var one = IntentRouter.Nlu.InstalledModule.BuiltIn<IntentRouter.Adapters.Rasa.RasaModule>();
        var refusal = Assert.Throws<IntentRouter.Nlu.ModuleRefusedException>(() => new IntentRouter.Nlu.ModuleRegistry([one, one with { Origin = "/plugins/other" }]));
        Assert.Contains("/plugins/other", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("'rasa' is already taken", refusal.Message, StringComparison.Ordinal);
    }
}
