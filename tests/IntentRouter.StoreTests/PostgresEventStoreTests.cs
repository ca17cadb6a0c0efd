namespace IntentRouter.StoreTests;

public sealed class PostgresEventStoreTests : EventStoreContract
{
    protected override async Task<StoreHost> CreateHostAsync() => await PostgresHost.CreateAsync();
}
