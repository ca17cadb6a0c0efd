namespace IntentRouter.Playground.Tests;

/// <summary>Calls that need a user's token: the sweep, lookups and provisioning stand on them.</summary>
public sealed class DeskCallTests
{
    [Fact]
    public async Task Conversations_are_listed_by_status_inbox_and_page()
    {
        await using var scene = await Scene.StartAsync();
        for (var i = 0; i < 27; i++)
        {
            scene.Inbox.AddCustomer($"visitor {i}").Say("hi");
        }

        var elsewhere = scene.Account.AddInbox("Elsewhere").AddCustomer();
        elsewhere.Say("hi");

        Assert.Equal(25, await CountAsync(scene, "?status=pending"));
        Assert.Equal(2, await CountAsync(scene, "?status=pending&page=2"));
        Assert.Equal(0, await CountAsync(scene, "?status=pending&page=3"));
        Assert.Equal(1, await CountAsync(scene, ""));
        Assert.Equal(25, await CountAsync(scene, "?status=all"));
        Assert.Equal(1, await CountAsync(scene, $"?status=all&inbox_id={elsewhere.Inbox.Id}"));
        Assert.Equal(0, await CountAsync(scene, "?status=all&assignee_type=me"));
        var answer = await scene.GetAsync(scene.InAccount("/conversations?status=pending"), scene.Admin.AccessToken);
        Assert.Equal(27, answer.Json.GetProperty("data").GetProperty("meta").GetProperty("all_count").GetInt32());
    }

    [Fact]
    public async Task Messages_are_listed_twenty_at_a_time_backwards_or_forwards_from_an_id()
    {
        await using var scene = await Scene.StartAsync();
        var messages = scene.Customer.Burst([.. Enumerable.Range(0, 30).Select(i => $"m{i}")]);

        Assert.Equal(Enumerable.Range(10, 20).Select(i => $"m{i}"), await ContentsAsync(scene, ""));
        Assert.Equal(Enumerable.Range(0, 10).Select(i => $"m{i}"), await ContentsAsync(scene, $"?before={messages[10].Id}"));
        Assert.Equal(["m28", "m29"], await ContentsAsync(scene, $"?after={messages[27].Id}"));
    }

    [Fact]
    public async Task Contacts_can_be_searched_read_and_changed()
    {
        await using var scene = await Scene.StartAsync();
        var priya = scene.Inbox.AddCustomer("Priya", "priya@example.com").Contact;

        var found = await scene.GetAsync(scene.InAccount("/contacts/search?q=priya@"), scene.Agent.AccessToken);
        var changed = await scene.SendAsync(
            HttpMethod.Put, scene.InAccount($"/contacts/{priya.Id}"), new { custom_attributes = new { tier = "gold" }, blocked = true }, scene.Agent.AccessToken);
        var unknown = await scene.GetAsync(scene.InAccount("/contacts/1"), scene.Agent.AccessToken);

        Assert.Equal(priya.Id, found.Json.GetProperty("payload")[0].GetProperty("id").GetInt64());
        Assert.Equal("gold", changed.Json.GetProperty("payload").GetProperty("custom_attributes").GetProperty("tier").GetString());
        Assert.True(priya.Blocked);
        Assert.Equal(404, unknown.Status);
    }

    [Fact]
    public async Task Orders_and_bookings_are_OneHash_calls()
    {
        await using var scene = await Scene.StartAsync();
        var contact = scene.Customer.Contact;
        var path = scene.InAccount($"/contacts/{contact.Id}");
        Assert.Equal("""{"orders":[]}""", (await scene.GetAsync(path + "/orders", scene.Admin.AccessToken)).Text);
        contact.AddOrder(new PlaygroundOrder { Id = 10427, FulfillmentStatus = "fulfilled" });
        contact.AddBooking(new PlaygroundBooking { Id = 1, StartsAt = Scene.Start.AddDays(1), Host = scene.Admin });

        var orders = (await scene.GetAsync(path + "/orders", scene.Admin.AccessToken)).Json;
        Assert.Equal("#10427", orders.GetProperty("orders")[0].GetProperty("name").GetString());
        Assert.Equal(1, (await scene.GetAsync(path + "/bookings", scene.Admin.AccessToken)).Json.GetArrayLength());
        Assert.Equal(0, (await scene.GetAsync(path + "/bookings", scene.Agent.AccessToken)).Json.GetArrayLength());
        Assert.Equal(401, (await scene.GetAsync(path + "/orders", scene.Bot.AccessToken)).Status);
        scene.Account.ShopifyConnected = false;
        Assert.Equal(404, (await scene.GetAsync(path + "/orders", scene.Admin.AccessToken)).Status);
    }

    [Fact]
    public async Task Upstream_has_no_orders_call()
    {
        await using var scene = await Scene.StartAsync("4.16.2");

        Assert.Equal(404, (await scene.GetAsync(scene.InAccount($"/contacts/{scene.Customer.Contact.Id}/orders"), scene.Admin.AccessToken)).Status);
    }

    [Fact]
    public async Task A_bot_is_made_connected_replaced_and_deleted()
    {
        await using var scene = await Scene.StartAsync();
        var connection = scene.InAccount($"/inboxes/{scene.Inbox.Id}/agent_bot");
        var connect = scene.InAccount($"/inboxes/{scene.Inbox.Id}/set_agent_bot");

        var created = await scene.PostAsync(scene.InAccount("/agent_bots"), new { name = "Router", outgoing_url = scene.Listener.Url, bot_type = "webhook" }, scene.Admin.AccessToken);
        var id = created.Json.GetProperty("id").GetInt64();
        var connected = await scene.PostAsync(connect, new { agent_bot = id }, scene.Admin.AccessToken);
        Assert.Equal((200, ""), (connected.Status, connected.Text));
        Assert.Equal(id, (await scene.GetAsync(connection, scene.Agent.AccessToken)).Json.GetProperty("agent_bot").GetProperty("id").GetInt64());

        await scene.PostAsync(connect, new { agent_bot = (long?)null }, scene.Admin.AccessToken);
        Assert.Equal("{}", (await scene.GetAsync(connection, scene.Agent.AccessToken)).Text);
        Assert.Equal(404, (await scene.PostAsync(connect, new { agent_bot = 999 }, scene.Admin.AccessToken)).Status);

        var token = created.Json.GetProperty("access_token").GetString();
        await scene.SaidAsync();
        await scene.SendAsync(HttpMethod.Delete, scene.InAccount($"/agent_bots/{id}"), null, scene.Admin.AccessToken);
        Assert.Equal(401, (await scene.PostAsync(scene.InConversation("/messages"), new { content = "hi" }, token)).Status);
    }

    [Theory]
    [InlineData("4.2.0", "agent", true, false)]
    [InlineData("4.13.0", "agent", true, false)]
    [InlineData("4.13.0", "administrator", true, true)]
    [InlineData("4.16.0", "agent", false, false)]
    [InlineData("4.16.0", "administrator", true, true)]
    public async Task What_is_shown_of_a_bot_depends_on_who_asks_and_when(string version, string role, bool token, bool secret)
    {
        await using var scene = await Scene.StartAsync(version);
        var global = scene.Chat.AddGlobalBot("Global", scene.Listener.Url);

        var list = (await scene.GetAsync(scene.InAccount("/agent_bots"), role == "agent" ? scene.Agent.AccessToken : scene.Admin.AccessToken)).Json.EnumerateArray().ToArray();

        var own = list.Single(b => b.GetProperty("id").GetInt64() == scene.Bot.Id);
        Assert.Equal((token, secret, false), (own.TryGetProperty("access_token", out _), own.TryGetProperty("secret", out _), own.GetProperty("system_bot").GetBoolean()));
        var foreign = list.Single(b => b.GetProperty("id").GetInt64() == global.Id);
        Assert.True(foreign.GetProperty("system_bot").GetBoolean());
        Assert.False(foreign.TryGetProperty("access_token", out _) || foreign.TryGetProperty("outgoing_url", out _) || foreign.TryGetProperty("secret", out _));
    }

    [Theory]
    [InlineData("4.2.0", 200)]
    [InlineData("4.14.0", 404)]
    public async Task Connecting_another_accounts_bot_is_refused_from_4_14(string version, int status)
    {
        await using var scene = await Scene.StartAsync(version);
        var foreign = scene.Chat.AddAccount("Elsewhere").AddBot("Foreign", null);

        Assert.Equal(status, (await scene.PostAsync(scene.InAccount($"/inboxes/{scene.Inbox.Id}/set_agent_bot"), new { agent_bot = foreign.Id }, scene.Admin.AccessToken)).Status);
    }

    [Theory]
    [InlineData("4.2.0", 404, 404)]
    [InlineData("4.3.0", 200, 404)]
    [InlineData("4.13.0", 200, 200)]
    public async Task Tokens_and_secrets_can_be_reset_as_the_version_has_it(string version, int token, int secret)
    {
        await using var scene = await Scene.StartAsync(version);
        var (oldToken, oldSecret) = (scene.Bot.AccessToken, scene.Bot.Secret);
        var path = scene.InAccount($"/agent_bots/{scene.Bot.Id}");

        Assert.Equal(token, (await scene.PostAsync(path + "/reset_access_token", new { }, scene.Admin.AccessToken)).Status);
        Assert.Equal(secret, (await scene.PostAsync(path + "/reset_secret", new { }, scene.Admin.AccessToken)).Status);
        Assert.Equal((token == 200, secret == 200), (oldToken != scene.Bot.AccessToken, oldSecret != scene.Bot.Secret));
        await scene.SaidAsync();
        Assert.Equal(token == 200 ? 401 : 200, (await scene.PostAsync(scene.InConversation("/messages"), new { content = "hi" }, oldToken)).Status);
    }

    [Fact]
    public async Task A_profile_names_the_users_accounts_and_roles()
    {
        await using var scene = await Scene.StartAsync();

        var profile = (await scene.GetAsync("/api/v1/profile", scene.Agent.AccessToken)).Json;

        Assert.Equal(scene.Agent.AccessToken, profile.GetProperty("access_token").GetString());
        Assert.Equal("agent", profile.GetProperty("accounts")[0].GetProperty("role").GetString());
        Assert.Equal(401, (await scene.GetAsync("/api/v1/profile", scene.Bot.AccessToken)).Status);
    }

    private static async Task<int> CountAsync(Scene scene, string query) =>
        (await scene.GetAsync(scene.InAccount("/conversations" + query), scene.Admin.AccessToken)).Json.GetProperty("data").GetProperty("payload").GetArrayLength();

    private static async Task<IEnumerable<string?>> ContentsAsync(Scene scene, string query) =>
        (await scene.GetAsync(scene.InConversation("/messages" + query), scene.Agent.AccessToken)).Json.GetProperty("payload").EnumerateArray()
            .Select(m => m.GetProperty("content").GetString());
}
