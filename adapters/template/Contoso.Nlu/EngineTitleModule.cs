using IntentRouter;
using Microsoft.Extensions.DependencyInjection;

namespace Contoso.Nlu;

/// <summary>The plugin's entry point: <c>adapter: enginename</c>.</summary>
public sealed class EngineTitleModule : AdapterModule
{
    public override string Type => "enginename";

    public override void Register(AdapterRegistration adapter)
    {
        adapter.Bind<EngineTitleOptions>().Use<EngineTitleAdapter>();
        adapter.AddHttpClient((services, http) => http.BaseAddress = services.GetRequiredService<EngineTitleOptions>().Url);
    }
}
