using System.Runtime.CompilerServices;
using IntentRouter.Configuration;

namespace IntentRouter.Fulfillment;

/// <summary>The lookups of a configuration by name.</summary>
internal interface ILookupCatalog
{
    /// <summary>Never null and never throwing: a name that is not configured gives a lookup that says so.</summary>
    ILookup Find(RouterConfiguration configuration, string name);
}

/// <summary>Makes each lookup once per loaded configuration, measured and guarded. Thread-safe.</summary>
internal sealed partial class LookupCatalog(LookupFactory factory, FulfillmentTelemetry telemetry, ILogger<LookupCatalog> logger) : ILookupCatalog
{
    // A lookup lives as long as the options it was made from, so a reload that is still in use by a turn keeps its own.
    private readonly ConditionalWeakTable<LookupOptions, ILookup> _made = [];

    public ILookup Find(RouterConfiguration configuration, string name) =>
        configuration.Options.Lookups.TryGetValue(name, out var options)
            ? _made.GetValue(options, o => new Guarded(name, factory.Create(name, o, configuration), telemetry, logger))
            : new Absent();

    private sealed class Absent : ILookup
    {
        public Task<LookupOutcome> FindAsync(LookupCall call, CancellationToken cancellationToken) =>
            Task.FromResult<LookupOutcome>(new LookupOutcome.Failed(LookupFailure.NotConfigured));
    }

    private sealed partial class Guarded(string name, ILookup inner, FulfillmentTelemetry telemetry, ILogger logger) : ILookup
    {
        public Task<LookupOutcome> FindAsync(LookupCall call, CancellationToken cancellationToken) => telemetry.LookupAsync(name, async () =>
        {
            try
            {
                return await inner.FindAsync(call, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception ex) when (ex is not OutOfMemoryException && !(ex is OperationCanceledException && cancellationToken.IsCancellationRequested))
            {
                // The message may repeat a value; the type and the place are enough to find the fault.
                LogFaulted(logger, name, ex.GetType().Name, ex.TargetSite?.Name);
                return new LookupOutcome.Failed(LookupFailure.Faulted);
            }
        });

        [LoggerMessage(5001, LogLevel.Error, "Lookup {Lookup} failed unexpectedly: {Exception} in {Method}")]
        private static partial void LogFaulted(ILogger logger, string lookup, string exception, string? method);
    }
}
