using IntentRouter.Playground;

namespace IntentRouter.ServiceTests.Fulfillment;

/// <summary><c>proof.attemptsPerContact</c>: who begins a new conversation for every guess does not get a new set of guesses.</summary>
public sealed class ProofLimitTests
{
    private const string Guess = "Where is my order 10427? mallory@example.com";
    private const string NotFound = "I could not find an order with these details.";

    [Fact]
    public async Task Wrong_facts_are_counted_for_the_contact_over_all_sessions_from_the_first_message_on()
    {
        await using var app = await RouterApplication.StartAsync(new RouterApplicationOptions
        {
            BotYaml = "proof: { attemptsPerConversation: 2, attemptsPerContact: 3 }",
        });
        app.Script.Knows(Guess, "order_status");
        var mallory = app.NewCustomer();
        for (var session = 0; session < 2; session++)
        {
            Assert.Equal(NotFound, Assert.Single(await app.SayAsync(mallory, Guess)));
            app.Agent.Resolve(mallory.Conversation!);
            await app.SettleAsync();
        }

        await app.SayAsync(mallory, Guess);

        Assert.Equal(ConversationStatus.Open, mallory.Conversation!.Status);
        Assert.Equal("proof-failed", mallory.Conversation.CustomAttributes.GetProperty("bot_handoff_reason").GetString());
        Assert.Equal(3, await app.Store.ReadCountAsync("proof-failures", Storage.StoreKeys.Contact(app.Account.Id, mallory.Contact.Id), CancellationToken.None));
    }

    [Fact]
    public async Task Erasing_the_contact_erases_the_count()
    {
        await using var app = await RouterApplication.StartAsync();
        app.Script.Knows(Guess, "order_status");
        var mallory = app.NewCustomer();
        await app.SayAsync(mallory, Guess);
        var key = Storage.StoreKeys.Contact(app.Account.Id, mallory.Contact.Id);
        Assert.Equal(1, await app.Store.ReadCountAsync("proof-failures", key, CancellationToken.None));

        await app.Store.EraseContactAsync(app.Account.Id, mallory.Contact.Id, CancellationToken.None);

        Assert.Equal(0, await app.Store.ReadCountAsync("proof-failures", key, CancellationToken.None));
    }
}
