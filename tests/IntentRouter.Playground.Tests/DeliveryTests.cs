using System.Security.Cryptography;
using System.Text;

namespace IntentRouter.Playground.Tests;

public sealed class DeliveryTests
{
    [Theory]
    [InlineData("4.2.0", 500)]
    [InlineData("4.2.0", 429)]
    [InlineData("4.11.0", 500)]
    [InlineData("4.16.2", 503)]
    [InlineData("4.16.2", 401)]
    [InlineData("4.16.2", 302)]
    public async Task What_is_not_to_be_retried_is_sent_once(string version, int status)
    {
        await using var scene = await Scene.StartAsync(version);
        scene.Listener.Answers.Enqueue(status);

        scene.Customer.Say("hello");
        await scene.Chat.WaitUntilAsync(() => scene.Chat.Deliveries.Count > 0, Limit());

        var delivery = scene.Chat.Deliveries[0];
        Assert.Equal((DeliveryOutcome.Refused, status, 1), (delivery.Outcome, delivery.StatusCode, delivery.Attempt));
        await scene.IdleAsync();
        Assert.Single(scene.Listener.All, r => r.Event == "message_created");
    }

    [Theory]
    [InlineData(429)]
    [InlineData(500)]
    public async Task From_4_12_it_is_sent_three_times_three_seconds_apart(int status)
    {
        await using var scene = await Scene.StartAsync("4.16.2");
        for (var i = 0; i < 3; i++)
        {
            scene.Listener.Answers.Enqueue(status);
        }

        scene.Customer.Say("hello");
        for (var attempt = 1; attempt <= 2; attempt++)
        {
            await scene.Chat.WaitUntilAsync(() => scene.Chat.Deliveries.Count == attempt, Limit());
            scene.Clock.Advance(TimeSpan.FromSeconds(3));
        }

        await scene.IdleAsync();

        var created = scene.Chat.Deliveries.Where(d => d.Event == "message_created").ToArray();
        Assert.Equal([DeliveryOutcome.WillRetry, DeliveryOutcome.WillRetry, DeliveryOutcome.Refused], created.Select(d => d.Outcome));
        Assert.Equal([Scene.Start, Scene.Start.AddSeconds(3), Scene.Start.AddSeconds(6)], created.Select(d => d.StartedAt));
        var sent = scene.Listener.All.Where(r => r.Event == "message_created").ToArray();
        Assert.Single(sent.Select(r => r.Headers["X-Chatwoot-Delivery"]).Distinct());
        Assert.Equal(3, sent.Select(r => r.Headers["X-Chatwoot-Timestamp"]).Distinct().Count());
    }

    [Theory]
    [InlineData("4.2.0", false)]
    [InlineData("4.12.0", false)]
    [InlineData("4.13.0", true)]
    public async Task From_4_13_a_delivery_is_signed_over_timestamp_dot_and_raw_body(string version, bool signed)
    {
        await using var scene = await (await Scene.StartAsync(version)).SaidAsync("with <angles> & more");

        var sent = scene.Listener.All[0];

        Assert.Equal("application/json", sent.Headers["Content-Type"]);
        Assert.Equal(signed, sent.Headers.ContainsKey("X-Chatwoot-Signature"));
        Assert.Equal(signed, sent.Headers.ContainsKey("X-Chatwoot-Delivery"));
        if (signed)
        {
            var input = Encoding.UTF8.GetBytes(sent.Headers["X-Chatwoot-Timestamp"] + ".").Concat(sent.Body).ToArray();
            var expected = Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(scene.Bot.Secret), input));
            Assert.Equal("sha256=" + expected, sent.Headers["X-Chatwoot-Signature"]);
        }
    }

    [Theory]
    [InlineData("4.2.0", false, "pending")]
    [InlineData("4.7.0", false, "open")]
    [InlineData("4.7.0", true, "open")]
    [InlineData("4.11.0", true, "pending")]
    public async Task A_bot_that_fails_loses_the_conversation_as_the_version_has_it(string version, bool keepsPending, string status)
    {
        await using var scene = await Scene.StartAsync(version);
        scene.Account.KeepsPendingOnBotFailure = keepsPending;
        scene.Listener.Answers.Enqueue(404);

        await scene.SaidAsync();

        Assert.Equal(status, scene.Conversation.Status.Name());
        Assert.Equal(status == "open", scene.Listener.Events.Contains("conversation_opened"));
    }

    [Fact]
    public async Task A_silent_bot_is_given_up_after_five_seconds()
    {
        await using var scene = await Scene.StartAsync();
        var arrived = new TaskCompletionSource();
        var release = new TaskCompletionSource();
        scene.Listener.Meanwhile = _ =>
        {
            arrived.TrySetResult();
            return release.Task;
        };

        scene.Customer.Say("hello");
        await arrived.Task.WaitAsync(Limit());
        scene.Clock.Advance(TimeSpan.FromSeconds(5));
        await scene.IdleAsync();
        release.SetResult();

        Assert.Equal(DeliveryOutcome.TimedOut, Assert.Single(scene.Chat.Deliveries).Outcome);
        Assert.Equal(ConversationStatus.Pending, scene.Conversation.Status);
    }

    [Fact]
    public async Task Nobody_listening_is_recorded_as_unreachable()
    {
        await using var scene = await Scene.StartAsync();
        scene.Bot.OutgoingUrl = "http://127.0.0.1:1/bots/x/y";

        await scene.SaidAsync();

        Assert.Equal(DeliveryOutcome.Unreachable, Assert.Single(scene.Chat.Deliveries).Outcome);
    }

    [Theory]
    [InlineData("http://192.0.2.7/bots/x/y", "4.2.0", false)]
    [InlineData("ftp://127.0.0.1/bots/x/y", "4.2.0", false)]
    [InlineData("http://127.0.0.1:1/bots/x/y", "4.14.0", true)]
    public async Task Addresses_that_may_not_be_called_are_not_called(string url, string version, bool refusesPrivate)
    {
        await using var scene = await Scene.StartAsync(version, (v, c) => new PlaygroundOptions
        {
            Version = v,
            Clock = c,
            Delivery = new PlaygroundDeliveryOptions { RefusesPrivateAddresses = refusesPrivate },
        });
        scene.Bot.OutgoingUrl = url;

        await scene.SaidAsync();

        Assert.All(scene.Chat.Deliveries, d => Assert.Equal(DeliveryOutcome.Forbidden, d.Outcome));
        Assert.NotEmpty(scene.Chat.Deliveries);
    }

    [Theory]
    [InlineData("")]
    [InlineData(null)]
    public async Task A_bot_without_an_address_receives_nothing(string? url)
    {
        await using var scene = await Scene.StartAsync();
        scene.Bot.OutgoingUrl = url;

        await scene.SaidAsync();

        Assert.Empty(scene.Chat.Deliveries);
    }

    [Fact]
    public async Task A_customers_events_arrive_in_order_unless_asked_otherwise()
    {
        await using var scene = await Scene.StartAsync();

        scene.Customer.Burst([.. Enumerable.Range(0, 50).Select(i => $"message {i}")]);
        await scene.IdleAsync();

        Assert.Equal(Enumerable.Range(0, 50).Select(i => $"message {i}"), scene.Listener.All.Select(r => r.Json.GetProperty("content").GetString()));
    }

    [Fact]
    public async Task Shuffled_deliveries_all_arrive_in_another_order()
    {
        await using var scene = await Scene.StartAsync("4.2.0", (v, c) => new PlaygroundOptions
        {
            Version = v,
            Clock = c,
            Delivery = new PlaygroundDeliveryOptions { Order = PlaygroundDeliveryOrder.Shuffled, Workers = 1 },
        });
        scene.Chat.PauseDeliveries();
        scene.Customer.Burst([.. Enumerable.Range(0, 30).Select(i => $"message {i}")]);

        scene.Chat.ResumeDeliveries();
        await scene.IdleAsync();

        var ids = scene.Listener.All.Select(r => r.Json.GetProperty("id").GetInt64()).ToArray();
        Assert.Equal(30, ids.Distinct().Count());
        Assert.NotEqual(ids.Order(), ids);
    }

    [Fact]
    public async Task A_delivery_may_come_twice_with_the_same_id()
    {
        await using var scene = await Scene.StartAsync("4.13.0", (v, c) => new PlaygroundOptions
        {
            Version = v,
            Clock = c,
            Delivery = new PlaygroundDeliveryOptions { DuplicateProbability = 1 },
        });

        await scene.SaidAsync();
        scene.Chat.Redeliver(scene.Chat.Deliveries[0]);
        await scene.IdleAsync();

        Assert.Equal(3, scene.Listener.All.Count(r => r.Event == "message_created"));
        Assert.Single(scene.Listener.All.Where(r => r.Event == "message_created").Select(r => r.Headers["X-Chatwoot-Delivery"]).Distinct());
    }

    [Fact]
    public async Task An_account_webhook_at_the_same_address_brings_every_message_twice_and_tells_more()
    {
        await using var scene = await Scene.StartAsync();
        scene.Account.AddWebhook(scene.Listener.Url, "message_created", "conversation_created", "conversation_status_changed");

        await scene.SaidAsync();
        scene.Conversation.SetStatus(ConversationStatus.Snoozed);
        await scene.IdleAsync();

        Assert.Equal(2, scene.Listener.Events.Count(e => e == "message_created"));
        Assert.Contains("conversation_created", scene.Listener.Events);
        Assert.Contains("conversation_status_changed", scene.Listener.Events);
    }

    [Fact]
    public async Task A_rotated_secret_does_not_change_what_is_queued_already()
    {
        await using var scene = await Scene.StartAsync("4.13.0");
        var old = scene.Bot.Secret;
        scene.Chat.PauseDeliveries();
        scene.Customer.Say("hello");

        await scene.PostAsync(scene.InAccount($"/agent_bots/{scene.Bot.Id}/reset_secret"), new { }, scene.Admin.AccessToken);
        scene.Chat.ResumeDeliveries();
        await scene.IdleAsync();

        var sent = scene.Listener.All[0];
        var input = Encoding.UTF8.GetBytes(sent.Headers["X-Chatwoot-Timestamp"] + ".").Concat(sent.Body).ToArray();
        Assert.NotEqual(old, scene.Bot.Secret);
        Assert.Equal("sha256=" + Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(old), input)), sent.Headers["X-Chatwoot-Signature"]);
    }

    [Fact]
    public async Task A_vanished_playground_stops_its_waiting_retries()
    {
        var scene = await Scene.StartAsync("4.16.2");
        scene.Listener.Answers.Enqueue(500);
        scene.Customer.Say("hello");
        await scene.Chat.WaitUntilAsync(() => scene.Chat.Deliveries.Count == 1, Limit());

        await scene.DisposeAsync().AsTask().WaitAsync(Limit());

        Assert.Single(scene.Chat.Deliveries);
    }

    private static CancellationToken Limit() => new CancellationTokenSource(TimeSpan.FromSeconds(120), TimeProvider.System).Token;
}
