using System.Net;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace IntentRouter.CrashTests;

/// <summary>
/// An engine behind the http adapter: every message <c>m17</c> asks for an echo of its number, so that a reply names the messages it answers. It knows
/// <c>poison</c>, too: the service is killed while it waits for that answer.
/// </summary>
internal sealed partial class EchoEngine : IAsyncDisposable
{
    private readonly WebApplication _app;

    private EchoEngine(WebApplication app, Uri url)
    {
        _app = app;
        Url = url;
    }

    public Uri Url { get; }

    public TimeSpan Delay { get; set; } = TimeSpan.FromMilliseconds(20);

    /// <summary>Called with each text before it is answered.</summary>
    public Func<string, Task>? Before { get; set; }

    public static async Task<EchoEngine> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ApplicationName = typeof(EchoEngine).Assembly.GetName().Name });
        builder.Logging.ClearProviders();
        var port = Ports.Free();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, port));
        var app = builder.Build();
        var engine = new EchoEngine(app, new Uri($"http://127.0.0.1:{port}"));
        app.MapGet("/v1/health", () => Results.Json(new { healthy = true }));
        app.MapPost("/v1/understand", engine.UnderstandAsync);
        await app.StartAsync();
        return engine;
    }

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    private async Task<IResult> UnderstandAsync(Question question, CancellationToken cancellationToken)
    {
        if (Before is { } before)
        {
            await before(question.Text);
        }

        if (Delay > TimeSpan.Zero)
        {
            await Task.Delay(Delay, TimeProvider.System, cancellationToken);
        }

        var numbers = string.Join(' ', Message().Matches(question.Text).Select(m => m.Groups[1].Value));
        return Results.Json(new
        {
            kind = "ranked",
            ranking = new[] { new { intent = "echo", confidence = 0.99 } },
            entities = new[] { new { name = "n", value = numbers } },
        });
    }

    [GeneratedRegex(@"\bm(\d+)\b")]
    private static partial Regex Message();

    private sealed record Question(string Text);
}
