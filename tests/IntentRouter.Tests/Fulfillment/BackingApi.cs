using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace IntentRouter.Tests.Fulfillment;

/// <summary>A system that lookups and actions talk to: answers as told and remembers what came.</summary>
public sealed class BackingApi : IAsyncDisposable
{
    private readonly WebApplication _app;

    private BackingApi(WebApplication app) => _app = app;

    public ConcurrentQueue<Received> Requests { get; } = [];

    /// <summary>Answers the n-th request, counted from 1.</summary>
    public Func<HttpContext, int, Task> Answer { get; set; } = (context, _) => context.Response.WriteAsync("{}");

    public string Url => _app.Urls.First();

    public static async Task<BackingApi> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var api = new BackingApi(app);
        app.Run(async context =>
        {
            using var reader = new StreamReader(context.Request.Body);
            var raw = context.Features.Get<Microsoft.AspNetCore.Http.Features.IHttpRequestFeature>()!.RawTarget;
            api.Requests.Enqueue(new Received(context.Request.Method, raw, context.Request.Headers.ToDictionary(h => h.Key, h => h.Value.ToString(), StringComparer.OrdinalIgnoreCase), await reader.ReadToEndAsync(context.RequestAborted)));
            await api.Answer(context, api.Requests.Count);
        });
        await app.StartAsync();
        return api;
    }

    public void AnswersWith(string json, int status = 200) => Answer = (context, _) =>
    {
        context.Response.StatusCode = status;
        return context.Response.WriteAsync(json);
    };

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();
}

public sealed record Received(string Method, string Target, IReadOnlyDictionary<string, string> Headers, string Body);
