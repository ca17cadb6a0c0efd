using System.Text.Json.Nodes;
using IntentRouter.Playground;
using IntentRouter.Tests.Fulfillment;

namespace IntentRouter.ServiceTests.Fulfillment;

/// <summary><c>proof: code</c> with a sender that is called over HTTP: what the owner of the address sees, and nobody else.</summary>
public sealed class ProofByCodeTests : IAsyncLifetime
{
    private BackingApi _mail = null!;
    private RouterApplication _app = null!;

    /// <summary>A route whose orders are shown to who has the code.</summary>
    internal static RouterApplicationOptions Options(BackingApi mail) => new()
    {
        BotYaml = "proof: { sender: mail }",
        IntentsYaml = "private_status: { route: private-status }",
        RoutesYaml = """
            private-status:
              slots:
                order_number: { type: pattern, pattern: '#?(?<value>\d{4,10})', ask: order.ask_number }
                email: { type: email, ask: order.ask_email }
              proof: code
              lookup: orders
              reply: { found: order.found, notFound: order.not_found }
            """,
        Yaml = $$$"""
            senders:
              mail: { kind: http, url: "{{{mail.Url}}}/send", body: { to: "{{ address }}", code: "{{ code }}", text: "{{ text }}" }, allowPrivate: true, timeout: 60s }
            """,
    };

    public async Task InitializeAsync()
    {
        _mail = await BackingApi.StartAsync();
        _app = await RouterApplication.StartAsync(Options(_mail));
        _app.Script.Knows("my order 10427", "private_status");
        _app.Script.Knows("my order 10428", "private_status");
    }

    public async Task DisposeAsync()
    {
        await _app.DisposeAsync();
        await _mail.DisposeAsync();
    }

    [Fact]
    public async Task The_owner_types_the_code_and_is_shown_the_order()
    {
        var customer = _app.NewCustomer();
        await _app.SayAsync(customer, "my order 10427");
        Assert.Contains("p•••@example.com", Assert.Single(await _app.SayAsync(customer, "priya@example.com")), StringComparison.Ordinal);

        var sent = Sent().Single();
        Assert.Equal("priya@example.com", (string?)sent["to"]);
        Assert.StartsWith($"Your code is {sent["code"]}", (string?)sent["text"], StringComparison.Ordinal);
        Assert.StartsWith("That code is not correct", Assert.Single(await _app.SayAsync(customer, Other(sent))), StringComparison.Ordinal);
        Assert.Equal("Order 10427 is in transit.", Assert.Single(await _app.SayAsync(customer, $"it is {sent["code"]}")));
        Assert.DoesNotContain(_app.Logs.Lines, l => l.Contains((string)sent["code"]!, StringComparison.Ordinal) || l.Contains("priya", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_code_to_ones_own_address_opens_nothing_of_another()
    {
        var mallory = _app.NewCustomer();
        await _app.SayAsync(mallory, "my order 10427");
        await _app.SayAsync(mallory, "mallory@example.com");
        Assert.Equal("I could not find an order with these details.", Assert.Single(await _app.SayAsync(mallory, (string)Sent().Single()["code"]!)));

        // The address is corrected after the proof: that is another address, and its owner gets the code.
        await _app.SayAsync(mallory, "priya@example.com");

        Assert.Equal(["mallory@example.com", "priya@example.com"], Sent().Select(s => (string?)s["to"]));
        Assert.DoesNotContain(mallory.Conversation!.BotReplies, r => r.Content!.Contains("transit", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Three_wrong_codes_end_at_a_person_who_knows_that_nothing_was_proven()
    {
        var customer = _app.NewCustomer();
        await _app.SayAsync(customer, "my order 10427");
        await _app.SayAsync(customer, "priya@example.com");
        for (var i = 0; i < 3; i++)
        {
            await _app.SayAsync(customer, Other(Sent().Single()));
        }

        Assert.Equal(ConversationStatus.Open, customer.Conversation!.Status);
        Assert.Contains("not proven; failed attempts: 3", Assert.Single(customer.Conversation.Notes).Content, StringComparison.Ordinal);
        Assert.DoesNotContain("transit", customer.Conversation.Transcript, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_sender_that_fails_does_not_leave_the_customer_waiting()
    {
        _mail.AnswersWith("{}", 500);
        var customer = _app.NewCustomer();
        await _app.SayAsync(customer, "my order 10427");
        await _app.SayAsync(customer, "priya@example.com");
        Assert.Equal(ConversationStatus.Open, customer.Conversation!.Status);
        Assert.Equal("proof-failed", customer.Conversation.CustomAttributes.GetProperty("bot_handoff_reason").GetString());
    }

    private IEnumerable<JsonNode> Sent() => _mail.Requests.Select(r => JsonNode.Parse(r.Body)!);

    private static string Other(JsonNode sent) => (string)sent["code"]! == "000000" ? "000001" : "000000";
}
