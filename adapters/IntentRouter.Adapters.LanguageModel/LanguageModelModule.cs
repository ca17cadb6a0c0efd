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
            var server = services.GetRequiredService<LanguageModelOptions>().Server.AbsoluteUri;
            http.BaseAddress = new Uri(server.EndsWith('/') ? server : server + '/');
        });
    }
}
