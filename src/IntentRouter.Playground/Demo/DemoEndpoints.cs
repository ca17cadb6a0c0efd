using System.Collections.Frozen;
using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace IntentRouter.Playground;

/// <summary>The demo page: a customer's widget, the agents' desk, and what the bot made of it.</summary>
internal static class DemoEndpoints
{
    private static readonly TimeSpan _breath = TimeSpan.FromMilliseconds(60);
    private static readonly TimeSpan _heartbeat = TimeSpan.FromSeconds(15);

    private static readonly FrozenDictionary<string, (string Type, byte[] Content)> _assets = new Dictionary<string, (string, byte[])>
    {
        ["playground.js"] = ("text/javascript; charset=utf-8", Resource("playground.js")),
        ["playground.svg"] = ("image/svg+xml", Resource("playground.svg")),
        ["playground.css"] = ("text/css; charset=utf-8", Resource("playground.css")),
    }.ToFrozenDictionary();

    public static void MapDemo(this RouteGroupBuilder group, PlaygroundChat chat, string prefix)
    {
        var page = Encoding.UTF8.GetString(Resource("playground.html"));
        group.MapGet("/", (RequestDelegate)(context => PageAsync(context, chat, page, prefix)));
        group.MapGet("/demo/assets/{name}", (RequestDelegate)AssetAsync);
        group.MapGet("/demo/state", (RequestDelegate)(context => StateAsync(context, chat)));
        group.MapGet("/demo/changes", (RequestDelegate)(context => ChangesAsync(context, chat)));
        group.MapPost("/demo/do", (RequestDelegate)(context => DoAsync(context, chat)));
    }

    private static Task PageAsync(HttpContext context, PlaygroundChat chat, string page, string prefix)
    {
        Guard(context);
        var mounted = context.Request.PathBase + prefix;
        var html = page
            .Replace("{{base}}", WebUtility.HtmlEncode(mounted), StringComparison.Ordinal)
            .Replace("{{explanations}}", WebUtility.HtmlEncode(chat.Options.ExplanationsUrl), StringComparison.Ordinal)
            .Replace("{{phrases}}", WebUtility.HtmlEncode(JsonSerializer.Serialize(chat.Options.DemoPhrases)), StringComparison.Ordinal)
            .Replace("{{console}}", chat.Options.ConsoleUrl is { } console ? $" <a href=\"{WebUtility.HtmlEncode(console)}\">Open the console</a>" : "", StringComparison.Ordinal)
            .Replace("{{version}}", WebUtility.HtmlEncode($"{chat.Behaviour.Flavor} {chat.Behaviour.Version}"), StringComparison.Ordinal);
        context.Response.ContentType = "text/html; charset=utf-8";
        return context.Response.WriteAsync(html, context.RequestAborted);
    }

    private static async Task AssetAsync(HttpContext context)
    {
        Guard(context);
        if (!_assets.TryGetValue((string)context.Request.RouteValues["name"]!, out var asset))
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        context.Response.ContentType = asset.Type;
        await context.Response.Body.WriteAsync(asset.Content, context.RequestAborted);
    }

    private static Task StateAsync(HttpContext context, PlaygroundChat chat)
    {
        Guard(context);
        var state = chat.Locked(() => DemoState.Of(chat, Number(context, "customer"), Number(context, "account"), Number(context, "conversation")));
        return context.Response.WriteAsJsonAsync(state, Json.Options, context.RequestAborted);
    }

    /// <summary>One line per change, as server-sent events; what changed is read from the state.</summary>
    private static async Task ChangesAsync(HttpContext context, PlaygroundChat chat)
    {
        Guard(context);
        context.Response.ContentType = "text/event-stream";
        var stopping = context.RequestServices.GetService<IHostApplicationLifetime>()?.ApplicationStopping ?? CancellationToken.None;
        using var end = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, stopping, chat.Stopping);
        try
        {
            for (var seen = -1L; ;)
            {
                using var beat = CancellationTokenSource.CreateLinkedTokenSource(end.Token);
                beat.CancelAfter(_heartbeat);
                try
                {
                    await chat.WaitUntilAsync(() => chat.Changes != seen, beat.Token);
                    await Task.Delay(_breath, TimeProvider.System, end.Token);
                }
                catch (OperationCanceledException) when (!end.IsCancellationRequested)
                {
                }

                seen = chat.Changes;
                await context.Response.WriteAsync(string.Create(CultureInfo.InvariantCulture, $"data: {seen}\n\n"), end.Token);
                await context.Response.Body.FlushAsync(end.Token);
            }
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested)
        {
        }
    }

    private static async Task DoAsync(HttpContext context, PlaygroundChat chat)
    {
        Guard(context);

        // A foreign page can send a form here, but not JSON, without a permission that nobody grants.
        if (!context.Request.HasJsonContentType())
        {
            context.Response.StatusCode = StatusCodes.Status415UnsupportedMediaType;
            return;
        }

        DemoAct? act;
        try
        {
            act = await context.Request.ReadFromJsonAsync<DemoAct>(Json.Options, context.RequestAborted);
        }
        catch (JsonException)
        {
            act = null;
        }

        var (status, answer) = act is null ? (400, new DemoAnswer("The body is not the JSON of an act.")) : Run(chat, act);
        context.Response.StatusCode = status;
        await context.Response.WriteAsJsonAsync(answer, Json.Options, context.RequestAborted);
    }

    private static (int Status, DemoAnswer Answer) Run(PlaygroundChat chat, DemoAct act)
    {
        try
        {
            return (200, chat.Locked(() => act.Run(chat)));
        }
        catch (Exception ex) when (ex is DemoActException or ArgumentException or InvalidOperationException)
        {
            return (422, new DemoAnswer(ex.Message));
        }
    }

    private static void Guard(HttpContext context)
    {
        var headers = context.Response.Headers;
        headers.ContentSecurityPolicy =
            "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' https:; base-uri 'none'; form-action 'none'; frame-ancestors 'self'";
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        headers.CacheControl = "no-store";
    }

    private static long? Number(HttpContext context, string name) =>
        long.TryParse(context.Request.Query[name], NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static byte[] Resource(string name)
    {
        using var stream = typeof(DemoEndpoints).Assembly.GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"Resource {name} is not in the assembly.");
        using var buffer = new MemoryStream();
        stream.CopyTo(buffer);
        return buffer.ToArray();
    }
}
