using IntentRouter.Configuration;
using IntentRouter.Nlu;
using IntentRouter.Playground;
using IntentRouter.Provisioning;
using Microsoft.Extensions.DependencyInjection;

namespace IntentRouter.ServiceTests.Handoffs;

/// <summary>A chat that refuses for good what the customer depends on: the words, or the status that shows the conversation to the desk.</summary>
public sealed class RefusalTests
{
    private const string NotForBots = """{"error":"Access to this endpoint is not authorized for bots"}""";

    [Theory]
    [InlineData(401, NotForBots, "closed to this kind of token")]
    [InlineData(404, null, "does not know this account, conversation or address")]
    [InlineData(422, null, "did not accept the content")]
    public async Task A_conversation_that_cannot_be_opened_waits_among_the_parked_until_it_can(int status, string? body, string reason)
    {
        await using var app = await StartAsync();
        app.Chat.Faults.Add(PlaygroundEndpoint.ToggleStatus, PlaygroundFault.Status(status, body), times: int.MaxValue);
        var customer = app.NewCustomer();
        Assert.Single(await app.SayAsync(customer, "a person please"));
        Assert.Equal(ConversationStatus.Pending, customer.Conversation!.Status);

        var parked = Assert.Single(await app.Store.ListParkedAsync(10, CancellationToken.None));
        Assert.Contains(reason, parked.Reason, StringComparison.Ordinal);

        app.Chat.Faults.Clear();
        Assert.True(await app.Store.RetryParkedAsync(parked.Sequence, CancellationToken.None));
        await app.Chat.WaitUntilAsync(() => customer.Conversation.Status == ConversationStatus.Open, Quiet.Limit());
        await app.SettleAsync();
        Assert.Single(customer.Conversation.BotReplies);
    }

    [Fact]
    public async Task Doctor_says_what_is_parked_although_the_service_holds_the_store()
    {
        await using var app = await StartAsync();
        var options = app.Services.GetRequiredService<ILiveConfiguration>().Current.Options;
        options.Management.Url = app.Management.BaseAddress!.ToString().TrimEnd('/');
        var doctor = new PartsCheck(options, app.Directory, services => services.AddAdapters<ScriptedModule>());
        Assert.Equal("The running service holds it.", Assert.Single(await doctor.RunAsync(CancellationToken.None), f => f.Area == "store").Text);

        app.Chat.Faults.Add(PlaygroundEndpoint.ToggleStatus, PlaygroundFault.Status(404), times: int.MaxValue);
        await app.SayAsync(app.NewCustomer(), "a person please");

        Assert.Equal("1 events are parked.", Assert.Single(await doctor.RunAsync(CancellationToken.None), f => f.Area == "store").Text);
    }

    [Theory]
    [InlineData(401, NotForBots)]
    [InlineData(404, null)]
    [InlineData(422, null)]
    public async Task The_administrators_token_opens_what_the_bots_may_not(int status, string? body)
    {
        await using var app = await StartAsync($"adminToken: {RouterApplication.AdminToken}");
        app.Chat.Faults.Add(PlaygroundEndpoint.ToggleStatus, PlaygroundFault.Status(status, body), times: int.MaxValue, when: call => call.Caller is PlaygroundBot);
        var customer = app.NewCustomer();
        await app.SayAsync(customer, "a person please");

        Assert.Equal(ConversationStatus.Open, customer.Conversation!.Status);
        Assert.Empty(await app.Store.ListParkedAsync(10, CancellationToken.None));
    }

    [Fact]
    public async Task What_the_administrator_does_not_find_either_waits_for_nobody()
    {
        await using var app = await StartAsync($"adminToken: {RouterApplication.AdminToken}");
        app.Chat.Faults.Add(PlaygroundEndpoint.ToggleStatus, PlaygroundFault.Status(404), times: int.MaxValue);
        await app.SayAsync(app.NewCustomer(), "a person please");

        Assert.Empty(await app.Store.ListParkedAsync(10, CancellationToken.None));
    }

    [Fact]
    public async Task A_customer_whose_answer_is_refused_gets_a_colleague()
    {
        await using var app = await StartAsync();
        app.Script.Knows("Where is my order 10427?", "order_status");
        app.Chat.Faults.Add(
            PlaygroundEndpoint.CreateMessage,
            PlaygroundFault.Status(422),
            times: int.MaxValue,
            when: call => call.Caller is PlaygroundBot && System.Text.Encoding.UTF8.GetString(call.Body.Span).Contains("\"private\":false", StringComparison.Ordinal));
        var customer = app.NewCustomer("priya@example.com");
        await app.SayAsync(customer, "Where is my order 10427?");

        Assert.Equal(ConversationStatus.Open, customer.Conversation!.Status);
        Assert.Equal("unsupported", customer.Conversation.CustomAttributes.GetProperty("bot_handoff_reason").GetString());
        Assert.Single(customer.Conversation.Notes);
    }

    private static async Task<RouterApplication> StartAsync(string chatYaml = "")
    {
        var app = await RouterApplication.StartAsync(new RouterApplicationOptions { EngineYaml = "sendAttempts: 1", ChatYaml = chatYaml });
        app.Script.Knows("a person please", "talk_to_human");
        return app;
    }
}
