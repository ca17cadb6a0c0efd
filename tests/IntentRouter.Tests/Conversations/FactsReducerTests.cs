using IntentRouter.Conversations;
using IntentRouter.Webhooks;

namespace IntentRouter.Tests.Conversations;

public sealed class FactsReducerTests
{
    /// <summary>Events as <c>kind:status@time</c>: c customer, h human's public word, a assignment to a human, s status.</summary>
    [Theory]
    [InlineData("c:pending@1", "pending", false)]
    [InlineData("c:pending@1 h:pending@2", "pending", true)]
    [InlineData("c:pending@1 h:pending@2 c:pending@3", "pending", true)]
    [InlineData("c:pending@1 h:open@2 s:pending@3", "pending", false)]
    [InlineData("c:pending@1 s:open@5 c:pending@3", "open", false)]
    [InlineData("c:pending@1 a:pending@2", "pending", true)]
    [InlineData("a:pending@1 s:open@2 a:pending@3", "pending", false)]
    [InlineData("c:pending@1 s:open@2 s:pending@4 h:open@3", "pending", false)]
    [InlineData("c:pending@1 c:pending@4 h:open@3", "pending", false)]
    [InlineData("c:pending@3 h:pending@2", "pending", true)]
    public void State_follows_the_platforms_clock_and_push_back_gives_the_word_back(string story, string status, bool human)
    {
        var facts = story.Split(' ').Select(Event).Aggregate(new ConversationFacts(), FactsReducer.Apply);
        Assert.Equal(status, facts.Status);
        Assert.Equal(human, facts.HumanSteppedIn);
    }

    [Fact]
    public void A_conversation_that_comes_back_after_being_resolved_is_a_new_one()
    {
        var facts = "c:pending@1 s:resolved@2 c:pending@3".Split(' ').Select(Event).Aggregate(new ConversationFacts(), FactsReducer.Apply);
        Assert.True(facts is { WasResolved: true, Returned: true, IsPending: true });
    }

    private static PlatformEvent Event(string text)
    {
        var (kind, rest) = (text[0], text[2..].Split('@'));
        return new PlatformEvent
        {
            Name = kind is 'c' or 'h' ? "message_created" : "conversation_updated",
            Conversation = new PlatformConversation
            {
                Id = 1,
                Status = rest[0],
                UpdatedAt = double.Parse(rest[1], System.Globalization.CultureInfo.InvariantCulture),
                HasMeta = true,
                AssigneeType = kind == 'a' ? "User" : null,
                AssigneeId = kind == 'a' ? 21 : null,
            },
            Message = kind switch
            {
                'c' => new PlatformMessage { Id = 1, Type = "incoming", Author = Author.Customer },
                'h' => new PlatformMessage { Id = 2, Type = "outgoing", Author = Author.Human },
                _ => null,
            },
        };
    }
}
