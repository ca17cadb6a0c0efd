using IntentRouter.Playground;

namespace IntentRouter.ServiceTests;

/// <summary><c>reply: provider</c>: the engine's own dialogue speaks, with its own questions, until it has ended.</summary>
public sealed class ProviderDialogueTests
{
    private static readonly RouterApplicationOptions _options = new()
    {
        IntentsYaml = "chat: { route: engine }",
        RoutesYaml = "engine: { reply: provider }",
    };

    [Fact]
    public async Task The_engine_asks_and_is_told_until_it_has_ended()
    {
        await using var app = await StartAsync(text => text switch
        {
            "a taxi please" => new ProviderReply { Messages = ["With pleasure.", "Where to?"], Ended = false },
            "to the station" => new ProviderReply { Messages = ["When?"], Choices = [KeyValuePair.Create("Now", "t=0"), KeyValuePair.Create("In an hour", "t=60")], Ended = false },
            "t=60" or "In an hour" => new ProviderReply { Messages = ["A taxi comes in an hour."] },
            _ => new ProviderReply { Messages = [$"? {text}"] },
        });
        var customer = app.NewCustomer();

        Assert.Equal(["With pleasure.", "Where to?"], await app.SayAsync(customer, "a taxi please"));
        Assert.Equal(["When?"], await app.SayAsync(customer, "to the station"));
        var prompt = customer.Conversation!.BotReplies[^1];
        Assert.Equal("input_select", prompt.ContentType);
        Assert.Equal(["A taxi comes in an hour."], await app.SayAsync(customer, "In an hour"));
        // Over: what comes now is understood anew.
        Assert.StartsWith("Sorry, I did not understand", Assert.Single(await app.SayAsync(customer, "blurb")), StringComparison.Ordinal);
        Assert.Equal(ConversationStatus.Pending, customer.Conversation.Status);
    }

    [Fact]
    public async Task A_person_is_to_be_had_in_the_middle_of_it()
    {
        await using var app = await StartAsync(_ => new ProviderReply { Messages = ["Where to?"], Ended = false });
        var customer = app.NewCustomer();
        await app.SayAsync(customer, "a taxi please");
        await app.SayAsync(customer, "human please");
        Assert.Equal(ConversationStatus.Open, customer.Conversation!.Status);
        Assert.Equal("asked", customer.Conversation.CustomAttributes.GetProperty("bot_handoff_reason").GetString());
    }

    [Fact]
    public async Task When_the_engine_asks_for_a_person_its_words_come_first()
    {
        await using var app = await StartAsync(_ => new ProviderReply { Messages = ["That is beyond me."], HandoffRequested = true });
        var customer = app.NewCustomer();
        var replies = await app.SayAsync(customer, "a taxi please");
        Assert.Equal("That is beyond me.", replies[0]);
        Assert.Equal(2, replies.Count);
        Assert.Equal(ConversationStatus.Open, customer.Conversation!.Status);
    }

    public static TheoryData<string> Silences => ["nothing", "no-dialogue", "failed", "down"];

    [Theory]
    [MemberData(nameof(Silences))]
    public async Task An_engine_that_has_no_answer_ends_at_a_person(string how)
    {
        await using var app = await StartAsync(_ => how switch
        {
            "nothing" => new ProviderReply(),
            "failed" => new ProviderReply { Messages = ["half"], FulfilmentFailed = true },
            _ => new ProviderReply { Messages = ["never said"] },
        });
        if (how == "no-dialogue")
        {
            app.Script.Dialogue = null;
        }

        if (how == "down")
        {
            app.Script.Before = (utterance, _) => utterance.Mode == UnderstandingMode.Converse ? throw new AdapterException(AdapterFailure.Unreachable, "Down by the test.") : Task.CompletedTask;
        }

        var customer = app.NewCustomer();
        await app.SayAsync(customer, "a taxi please");
        Assert.Equal(ConversationStatus.Open, customer.Conversation!.Status);
        Assert.DoesNotContain("half", customer.Conversation.Transcript, StringComparison.Ordinal);
        Assert.Contains("gave no answer", Assert.Single(customer.Conversation.Notes).Content, StringComparison.Ordinal);
    }

    private static async Task<RouterApplication> StartAsync(Func<string, ProviderReply> dialogue)
    {
        var app = await RouterApplication.StartAsync(_options with { Name = Guid.NewGuid().ToString("N") });
        app.Script.Knows("a taxi please", "chat");
        app.Script.Dialogue = dialogue;
        return app;
    }
}
