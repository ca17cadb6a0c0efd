using IntentRouter.Playground;
using IntentRouter.Tests.Fulfillment;

namespace IntentRouter.ServiceTests.Fulfillment;

/// <summary>Somebody who begins anew as another visitor after every few tries: what they try is counted, not only who they are.</summary>
public sealed class GuessingTests
{
    [Fact]
    public async Task An_address_whose_orders_are_tried_out_is_for_people_from_then_on()
    {
        await using var app = await RouterApplication.StartAsync(new RouterApplicationOptions { BotYaml = "proof: { attemptsPerContact: 1 }" });
        for (var guess = 10001; guess <= 10003; guess++)
        {
            app.Script.Knows($"order {guess} priya@example.com", "order_status");
            Assert.Equal(ConversationStatus.Open, (await SayAsNewcomerAsync(app, $"order {guess} priya@example.com")).Status);
        }

        // The fourth guess is right, and still nothing is told; who owns it is not turned away but answered by a person.
        app.Script.Knows("order 10427 priya@example.com", "order_status");
        var lucky = await SayAsNewcomerAsync(app, "order 10427 priya@example.com");
        Assert.DoesNotContain("transit", lucky.Transcript, StringComparison.Ordinal);
        Assert.Equal((ConversationStatus.Open, "proof-failed"), (lucky.Status, lucky.CustomAttributes.GetProperty("bot_handoff_reason").GetString()));

        app.Script.Knows("order 10428 tomas@example.com", "order_status");
        Assert.Contains("delivered", (await SayAsNewcomerAsync(app, "order 10428 tomas@example.com")).Transcript, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_address_gets_a_few_codes_a_day_however_many_visitors_ask_for_them()
    {
        await using var mail = await BackingApi.StartAsync();
        await using var app = await RouterApplication.StartAsync(ProofByCodeTests.Options(mail) with { BotYaml = "proof: { sender: mail, attemptsPerContact: 2 }" });
        app.Script.Knows("my order 10427 priya@example.com", "private_status");
        Assert.Equal(ConversationStatus.Pending, (await SayAsNewcomerAsync(app, "my order 10427 priya@example.com")).Status);
        Assert.Equal(ConversationStatus.Pending, (await SayAsNewcomerAsync(app, "my order 10427 priya@example.com")).Status);

        var third = await SayAsNewcomerAsync(app, "my order 10427 priya@example.com");

        Assert.Equal(2, mail.Requests.Count);
        Assert.Equal((ConversationStatus.Open, "proof-failed"), (third.Status, third.CustomAttributes.GetProperty("bot_handoff_reason").GetString()));
    }

    private static async Task<PlaygroundConversation> SayAsNewcomerAsync(RouterApplication app, string text)
    {
        var customer = app.NewCustomer();
        await app.SayAsync(customer, text);
        return customer.Conversation!;
    }
}
