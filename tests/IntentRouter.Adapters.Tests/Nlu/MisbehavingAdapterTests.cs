using IntentRouter.Configuration;
using IntentRouter.Nlu;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace IntentRouter.Adapters.Tests.Nlu;

/// <summary>An adapter's bug costs its own answer, never a turn, a probe, a reload or the process.</summary>
public sealed class MisbehavingAdapterTests
{
    [Fact]
    public async Task One_that_blocks_its_thread_is_left_behind()
    {
        await using var bench = await new NluBench().Add("blocks", o => o.AttemptTimeout = TimeSpan.FromSeconds(1)).Add("second").LoadAsync();
        using var release = new ManualResetEventSlim();
        bench["blocks"].Always((_, _) =>
        {
            release.Wait(CancellationToken.None);
            return Task.FromResult(Understanding.NoMatch);
        });
        bench["second"].Knows("hello", ("greet", 0.9));

        var heard = await bench.AskAsync("hello", "blocks", "second");

        release.Set();
        Assert.Equal(("second", AdapterFailure.TimedOut), (heard.Adapter, Assert.Single(heard.Failures).Failure));
    }

    [Fact]
    public async Task One_that_never_comes_back_is_not_asked_without_end()
    {
        await using var bench = await new NluBench()
            .Add("hangs", o => (o.AttemptTimeout, o.CircuitBreak) = (TimeSpan.FromSeconds(1), TimeSpan.FromMilliseconds(500))).Add("second").LoadAsync();
        var release = new TaskCompletionSource<Understanding>(TaskCreationOptions.RunContinuationsAsynchronously);
        bench["hangs"].Always((_, _) => release.Task);
        bench["second"].Knows("hello", ("greet", 0.9));
        for (var i = 0; i < 40; i++)
        {
            Assert.Equal("second", (await bench.AskAsync("hello", "hangs", "second")).Adapter);
            bench.Clock.Advance(TimeSpan.FromSeconds(2));
        }

        Assert.Equal(16, bench["hangs"].Asked.Count);
        bench["hangs"].Recovers().Knows("hello", ("greet", 0.9));
        release.SetResult(Understanding.NoMatch);
        for (var heard = Heard.Nothing; heard.Adapter != "hangs";)
        {
            heard = await bench.AskAsync("hello", "hangs", "second");
            bench.Clock.Advance(TimeSpan.FromSeconds(2));
        }
    }

    [Fact]
    public async Task One_that_never_finishes_to_start_keeps_neither_turns_nor_reloads_waiting()
    {
        await using var bench = new NluBench().Add("hangs", o => o.Timeout = TimeSpan.FromSeconds(2), new AdapterCapabilities { Remote = true }).Add("second");
        bench.Starts["hangs"] = _ => new TaskCompletionSource().Task;
        var loading = bench.LoadAsync();
        await bench.TurnUntilAsync(loading);
        bench["hangs"].Knows("hello", ("greet", 0.9));

        // The clock stands: a busy machine must not meet the entry's own limit.
        var heard = await bench.Chain.AskAsync(["hangs", "second"], new Utterance("hello", "en"), TimeSpan.FromHours(1), CancellationToken.None);
        Assert.Equal("hangs", heard.Adapter);
        var again = new Dictionary<string, NluEntryOptions> { ["hangs"] = new() { Adapter = "scripted", Timeout = TimeSpan.FromSeconds(1) } };
        await bench.TurnUntilAsync(ReloadAsync(bench, again));
        Assert.Equal(TimeSpan.FromSeconds(1), bench.Catalog.Find("hangs")!.Options.Timeout);
        Assert.Equal(AdapterFailure.TimedOut, bench.Catalog.Find("hangs")!.State.Failure);
    }

    [Fact]
    public async Task One_in_this_process_that_never_finishes_to_start_is_given_up_and_holds_back_no_reload()
    {
        await using var bench = new NluBench().Add("hangs", capabilities: new AdapterCapabilities { Remote = false }).Add("second");
        bench.Starts["hangs"] = _ => new TaskCompletionSource().Task;
        await bench.TurnUntilAsync(bench.LoadAsync());

        Assert.Equal(AdapterFailure.TimedOut, bench.Catalog.Find("hangs")!.State.Failure);
        var again = new Dictionary<string, NluEntryOptions> { ["hangs"] = new() { Adapter = "scripted", Timeout = TimeSpan.FromSeconds(1) } };
        await bench.TurnUntilAsync(ReloadAsync(bench, again));
        Assert.Equal(TimeSpan.FromSeconds(1), bench.Catalog.Find("hangs")!.Options.Timeout);
    }

    [Fact]
    public async Task One_that_fails_when_it_is_closed_has_answered_all_the_same()
    {
        await using var bench = await new NluBench().Add("first").LoadAsync();
        bench.Closes["first"] = () => throw new InvalidOperationException("zanzibar");
        await bench.Catalog.LoadAsync(new Dictionary<string, NluEntryOptions>(), Path.GetTempPath(), CancellationToken.None);
        Assert.Null(bench.Catalog.Find("first"));
        Assert.Contains(bench.Log.Collector.GetSnapshot(), r => r.Message.Contains("failed with InvalidOperationException when it was closed", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_probe_that_returns_nothing_is_remembered_as_a_failure()
    {
        await using var bench = await new NluBench().Add("first").LoadAsync();
        bench["first"].Health = null!;
        await bench.Catalog.Find("first")!.ProbeAsync(TimeSpan.Zero, CancellationToken.None);
        Assert.Equal(AdapterFailure.Faulted, bench.Catalog.Find("first")!.State.Failure);
    }

    [Theory]
    [InlineData("register", "NotSupportedException: No licence for ***.")]
    [InlineData("constructor", "NotSupportedException: No licence for ***.")]
    [InlineData("capabilities", "The adapter has no capabilities.")]
    [InlineData("no-adapter", "its Register must call Use.")]
    [InlineData("no-client", "Unable to resolve service for type 'System.Net.Http.HttpClient'")]
    public void One_that_cannot_be_made_is_refused_before_the_start(string what, string says)
    {
        var problem = Assert.Single(Check(("what", what), ("apiKey", "hush-hush")));
        Assert.Equal("nlu:main", problem.Path);
        Assert.Contains(says, problem.Message, StringComparison.Ordinal);
        Assert.Contains("/plugins/one/Contoso.dll", problem.Remedy, StringComparison.Ordinal);
        Assert.DoesNotContain("hush", problem.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("deep:coutn", "3", "***", "Is not a key of adapter 'contoso'.", "Did you mean 'count'?")]
    [InlineData("deep:count", "many", "many", "Has the wrong form.", "It is the plugin /plugins/one/Contoso.dll; its keys are apiKey, deep, url, what.")]
    [InlineData("waht", "x", "***", "Is not a key of adapter 'contoso'.", "Did you mean 'what'?")]
    [InlineData("url", "http://me:hush@host/x?key=hush", "http://***@host/x", "Must have no user.", "It is the plugin /plugins/one/Contoso.dll; its keys are apiKey, deep, url, what.")]
    public void A_plugins_key_is_named_where_it_stands(string key, string value, string shown, string message, string remedy)
    {
        var problem = Assert.Single(Check((key, value)));
        Assert.Equal(($"nlu:main:{key}", shown, message, remedy), (problem.Path, problem.Value, problem.Message, problem.Remedy));
    }

    private static IReadOnlyList<ConfigurationProblem> Check(params (string Key, string? Value)[] settings)
    {
        using var services = new ServiceCollection().AddLogging().AddMetrics().AddNlu()
            .AddSingleton(new InstalledModule(new Contoso(), "/plugins/one/Contoso.dll", new Version(1, 0), new Version(0, 1))).BuildServiceProvider();
        var entry = new NluEntryOptions
        {
            Adapter = "contoso",
            Settings = new ConfigurationBuilder().AddInMemoryCollection(settings.Select(s => KeyValuePair.Create(s.Key, s.Value))).Build(),
        };
        return services.GetRequiredService<NluEntryCheck>().Check("main", entry, Path.GetTempPath());
    }

    private static async Task<bool> ReloadAsync(NluBench bench, Dictionary<string, NluEntryOptions> entries)
    {
        await bench.Catalog.LoadAsync(entries, Path.GetTempPath(), CancellationToken.None);
        return true;
    }

    private sealed class Contoso : AdapterModule
    {
        public override string Type => "contoso";

        public override void Register(AdapterRegistration adapter)
        {
            if (adapter.Section["what"] == "register")
            {
                throw new NotSupportedException($"No licence for {adapter.Section["apiKey"]}.");
            }

            adapter.Bind<Options>().Check<Options>(o => o.Url is { UserInfo.Length: > 0 } ? "url: must have no user" : null);
            _ = adapter.Section["what"] switch
            {
                "no-adapter" => adapter,
                "no-client" => adapter.Use<NeedsClient>(),
                _ => adapter.Use<Broken>(),
            };
        }
    }

    private sealed class Options
    {
        public string? What { get; set; }

        public string? ApiKey { get; set; }

        public Uri? Url { get; set; }

        public Nested? Deep { get; set; }
    }

    private sealed class Nested
    {
        public int Count { get; set; }
    }

    private sealed class Broken(Options options) : NluAdapter
    {
        private readonly string? _what = options.What == "constructor" ? throw new NotSupportedException($"No licence for {options.ApiKey}.") : options.What;

        public override AdapterCapabilities Capabilities => _what == "capabilities" ? null! : new AdapterCapabilities();

        protected override ValueTask<Understanding> UnderstandCoreAsync(Utterance utterance, CancellationToken cancellationToken) => ValueTask.FromResult(Understanding.NoMatch);
    }

    private sealed class NeedsClient(HttpClient http) : NluAdapter
    {
        public override AdapterCapabilities Capabilities { get; } = new() { Remote = http.BaseAddress is not null };

        protected override ValueTask<Understanding> UnderstandCoreAsync(Utterance utterance, CancellationToken cancellationToken) => ValueTask.FromResult(Understanding.NoMatch);
    }
}
