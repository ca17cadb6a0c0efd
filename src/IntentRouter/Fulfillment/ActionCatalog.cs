using System.Runtime.CompilerServices;
using IntentRouter.Configuration;

namespace IntentRouter.Fulfillment;

/// <summary>The actions of a configuration by name.</summary>
internal interface IActionCatalog
{
    /// <summary>Never null and never throwing: a name that is not configured gives an action that says so.</summary>
    IAction Find(RouterConfiguration configuration, string name);
}

/// <summary>Makes each action once per loaded configuration, measured and guarded. Thread-safe.</summary>
internal sealed partial class ActionCatalog(FulfillmentHttp http, FulfillmentTelemetry telemetry, TimeProvider clock, ILogger<ActionCatalog> logger) : IActionCatalog
{
    private readonly ConditionalWeakTable<ActionOptions, IAction> _made = [];

    public IAction Find(RouterConfiguration configuration, string name) =>
        configuration.Options.Actions.TryGetValue(name, out var options)
            ? _made.GetValue(options, o => new Guarded(name, Create(name, o), telemetry, logger))
            : new Absent();

    private IAction Create(string name, ActionOptions options) => options.Kind switch
    {
        "http" => new HttpAction(name, options, http, clock, logger),
        "sql" => new SqlAction(name, options, clock, logger),
        _ => new Absent(),
    };

    private sealed class Absent : IAction
    {
        public Task<ActionOutcome> RunAsync(ActionCall call, CancellationToken cancellationToken) =>
            Task.FromResult<ActionOutcome>(new ActionOutcome.Failed(LookupFailure.NotConfigured));
    }

    private sealed partial class Guarded(string name, IAction inner, FulfillmentTelemetry telemetry, ILogger logger) : IAction
    {
        public Task<ActionOutcome> RunAsync(ActionCall call, CancellationToken cancellationToken) => telemetry.ActionAsync(name, async () =>
        {
            try
            {
                return await inner.RunAsync(call, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception ex) when (ex is not OutOfMemoryException)
            {
                // Where it broke is not known, so neither is whether it was done. The message may repeat a value.
                LogFaulted(logger, name, ex.GetType().Name, ex.TargetSite?.Name);
                return new ActionOutcome.InDoubt(LookupFailure.Faulted);
            }
        });

        [LoggerMessage(5010, LogLevel.Error, "Action {Action} failed unexpectedly: {Exception} in {Method}")]
        private static partial void LogFaulted(ILogger logger, string action, string exception, string? method);
    }
}
