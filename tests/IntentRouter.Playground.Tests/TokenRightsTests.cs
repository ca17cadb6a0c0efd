namespace IntentRouter.Playground.Tests;

/// <summary>Who may call what, since when, and with which words the rest is refused.</summary>
public sealed class TokenRightsTests
{
    private const string NotForBots = """{"error":"Access to this endpoint is not authorized for bots"}""";

    private static readonly (string Method, string Path, string? Since)[] _calls =
    [
        ("POST", "/conversations/{cid}/messages", "0.0"),
        ("POST", "/conversations/{cid}/toggle_status", "0.0"),
        ("POST", "/conversations/{cid}/toggle_priority", "3.6"),
        ("POST", "/conversations/{cid}/assignments", "3.6"),
        ("PATCH", "/conversations/{cid}", "3.7"),
        ("POST", "/conversations/{cid}/custom_attributes", "4.2"),
        ("POST", "/conversations/{cid}/toggle_typing_status", "4.12"),
        ("GET", "/conversations/{cid}", "4.14.2"),
        ("GET", "/conversations/{cid}/labels", "4.14.2"),
        ("POST", "/conversations/{cid}/labels", "4.14.2"),
        ("GET", "/conversations/{cid}/messages", null),
        ("GET", "/conversations", null),
        ("GET", "/contacts", null),
        ("GET", "/contacts/{contact}", null),
        ("GET", "/inboxes", null),
        ("GET", "/agents", null),
        ("GET", "/teams", null),
        ("GET", "/agent_bots", null),
    ];

    [Theory]
    [InlineData("4.2.0")]
    [InlineData("4.11.0")]
    [InlineData("4.12.0")]
    [InlineData("4.14.1")]
    [InlineData("4.14.2")]
    [InlineData("4.16.2")]
    public async Task A_bot_token_reaches_only_its_own_calls(string version)
    {
        await using var scene = await (await Scene.StartAsync(version)).SaidAsync();
        foreach (var (method, path, since) in _calls)
        {
            var full = scene.InAccount(path
                .Replace("{cid}", $"{scene.Conversation.Id}", StringComparison.Ordinal)
                .Replace("{contact}", $"{scene.Customer.Contact.Id}", StringComparison.Ordinal));
            var body = method == "GET" ? null : new { status = "open" };

            var bot = await scene.SendAsync(new HttpMethod(method), full, body, scene.Bot.AccessToken);
            var user = await scene.SendAsync(new HttpMethod(method), full, body, scene.Admin.AccessToken);

            var allowed = since is not null && PlaygroundVersion.Parse(version) >= PlaygroundVersion.Parse(since);
            Assert.Equal((method, path, allowed ? 200 : 401, 200), (method, path, bot.Status, user.Status));
            Assert.Equal(allowed, bot.Text != NotForBots);
        }
    }

    [Theory]
    [InlineData("4.2.0", """{"error":"You are not authorized to access this account"}""")]
    [InlineData("4.7.0", """{"error":"Bot is not authorized to access this account"}""")]
    public async Task An_unconnected_bot_is_refused_in_the_words_of_the_flavor(string version, string words)
    {
        await using var scene = await (await Scene.StartAsync(version)).SaidAsync();
        var other = scene.Account.AddBot("Unconnected", null);

        var answer = await scene.PostAsync(scene.InConversation("/messages"), new { content = "hi" }, other.AccessToken);

        Assert.Equal((401, words), (answer.Status, answer.Text));
    }

    [Fact]
    public async Task From_4_8_an_accounts_own_bot_needs_no_inbox_and_a_foreign_one_still_does()
    {
        await using var scene = await (await Scene.StartAsync("4.8.0")).SaidAsync();
        var own = scene.Account.AddBot("Own", null);
        var global = scene.Chat.AddGlobalBot("Global", null);

        Assert.Equal(200, (await scene.PostAsync(scene.InConversation("/messages"), new { content = "hi" }, own.AccessToken)).Status);
        Assert.Equal(401, (await scene.PostAsync(scene.InConversation("/messages"), new { content = "hi" }, global.AccessToken)).Status);
    }

    [Fact]
    public async Task Inside_its_account_a_bot_reaches_conversations_of_other_inboxes()
    {
        await using var scene = await Scene.StartAsync();
        var elsewhere = scene.Account.AddInbox("Other").AddCustomer();
        elsewhere.Say("hi");

        var answer = await scene.PostAsync(scene.InAccount($"/conversations/{elsewhere.Conversation!.Id}/messages"), new { content = "hi" }, scene.Bot.AccessToken);

        Assert.Equal(200, answer.Status);
    }

    [Theory]
    [InlineData("none", 401, """{"errors":["You need to sign in or sign up before continuing."]}""")]
    [InlineData("wrong", 401, """{"error":"Invalid Access Token"}""")]
    [InlineData("platform", 401, NotForBots)]
    [InlineData("super admin", 401, NotForBots)]
    [InlineData("stranger", 401, """{"error":"You are not authorized to access this account"}""")]
    [InlineData("bot", 200, null)]
    [InlineData("agent", 200, null)]
    public async Task Each_kind_of_token_gets_its_own_answer(string kind, int status, string? words)
    {
        await using var scene = await (await Scene.StartAsync()).SaidAsync();
        var token = kind switch
        {
            "none" => null,
            "wrong" => "nobody-has-this",
            "platform" => scene.Chat.AddPlatformApp("Provisioning").AccessToken,
            "super admin" => scene.Chat.AddSuperAdminToken(),
            "stranger" => scene.Chat.AddAccount("Elsewhere").AddUser("Stranger", UserRole.Administrator).AccessToken,
            "bot" => scene.Bot.AccessToken,
            _ => scene.Agent.AccessToken,
        };

        var answer = await scene.PostAsync(scene.InConversation("/messages"), new { content = "hi" }, token);

        Assert.Equal(status, answer.Status);
        Assert.Equal(words ?? answer.Text, answer.Text);
    }

    [Theory]
    [InlineData("api_access_token", false, 200)]
    [InlineData("Api-Access-Token", false, 200)]
    [InlineData("api_access_token", true, 401)]
    [InlineData("Api-Access-Token", true, 200)]
    public async Task A_proxy_may_drop_the_underscore_spelling(string header, bool drops, int status)
    {
        await using var scene = await Scene.StartAsync("4.2.0", (v, c) => new PlaygroundOptions { Version = v, Clock = c, DropsUnderscoreHeaders = drops });
        await scene.SaidAsync();

        var answer = await scene.SendAsync(HttpMethod.Post, scene.InConversation("/messages"), new { content = "hi" }, scene.Bot.AccessToken, header);

        Assert.Equal(status, answer.Status);
    }

    [Theory]
    [InlineData("4.15.0", 200)]
    [InlineData("4.16.0", 403)]
    public async Task From_4_16_an_account_may_have_the_api_switched_off(string version, int status)
    {
        await using var scene = await (await Scene.StartAsync(version)).SaidAsync();
        scene.Account.ApiEnabled = false;

        var answer = await scene.ReplyAsync("hi");

        Assert.Equal(status, answer.Status);
        Assert.Equal(status == 403, answer.Text == """{"error":"API access is not enabled for this account"}""");
    }

    [Fact]
    public async Task Suspended_unknown_malformed_and_throttled_are_told_apart()
    {
        await using var scene = await Scene.StartAsync("4.2.0", (v, c) => new PlaygroundOptions { Version = v, Clock = c, RequestsPerMinute = 4 });
        await scene.SaidAsync();
        var unknownConversation = await scene.PostAsync(scene.InAccount("/conversations/999/messages"), new { content = "hi" }, scene.Bot.AccessToken);
        var unknownAccount = await scene.PostAsync("/api/v1/accounts/999/conversations/1/messages", new { content = "hi" }, scene.Bot.AccessToken);
        using var broken = new HttpRequestMessage(HttpMethod.Post, scene.InConversation("/messages")) { Content = new StringContent("{", null, "application/json") };
        broken.Headers.Add("Api-Access-Token", scene.Bot.AccessToken);
        using var malformed = await scene.Http.SendAsync(broken);
        scene.Account.Suspended = true;
        var suspended = await scene.ReplyAsync("hi");
        var throttled = await scene.ReplyAsync("hi");

        Assert.Equal((404, """{"error":"Resource could not be found"}"""), (unknownConversation.Status, unknownConversation.Text));
        Assert.Equal(404, unknownAccount.Status);
        Assert.Equal(400, (int)malformed.StatusCode);
        Assert.Equal((401, """{"error":"Account is suspended"}"""), (suspended.Status, suspended.Text));
        Assert.Equal((429, "Retry later\n"), (throttled.Status, throttled.Text));
        Assert.Null(throttled.Response.Headers.RetryAfter);
    }

    [Theory]
    [InlineData("POST", "/inboxes/{inbox}/set_agent_bot")]
    [InlineData("POST", "/agent_bots")]
    [InlineData("PATCH", "/agent_bots/{bot}")]
    [InlineData("DELETE", "/agent_bots/{bot}")]
    [InlineData("GET", "/webhooks")]
    public async Task Set_up_needs_an_administrator(string method, string path)
    {
        await using var scene = await Scene.StartAsync();
        var full = scene.InAccount(path.Replace("{inbox}", $"{scene.Inbox.Id}", StringComparison.Ordinal).Replace("{bot}", $"{scene.Bot.Id}", StringComparison.Ordinal));
        object? body = method == "GET" ? null : new { name = "n", agent_bot = scene.Bot.Id };

        var agent = await scene.SendAsync(new HttpMethod(method), full, body, scene.Agent.AccessToken);
        var administrator = await scene.SendAsync(new HttpMethod(method), full, body, scene.Admin.AccessToken);

        Assert.Equal((401, """{"error":"You are not authorized to do this action"}"""), (agent.Status, agent.Text));
        Assert.Equal(200, administrator.Status);
    }

    [Fact]
    public async Task Bearer_tokens_are_not_a_thing_here()
    {
        await using var scene = await (await Scene.StartAsync()).SaidAsync();

        var answer = await scene.SendAsync(HttpMethod.Post, scene.InConversation("/messages"), new { content = "hi" }, "Bearer " + scene.Bot.AccessToken, "Authorization");

        Assert.Equal((401, """{"errors":["You need to sign in or sign up before continuing."]}"""), (answer.Status, answer.Text));
    }
}
