namespace IntentRouter.Playground.Tests;

/// <summary>The platform API with its traps (contract 6.3).</summary>
public sealed class PlatformCallTests
{
    [Theory]
    [InlineData("4.2.0", "Router")]
    [InlineData("4.12.0", "http://127.0.0.1:1/bots/shop/key")]
    public async Task The_answered_address_of_a_bot_is_its_name_before_4_12(string version, string answered)
    {
        await using var scene = await Scene.StartAsync(version);
        var token = scene.Chat.AddPlatformApp("Provisioning").AccessToken;

        var created = await scene.PostAsync("/platform/api/v1/agent_bots", new { name = "Router", outgoing_url = "http://127.0.0.1:1/bots/shop/key" }, token);

        Assert.Equal(answered, created.Json.GetProperty("outgoing_url").GetString());
        var bot = scene.Chat.Bots[^1];
        Assert.Equal(("http://127.0.0.1:1/bots/shop/key", true), (bot.OutgoingUrl, bot.IsGlobal));
        Assert.Equal(bot.AccessToken, created.Json.GetProperty("access_token").GetString());
    }

    [Fact]
    public async Task An_app_sees_only_what_it_made_or_was_granted()
    {
        await using var scene = await Scene.StartAsync();
        var app = scene.Chat.AddPlatformApp("Provisioning");
        var path = $"/platform/api/v1/agent_bots/{scene.Bot.Id}";

        var foreign = await scene.GetAsync(path, app.AccessToken);
        scene.Chat.Grant(app, scene.Bot);
        var granted = await scene.GetAsync(path, app.AccessToken);

        Assert.Equal((401, """{"error":"Non permissible resource"}"""), (foreign.Status, foreign.Text));
        Assert.Equal(200, granted.Status);
        Assert.Equal(scene.Bot.Id, (await scene.GetAsync("/platform/api/v1/agent_bots", app.AccessToken)).Json[0].GetProperty("id").GetInt64());
    }

    [Theory]
    [InlineData("4.2.0", 500)]
    [InlineData("4.14.0", 200)]
    public async Task The_list_dies_of_a_bot_deleted_elsewhere_before_4_14(string version, int status)
    {
        await using var scene = await Scene.StartAsync(version);
        var app = scene.Chat.AddPlatformApp("Provisioning");
        scene.Chat.Grant(app, scene.Bot);
        await scene.SendAsync(HttpMethod.Delete, scene.InAccount($"/agent_bots/{scene.Bot.Id}"), null, scene.Admin.AccessToken);

        Assert.Equal(status, (await scene.GetAsync("/platform/api/v1/agent_bots", app.AccessToken)).Status);
    }

    [Fact]
    public async Task Only_platform_tokens_are_valid_here()
    {
        await using var scene = await Scene.StartAsync();
        foreach (var token in (string?[])[null, "wrong", scene.Admin.AccessToken, scene.Bot.AccessToken])
        {
            var answer = await scene.GetAsync("/platform/api/v1/agent_bots", token);
            Assert.Equal((401, """{"error":"Invalid access_token"}"""), (answer.Status, answer.Text));
        }
    }

    [Fact]
    public async Task A_service_user_is_made_joined_to_an_account_and_can_call()
    {
        await using var scene = await Scene.StartAsync();
        var app = scene.Chat.AddPlatformApp("Provisioning");
        var user = (await scene.PostAsync("/platform/api/v1/users", new { name = "Router service", email = "router@example.com" }, app.AccessToken)).Json;
        var membership = new { user_id = user.GetProperty("id").GetInt64(), role = "administrator" };

        var refused = await scene.PostAsync($"/platform/api/v1/accounts/{scene.Account.Id}/account_users", membership, app.AccessToken);
        scene.Chat.Grant(app, scene.Account);
        var joined = await scene.PostAsync($"/platform/api/v1/accounts/{scene.Account.Id}/account_users", membership, app.AccessToken);

        Assert.Equal((401, 200), (refused.Status, joined.Status));
        var token = user.GetProperty("access_token").GetString();
        Assert.Equal(200, (await scene.PostAsync(scene.InAccount("/agent_bots"), new { name = "Made by service" }, token)).Status);
        Assert.Equal(404, (await scene.PostAsync($"/platform/api/v1/users/{membership.user_id}/token", new { }, app.AccessToken)).Status);
    }

    [Fact]
    public async Task A_platform_token_cannot_connect_a_bot()
    {
        await using var scene = await Scene.StartAsync();
        var app = scene.Chat.AddPlatformApp("Provisioning");

        var answer = await scene.PostAsync(scene.InAccount($"/inboxes/{scene.Inbox.Id}/set_agent_bot"), new { agent_bot = scene.Bot.Id }, app.AccessToken);

        Assert.Equal(401, answer.Status);
    }
}
