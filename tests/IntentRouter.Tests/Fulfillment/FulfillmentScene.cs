using System.Diagnostics.Metrics;
using System.Text.Json.Nodes;
using IntentRouter.Configuration;
using IntentRouter.Fulfillment;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;

namespace IntentRouter.Tests.Fulfillment;

/// <summary>The catalogs as the service registers them, and everything they logged.</summary>
public sealed class FulfillmentScene : IDisposable
{
    private readonly ServiceProvider _services;

    public FulfillmentScene(TimeProvider? clock = null)
    {
        var services = new ServiceCollection();
        services.AddSingleton(clock ?? TimeProvider.System);
        services.AddLogging(l => l.SetMinimumLevel(LogLevel.Trace).AddFakeLogging());
        services.AddMetrics();
        services.AddFulfillment();
        _services = services.BuildServiceProvider();
    }

    internal FakeLogCollector Logs => _services.GetFakeLogCollector();

    internal IMeterFactory Meters => _services.GetRequiredService<IMeterFactory>();

    internal RouterOptions Options { get; } = new();

    internal ILookup Lookup(LookupOptions options)
    {
        Options.Lookups["it"] = options;
        return _services.GetRequiredService<ILookupCatalog>().Find(Configuration, "it");
    }

    internal RouterConfiguration Configuration => new() { Options = Options, Version = "test", Root = "/", Bots = new Dictionary<string, Bot>() };

    internal T Get<T>()
        where T : notnull => _services.GetRequiredService<T>();

    internal static LookupCall Call(params (string Slot, string Value)[] slots) =>
        new(slots.ToDictionary(s => s.Slot, s => s.Value), "shop", 3, 17, "en");

    internal static JsonObject Row(LookupOutcome outcome) => Assert.Single(Assert.IsType<LookupOutcome.Found>(outcome).Rows);

    internal static LookupFailure Failure(LookupOutcome outcome) => Assert.IsType<LookupOutcome.Failed>(outcome).Reason;

    public void Dispose() => _services.Dispose();
}
