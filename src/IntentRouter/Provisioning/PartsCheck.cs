using System.Text.RegularExpressions;
using IntentRouter.Configuration;
using IntentRouter.Decisions;
using IntentRouter.Fulfillment;
using IntentRouter.Nlu;
using IntentRouter.Storage;

namespace IntentRouter.Provisioning;

/// <summary>
/// What <c>doctor</c> looks at behind the chat: each adapter is started and probed, each lookup is asked for something that does not exist, the store is
/// opened. Nothing is changed by it but the store's schema, which a start would migrate too.
/// </summary>
internal sealed partial class PartsCheck(RouterOptions options, string root, Action<IServiceCollection>? plugins) : IDoctorCheck
{
    private const int MostListed = 1_000;

    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);

    public async Task<IReadOnlyList<Finding>> RunAsync(CancellationToken cancellationToken)
    {
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddMetrics();
        services.AddSingleton(TimeProvider.System);
        services.AddNlu();
        Hosting.ServiceParts.AddBuiltInAdapters(services);
        plugins?.Invoke(services);
        services.AddFulfillment();
        await using var provider = services.BuildServiceProvider();
        var findings = new List<Finding>();
        foreach (var (name, entry) in options.Nlu)
        {
            findings.Add(await AdapterAsync(provider, name, entry, cancellationToken));
        }

        var configuration = new RouterConfiguration { Options = options, Version = "", Root = root, Bots = new Dictionary<string, Bot>() };
        foreach (var (name, lookup) in options.Lookups)
        {
            findings.Add(await LookupAsync(provider.GetRequiredService<ILookupCatalog>(), configuration, name, lookup, cancellationToken));
        }

        findings.Add(await StoreAsync(configuration, cancellationToken));
        return findings;
    }

    private async Task<Finding> AdapterAsync(IServiceProvider provider, string name, NluEntryOptions entry, CancellationToken cancellationToken)
    {
        var area = $"adapter {name}";
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(_patience);
        try
        {
            await using var adapter = provider.GetRequiredService<AdapterFactory>().Create(name, entry, root);
            await adapter.StartAsync(limit.Token);
            await adapter.ProbeAsync(TimeSpan.Zero, limit.Token);
            return adapter.State switch
            {
                { IsHealthy: true, Description: { } said } => Finding.Fine(area, $"It answers. {said}"),
                { IsHealthy: true } => Finding.Fine(area, "It answers."),
                { Failure: AdapterFailure.Unreachable or AdapterFailure.TimedOut } state =>
                    Finding.Outside(area, state.Description ?? "It does not answer.", "Check that its address can be reached from this machine."),
                var state => Finding.Problem(
                    area,
                    state.Description ?? "It cannot serve.",
                    provider.GetRequiredService<ModuleRegistry>().Find(entry.Adapter) is { IsPlugin: true } plugin ? $"See the guide of the plugin {plugin.Origin}." : $"See docs/adapters/{entry.Adapter}.md."),
            };
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return Finding.Outside(area, $"It did not answer within {_patience.TotalSeconds:0} s.", "Check that its address can be reached from this machine.");
        }
    }

    private static async Task<Finding> LookupAsync(ILookupCatalog lookups, RouterConfiguration configuration, string name, LookupOptions options, CancellationToken cancellationToken)
    {
        var area = $"lookup {name}";
        // Values that no record has: the question is whether it can be asked at all.
        var slots = Parameter().Matches($"{options.Query} {options.Url} {string.Join(' ', options.Headers.Values)} {options.Body?.ToJsonString()}")
            .Select(m => m.Groups["name"].Value).Distinct(StringComparer.OrdinalIgnoreCase).ToDictionary(n => n, _ => "0", StringComparer.OrdinalIgnoreCase);
        var outcome = await lookups.Find(configuration, name).FindAsync(new LookupCall(slots, "doctor", 0, 0, "en"), cancellationToken);
        return outcome switch
        {
            LookupOutcome.Failed { Reason: LookupFailure.Unreachable or LookupFailure.TimedOut } failed =>
                Finding.Outside(area, $"It cannot be asked: {Kebab.Of(failed.Reason)}.", "Check that its server runs and can be reached from this machine."),
            LookupOutcome.Failed failed => Finding.Problem(area, $"It cannot be asked: {Kebab.Of(failed.Reason)}.", "Check its connection, credentials and query in the configuration."),
            _ => Finding.Fine(area, "It answers."),
        };
    }

    private async Task<Finding> StoreAsync(RouterConfiguration configuration, CancellationToken cancellationToken)
    {
        const string Area = "store";
        try
        {
            await using var store = EventStoreFactory.Create(
                options.Store, options.Engine, root, TimeProvider.System, Microsoft.Extensions.Logging.Abstractions.NullLoggerFactory.Instance);
            await store.StartAsync(cancellationToken);
            var statistics = await store.StatisticsAsync(cancellationToken);
            return statistics.Parked > 0 ? Parked(statistics.Parked) : Finding.Fine(Area, $"{options.Store.Provider} can be written.");
        }
        catch (StoreUnavailableException ex) when (options.Store.Provider == "sqlite")
        {
            // One process holds a SQLite file; while the service runs that is it.
            return await RunningAsync(configuration, cancellationToken)
                ?? Finding.Note(Area, ex.Message, "If the service is running here, it holds the store: ask its /health/ready instead.");
        }
        catch (StoreUnavailableException ex)
        {
            return Finding.Outside(Area, ex.Message, "Check that the database runs, and the connection string.");
        }

        static Finding Parked(long count) => Finding.Warning(Area, $"{count} events are parked.", "Look at them with 'intent-router inbox list'.");

        // Null when no service answers for the store.
        static async Task<Finding?> RunningAsync(RouterConfiguration configuration, CancellationToken cancellationToken)
        {
            try
            {
                await using var service = await Cli.Operations.OpenAsync(configuration, cancellationToken);
                var parked = await service.ListAsync(MostListed, cancellationToken);
                return parked.Count > 0 ? Parked(parked.Count) : Finding.Fine(Area, "The running service holds it.");
            }
            catch (Exception ex) when (ex is StoreUnavailableException or HttpRequestException || (ex is OperationCanceledException && !cancellationToken.IsCancellationRequested))
            {
                return null;
            }
        }
    }

    [GeneratedRegex(@"(?:@|\{\{\s*)(?<name>[A-Za-z_]\w*)")]
    private static partial Regex Parameter();
}
