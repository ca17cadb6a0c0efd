using System.Diagnostics.Metrics;
using IntentRouter.Configuration;
using IntentRouter.Diagnostics;
using IntentRouter.Storage;

namespace IntentRouter.Review;

/// <summary>Gauges over what the replicas share: the queue, what is learned from it, and how adapters on trial fare. Every replica reports the same.</summary>
internal sealed partial class ReviewTelemetry : BackgroundService
{
    private static readonly TimeSpan _every = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan _window = TimeSpan.FromDays(30);

    private readonly IEventStore _store;
    private readonly ILiveConfiguration _configuration;
    private readonly TimeProvider _clock;
    private readonly ILogger<ReviewTelemetry> _logger;
    private IReadOnlyDictionary<string, long> _open = new Dictionary<string, long>();
    private IReadOnlyList<ShadowComparison> _shadows = [];

    public ReviewTelemetry(
        RouterTelemetry telemetry, IEventStore store, LearnedMaterial learned, ILiveConfiguration configuration, TimeProvider clock, ILogger<ReviewTelemetry> logger)
    {
        (_store, _configuration, _clock, _logger) = (store, configuration, clock, logger);
        var meter = telemetry.Meter;
        meter.CreateObservableGauge(
            "intentrouter.review.open",
            () => _open.Select(o => new Measurement<long>(o.Value, new KeyValuePair<string, object?>("intentrouter.bot", o.Key))),
            "{utterance}",
            "Utterances that wait in the review queue.");
        meter.CreateObservableGauge(
            "intentrouter.learned.utterances",
            () => learned.Delivered.Select(d => new Measurement<int>(d.Value, new KeyValuePair<string, object?>("intentrouter.adapter", d.Key))),
            "{utterance}",
            "Utterances that people taught and the adapter may learn from.");
        meter.CreateObservableGauge(
            "intentrouter.shadow.judged",
            () => _shadows.SelectMany(Judged),
            "{turn}",
            "Turns of the last 30 days whose utterance people judged, by who was right: the shadow, the live adapter, both or neither.");
    }

    /// <summary>Looks at the store.</summary>
    public async Task LookAsync(CancellationToken cancellationToken)
    {
        try
        {
            _open = await _store.CountOpenReviewAsync(cancellationToken);
            _shadows = _configuration.Current.Bots.Values.Any(b => b.Options.Nlu.Shadow.Count > 0)
                ? ShadowReport.Of(await _store.ReadShadowsAsync(null, _clock.GetUtcNow() - _window, ShadowReport.MostTurns, cancellationToken))
                : [];
        }
        catch (StoreUnavailableException ex)
        {
            LogNotRead(ex);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(_every, _clock);
        do
        {
            await LookAsync(stoppingToken);
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private static IEnumerable<Measurement<int>> Judged(ShadowComparison c) =>
    [
        Measure(c, "shadow", c.ShadowRight),
        Measure(c, "live", c.LiveRight),
        Measure(c, "both", c.BothRight),
        Measure(c, "neither", c.NeitherRight),
    ];

    private static Measurement<int> Measure(ShadowComparison c, string who, int turns) => new(
        turns,
        new("intentrouter.bot", c.Bot),
        new("intentrouter.adapter", c.Adapter),
        new("intentrouter.live", c.LiveAdapter ?? "none"),
        new KeyValuePair<string, object?>("intentrouter.right", who));

    [LoggerMessage(3033, LogLevel.Warning, "The review queue could not be counted")]
    private partial void LogNotRead(Exception exception);
}
