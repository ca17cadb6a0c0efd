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
    private readonly Lock _gate = new();
    private readonly List<Replica> _replicas = [];
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

    public void Add(RouterContainer replica)
    {
        lock (_gate)
        {
            _replicas.Add(new Replica(replica.PublicUrl));
        }
    }

    /// <summary>Nothing goes there from now on; ends when what was on its way there has been answered.</summary>
    public Task RemoveAsync(RouterContainer replica)
    {
        lock (_gate)
        {
            var leaving = _replicas.Single(r => r.Url == replica.PublicUrl);
            _replicas.Remove(leaving);
            leaving.Leaves = true;
            if (leaving.UnderWay == 0)
            {
                leaving.Left.SetResult();
            }

            return leaving.Left.Task;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _http.Dispose();
    }

    private async Task ForwardAsync(HttpContext context)
    {
        var replica = Take();
        try
        {
            await ForwardAsync(context, replica.Url);
        }
        finally
        {
            GiveBack(replica);
        }
    }

    private Replica Take()
    {
        lock (_gate)
        {
            var replica = _replicas[(int)((uint)_turn++ % (uint)_replicas.Count)];
            replica.UnderWay++;
            return replica;
        }
    }

    private void GiveBack(Replica replica)
    {
        lock (_gate)
        {
            if (--replica.UnderWay == 0 && replica.Leaves)
            {
                replica.Left.SetResult();
            }
        }
    }

    private async Task ForwardAsync(HttpContext context, Uri replica)
    {
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

    private sealed class Replica(Uri url)
    {
        public Uri Url => url;

        public int UnderWay { get; set; }

        public bool Leaves { get; set; }

        public TaskCompletionSource Left { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
