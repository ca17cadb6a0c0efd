using System.Net.Http.Headers;
using Microsoft.Extensions.DependencyInjection;

namespace IntentRouter.Adapters.LanguageModel;

/// <summary>OpenAI-compatible chat models, <c>adapter: language-model</c>.</summary>
public sealed class LanguageModelModule : AdapterModule
{
    /// <inheritdoc/>
    public override string Type => "language-model";

    /// <inheritdoc/>
    public override void Register(AdapterRegistration adapter)
    {
        ArgumentNullException.ThrowIfNull(adapter);
        adapter.Bind<LanguageModelOptions>().Check<LanguageModelOptions>(o => o.Problem(adapter.ContentRoot)).Use<LanguageModelAdapter>();
        adapter.AddHttpClient((services, http) =>
        {
            var options = services.GetRequiredService<LanguageModelOptions>();
            var server = options.Server.AbsoluteUri;
            http.BaseAddress = new Uri(server.EndsWith('/') ? server : server + '/');

            // Hosted servers stand behind filters that refuse a caller without a name.
            http.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue("IntentRouter", null));
            if (!string.IsNullOrEmpty(options.ApiKey))
            {
                http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", options.ApiKey);
            }
        });
    }
}
