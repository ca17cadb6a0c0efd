using Microsoft.Extensions.DependencyInjection;

namespace IntentRouter.Adapters.Dialogflow;

/// <summary>Dialogflow ES and CX, <c>adapter: dialogflow</c>.</summary>
public sealed class DialogflowModule : AdapterModule
{
    /// <inheritdoc/>
    public override string Type => "dialogflow";

    /// <inheritdoc/>
    public override void Register(AdapterRegistration adapter)
    {
        ArgumentNullException.ThrowIfNull(adapter);
        adapter.Bind<DialogflowOptions>().Check<DialogflowOptions>(o => o.Problem(adapter.ContentRoot));
        _ = "cx".Equals(adapter.Section["edition"], StringComparison.OrdinalIgnoreCase)
            ? adapter.Use<CxAdapter>()
            : adapter.Use<EsAdapter>();
        adapter.Services.AddSingleton<GoogleAccess>();
        adapter.AddHttpClient((services, http) => http.BaseAddress = services.GetRequiredService<DialogflowOptions>().Server)
            .AddHttpMessageHandler(services => new GoogleAccessHandler(services.GetRequiredService<GoogleAccess>()));
    }
}
