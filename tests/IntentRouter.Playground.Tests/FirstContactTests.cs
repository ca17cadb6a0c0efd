namespace IntentRouter.Playground.Tests;

public sealed class FirstContactTests
{
    [Fact]
    public async Task A_customers_message_reaches_the_bot_and_its_reply_comes_back_to_it()
    {
        await using var scene = await Scene.StartAsync();

        await scene.SaidAsync("Where is my order 10427?");
        var answer = await scene.ReplyAsync("It left on 9 September.", new { content_attributes = new { ir_key = "k1" } });
        await scene.IdleAsync();

        Assert.Equal(200, answer.Status);
        Assert.Equal(["message_created", "message_created"], scene.Listener.Events);
        var echo = scene.Listener.All[1].Json;
        Assert.Equal("outgoing", echo.GetProperty("message_type").GetString());
        Assert.Equal("agent_bot", echo.GetProperty("sender").GetProperty("type").GetString());
        Assert.Equal("k1", echo.GetProperty("content_attributes").GetProperty("ir_key").GetString());
        Assert.Equal("customer: Where is my order 10427?\nbot Order helper: It left on 9 September.\n", scene.Conversation.Transcript);
        var entry = Assert.Single(scene.Chat.Ledger.Entries);
        Assert.Same(scene.Conversation.BotReplies[0], entry.Message);
        Assert.True(entry.BegunStamp > scene.Chat.Deliveries[0].AnsweredStamp);
    }

    [Fact]
    public async Task Handing_off_opens_the_conversation_and_is_counted()
    {
        await using var scene = await (await Scene.StartAsync()).SaidAsync();

        var answer = await scene.PostAsync(scene.InConversation("/toggle_status"), new { status = "open" }, scene.Bot.AccessToken);
        await scene.IdleAsync();

        Assert.Equal(
            $$$"""{"payload":{"success":null,"conversation_id":{{{scene.Conversation.Id}}},"current_status":"open","snoozed_until":null}}""", answer.Text);
        Assert.Equal(1, scene.Conversation.Handoffs);
        Assert.Equal(["message_created", "conversation_opened"], scene.Listener.Events);
    }
}
