using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using IntentRouter.Decisions;
using IntentRouter.Diagnostics;

namespace IntentRouter.Nlu;

/// <summary>What the understand stage measures. Tag values come from the configuration and from closed sets, never from a person.</summary>
internal sealed class NluTelemetry
{
    private const int MaxWarnings = 64;

    private readonly Histogram<double> _duration;
    private readonly Counter<long> _failures;
    private readonly Counter<long> _standIns;
    private readonly Counter<long> _retries;
    private readonly Counter<long> _circuitOpened;
    private readonly Counter<long> _warnings;
    private readonly Counter<double> _cost;
    private readonly Counter<long> _shadows;
    private readonly Meter _meter;
    private readonly ConcurrentDictionary<string, byte> _knownWarnings = new();

    public NluTelemetry(IMeterFactory meters)
    {
        _meter = meters.Create(RouterTelemetry.Name);
        _duration = _meter.CreateHistogram<double>(
            "intentrouter.adapter.duration",
            "s",
            "Time of one question to an adapter with its retries, failures included.",
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20] });
        _failures = _meter.CreateCounter<long>("intentrouter.adapter.failures", "{failure}", "Questions that an adapter could not answer, by kind of failure.");
        _standIns = _meter.CreateCounter<long>("intentrouter.adapter.stand_ins", "{answer}", "Answers by an adapter because one before it failed.");
        _retries = _meter.CreateCounter<long>("intentrouter.adapter.retries", "{attempt}", "Attempts after the first.");
        _circuitOpened = _meter.CreateCounter<long>("intentrouter.adapter.circuit_opened", "{time}", "Times that an adapter failed so often that it was left alone for a while.");
        _warnings = _meter.CreateCounter<long>("intentrouter.adapter.warnings", "{warning}", "Things about an answer that the operator should know, for example text-cut.");
        _cost = _meter.CreateCounter<double>("intentrouter.adapter.cost", "{currency}", "Price of the calls made, by the entry's costPerCall.");
        _shadows = _meter.CreateCounter<long>("intentrouter.shadow.answers", "{answer}", "Answers of shadow adapters: whether they agree with the one that counted.");
    }

    /// <summary>Gauges over the current adapters.</summary>
    public void Observe(Func<IEnumerable<AdapterState>> states)
    {
        _meter.CreateObservableGauge(
            "intentrouter.adapter.healthy",
            () => states().Where(s => s.IsHealthy is not null).Select(s => new Measurement<int>(s.IsHealthy == true ? 1 : 0, Tag(s.Name))),
            "1",
            "1 when the adapter's last known state is healthy.");
        _meter.CreateObservableGauge(
            "intentrouter.adapter.circuit_open",
            () => states().Select(s => new Measurement<int>(s.CircuitOpen ? 1 : 0, Tag(s.Name))),
            "1",
            "1 while the adapter is left alone because it failed too often.");
    }

    public static Activity? Ask(string adapter, string type, AskRole role)
    {
        var activity = RouterTelemetry.Source.StartActivity("ask");
        activity?.SetTag("intentrouter.adapter", adapter);
        activity?.SetTag("intentrouter.adapter.type", type);
        activity?.SetTag("intentrouter.role", Kebab.Of(role));
        return activity;
    }

    public void Answered(Activity? activity, string adapter, AskRole role, TimeSpan duration, Understanding understanding)
    {
        var outcome = Kebab.Of(understanding.Kind);
        activity?.SetTag("intentrouter.outcome", outcome);
        _duration.Record(
            duration.TotalSeconds, Tag(adapter), new("intentrouter.role", Kebab.Of(role)), new("intentrouter.outcome", outcome));
        foreach (var warning in understanding.Warnings)
        {
            // A plugin chooses these words: past a bound they are one series.
            var known = _knownWarnings.ContainsKey(warning) || (_knownWarnings.Count < MaxWarnings && warning.Length <= 64 && _knownWarnings.TryAdd(warning, 0));
            _warnings.Add(1, Tag(adapter), new KeyValuePair<string, object?>("intentrouter.warning", known ? warning : "other"));
        }
    }

    public void Failed(Activity? activity, string adapter, AskRole role, TimeSpan duration, AdapterFailure failure)
    {
        var outcome = Kebab.Of(failure);
        activity?.SetStatus(ActivityStatusCode.Error, outcome);
        activity?.SetTag("error.type", outcome);
        _duration.Record(
            duration.TotalSeconds,
            Tag(adapter),
            new("intentrouter.role", Kebab.Of(role)),
            new("intentrouter.outcome", "failed"),
            new("error.type", outcome));
        _failures.Add(1, Tag(adapter), new KeyValuePair<string, object?>("error.type", outcome));
    }

    /// <summary>The caller stopped waiting: another adapter was quicker, or the turn's budget was spent.</summary>
    public void GivenUp(Activity? activity, string adapter, AskRole role, TimeSpan duration)
    {
        activity?.SetTag("intentrouter.outcome", "given-up");
        _duration.Record(duration.TotalSeconds, Tag(adapter), new("intentrouter.role", Kebab.Of(role)), new("intentrouter.outcome", "given-up"));
    }

    public void StoodIn(string adapter) => _standIns.Add(1, Tag(adapter));

    public void Retried(string adapter) => _retries.Add(1, Tag(adapter));

    public void CircuitOpened(string adapter) => _circuitOpened.Add(1, Tag(adapter));

    public void Paid(string adapter, decimal price) => _cost.Add((double)price, Tag(adapter));

    public void Shadow(string adapter, ShadowOutcome outcome) =>
        _shadows.Add(1, Tag(adapter), new KeyValuePair<string, object?>("intentrouter.outcome", Kebab.Of(outcome)));

    private static KeyValuePair<string, object?> Tag(string adapter) => new("intentrouter.adapter", adapter);
}

/// <summary>Why an adapter is asked.</summary>
internal enum AskRole
{
    Turn,
    Shadow,
}

internal enum ShadowOutcome
{
    Agrees,
    Differs,
    Failed,
    Dropped,
}
