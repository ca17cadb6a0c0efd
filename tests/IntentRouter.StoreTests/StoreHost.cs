using IntentRouter.Configuration;
using IntentRouter.Storage;

namespace IntentRouter.StoreTests;

/// <summary>A database of its own for one test, and a hand on its clock.</summary>
public abstract class StoreHost : IAsyncDisposable
{
    internal EngineOptions Engine { get; } = new() { Lease = TimeSpan.FromSeconds(15) };

    /// <summary>Opens the store as a new process would; PostgreSQL can be opened several times.</summary>
    internal abstract Task<IEventStore> OpenAsync();

    /// <summary>Ends a store as a killed process would: nothing is given back.</summary>
    internal abstract Task KillAsync(IEventStore store);

    /// <summary>Moves the store's clock.</summary>
    public abstract Task AdvanceAsync(TimeSpan time);

    public abstract ValueTask DisposeAsync();
}
