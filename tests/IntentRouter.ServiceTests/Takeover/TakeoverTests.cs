using System.Collections.Concurrent;
using System.Globalization;
using IntentRouter.Conversations;
using IntentRouter.Playground;
using IntentRouter.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace IntentRouter.ServiceTests.Takeover;

/// <summary>
/// A human speaks while the bot is at work. Whatever step it is at, no public message of the bot may begin after the human's event was acknowledged: both
/// moments are positions in one order that the playground keeps.
/// </summary>
public sealed class TakeoverTests
{
    private static readonly string[] _words = ["Where is my order 10427?", "I want to talk to a human"];

    [Theory]
    [InlineData("4.2.0")]
    [InlineData("4.16.2")]
    public async Task A_humans_word_at_every_step_of_a_turn_is_the_last_public_one(string version)
    {
        await using var scene = await StartAsync(version);
        for (var word = 0; word < _words.Length; word++)
        {
            var steps = await scene.CountStepsAsync(_words[word]);
            Assert.True(steps >= 8, $"Only {steps} steps were seen.");
            await scene.RunAsync([.. from step in Enumerable.Range(1, steps) from waits in (bool[])[false, true] select new Interruption(_words[word], step, waits)]);
        }

        scene.AssertNobodyWasTalkedOver(atLeast: 20);
    }

    [Fact]
    public async Task A_thousand_random_interleavings_leave_no_bot_talking_over_a_human()
    {
        await using var scene = await StartAsync("4.2.0");
        int[] steps = [await scene.CertainStepsAsync(_words[0]), await scene.CertainStepsAsync(_words[1])];
        var random = new Random(20260302);
        for (var batch = 0; batch < 20; batch++)
        {
            await scene.RunAsync([.. Enumerable.Range(0, 50).Select(_ =>
            {
                var word = random.Next(_words.Length);
                return new Interruption(_words[word], random.Next(1, steps[word] + 1), random.Next(4) == 0);
            })]);
        }

        scene.AssertNobodyWasTalkedOver(atLeast: 950);
    }

    /// <summary>Deliveries overtake each other: the human's word is older than the state that the turn is based on.</summary>
    [Theory]
    [InlineData("4.2.0")]
    [InlineData("4.16.2")]
    public async Task A_humans_word_that_the_customers_next_one_overtook_stops_the_reply(string version)
    {
        var (replies, transcript) = await OvertakenAsync(version, told: (_, _) => { }, untold: (agent, conversation) =>
        {
            agent.Reply(conversation, "I am taking over.");
            conversation.SetCustomAttributes(new { campaign = "spring" });
        });

        Assert.True(replies == 0, transcript);
    }

    [Theory]
    [InlineData("4.2.0")]
    [InlineData("4.16.2")]
    public async Task A_humans_word_from_before_the_push_back_does_not(string version)
    {
        var (replies, transcript) = await OvertakenAsync(version, told: (agent, conversation) => agent.SetStatus(conversation, ConversationStatus.Open), untold: (agent, conversation) =>
        {
            agent.Reply(conversation, "I am taking over.");
            agent.PushBack(conversation);
        });

        Assert.True(replies == 1, transcript);
    }

    [Theory]
    [InlineData("4.2.0")]
    [InlineData("4.16.2")]
    public async Task Nor_does_one_that_was_said_while_the_conversation_was_open_although_nobody_told_that_it_was(string version)
    {
        var (replies, transcript) = await OvertakenAsync(version, told: (_, _) => { }, untold: (agent, conversation) =>
        {
            conversation.SetStatus(ConversationStatus.Open);
            agent.Reply(conversation, "I am taking over.");
            conversation.SetStatus(ConversationStatus.Pending);
        });

        Assert.True(replies == 1, transcript);
    }

    [Fact]
    public async Task Without_the_gate_the_same_runs_show_a_bot_talking_over_a_human()
    {
        await using var scene = await StartAsync("4.2.0", gateIsBroken: true);
        var steps = await scene.CountStepsAsync(_words[0]);
        await scene.RunAsync([.. Enumerable.Range(1, steps).Select(step => new Interruption(_words[0], step, Waits: true))]);

        var noticed = Assert.ThrowsAny<Xunit.Sdk.XunitException>(() => scene.AssertNobodyWasTalkedOver(atLeast: 5));
        Assert.Contains("Said after the human", noticed.Message, StringComparison.Ordinal);
    }

    /// <summary>Of what is untold the human's word reaches us while the engine thinks about what the customer said next; the rest is lost.</summary>
    /// <returns>How often the bot answered the customer's next word.</returns>
    private static async Task<(int Replies, string Transcript)> OvertakenAsync(
        string version, Action<PlaygroundUser, PlaygroundConversation> told, Action<PlaygroundUser, PlaygroundConversation> untold)
    {
        await using var app = await RouterApplication.StartAsync(new RouterApplicationOptions { ChatVersion = version });
        app.Script.Knows(_words[0], "order_status");
        var customer = app.NewCustomer("priya@example.com");
        Assert.Single(await app.SayAsync(customer, "blurb"));
        told(app.Agent, customer.Conversation!);
        await app.SettleAsync();
        app.Account.KeepsPendingOnBotFailure = true;
        var url = app.Bot.OutgoingUrl;
        app.Bot.OutgoingUrl = "http://127.0.0.1:1/";
        untold(app.Agent, customer.Conversation!);
        await app.SettleAsync();
        app.Bot.OutgoingUrl = url;
        var (asked, answers) = (new TaskCompletionSource(), new TaskCompletionSource());
        app.Script.Before = (_, _) =>
        {
            asked.TrySetResult();
            return answers.Task;
        };

        customer.Say(_words[0]);
        await asked.Task.WaitAsync(Quiet.Limit());
        var word = app.Chat.Deliveries.Last(d => d is { Event: "message_created", Outcome: DeliveryOutcome.Unreachable });
        using var content = new ByteArrayContent(word.Body.ToArray());
        using var stored = await app.Http.PostAsync(new Uri($"/bots/shop/{RouterApplication.Key}?account={app.Account.Id}", UriKind.Relative), content);
        Assert.Equal(System.Net.HttpStatusCode.OK, stored.StatusCode);
        answers.SetResult();
        await app.SettleAsync();
        return (customer.Conversation!.BotReplies.Count - 1, customer.Conversation.Transcript);
    }

    private static async Task<Scene> StartAsync(string version, bool gateIsBroken = false)
    {
        var scene = new Scene();
        scene.App = await RouterApplication.StartAsync(new RouterApplicationOptions
        {
            ChatVersion = version,
            Adjust = builder =>
            {
                var original = builder.Services.Last(d => d.ServiceType == typeof(IEventStore));
                builder.Services.Remove(original);
                builder.Services.AddSingleton(provider => SteppedStore.Around((IEventStore)original.ImplementationFactory!(provider), scene.StepAsync, gateIsBroken));
            },
        });
        scene.App.Script.Knows(_words[0], "order_status");
        scene.App.Script.Knows(_words[1], "talk_to_human");
        foreach (var endpoint in (PlaygroundEndpoint[])[PlaygroundEndpoint.CreateMessage, PlaygroundEndpoint.CustomAttributes, PlaygroundEndpoint.ToggleStatus])
        {
            scene.App.Chat.Faults.Add(
                endpoint,
                PlaygroundFault.After((call, _) => scene.StepAsync("wire", new ConversationKey("shop", call.AccountId ?? 0, call.ConversationId ?? 0).ToString())),
                times: int.MaxValue,
                when: call => call.Caller is PlaygroundBot);
        }

        return scene;
    }

    /// <summary>The human speaks at this step of the conversation's work, and the work waits until that was acknowledged, or does not.</summary>
    private sealed record Interruption(string Word, int Step, bool Waits);

    private sealed class Scene : IAsyncDisposable
    {
        private readonly ConcurrentDictionary<string, Course> _courses = new();
        private readonly ConcurrentBag<PlaygroundMessage> _humanWords = [];

        public RouterApplication App { get; set; } = null!;

        public async Task<int> CountStepsAsync(string word)
        {
            var customer = App.NewCustomer("priya@example.com");
            await App.SayAsync(customer, word);
            Assert.Single(customer.Conversation!.BotReplies);
            return _courses[KeyOf(customer)].Steps;
        }

        /// <summary>How many steps a turn has at least: an echo that comes early or late makes it one more look at the store or one less.</summary>
        public async Task<int> CertainStepsAsync(string word)
        {
            var fewest = int.MaxValue;
            for (var i = 0; i < 10; i++)
            {
                fewest = Math.Min(fewest, await CountStepsAsync(word));
            }

            return fewest;
        }

        public async Task RunAsync(IReadOnlyList<Interruption> interruptions)
        {
            foreach (var interruption in interruptions)
            {
                var customer = App.NewCustomer("priya@example.com");
                App.Chat.PauseDeliveries();
                customer.Say(interruption.Word);
                _courses[KeyOf(customer)] = new Course { Interruption = interruption, Conversation = customer.Conversation };
                App.Chat.ResumeDeliveries();
            }

            await App.SettleAsync();
        }

        public async Task StepAsync(string step, string conversation)
        {
            var course = _courses.GetOrAdd(conversation, _ => new Course());
            if (course.Next() != course.Interruption?.Step)
            {
                return;
            }

            var word = App.Agent.Reply(course.Conversation!, "I am taking over.");
            _humanWords.Add(word);
            // On the wire the acknowledgement waits for us, and while the customer's own delivery is answered the human's waits behind it: waiting for it here would only
            // prove that both have a time limit.
            if (course.Interruption.Waits && step != "wire" && !step.EndsWith(nameof(IEventStore.AppendAsync), StringComparison.Ordinal))
            {
                await App.Chat.WaitUntilAsync(() => Acknowledged(word) is not null, Quiet.Limit());
            }
        }

        public void AssertNobodyWasTalkedOver(int atLeast)
        {
            var spoken = App.Chat.Ledger.Entries.Where(e => !e.Private).ToLookup(e => e.ConversationId);
            Assert.True(_humanWords.Count >= atLeast, $"Humans spoke only {_humanWords.Count} times.");
            foreach (var word in _humanWords)
            {
                var acknowledged = Acknowledged(word) ?? throw new InvalidOperationException($"{word} was never acknowledged.");
                var late = spoken[word.Conversation.Id].Where(e => e.BegunStamp > acknowledged).ToList();
                Assert.True(late.Count == 0, $"Said after the human: {string.Join("; ", late.Select(l => l.Content))}\n{word.Conversation.Transcript}");
            }

            foreach (var conversation in _humanWords.Select(w => w.Conversation).Distinct())
            {
                Assert.True(conversation.BotReplies.Count <= 1, conversation.Transcript);
            }
        }

        public ValueTask DisposeAsync() => App.DisposeAsync();

        private long? Acknowledged(PlaygroundMessage word) => App.Chat.Deliveries
            .LastOrDefault(d => d.MessageId == word.Id && d is { Event: "message_created", Outcome: DeliveryOutcome.Accepted })?.AnsweredStamp;

        private static string KeyOf(PlaygroundCustomer customer) => string.Create(CultureInfo.InvariantCulture, $"shop/{customer.Inbox.Account.Id}/{customer.Conversation!.Id}");
    }

    private sealed class Course
    {
        private int _steps;

        public Interruption? Interruption { get; init; }

        public PlaygroundConversation? Conversation { get; init; }

        public int Steps => _steps;

        public int Next() => Interlocked.Increment(ref _steps);
    }
}
