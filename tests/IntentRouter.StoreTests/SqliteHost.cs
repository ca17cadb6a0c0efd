using IntentRouter.Configuration;
using IntentRouter.Storage;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace IntentRouter.StoreTests;

public sealed class SqliteHost : StoreHost
{
    private readonly string _directory = Directory.CreateTempSubdirectory("store-tests-").FullName;
    private readonly List<IEventStore> _open = [];

    public SteppedClock Clock { get; } = new();

    public string File => Path.Combine(_directory, "store.db");

    internal override async Task<IEventStore> OpenAsync()
    {
        var store = Create();
        await store.StartAsync(CancellationToken.None);
        _open.Add(store);
        return store;
    }

    internal IEventStore Create() =>
        EventStoreFactory.Create(new StoreOptions { Connection = "Data Source=store.db" }, Engine, _directory, Clock, NullLoggerFactory.Instance);

    internal override async Task KillAsync(IEventStore store)
    {
        // Closing the file gives nothing back; a crash leaves the same rows.
        _open.Remove(store);
        await store.DisposeAsync();
    }

    public override Task AdvanceAsync(TimeSpan time)
    {
        Clock.Advance(time);
        return Task.CompletedTask;
    }

    public override async ValueTask DisposeAsync()
    {
        foreach (var store in _open)
        {
            await store.DisposeAsync();
        }

        using (var pooled = new SqliteConnection($"Data Source={File}"))
        {
            SqliteConnection.ClearPool(pooled);
        }

        Directory.Delete(_directory, recursive: true);
    }
}

/// <summary>A clock whose wall time can be set without time passing.</summary>
public sealed class SteppedClock() : FakeTimeProvider(new DateTimeOffset(2026, 11, 22, 9, 0, 0, TimeSpan.Zero))
{
    public TimeSpan Step { get; set; }

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Step;

    public override long GetTimestamp() => base.GetUtcNow().Ticks;
}
