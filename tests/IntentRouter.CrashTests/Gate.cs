using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Extensions;
using Microsoft.Extensions.Logging;

namespace IntentRouter.CrashTests;

/// <summary>
/// The load balancer in front: each delivery goes to a replica taken at random, and once more to another when the connection fails, so that a kill
/// costs time but no delivery. What it repeats may have been stored before.
/// </summary>
internal sealed class Gate : IAsyncDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(90);
    private readonly WebApplication _app;
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false, MaxConnectionsPerServer = 256 }) { Timeout = TimeSpan.FromSeconds(4) };
    private readonly ConcurrentDictionary<Uri, bool> _replicas = new();

    private Gate(WebApplication app, Uri url)
    {
        _app = app;
        Url = url;
    }

    public Uri Url { get; }

    public static async Task<Gate> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ApplicationName = typeof(Gate).Assembly.GetName().Name });
        builder.Logging.ClearProviders();
        var port = Ports.Free();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, port));
        var app = builder.Build();
        var gate = new Gate(app, new Uri($"http://127.0.0.1:{port}"));
        app.MapPost("/{**path}", gate.ForwardAsync);
        await app.StartAsync();
        return gate;
    }

    public void Open(Uri replica) => _replicas[replica] = true;

    public void Close(Uri replica) => _replicas.TryRemove(replica, out _);

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _app.DisposeAsync();
    }

    private async Task<IResult> ForwardAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        using var memory = new MemoryStream();
        await request.Body.CopyToAsync(memory, cancellationToken);
        var body = memory.ToArray();
        var path = new Uri(request.GetEncodedPathAndQuery(), UriKind.Relative);
        var began = TimeProvider.System.GetTimestamp();
        while (TimeProvider.System.GetElapsedTime(began) < _patience)
        {
            var open = _replicas.Keys.ToArray();
            if (open.Length > 0)
            {
                var replica = Random.Shared.GetItems(open, 1)[0];
                try
                {
                    using var content = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
                    using var answer = await _http.PostAsync(new Uri(replica, path), content, cancellationToken);
                    return Results.Text(await answer.Content.ReadAsStringAsync(cancellationToken), "application/json", statusCode: (int)answer.StatusCode);
                }
                catch (Exception ex) when (ex is HttpRequestException || (ex is TaskCanceledException && !cancellationToken.IsCancellationRequested))
                {
                    // Killed or frozen before or after it stored the event: nobody knows.
                }
            }

            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, cancellationToken);
        }

        return Results.StatusCode((int)HttpStatusCode.BadGateway);
    }
}
