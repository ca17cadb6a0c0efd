namespace IntentRouter.CrashTests;

/// <summary>
/// Kills at any moment lose nothing and double nothing. The long run, 200 kills on each store, is kept beside the benchmarks
/// (<c>dotnet run --project tests/IntentRouter.Benchmarks -- crash</c>).
/// </summary>
public sealed class KillTests
{
    [Fact]
    public async Task Killed_at_every_named_step_on_sqlite()
    {
        await using var fleet = await Fleet.StartAsync(new FleetOptions { Attempts = 100 });

        var (outcome, reached) = await KillRun.AtStepsAsync(fleet, KillRun.Steps, customers: 12);

        Assert.Equal(KillRun.Steps, reached);
        Assert.True(outcome is { IsClean: true, HandedOff: 0, Acknowledged: > 50 }, $"{outcome}\n{fleet.Logs()}");
    }

    [SkippableFact]
    public async Task Killed_at_every_named_step_on_postgresql_with_two_replicas()
    {
        Skip.If(PostgresServer.Absent is not null, PostgresServer.Absent);
        await using var postgres = await PostgresServer.StartAsync();
        await using var fleet = await Fleet.StartAsync(new FleetOptions { Attempts = 100, Replicas = 2, Postgres = await postgres.CreateDatabaseAsync() });

        var (outcome, reached) = await KillRun.AtStepsAsync(fleet, KillRun.Steps, customers: 12);

        Assert.Equal(KillRun.Steps, reached);
        Assert.True(outcome is { IsClean: true, HandedOff: 0, Acknowledged: > 50 }, $"{outcome}\n{fleet.Logs()}");
    }

    [Fact]
    public async Task Killed_at_random_on_sqlite()
    {
        await using var fleet = await Fleet.StartAsync(new FleetOptions { Attempts = 100 });

        var outcome = await KillRun.RandomAsync(fleet, kills: 4, customers: 12);

        Assert.True(outcome is { IsClean: true, HandedOff: 0, Acknowledged: > 20 }, $"{outcome}\n{fleet.Logs()}");
    }

    [SkippableFact]
    public async Task Killed_at_random_on_postgresql_with_two_replicas()
    {
        Skip.If(PostgresServer.Absent is not null, PostgresServer.Absent);
        await using var postgres = await PostgresServer.StartAsync();
        await using var fleet = await Fleet.StartAsync(new FleetOptions { Attempts = 100, Replicas = 2, Postgres = await postgres.CreateDatabaseAsync() });

        var outcome = await KillRun.RandomAsync(fleet, kills: 4, customers: 12);

        Assert.True(outcome is { IsClean: true, HandedOff: 0, Acknowledged: > 20 }, $"{outcome}\n{fleet.Logs()}");
    }
}
