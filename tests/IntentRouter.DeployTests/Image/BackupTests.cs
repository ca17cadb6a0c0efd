namespace IntentRouter.DeployTests.Image;

/// <summary>The commands of docs/operations/backup.md, carried out: a dialogue goes on after the restore as if nothing had happened.</summary>
[Collection(nameof(Image))]
public sealed class BackupTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("backup").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [SkippableFact]
    public async Task A_copy_of_the_SQLite_store_made_while_it_serves_brings_its_dialogues_back()
    {
        Skip.IfNot(Shell.Has("sqlite3"), "sqlite3 is not installed.");
        var data = Directory.CreateDirectory(Path.Combine(_folder, "data")).FullName;
        (await Shell.RunAsync("chown", ["-R", "1654:1654", data])).Succeeded();
        var store = Path.Combine(data, "intent-router.db");
        await using var shop = await Shop.OpenAsync();
        await RestoredAsync(
            shop,
            () => RouterContainer.StartAsync(shop.Settings(), shop.Mount, $"{data}:/data"),
            async () =>
            {
                Assert.Contains($".backup '/backup/{Path.GetFileName(store)}'", Repository.Read("docs/operations/backup.md"), StringComparison.Ordinal);
                (await Shell.RunAsync("sqlite3", [store, $".backup '{_folder}/intent-router.db'"])).Succeeded();
            },
            async () =>
            {
                File.Delete(store + "-wal");
                File.Delete(store + "-shm");
                File.Move(Path.Combine(_folder, "intent-router.db"), store, overwrite: true);
                (await Shell.RunAsync("chown", ["1654:1654", store])).Succeeded();
            });
    }

    [SkippableFact]
    public async Task A_dump_of_the_PostgreSQL_store_made_while_it_serves_brings_its_dialogues_back()
    {
        await using var shop = await Shop.OpenAsync();
        await using var postgres = await Postgres.StartAsync();
        var settings = shop.Settings();
        settings["Store__Provider"] = "postgres";
        settings["Store__Connection"] = postgres.Connection;
        const string Database = "host=127.0.0.1 dbname=intent_router user=intent_router";
        await RestoredAsync(
            shop,
            () => RouterContainer.StartAsync(settings, shop.Mount),
            async () => (await postgres.AskAsync("pg_dump", "--format=custom", "--file=/tmp/intent-router.dump", Database)).Succeeded(),
            async () => (await postgres.AskAsync("pg_restore", "--clean", "--if-exists", "--no-owner", $"--dbname={Database}", "/tmp/intent-router.dump")).Succeeded());
    }

    private static async Task RestoredAsync(Shop shop, Func<Task<RouterContainer>> start, Func<Task> backUp, Func<Task> restore)
    {
        var (asking, later) = (shop.Customer(), shop.Customer());
        await using (var router = await (await start()).ReadyAsync())
        {
            shop.Connect(router.PublicUrl);
            Assert.Contains("e-mail", await shop.AskAsync(asking, "Where is my order 10427?"), StringComparison.Ordinal);
            await backUp();
            Assert.Contains("Monday", await shop.AskAsync(later, "What are your opening hours?"), StringComparison.Ordinal);
            Assert.Equal(0, await router.StopAsync());
        }

        await restore();
        await using var again = await (await start()).ReadyAsync();
        shop.Connect(again.PublicUrl);

        // The number was said before the backup; who came after it is simply talked to.
        Assert.Contains("Trail tent for two", await shop.AskAsync(asking, "priya@example.com"), StringComparison.Ordinal);
        Assert.Contains("Monday", await shop.AskAsync(later, "What are your opening hours?"), StringComparison.Ordinal);
        Assert.Equal((2, 2), (asking.Conversation!.BotReplies.Count, later.Conversation!.BotReplies.Count));
    }
}
