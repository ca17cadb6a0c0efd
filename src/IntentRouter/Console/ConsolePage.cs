using System.Reflection;
using IntentRouter.Evaluation;
using IntentRouter.Hosting;

namespace IntentRouter.Console;

/// <summary>The frame of every page of the console: no scripts, one style sheet, nothing from elsewhere.</summary>
internal static class ConsolePage
{
    public const string StylePath = "/console.css";

    /// <summary>Set on requests of a console beside which the playground runs: its pages link to it.</summary>
    public static readonly object BesidePlayground = new();

    private static readonly (string Path, string Name)[] _places =
    [
        ("/conversations", "Conversations"),
        ("/review", "Review"),
        ("/intents", "Intents"),
        ("/evaluate", "Evaluate"),
        ("/shadows", "Adapters on trial"),
        ("/health", "Health"),
    ];

    public static string Style { get; } = ReadStyle();

    public static IResult Show(string title, string place, Markup content, int status = StatusCodes.Status200OK) =>
        new Page(
            playground => Html.Of($"""
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            <title>{title} · IntentRouter</title>
            <link rel="icon" href="data:,">
            <link rel="stylesheet" href="{StylePath}">
            </head>
            <body>
            <a class="skip" href="#content">Skip to the content</a>
            <header>
            <strong>IntentRouter</strong>
            <nav aria-label="Console"><ul>{Html.When(playground, () => Html.Of($"<li>{Link(Demo.Prefix, "Playground", here: false)}</li>"))}{_places.Select(p => Html.Of($"<li>{Link(p.Path, p.Name, p.Path == place)}</li>"))}</ul></nav>
            </header>
            <main id="content">
            <h1>{title}</h1>
            {content}
            </main>
            </body>
            </html>

            """),
            status);

    public static Markup Time(DateTimeOffset at) => Html.Of($"<time datetime=\"{at.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", System.Globalization.CultureInfo.InvariantCulture)}\">{at.UtcDateTime:yyyy-MM-dd HH:mm} UTC</time>");

    /// <summary>The conversation's own page; its key as text when it is none of ours.</summary>
    public static Markup Conversation(string key)
    {
        var parts = key.Split('/');
        return parts.Length == 3 ? Html.Of($"<a href=\"/conversations/{string.Join('/', parts.Select(Uri.EscapeDataString))}\">{key}</a>") : Html.Of($"{key}");
    }

    private static Markup Link(string path, string name, bool here) =>
        here ? Html.Of($"<a href=\"{path}\" aria-current=\"page\">{name}</a>") : Html.Of($"<a href=\"{path}\">{name}</a>");

    private static string ReadStyle()
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream("IntentRouter.Console.console.css")!;
        using var reader = new StreamReader(stream);
        return $"{reader.ReadToEnd()}\n{HtmlReport.Figures}\n";
    }

    private sealed class Page(Func<bool, Markup> html, int status) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext)
        {
            var response = httpContext.Response;
            response.StatusCode = status;
            response.ContentType = "text/html; charset=utf-8";
            response.Headers.ContentSecurityPolicy = "default-src 'none'; style-src 'self'; img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
            // Customers' words belong into no cache.
            response.Headers.CacheControl = "no-store";
            return response.WriteAsync(html(httpContext.Items.ContainsKey(BesidePlayground)).ToString(), httpContext.RequestAborted);
        }
    }
}
