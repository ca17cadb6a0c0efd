using IntentRouter.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace IntentRouter.Nlu;

/// <summary>Registers the understand stage. Modules are added beside: <c>services.AddAdapters&lt;RasaModule&gt;()</c>.</summary>
internal static class NluServices
{
    public static IServiceCollection AddNlu(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<ICalibration, NoCalibration>();
        services.TryAddSingleton<IShadowLedger, NoShadowLedger>();
        services.AddSingleton<ModuleRegistry>();
        services.AddSingleton<NluTelemetry>();
        services.AddSingleton<AdapterFactory>();
        services.AddSingleton<NluEntryCheck>();
        services.AddSingleton<AdapterCatalog>();
        services.AddSingleton<AdapterChain>();
        services.AddSingleton<ShadowAdapters>();
        services.AddHostedService<AdapterLoader>();
        services.AddHostedService(provider => provider.GetRequiredService<ShadowAdapters>());
        services.AddHostedService<AdapterHealthTracker>();
        return services;
    }

    public static IServiceCollection AddAdapters<TModule>(this IServiceCollection services)
        where TModule : AdapterModule, new() =>
        services.AddSingleton(InstalledModule.BuiltIn<TModule>());
}

/// <summary>Gives the catalog the configuration at start and after each reload.</summary>
internal sealed partial class AdapterLoader(AdapterCatalog catalog, ModuleRegistry modules, ILiveConfiguration configuration, ILogger<AdapterLoader> logger) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        foreach (var plugin in modules.All.Where(m => m.IsPlugin))
        {
            LogPlugin(plugin.Module.Type, plugin.Version, plugin.SdkVersion, plugin.Origin);
        }

        configuration.Changed += Reload;
        return catalog.LoadAsync(configuration.Current.Options.Nlu, configuration.Current.Root, cancellationToken);
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        configuration.Changed -= Reload;
        return Task.CompletedTask;
    }

    // The event comes on a thread of its own and has nobody to await it.
    private async void Reload(RouterConfiguration current)
    {
        try
        {
            await catalog.LoadAsync(current.Options.Nlu, current.Root, CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception ex) when (ex is not OutOfMemoryException)
        {
            LogNotReloaded(ex);
        }
    }

    [LoggerMessage(3012, LogLevel.Information, "Plugin {Type} {Version} (SDK {Sdk}) loaded from {Path}")]
    private partial void LogPlugin(string type, Version version, Version sdk, string path);

    [LoggerMessage(3011, LogLevel.Error, "The adapters of the new configuration could not be created; the old ones stay in use")]
    private partial void LogNotReloaded(Exception exception);
}
