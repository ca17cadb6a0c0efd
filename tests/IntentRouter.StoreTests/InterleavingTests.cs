using System.Globalization;
using IntentRouter.Storage;

namespace IntentRouter.StoreTests;

public sealed class InterleavingTests
{
    /// <summary>More for a long look: <c>INTENTROUTER_TEST_INTERLEAVINGS=100000</c>.</summary>
    private static readonly int? _asked =
        int.TryParse(Environment.GetEnvironmentVariable("INTENTROUTER_TEST_INTERLEAVINGS"), NumberStyles.None, CultureInfo.InvariantCulture, out var steps) ? steps : null;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task Whatever_the_order_of_steps_nothing_is_lost_or_done_twice_on_sqlite(int seed)
    {
        await using var host = new SqliteHost();
        var store = await host.OpenAsync();
        var check = new ModelCheck(host, [store], seed);

        await check.RunAsync(_asked ?? 2_000);

        Assert.True(check.Takeovers > 0 && check.Repeated > 0 && check.Dropped > 0 && check.FromMemory > 0, "The run met none of the cases it is for.");
    }

    [Theory]
    [InlineData("AskTheStoreBeforeEachSend")]
    [InlineData("SettleBeforeJudging")]
    [InlineData("RefuseAfterTheDeadline")]
    public async Task Each_rule_of_sending_is_needed(string rule)
    {
        var twice = false;
        for (var seed = 1; !twice && seed <= 20; seed++)
        {
            await using var host = new SqliteHost();
            var check = new ModelCheck(host, [await host.OpenAsync()], seed) { Without = Enum.Parse<SendRule>(rule) };
            var failure = await Record.ExceptionAsync(() => check.RunAsync(2_000));
            twice = failure?.Message.Contains("an effect was applied twice", StringComparison.Ordinal) ?? false;
        }

        Assert.True(twice, $"Without {rule} nothing went wrong: the check does not see it, or the rule is not needed.");
    }

    [SkippableTheory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Whatever_the_order_of_steps_nothing_is_lost_or_done_twice_on_postgresql(int seed)
    {
        await using var host = await PostgresHost.CreateAsync();
        IEventStore[] replicas = [await host.OpenAsync(), await host.OpenAsync(), await host.OpenAsync()];
        var check = new ModelCheck(host, replicas, seed);

        await check.RunAsync(_asked ?? 1_200);

        Assert.True(check.Takeovers > 0 && check.Dropped > 0 && check.FromMemory > 0, "The run met none of the cases it is for.");
    }
}
