using Microsoft.Extensions.DependencyInjection;

namespace IntentRouter.Adapters.Rasa;

/// <summary>Rasa 3 servers, <c>adapter: rasa</c>.</summary>
public sealed class RasaModule : AdapterModule
{
    /// <inheritdoc/>
    public override string Type => "rasa";

    /// <inheritdoc/>
    public override void Register(AdapterRegistration adapter)
    {
        ArgumentNullException.ThrowIfNull(adapter);
        adapter.Bind<RasaOptions>().Check<RasaOptions>(RasaOptions.Problem).Use<RasaAdapter>();
        adapter.AddHttpClient((services, http) =>
        {
            var server = services.GetRequiredService<RasaOptions>().Server.AbsoluteUri;
            http.BaseAddress = new Uri(server.EndsWith('/') ? server : server + '/');
        });
    }
}
