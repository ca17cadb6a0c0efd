using System.Threading.RateLimiting;
using IntentRouter.Configuration;
using IntentRouter.Hosting;
using IntentRouter.Nlu;

namespace IntentRouter.Evaluation;

/// <summary>The adapters of a configuration without the service around them: for evaluations and for a talk in the terminal.</summary>
internal sealed class NluWorkbench : IAsyncDisposable
{
    private readonly ServiceProvider _services;
    private readonly RouterConfiguration _configuration;
    private readonly Dictionary<string, ConfiguredAdapter> _adapters = new(StringComparer.OrdinalIgnoreCase);

    public NluWorkbench(RouterConfiguration configuration, ConfigurationParts parts, TimeProvider clock, ICalibration? calibration = null)
    {
        _configuration = configuration;
        var services = new ServiceCollection();
        services.AddLogging(logging => logging.AddSimpleConsole(console => console.SingleLine = true).AddFilter(level => level >= LogLevel.Error));
        services.AddMetrics();
        services.AddSingleton(clock);
        services.AddSingleton(calibration ?? new NoCalibration());
        services.AddNlu();
        services.AddBuiltInAdapters();
        parts.AddPlugins?.Invoke(services);
        _services = services.BuildServiceProvider();
        Clock = clock;
    }

    public TimeProvider Clock { get; }

    public IServiceProvider Services => _services;

    /// <summary>Makes and starts the adapter of an entry.</summary>
    /// <exception cref="AdapterException">It cannot start.</exception>
    public async Task<ConfiguredAdapter> StartAsync(string name, CancellationToken cancellationToken)
    {
        if (!_adapters.TryGetValue(name, out var adapter))
        {
            adapter = _services.GetRequiredService<AdapterFactory>().Create(name, _configuration.Options.Nlu[name], _configuration.Root);
            _adapters.Add(name, adapter);
            await adapter.StartAsync(cancellationToken);
        }

        return adapter.State is { IsHealthy: false } state
            ? throw new AdapterException(state.Failure ?? AdapterFailure.Faulted, $"NLU '{name}' cannot start: {state.Description}")
            : adapter;
    }

    /// <summary>Asks an adapter about every utterance; remote ones not faster than <paramref name="perSecond"/>, and never twice about the same words.</summary>
    public async Task<AdapterRun> AskAsync(
        ConfiguredAdapter adapter,
        IReadOnlyList<(string Text, string Intent)> labelled,
        string language,
        double perSecond,
        AnswerCache? cache,
        IProgress<int>? progress,
        CancellationToken cancellationToken)
    {
        var remembered = adapter.Capabilities.Remote ? cache : null;
        if (!adapter.Capabilities.Remote)
        {
            await WarmAsync(adapter, new Utterance(labelled[0].Text, language), cancellationToken);
        }

        await using RateLimiter? limiter = adapter.Capabilities.Remote ? Limiter(perSecond) : null;
        var judged = new List<JudgedUtterance>(labelled.Count);
        string? model = null;
        string? spoken = null;
        var calls = 0;
        foreach (var (text, intent) in labelled)
        {
            if (remembered?.Find(adapter, language, text) is { } known)
            {
                judged.Add(Judge(text, intent, known) with { Remembered = true });
                model = known.Model;
                spoken = known.Language;
            }
            else
            {
                using var turn = limiter is null ? null : await limiter.AcquireAsync(1, cancellationToken);
                calls++;
                var began = Clock.GetTimestamp();
                try
                {
                    var understanding = await adapter.AskAsync(new Utterance(text, language), AskRole.Turn, cancellationToken);
                    judged.Add(Judge(text, intent, understanding) with { Duration = Clock.GetElapsedTime(began) });
                    remembered?.Add(adapter, language, text, understanding);
                    (model, spoken) = (understanding.Model, understanding.Language);
                }
                catch (AdapterException failure)
                {
                    judged.Add(new JudgedUtterance(text, intent, []) { Failure = failure.Failure, Duration = Clock.GetElapsedTime(began) });
                }
            }

            progress?.Report(judged.Count);
        }

        remembered?.Save(adapter);
        return new AdapterRun(judged, model, spoken ?? language, calls);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var adapter in _adapters.Values)
        {
            await adapter.DisposeAsync();
        }

        await _services.DisposeAsync();
    }

    /// <summary>The first question to code in this process compiles it, which is no answer's time.</summary>
    private static async Task WarmAsync(ConfiguredAdapter adapter, Utterance utterance, CancellationToken cancellationToken)
    {
        try
        {
            await adapter.AskAsync(utterance, AskRole.Turn, cancellationToken);
        }
        catch (AdapterException)
        {
            // It is asked again, and counted, with the others.
        }
    }

    private static TokenBucketRateLimiter Limiter(double perSecond) => new(new TokenBucketRateLimiterOptions
    {
        TokenLimit = 1,
        TokensPerPeriod = 1,
        ReplenishmentPeriod = TimeSpan.FromSeconds(1 / perSecond),
        QueueLimit = 1,
        AutoReplenishment = true,
    });

    private static JudgedUtterance Judge(string text, string intent, Understanding understanding) => new(
        text,
        intent,
        understanding.Kind == UnderstandingKind.NoMatch
            ? []
            : [.. understanding.Ranking.Select(c => new Decisions.RankedIntent(c.Intent, c.Confidence?.Value, c.Confidence?.Value))]);
}

/// <summary>What an adapter answered to all utterances.</summary>
/// <param name="Calls">Questions really asked, failed ones included.</param>
internal sealed record AdapterRun(IReadOnlyList<JudgedUtterance> Judged, string? Model, string Language, int Calls);
