using IntentRouter.Configuration;
using IntentRouter.Nlu;
using IntentRouter.Plugins;

namespace IntentRouter.Hosting;

/// <summary>What the configuration's loader asks of the rest of the service: the same for serving, for <c>check</c> and for tests.</summary>
internal static class ServiceParts
{
    /// <param name="adjust">Adds modules that are not built in.</param>
    public static ConfigurationParts Of(Action<IServiceCollection>? adjust = null)
    {
        var builtIn = new ServiceCollection();
        builtIn.AddBuiltInAdapters();
        adjust?.Invoke(builtIn);
        var plugins = new InstalledPlugins([.. builtIn.Select(s => s.ImplementationInstance).OfType<InstalledModule>()]);

        // Not the service's own container: entries are checked before there is one, and again before a reload is taken.
        var modules = new Lazy<ServiceProvider>(() =>
        {
            var services = new ServiceCollection();
            services.AddLogging();
            services.AddMetrics();
            services.AddNlu();
            services.AddBuiltInAdapters();
            plugins.AddTo(services);
            adjust?.Invoke(services);
            return services.BuildServiceProvider();
        });
        return new ConfigurationParts
        {
            Plugins = plugins.Load,
            AddPlugins = plugins.AddTo,
            Nlu = (name, entry, root) => modules.Value.GetRequiredService<NluEntryCheck>().Check(name, entry, root),
        };
    }

    /// <summary>The adapters that come with the service: registered the way a plugin's are.</summary>
    public static void AddBuiltInAdapters(this IServiceCollection services)
    {
        services.AddAdapters<Adapters.Dialogflow.DialogflowModule>();
        services.AddAdapters<Adapters.Http.HttpEngineModule>();
        services.AddAdapters<Adapters.LanguageModel.LanguageModelModule>();
        services.AddAdapters<Adapters.Lex.LexModule>();
        services.AddAdapters<Adapters.Local.LocalModule>();
        services.AddAdapters<Adapters.Rasa.RasaModule>();
    }

    /// <summary>Meters for verbs that run without the service's container.</summary>
    public static System.Diagnostics.Metrics.IMeterFactory Meters() =>
        new ServiceCollection().AddMetrics().BuildServiceProvider().GetRequiredService<System.Diagnostics.Metrics.IMeterFactory>();
}
