using Microsoft.Extensions.DependencyInjection;

namespace IntentRouter.Adapters.Lex;

/// <summary>Amazon Lex V2, <c>adapter: lex</c>.</summary>
public sealed class LexModule : AdapterModule
{
    /// <inheritdoc/>
    public override string Type => "lex";

    /// <inheritdoc/>
    public override void Register(AdapterRegistration adapter)
    {
        ArgumentNullException.ThrowIfNull(adapter);
        adapter.Bind<LexOptions>().Check<LexOptions>(LexOptions.Problem).Use<LexAdapter>();
        adapter.Services.AddSingleton<LexCredentials>();
        adapter.AddHttpClient((services, http) => http.BaseAddress = services.GetRequiredService<LexOptions>().Server)
            .ConfigurePrimaryHttpMessageHandler(services => new LexSigning(
                services.GetRequiredService<LexCredentials>(),
                services.GetRequiredService<LexOptions>(),
                services.GetRequiredService<TimeProvider>(),
                // The signature names the host: a redirect would carry it elsewhere.
                new SocketsHttpHandler { AllowAutoRedirect = false, PooledConnectionLifetime = TimeSpan.FromMinutes(5) }));
    }
}
