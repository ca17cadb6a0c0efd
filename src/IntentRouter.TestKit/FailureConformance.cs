using Xunit;

namespace IntentRouter.TestKit;

/// <summary>What an adapter must do when its engine fails: say which kind of failure it is, say nothing of the person, and be ready for the next question.</summary>
/// <typeparam name="TFixture">Your fixture.</typeparam>
public abstract class FailureConformance<TFixture>(TFixture fixture) : ConformanceSuite<TFixture>(fixture)
    where TFixture : AdapterFixture
{
    private const string Words = "my secret is zanzibar";

    /// <summary>The service decides by the kind whether to repeat, to wait or to ask another adapter.</summary>
    [Theory]
    [InlineData(AdapterFailure.Unreachable)]
    [InlineData(AdapterFailure.TimedOut)]
    [InlineData(AdapterFailure.Throttled)]
    [InlineData(AdapterFailure.Rejected)]
    [InlineData(AdapterFailure.Malformed)]
    [InlineData(AdapterFailure.Faulted)]
    public async Task Each_failure_is_named(AdapterFailure failure)
    {
        if (!Fixture.Failures.Contains(failure))
        {
            return;
        }

        Fixture.EngineFails(failure);
        Assert.Equal(failure, (await FailAsync()).Failure);
    }

    /// <summary>Messages end up in logs.</summary>
    [Fact]
    public async Task A_failure_says_nothing_of_the_persons_words()
    {
        foreach (var failure in Fixture.Failures)
        {
            Fixture.EngineFails(failure);
            for (Exception? ex = await FailAsync(); ex is not null; ex = ex.InnerException)
            {
                Assert.DoesNotContain("zanzibar", ex.Message, StringComparison.OrdinalIgnoreCase);
            }

            Fixture.Reset();
        }
    }

    /// <summary>One bad moment is not the end.</summary>
    [Fact]
    public async Task After_a_failure_the_next_question_is_answered()
    {
        foreach (var failure in Fixture.Failures)
        {
            Fixture.EngineFails(failure);
            await FailAsync();
            Fixture.Reset();
            Fixture.EngineAnswers(null, ("order_status", 0.9));
            Assert.Equal("order_status", (await AskAsync(Words)).Ranking[0].Intent);
        }
    }

    /// <summary>A good engine is healthy.</summary>
    [Fact]
    public async Task A_good_engine_is_healthy()
    {
        Fixture.EngineAnswers(null, ("order_status", 0.9));
        var health = await Fixture.Adapter.CheckHealthAsync(CancellationToken.None);
        Assert.True(health.IsHealthy, health.Description);
    }

    /// <summary>A failed probe is an answer, not an exception.</summary>
    [Fact]
    public async Task An_engine_that_cannot_be_reached_is_not_healthy()
    {
        if (!Fixture.Failures.Contains(AdapterFailure.Unreachable))
        {
            return;
        }

        Fixture.EngineFails(AdapterFailure.Unreachable);
        var health = await Fixture.Adapter.CheckHealthAsync(CancellationToken.None);
        Assert.False(health.IsHealthy);
        Assert.NotNull(health.Description);
    }

    private Task<AdapterException> FailAsync() => Assert.ThrowsAsync<AdapterException>(() => AskAsync(Words).WaitAsync(Patience));
}
