using IntentRouter.Playground;
using IntentRouter.ServiceTests.Sweep;
using Microsoft.Extensions.DependencyInjection;

namespace IntentRouter.ServiceTests.Gate;

/// <summary>Contract 2.4 and 5: what the bot must not answer, and when it comes back.</summary>
public sealed class GateTests
{
    private const string Question = "Where is my order 10427?";

    [Theory]
    [InlineData("4.2.0", "template")]
    [InlineData("4.2.0", "automation")]
    [InlineData("4.2.0", "second-bot")]
    [InlineData("4.2.0", "private-note")]
    [InlineData("4.2.0", "receipt")]
    [InlineData("4.16.2", "attributes")]
    [InlineData("4.16.2", "receipt")]
    public async Task What_is_not_the_customers_word_gets_no_answer(string version, string what)
    {
        await using var app = await AnsweredAsync(version);
        var conversation = app.Account.Conversations.Single();
        switch (what)
        {
            case "template":
                conversation.SendTemplate(Question);
                break;
            case "automation":
                conversation.SayByAutomation(Question);
                break;
            case "second-bot":
                conversation.SayBy(app.Account.AddBot("Other", null), Question);
                break;
            case "private-note":
                app.Agent.Note(conversation, Question);
                break;
            case "receipt":
                conversation.BotReplies[0].Receipt(MessageStatus.Read);
                break;
            case "attributes":
                conversation.SetCustomAttributes(new { last_intent = "order_status" });
                break;
        }

        await app.SettleAsync();
        Assert.Single(conversation.BotReplies, m => m.Bot == app.Bot);
        Assert.Equal(ConversationStatus.Pending, conversation.Status);
    }

    [Theory]
    [InlineData("4.2.0")]
    [InlineData("4.16.2")]
    public async Task What_is_said_while_the_bot_hands_over_is_left_to_the_human(string version)
    {
        await using var app = await AnsweredAsync(version);
        var conversation = app.Account.Conversations.Single();
        var customer = app.Account.Conversations.Single().Customer;
        app.Script.Knows("Can I talk to someone?", "talk_to_human");
        app.Chat.Faults.Add(PlaygroundEndpoint.CreateMessage, PlaygroundFault.After((_, _) =>
        {
            // The note is written, the conversation still "pending".
            customer.Say(Question);
            return Task.CompletedTask;
        }));
        var before = conversation.BotReplies.Count;
        await app.SayAsync(customer, "Can I talk to someone?");
        await app.SettleAsync();

        Assert.Equal(ConversationStatus.Open, conversation.Status);
        Assert.Single(conversation.BotReplies.Skip(before));
    }

    [Theory]
    [InlineData("4.2.0", "reply")]
    [InlineData("4.2.0", "native-app")]
    [InlineData("4.16.2", "native-app")]
    [InlineData("4.16.2", "assigned")]
    public async Task After_a_human_stepped_in_the_bot_is_silent(string version, string how)
    {
        await using var app = await AnsweredAsync(version);
        var conversation = app.Account.Conversations.Single();
        switch (how)
        {
            case "reply":
                app.Agent.Reply(conversation, "I am on it.");
                break;
            case "native-app":
                conversation.EchoFromNativeApp("I am on it.");
                break;
            case "assigned":
                conversation.Assign(app.Agent);
                break;
        }

        await app.SettleAsync();
        Assert.Empty(await app.SayAsync(conversation.Customer, Question));

        // The customer's next word must not wait where the desk does not look.
        Assert.Equal(ConversationStatus.Open, conversation.Status);
    }

    [Theory]
    [InlineData("4.2.0")]
    [InlineData("4.16.2")]
    public async Task Pushed_back_the_bot_answers_the_next_message(string version)
    {
        await using var app = await AnsweredAsync(version);
        var conversation = app.Account.Conversations.Single();
        app.Agent.TakeOver(conversation);
        app.Agent.Reply(conversation, "I am on it.");
        await app.SettleAsync();
        Assert.Empty(await app.SayAsync(conversation.Customer, Question));

        app.Agent.PushBack(conversation);
        await app.SettleAsync();
        Assert.Equal("Order 10427 is in transit.", Assert.Single(await app.SayAsync(conversation.Customer, Question)));
    }

    [Theory]
    [InlineData("4.2.0")]
    [InlineData("4.16.2")]
    public async Task Pushed_back_it_does_so_however_long_it_thinks_and_whoever_stays_assigned(string version)
    {
        await using var app = await AnsweredAsync(version);
        var conversation = app.Account.Conversations.Single();
        app.Agent.TakeOver(conversation);
        app.Agent.PushBack(conversation);
        await app.SettleAsync();
        Assert.Equal(app.Agent, conversation.Assignee);

        // Meanwhile the chat tells that the customer waits.
        app.Script.Before = (_, _) => app.Chat.WaitUntilIdleAsync(Quiet.Limit());
        Assert.Equal("Order 10427 is in transit.", Assert.Single(await app.SayAsync(conversation.Customer, Question)));
    }

    [Theory]
    [InlineData("4.2.0")]
    [InlineData("4.16.2")]
    public async Task Reopened_after_resolved_it_is_a_new_session(string version)
    {
        await using var app = await AnsweredAsync(version);
        var conversation = app.Account.Conversations.Single();
        app.Script.Knows("my order", "order_status");
        await app.SayAsync(conversation.Customer, "my order");
        app.Agent.Resolve(conversation);
        await app.SettleAsync();

        // The half-filled route is gone: a bare number means nothing any more.
        var replies = await app.SayAsync(conversation.Customer, "10427");
        Assert.DoesNotContain(replies, r => r.Contains("in transit", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("4.2.0")]
    [InlineData("4.16.2")]
    public async Task A_pressed_choice_is_an_answer_although_it_is_no_new_message_and_however_late(string version)
    {
        await using var app = await AnsweredAsync(version);
        var conversation = app.Account.Conversations.Single();
        app.Script.Knows("order 10427 perhaps", "order_status", 0.5);
        await app.SayAsync(conversation.Customer, "order 10427 perhaps");
        var prompt = conversation.BotReplies[^1];
        Assert.Contains("intent:order_status", prompt.ContentAttributes.ToString(), StringComparison.Ordinal);
        await app.SayAsync(conversation.Customer, Question);
        var before = conversation.BotReplies.Count;

        conversation.Customer.Choose(prompt, "intent:order_status");
        await app.SettleAsync();
        Assert.Equal(before + 1, conversation.BotReplies.Count);

        conversation.Customer.ReadMessages();
        await app.SettleAsync();
        Assert.Equal(before + 1, conversation.BotReplies.Count);
    }

    [Fact]
    public async Task Outside_the_channels_window_the_desk_gets_it()
    {
        await using var app = await AnsweredAsync("4.2.0");
        var conversation = app.Account.Conversations.Single();
        conversation.SetCanReply(false);
        Assert.Empty(await app.SayAsync(conversation.Customer, Question));
        Assert.Equal(ConversationStatus.Open, conversation.Status);
    }

    [Fact]
    public async Task With_assist_on_agents_are_told_once_and_customers_nothing()
    {
        await using var app = await AnsweredAsync("4.2.0", "assist: { on: true }");
        var conversation = app.Account.Conversations.Single();
        app.Agent.TakeOver(conversation);
        await app.SettleAsync();

        await app.SayAsync(conversation.Customer, Question);
        await app.SayAsync(conversation.Customer, Question);

        Assert.Contains("in transit", Assert.Single(conversation.Notes).Content, StringComparison.Ordinal);
        Assert.Single(conversation.BotReplies);
    }

    [Fact]
    public async Task The_widget_is_greeted_once_a_day_and_the_bot_may_speak_first()
    {
        // At noon: midnight may come between two looks at any other time.
        var clock = new ShiftedTime();
        clock.Shift = TimeSpan.FromHours(12) - clock.GetUtcNow().TimeOfDay;
        await using var app = await RouterApplication.StartAsync(new RouterApplicationOptions
        {
            BotYaml = "greeting: { on: true, speakFirst: true }",
            Adjust = builder => builder.Services.AddSingleton<TimeProvider>(clock),
        });
        var visitor = app.NewCustomer();
        visitor.OpenWidget();
        await app.SettleAsync();
        visitor.OpenWidget();
        await app.SettleAsync();

        var conversation = Assert.Single(app.Account.Conversations);
        Assert.StartsWith("Hello!", Assert.Single(conversation.BotReplies).Content, StringComparison.Ordinal);
        Assert.Equal(ConversationStatus.Pending, conversation.Status);
    }

    [Fact]
    public async Task Without_being_told_so_the_bot_does_not_open_conversations()
    {
        await using var app = await RouterApplication.StartAsync(new RouterApplicationOptions { BotYaml = "greeting: { on: true }" });
        app.NewCustomer().OpenWidget();
        await app.SettleAsync();
        Assert.Empty(app.Account.Conversations);
    }

    private static async Task<RouterApplication> AnsweredAsync(string version, string botYaml = "")
    {
        var app = await RouterApplication.StartAsync(new RouterApplicationOptions { ChatVersion = version, BotYaml = botYaml });
        app.Script.Knows(Question, "order_status");
        Assert.Single(await app.SayAsync(app.NewCustomer("priya@example.com"), Question));
        return app;
    }
}
