using Xunit;

namespace IntentRouter.TestKit;

/// <summary>What an adapter with <see cref="AdapterCapabilities.Dialogue"/> must do when the engine's own dialogue answers (<c>reply: provider</c>).</summary>
/// <typeparam name="TFixture">Your fixture.</typeparam>
public abstract class DialogueConformance<TFixture>(TFixture fixture) : ConformanceSuite<TFixture>(fixture)
    where TFixture : AdapterFixture
{
    /// <summary>The suite is for adapters that declare it.</summary>
    [Fact]
    public void The_capability_is_declared() => Assert.True(Fixture.Adapter.Capabilities.Dialogue, "Capabilities.Dialogue is false: declare this suite out.");

    /// <summary>The engine's words come through in order.</summary>
    [Fact]
    public async Task The_engines_words_come_through()
    {
        Fixture.EngineReplies("book a table", "book_table", ["Gladly.", "For how many?"], waits: true);
        var heard = await AskAsync("book a table", Session(3), UnderstandingMode.Converse);
        Assert.NotNull(heard.ProviderReply);
        Assert.Equal(["Gladly.", "For how many?"], heard.ProviderReply.Messages);
        Assert.False(heard.ProviderReply.Ended, "The engine waits for an answer.");
    }

    /// <summary>The engine knows the conversation again by its session.</summary>
    [Fact]
    public async Task The_dialogue_runs_in_the_sessions_name()
    {
        Fixture.EngineReplies("book a table", "book_table", ["For how many?"], waits: true);
        await AskAsync("book a table", Session(4), UnderstandingMode.Converse);
        Assert.Equal(1, Fixture.DialogueMoves(Session(4)));
        Assert.Equal(0, Fixture.DialogueMoves(Session(5)));
    }

    /// <summary>An engine that says nothing is passed on as saying nothing: the service then answers itself.</summary>
    [Fact]
    public async Task No_words_stay_no_words()
    {
        Fixture.EngineReplies("book a table", "book_table", [], waits: false);
        var heard = await AskAsync("book a table", Session(6), UnderstandingMode.Converse);
        Assert.Empty(heard.ProviderReply!.Messages);
    }
}
