using System.Collections.Immutable;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace IntentRouter.DeployTests.Image;

/// <summary>What a Kubernetes service does: deliveries go to the replicas of a list in turn. It never tries a second one.</summary>
internal sealed class Balancer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false });
    private ImmutableArray<Uri> _replicas = [];
    private int _turn;

    private Balancer(WebApplication app) => _app = app;

    public Uri Url => new(_app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());

    public static async Task<Balancer> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var balancer = new Balancer(builder.Build());
        balancer._app.Run(balancer.ForwardAsync);
        await balancer._app.StartAsync();
        return balancer;
    }

    public void Add(RouterContainer replica) => ImmutableInterlocked.Update(ref _replicas, list => list.Add(replica.PublicUrl));

    public void Remove(RouterContainer replica) => ImmutableInterlocked.Update(ref _replicas, list => list.Remove(replica.PublicUrl));

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _http.Dispose();
    }

    private async Task ForwardAsync(HttpContext context)
    {
        var replicas = _replicas;
        var replica = replicas[(int)((uint)Interlocked.Increment(ref _turn) % (uint)replicas.Length)];
        using var request = new HttpRequestMessage(new HttpMethod(context.Request.Method), new Uri(replica, context.Request.Path + context.Request.QueryString)) { Content = new StreamContent(context.Request.Body) };
        request.Content.Headers.TryAddWithoutValidation("Content-Type", context.Request.ContentType);
        foreach (var header in context.Request.Headers.Where(header => header.Key.StartsWith("X-", StringComparison.OrdinalIgnoreCase)))
        {
            request.Headers.TryAddWithoutValidation(header.Key, header.Value.AsEnumerable());
        }

        try
        {
            using var answer = await _http.SendAsync(request, context.RequestAborted);
            context.Response.StatusCode = (int)answer.StatusCode;
        }
        catch (HttpRequestException)
        {
            context.Response.StatusCode = StatusCodes.Status502BadGateway;
        }
    }
}
