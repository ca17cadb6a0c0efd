using System.Net.Http.Headers;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace IntentRouter.Adapters.LanguageModel;

/// <summary>OpenAI-compatible chat models, <c>adapter: language-model</c>.</summary>
public sealed class LanguageModelModule : AdapterModule
{
    /// <summary>Of the spans and metrics that Microsoft.Extensions.AI makes; the service passes on those of every name that begins so.</summary>
    internal const string Telemetry = "IntentRouter.Adapters.LanguageModel";

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

        // A module that builds on this one may have brought its own client.
        adapter.Services.TryAddSingleton(services => new ChatCompletionClient(services.GetRequiredService<HttpClient>())
            .AsBuilder()
            .Use(client => new Lasting(client))
            // Said here, because an environment variable would turn it on: what customers write is in no span.
            .UseOpenTelemetry(sourceName: Telemetry, configure: client => client.EnableSensitiveData = false)
            .Build());
    }

    /// <summary>
    /// Its meter is not disposed with its entry: OpenTelemetry keeps one series for all meters of a name and ends it with the first of them, so that a
    /// reload would silence the entries that stay. What is left behind are two instruments.
    /// </summary>
    private sealed class Lasting(IChatClient client) : DelegatingChatClient(client)
    {
#pragma warning disable CA2215 // See above.
        protected override void Dispose(bool disposing)
#pragma warning restore CA2215
        {
        }
    }
}
