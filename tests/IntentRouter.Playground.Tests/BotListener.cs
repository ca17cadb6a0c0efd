using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace IntentRouter.Playground.Tests;

/// <summary>A bot's webhook address: keeps what it was sent and answers as told. All tests share one host, each has its own path.</summary>
internal sealed class BotListener : IAsyncDisposable
{
    private static readonly ConcurrentDictionary<string, BotListener> _open = new();
    private static readonly Lazy<Task<string>> _host = new(StartHostAsync);

    private readonly ConcurrentQueue<Received> _received = new();
    private readonly string _key = Guid.NewGuid().ToString("N");
    private readonly string _base;

    private BotListener(string host)
    {
        _base = host;
        _open[_key] = this;
    }

    public string Url => $"{_base}/bots/shop/{_key}";

    public IReadOnlyList<Received> All => [.. _received];

    /// <summary>Status of the next answers; 200 when empty.</summary>
    public ConcurrentQueue<int> Answers { get; } = new();

    /// <summary>Run before answering.</summary>
    public Func<Received, Task>? Meanwhile { get; set; }

    public IReadOnlyList<string> Events => [.. _received.Select(r => r.Event)];

    public static async Task<BotListener> StartAsync() => new(await _host.Value);

    public ValueTask DisposeAsync()
    {
        _open.TryRemove(_key, out _);
        return ValueTask.CompletedTask;
    }

    private static async Task<string> StartHostAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(k => k.Listen(IPAddress.Loopback, 0));
        var app = builder.Build();
        app.MapPost("/bots/shop/{key}", (RequestDelegate)(context =>
            _open.TryGetValue((string)context.Request.RouteValues["key"]!, out var listener) ? listener.ReceiveAsync(context) : Task.CompletedTask));
        await app.StartAsync();
        return app.Urls.First();
    }

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
