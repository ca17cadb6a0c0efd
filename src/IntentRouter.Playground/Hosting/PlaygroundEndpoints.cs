using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace IntentRouter.Playground;

/// <summary>Puts a playground into any ASP.NET Core host.</summary>
public static class PlaygroundEndpoints
{
    /// <summary>
    /// Maps the simulated installation under <paramref name="prefix"/>: the chat API at <c>{prefix}/api/v1/…</c> (so the chat's base address is
    /// the host plus the prefix), the platform API at <c>{prefix}/platform/api/v1/…</c>, and the demo page at the prefix itself.
    /// </summary>
    public static IEndpointConventionBuilder MapPlayground(this IEndpointRouteBuilder endpoints, PlaygroundChat chat, string prefix = "/playground")
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        ArgumentNullException.ThrowIfNull(chat);
        ArgumentNullException.ThrowIfNull(prefix);
        var group = endpoints.MapGroup(prefix);
        var pipeline = new ApiPipeline(chat);
        foreach (var route in ApiRoutes.OfAccounts.Concat(ApiRoutes.OfPlatform))
        {
            group.MapMethods(route.Pattern, [route.Method], (RequestDelegate)(context => pipeline.InvokeAsync(context, route)));
        }

        group.MapMethods("/api", ["GET"], (RequestDelegate)(context => ApiPipeline.WriteAsync(context, Version(chat))));
        foreach (var root in (string[])["/api", "/platform", "/public"])
        {
            group.MapFallback(root + "/{**rest}", (RequestDelegate)(context =>
                ApiPipeline.WriteAsync(context, ApiRefusal.NoRoute().Answer)));
        }

        group.MapDemo(chat, prefix);
        return group.ExcludeFromDescription();
    }

    private static ApiAnswer Version(PlaygroundChat chat) => ApiAnswer.Object(w =>
    {
        w.WriteString("version", chat.Behaviour.Version.ToString());
        w.WriteString("timestamp", chat.Now.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", System.Globalization.CultureInfo.InvariantCulture));
        w.WriteString("queue_services", "ok");
        w.WriteString("data_services", "ok");
    });
}
