using IntentRouter;
using Microsoft.Extensions.DependencyInjection;

namespace Contoso.Nlu;

/// <summary>The plugin's entry point: <c>adapter: enginename</c>.</summary>
public sealed class EngineTitleModule : AdapterModule
{
    public override string Type => "enginename";

    public override void Register(AdapterRegistration adapter)
    {
        adapter.Bind<EngineTitleOptions>().Check<EngineTitleOptions>(EngineTitleOptions.Problem).Use<EngineTitleAdapter>();

        // With a slash at its end, so that the adapter's paths are appended to it.
        adapter.AddHttpClient((services, http) => http.BaseAddress = new Uri(services.GetRequiredService<EngineTitleOptions>().Url!.AbsoluteUri.TrimEnd('/') + '/'));
    }
}
