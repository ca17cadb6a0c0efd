namespace IntentRouter.Playground.Tests;

public sealed class FaultTests
{
    [Theory]
    [InlineData("status", 503, 0)]
    [InlineData("status after effect", 500, 1)]
    [InlineData("reset", null, 0)]
    [InlineData("reset after effect", null, 1)]
    public async Task A_scripted_call_goes_wrong_once_and_the_next_is_fine(string kind, int? status, int effects)
    {
        await using var scene = await (await Scene.StartAsync()).SaidAsync();
        scene.Chat.Faults.Add(PlaygroundEndpoint.CreateMessage, kind switch
        {
            "status" => PlaygroundFault.Status(503),
            "status after effect" => PlaygroundFault.StatusAfterEffect(),
            "reset" => PlaygroundFault.Reset(),
            _ => PlaygroundFault.ResetAfterEffect(),
        });

        if (status is { } expected)
        {
            Assert.Equal(expected, (await scene.ReplyAsync("hi")).Status);
        }
        else
        {
            await Assert.ThrowsAsync<HttpRequestException>(() => scene.ReplyAsync("hi"));
        }

        Assert.Equal(effects, scene.Conversation.BotReplies.Count);
        Assert.Equal((status, effects == 1), (scene.Chat.Ledger.Entries[0].StatusCode, scene.Chat.Ledger.Entries[0].Message is not null));
        Assert.Equal(200, (await scene.ReplyAsync("again")).Status);
        Assert.Equal(effects + 1, scene.Chat.Ledger.Applied);
        Assert.Equal(1, scene.Chat.Faults.Tripped);
    }

    [Fact]
    public async Task Throttling_names_a_time_only_when_told_so()
    {
        await using var scene = await (await Scene.StartAsync()).SaidAsync();
        scene.Chat.Faults.Add(PlaygroundEndpoint.CreateMessage, PlaygroundFault.Status(429));
        scene.Chat.Faults.Add(PlaygroundEndpoint.CreateMessage, PlaygroundFault.Status(429, retryAfter: TimeSpan.FromSeconds(7)));

        Assert.Null((await scene.ReplyAsync("one")).Response.Headers.RetryAfter);
        Assert.Equal(TimeSpan.FromSeconds(7), (await scene.ReplyAsync("two")).Response.Headers.RetryAfter!.Delta);
    }

    [Fact]
    public async Task A_call_that_hangs_may_still_take_effect_later()
    {
        await using var scene = await (await Scene.StartAsync()).SaidAsync();
        scene.Chat.Faults.Add(PlaygroundEndpoint.CreateMessage, PlaygroundFault.Hang(TimeSpan.FromSeconds(8)));
        using var caller = new CancellationTokenSource();
        using var request = new HttpRequestMessage(HttpMethod.Post, scene.InConversation("/messages")) { Content = new StringContent("""{"content":"late"}""", null, "application/json") };
        request.Headers.Add("Api-Access-Token", scene.Bot.AccessToken);
        var call = scene.Http.SendAsync(request, caller.Token);
        await scene.Chat.WaitUntilAsync(() => scene.Chat.Faults.Tripped == 1, Limit());

        await caller.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        Assert.Empty(scene.Conversation.BotReplies);
        scene.Clock.Advance(TimeSpan.FromSeconds(8));
        await scene.Chat.WaitUntilAsync(() => scene.Conversation.BotReplies.Count == 1, Limit());

        await scene.Chat.WaitUntilAsync(() => scene.Chat.Ledger.Entries is [{ StatusCode: null, Message: not null }], Limit());
    }

    [Fact]
    public async Task A_human_can_step_in_in_the_middle_of_a_call()
    {
        await using var scene = await (await Scene.StartAsync()).SaidAsync();
        scene.Chat.Faults.Add(PlaygroundEndpoint.CreateMessage, PlaygroundFault.After((_, _) =>
        {
            scene.Agent.Reply(scene.Conversation, "I take this one");
            return Task.CompletedTask;
        }));

        await scene.ReplyAsync("the bot's answer");

        Assert.Equal("customer: Where is my order 10427?\nagent Tomas Berg: I take this one\nbot Order helper: the bot's answer\n", scene.Conversation.Transcript);
    }

    [Fact]
    public async Task Trouble_can_be_limited_to_one_endpoint_and_one_conversation()
    {
        await using var scene = await (await Scene.StartAsync()).SaidAsync();
        scene.Chat.Faults.Add(PlaygroundEndpoint.ToggleStatus, PlaygroundFault.Status(500), times: 5, when: c => c.ConversationId == scene.Conversation.Id);

        Assert.Equal(200, (await scene.ReplyAsync("hi")).Status);
        Assert.Equal(500, (await scene.PostAsync(scene.InConversation("/toggle_status"), new { status = "open" }, scene.Bot.AccessToken)).Status);
        scene.Chat.Faults.Clear();
        Assert.Equal(200, (await scene.PostAsync(scene.InConversation("/toggle_status"), new { status = "open" }, scene.Bot.AccessToken)).Status);
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 1)]
    [InlineData(2, 2)]
    public async Task A_bots_echo_may_be_missing_or_doubled(int times, int echoes)
    {
        await using var scene = await (await Scene.StartAsync()).SaidAsync();
        scene.Chat.Faults.EchoTimes = times;

        await scene.ReplyAsync("hi");
        await scene.IdleAsync();

        Assert.Equal(1 + echoes, scene.Listener.All.Count);
    }

    [Fact]
    public async Task An_echo_may_come_late()
    {
        await using var scene = await (await Scene.StartAsync()).SaidAsync();
        scene.Chat.Faults.HoldEchoes();
        await scene.ReplyAsync("hi");
        await scene.SaidAsync("and now?");
        Assert.Equal(2, scene.Listener.All.Count);

        scene.Chat.Faults.ReleaseEchoes();
        await scene.IdleAsync();

        Assert.Equal("outgoing", scene.Listener.All[^1].Json.GetProperty("message_type").GetString());
        Assert.Equal("pending", scene.Listener.All[^1].Json.GetProperty("conversation").GetProperty("status").GetString());
    }

    private static CancellationToken Limit() => new CancellationTokenSource(TimeSpan.FromSeconds(120), TimeProvider.System).Token;
}
