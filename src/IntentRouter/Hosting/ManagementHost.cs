using System.Security.Cryptography;
using System.Text;
using IntentRouter.Configuration;
using IntentRouter.Console;
using IntentRouter.Management;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using OpenTelemetry.Metrics;

namespace IntentRouter.Hosting;

/// <summary>
/// The management listener: console, API, metrics. A web application of its own on its own address, so that nothing of it can be reached
/// through the public one. Other than loopback addresses need the API key.
/// </summary>
internal sealed class ManagementHost(IServiceProvider router, ILiveConfiguration configuration, IEnumerable<IManagementPages> pages) : IHostedService
{
    private WebApplication? _app;

    /// <summary>Where it listens, once started.</summary>
    public string? Address { get; private set; }

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var management = configuration.Current.Options.Management;
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ApplicationName = "intent-router" });
        builder.WebHost.UseUrls(management.Url);
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.AddServerHeader = false);
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton(router.GetRequiredService<ILoggerFactory>());
        ManagementApi.AddServices(builder.Services, router);
        builder.Services.AddSingleton(new FormToken(management.ApiKey));

        var app = builder.Build();
        app.Use(Guard(management.ApiKey, [.. pages.SelectMany(page => page.OwnTokens)]));
        app.MapOpenApi("/openapi/{documentName}.json");
        if (router.GetService<MeterProvider>() is { } meters && configuration.Current.Options.Telemetry.Prometheus)
        {
            app.UseOpenTelemetryPrometheusScrapingEndpoint(meters, null, "/metrics", null, null);
        }

        ManagementApi.Map(app);
        ConsolePages.Map(app, home: !pages.Any());
        foreach (var page in pages)
        {
            page.Map(app);
        }

        await app.StartAsync(cancellationToken);
        _app = app;
        Address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()?.Addresses.FirstOrDefault();
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (_app is { } app)
        {
            await app.StopAsync(cancellationToken);
            await app.DisposeAsync();
        }
    }

    /// <summary>The key as <c>X-Api-Key</c>, as a bearer token, or as the password of basic authentication (what a browser can ask for).</summary>
    private static Func<HttpContext, RequestDelegate, Task> Guard(string? key, IReadOnlyList<string> ownTokens) => async (context, next) =>
    {
        context.Response.Headers.XContentTypeOptions = "nosniff";
        context.Response.Headers.XFrameOptions = "DENY";
        context.Response.Headers["Referrer-Policy"] = "no-referrer";
        if (key is null && !IsOwnName(context.Request.Host.Host))
        {
            // Without a key the address protects: a page elsewhere must not lead a name of its own to it.
            context.Response.StatusCode = 421;
            return;
        }

        if (key is null || IsRight(key, context.Request) || ownTokens.Any(path => context.Request.Path.StartsWithSegments(path, StringComparison.Ordinal)))
        {
            // A page elsewhere must not act through the browser of someone who is let in here.
            if (HttpMethods.IsGet(context.Request.Method) || HttpMethods.IsHead(context.Request.Method) || IsFromHere(context.Request))
            {
                await next(context);
                return;
            }

            context.Response.StatusCode = 403;
            return;
        }

        context.Response.StatusCode = 401;
        context.Response.Headers.WWWAuthenticate = "Basic realm=\"IntentRouter\", charset=\"UTF-8\"";
    };

    // Over plain http on a network browsers do not say where a request comes from; what writes names its page's origin even there. Programs say neither.
    private static bool IsFromHere(HttpRequest request) => request.Headers["Sec-Fetch-Site"] switch
    {
        ["same-origin"] or ["none"] => true,
        [] => request.Headers.Origin is []
            || (request.Headers.Origin is [var origin] && Uri.TryCreate(origin, UriKind.Absolute, out var page) && page.Authority.Equals(request.Host.Value, StringComparison.OrdinalIgnoreCase)),
        _ => false,
    };

    private static bool IsOwnName(string host) => host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || System.Net.IPAddress.TryParse(host.Trim('[', ']'), out _);

    private static bool IsRight(string key, HttpRequest request)
    {
        var given = request.Headers["X-Api-Key"].ToString();
        var authorization = request.Headers.Authorization.ToString();
        if (given.Length == 0 && authorization.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase))
        {
            given = authorization["Bearer ".Length..].Trim();
        }
        else if (given.Length == 0 && authorization.StartsWith("Basic ", StringComparison.OrdinalIgnoreCase))
        {
            Span<byte> decoded = new byte[authorization.Length];
            if (Convert.TryFromBase64String(authorization["Basic ".Length..].Trim(), decoded, out var length))
            {
                var pair = Encoding.UTF8.GetString(decoded[..length]);
                given = pair[(pair.IndexOf(':', StringComparison.Ordinal) + 1)..];
            }
        }

        return CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(given)), SHA256.HashData(Encoding.UTF8.GetBytes(key)));
    }
}

/// <summary>Pages that a part of the service adds to the management listener.</summary>
internal interface IManagementPages
{
    /// <summary>Paths whose callers show a token of their own, which the page checks: the listener's key is not asked there.</summary>
    IEnumerable<string> OwnTokens => [];

    void Map(WebApplication app);
}
