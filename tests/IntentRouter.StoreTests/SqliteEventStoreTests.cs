using IntentRouter.Storage;

namespace IntentRouter.StoreTests;

public sealed class SqliteEventStoreTests : EventStoreContract
{
    private SqliteHost Sqlite => (SqliteHost)Host;

    protected override Task<StoreHost> CreateHostAsync() => Task.FromResult<StoreHost>(new SqliteHost());

    [Fact]
    public async Task A_second_process_on_the_same_file_is_refused_with_a_remedy()
    {
        await using var second = Sqlite.Create();

        var refusal = await Assert.ThrowsAsync<StoreUnavailableException>(() => second.StartAsync(CancellationToken.None));

        Assert.Contains(Sqlite.File, refusal.Message, StringComparison.Ordinal);
        Assert.Contains("store.provider", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Setting_the_machines_clock_moves_no_lease()
    {
        await Store.AppendAsync(Given.Event("e1"), CancellationToken.None);

        Sqlite.Clock.Step = TimeSpan.FromHours(1);

        Assert.Empty(await Store.RecoverAsync(10, CancellationToken.None));
    }
}
