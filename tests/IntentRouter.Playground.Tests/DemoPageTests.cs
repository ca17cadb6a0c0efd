using System.Net;
using System.Text.Json;
using AngleSharp;
using AngleSharp.Dom;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;

namespace IntentRouter.Playground.Tests;

public sealed class DemoPageTests
{
    [Fact]
    public async Task The_page_runs_no_inline_script_or_style_and_its_policy_forbids_them()
    {
        await using var scene = await Scene.StartAsync();
        var answer = await scene.GetAsync("/", token: null);
        var page = await ReadAsync(answer.Text);

        var policy = Assert.Single(answer.Response.Headers.GetValues("Content-Security-Policy"));
        Assert.Contains("default-src 'none'", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
        Assert.Empty(page.QuerySelectorAll("style, script:not([src]), [style]"));
        Assert.DoesNotContain(page.All, e => e.Attributes.Any(a => a.Name.StartsWith("on", StringComparison.Ordinal)));
        foreach (var asset in page.QuerySelectorAll("script, link[rel=stylesheet]").Select(e => e.GetAttribute("src") ?? e.GetAttribute("href")))
        {
            Assert.Equal(200, (await scene.GetAsync(asset!, token: null)).Status);
        }
    }

    [Fact]
    public async Task Every_control_has_a_name_and_every_region_a_heading()
    {
        await using var scene = await Scene.StartAsync();
        var page = await ReadAsync((await scene.GetAsync("/", token: null)).Text);

        Assert.Equal("en", page.DocumentElement.GetAttribute("lang"));
        Assert.Equal([], page.QuerySelectorAll("input, select, textarea")
            .Where(c => c.Closest("label") is null && page.QuerySelector($"label[for='{c.Id}']") is null).Select(c => c.OuterHtml));
        Assert.All(page.QuerySelectorAll("button"), b => Assert.False(string.IsNullOrWhiteSpace(b.TextContent)));
        Assert.All(page.QuerySelectorAll("section"), s => Assert.NotNull(page.GetElementById(s.GetAttribute("aria-labelledby")!)));
        // The same messages stand in both logs, and each is to be heard once.
        Assert.Equal("customer-log", Assert.Single(page.QuerySelectorAll("[role=log][aria-live=polite]")).Id);
        Assert.Equal("desk-log", Assert.Single(page.QuerySelectorAll("[role=log][aria-live=off]")).Id);
        Assert.Single(page.QuerySelectorAll("main"));
    }

    [Fact]
    public async Task The_script_never_parses_text_as_html()
    {
        await using var scene = await Scene.StartAsync();

        var script = (await scene.GetAsync("/demo/assets/playground.js", token: null)).Text;

        foreach (var forbidden in (string[])["innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval("])
        {
            Assert.DoesNotContain(forbidden, script, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task What_is_put_into_the_page_is_escaped()
    {
        await using var server = await PlaygroundServer.StartAsync(
            new PlaygroundOptions { ExplanationsUrl = "/x?\"><script>alert(1)</script>", DemoPhrases = ["</body><script>alert(2)</script>"] }, CancellationToken.None);
        using var http = new HttpClient { BaseAddress = server.BaseUrl };

        var page = await ReadAsync(await http.GetStringAsync("/"));

        Assert.Single(page.QuerySelectorAll("script"));
        Assert.Equal("</body><script>alert(2)</script>", JsonSerializer.Deserialize<string[]>(page.Body!.Dataset["phrases"]!)![0]);
    }

    [Fact]
    public async Task A_visitor_and_an_agent_can_do_everything_from_the_page()
    {
        await using var scene = await Scene.StartAsync();
        var customer = (await DoAsync(scene, new { what = "visitor", text = "Ada" })).Json.GetProperty("customer").GetInt64();
        var said = (await DoAsync(scene, new { what = "say", customer, text = "<b>hello</b>" })).Json;
        var (account, conversation) = (said.GetProperty("account").GetInt64(), said.GetProperty("conversation").GetInt64());
        var bot = scene.Account.FindConversation(conversation)!;
        await scene.PostAsync(scene.InAccount($"/conversations/{conversation}/messages"), new
        {
            content = "Which?",
            content_type = "input_select",
            content_attributes = new { items = new[] { new { title = "A", value = "a" } } },
        }, scene.Bot.AccessToken);
        foreach (var what in (string[])["open", "read", "photo"])
        {
            Assert.Equal(200, (await DoAsync(scene, new { what, customer })).Status);
        }

        Assert.Equal(200, (await DoAsync(scene, new { what = "choose", customer, message = bot.BotReplies[0].Id, text = "A" })).Status);
        foreach (var what in (string[])["note", "reply", "echo", "takeover"])
        {
            Assert.Equal(200, (await DoAsync(scene, new { what, account, conversation, text = "from " + what, user = scene.Agent.Id })).Status);
        }

        Assert.Equal((ConversationStatus.Open, scene.Agent), (bot.Status, bot.Assignee));
        await DoAsync(scene, new { what = "pushback", account, conversation });
        Assert.Equal((ConversationStatus.Pending, (PlaygroundUser?)null), (bot.Status, bot.Assignee));
        await DoAsync(scene, new { what = "snooze", account, conversation });
        Assert.Equal(ConversationStatus.Snoozed, bot.Status);
        await DoAsync(scene, new { what = "resolve", account, conversation });
        Assert.Equal(ConversationStatus.Resolved, bot.Status);
        var state = (await scene.GetAsync($"/demo/state?customer={customer}", token: null)).Json;
        Assert.DoesNotContain("from note", state.GetProperty("customersConversation").GetRawText(), StringComparison.Ordinal);
        Assert.Contains("from note", state.GetProperty("conversation").GetRawText(), StringComparison.Ordinal);
        Assert.DoesNotContain(scene.Bot.AccessToken, state.GetRawText(), StringComparison.Ordinal);
        Assert.DoesNotContain("pubsub-", state.GetRawText(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"what":"nonsense"}""", 422)]
    [InlineData("""{"what":"say","customer":1}""", 422)]
    [InlineData("""{"what":"choose","customer":6120,"message":90211,"text":"A"}""", 422)]
    [InlineData("""{"what":"resolve","account":3,"conversation":1}""", 422)]
    [InlineData("""nonsense""", 400)]
    public async Task What_cannot_be_done_is_said(string body, int status)
    {
        await using var scene = await (await Scene.StartAsync()).SaidAsync();
        using var content = new StringContent(body, null, "application/json");

        using var response = await scene.Http.PostAsync("/demo/do", content);

        Assert.Equal(status, (int)response.StatusCode);
        Assert.NotEmpty(JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement.GetProperty("error").GetString()!);
    }

    [Fact]
    public async Task A_foreign_pages_form_is_refused()
    {
        await using var scene = await Scene.StartAsync();
        using var content = new StringContent("""{"what":"visitor"}""", null, "text/plain");

        using var response = await scene.Http.PostAsync("/demo/do", content);

        Assert.Equal(HttpStatusCode.UnsupportedMediaType, response.StatusCode);
    }

    [Fact]
    public async Task Changes_are_pushed()
    {
        await using var scene = await Scene.StartAsync();
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(120), TimeProvider.System);
        using var response = await scene.Http.GetAsync("/demo/changes", HttpCompletionOption.ResponseHeadersRead, limit.Token);
        using var lines = new StreamReader(await response.Content.ReadAsStreamAsync(limit.Token));
        var first = await lines.ReadLineAsync(limit.Token);

        scene.Customer.Say("hello");
        string? second;
        do
        {
            // A beat without news may come before.
            second = await lines.ReadLineAsync(limit.Token);
        }
        while (second is "" || second == first);

        Assert.StartsWith("data: ", first, StringComparison.Ordinal);
        Assert.StartsWith("data: ", second, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_playground_can_be_mounted_under_a_prefix_of_another_host()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(k => k.Listen(IPAddress.Loopback, 0));
        await using var app = builder.Build();
        await using var chat = new PlaygroundChat();
        var account = chat.AddAccount();
        var customer = account.AddInbox("Shop").Connect(account.AddBot("Bot", null, accessToken: "the-token")).AddCustomer();
        customer.Say("hi");
        app.MapPlayground(chat);
        await app.StartAsync();
        using var http = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };

        var page = await ReadAsync(await http.GetStringAsync("/playground"));
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/playground/api/v1/accounts/{account.Id}/conversations/{customer.Conversation!.Id}/messages")
        {
            Content = new StringContent("""{"content":"hello"}""", null, "application/json"),
        };
        request.Headers.Add("api_access_token", "the-token");
        using var posted = await http.SendAsync(request);

        Assert.Equal("/playground/demo/assets/playground.js", page.QuerySelector("script")!.GetAttribute("src"));
        Assert.Equal(HttpStatusCode.OK, posted.StatusCode);
        Assert.Contains("\"version\":\"4.2.0\"", await http.GetStringAsync("/playground/api"), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, (await http.GetAsync("/api")).StatusCode);
        Assert.Equal("customer: hi\nbot Bot: hello\n", customer.Conversation.Transcript);
    }

    private static Task<Answer> DoAsync(Scene scene, object act) => scene.PostAsync("/demo/do", act, token: null);

    private static Task<IDocument> ReadAsync(string html) => BrowsingContext.New(Configuration.Default).OpenAsync(r => r.Content(html));
}
