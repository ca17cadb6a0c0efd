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

    [Fact]
    public async Task Erased_words_are_not_in_the_file_either()
    {
        var appended = await Store.AppendAsync(Given.Event("e1") with { ContactId = 77, Payload = "{\"content\":\"canary-in\"}"u8.ToArray() }, CancellationToken.None);
        var turn = Given.Turn(appended.Sequence, "t1", Given.Say("canary-out" + new string('x', 20_000))) with { State = Given.State(said: "canary-slot") };
        Assert.True(await Store.DecideAsync(appended.Claim!.Value, turn, CancellationToken.None));
        Assert.Contains("canary", await BytesAsync(), StringComparison.Ordinal);

        Assert.Equal(1, await Store.EraseContactAsync(3, 77, CancellationToken.None));

        Assert.DoesNotContain("canary", await BytesAsync(), StringComparison.Ordinal);
    }

    private async Task<string> BytesAsync()
    {
        var text = new System.Text.StringBuilder();
        foreach (var file in Directory.EnumerateFiles(Path.GetDirectoryName(Sqlite.File)!, "store.db*").Where(f => !f.EndsWith(".lock", StringComparison.Ordinal)))
        {
            await using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            using var reader = new StreamReader(stream, System.Text.Encoding.Latin1);
            text.Append(await reader.ReadToEndAsync());
        }

        return text.ToString();
    }
}
