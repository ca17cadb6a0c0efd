using IntentRouter.Decisions;
using IntentRouter.Fulfillment;
using IntentRouter.Playground;
using Microsoft.Extensions.DependencyInjection;

namespace IntentRouter.ServiceTests.Handoffs;

/// <summary>Every reason of the design as a conversation: what the customer does, until a person has it.</summary>
public sealed class HandoffReasonTests
{
    private static readonly RouterApplicationOptions _plain = new();

    [Fact]
    public Task Asked() => HandsOverAsync("asked", _plain, async (app, customer) =>
    {
        app.Script.Knows("Can I talk to someone?", "talk_to_human");
        await app.SayAsync(customer, "Can I talk to someone?");
    });

    [Fact]
    public Task Low_confidence() => HandsOverAsync("low-confidence", _plain, async (app, customer) =>
    {
        Assert.Single(await app.SayAsync(customer, "blurb"));
        await app.SayAsync(customer, "blurb blurb");
    });

    [Fact]
    public Task Attempts_used() => HandsOverAsync("attempts-used", _plain, async (app, customer) =>
    {
        app.Script.Knows("my order", "order_status");
        await app.SayAsync(customer, "my order");
        await app.SayAsync(customer, "I do not have it");
        await app.SayAsync(customer, "I really do not have it");
        await app.SayAsync(customer, "I still do not have it");
    });

    [Fact]
    public Task Sensitive() => HandsOverAsync("sensitive", _plain, async (app, customer) =>
    {
        app.Script.Knows("This is a scandal", "complaint");
        await app.SayAsync(customer, "This is a scandal");
        Assert.Equal("high", customer.Conversation!.Priority);
    });

    [Fact]
    public Task Lookup_failed() => HandsOverAsync(
        "lookup-failed",
        new RouterApplicationOptions { Adjust = b => b.Services.AddSingleton<ILookupCatalog>(new Lookups(new Answers(_ => Task.FromResult<LookupOutcome>(new LookupOutcome.Failed(LookupFailure.TimedOut))))) },
        async (app, customer) =>
        {
            customer.SetEmail("priya@example.com");
            app.Script.Knows("Where is my order 10427?", "order_status");
            await app.SayAsync(customer, "Where is my order 10427?");
            Assert.Contains("orders → failed (timed-out)", customer.Conversation!.Notes[0].Content, StringComparison.Ordinal);
        });

    [Fact]
    public Task Action_failed() => HandsOverAsync(
        "action-failed",
        new RouterApplicationOptions
        {
            IntentsYaml = "cancel_order: { route: cancel-order }",
            RoutesYaml = """
                cancel-order:
                  slots: { order_number: { type: pattern, pattern: '#?(?<value>\d{4,10})', ask: order.ask_number } }
                  action: cancel
                  reply: { done: done, failed: { handoff: { reason: action-failed } } }
                """,
            Yaml = """
                actions:
                  cancel: { kind: http, url: "http://127.0.0.1:9/cancel", allowPrivate: true, idempotencyKey: header }
                """,
        },
        async (app, customer) =>
        {
            app.Script.Knows("Cancel order 10427", "cancel_order");
            await app.SayAsync(customer, "Cancel order 10427");
            await app.SayAsync(customer, "yes");
        });

    [Fact]
    public Task Proof_failed() => HandsOverAsync("proof-failed", _plain, async (app, customer) =>
    {
        app.Script.Knows("Where is my order 10427?", "order_status");
        await app.SayAsync(customer, "Where is my order 10427?");
        foreach (var guess in (string[])["a@example.com", "b@example.com", "c@example.com", "d@example.com"])
        {
            await app.SayAsync(customer, guess);
        }
    });

    [Fact]
    public Task Nlu_down() => HandsOverAsync("nlu-down", _plain, async (app, customer) =>
    {
        app.Script.Before = (_, _) => throw new AdapterException(AdapterFailure.Unreachable, "Down by the test.");
        await app.SayAsync(customer, "Where is my order?");
        Assert.Contains("No engine answered", customer.Conversation!.Notes[0].Content, StringComparison.Ordinal);
    });

    [Fact]
    public Task Budget_spent()
    {
        var clock = new HeldTime(TimeSpan.FromMinutes(4));
        return HandsOverAsync(
            "budget-spent",
            new RouterApplicationOptions
            {
                TurnBudget = "4m",
                Adjust = b => b.Services.AddSingleton<TimeProvider>(clock).AddSingleton<ILookupCatalog>(new Lookups(new Answers(async token =>
                {
                    clock.Pass();
                    await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, token);
                    return new LookupOutcome.NotFound();
                }))),
            },
            async (app, customer) =>
            {
                customer.SetEmail("priya@example.com");
                app.Script.Knows("Where is my order 10427?", "order_status");
                await app.SayAsync(customer, "Where is my order 10427?");
            });
    }

    [Fact]
    public Task Unsupported() => HandsOverAsync("unsupported", _plain, async (app, customer) =>
    {
        customer.SendPhoto();
        await app.SettleAsync();
        Assert.Contains("Attachments: image", customer.Conversation!.Notes[0].Content, StringComparison.Ordinal);
    });

    [Fact]
    public Task Loop() => HandsOverAsync("loop", new RouterApplicationOptions { BotYaml = "limits: { repliesPerMinute: 2 }" }, async (app, customer) =>
    {
        app.Script.Knows("Where is my order 10427?", "order_status");
        customer.SetEmail("priya@example.com");
        await app.SayAsync(customer, "Where is my order 10427?");
        await app.SayAsync(customer, "Where is my order 10427?");
        await app.SayAsync(customer, "Where is my order 10427?");
    });

    [Fact]
    public Task Poison() => HandsOverAsync(
        "poison",
        new RouterApplicationOptions
        {
            EngineYaml = "attempts: 1",
            Adjust = b => b.Services.AddSingleton<ILookupCatalog>(new Lookups(new Answers(_ => throw new InvalidOperationException("A bug by the test.")))),
        },
        async (app, customer) =>
        {
            customer.SetEmail("priya@example.com");
            app.Script.Knows("Where is my order 10427?", "order_status");
            await app.SayAsync(customer, "Where is my order 10427?");
        });

    [Fact]
    public async Task In_doubt()
    {
        await using var app = await RouterApplication.StartAsync(new RouterApplicationOptions { EngineYaml = "settle: 1s" });
        app.Script.Knows("Where is my order 10427?", "order_status");
        app.Chat.Faults.EchoTimes = 0;
        app.Chat.Faults.Add(PlaygroundEndpoint.CreateMessage, PlaygroundFault.ResetAfterEffect());
        var customer = app.NewCustomer("priya@example.com");
        customer.Say("Where is my order 10427?");
        await app.Chat.WaitUntilAsync(() => customer.Conversation!.Status == ConversationStatus.Open, Quiet.Limit());
        await app.SettleAsync();
        AssertHandedOver(customer, "in-doubt");
        Assert.Single(customer.Conversation!.BotReplies, m => m.Content == "Order 10427 is in transit.");
    }

    [Theory]
    [InlineData("4.2.0")]
    [InlineData("4.16.2")]
    [InlineData("4.17.0")]
    public async Task Team_agent_priority_and_others_attributes_survive_on_every_version(string version)
    {
        await using var app = await RouterApplication.StartAsync(new RouterApplicationOptions
        {
            ChatVersion = version,
            BotYaml = "hours: { timeZone: UTC, open: { mon-sun: 00:00-24:00 } }",
            IntentsYaml = "escalate: { handoff: { reason: asked, team: 4, agent: 21, priority: urgent } }",
        });
        app.Account.AddTeam("Orders");
        app.Script.Knows("Escalate this", "escalate");
        var customer = app.NewCustomer();
        await app.SayAsync(customer, "blurb");
        customer.Conversation!.SetCustomAttributes(new { campaign = "spring" });
        await app.SettleAsync();

        Assert.Single(await app.SayAsync(customer, "Escalate this"));

        var conversation = customer.Conversation!;
        Assert.Equal(ConversationStatus.Open, conversation.Status);
        Assert.Equal("urgent", conversation.Priority);
        Assert.Equal(app.Agent, conversation.Assignee);
        Assert.Equal("Orders", conversation.Team?.Name);
        Assert.Equal("spring", conversation.CustomAttributes.GetProperty("campaign").GetString());
        Assert.Equal("asked", conversation.CustomAttributes.GetProperty("bot_handoff_reason").GetString());
    }

    [Fact]
    public async Task After_a_push_back_the_second_handoff_adds_only_what_is_new()
    {
        await using var app = await RouterApplication.StartAsync();
        app.Script.Knows("a person please", "talk_to_human");
        var customer = app.NewCustomer();
        await app.SayAsync(customer, "a person please");
        app.Agent.PushBack(customer.Conversation!);
        await app.SettleAsync();
        await app.SayAsync(customer, "blurb");

        await app.SayAsync(customer, "a person please");

        var notes = customer.Conversation!.Notes;
        Assert.Equal(2, notes.Count);
        Assert.StartsWith("**Handed over again by the bot", notes[1].Content, StringComparison.Ordinal);
        Assert.DoesNotContain("Wants:", notes[1].Content, StringComparison.Ordinal);
        Assert.Equal(ConversationStatus.Open, customer.Conversation.Status);
    }

    [Fact]
    public async Task A_note_of_which_nobody_knows_whether_it_arrived_is_written_again_and_the_customer_told_once()
    {
        await using var app = await RouterApplication.StartAsync(new RouterApplicationOptions { EngineYaml = "settle: 1s" });
        app.Script.Knows("a person please", "talk_to_human");
        app.Chat.Faults.Add(PlaygroundEndpoint.CreateMessage, PlaygroundFault.Reset());
        var customer = app.NewCustomer();
        customer.Say("a person please");
        await app.Chat.WaitUntilAsync(() => customer.Conversation!.Status == ConversationStatus.Open, Quiet.Limit());
        await app.SettleAsync();

        Assert.Single(customer.Conversation!.BotReplies);
        Assert.Contains("the customer asked for a person", Assert.Single(customer.Conversation.Notes).Content, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Words_of_a_handoff_of_which_nobody_knows_whether_they_arrived_are_a_matter_for_the_desk()
    {
        await using var app = await RouterApplication.StartAsync(new RouterApplicationOptions { EngineYaml = "settle: 1s" });
        app.Script.Knows("a person please", "talk_to_human");
        app.Chat.Faults.Add(PlaygroundEndpoint.CreateMessage, PlaygroundFault.Reset(), when: call => System.Text.Encoding.UTF8.GetString(call.Body.Span).Contains("\"private\":false", StringComparison.Ordinal));
        var customer = app.NewCustomer();
        customer.Say("a person please");
        await app.Chat.WaitUntilAsync(() => customer.Conversation!.Notes.Count == 2, Quiet.Limit());
        await app.SettleAsync();

        Assert.Equal(ConversationStatus.Open, customer.Conversation!.Status);
        Assert.Empty(customer.Conversation.BotReplies);
        Assert.Contains("it is not known whether the last reply arrived", customer.Conversation.Notes[1].Content, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(PlaygroundEndpoint.CustomAttributes)]
    [InlineData(PlaygroundEndpoint.TogglePriority)]
    public async Task What_the_chat_cannot_do_does_not_keep_the_customer_from_a_colleague(PlaygroundEndpoint broken)
    {
        await using var app = await RouterApplication.StartAsync(new RouterApplicationOptions { EngineYaml = "sendAttempts: 2" });
        app.Script.Knows("This is a scandal", "complaint");
        app.Chat.Faults.Add(broken, PlaygroundFault.Status(500), times: int.MaxValue);
        var customer = app.NewCustomer();
        customer.Say("This is a scandal");
        await app.Chat.WaitUntilAsync(() => customer.Conversation!.Status == ConversationStatus.Open, Quiet.Limit());

        Assert.Single(customer.Conversation!.BotReplies);
    }

    [Fact]
    public async Task An_outage_uses_up_no_attempts()
    {
        await using var app = await RouterApplication.StartAsync(new RouterApplicationOptions { EngineYaml = "sendAttempts: 1" });
        app.Script.Knows("a person please", "talk_to_human");
        app.Chat.Faults.Add(PlaygroundEndpoint.ToggleStatus, PlaygroundFault.Status(502, "<html>"), times: 2);
        var customer = app.NewCustomer();
        customer.Say("a person please");
        await app.Chat.WaitUntilAsync(() => customer.Conversation!.Status == ConversationStatus.Open, Quiet.Limit());

        Assert.Equal(0, (await app.Store.StatisticsAsync(CancellationToken.None)).Parked);
    }

    [Fact]
    public void Every_reason_has_its_conversation()
    {
        // A stranded customer's is told in SweepTests.
        var told = typeof(HandoffReasonTests).GetMethods().Select(m => m.Name.Replace('_', '-')).Append(Kebab.Of(HandoffReason.Stranded));
        Assert.Empty(Enum.GetValues<HandoffReason>().Select(r => Kebab.Of(r)).Except(told, StringComparer.OrdinalIgnoreCase));
    }

    private static async Task HandsOverAsync(string reason, RouterApplicationOptions options, Func<RouterApplication, PlaygroundCustomer, Task> conversation)
    {
        await using var app = await RouterApplication.StartAsync(options with { Name = Guid.NewGuid().ToString("N") });
        var customer = app.NewCustomer();
        await conversation(app, customer);
        AssertHandedOver(customer, reason);
    }

    private static void AssertHandedOver(PlaygroundCustomer customer, string reason)
    {
        var conversation = customer.Conversation!;
        Assert.True(conversation.Status == ConversationStatus.Open, conversation.Transcript);
        Assert.Equal(reason, conversation.CustomAttributes.GetProperty("bot_handoff_reason").GetString());
        Assert.Equal(1, conversation.Handoffs);
        Assert.True(Assert.Single(conversation.Notes).Id < conversation.BotReplies[^1].Id, conversation.Transcript);
    }

    private sealed class Answers(Func<CancellationToken, Task<LookupOutcome>> answer) : ILookup
    {
        public Task<LookupOutcome> FindAsync(LookupCall call, CancellationToken cancellationToken) => answer(cancellationToken);
    }

    private sealed class Lookups(ILookup lookup) : ILookupCatalog
    {
        public ILookup Find(Configuration.RouterConfiguration configuration, string name) => lookup;
    }
}
