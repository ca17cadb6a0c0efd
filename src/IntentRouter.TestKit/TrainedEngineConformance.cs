using Xunit;

namespace IntentRouter.TestKit;

/// <summary>
/// The fixture of an engine that learns and lives in the process: it cannot be told what to answer, so it is taught <see cref="Lessons"/> in
/// <see cref="AdapterFixture.StartAsync"/>. It runs <see cref="TrainedEngineConformance{TFixture}"/> instead of the suites for scripted engines.
/// </summary>
public abstract class TrainedAdapterFixture : AdapterFixture
{
    /// <summary>What the engine must be taught: examples by intent, of which the suite asks the first of each.</summary>
    public static IReadOnlyDictionary<string, IReadOnlyList<string>> Lessons { get; } = new Dictionary<string, IReadOnlyList<string>>
    {
        ["Order.Status_v2"] = ["where is my parcel", "has my package been shipped", "track the delivery of my order", "when will my parcel arrive", "my delivery is late, where is it"],
        ["refund"] = ["I want my money back", "please refund the payment", "how do I return this and get a refund", "give me my money back for these shoes", "refund my last purchase"],
        ["opening_hours"] = ["when do you open on Sunday", "what are your opening hours", "are you open tonight", "until what time is the shop open", "do you close for lunch"],
        ["talk_to_human"] = ["I want to speak to a person", "connect me with an agent", "let me talk to somebody from support", "a human please, no robot", "can I chat with a real person"],
    };

    /// <summary>A text with one entity that the engine was taught to find: its name and its words.</summary>
    public abstract (string Text, string Entity, string Words)? Finds { get; }

    /// <inheritdoc/>
    public override IReadOnlyCollection<AdapterFailure> Failures { get; } = [];

    /// <summary>Not for engines that learn.</summary>
    public sealed override void EngineAnswers(string? text, params (string Intent, double? Confidence)[] ranking) =>
        throw new NotSupportedException("A trained engine answers what it learned.");

    /// <inheritdoc/>
    public override void Reset()
    {
    }
}

/// <summary>What an adapter of an engine that learns must do.</summary>
/// <typeparam name="TFixture">Your fixture.</typeparam>
public abstract class TrainedEngineConformance<TFixture>(TFixture fixture) : ConformanceSuite<TFixture>(fixture)
    where TFixture : TrainedAdapterFixture
{
    /// <summary>What was taught is known, under the name that was taught.</summary>
    [Fact]
    public async Task What_was_taught_is_known_by_its_name()
    {
        foreach (var (intent, examples) in TrainedAdapterFixture.Lessons)
        {
            var heard = await AskAsync(examples[0]);
            Assert.Equal(UnderstandingKind.Ranked, heard.Kind);
            Assert.Equal(intent, heard.Ranking[0].Intent);
        }
    }

    /// <summary>The best comes first; every name was taught.</summary>
    [Fact]
    public async Task The_ranking_is_best_first()
    {
        var heard = await AskAsync(TrainedAdapterFixture.Lessons["refund"][0]);
        Assert.Equal(heard.Ranking.OrderByDescending(c => c.Confidence?.Value).Select(c => c.Intent), heard.Ranking.Select(c => c.Intent));
        Assert.All(heard.Ranking, c => Assert.Contains(c.Intent, TrainedAdapterFixture.Lessons.Keys));
        Assert.Equal(heard.Ranking.Count, heard.Ranking.Select(c => c.Intent).Distinct().Count());
        Assert.False(string.IsNullOrEmpty(heard.Model), "A model that is trained again must be told from the one before: set Understanding.Model.");
    }

    /// <summary>Nothing said is nothing meant.</summary>
    [Theory]
    [InlineData("")]
    [InlineData(" \n\t ")]
    public async Task An_empty_text_is_no_match(string text) => Assert.Equal(UnderstandingKind.NoMatch, (await AskAsync(text)).Kind);

    /// <summary>No text breaks the engine.</summary>
    [Theory]
    [InlineData("أين طلبي رقم ٤٢")]
    [InlineData("👩‍👩‍👧‍👦 🎉 \ud83d")]
    [InlineData("??? ... !!!")]
    [InlineData("a")]
    [InlineData("ｗｉｄｅ ＴＥＸＴ 注文はどこ {{ x }} \0 \u202e")]
    public async Task Any_text_has_an_answer(string text) => Assert.NotNull(await AskAsync(text));

    /// <summary>A long text is answered, and a cut one says so.</summary>
    [Theory]
    [InlineData(10_000)]
    [InlineData(UtteranceText.MaxLength)]
    public async Task A_long_text_is_answered(int length)
    {
        var heard = await AskAsync(string.Concat(Enumerable.Repeat("where is my parcel 🎉 ", (length / 20) + 1))[..length]);
        if (Fixture.Adapter.Capabilities.MaxTextLength is { } limit && limit < length)
        {
            Assert.Contains(UtteranceText.CutWarning, heard.Warnings);
        }
    }

    /// <summary>One adapter serves all conversations at once, and asking twice gives the same.</summary>
    [Fact]
    public async Task Conversations_at_once_do_not_mix()
    {
        var questions = Enumerable.Range(0, 10).SelectMany(_ => TrainedAdapterFixture.Lessons.SelectMany(l => l.Value.Select(text => (text, intent: l.Key)))).ToArray();
        var alone = new Dictionary<string, IReadOnlyList<IntentCandidate>>();
        foreach (var (text, _) in questions)
        {
            alone[text] = (await AskAsync(text)).Ranking;
        }

        var together = await Task.WhenAll(questions.Select((q, i) => Task.Run(() => AskAsync(q.text, Session(i)))));
        Assert.All(questions.Zip(together), pair => Assert.Equal(alone[pair.First.text], pair.Second.Ranking));
    }

    /// <summary>Who gave up gets no answer.</summary>
    [Fact]
    public Task Giving_up_is_no_failure() =>
        Assert.ThrowsAnyAsync<OperationCanceledException>(() => AskAsync("hello", cancellationToken: new CancellationToken(canceled: true)));

    /// <summary>An entity keeps its place and its words, also after an emoji.</summary>
    [Theory]
    [InlineData("")]
    [InlineData("🎉 ")]
    [InlineData("👩‍👩‍👧‍👦👍🏽 ")]
    public async Task An_entity_keeps_its_words(string before)
    {
        if (Fixture.Finds is not var (text, name, words))
        {
            return;
        }

        var entity = Assert.Single((await AskAsync(before + text)).Entities, e => e.Name == name);
        Assert.Equal(words, entity.Text);
        Assert.Equal(words, (before + text).Substring(entity.Start!.Value, entity.Length!.Value));
    }

    /// <summary>A trained engine is healthy.</summary>
    [Fact]
    public async Task A_trained_engine_is_healthy() => Assert.True((await Fixture.Adapter.CheckHealthAsync(CancellationToken.None)).IsHealthy);
}
