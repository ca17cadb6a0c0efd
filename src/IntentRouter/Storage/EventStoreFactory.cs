using IntentRouter.Configuration;
using IntentRouter.Storage.Postgres;
using IntentRouter.Storage.Sqlite;

namespace IntentRouter.Storage;

/// <summary>The store that the configuration names.</summary>
internal static class EventStoreFactory
{
    /// <param name="contentRoot">The directory that relative file names refer to.</param>
    public static IEventStore Create(StoreOptions store, EngineOptions engine, string contentRoot, TimeProvider clock, ILoggerFactory loggers) =>
        store.Provider switch
        {
            "sqlite" => new SqliteEventStore(store, engine, contentRoot, clock, loggers.CreateLogger<SqliteEventStore>()),
            "postgres" => new PostgresEventStore(store, engine, clock, loggers.CreateLogger<PostgresEventStore>()),
            var other => throw new StoreUnavailableException($"store.provider is '{other}'; it must be 'sqlite' or 'postgres'."),
        };
}
