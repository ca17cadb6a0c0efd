using System.Diagnostics;
using OpenTelemetry;
using OpenTelemetry.Context.Propagation;

namespace IntentRouter.Diagnostics;

/// <summary>
/// Takes up and passes on the W3C trace context and nothing else. Baggage is free text of the caller, and what comes from outside must not reach NLU
/// providers and shops.
/// </summary>
internal sealed class TraceContextOnly : DistributedContextPropagator
{
    private readonly DistributedContextPropagator _w3c = CreateW3CPropagator();

    public override IReadOnlyCollection<string> Fields { get; } = ["traceparent", "tracestate"];

    /// <summary>From here on for the whole process.</summary>
    public static void Install()
    {
        Current = new TraceContextOnly();
        Sdk.SetDefaultTextMapPropagator(new TraceContextPropagator());
    }

    public override void Inject(Activity? activity, object? carrier, PropagatorSetterCallback? setter) =>
        _w3c.Inject(activity, carrier, setter is null ? null : (target, name, value) =>
        {
            if (Fields.Contains(name))
            {
                setter(target, name, value);
            }
        });

    public override void ExtractTraceIdAndState(object? carrier, PropagatorGetterCallback? getter, out string? traceId, out string? traceState) =>
        _w3c.ExtractTraceIdAndState(carrier, getter, out traceId, out traceState);

    public override IEnumerable<KeyValuePair<string, string?>>? ExtractBaggage(object? carrier, PropagatorGetterCallback? getter) => null;
}
