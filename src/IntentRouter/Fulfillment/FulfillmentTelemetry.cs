using System.Diagnostics;
using System.Diagnostics.Metrics;
using IntentRouter.Decisions;

namespace IntentRouter.Fulfillment;

/// <summary>What lookups, actions and code senders measure: names from the configuration and outcomes, never a value.</summary>
internal sealed class FulfillmentTelemetry : IDisposable
{
    private readonly ActivitySource _source = new("IntentRouter");
    private readonly Histogram<double> _lookups;
    private readonly Histogram<double> _actions;
    private readonly TimeProvider _clock;

    public FulfillmentTelemetry(IMeterFactory meters, TimeProvider clock)
    {
        _clock = clock;
        var meter = meters.Create("IntentRouter");
        var advice = new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] };
        _lookups = meter.CreateHistogram("intentrouter.lookup.duration", "s", "Time of one lookup with its retries, failures included.", advice: advice);
        _actions = meter.CreateHistogram("intentrouter.action.duration", "s", "Time of one action or one-time code, failures included.", advice: advice);
    }

    public void Dispose() => _source.Dispose();

    public Task<LookupOutcome> LookupAsync(string name, Func<Task<LookupOutcome>> find) =>
        MeasuredAsync("lookup", "intentrouter.lookup", name, _lookups, find, OutcomeOf);

    public Task<ActionOutcome> ActionAsync(string name, Func<Task<ActionOutcome>> run) =>
        MeasuredAsync("action", "intentrouter.action", name, _actions, run, OutcomeOf);

    public static string OutcomeOf(LookupOutcome outcome) => outcome switch
    {
        LookupOutcome.Found => "found",
        LookupOutcome.NotFound => "not-found",
        LookupOutcome.Failed failed => Kebab.Of(failed.Reason),
        _ => throw new UnreachableException(),
    };

    private static string OutcomeOf(ActionOutcome outcome) => outcome switch
    {
        ActionOutcome.Done => "done",
        ActionOutcome.Failed => "failed",
        ActionOutcome.InDoubt => "in-doubt",
        _ => throw new UnreachableException(),
    };

    private async Task<T> MeasuredAsync<T>(string what, string tag, string name, Histogram<double> duration, Func<Task<T>> work, Func<T, string> outcomeOf)
    {
        using var activity = _source.StartActivity(what);
        activity?.SetTag(tag, name);
        var started = _clock.GetTimestamp();
        var outcome = "cancelled";
        try
        {
            var result = await work().ConfigureAwait(false);
            outcome = outcomeOf(result);
            return result;
        }
        finally
        {
            activity?.SetTag("intentrouter.outcome", outcome);
            if (outcome is not ("found" or "not-found" or "done"))
            {
                activity?.SetStatus(ActivityStatusCode.Error);
            }

            duration.Record(_clock.GetElapsedTime(started).TotalSeconds, new(tag, name), new("intentrouter.outcome", outcome));
        }
    }
}
