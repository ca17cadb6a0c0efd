using Xunit;

namespace IntentRouter.TestKit;

/// <summary>What every adapter must do with an engine's answers and a person's texts.</summary>
/// <typeparam name="TFixture">Your fixture.</typeparam>
public abstract class NluAdapterConformance<TFixture>(TFixture fixture) : ConformanceSuite<TFixture>(fixture)
    where TFixture : AdapterFixture
{
    /// <summary>Intent names are the operator's: no case, no prefix, no letter may change.</summary>
    [Fact]
    public async Task Names_are_passed_through_unchanged()
    {
        Fixture.EngineAnswers("where is my parcel", ("Order.Status_v2", 0.9));
        var heard = await AskAsync("where is my parcel");
        Assert.Equal(UnderstandingKind.Ranked, heard.Kind);
        Assert.Equal("Order.Status_v2", heard.Ranking[0].Intent);
    }

    /// <summary>The best comes first, with the engine's own numbers.</summary>
    [Fact]
    public async Task The_ranking_is_best_first_with_the_engines_numbers()
    {
        (string, double?)[] ranking = [("order_status", 0.75), ("refund", 0.25)];
        Fixture.EngineAnswers("status or refund", Fixture.Adapter.Capabilities.ReportsRanking ? ranking : ranking[..1]);
        var heard = await AskAsync("status or refund");
        var expected = Fixture.Adapter.Capabilities.ReportsRanking ? ["order_status", "refund"] : new[] { "order_status" };
        Assert.Equal(expected, heard.Ranking.Select(c => c.Intent));
        if (Fixture.Adapter.Capabilities.ReportsConfidence)
        {
            Assert.Equal(0.75, heard.Ranking[0].Confidence!.Value.Value, 0.001);
        }
    }

    /// <summary>Absent is not zero and not one: the service treats "unknown" in its own way.</summary>
    [Fact]
    public async Task An_absent_confidence_stays_absent()
    {
        if (!Fixture.EngineMayOmitConfidence)
        {
            return;
        }

        Fixture.EngineAnswers("cancel it", ("cancel", null));
        var heard = await AskAsync("cancel it");
        Assert.Equal("cancel", heard.Ranking[0].Intent);
        Assert.Null(heard.Ranking[0].Confidence);
    }

    /// <summary>"None of mine" is a kind, whatever the engine calls it and whatever number it puts on it.</summary>
    [Fact]
    public async Task None_of_mine_is_no_match()
    {
        Fixture.EngineAnswers("colourless green ideas");
        var heard = await AskAsync("colourless green ideas");
        Assert.Equal(UnderstandingKind.NoMatch, heard.Kind);
    }

    /// <summary>Whatever people type reaches the engine as typed.</summary>
    [Theory]
    [InlineData("أين طلبي رقم ٤٢")]
    [InlineData("say \"hi\" \\ back\tand\nforth {{ x }} </b> &amp; 100%")]
    [InlineData("👩‍👩‍👧‍👦 où est ma commande 🎉")]
    [InlineData("ｗｉｄｅ ＴＥＸＴ 注文はどこ")]
    public async Task Any_text_reaches_the_engine_as_typed(string text)
    {
        Fixture.EngineAnswers(null, ("something_else", 0.9));
        Fixture.EngineAnswers(text, ("order_status", 0.9));
        Assert.Equal("order_status", (await AskAsync(text)).Ranking[0].Intent);
    }

    /// <summary>Nothing said is nothing meant, and costs nothing.</summary>
    [Theory]
    [InlineData("")]
    [InlineData(" \n\t ")]
    public async Task An_empty_text_is_no_match(string text)
    {
        Fixture.EngineAnswers(null, ("order_status", 0.9));
        Assert.Equal(UnderstandingKind.NoMatch, (await AskAsync(text)).Kind);
    }

    /// <summary>A long text is cut to what the engine takes, with the warning, never an error.</summary>
    [Theory]
    [InlineData(10_000)]
    [InlineData(UtteranceText.MaxLength)]
    public async Task A_long_text_is_answered(int length)
    {
        Fixture.EngineAnswers(null, ("order_status", 0.9));
        var text = string.Concat(Enumerable.Repeat("where is my order 🎉 ", (length / 20) + 1))[..length];
        var heard = await AskAsync(text);
        Assert.Equal("order_status", heard.Ranking[0].Intent);
        if (Fixture.Adapter.Capabilities.MaxTextLength is { } limit && limit < length)
        {
            Assert.Contains(UtteranceText.CutWarning, heard.Warnings);
            if (Fixture.LastText is { } seen)
            {
                Assert.InRange(seen.Length, 1, limit);
                Assert.False(char.IsHighSurrogate(seen[^1]), "The cut went through the middle of a character.");
            }
        }
    }

    /// <summary>One adapter serves all conversations at once.</summary>
    [Fact]
    public async Task Conversations_at_once_do_not_mix()
    {
        var numbers = Enumerable.Range(1, 40).ToArray();
        foreach (var n in numbers)
        {
            Fixture.EngineAnswers($"this is number {n}", ($"intent_{n}", 0.5));
        }

        var heard = await Task.WhenAll(numbers.Select(n => AskAsync($"this is number {n}", Session(n))));
        Assert.Equal(numbers.Select(n => $"intent_{n}"), heard.Select(h => h.Ranking[0].Intent));
    }

    /// <summary>Reading may be repeated: the engine's own dialogue stays where it is.</summary>
    [Fact]
    public async Task Asking_twice_changes_nothing()
    {
        Fixture.EngineAnswers("where is my parcel", ("order_status", 0.9));
        var first = await AskAsync("where is my parcel", Session(7));
        var second = await AskAsync("where is my parcel", Session(7));
        Assert.Equal(first.Ranking, second.Ranking);
        Assert.Equal(first.Kind, second.Kind);
        Assert.Equal(0, Fixture.DialogueMoves(Session(7)));
        Assert.Null(first.ProviderReply);
    }

    /// <summary>Who gives up waiting must not keep the engine busy.</summary>
    [Fact]
    public async Task Giving_up_reaches_the_engine()
    {
        if (Fixture.EngineAbandoned is null)
        {
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => AskAsync("hello", cancellationToken: new CancellationToken(canceled: true)));
            return;
        }

        Fixture.EngineHangs();
        for (var (wait, isLast) = (TimeSpan.FromMilliseconds(300), false); ; wait *= 8, isLast = wait > TimeSpan.FromSeconds(10))
        {
            using var giveUp = new CancellationTokenSource(wait);
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => AskAsync("are you there", cancellationToken: giveUp.Token).WaitAsync(wait + Patience));
            try
            {
                await Fixture.EngineAbandoned.WaitAsync(isLast ? Patience : TimeSpan.FromSeconds(5));
                return;
            }
            catch (TimeoutException) when (!isLast)
            {
                // Given up before the question reached the engine, as on a busy machine: once more, with more time to get there.
            }
        }
    }

    /// <summary>What the service asks once must stay true.</summary>
    [Fact]
    public void Capabilities_are_constant() => Assert.Equal(Fixture.Adapter.Capabilities, Fixture.Adapter.Capabilities);
}
