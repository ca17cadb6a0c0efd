using System.Text.Json;

namespace IntentRouter.Playground.Tests;

/// <summary>The remaining calls of a bot token and their oddities.</summary>
public sealed class BotCallTests
{
    [Theory]
    [InlineData("open", "resolved", 200)]
    [InlineData("pending", "open", 200)]
    [InlineData("resolved", "open", 200)]
    public async Task Without_a_status_the_call_toggles_and_is_no_handoff(string from, string to, int status)
    {
        await using var scene = await (await Scene.StartAsync()).SaidAsync();
        scene.Conversation.SetStatus(Enum.Parse<ConversationStatus>(from, ignoreCase: true));

        var answer = await scene.PostAsync(scene.InConversation("/toggle_status"), new { }, scene.Bot.AccessToken);

        Assert.Equal(status, answer.Status);
        Assert.Equal(to, answer.Json.GetProperty("payload").GetProperty("current_status").GetString());
        Assert.Equal(0, scene.Conversation.Handoffs);
    }

    [Fact]
    public async Task An_unknown_status_or_priority_ends_in_500()
    {
        await using var scene = await (await Scene.StartAsync()).SaidAsync();

        var status = await scene.PostAsync(scene.InConversation("/toggle_status"), new { status = "closed" }, scene.Bot.AccessToken);
        var priority = await scene.PostAsync(scene.InConversation("/toggle_priority"), new { priority = "burning" }, scene.Bot.AccessToken);

        Assert.Equal((500, """{"status":500,"error":"Internal Server Error"}"""), (status.Status, status.Text));
        Assert.Equal(500, priority.Status);
    }

    [Fact]
    public async Task Opening_what_is_open_is_true_and_tells_nobody()
    {
        await using var scene = await (await Scene.StartAsync()).SaidAsync();
        scene.Conversation.SetStatus(ConversationStatus.Open);
        await scene.IdleAsync();
        var before = scene.Listener.All.Count;

        var answer = await scene.PostAsync(scene.InConversation("/toggle_status"), new { status = "open" }, scene.Bot.AccessToken);
        await scene.IdleAsync();

        Assert.True(answer.Json.GetProperty("payload").GetProperty("success").GetBoolean());
        Assert.Equal(before, scene.Listener.All.Count);
    }

    [Fact]
    public async Task Snoozing_carries_its_end()
    {
        await using var scene = await (await Scene.StartAsync()).SaidAsync();

        var answer = await scene.PostAsync(scene.InConversation("/toggle_status"), new { status = "snoozed", snoozed_until = 1757500000 }, scene.Bot.AccessToken);

        Assert.Equal(1757500000, answer.Json.GetProperty("payload").GetProperty("snoozed_until").GetInt64());
        Assert.Equal(DateTimeOffset.FromUnixTimeSeconds(1757500000), scene.Conversation.SnoozedUntil);
    }

    [Fact]
    public async Task An_agent_who_opens_becomes_the_assignee_and_an_administrator_does_not()
    {
        await using var scene = await (await Scene.StartAsync()).SaidAsync();

        await scene.PostAsync(scene.InConversation("/toggle_status"), new { status = "open" }, scene.Admin.AccessToken);
        Assert.Null(scene.Conversation.Assignee);
        scene.Conversation.SetStatus(ConversationStatus.Pending);
        await scene.PostAsync(scene.InConversation("/toggle_status"), new { status = "open" }, scene.Agent.AccessToken);

        Assert.Same(scene.Agent, scene.Conversation.Assignee);
    }

    [Fact]
    public async Task Custom_attributes_are_replaced_and_only_newest_versions_merge()
    {
        foreach (var (version, expected) in new[] { ("4.16.2", """{"b":2}"""), ("4.17.0", """{"b":2,"a":1}""") })
        {
            await using var scene = await (await Scene.StartAsync(version)).SaidAsync();
            await scene.PostAsync(scene.InConversation("/custom_attributes"), new { custom_attributes = new { a = 1 } }, scene.Bot.AccessToken);

            var answer = await scene.PostAsync(scene.InConversation("/custom_attributes"), new { custom_attributes = new { b = 2 }, merge = true }, scene.Bot.AccessToken);

            Assert.Equal($$"""{"custom_attributes":{{expected}}}""", answer.Text);
        }
    }

    [Theory]
    [InlineData("text", 1500, 200)]
    [InlineData("text", 1501, 422)]
    [InlineData("number", 9_999_999_999, 200)]
    [InlineData("number", 10_000_000_000, 422)]
    public async Task Custom_attributes_have_limits(string kind, long size, int status)
    {
        await using var scene = await (await Scene.StartAsync()).SaidAsync();
        object value = kind == "text" ? new string('x', (int)size) : size;

        var answer = await scene.PostAsync(scene.InConversation("/custom_attributes"), new { custom_attributes = new { value } }, scene.Bot.AccessToken);

        Assert.Equal(status, answer.Status);
        Assert.Equal(status == 422, answer.Json.TryGetProperty("attributes", out _));
    }

    [Fact]
    public async Task Assignment_takes_an_agent_first_then_a_team_and_unknown_ids_unassign()
    {
        await using var scene = await (await Scene.StartAsync()).SaidAsync();
        var team = scene.Account.AddTeam("Returns");
        var path = scene.InConversation("/assignments");

        var both = await scene.PostAsync(path, new { assignee_id = scene.Agent.Id, team_id = team.Id }, scene.Bot.AccessToken);
        var onlyTeam = await scene.PostAsync(path, new { team_id = team.Id }, scene.Bot.AccessToken);
        Assert.Same(scene.Agent, scene.Conversation.Assignee);
        var unknown = await scene.PostAsync(path, new { assignee_id = 999 }, scene.Bot.AccessToken);

        Assert.Equal(scene.Agent.Id, both.Json.GetProperty("id").GetInt64());
        Assert.Equal("Returns", onlyTeam.Json.GetProperty("name").GetString());
        Assert.Equal("null", unknown.Text);
        Assert.Null(scene.Conversation.Assignee);
        Assert.Same(team, scene.Conversation.Team);
    }

    [Theory]
    [InlineData("4.7.0", false)]
    [InlineData("4.8.0", true)]
    public async Task From_4_8_a_bot_may_be_assigned(string version, bool possible)
    {
        await using var scene = await (await Scene.StartAsync(version)).SaidAsync();

        await scene.PostAsync(scene.InConversation("/assignments"), new { assignee_type = "AgentBot", assignee_id = scene.Bot.Id }, scene.Bot.AccessToken);

        Assert.Equal(possible, scene.Conversation.AssigneeBot == scene.Bot);
    }

    [Fact]
    public async Task Priority_typing_and_labels_are_stored()
    {
        await using var scene = await (await Scene.StartAsync("4.16.2")).SaidAsync();

        await scene.PostAsync(scene.InConversation("/toggle_priority"), new { priority = "high" }, scene.Bot.AccessToken);
        await scene.PostAsync(scene.InConversation("/toggle_typing_status"), new { typing_status = "on" }, scene.Bot.AccessToken);
        var labels = await scene.PostAsync(scene.InConversation("/labels"), new { labels = new[] { "order-status" } }, scene.Bot.AccessToken);
        var read = await scene.GetAsync(scene.InConversation(""), scene.Bot.AccessToken);

        Assert.Equal("high", scene.Conversation.Priority);
        Assert.True(scene.Conversation.Typing);
        Assert.Equal("""{"payload":["order-status"]}""", labels.Text);
        Assert.Equal("order-status", read.Json.GetProperty("labels")[0].GetString());
        Assert.Equal("high", read.Json.GetProperty("priority").GetString());
    }

    [Fact]
    public async Task A_bot_may_start_a_conversation_which_is_then_pending()
    {
        await using var scene = await Scene.StartAsync();
        scene.Customer.OpenWidget();

        var answer = await scene.PostAsync(
            scene.InAccount("/conversations"), new { source_id = scene.Customer.SourceId, status = "open", message = new { content = "Welcome" } }, scene.Bot.AccessToken);
        await scene.IdleAsync();

        Assert.Equal("pending", answer.Json.GetProperty("status").GetString());
        Assert.Equal(scene.Conversation.Id, answer.Json.GetProperty("id").GetInt64());
        Assert.Equal("bot Order helper: Welcome\n", scene.Conversation.Transcript);
        Assert.Equal("Welcome", Assert.Single(scene.Chat.Ledger.PublicIn(scene.Conversation)).Content);
        var unknown = await scene.PostAsync(scene.InAccount("/conversations"), new { source_id = "nobody" }, scene.Bot.AccessToken);
        Assert.Equal(404, unknown.Status);
    }

    [Fact]
    public async Task The_version_is_told_without_a_token()
    {
        await using var scene = await Scene.StartAsync("4.16.2");

        var answer = await scene.GetAsync("/api", token: null);

        Assert.Equal("""{"version":"4.16.2","timestamp":"2025-09-10 08:15:30","queue_services":"ok","data_services":"ok"}""", answer.Text);
    }

    [Fact]
    public async Task An_unknown_path_is_a_plain_404()
    {
        await using var scene = await Scene.StartAsync();

        Assert.Equal(404, (await scene.GetAsync("/api/v1/accounts/3/nonsense", scene.Admin.AccessToken)).Status);
        Assert.Equal(404, (await scene.PostAsync(scene.InAccount($"/agent_bots/{scene.Bot.Id}/reset_access_token"), new { }, scene.Admin.AccessToken)).Status);
    }

    [Fact]
    public async Task Deleting_a_message_is_a_change_of_it()
    {
        await using var scene = await (await Scene.StartAsync()).SaidAsync();

        await scene.SendAsync(HttpMethod.Delete, scene.InConversation($"/messages/{scene.Conversation.Messages[0].Id}"), null, scene.Admin.AccessToken);
        await scene.IdleAsync();

        var updated = scene.Listener.All[^1].Json;
        Assert.True(updated.GetProperty("content_attributes").GetProperty("deleted").GetBoolean());
        Assert.Equal(JsonValueKind.String, updated.GetProperty("content").ValueKind);
    }
}
