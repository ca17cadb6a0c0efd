using System.Globalization;
using Xunit.Abstractions;

namespace IntentRouter.CrashTests;

/// <summary>What can go wrong with two replicas and their PostgreSQL.</summary>
public sealed class ReplicaFaultTests(ITestOutputHelper output) : IAsyncLifetime
{
    private PostgresServer? _postgres;
    private string _database = "";

    public async Task InitializeAsync()
    {
        if (PostgresServer.Absent is null)
        {
            _postgres = await PostgresServer.StartAsync();
            _database = await _postgres.CreateDatabaseAsync();
        }
    }

    public async Task DisposeAsync()
    {
        if (_postgres is not null)
        {
            await _postgres.DisposeAsync();
        }
    }

    [SkippableFact]
    public async Task A_frozen_replica_whose_conversation_was_taken_over_neither_commits_nor_sends()
    {
        await using var fleet = await StartAsync(new FleetOptions { Lease = TimeSpan.FromSeconds(3), ChatTimeout = TimeSpan.FromSeconds(1), AdapterKeys = Fleet.PatientAdapter, SessionKeys = "turnBudget: 5m" });
        var (frozen, other) = (fleet.Replicas[0], fleet.Replicas[1]);
        var held = new Held(text => text == "m1");
        fleet.Engine.Before = held.Before(times: 1);
        var traffic = new Traffic(fleet, customers: 2);

        fleet.Gate.Close(other.Url);
        traffic.Say(traffic.Customers[0]);
        await held.AskedAsync(1);
        frozen.Stop();
        fleet.Gate.Close(frozen.Url);
        fleet.Gate.Open(other.Url);

        // Its connections are still open, so that only the lease tells: the other asks the engine itself, and answers.
        await held.AskedAsync(2);
        await fleet.UntilAsync(() => traffic.Count().Answered == 1, "the answer of the replica that took over");
        held.Release();
        frozen.Continue();
        await frozen.WaitUntilReadyAsync();
        fleet.Gate.Open(frozen.Url);
        fleet.Gate.Close(other.Url);
        traffic.Say(traffic.Customers[1]);
        await fleet.UntilAsync(() => traffic.Count().Answered == 2, "an answer of the replica that was frozen");

        var outcome = await traffic.SettleAsync();
        Assert.True(outcome is { IsClean: true, HandedOff: 0, Answered: 2 }, $"{outcome}\n{fleet.Logs()}");
        Assert.Single(traffic.Customers[0].Conversation!.BotReplies);
    }

    [SkippableFact]
    public async Task Replicas_that_freeze_under_load_longer_than_their_leases_answer_nothing_twice()
    {
        await using var fleet = await StartAsync(new FleetOptions { Lease = TimeSpan.FromSeconds(3), ChatTimeout = TimeSpan.FromSeconds(1), Settle = TimeSpan.FromSeconds(3) });
        var traffic = new Traffic(fleet, customers: 12) { Pause = TimeSpan.FromMilliseconds(300) };
        using var stop = new CancellationTokenSource();
        var talk = traffic.RunAsync(stop.Token);
        for (var freeze = 0; freeze < 4; freeze++)
        {
            await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System);
            var replica = fleet.Replicas[freeze % 2];
            replica.Stop();
            fleet.Gate.Close(replica.Url);
            await Task.Delay(TimeSpan.FromSeconds(5), TimeProvider.System);
            replica.Continue();
            await replica.WaitUntilReadyAsync();
            fleet.Gate.Open(replica.Url);
        }

        await stop.CancelAsync();
        await talk;
        var outcome = await traffic.SettleAsync();
        output.WriteLine(outcome.ToString());
        Assert.True(outcome is { IsClean: true, HandedOff: 0, Acknowledged: > 50 }, $"{outcome}\n{fleet.Logs()}");
    }

    [SkippableFact]
    public async Task With_presence_a_killed_replicas_conversation_goes_on_long_before_its_lease_ends()
    {
        // Only presence can take it over within two minutes.
        await using var fleet = await StartAsync(new FleetOptions { Lease = TimeSpan.FromMinutes(4), AdapterKeys = Fleet.PatientAdapter, SessionKeys = "turnBudget: 5m" });
        var held = new Held(text => text == "m1");
        fleet.Engine.Before = held.Before(times: 1);
        var traffic = new Traffic(fleet, customers: 1);
        fleet.Gate.Close(fleet.Replicas[1].Url);
        traffic.Say(traffic.Customers[0]);
        await held.AskedAsync(1);

        var killed = TimeProvider.System.GetTimestamp();
        await fleet.Replicas[0].KillAsync();
        await held.AskedAsync(2);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"taken over {TimeProvider.System.GetElapsedTime(killed).TotalMilliseconds:0} ms after the kill"));

        fleet.Gate.Close(fleet.Replicas[0].Url);
        fleet.Gate.Open(fleet.Replicas[1].Url);
        held.Release();
        Assert.True(await traffic.SettleAsync() is { IsClean: true, Answered: 1, HandedOff: 0 }, $"{traffic.Count()}\n{fleet.Logs()}");
    }

    [SkippableTheory]
    [InlineData("stopped")]
    [InlineData("crashed")]
    public async Task The_database_may_be_gone_for_longer_than_the_leases(string how)
    {
        await using var fleet = await StartAsync(new FleetOptions { Lease = TimeSpan.FromSeconds(3), ChatTimeout = TimeSpan.FromSeconds(1) });
        var traffic = new Traffic(fleet, customers: 12);
        using var stop = new CancellationTokenSource();
        var talk = traffic.RunAsync(stop.Token);
        await fleet.UntilAsync(() => traffic.Count().Answered > 10, "answers before the trouble");

        await (how == "stopped" ? _postgres!.StopAsync() : _postgres!.CrashAsync());
        await Task.Delay(TimeSpan.FromSeconds(5), TimeProvider.System);
        await _postgres.StartAgainAsync();
        var before = traffic.Count().Acknowledged;
        await fleet.UntilAsync(() => traffic.Count().Acknowledged > before + 10, "acknowledgements after the trouble");
        await stop.CancelAsync();
        await talk;

        var outcome = await traffic.SettleAsync();
        output.WriteLine(outcome.ToString());
        Assert.True(outcome is { IsClean: true, HandedOff: 0 }, $"{outcome}\n{fleet.Logs()}");
        Assert.All(fleet.Replicas, replica => Assert.False(replica.HasExited));
    }

    [SkippableFact]
    public async Task Connections_that_are_cut_again_and_again_lose_and_double_nothing()
    {
        await using var fleet = await StartAsync(new FleetOptions());
        var traffic = new Traffic(fleet, customers: 12);
        using var stop = new CancellationTokenSource();
        var talk = traffic.RunAsync(stop.Token);
        for (var cut = 0; cut < 20; cut++)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(250), TimeProvider.System);
            await _postgres!.CutConnectionsAsync(_database);
        }

        // On a slow machine few were stored between two cuts.
        await fleet.UntilAsync(() => traffic.Count().Acknowledged > 20, "acknowledgements");
        await stop.CancelAsync();
        await talk;
        var outcome = await traffic.SettleAsync();
        output.WriteLine(outcome.ToString());
        Assert.True(outcome is { IsClean: true, HandedOff: 0, Acknowledged: > 20 }, $"{outcome}\n{fleet.Logs()}");
    }

    [SkippableFact]
    public async Task A_replica_that_is_stopped_hands_everything_to_the_other()
    {
        await using var fleet = await StartAsync(new FleetOptions { Lease = TimeSpan.FromMinutes(4), Presence = false });
        var traffic = new Traffic(fleet, customers: 12);
        using var stop = new CancellationTokenSource();
        var talk = traffic.RunAsync(stop.Token);
        await fleet.UntilAsync(() => traffic.Count().Answered > 10, "answers before the stop");

        // Without presence and with such a lease nobody would take over what it did not give back.
        fleet.Replicas[0].Terminate();
        await fleet.Replicas[0].WaitForExitAsync();
        fleet.Gate.Close(fleet.Replicas[0].Url);
        Assert.Equal(0, fleet.Replicas[0].ExitCode);
        await stop.CancelAsync();
        await talk;

        Assert.True(await traffic.SettleAsync() is { IsClean: true, HandedOff: 0 }, $"{traffic.Count()}\n{fleet.Logs()}");
    }

    private async Task<Fleet> StartAsync(FleetOptions options)
    {
        Skip.If(PostgresServer.Absent is not null, PostgresServer.Absent);
        return await Fleet.StartAsync(options with { Replicas = 2, Postgres = _database });
    }
}
