using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.RegularExpressions;
using IntentRouter.Decisions;
using IntentRouter.Evaluation;

namespace IntentRouter.ServiceTests.Review;

/// <summary>The console as a browser without scripts sees it.</summary>
public sealed partial class ConsoleTests
{
    private const string Nasty = "<script>alert('x')</script> \"&amp; <img src=x onerror=y>";

    [Theory]
    [InlineData("/conversations", "Conversations")]
    [InlineData("/review", "Review")]
    [InlineData("/intents", "Intents")]
    [InlineData("/evaluate", "Evaluate")]
    [InlineData("/shadows", "Adapters on trial")]
    [InlineData("/health", "Health")]
    public async Task Every_page_stands_alone_and_shows_customers_words_as_words(string path, string title)
    {
        await using var app = await RouterApplication.StartAsync();
        await app.SayAsync(app.NewCustomer(), Nasty);

        var answer = await app.Management.GetAsync(new Uri(path, UriKind.Relative));
        var page = await answer.Content.ReadAsStringAsync();

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("text/html", answer.Content.Headers.ContentType!.MediaType);
        Assert.Contains("default-src 'none'", string.Join(' ', answer.Headers.GetValues("Content-Security-Policy")), StringComparison.Ordinal);
        Assert.True(answer.Headers.CacheControl!.NoStore);
        Assert.Contains($"<h1>{title}</h1>", page, StringComparison.Ordinal);
        Assert.Contains($"<a href=\"{path}\" aria-current=\"page\">", page, StringComparison.Ordinal);
        AssertWellFormed(page);
    }

    [Fact]
    public async Task The_style_is_served_beside_and_the_root_leads_to_the_conversations()
    {
        await using var app = await RouterApplication.StartAsync();

        var style = await app.Management.GetAsync(new Uri("/console.css", UriKind.Relative));
        var home = await app.Management.GetAsync(new Uri("/", UriKind.Relative));

        Assert.Equal("text/css", style.Content.Headers.ContentType!.MediaType);
        Assert.Contains("prefers-color-scheme: dark", await style.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal("/conversations", home.RequestMessage!.RequestUri!.AbsolutePath);
    }

    [Fact]
    public async Task Intents_are_counted_with_what_was_handed_over_and_why()
    {
        await using var app = await RouterApplication.StartAsync();
        app.Script.Knows("Where is my order?", "order_status", 0.95);
        app.Script.Knows("A person please", "talk_to_human", 0.85);
        await app.SayAsync(app.NewCustomer(), "Where is my order?");
        await app.SayAsync(app.NewCustomer(), "Where is my order?");
        await app.SayAsync(app.NewCustomer(), "A person please");

        var page = await app.Management.GetStringAsync(new Uri("/intents?bot=shop&days=1", UriKind.Relative));

        Assert.Contains("3 turns; 67 % were settled or carried on by the bot, 1 led to a human.", page, StringComparison.Ordinal);
        Assert.Contains("<th scope=\"row\">order_status</th><td class=\"n\">2</td><td class=\"n\">0</td><td class=\"n\">100 %</td>", page, StringComparison.Ordinal);
        Assert.Contains("<th scope=\"row\">talk_to_human</th><td class=\"n\">1</td><td class=\"n\">1</td><td class=\"n\">0 %</td>", page, StringComparison.Ordinal);
        Assert.Contains("aria-label=\"0, 0, 0, 0, 0, 0, 0, 0, 0, 2\"", page, StringComparison.Ordinal);
        Assert.Contains("<th scope=\"row\">asked</th><td class=\"n\">1</td>", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Conversations_are_found_and_explained()
    {
        await using var app = await RouterApplication.StartAsync();
        app.Script.Knows("Where is my order?", "order_status");
        var customer = app.NewCustomer();
        await app.SayAsync(customer, "Where is my order?");
        await app.SayAsync(customer, Nasty);
        var path = $"/conversations/shop/{app.Account.Id}/{customer.Conversation!.Id}";

        var list = await app.Management.GetStringAsync(new Uri($"/conversations?bot=shop&search={customer.Conversation.Id}", UriKind.Relative));
        var page = await app.Management.GetStringAsync(new Uri(path, UriKind.Relative));
        var none = await app.Management.GetAsync(new Uri("/conversations/shop/3/99999", UriKind.Relative));

        Assert.Contains($"<a href=\"{path}\">", list, StringComparison.Ordinal);
        Assert.Contains("ask-slot", list, StringComparison.Ordinal);
        Assert.Contains("Where is my order?", page, StringComparison.Ordinal);
        Assert.Contains("main: order_status 0.95", page, StringComparison.Ordinal);
        Assert.Contains("<dt>Did</dt><dd>send-message: done", page, StringComparison.Ordinal);
        Assert.DoesNotContain("/playground", page, StringComparison.Ordinal);
        AssertWellFormed(page);
        Assert.Equal(HttpStatusCode.NotFound, none.StatusCode);
    }

    [Fact]
    public async Task An_utterance_is_labelled_dismissed_and_put_back_by_form()
    {
        await using var app = await RouterApplication.StartAsync(new RouterApplicationOptions { ApiKey = "a-management-key-of-some-length" });
        app.Management.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes("Mara:a-management-key-of-some-length")));
        // This client, unlike a browser, forgets the name after a redirect.
        app.Management.DefaultRequestHeaders.Add("X-Api-Key", "a-management-key-of-some-length");
        await app.SayAsync(app.NewCustomer(), Nasty);
        var page = await PageAsync(app, "/review");
        Assert.Contains("not one of ours", page, StringComparison.Ordinal);

        var labelled = await SubmitAsync(app, page, "label", "order_status");
        Assert.Contains("Noted.", labelled, StringComparison.Ordinal);
        Assert.Contains("Nothing here.", labelled, StringComparison.Ordinal);
        var done = await PageAsync(app, "/review?state=labelled");
        Assert.Contains("Labelled as order_status by Mara", done, StringComparison.Ordinal);
        await SubmitAsync(app, done, "reopen");
        await SubmitAsync(app, await PageAsync(app, "/review"), "dismiss");

        Assert.Contains("Dismissed by Mara", await PageAsync(app, "/review?state=dismissed"), StringComparison.Ordinal);
        AssertWellFormed(page);
    }

    [Fact]
    public async Task A_form_of_another_site_changes_nothing()
    {
        await using var app = await RouterApplication.StartAsync();
        await app.SayAsync(app.NewCustomer(), "do you ship to the moon");
        var page = await PageAsync(app, "/review");
        var action = Action().Match(page).Groups["path"].Value;

        var without = await app.Management.PostAsync(new Uri(action, UriKind.Relative), new FormUrlEncodedContent([new("action", "dismiss")]));
        var wrong = await app.Management.PostAsync(new Uri(action, UriKind.Relative), new FormUrlEncodedContent([new("action", "dismiss"), new("token", new string('0', 64))]));
        using var foreign = new HttpRequestMessage(HttpMethod.Post, new Uri(action, UriKind.Relative))
        {
            Content = new FormUrlEncodedContent([new("action", "dismiss"), new("token", Token().Match(page).Groups["token"].Value)]),
            Headers = { { "Sec-Fetch-Site", "cross-site" } },
        };
        var cross = await app.Management.SendAsync(foreign);

        Assert.Equal([HttpStatusCode.Forbidden, HttpStatusCode.Forbidden, HttpStatusCode.Forbidden], [without.StatusCode, wrong.StatusCode, cross.StatusCode]);
        Assert.Contains("do you ship to the moon", await PageAsync(app, "/review"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, null, HttpStatusCode.NotFound)]
    [InlineData("same-origin", null, HttpStatusCode.NotFound)]
    [InlineData(null, "own", HttpStatusCode.NotFound)]
    [InlineData("cross-site", "own", HttpStatusCode.Forbidden)]
    [InlineData("same-site", null, HttpStatusCode.Forbidden)]
    [InlineData(null, "http://attacker.example", HttpStatusCode.Forbidden)]
    [InlineData(null, "http://127.0.0.1:1", HttpStatusCode.Forbidden)]
    [InlineData(null, "null", HttpStatusCode.Forbidden)]
    public async Task A_page_of_another_origin_does_nothing_through_the_api(string? site, string? origin, HttpStatusCode expected)
    {
        await using var app = await RouterApplication.StartAsync();
        // Without a body: no form, no JSON, nothing that a browser would ask leave for.
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri("/api/inbox/parked/1/retry", UriKind.Relative));
        if (site is not null)
        {
            request.Headers.Add("Sec-Fetch-Site", site);
        }

        if (origin is not null)
        {
            request.Headers.Add("Origin", origin == "own" ? app.Management.BaseAddress!.GetLeftPart(UriPartial.Authority) : origin);
        }

        Assert.Equal(expected, (await app.Management.SendAsync(request)).StatusCode);
    }

    [Theory]
    [InlineData("attacker.example", HttpStatusCode.MisdirectedRequest)]
    [InlineData("localhost.attacker.example:80", HttpStatusCode.MisdirectedRequest)]
    [InlineData("localhost:9", HttpStatusCode.OK)]
    [InlineData("[::1]", HttpStatusCode.OK)]
    public async Task Without_a_key_a_foreign_name_for_this_address_shows_nothing(string host, HttpStatusCode expected)
    {
        await using var app = await RouterApplication.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri("/conversations", UriKind.Relative)) { Headers = { Host = host } };

        Assert.Equal(expected, (await app.Management.SendAsync(request)).StatusCode);
    }

    [Fact]
    public async Task A_wrong_label_and_a_foreign_return_address_are_refused()
    {
        await using var app = await RouterApplication.StartAsync();
        await app.SayAsync(app.NewCustomer(), "do you ship to the moon");
        var page = await PageAsync(app, "/review");

        Assert.Contains("is no intent of bot", await SubmitAsync(app, page, "label", "nonsense"), StringComparison.Ordinal);
        using var handler = new HttpClientHandler { AllowAutoRedirect = false };
        using var browser = new HttpClient(handler) { BaseAddress = app.Management.BaseAddress };
        var answer = await browser.PostAsync(new Uri(Action().Match(page).Groups["path"].Value, UriKind.Relative), Form(page, "dismiss", null, "https://elsewhere.example/"));
        Assert.StartsWith("/review?", answer.Headers.Location!.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_page_asks_for_the_key()
    {
        await using var app = await RouterApplication.StartAsync(new RouterApplicationOptions { ApiKey = "a-management-key-of-some-length" });

        foreach (var path in (string[])["/", "/conversations", "/review", "/review/export?bot=shop", "/evaluate", "/shadows", "/health", "/api/review", "/api/evaluations/shop", "/api/shadows", "/api/learned?bot=shop"])
        {
            var answer = await app.Management.GetAsync(new Uri(path, UriKind.Relative));
            Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
            Assert.StartsWith("Basic", answer.Headers.WwwAuthenticate.ToString(), StringComparison.Ordinal);
        }

        Assert.Equal(HttpStatusCode.Unauthorized, (await app.Management.PostAsync(new Uri("/review/1", UriKind.Relative), new FormUrlEncodedContent([]))).StatusCode);
    }

    [Fact]
    public async Task The_latest_report_of_evaluate_is_shown_with_its_plots()
    {
        await using var app = await RouterApplication.StartAsync();
        var report = Report("shop");
        var before = await PageAsync(app, "/evaluate");

        var kept = await PutAsync(app, "shop", report.ToJson());
        var page = await PageAsync(app, "/evaluate");

        Assert.Contains("Nobody has evaluated bot shop yet.", before, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NoContent, kept);
        Assert.Contains("aria-label=\"Reliability of local\"", page, StringComparison.Ordinal);
        Assert.Contains("data.csv · 2026-07-01 08:00 UTC · bot shop · 3 utterances, 1 of them out of scope", page, StringComparison.Ordinal);
        Assert.Contains("Most frequent mistakes", page, StringComparison.Ordinal);
        // The page's policy would drop a style that stands in an element.
        Assert.DoesNotContain("style=", page, StringComparison.Ordinal);
        Assert.Contains("figcaption", await PageAsync(app, "/console.css"), StringComparison.Ordinal);
        AssertWellFormed(page);
        Assert.Equal(report.ToJson(), await PageAsync(app, "/api/evaluations/shop"));
    }

    [Theory]
    [InlineData("nobody", null, HttpStatusCode.NotFound)]
    [InlineData("shop", "other", HttpStatusCode.BadRequest)]
    [InlineData("shop", "{}", HttpStatusCode.BadRequest)]
    [InlineData("shop", """{"data":"x","bot":"shop","at":"2026-07-01T08:00:00Z","results":[],"bounds":[]}""", HttpStatusCode.BadRequest)]
    [InlineData("shop", """{"data":"x","bot":"shop","at":"2026-07-01T08:00:00Z","results":[{"adapter":"local","curve":null}],"bounds":[]}""", HttpStatusCode.BadRequest)]
    [InlineData("shop", """{"data":"x","bot":"shop","at":"2026-07-01T08:00:00Z","results":"many","bounds":[]}""", HttpStatusCode.BadRequest)]
    public async Task What_is_no_whole_report_of_the_bot_is_refused(string bot, string? body, HttpStatusCode expected)
    {
        await using var app = await RouterApplication.StartAsync();

        Assert.Equal(expected, await PutAsync(app, bot, body is null or "other" ? Report(body ?? bot).ToJson() : body));
        Assert.Equal(HttpStatusCode.NotFound, (await app.Management.GetAsync(new Uri($"/api/evaluations/{bot}", UriKind.Relative))).StatusCode);
        AssertWellFormed(await PageAsync(app, "/evaluate"));
    }

    [Fact]
    public async Task Health_names_adapters_store_and_configuration()
    {
        await using var app = await RouterApplication.StartAsync();

        // The look at the store takes at most a second, which is too short for a busy machine now and then.
        var limit = Quiet.Limit();
        string page;
        do
        {
            limit.ThrowIfCancellationRequested();
            page = await PageAsync(app, "/health");
        }
        while (!page.Contains("Ready.", StringComparison.Ordinal));

        Assert.Contains("<th scope=\"row\">main</th><td>scripted</td>", page, StringComparison.Ordinal);
        Assert.Contains("sqlite", page, StringComparison.Ordinal);
        Assert.Contains("bots: shop", page, StringComparison.Ordinal);
    }

    private static EvaluationReport Report(string bot) => new(
        "data.csv",
        bot,
        new DateTimeOffset(2026, 7, 1, 8, 0, 0, TimeSpan.Zero),
        [
            EvaluationMetrics.Measure(
                "local",
                [
                    new("Where is my order?", "order_status", [new RankedIntent("order_status", 0.9, 0.9)]),
                    new(Nasty, "order_status", [new RankedIntent("talk_to_human", 0.7, 0.7)]),
                    new("What is the capital of Peru?", JudgedUtterance.OutOfScope, [new RankedIntent("order_status", 0.2, 0.2)]),
                ],
                0.5),
        ],
        []);

    private static async Task<HttpStatusCode> PutAsync(RouterApplication app, string bot, string report)
    {
        using var content = new StringContent(report, Encoding.UTF8, "application/json");
        return (await app.Management.PutAsync(new Uri($"/api/evaluations/{bot}", UriKind.Relative), content)).StatusCode;
    }

    private static Task<string> PageAsync(RouterApplication app, string path) => app.Management.GetStringAsync(new Uri(path, UriKind.Relative));

    private static async Task<string> SubmitAsync(RouterApplication app, string page, string action, string? label = null)
    {
        var answer = await app.Management.PostAsync(new Uri(Action().Match(page).Groups["path"].Value, UriKind.Relative), Form(page, action, label, "/review?bot=&state=open&page=1"));
        return await answer.Content.ReadAsStringAsync();
    }

    private static FormUrlEncodedContent Form(string page, string action, string? label, string back) =>
        new([new("token", Token().Match(page).Groups["token"].Value), new("action", action), new("label", label ?? ""), new("back", back)]);

    /// <summary>Nothing that a customer said became an element, and what is opened is closed.</summary>
    private static void AssertWellFormed(string page)
    {
        Assert.DoesNotContain("<script", page, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("<img", page, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("http://", page, StringComparison.OrdinalIgnoreCase);
        foreach (var element in (string[])["table", "tr", "td", "th", "ul", "ol", "li", "p", "form", "select", "option", "div", "a", "blockquote", "button", "main", "nav", "label", "span"])
        {
            Assert.True(Regex.Count(page, $"<{element}[ >]") == Regex.Count(page, $"</{element}>"), $"<{element}> is not closed, or closed too often.");
        }
    }

    [GeneratedRegex("action=\"(?<path>/review/[0-9]+)\"")]
    private static partial Regex Action();

    [GeneratedRegex("name=\"token\" value=\"(?<token>[0-9a-f]+)\"")]
    private static partial Regex Token();
}
