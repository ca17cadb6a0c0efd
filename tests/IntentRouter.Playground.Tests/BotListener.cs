using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace IntentRouter.Playground.Tests;

/// <summary>A bot's webhook address: keeps what it was sent and answers as told.</summary>
internal sealed class BotListener : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentQueue<Received> _received = new();

    private BotListener(WebApplication app) => _app = app;

    public string Url => _app.Urls.First() + "/bots/shop/key";

    public IReadOnlyList<Received> All => [.. _received];

    /// <summary>Status of the next answers; 200 when null or empty.</summary>
    public ConcurrentQueue<int> Answers { get; } = new();

    /// <summary>Run before answering.</summary>
    public Func<Received, Task>? Meanwhile { get; set; }

    public IReadOnlyList<string> Events => [.. _received.Select(r => r.Event)];

    public static async Task<BotListener> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(k => k.Listen(IPAddress.Loopback, 0));
        var app = builder.Build();
        var listener = new BotListener(app);
        app.MapPost("/bots/shop/key", listener.ReceiveAsync);
        await app.StartAsync();
        return listener;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task ReceiveAsync(HttpContext context)
    {
        using var buffer = new MemoryStream();
        await context.Request.Body.CopyToAsync(buffer);
        var received = new Received(
            buffer.ToArray(), context.Request.Headers.ToDictionary(h => h.Key, h => h.Value.ToString(), StringComparer.OrdinalIgnoreCase));
        _received.Enqueue(received);
        if (Meanwhile is { } meanwhile)
        {
            await meanwhile(received);
        }

        context.Response.StatusCode = Answers.TryDequeue(out var status) ? status : 200;
    }
}

internal sealed record Received(byte[] Body, IReadOnlyDictionary<string, string> Headers)
{
    public JsonElement Json { get; } = JsonDocument.Parse(Body).RootElement;

    public string Event => Json.GetProperty("event").GetString()!;
}
