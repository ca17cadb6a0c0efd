using System.Collections.Concurrent;
using IntentRouter.Inbox;
using IntentRouter.Playground;
using Microsoft.Extensions.DependencyInjection;

namespace IntentRouter.ServiceTests.Typing;

/// <summary>What the customer sees of a turn that takes its time, and what must not be seen.</summary>
public sealed class TypingTests
{
    private const string Question = "Where is my order 10427?";

    [Fact]
    public async Task A_slow_turn_shows_typing_until_the_reply_is_out()
    {
        await using var scene = await Scene.StartAsync("4.16.2");

        var customer = scene.Asks();
        await scene.EngineIsAskedAsync();
        scene.TimePasses();
        await scene.UntilAsync(() => customer.Conversation!.Typing == true);
        scene.EngineAnswers();
        await scene.UntilAsync(() => customer.Conversation!.Typing == false);
        await scene.App.SettleAsync();

        Assert.Equal(["typing on", "message", "typing off"], scene.Calls);
    }

    [Fact]
    public async Task A_fast_turn_makes_no_call_more()
    {
        await using var scene = await Scene.StartAsync("4.16.2");
        scene.EngineAnswers();

        scene.Asks();
        await scene.App.SettleAsync();
        scene.TimePasses();
        await scene.App.SettleAsync();

        Assert.Equal(["message"], scene.Calls);
    }

    [Fact]
    public async Task A_version_that_refuses_is_asked_once()
    {
        await using var scene = await Scene.StartAsync("4.2.0");

        for (var turn = 0; turn < 2; turn++)
        {
            Assert.Single((await scene.SlowTurnAsync()).Conversation!.BotReplies);
        }

        Assert.Equal(["typing on", "message", "message"], scene.Calls);
    }

    [Theory]
    [InlineData(403)]
    [InlineData(404)]
    [InlineData(429)]
    [InlineData(500)]
    public async Task A_chat_that_fails_on_it_is_left_in_peace_and_the_reply_comes(int status)
    {
        await using var scene = await Scene.StartAsync("4.16.2");
        scene.App.Chat.Faults.Add(PlaygroundEndpoint.ToggleTyping, PlaygroundFault.Status(status), times: int.MaxValue);

        for (var turn = 0; turn < 2; turn++)
        {
            Assert.Single((await scene.SlowTurnAsync()).Conversation!.BotReplies);
        }

        Assert.Single(scene.Calls, "typing on");
    }

    [Fact]
    public async Task A_reply_does_not_wait_for_it()
    {
        await using var scene = await Scene.StartAsync("4.16.2");
        var stuck = new TaskCompletionSource();
        scene.App.Chat.Faults.Add(PlaygroundEndpoint.ToggleTyping, PlaygroundFault.After((_, _) => stuck.Task), times: int.MaxValue);

        var customer = scene.Asks();
        await scene.EngineIsAskedAsync();
        scene.TimePasses();
        await scene.UntilAsync(() => scene.Calls.Contains("typing on"));
        scene.EngineAnswers();
        await scene.UntilAsync(() => customer.Conversation!.BotReplies.Count == 1);

        Assert.Null(customer.Conversation!.Typing);
        stuck.SetResult();
    }

    [Fact]
    public async Task After_a_human_stepped_in_no_typing_begins()
    {
        await using var scene = await Scene.StartAsync("4.16.2");

        var customer = scene.Asks();
        await scene.EngineIsAskedAsync();
        var word = scene.App.Agent.Reply(customer.Conversation!, "I am taking over.");
        await scene.UntilAsync(() => scene.App.Chat.Deliveries.Any(d => d.MessageId == word.Id && d is { Event: "message_created", Outcome: DeliveryOutcome.Accepted }));
        scene.TimePasses();
        scene.EngineAnswers();
        await scene.App.SettleAsync();

        Assert.Empty(scene.Calls);
    }

    [Fact]
    public async Task Where_the_bot_is_not_in_charge_it_does_not_type()
    {
        await using var scene = await Scene.StartAsync("4.16.2", "assist: { on: true }");
        scene.EngineAnswers();
        var customer = scene.Asks();
        await scene.App.SettleAsync();
        scene.App.Agent.SetStatus(customer.Conversation!, ConversationStatus.Open);
        await scene.App.SettleAsync();
        scene.EngineThinks();

        customer.Say(Question);
        await scene.EngineIsAskedAsync();
        scene.TimePasses();
        scene.EngineAnswers();
        await scene.App.SettleAsync();

        Assert.DoesNotContain("typing on", scene.Calls);
    }

    private sealed class Scene : IAsyncDisposable
    {
        private readonly HeldTime _clock = new(TypingBubble.Patience);
        private volatile TaskCompletionSource _asked = New();
        private volatile TaskCompletionSource _answers = New();

        public RouterApplication App { get; private set; } = null!;

        /// <summary>The bot's calls to the chat, in the order in which they came.</summary>
        public ConcurrentQueue<string> Calls { get; } = new();

        public static async Task<Scene> StartAsync(string version, string botYaml = "")
        {
            var scene = new Scene();
            scene.App = await RouterApplication.StartAsync(new RouterApplicationOptions
            {
                ChatVersion = version,
                BotYaml = botYaml,
                Adjust = b => b.Services.AddSingleton<TimeProvider>(scene._clock),
            });
            scene.App.Script.Knows(Question, "order_status");
            scene.App.Script.Before = async (_, _) =>
            {
                scene._asked.TrySetResult();
                await scene._answers.Task;
            };
            scene.Count(PlaygroundEndpoint.ToggleTyping, call => System.Text.Encoding.UTF8.GetString(call.Body.Span).Contains("\"on\"", StringComparison.Ordinal) ? "typing on" : "typing off");
            scene.Count(PlaygroundEndpoint.CreateMessage, _ => "message");
            return scene;
        }

        public PlaygroundCustomer Asks()
        {
            var customer = App.NewCustomer("priya@example.com");
            customer.Say(Question);
            return customer;
        }

        /// <summary>The first of a scene; the engine answers the later ones at once.</summary>
        public async Task<PlaygroundCustomer> SlowTurnAsync()
        {
            var customer = Asks();
            await EngineIsAskedAsync();
            TimePasses();
            await UntilAsync(() => Calls.Contains("typing on"));
            EngineAnswers();
            await App.SettleAsync();
            return customer;
        }

        public Task EngineIsAskedAsync() => _asked.Task.WaitAsync(Quiet.Limit());

        public void EngineAnswers() => _answers.TrySetResult();

        public void EngineThinks() => (_asked, _answers) = (New(), New());

        public void TimePasses() => _clock.Pass();

        public Task UntilAsync(Func<bool> condition) => App.Chat.WaitUntilAsync(condition, Quiet.Limit());

        public ValueTask DisposeAsync()
        {
            EngineAnswers();
            return App.DisposeAsync();
        }

        /// <summary>Sees the call and lets the scripts behind it have it.</summary>
        private void Count(PlaygroundEndpoint endpoint, Func<PlaygroundCall, string> name) => App.Chat.Faults.Add(
            endpoint,
            PlaygroundFault.Reset(),
            times: int.MaxValue,
            when: call =>
            {
                if (call.Caller is PlaygroundBot)
                {
                    Calls.Enqueue(name(call));
                }

                return false;
            });

        private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
