using System.Diagnostics;
using System.Diagnostics.Metrics;
using IntentRouter.Decisions;
using IntentRouter.Review;
using IntentRouter.Webhooks;

namespace IntentRouter.Diagnostics;

/// <summary>
/// One activity source, one meter, every name in this file. Tag values come from closed sets (names of the configuration, enums): never ids,
/// never words of a customer. Durations are in seconds and include failures.
/// </summary>
internal sealed class RouterTelemetry : IDisposable
{
    public const string Name = "IntentRouter";

    public static readonly ActivitySource Source = new(Name);

    private readonly Meter _meter;
    private readonly Counter<long> _events;
    private readonly Histogram<double> _webhook;
    private readonly Histogram<double> _turn;
    private readonly Counter<long> _decisions;
    private readonly Histogram<double> _confidence;
    private readonly Counter<long> _effects;
    private readonly Histogram<double> _wait;
    private readonly Counter<long> _parked;
    private readonly Counter<long> _reconciled;
    private readonly Counter<long> _sweep;
    private readonly Counter<long> _review;
    private readonly Counter<long> _suggestions;

    public RouterTelemetry(IMeterFactory meters)
    {
        _meter = meters.Create(Name);
        _events = _meter.CreateCounter<long>("intentrouter.events", "{event}", "Webhook events received, by bot and kind.");
        _webhook = _meter.CreateHistogram("intentrouter.webhook.duration", "s", "Time from a delivery to its answer.", null, _fast);
        _turn = _meter.CreateHistogram("intentrouter.turn.duration", "s", "Time from the start of a turn to its commit.", null, _slow);
        _decisions = _meter.CreateCounter<long>("intentrouter.decisions", "{decision}", "Decisions by bot and rule.");
        _confidence = _meter.CreateHistogram("intentrouter.confidence", "1", "Probability of the best candidate, by bot and adapter.", null,
            new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 1] });
        _effects = _meter.CreateCounter<long>("intentrouter.effects", "{effect}", "Effects ended, by kind and outcome.");
        _wait = _meter.CreateHistogram("intentrouter.inbox.wait", "s", "Time from an event's receipt to the start of its turn.", null, _slow);
        _parked = _meter.CreateCounter<long>("intentrouter.events.parked", "{event}", "Events parked, by reason.");
        _reconciled = _meter.CreateCounter<long>("intentrouter.effects.reconciled", "{effect}", "Ambiguous sends resolved, by how.");
        _sweep = _meter.CreateCounter<long>("intentrouter.sweep.found", "{conversation}", "Stranded conversations found, by what was done.");
        _review = _meter.CreateCounter<long>("intentrouter.review.notes", "{utterance}", "Utterances put into the review queue, by bot and reason.");
        _suggestions = _meter.CreateCounter<long>("intentrouter.suggestions", "{suggestion}", "Replies suggested to the agents: given, then used, edited or unused by the next thing they said.");
        _meter.CreateObservableGauge("intentrouter.inbox.depth", () => Inbox.Open, "{event}", "Events stored and not finished.");
        _meter.CreateObservableGauge("intentrouter.inbox.lag", () => Inbox.OldestOpen.TotalSeconds, "s", "Age of the oldest event not finished.");
        _meter.CreateObservableGauge("intentrouter.inbox.parked", () => Inbox.Parked, "{event}", "Parked events waiting for an operator.");
        _meter.CreateObservableGauge("intentrouter.effects.open", () => Inbox.EffectsOpen, "{effect}", "Effects planned or being sent.");
        _meter.CreateObservableGauge("intentrouter.conversations.active", () => Inbox.ActiveLeases, "{conversation}", "Conversations being worked on.");
    }

    private static readonly InstrumentAdvice<double> _fast = new() { HistogramBucketBoundaries = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2, 5] };

    private static readonly InstrumentAdvice<double> _slow = new() { HistogramBucketBoundaries = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 20, 60] };

    /// <summary>The last look at the store, refreshed by the engine; gauges read it.</summary>
    public Storage.StoreStatistics Inbox { get; set; } = new(0, 0, TimeSpan.Zero, 0, 0, 0, 0);

    /// <summary>The meter, for instruments that belong to one folder.</summary>
    public Meter Meter => _meter;

    // The platform's own names; whatever else is sent is one, so that nobody can make up labels.
    public void EventReceived(string bot, PlatformEvent received) =>
        _events.Add(1, new("intentrouter.bot", bot), new("intentrouter.event", received.Kind == PlatformEventKind.Unknown ? "unknown" : received.Name));

    public void WebhookAnswered(string bot, int status, string outcome, TimeSpan elapsed) => _webhook.Record(
        elapsed.TotalSeconds, new("intentrouter.bot", bot), new("http.response.status_code", status), new("intentrouter.outcome", outcome));

    public void TurnEnded(string bot, string rule, TimeSpan elapsed, string? error)
    {
        var tags = new TagList { { "intentrouter.bot", bot }, { "intentrouter.decision", rule } };
        if (error is not null)
        {
            tags.Add("error.type", error);
        }

        _turn.Record(elapsed.TotalSeconds, tags);
    }

    public void Decided(string bot, Decision decision) => _decisions.Add(1, new("intentrouter.bot", bot), new("intentrouter.decision", decision.Rule));

    public void Confidence(string bot, string adapter, double probability) =>
        _confidence.Record(probability, new("intentrouter.bot", bot), new("intentrouter.adapter", adapter));

    public void EffectEnded(string kind, string outcome) => _effects.Add(1, new("intentrouter.effect", kind), new("intentrouter.outcome", outcome));

    public void Waited(TimeSpan wait) => _wait.Record(Math.Max(0, wait.TotalSeconds));

    public void Parked(string reason) => _parked.Add(1, new KeyValuePair<string, object?>("intentrouter.reason", reason));

    public void Reconciled(string how) => _reconciled.Add(1, new KeyValuePair<string, object?>("intentrouter.how", how));

    public void Swept(string what, long count) => _sweep.Add(count, new KeyValuePair<string, object?>("intentrouter.outcome", what));

    public void Noted(string bot, ReviewReason reason) => _review.Add(1, new("intentrouter.bot", bot), new("intentrouter.reason", Kebab.Of(reason)));

    public void Suggested(string bot, string outcome) => _suggestions.Add(1, new("intentrouter.bot", bot), new("intentrouter.outcome", outcome));

    public void Dispose() => _meter.Dispose();
}
