using IntentRouter.Playground;
using IntentRouter.Sweep;
using Microsoft.Extensions.DependencyInjection;

namespace IntentRouter.ServiceTests.Sweep;

public sealed class SweepTests
{
    [Fact]
    public async Task An_event_that_never_came_is_picked_up_and_answered_once()
    {
        var (app, clock) = await StartAsync();
        await using var _ = app;
        clock.Shift = TimeSpan.FromMinutes(-10);
        var customer = app.NewCustomer("priya@example.com");
        await SayUnheardAsync(app, customer, "Where is my order 10427?");

        await SweepAsync(app);
        Assert.Equal("Order 10427 is in transit.", Assert.Single(customer.Conversation!.BotReplies).Content);

        await SweepAsync(app);
        Assert.Single(customer.Conversation.BotReplies);
    }

    [Fact]
    public async Task A_delivery_that_arrives_late_after_all_is_a_duplicate()
    {
        var (app, clock) = await StartAsync();
        await using var _ = app;
        clock.Shift = TimeSpan.FromMinutes(-10);
        var customer = app.NewCustomer("priya@example.com");
        app.Chat.PauseDeliveries();
        customer.Say("Where is my order 10427?");
        app.Chat.ResumeDeliveries();
        await app.SettleAsync();
        var delivery = app.Chat.Deliveries.Last(d => d.Event == "message_created" && d.MessageId == customer.Conversation!.Messages[0].Id);
        Assert.Single(customer.Conversation!.BotReplies);

        await SweepAsync(app);
        app.Chat.Redeliver(delivery);
        await app.SettleAsync();

        Assert.Single(customer.Conversation.BotReplies);
    }

    [Fact]
    public async Task The_late_delivery_of_what_was_picked_up_is_not_answered_again()
    {
        var (app, clock) = await StartAsync();
        await using var _ = app;
        clock.Shift = TimeSpan.FromMinutes(-10);
        var customer = app.NewCustomer("priya@example.com");
        await SayUnheardAsync(app, customer, "Where is my order 10427?");
        await SweepAsync(app);
        Assert.Single(customer.Conversation!.BotReplies);

        var lost = app.Chat.Deliveries.First(d => d.Event == "message_created" && d.Outcome == DeliveryOutcome.Unreachable);
        using var content = new ByteArrayContent(lost.Body.ToArray());
        using var answer = await app.Http.PostAsync(new Uri($"/bots/shop/{RouterApplication.Key}", UriKind.Relative), content);
        await app.SettleAsync();

        Assert.Equal(System.Net.HttpStatusCode.OK, answer.StatusCode);
        Assert.Single(customer.Conversation.BotReplies);
    }

    [Fact]
    public async Task Several_lost_messages_are_all_heard_in_order()
    {
        var (app, clock) = await StartAsync();
        await using var _ = app;
        clock.Shift = TimeSpan.FromMinutes(-10);
        var customer = app.NewCustomer();
        await SayUnheardAsync(app, customer, "Where is my order 10427?", "priya@example.com");

        await SweepAsync(app);

        Assert.Equal("Order 10427 is in transit.", customer.Conversation!.BotReplies[^1].Content);
    }

    [Fact]
    public async Task Who_waited_too_long_is_handed_over_with_a_word_and_a_note()
    {
        var (app, clock) = await StartAsync();
        await using var _ = app;
        clock.Shift = TimeSpan.FromHours(-3);
        var customer = app.NewCustomer("priya@example.com");
        customer.SetCustomAttributes(new { plan = "gold" });
        await SayUnheardAsync(app, customer, "Where is my order 10427?");
        customer.Conversation!.SetCustomAttributes(new { campaign = "spring" });
        clock.Shift = TimeSpan.Zero;

        await SweepAsync(app);
        await SweepAsync(app);

        Assert.Equal(ConversationStatus.Open, customer.Conversation.Status);
        Assert.StartsWith("Sorry that you had to wait.", Assert.Single(customer.Conversation.BotReplies).Content, StringComparison.Ordinal);
        Assert.Contains("waited too long", Assert.Single(customer.Conversation.Notes).Content, StringComparison.Ordinal);
        Assert.Equal("spring", customer.Conversation.CustomAttributes.GetProperty("campaign").GetString());
        Assert.Equal("stranded", customer.Conversation.CustomAttributes.GetProperty("bot_handoff_reason").GetString());
    }

    [Fact]
    public async Task A_customer_whom_a_human_left_waiting_is_put_on_the_desk_without_a_word()
    {
        var (app, clock) = await StartAsync();
        await using var _ = app;
        clock.Shift = TimeSpan.FromHours(-3);
        app.Script.Knows("hello", "order_status");
        var customer = app.NewCustomer("priya@example.com");
        await app.SayAsync(customer, "hello");
        var replies = customer.Conversation!.BotReplies.Count;
        app.Agent.Reply(customer.Conversation, "One moment.");
        await app.SettleAsync();

        // Had this arrived, the conversation would have been opened at once.
        await SayUnheardAsync(app, customer, "Are you still there?");
        clock.Shift = TimeSpan.Zero;

        await SweepAsync(app);

        Assert.Equal(ConversationStatus.Open, customer.Conversation.Status);
        Assert.Equal(replies, customer.Conversation.BotReplies.Count);
        Assert.Single(customer.Conversation.Notes);
    }

    [Theory]
    [InlineData("answered")]
    [InlineData("young")]
    [InlineData("open")]
    [InlineData("other-inbox")]
    [InlineData("answered-then-template")]
    public async Task What_is_none_of_its_business_is_left_alone(string what)
    {
        var (app, clock) = await StartAsync();
        await using var _ = app;
        clock.Shift = what == "young" ? TimeSpan.Zero : TimeSpan.FromMinutes(-10);
        var inbox = what == "other-inbox" ? app.Account.AddInbox("Someone else's").Connect(app.Account.AddBot("Other", null)) : app.Inbox;
        var customer = inbox.AddCustomer();
        await SayUnheardAsync(app, customer, "Where is my order 10427?");
        switch (what)
        {
            case "answered":
                customer.Conversation!.SayBy(app.Bot, "It is on its way.");
                break;
            case "answered-then-template":
                customer.Conversation!.SayBy(app.Bot, "It is on its way.");
                customer.Conversation!.SendTemplate("Rate us");
                break;
            case "open":
                customer.Conversation!.SetStatus(ConversationStatus.Open);
                break;
        }

        await app.SettleAsync();
        var before = customer.Conversation!.Messages.Count;
        await SweepAsync(app);

        Assert.Equal(before, customer.Conversation.Messages.Count);
    }

    [Fact]
    public async Task A_greeting_of_the_platform_is_no_answer()
    {
        var (app, clock) = await StartAsync();
        await using var _ = app;
        clock.Shift = TimeSpan.FromMinutes(-10);
        app.Inbox.Greeting = "Welcome to Bluebird!";
        var customer = app.NewCustomer("priya@example.com");
        await SayUnheardAsync(app, customer, "Where is my order 10427?");

        await SweepAsync(app);

        Assert.Equal("Order 10427 is in transit.", Assert.Single(customer.Conversation!.BotReplies).Content);
    }

    [Fact]
    public async Task One_run_does_not_take_more_than_its_limit()
    {
        var (app, clock) = await StartAsync("sweep: { maxPerRun: 2 }");
        await using var _ = app;
        clock.Shift = TimeSpan.FromMinutes(-10);
        PlaygroundCustomer[] customers = [.. Enumerable.Range(0, 5).Select(_ => app.NewCustomer("priya@example.com"))];
        await app.StopRouterAsync();
        foreach (var customer in customers)
        {
            customer.Say("Where is my order 10427?");
        }

        await app.Chat.WaitUntilIdleAsync(Quiet.Limit());
        await app.StartRouterAsync();

        var answered = new List<int>();
        for (var run = 0; run < 3; run++)
        {
            await SweepAsync(app);
            answered.Add(customers.Count(c => c.Conversation!.BotReplies.Count == 1));
        }

        Assert.Equal([2, 4, 5], answered);
    }

    [Fact]
    public async Task A_chat_that_does_not_answer_costs_one_run_and_no_more()
    {
        var (app, clock) = await StartAsync();
        await using var _ = app;
        clock.Shift = TimeSpan.FromMinutes(-10);
        var customer = app.NewCustomer("priya@example.com");
        await SayUnheardAsync(app, customer, "Where is my order 10427?");
        app.Chat.Faults.Add(PlaygroundEndpoint.ListConversations, PlaygroundFault.Status(500));

        await SweepAsync(app);
        Assert.Empty(customer.Conversation!.BotReplies);

        await SweepAsync(app);
        Assert.Single(customer.Conversation.BotReplies);
    }

    [Fact]
    public async Task The_service_sweeps_by_itself()
    {
        var (app, clock) = await StartAsync("sweep: { every: 1s }");
        await using var _ = app;
        clock.Shift = TimeSpan.FromMinutes(-10);
        var customer = app.NewCustomer("priya@example.com");
        await SayUnheardAsync(app, customer, "Where is my order 10427?");

        await app.Chat.WaitUntilAsync(() => customer.Conversation!.BotReplies.Count == 1, Quiet.Limit());
    }

    private static async Task<(RouterApplication App, ShiftedTime Clock)> StartAsync(string more = "sweep: { every: 1h }")
    {
        var clock = new ShiftedTime();
        var app = await RouterApplication.StartAsync(new RouterApplicationOptions { ChatClock = clock, ChatYaml = $"adminToken: {RouterApplication.AdminToken}, {more}" });
        app.Script.Knows("Where is my order 10427?", "order_status");
        app.Script.Knows("Where is my order 10427?\npriya@example.com", "order_status");
        return (app, clock);
    }

    /// <summary>The customer writes while the service is down: OneHash sends the event once, and it is gone.</summary>
    private static async Task SayUnheardAsync(RouterApplication app, PlaygroundCustomer customer, params string[] texts)
    {
        await app.StopRouterAsync();
        foreach (var text in texts)
        {
            customer.Say(text);
        }

        await app.Chat.WaitUntilIdleAsync(Quiet.Limit());
        await app.StartRouterAsync();
    }

    private static async Task SweepAsync(RouterApplication app)
    {
        await app.Services.GetRequiredService<Sweeper>().RunAsync(CancellationToken.None);
        await app.SettleAsync();
    }
}
