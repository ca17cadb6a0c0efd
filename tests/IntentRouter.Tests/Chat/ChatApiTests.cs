using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.Json.Nodes;
using IntentRouter.Chat;
using IntentRouter.Configuration;
using IntentRouter.Conversations;
using IntentRouter.Playground;
using IntentRouter.Turns;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;

namespace IntentRouter.Tests.Chat;

public sealed class ChatApiTests
{
    [Theory]
    [InlineData("4.2.0")]
    [InlineData("4.16.2")]
    public async Task A_message_arrives_with_its_items_and_our_marker(string version)
    {
        await using var scene = await ChatScene.StartAsync(version);
        var items = new JsonObject { ["items"] = new JsonArray(new JsonObject { ["title"] = "Track an order", ["value"] = "intent:order_status" }) };

        var result = await scene.SendAsync(new SendMessage("What can I look up?", "input_select", items));

        var reply = Assert.Single(scene.Conversation.BotReplies);
        Assert.Equal(new SendResult.Done(reply.Id, MarkerKept: true), result);
        Assert.Equal("What can I look up?", reply.Content);
        Assert.Equal(
            """{"items":[{"title":"Track an order","value":"intent:order_status"}],"intent_router":{"k":"3:message_created:90211:0"}}""",
            JsonSerializer.Serialize(reply.ContentAttributes));
        Assert.True((await scene.Capabilities.ReadAsync(scene.Installation, CancellationToken.None)).MarkerKept);
    }

    [Fact]
    public async Task A_server_that_drops_the_marker_is_noticed_and_remembered()
    {
        await using var scene = await ChatScene.StartAsync(
            options: (version, clock) => new PlaygroundOptions { Version = version, Clock = clock, StoresAllContentAttributes = false });

        var result = await scene.SendAsync(new SendMessage("Hello"));

        Assert.False(Assert.IsType<SendResult.Done>(result).MarkerKept);
        Assert.Contains("\"marker_kept\":false", scene.Values["capabilities", scene.Installation], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_private_note_is_private()
    {
        await using var scene = await ChatScene.StartAsync();

        Assert.IsType<SendResult.Done>(await scene.SendAsync(new SendPrivateNote("Handed over: asked.")));

        Assert.Empty(scene.Conversation.BotReplies);
        Assert.Equal("Handed over: asked.", Assert.Single(scene.Conversation.Notes).Content);
    }

    [Fact]
    public async Task A_handoff_by_the_bots_own_token_counts_as_one_on_the_platform()
    {
        await using var scene = await ChatScene.StartAsync();

        Assert.Equal(new SendResult.Done(Status: "open"), await scene.SendAsync(new SetStatus("open")));
        Assert.Equal(new SendResult.Done(Status: "open"), await scene.SendAsync(new SetStatus("open")));

        Assert.Equal(ConversationStatus.Open, scene.Conversation.Status);
        Assert.Equal(1, scene.Conversation.Handoffs);
    }

    [Fact]
    public async Task Priority_and_team_and_agent_are_set()
    {
        await using var scene = await ChatScene.StartAsync();
        var team = scene.Account.AddTeam("Returns");

        Assert.IsType<SendResult.Done>(await scene.SendAsync(new SetPriority("high")));
        Assert.IsType<SendResult.Done>(await scene.SendAsync(new Assign(scene.Admin.Id, team.Id)));

        Assert.Equal("high", scene.Conversation.Priority);
        Assert.Equal(team, scene.Conversation.Team);
        Assert.Equal(scene.Admin, scene.Conversation.Assignee);
    }

    [Theory]
    [InlineData("4.2.0")]
    [InlineData("4.17.0")]
    public async Task Attributes_of_others_survive_ours(string version)
    {
        await using var scene = await ChatScene.StartAsync(version);
        await scene.Capabilities.SeeVersionAsync(scene.Installation, version);
        scene.Conversation.SetCustomAttributes(new { plan = "gold", last_intent = "old", nested = new { a = 1 } });
        var facts = new ConversationFacts { CustomAttributes = Attributes(scene.Conversation.CustomAttributes) };

        var result = await scene.SendAsync(new SetAttributes(new JsonObject { ["last_intent"] = "order_status" }), facts: facts);

        Assert.IsType<SendResult.Done>(result);
        Assert.Equal("gold", scene.Conversation.CustomAttributes.GetProperty("plan").GetString());
        Assert.Equal("order_status", scene.Conversation.CustomAttributes.GetProperty("last_intent").GetString());
        Assert.Equal(1, scene.Conversation.CustomAttributes.GetProperty("nested").GetProperty("a").GetInt32());
    }

    [Fact]
    public async Task Where_the_chat_merges_itself_a_change_that_we_have_not_seen_survives()
    {
        await using var scene = await ChatScene.StartAsync("4.17.0");
        await scene.Capabilities.SeeVersionAsync(scene.Installation, "4.17.0");
        scene.Conversation.SetCustomAttributes(new { added_a_moment_ago = true });

        await scene.SendAsync(new SetAttributes(new JsonObject { ["last_intent"] = "order_status" }));

        Assert.True(scene.Conversation.CustomAttributes.GetProperty("added_a_moment_ago").GetBoolean());
    }

    [Theory]
    [InlineData("4.16.2", false)]
    [InlineData("4.2.0", true)]
    public async Task Where_the_conversation_can_be_read_a_change_that_we_have_not_seen_survives(string version, bool byAdministrator)
    {
        await using var scene = await ChatScene.StartAsync(version);
        scene.Options.AdminToken = byAdministrator ? scene.Admin.AccessToken : null;
        scene.Conversation.SetCustomAttributes(new { added_a_moment_ago = true });

        await scene.SendAsync(new SetAttributes(new JsonObject { ["last_intent"] = "order_status" }));

        Assert.True(scene.Conversation.CustomAttributes.GetProperty("added_a_moment_ago").GetBoolean());
        Assert.Equal("order_status", scene.Conversation.CustomAttributes.GetProperty("last_intent").GetString());
    }

    [Fact]
    public async Task Attributes_that_the_chat_would_refuse_are_made_to_fit()
    {
        await using var scene = await ChatScene.StartAsync();
        var attributes = new JsonObject { ["summary"] = new string('x', 2_000), ["card"] = 12_345_678_901, ["ok"] = 9_999_999_999 };

        Assert.IsType<SendResult.Done>(await scene.SendAsync(new SetAttributes(attributes)));

        var stored = scene.Conversation.CustomAttributes;
        Assert.Equal(1_500, stored.GetProperty("summary").GetString()!.Length);
        Assert.Equal("12345678901", stored.GetProperty("card").GetString());
        Assert.Equal(9_999_999_999, stored.GetProperty("ok").GetInt64());
        Assert.Contains(scene.Logs.GetSnapshot(), r => r.Message.StartsWith("summary was cut", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_text_that_is_too_long_or_cannot_be_stored_is_made_to_fit()
    {
        await using var scene = await ChatScene.StartAsync();

        await scene.SendAsync(new SendMessage(new string('a', 149_998) + "\U0001F600b\0" + "\ud800"));

        var content = Assert.Single(scene.Conversation.BotReplies).Content!;
        Assert.True(content.Length <= 150_000);
        Assert.EndsWith("a…", content, StringComparison.Ordinal);

        await scene.SendAsync(new SendMessage("a\0b\ud800c"), "second");
        Assert.Equal("ab\ufffdc", scene.Conversation.BotReplies[^1].Content);
    }

    [Fact]
    public async Task An_empty_message_never_leaves()
    {
        await using var scene = await ChatScene.StartAsync();

        Assert.Equal(ChatRefusal.Invalid, Assert.IsType<SendResult.Refused>(await scene.SendAsync(new SendMessage(" \0 "))).Kind);

        Assert.Empty(scene.Server.Chat.Ledger.Entries);
    }

    [Fact]
    public async Task The_bot_can_speak_first()
    {
        await using var scene = await ChatScene.StartAsync();
        var visitor = scene.Inbox.AddCustomer("first-visit");

        var result = await scene.SendAsync(new CreateConversation(visitor.SourceId, scene.Inbox.Id, "Hello, how can I help?"));

        var made = scene.Account.Conversations.Single(c => c.Customer == visitor);
        Assert.Equal(new SendResult.Done(made.Id), result);
        Assert.Equal(ConversationStatus.Pending, made.Status);
        Assert.Equal("Hello, how can I help?", Assert.Single(made.BotReplies).Content);
    }

    [Fact]
    public async Task Labels_are_added_where_a_bot_may()
    {
        await using var scene = await ChatScene.StartAsync("4.16.2");
        scene.Conversation.SetLabels("vip");

        Assert.IsType<SendResult.Done>(await scene.SendAsync(new AddLabels(["order-status", "vip"])));

        Assert.Equal(["vip", "order-status"], scene.Conversation.Labels);
    }

    [Fact]
    public async Task Labels_are_skipped_where_a_bot_may_not_and_that_is_remembered()
    {
        await using var scene = await ChatScene.StartAsync();

        Assert.Equal(new SendResult.Skipped("labels"), await scene.SendAsync(new AddLabels(["order-status"])));
        Assert.Equal(new SendResult.Skipped("labels"), await scene.SendAsync(new AddLabels(["order-status"])));

        Assert.False((await scene.Capabilities.ReadAsync(scene.Installation, CancellationToken.None)).Labels);
        Assert.DoesNotContain(scene.Logs.GetSnapshot(), r => r.Level >= Microsoft.Extensions.Logging.LogLevel.Warning);
    }

    [Fact]
    public async Task Labels_are_added_by_the_administrators_token_where_a_bot_may_not()
    {
        await using var scene = await ChatScene.StartAsync();
        scene.Options.AdminToken = scene.Admin.AccessToken;

        Assert.IsType<SendResult.Done>(await scene.SendAsync(new AddLabels(["order-status"])));

        Assert.Equal(["order-status"], scene.Conversation.Labels);
        Assert.False((await scene.Capabilities.ReadAsync(scene.Installation, CancellationToken.None)).Labels);
    }

    [Theory]
    [InlineData("4.2.0", false)]
    [InlineData("4.16.2", true)]
    public async Task Typing_is_shown_where_a_bot_may(string version, bool may)
    {
        await using var scene = await ChatScene.StartAsync(version);

        var result = await scene.Api.ShowTypingAsync(scene.Bot, scene.Where, typing: true, CancellationToken.None);

        Assert.Equal(may ? new SendResult.Done() : new SendResult.Skipped("typing"), result);
        Assert.Equal(may ? true : null, scene.Conversation.Typing);
        Assert.Equal(may, (await scene.Capabilities.ReadAsync(scene.Installation, CancellationToken.None)).Typing);
    }

    [Fact]
    public async Task Another_version_forgets_what_was_learned_from_the_old_one()
    {
        await using var scene = await ChatScene.StartAsync();
        await scene.Capabilities.SeeVersionAsync(scene.Installation, "4.2.0");
        await scene.SendAsync(new AddLabels(["order-status"]));

        await scene.Capabilities.SeeVersionAsync(scene.Installation, "4.16.2");

        Assert.Equal(ChatAbilities.Of("4.16.2"), await scene.Capabilities.ReadAsync(scene.Installation, CancellationToken.None));
    }

    [Fact]
    public async Task A_store_that_is_down_does_not_turn_a_sent_message_into_a_failure()
    {
        await using var scene = await ChatScene.StartAsync();
        scene.Values.Down = true;

        Assert.IsType<SendResult.Done>(await scene.SendAsync(new SendMessage("Hello")));
    }

    [Theory]
    [InlineData("unknown-token", "UnknownToken")]
    [InlineData("super-admin", "NotForBots")]
    [InlineData("not-connected", "NotConnected")]
    [InlineData("suspended", "AccountSuspended")]
    [InlineData("api-off", "ApiDisabled")]
    [InlineData("gone", "NotFound")]
    [InlineData("bad-items", "Invalid")]
    public async Task Every_refusal_is_told_apart(string what, string kind)
    {
        await using var scene = await ChatScene.StartAsync(what == "api-off" ? "4.16.2" : "4.2.0");
        Effect effect = new SendMessage("Hello");
        var where = scene.Where;
        switch (what)
        {
            case "unknown-token":
                scene.Bot = ChatScene.BotOf(new BotOptions { AccessToken = "not-a-token" });
                break;
            case "super-admin":
                scene.Bot = ChatScene.BotOf(new BotOptions { AccessToken = scene.Server.Chat.AddSuperAdminToken() });
                break;
            case "not-connected":
                scene.Inbox.Disconnect();
                break;
            case "suspended":
                scene.Account.Suspended = true;
                break;
            case "api-off":
                scene.Account.ApiEnabled = false;
                break;
            case "gone":
                where = where with { DisplayId = 1 };
                break;
            case "bad-items":
                effect = new SendMessage("Choose", "input_select", new JsonObject { ["items"] = new JsonArray(new JsonObject { ["colour"] = "x" }) });
                break;
        }

        var result = await scene.Api.SendAsync(scene.Bot, where, ChatScene.Key, effect, new ConversationFacts(), CancellationToken.None);

        Assert.Equal(kind, Assert.IsType<SendResult.Refused>(result).Kind.ToString());
        Assert.Empty(scene.Conversation.BotReplies);
        Assert.Contains(scene.Logs.GetSnapshot(), r => r.Message.Contains(kind, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(401, """{"errors":["You need to sign in or sign up before continuing."]}""", "HeaderLost")]
    [InlineData(401, """{"error":"You are not authorized to do this action"}""", "RoleTooLow")]
    [InlineData(401, """{"error":"Bot is not authorized to access this account"}""", "NotConnected")]
    [InlineData(401, "<html>login</html>", "Unauthorized")]
    [InlineData(403, "<html>blocked</html>", "Unexpected")]
    [InlineData(302, "", "Redirected")]
    [InlineData(413, "", "Invalid")]
    [InlineData(418, "", "Unexpected")]
    public async Task Other_refusals_are_told_apart_by_status_and_words(int status, string body, string kind)
    {
        await using var scene = await ChatScene.StartAsync();
        scene.Faults.Add(PlaygroundEndpoint.CreateMessage, PlaygroundFault.Status(status, body));

        Assert.Equal(kind, Assert.IsType<SendResult.Refused>(await scene.SendAsync(new SendMessage("Hello"))).Kind.ToString());
    }

    [Fact]
    public async Task What_certainly_was_not_applied_may_be_tried_again()
    {
        await using var scene = await ChatScene.StartAsync();
        scene.Faults.Add(PlaygroundEndpoint.CreateMessage, PlaygroundFault.Status(429, retryAfter: TimeSpan.FromSeconds(7)));
        scene.Faults.Add(PlaygroundEndpoint.CreateMessage, PlaygroundFault.Status(429, retryAfter: TimeSpan.FromDays(1)));
        scene.Faults.Add(PlaygroundEndpoint.CreateMessage, PlaygroundFault.Status(422, """{"error":"Validation failed: Too many messages"}"""));

        Assert.Equal(new SendResult.NotApplied("rate-limited", TimeSpan.FromSeconds(7)), await scene.SendAsync(new SendMessage("Hello")));
        // Whoever asks for a day is asked again sooner: a customer waits.
        Assert.Equal(new SendResult.NotApplied("rate-limited", TimeSpan.FromMinutes(5)), await scene.SendAsync(new SendMessage("Hello")));
        Assert.Equal(new SendResult.NotApplied("conversation-limit", TimeSpan.FromMinutes(1)), await scene.SendAsync(new SendMessage("Hello")));
    }

    [Fact]
    public async Task A_chat_that_is_not_there_is_certain_not_to_have_applied_anything()
    {
        await using var scene = await ChatScene.StartAsync();
        using var closed = ClosedPort();
        scene.Options.BaseUrl = $"http://{closed.LocalEndPoint}";
        Assert.Equal(new SendResult.NotApplied("not-connected", Outage: true), await scene.SendAsync(new SendMessage("Hello")));

        scene.Options.BaseUrl = "http://no-such-host.invalid";
        Assert.IsType<SendResult.NotApplied>(await scene.SendAsync(new SendMessage("Hello")));

        scene.Options.BaseUrl = scene.Server.BaseUrl.ToString().Replace("http://", "https://", StringComparison.Ordinal);
        Assert.Equal(new SendResult.NotApplied("tls-failed", Outage: true), await scene.SendAsync(new SendMessage("Hello")));
    }

    [Theory]
    [InlineData("500-before", false)]
    [InlineData("500-after", true)]
    [InlineData("502", false)]
    [InlineData("408", false)]
    [InlineData("reset-before", false)]
    [InlineData("reset-after", true)]
    public async Task What_may_or_may_not_have_been_applied_is_in_doubt(string what, bool applied)
    {
        await using var scene = await ChatScene.StartAsync();
        scene.Faults.Add(PlaygroundEndpoint.CreateMessage, what switch
        {
            "500-before" => PlaygroundFault.Status(500),
            "500-after" => PlaygroundFault.StatusAfterEffect(),
            "502" => PlaygroundFault.Status(502),
            "408" => PlaygroundFault.Status(408),
            "reset-before" => PlaygroundFault.Reset(),
            _ => PlaygroundFault.ResetAfterEffect(),
        });

        Assert.IsType<SendResult.InDoubt>(await scene.SendAsync(new SendMessage("Hello")));

        Assert.Equal(applied ? 1 : 0, scene.Conversation.BotReplies.Count);
    }

    [Fact]
    public async Task No_answer_within_the_time_limit_is_in_doubt()
    {
        await using var scene = await ChatScene.StartAsync();
        var arrived = scene.NextMessageHangs();
        var sending = scene.SendAsync(new SendMessage("Hello"));
        await arrived;
        scene.Clock.Advance(scene.Options.Timeout);

        Assert.Equal(new SendResult.InDoubt("timed-out", Outage: true), await sending);
    }

    [Fact]
    public async Task A_success_without_a_body_is_still_a_success()
    {
        await using var scene = await ChatScene.StartAsync();
        scene.Faults.Add(PlaygroundEndpoint.CreateMessage, PlaygroundFault.Status(200, ""));

        Assert.Equal(new SendResult.Done(), await scene.SendAsync(new SendMessage("Hello")));
    }

    [Fact]
    public async Task A_page_in_place_of_the_chats_answer_is_no_success()
    {
        await using var scene = await ChatScene.StartAsync();
        scene.Faults.Add(PlaygroundEndpoint.CreateMessage, PlaygroundFault.Status(200, "<html>Down for maintenance</html>"));
        scene.Faults.Add(PlaygroundEndpoint.ToggleStatus, PlaygroundFault.Status(200, "<html>Down for maintenance</html>"));

        Assert.IsType<SendResult.InDoubt>(await scene.SendAsync(new SendMessage("Hello")));
        Assert.IsType<SendResult.InDoubt>(await scene.SendAsync(new SetStatus("open")));
        Assert.Equal(ConversationStatus.Pending, scene.Conversation.Status);
    }

    [Fact]
    public async Task A_permit_that_ran_out_while_waiting_begins_nothing()
    {
        await using var scene = await ChatScene.StartAsync(configure: o => o.MaxConnections = 1);
        var arrived = scene.NextMessageHangs();
        var first = scene.SendAsync(new SendMessage("First"));
        await arrived;

        var startBefore = scene.Clock.GetTimestamp() + (scene.Clock.TimestampFrequency * 2);
        var second = scene.Api.SendAsync(
            scene.Bot, scene.Where, "second", new SendMessage("Second"), new ConversationFacts(), CancellationToken.None, startBefore);
        scene.Clock.Advance(scene.Options.Timeout);

        Assert.Equal(new SendResult.InDoubt("timed-out", Outage: true), await first);
        Assert.Equal(new SendResult.NotApplied("permit-expired"), await second);
        Assert.Empty(scene.Conversation.BotReplies);
    }

    [Fact]
    public async Task Settings_that_cannot_make_a_request_are_named()
    {
        await using var scene = await ChatScene.StartAsync();
        scene.Bot = ChatScene.BotOf(new BotOptions());
        Assert.Contains("bots:shop:accessToken", Assert.IsType<SendResult.Refused>(await scene.SendAsync(new SendMessage("Hello"))).Detail, StringComparison.Ordinal);

        scene.Bot = ChatScene.BotOf(new BotOptions { AccessToken = "secret-token\n" });
        var refused = Assert.IsType<SendResult.Refused>(await scene.SendAsync(new SendMessage("Hello")));
        Assert.Contains("line break", refused.Detail, StringComparison.Ordinal);
        Assert.DoesNotContain("secret-token", refused.Detail, StringComparison.Ordinal);

        scene.Bot = ChatScene.BotOf(new BotOptions { AccessToken = "t" });
        scene.Options.BaseUrl = null;
        Assert.Contains("chat.baseUrl", Assert.IsType<SendResult.Refused>(await scene.SendAsync(new SendMessage("Hello"))).Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_token_passes_a_proxy_that_drops_underscores()
    {
        await using var scene = await ChatScene.StartAsync(
            options: (version, clock) => new PlaygroundOptions { Version = version, Clock = clock, DropsUnderscoreHeaders = true });

        Assert.IsType<SendResult.Done>(await scene.SendAsync(new SendMessage("Hello")));
    }

    [Fact]
    public async Task Every_call_is_measured_and_no_content_is()
    {
        await using var scene = await ChatScene.StartAsync();
        using var durations = new MetricCollector<double>(scene.Meters, "IntentRouter", "intentrouter.chat.duration");
        scene.Faults.Add(PlaygroundEndpoint.CreateMessage, PlaygroundFault.Status(503));

        await scene.SendAsync(new SendMessage("Top secret"));
        await scene.SendAsync(new SendMessage("Top secret"));

        Assert.Equal(
            ["message/503", "message/ok"],
            durations.GetMeasurementSnapshot().Select(m => $"{m.Tags["intentrouter.chat.operation"]}/{m.Tags["intentrouter.chat.outcome"]}"));
        Assert.DoesNotContain(scene.Logs.GetSnapshot(), r => r.Message.Contains("secret", StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task An_effect_of_another_stage_is_a_mistake()
    {
        await using var scene = await ChatScene.StartAsync();

        await Assert.ThrowsAsync<ArgumentException>(() => scene.SendAsync(new CallAction("book", new Dictionary<string, string>(), "k")));
    }

    private static Dictionary<string, JsonElement> Attributes(JsonElement attributes) =>
        attributes.EnumerateObject().ToDictionary(p => p.Name, p => p.Value);

    /// <summary>A port on which nobody listens, nor can come to.</summary>
    private static Socket ClosedPort()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return socket;
    }
}
