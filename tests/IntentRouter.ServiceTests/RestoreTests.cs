using IntentRouter.Playground;

namespace IntentRouter.ServiceTests;

/// <summary>A store that comes back from a backup is older than the chat.</summary>
public sealed class RestoreTests
{
    [Theory]
    [InlineData("4.2.0")]
    [InlineData("4.16.2")]
    public async Task What_was_sent_after_the_backup_is_not_sent_again(string version)
    {
        await using var app = await RouterApplication.StartAsync(new RouterApplicationOptions
        {
            ChatVersion = version,
            ChatYaml = $"adminToken: {RouterApplication.AdminToken}",
            EngineYaml = "settle: 1s",
        });
        app.Script.Knows("Where is my order 10427?", "order_status");
        var customer = app.NewCustomer("priya@example.com");
        await app.SayAsync(customer, "hello");
        var conversation = customer.Conversation!;
        var before = conversation.BotReplies.Count;

        app.Chat.Faults.Add(PlaygroundEndpoint.CreateMessage, PlaygroundFault.Status(429));
        await BackUpWhileAnsweringAsync(app, customer);
        await app.SettleAsync();
        Assert.Equal("Order 10427 is in transit.", Assert.Single(conversation.BotReplies.Skip(before)).Content);

        await app.StopRouterAsync();
        app.Restore();
        await app.StartRouterAsync();
        await app.SettleAsync();

        // And it goes on: what is said now is answered, once what was in doubt is cleared up.
        app.Script.Knows("and order 10427 again", "order_status");
        customer.Say("and order 10427 again");
        await app.Chat.WaitUntilAsync(() => conversation.BotReplies.Count > before + 1, Quiet.Limit());
        await app.SettleAsync();
        Assert.Equal(["Order 10427 is in transit.", "Order 10427 is in transit."], conversation.BotReplies.Skip(before).Select(reply => reply.Content!));
        Assert.Equal(ConversationStatus.Pending, conversation.Status);
    }

    [Theory]
    [InlineData("4.2.0")]
    [InlineData("4.16.2")]
    public async Task What_cannot_be_cleared_up_is_a_humans_and_the_bot_adds_nothing(string version)
    {
        // Without the administrator's token the chat cannot be asked what it has.
        await using var app = await RouterApplication.StartAsync(new RouterApplicationOptions { ChatVersion = version, EngineYaml = "settle: 1s" });
        app.Script.Knows("Where is my order 10427?", "order_status");
        var customer = app.NewCustomer("priya@example.com");
        await app.SayAsync(customer, "hello");
        var conversation = customer.Conversation!;
        await BackUpWhileAnsweringAsync(app, customer);
        await app.SettleAsync();
        await app.StopRouterAsync();
        app.Restore();
        var before = conversation.BotReplies.Count;

        // Said before the handoff and handled after it: what it shows ("pending") is old by then.
        await app.StartRouterAsync();
        customer.Say("Where is my order 10427?");
        await app.Chat.WaitUntilAsync(() => conversation.Status == ConversationStatus.Open, Quiet.Limit());
        await app.SettleAsync();

        Assert.Contains("colleague", Assert.Single(conversation.BotReplies.Skip(before)).Content, StringComparison.Ordinal);
        Assert.Equal(ConversationStatus.Open, conversation.Status);
    }

    /// <summary>The backup is made while the answer is still on its way.</summary>
    private static async Task BackUpWhileAnsweringAsync(RouterApplication app, PlaygroundCustomer customer)
    {
        var backedUp = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        app.Chat.Faults.Add(PlaygroundEndpoint.CreateMessage, PlaygroundFault.After((_, _) =>
        {
            app.BackUp();
            backedUp.TrySetResult();
            return Task.CompletedTask;
        }));
        customer.Say("Where is my order 10427?");
        await backedUp.Task.WaitAsync(Quiet.Patience);
    }
}
