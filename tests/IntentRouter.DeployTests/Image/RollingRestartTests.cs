using IntentRouter.Playground;

namespace IntentRouter.DeployTests.Image;

[Collection(nameof(Image))]
public sealed class RollingRestartTests
{
    private const int Customers = 24;

    private static readonly (string Question, string Answer)[] _questions =
    [
        ("What are your opening hours?", "opening_hours"),
        ("How can I pay?", "payment_methods"),
        ("What delivery options do you have?", "delivery_options"),
        ("Thank you", "thanks"),
    ];

    /// <summary>What an update of the deployment does: a new replica, ready, takes the place of an old one, twice, while customers talk.</summary>
    [SkippableFact]
    public async Task Two_replicas_are_replaced_under_load_and_every_message_is_answered_once_and_in_order()
    {
        await using var shop = await Shop.OpenAsync();
        await using var postgres = await Postgres.StartAsync();
        await using var balancer = await Balancer.StartAsync();
        var settings = shop.Settings();
        settings["Store__Provider"] = "postgres";
        settings["Store__Connection"] = postgres.Connection;
        settings["Bots__shop__Session__Burst"] = "50ms";
        // These customers talk faster than the loop guard believes of people.
        settings["Bots__shop__Limits__RepliesPerMinute"] = "10000";
        async Task<RouterContainer> JoinAsync()
        {
            var replica = await (await RouterContainer.StartAsync(settings, shop.Mount)).ReadyAsync();
            balancer.Add(replica);
            return replica;
        }

        async Task LeaveAsync(RouterContainer replica)
        {
            // preStop: endpoints are withdrawn first, what is under way to the old replica still arrives.
            await balancer.RemoveAsync(replica);
            Assert.Equal(0, await replica.StopAsync());
        }

        await using var first = await JoinAsync();
        await using var second = await JoinAsync();
        shop.Connect(balancer.Url);
        using var stop = new CancellationTokenSource();
        var customers = Enumerable.Range(0, Customers).Select(n => TalkAsync(shop, n, stop.Token)).ToArray();

        await WaitForRepliesAsync(shop, Customers);
        await using var third = await JoinAsync();
        await LeaveAsync(first);
        await WaitForRepliesAsync(shop, 3 * Customers);
        await using var fourth = await JoinAsync();
        await LeaveAsync(second);
        await WaitForRepliesAsync(shop, 5 * Customers);
        await stop.CancelAsync();
        var asked = await Task.WhenAll(customers);
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(5));
        await shop.Chat.WaitUntilIdleAsync(limit.Token);

        Assert.DoesNotContain(shop.Chat.Deliveries, delivery => delivery.Outcome != DeliveryOutcome.Accepted);
        var texts = Texts();
        foreach (var (conversation, intents) in asked)
        {
            Assert.Equal(intents.Select(intent => texts[intent]), conversation.BotReplies.Select(reply => reply.Content!));
            Assert.Equal(ConversationStatus.Pending, conversation.Status);
        }
    }

    private static async Task<(PlaygroundConversation Conversation, IReadOnlyList<string> Intents)> TalkAsync(Shop shop, int number, CancellationToken stop)
    {
        var customer = shop.Customer();
        var intents = new List<string>();
        while (!stop.IsCancellationRequested)
        {
            var (question, intent) = _questions[(number + intents.Count) % _questions.Length];
            intents.Add(intent);
            await shop.AskAsync(customer, question);
        }

        return (customer.Conversation!, intents);
    }

    private static async Task WaitForRepliesAsync(Shop shop, int count)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(10));
        await shop.Chat.WaitUntilAsync(() => shop.Conversations.Sum(conversation => conversation.BotReplies.Count) >= count, limit.Token);
    }

    private static Dictionary<string, string> Texts() =>
        new YamlDotNet.Serialization.DeserializerBuilder().Build().Deserialize<Dictionary<string, object>>(Repository.Read("samples/shop/texts/en.yaml"))
            .ToDictionary(text => text.Key, text => text.Value as string ?? "");
}
