using System.Diagnostics.Metrics;
using System.Text.Json;
using IntentRouter.Diagnostics;
using IntentRouter.Playground;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;

namespace IntentRouter.ServiceTests.Handoffs;

/// <summary>What the bot suggests to the people on the desk, and whether they take it up.</summary>
public sealed class SuggestionTests
{
    private const string Question = "Where is my order 10427?";

    [Theory]
    [InlineData("Order 10427 is in transit.", "used")]
    [InlineData("Hi Priya, order 10427 is IN TRANSIT! Anything else?", "used")]
    [InlineData("Your order 10427 is on the way.", "edited")]
    [InlineData("Please send us a photo of the parcel.", "unused")]
    public async Task The_next_public_words_of_an_agent_tell_whether_a_suggestion_was_used(string said, string use)
    {
        await using var app = await StartAsync();
        using var suggestions = new MetricCollector<long>(app.Services.GetRequiredService<IMeterFactory>(), RouterTelemetry.Name, "intentrouter.suggestions");
        var conversation = await SuggestedAsync(app);

        app.Agent.Note(conversation, "Order 10427 is in transit.");
        app.Agent.Reply(conversation, said);
        await app.SettleAsync();
        app.Agent.Reply(conversation, "Order 10427 is in transit.");
        await app.SettleAsync();

        Assert.Equal(["given", use], suggestions.GetMeasurementSnapshot().Select(m => (string)m.Tags["intentrouter.outcome"]!));
        var turn = Assert.Single(await TurnsAsync(app, conversation), t => t.GetProperty("decision").GetString()!.StartsWith("suggestion-", StringComparison.Ordinal));
        Assert.Equal($"suggestion-{use}", turn.GetProperty("decision").GetString());
        Assert.Matches(@"holds \d+ ?% of the words", turn.GetProperty("reason").GetString());
        Assert.DoesNotContain("photo", turn.GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_state_keeps_no_words_of_a_suggestion_and_nothing_after_it_was_answered()
    {
        await using var app = await StartAsync();
        var conversation = await SuggestedAsync(app);
        var key = $"shop/{app.Account.Id}/{conversation.Id}";

        var waiting = await app.Store.ReadStateAsync(key, CancellationToken.None);
        Assert.NotNull(waiting!.Session.Suggested);
        Assert.DoesNotContain("transit", JsonSerializer.Serialize(waiting), StringComparison.Ordinal);

        app.Agent.Reply(conversation, "Thanks, I will see to it.");
        await app.SettleAsync();
        Assert.Null((await app.Store.ReadStateAsync(key, CancellationToken.None))!.Session.Suggested);
    }

    [Fact]
    public async Task A_private_field_is_masked_in_what_is_suggested_until_it_is_proven()
    {
        await using var app = await StartAsync(new RouterApplicationOptions
        {
            BotYaml = "assist: { on: true }",
            IntentsYaml = "account: { route: account }",
            RoutesYaml = """
                account:
                  slots: { order_number: { type: pattern, pattern: '#?(?<value>\d{4,10})', ask: order.ask_number } }
                  lookup: account
                  reply: { found: account.found }
                """,
            LookupsYaml = """
                account: { kind: sql, provider: sqlite, connection: "Data Source={orders}", query: "select number, email from orders where number = @order_number", private: [email], timeout: 60s }
                """,
            TextsYaml = "account.found: \"It was ordered by {{ result.email }}.\"",
        });
        app.Script.Knows("who ordered 10427", "account");
        app.Script.Knows("a person please", "talk_to_human");
        var stranger = app.NewCustomer();
        Assert.Equal("It was ordered by p•••@example.com.", Assert.Single(await app.SayAsync(stranger, "who ordered 10427")));

        await app.SayAsync(stranger, "a person please");
        await app.SayAsync(stranger, "who ordered 10427");

        var note = stranger.Conversation!.Notes[^1].Content!;
        Assert.Contains("email: priya@example.com", note, StringComparison.Ordinal);
        Assert.Contains("> It was ordered by p•••@example.com.", note, StringComparison.Ordinal);
    }

    private static Task<RouterApplication> StartAsync() => StartAsync(new RouterApplicationOptions { BotYaml = "assist: { on: true }" });

    private static async Task<RouterApplication> StartAsync(RouterApplicationOptions options)
    {
        var app = await RouterApplication.StartAsync(options);
        app.Script.Knows(Question, "order_status");
        return app;
    }

    /// <summary>An open conversation in which the bot has just suggested a reply.</summary>
    private static async Task<PlaygroundConversation> SuggestedAsync(RouterApplication app)
    {
        var customer = app.NewCustomer("priya@example.com");
        await app.SayAsync(customer, "hello there");
        customer.Conversation!.SetStatus(ConversationStatus.Open);
        await app.SettleAsync();
        Assert.Empty(await app.SayAsync(customer, Question));
        Assert.Contains("Suggested reply:\n\n> Order 10427 is in transit.", Assert.Single(customer.Conversation.Notes).Content, StringComparison.Ordinal);
        return customer.Conversation;
    }

    private static async Task<IReadOnlyList<JsonElement>> TurnsAsync(RouterApplication app, PlaygroundConversation conversation)
    {
        var json = JsonDocument.Parse(await app.Management.GetStringAsync(new Uri($"/api/conversations/{app.Account.Id}/{conversation.Id}/turns", UriKind.Relative))).RootElement;
        return [.. (json.ValueKind == JsonValueKind.Array ? json : json.EnumerateObject().First(p => p.Value.ValueKind == JsonValueKind.Array).Value).EnumerateArray()];
    }
}
