using System.Collections.Concurrent;
using PuppeteerSharp;

namespace IntentRouter.ConsoleTests;

/// <summary>One reader's tab. Whatever the browser complains of is kept in <see cref="Complaints"/>.</summary>
internal sealed class Visit : IAsyncDisposable
{
    private readonly IBrowserContext _context;
    private readonly WaitForFunctionOptions _waiting;

    private Visit(IBrowserContext context, IPage page, TimeSpan patience)
    {
        _context = context;
        Page = page;
        _waiting = new WaitForFunctionOptions { Timeout = (int)patience.TotalMilliseconds, PollingInterval = 50 };
    }

    public IPage Page { get; }

    /// <summary>Script errors, refusals of the content security policy, and requests that failed.</summary>
    public ConcurrentQueue<string> Complaints { get; } = new();

    public static async Task<Visit> OpenAsync(IBrowser browser, Uri address, Look look, TimeSpan patience)
    {
        var context = await browser.CreateBrowserContextAsync();
        var page = await context.NewPageAsync();
        var visit = new Visit(context, page, patience);
        page.DefaultTimeout = page.DefaultNavigationTimeout = (int)patience.TotalMilliseconds;
        page.PageError += (_, e) => visit.Complaints.Enqueue($"script: {e.Message}");
        page.Console += (_, e) =>
        {
            if (e.Message.Type == ConsoleType.Error)
            {
                visit.Complaints.Enqueue($"console: {e.Message.Text}");
            }
        };
        page.Response += (_, e) =>
        {
            if ((int)e.Response.Status >= 400)
            {
                visit.Complaints.Enqueue($"{(int)e.Response.Status}: {e.Response.Url}");
            }
        };
        await page.SetJavaScriptEnabledAsync(look.Scripts);
        await page.SetViewportAsync(new ViewPortOptions { Width = look.Width, Height = look.Height });
        await page.EmulateMediaFeaturesAsync([new MediaFeatureValue { MediaFeature = MediaFeature.PrefersColorScheme, Value = look.Dark ? "dark" : "light" }]);
        await page.GoToAsync(address.ToString(), WaitUntilNavigation.Load);
        return visit;
    }

    /// <summary>Waits until the expression is true in the page.</summary>
    public Task UntilAsync(string expression) => Page.WaitForExpressionAsync(expression, _waiting);

    /// <summary>Waits until the element shows the words, however the style sheet writes their capitals.</summary>
    public Task SeesAsync(string selector, string words) =>
        Page.WaitForFunctionAsync("(selector, words) => [...document.querySelectorAll(selector)].some(e => e.innerText.toLowerCase().includes(words.toLowerCase()))", _waiting, selector, words);

    public async Task ClickAsync(string selector)
    {
        await Page.WaitForFunctionAsync("selector => document.querySelector(selector)?.disabled === false", _waiting, selector);
        await Page.ClickAsync(selector);
    }

    public Task<string> TextAsync(string selector) => Page.EvaluateFunctionAsync<string>("selector => document.querySelector(selector).innerText", selector);

    public async ValueTask DisposeAsync() => await _context.CloseAsync();
}
