using Microsoft.Extensions.Time.Testing;

namespace IntentRouter.Playground.Tests;

/// <summary>The table of the contract's section 5: what a bot is told of each change, by version.</summary>
public sealed class StatusLifecycleTests
{
    private const string More = " conversation_status_changed conversation_updated";

    [Theory]
    [InlineData("bot opens", "pending", "open", "conversation_opened", More)]
    [InlineData("human opens", "pending", "open", "conversation_opened", More)]
    [InlineData("automation opens", "pending", "open", "conversation_opened", More)]
    [InlineData("human replies", "pending", "pending", "message_created", " conversation_updated")]
    [InlineData("bot resolves", "pending", "resolved", "conversation_resolved", More)]
    [InlineData("visitor ends", "pending", "resolved", "conversation_resolved", More)]
    [InlineData("human pushes back", "open", "pending", "", More)]
    [InlineData("human resolves", "open", "resolved", "conversation_resolved", More)]
    [InlineData("human snoozes", "open", "snoozed", "", More)]
    [InlineData("bot opens", "resolved", "open", "conversation_opened", More)]
    [InlineData("customer writes", "snoozed", "open", "conversation_opened|message_created", More)]
    [InlineData("customer writes", "resolved", "pending", "|message_created", More)]
    [InlineData("customer writes", "pending", "pending", "|message_created", "")]
    [InlineData("customer writes", "open", "open", "|message_created", "")]
    [InlineData("bot opens", "open", "open", "", "")]
    public async Task A_change_of_status_tells_the_bot_what_the_table_says(string act, string from, string to, string onOneHash, string more)
    {
        // What comes before the bar is the change itself; the message follows it.
        var (change, message) = onOneHash.Split('|') is [var first, var second] ? (first, " " + second) : (onOneHash, "");
        Assert.Equal((to, Normal(change + message)), await RunAsync("4.2.0", act, from));
        var told = act == "human replies" ? change + more : change + more + message;
        var after = act == "customer writes" && from == "resolved" ? " conversation_updated" : "";
        Assert.Equal((to, Normal(told + after)), await RunAsync("4.13.0", act, from));
    }

    [Theory]
    [InlineData(true, false, "pending")]
    [InlineData(false, false, "open")]
    [InlineData(true, true, "resolved")]
    public async Task A_first_message_shows_the_state_the_conversation_starts_in(bool withBot, bool blocked, string status)
    {
        await using var scene = await Scene.StartAsync();
        if (!withBot)
        {
            scene.Inbox.Disconnect();
        }

        if (blocked)
        {
            scene.Customer.Block();
        }

        await scene.SaidAsync();

        Assert.Equal(status, scene.Conversation.Status.Name());
        Assert.Equal(withBot ? ["message_created"] : [], scene.Listener.Events);
    }

    [Fact]
    public async Task Without_an_active_bot_a_resolved_conversation_reopens_to_humans()
    {
        await using var scene = await (await Scene.StartAsync()).SaidAsync();
        scene.Conversation.SetStatus(ConversationStatus.Resolved);
        scene.Inbox.BotActive = false;

        await scene.SaidAsync("again");

        Assert.Equal(ConversationStatus.Open, scene.Conversation.Status);
    }

    [Fact]
    public async Task A_blocked_contact_reopens_nothing()
    {
        await using var scene = await (await Scene.StartAsync()).SaidAsync();
        scene.Conversation.SetStatus(ConversationStatus.Resolved);
        scene.Customer.Block();

        await scene.SaidAsync("again");

        Assert.Equal(ConversationStatus.Resolved, scene.Conversation.Status);
    }

    [Theory]
    [InlineData("4.2.0", false, "open")]
    [InlineData("4.2.0", true, "open")]
    [InlineData("4.8.0", false, "pending")]
    [InlineData("4.8.0", true, "open")]
    public async Task A_campaigns_conversation_starts_with_humans_as_the_version_has_it(string version, bool withSender, string status)
    {
        await using var scene = await Scene.StartAsync(version);

        scene.Customer.ReceiveCampaign("New jackets!", withSender ? scene.Agent : null);

        Assert.Equal(status, scene.Conversation.Status.Name());
    }

    [Theory]
    [InlineData("4.16.1", false)]
    [InlineData("4.16.2", true)]
    public async Task From_4_16_2_the_bot_owns_new_conversations_until_it_hands_off(string version, bool owns)
    {
        await using var scene = await (await Scene.StartAsync(version)).SaidAsync();

        Assert.Equal(owns, scene.Conversation.AssigneeBot == scene.Bot);
        var meta = scene.Listener.All[0].Json.GetProperty("conversation").GetProperty("meta");
        Assert.Equal(owns ? "AgentBot" : null, meta.GetProperty("assignee_type").GetString());

        await scene.PostAsync(scene.InConversation("/toggle_status"), new { status = "open" }, scene.Bot.AccessToken);
        Assert.Null(scene.Conversation.AssigneeBot);
    }

    [Theory]
    [InlineData("4.16.2", "pending")]
    [InlineData("4.17.0", "open")]
    public async Task From_4_17_assigning_a_human_opens_a_bots_conversation(string version, string status)
    {
        await using var scene = await (await Scene.StartAsync(version)).SaidAsync();

        scene.Conversation.Assign(scene.Agent);

        Assert.Equal(status, scene.Conversation.Status.Name());
    }

    [Fact]
    public async Task A_bot_that_owns_a_conversation_of_another_inbox_is_told_too_from_4_8()
    {
        await using var scene = await (await Scene.StartAsync("4.8.0")).SaidAsync();
        await using var second = await BotListener.StartAsync();
        scene.Conversation.AssignBot(scene.Chat.AddGlobalBot("Second", second.Url));

        await scene.SaidAsync("hello both");

        Assert.Contains("message_created", second.Events);
        Assert.Equal(2, scene.Listener.Events.Count(e => e == "message_created"));
    }

    [Theory]
    [InlineData("4.9.0", true)]
    [InlineData("4.10.0", false)]
    public async Task A_bots_reply_ends_the_wait_from_4_10(string version, bool stillWaits)
    {
        await using var scene = await (await Scene.StartAsync(version)).SaidAsync();

        await scene.ReplyAsync("here");

        Assert.Equal(stillWaits, scene.Conversation.WaitingSince is not null);
    }

    [Fact]
    public async Task Activity_lines_are_kept_but_never_sent()
    {
        await using var scene = await (await Scene.StartAsync()).SaidAsync();

        scene.Agent.Resolve(scene.Conversation);
        await scene.IdleAsync();

        Assert.Contains(scene.Conversation.Messages, m => m.Type == MessageType.Activity);
        Assert.DoesNotContain(scene.Listener.All, r => r.Json.TryGetProperty("message_type", out var type) && type.GetString() == "activity");
    }

    [Fact]
    public async Task The_platforms_own_greeting_and_survey_reach_the_bot_as_templates_without_sender()
    {
        await using var scene = await Scene.StartAsync();
        scene.Inbox.Greeting = "Welcome";
        scene.Inbox.CollectsEmail = true;
        scene.Inbox.AsksSatisfaction = true;

        await scene.SaidAsync();
        scene.Agent.Resolve(scene.Conversation);
        await scene.IdleAsync();

        var templates = scene.Listener.All.Where(r => r.Event == "message_created").Select(r => r.Json)
            .Where(j => j.GetProperty("message_type").GetString() == "template").ToArray();
        Assert.Equal(["text", "text", "input_email", "input_csat"], templates.Select(t => t.GetProperty("content_type").GetString()));
        Assert.All(templates, t => Assert.Equal(System.Text.Json.JsonValueKind.Null, t.GetProperty("sender").ValueKind));
    }

    [Fact]
    public async Task Opening_assigns_an_unassigned_conversation_where_the_inbox_does_so()
    {
        await using var scene = await (await Scene.StartAsync()).SaidAsync();
        scene.Inbox.AutoAssignsTo = scene.Agent;

        await scene.PostAsync(scene.InConversation("/toggle_status"), new { status = "open" }, scene.Bot.AccessToken);

        Assert.Same(scene.Agent, scene.Conversation.Assignee);
    }

    [Fact]
    public async Task Outside_its_window_a_channel_fails_what_the_platform_took()
    {
        await using var server = await PlaygroundServer.StartAsync(new PlaygroundOptions { Clock = new FakeTimeProvider(Scene.Start) }, CancellationToken.None);
        await using var listener = await BotListener.StartAsync();
        var scene = PlaygroundScene.Furnish(server.Chat, "Order helper", listener.Url);
        var customer = scene.Whatsapp.AddCustomer("Tomas", phoneNumber: "+420601000111");
        customer.Say("hello");
        customer.Conversation!.SetCanReply(false);

        scene.Agent.Reply(customer.Conversation, "too late");
        await server.Chat.WaitUntilIdleAsync(CancellationToken.None);

        Assert.Equal((3, 5, 4), (scene.Account.Id, scene.Bot.Id, scene.Team.Id));
        Assert.Equal(["message_created", "message_created", "message_updated"], listener.Events);
        Assert.False(listener.All[1].Json.GetProperty("conversation").GetProperty("can_reply").GetBoolean());
        Assert.True(listener.All[2].Json.GetProperty("content_attributes").TryGetProperty("external_error", out _));
    }

    private static async Task<(string Status, string Events)> RunAsync(string version, string act, string from)
    {
        await using var scene = await (await Scene.StartAsync(version)).SaidAsync();
        scene.Conversation.SetStatus(Enum.Parse<ConversationStatus>(from, ignoreCase: true));
        if (act == "customer writes" && from is not "resolved")
        {
            scene.Customer.Say("so that somebody waits already");
            scene.Conversation.SetStatus(Enum.Parse<ConversationStatus>(from, ignoreCase: true));
        }

        await scene.IdleAsync();
        var before = scene.Listener.All.Count;
        switch (act)
        {
            case "bot opens" or "bot resolves":
                await scene.PostAsync(scene.InConversation("/toggle_status"), new { status = act == "bot opens" ? "open" : "resolved" }, scene.Bot.AccessToken);
                break;
            case "human opens":
                scene.Admin.SetStatus(scene.Conversation, ConversationStatus.Open);
                break;
            case "automation opens":
                scene.Conversation.SetStatus(ConversationStatus.Open);
                break;
            case "human replies":
                scene.Admin.Reply(scene.Conversation, "Hello, Mara here");
                break;
            case "visitor ends":
                scene.Customer.EndChat();
                break;
            case "human pushes back":
                scene.Admin.PushBack(scene.Conversation);
                break;
            case "human resolves":
                scene.Admin.Resolve(scene.Conversation);
                break;
            case "human snoozes":
                scene.Admin.Snooze(scene.Conversation, Scene.Start.AddHours(1));
                break;
            case "customer writes":
                scene.Customer.Say("again");
                break;
        }

        await scene.IdleAsync();
        return (scene.Conversation.Status.Name(), Normal(string.Join(' ', scene.Listener.Events.Skip(before))));
    }

    private static string Normal(string events) => string.Join(' ', events.Split(' ', StringSplitOptions.RemoveEmptyEntries));
}

internal static class StatusNames
{
    public static string Name(this ConversationStatus status) => status.ToString().ToLowerInvariant();
}
