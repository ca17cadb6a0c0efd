using System.Net.Http.Json;
using Microsoft.Extensions.Time.Testing;

namespace IntentRouter.Playground.Tests;

/// <summary>What docs/guide/playground.md shows, compiled and run.</summary>
public sealed class GuideTests
{
    [Fact]
    public async Task The_guides_example_runs()
    {
        await using var listener = await BotListener.StartAsync();
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(120), TimeProvider.System);
        var cancellationToken = limit.Token;

        // A clock that stands still: a busy machine may need more than the five seconds that a bot has.
        var clock = new FakeTimeProvider(Scene.Start);
        await using var server = await PlaygroundServer.StartAsync(new PlaygroundOptions { Version = PlaygroundVersion.Parse("4.16.2"), Clock = clock }, cancellationToken);
        var scene = PlaygroundScene.Furnish(server.Chat, "Order helper", listener.Url, accessToken: "the-bots-token");
        var customer = scene.Website.AddCustomer("Ada", email: "ada@example.com", verified: true);
        using var bot = new HttpClient { BaseAddress = server.BaseUrl, DefaultRequestHeaders = { { "Api-Access-Token", "the-bots-token" } } };
        listener.Meanwhile = async received =>
        {
            if (received.Json.TryGetProperty("message_type", out var type) && type.GetString() == "incoming")
            {
                var conversation = received.Json.GetProperty("conversation").GetProperty("id").GetInt64();
                using var _ = await bot.PostAsJsonAsync($"/api/v1/accounts/3/conversations/{conversation}/messages", new { content = "It left." }, cancellationToken);
            }
        };

        customer.Say("Where is my order 10427?");
        var reply = await server.Chat.WaitForAsync(() => customer.Conversation!.BotReplies is [var first, ..] ? first : null, cancellationToken);
        scene.Agent.TakeOver(customer.Conversation!);
        await server.Chat.WaitUntilIdleAsync(cancellationToken);

        Assert.Equal("It left.", reply.Content);
        Assert.Single(server.Chat.Ledger.PublicIn(customer.Conversation!));
        Assert.All(server.Chat.Deliveries, d => Assert.Equal(DeliveryOutcome.Accepted, d.Outcome));
    }
}
