using IntentRouter.Playground;
using Microsoft.Extensions.DependencyInjection;

namespace IntentRouter.ServiceTests;

public sealed class ConversationTests
{
    [Fact]
    public async Task An_order_is_found_once_number_and_mail_are_known()
    {
        await using var app = await RouterApplication.StartAsync();
        app.Script.Knows("Where is my order 10427?", "order_status");
        var customer = app.NewCustomer();

        Assert.Contains("e-mail", Assert.Single(await app.SayAsync(customer, "Where is my order 10427?")), StringComparison.Ordinal);
        Assert.Equal("Order 10427 is in transit.", Assert.Single(await app.SayAsync(customer, "priya@example.com")));
        Assert.Equal(ConversationStatus.Pending, customer.Conversation!.Status);
    }

    [Fact]
    public async Task A_stranger_is_not_shown_an_order()
    {
        await using var app = await RouterApplication.StartAsync();
        app.Script.Knows("order 10427", "order_status");
        var customer = app.NewCustomer("mallory@example.com");
        var reply = await app.SayAsync(customer, "order 10427");
        Assert.DoesNotContain(reply, r => r.Contains("transit", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_bot_does_not_answer_itself()
    {
        await using var app = await RouterApplication.StartAsync(new RouterApplicationOptions { ChatVersion = "4.16.2" });
        app.Script.Knows("Where is my order?", "order_status");
        var customer = app.NewCustomer("priya@example.com");
        Assert.Single(await app.SayAsync(customer, "Where is my order?"));
        customer.ReadMessages();
        await app.SettleAsync();
        Assert.Single(customer.Conversation!.BotReplies);
    }

    [Fact]
    public async Task A_duplicate_delivery_is_answered_once()
    {
        await using var app = await RouterApplication.StartAsync();
        app.Script.Knows("Where is my order?", "order_status");
        var customer = app.NewCustomer("priya@example.com");
        await app.SayAsync(customer, "Where is my order?");
        app.Chat.Redeliver(app.Chat.Deliveries.First(d => d.Event == "message_created"));
        await app.SettleAsync();
        Assert.Single(customer.Conversation!.BotReplies);
    }

    [Fact]
    public async Task A_burst_is_one_turn()
    {
        // The customer is quiet when the test says so: between two deliveries a busy machine may be silent for longer than a customer.
        var clock = new HeldTime(TimeSpan.FromSeconds(29));
        await using var app = await RouterApplication.StartAsync(new RouterApplicationOptions { Burst = "29s", Adjust = b => b.Services.AddSingleton<TimeProvider>(clock) });
        app.Script.Knows("hi\nwhere is my order\n10427", "order_status");
        var customer = app.NewCustomer("priya@example.com");
        customer.Burst("hi", "where is my order", "10427");
        await app.Chat.WaitUntilIdleAsync(Quiet.Limit());
        clock.Pass();
        await app.SettleAsync();
        Assert.Equal("Order 10427 is in transit.", Assert.Single(customer.Conversation!.BotReplies).Content);
    }

    [Fact]
    public async Task Asking_for_a_person_hands_over_with_note_and_status_last()
    {
        await using var app = await RouterApplication.StartAsync();
        app.Script.Knows("I want to talk to a human", "talk_to_human");
        var customer = app.NewCustomer();
        Assert.Single(await app.SayAsync(customer, "I want to talk to a human"));
        var conversation = customer.Conversation!;
        Assert.Equal(ConversationStatus.Open, conversation.Status);
        Assert.NotEmpty(conversation.Notes);
        Assert.True(conversation.Notes[0].Id < conversation.BotReplies[0].Id);
        Assert.Equal(1, conversation.Handoffs);
    }

    [Fact]
    public async Task While_a_human_speaks_the_bot_is_silent_until_it_is_pushed_back()
    {
        await using var app = await RouterApplication.StartAsync();
        app.Script.Knows("Where is my order 10427?", "order_status");
        var customer = app.NewCustomer("priya@example.com");
        customer.Say("hello there");
        await app.SettleAsync();
        var before = customer.Conversation!.BotReplies.Count;
        app.Agent.Reply(customer.Conversation, "Let me look into it.");
        await app.SettleAsync();
        Assert.Empty(await app.SayAsync(customer, "Where is my order 10427?"));

        customer.Conversation.SetStatus(ConversationStatus.Open);
        await app.SettleAsync();
        customer.Conversation.SetStatus(ConversationStatus.Pending);
        await app.SettleAsync();
        Assert.Equal("Order 10427 is in transit.", Assert.Single(await app.SayAsync(customer, "Where is my order 10427?")));
        Assert.Equal(before + 1, customer.Conversation.BotReplies.Count);
    }

    [Fact]
    public async Task A_word_of_a_human_during_the_turn_stops_the_reply()
    {
        await using var app = await RouterApplication.StartAsync();
        app.Script.Knows("Where is my order 10427?", "order_status");
        var customer = app.NewCustomer("priya@example.com");
        var thinking = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var go = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        app.Script.Before = async (_, token) =>
        {
            thinking.TrySetResult();
            await go.Task.WaitAsync(token);
        };
        customer.Say("Where is my order 10427?");
        await thinking.Task.WaitAsync(Quiet.Patience);
        app.Agent.Reply(customer.Conversation!, "I am on it.");
        await app.Chat.WaitUntilIdleAsync(Quiet.Limit());
        go.SetResult();
        await app.SettleAsync();
        Assert.Empty(customer.Conversation!.BotReplies);
    }

    [Fact]
    public async Task An_attachment_alone_does_not_leave_the_customer_waiting()
    {
        await using var app = await RouterApplication.StartAsync();
        var customer = app.NewCustomer();
        customer.SendPhoto();
        await app.SettleAsync();
        Assert.True(customer.Conversation!.Status == ConversationStatus.Open || customer.Conversation.BotReplies.Count > 0);
    }

    [Fact]
    public async Task An_open_conversation_gets_no_public_word()
    {
        await using var app = await RouterApplication.StartAsync();
        app.Script.Knows("Where is my order 10427?", "order_status");
        var customer = app.NewCustomer("priya@example.com");
        customer.Say("hello there");
        await app.SettleAsync();
        customer.Conversation!.SetStatus(ConversationStatus.Open);
        await app.SettleAsync();
        Assert.Empty(await app.SayAsync(customer, "Where is my order 10427?"));
    }

    [Fact]
    public async Task What_was_stored_before_a_stop_is_answered_after_the_start()
    {
        await using var app = await RouterApplication.StartAsync(new RouterApplicationOptions { EngineYaml = "drain: 100ms" });
        app.Script.Knows("Where is my order 10427?", "order_status");
        var customer = app.NewCustomer("priya@example.com");
        var thinking = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        app.Script.Before = async (_, token) =>
        {
            thinking.TrySetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, token);
        };
        customer.Say("Where is my order 10427?");
        await thinking.Task.WaitAsync(Quiet.Patience);
        await app.StopRouterAsync();
        app.Script.Before = null;
        await app.StartRouterAsync();
        await app.Chat.WaitUntilAsync(() => customer.Conversation!.BotReplies.Count > 0, Quiet.Limit());
        await app.SettleAsync();
        Assert.Equal("Order 10427 is in transit.", Assert.Single(customer.Conversation!.BotReplies).Content);
    }

    [Fact]
    public async Task Nobody_can_read_a_customers_words_in_the_log()
    {
        const string Canary = "zanzibar-canary-4711";
        await using var app = await RouterApplication.StartAsync();
        app.Script.Knows(Canary, "talk_to_human");
        var customer = app.NewCustomer($"{Canary}@example.com");
        await app.SayAsync(customer, Canary);
        await app.SayAsync(customer, "order " + Canary);
        Assert.DoesNotContain(app.Logs.Lines, l => l.Contains(Canary, StringComparison.OrdinalIgnoreCase));
        Assert.DoesNotContain(app.Logs.Lines, l => l.Contains(RouterApplication.Key, StringComparison.Ordinal) || l.Contains("bot-token-1", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Each_turn_can_be_explained()
    {
        await using var app = await RouterApplication.StartAsync();
        app.Script.Knows("Where is my order 10427?", "order_status");
        var customer = app.NewCustomer("priya@example.com");
        await app.SayAsync(customer, "Where is my order 10427?");
        var turns = await app.Management.GetStringAsync(new Uri($"/api/conversations/{app.Account.Id}/{customer.Conversation!.Id}/turns", UriKind.Relative));
        Assert.Contains("\"decision\":\"route\"", turns, StringComparison.Ordinal);
        Assert.Contains("\"intent\":\"order_status\"", turns, StringComparison.Ordinal);
    }
}
