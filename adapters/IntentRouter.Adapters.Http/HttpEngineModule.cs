using System.Net.Http.Headers;
using Microsoft.Extensions.DependencyInjection;

namespace IntentRouter.Adapters.Http;

/// <summary>Servers of the adapter contract (<c>docs/adapters/http-adapter.openapi.yaml</c>), <c>adapter: http</c>.</summary>
public sealed class HttpEngineModule : AdapterModule
{
    /// <inheritdoc/>
    public override string Type => "http";

    /// <inheritdoc/>
    public override void Register(AdapterRegistration adapter)
    {
        ArgumentNullException.ThrowIfNull(adapter);
        adapter.Bind<HttpEngineOptions>().Check<HttpEngineOptions>(HttpEngineOptions.Problem).Use<HttpEngineAdapter>();
        adapter.AddHttpClient((services, http) =>
        {
            var options = services.GetRequiredService<HttpEngineOptions>();
            var server = options.Server.AbsoluteUri;
            http.BaseAddress = new Uri(server.EndsWith('/') ? server : server + '/');
            if (!string.IsNullOrEmpty(options.Token))
            {
                http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", options.Token);
            }

            foreach (var (name, value) in options.Headers)
            {
                http.DefaultRequestHeaders.TryAddWithoutValidation(name, value);
            }
        });
    }
}
