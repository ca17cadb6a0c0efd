using System.Diagnostics.Metrics;
using IntentRouter.Configuration;
using IntentRouter.Nlu;
using IntentRouter.TestKit;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;
using Microsoft.Extensions.Time.Testing;

namespace IntentRouter.Adapters.Tests.Nlu;

/// <summary>The understand stage over scripted adapters, with a clock that the test turns.</summary>
internal sealed class NluBench : IAsyncDisposable
{
    private readonly ServiceProvider _services;
    private readonly Dictionary<string, ScriptedAdapter> _adapters = [];
    private readonly Dictionary<string, NluEntryOptions> _entries = [];

    public NluBench(ICalibration? calibration = null)
    {
        var services = new ServiceCollection();
        services.AddMetrics();
        services.AddSingleton<TimeProvider>(Clock);
        services.AddSingleton<ILoggerFactory>(new LoggerFactory([new FakeLoggerProvider(Log.Collector)]));
        services.AddSingleton(typeof(ILogger<>), typeof(Logger<>));
        services.AddSingleton(new InstalledModule(new Module(this), "the test", new Version(1, 0), new Version(0, 1)));
        services.AddNlu();
        services.AddSingleton<ILiveConfiguration>(new Live());
        if (calibration is not null)
        {
            services.AddSingleton(calibration);
        }

        _services = services.BuildServiceProvider();
        _ = Telemetry;
    }

    public FakeTimeProvider Clock { get; } = new(new DateTimeOffset(2026, 3, 4, 12, 0, 0, TimeSpan.Zero));

    public FakeLogger Log { get; } = new();

    public AdapterCatalog Catalog => _services.GetRequiredService<AdapterCatalog>();

    public AdapterChain Chain => _services.GetRequiredService<AdapterChain>();

    public ShadowAdapters Shadows => _services.GetRequiredService<ShadowAdapters>();

    public AdapterHealthTracker Health => _services.GetServices<Microsoft.Extensions.Hosting.IHostedService>().OfType<AdapterHealthTracker>().Single();

    public NluEntryCheck Check => _services.GetRequiredService<NluEntryCheck>();

    /// <summary>What an entry does to start, and when it is closed; nothing when not said.</summary>
    public Dictionary<string, Func<CancellationToken, Task>> Starts { get; } = [];

    public Dictionary<string, Action> Closes { get; } = [];

    private NluTelemetry Telemetry => _services.GetRequiredService<NluTelemetry>();

    public ScriptedAdapter this[string name] => _adapters[name];

    public NluBench Add(string name, Action<NluEntryOptions>? configure = null, AdapterCapabilities? capabilities = null)
    {
        _adapters[name] = new ScriptedAdapter(capabilities);
        // The clock may be turned far ahead of an answer that is on its way: only a limit that a test sets may be met.
        var entry = new NluEntryOptions
        {
            Adapter = "scripted",
            Retries = 0,
            Timeout = TimeSpan.FromHours(1),
            AttemptTimeout = TimeSpan.FromHours(1),
            Settings = new ConfigurationBuilder().Build(),
        };
        configure?.Invoke(entry);
        _entries[name] = entry;
        return this;
    }

    public async Task<NluBench> LoadAsync()
    {
        await Catalog.LoadAsync(_entries, Path.GetTempPath(), CancellationToken.None);
        await Task.WhenAll(Catalog.All.Select(a => a.FirstStart));
        return this;
    }

    public Task<Heard> AskAsync(string text, params string[] use) => AskAsync(new Utterance(text, "en"), use);

    /// <summary>Asks, and turns the clock until there is an answer.</summary>
    public Task<Heard> AskAsync(Utterance utterance, string[] use) =>
        TurnUntilAsync(Chain.AskAsync(use, utterance, TimeSpan.FromHours(1), CancellationToken.None));

    public async Task<T> TurnUntilAsync<T>(Task<T> task)
    {
        while (!task.IsCompleted)
        {
            await Task.WhenAny(task, Task.Delay(TimeSpan.FromMilliseconds(2), TimeProvider.System));
            if (!task.IsCompleted)
            {
                Clock.Advance(TimeSpan.FromMilliseconds(50));
            }
        }

        return await task;
    }

    public MetricCollector<T> Measure<T>(string instrument)
        where T : struct =>
        new(_services.GetRequiredService<IMeterFactory>(), Diagnostics.RouterTelemetry.Name, instrument, Clock);

    public ValueTask DisposeAsync() => _services.DisposeAsync();

    private sealed class Module(NluBench bench) : AdapterModule
    {
        public override string Type => "scripted";

        public override void Register(AdapterRegistration adapter)
        {
            adapter.Bind<ScriptedOptions>().Use<Handle>();
            adapter.Services.AddSingleton(bench);
            adapter.Services.AddSingleton(bench._adapters.GetValueOrDefault(adapter.Name) ?? new ScriptedAdapter());
        }
    }

    private sealed class ScriptedOptions
    {
        public string? Colour { get; set; }

        [System.ComponentModel.DataAnnotations.Range(1, 9, ErrorMessage = "must lie between 1 and 9.")]
        public int Size { get; set; } = 1;

        public string? ApiToken { get; set; }
    }

    // The container closes what it makes; the script belongs to the test.
    private sealed class Handle(ScriptedAdapter script, NluBench bench, AdapterRegistration registration) : NluAdapter, IDisposable
    {
        public override AdapterCapabilities Capabilities => script.Capabilities;

        public override async ValueTask StartAsync(CancellationToken cancellationToken) =>
            await (bench.Starts.GetValueOrDefault(registration.Name)?.Invoke(cancellationToken) ?? Task.CompletedTask);

        public void Dispose() => bench.Closes.GetValueOrDefault(registration.Name)?.Invoke();

        protected override ValueTask<Understanding> UnderstandCoreAsync(Utterance utterance, CancellationToken cancellationToken) =>
            script.UnderstandAsync(utterance, cancellationToken);

        protected override ValueTask<AdapterHealth> CheckHealthCoreAsync(CancellationToken cancellationToken) => script.CheckHealthAsync(cancellationToken);
    }

    private sealed class Live : ILiveConfiguration
    {
        public event Action<RouterConfiguration>? Changed
        {
            add { }
            remove { }
        }

        public RouterConfiguration Current => throw new NotSupportedException();

        public IReadOnlyList<ConfigurationProblem> Problems => [];
    }
}
