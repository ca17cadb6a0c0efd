using System.Net;
using System.Text.Json;
using IntentRouter.Playground;
using Xunit.Abstractions;

namespace IntentRouter.CrashTests;

/// <summary>What can go wrong around one process on SQLite: the engine, the chat, the disk, the process itself.</summary>
public sealed class FaultTests(ITestOutputHelper output)
{
    [Fact]
    public async Task While_the_engine_answers_nothing_every_webhook_is_acknowledged_and_all_are_answered_later()
    {
        await using var fleet = await Fleet.StartAsync(new FleetOptions { AdapterKeys = Fleet.PatientAdapter, SessionKeys = "turnBudget: 5m" });
        var held = new Held(_ => true);
        fleet.Engine.Before = held.Before();
        var traffic = new Traffic(fleet, customers: 50);

        foreach (var customer in traffic.Customers)
        {
            traffic.Say(customer);
        }

        await fleet.UntilAsync(() => Accepted(fleet) == 50, "50 acknowledgements while the engine is silent");
        Assert.Equal(0, traffic.Count().Answered);
        held.Release();

        Assert.True(await traffic.SettleAsync() is { IsClean: true, Answered: 50, HandedOff: 0 }, $"{traffic.Count()}\n{fleet.Logs()}");
    }

    [Fact]
    public async Task A_chat_that_is_down_for_a_while_gets_every_answer_once_afterwards()
    {
        await using var fleet = await Fleet.StartAsync(new FleetOptions());
        var traffic = new Traffic(fleet, customers: 12);
        using var stop = new CancellationTokenSource();
        var talk = traffic.RunAsync(stop.Token);
        await fleet.UntilAsync(() => traffic.Count().Answered > 10, "answers before the trouble");

        // Half of the calls end in 503, half in a cut connection; nothing of them is done.
        var call = 0;
        fleet.Chat.Faults.Add(PlaygroundEndpoint.Any, PlaygroundFault.Status(503), int.MaxValue, _ => Interlocked.Increment(ref call) % 2 == 0);
        fleet.Chat.Faults.Add(PlaygroundEndpoint.Any, PlaygroundFault.Reset(), int.MaxValue);
        var trouble = fleet.Chat.Mark();
        await fleet.UntilAsync(() => fleet.Chat.Faults.Tripped > 20, "calls that failed");
        // Calls that came before the trouble may still end well.
        Assert.DoesNotContain(fleet.Chat.Ledger.Entries, entry => entry.Message is not null && entry.BegunStamp > trouble);
        await stop.CancelAsync();
        await talk;
        fleet.Chat.Faults.Clear();

        Assert.True(await traffic.SettleAsync() is { IsClean: true, HandedOff: 0 }, $"{traffic.Count()}\n{fleet.Logs()}");
    }

    [Fact]
    public async Task A_stop_finishes_what_is_in_hand_and_the_next_start_does_the_rest()
    {
        // An answer that the chat is slow to take is in hand, too, and the next start would look what became of it.
        await using var fleet = await Fleet.StartAsync(new FleetOptions
        {
            AdapterKeys = Fleet.PatientAdapter,
            SessionKeys = "turnBudget: 5m",
            Lease = TimeSpan.FromMinutes(1),
            ChatTimeout = TimeSpan.FromSeconds(20),
        });
        var held = new Held(text => text == "m1");
        fleet.Engine.Before = held.Before();
        var traffic = new Traffic(fleet, customers: 8);
        traffic.Say(traffic.Customers[0]);
        await held.AskedAsync(1);
        using var stop = new CancellationTokenSource();
        var talk = traffic.RunAsync(stop.Token);
        await fleet.UntilAsync(() => traffic.Count().Answered > 10, "answers before the stop");

        fleet.Replicas[0].Terminate();
        await UntilNotReadyAsync(fleet.Replicas[0]);
        Assert.False(fleet.Replicas[0].HasExited);
        fleet.Gate.Close(fleet.Replicas[0].Url);
        held.Release();
        await fleet.Replicas[0].WaitForExitAsync();

        Assert.Equal(0, fleet.Replicas[0].ExitCode);
        Assert.Single(traffic.Customers[0].Conversation!.BotReplies, reply => reply.Content == "re 1");
        await fleet.StartAsync(fleet.Replicas[0]);
        await stop.CancelAsync();
        await talk;
        Assert.True(await traffic.SettleAsync() is { IsClean: true, HandedOff: 0 }, $"{traffic.Count()}\n{fleet.Logs()}");
    }

    [Fact]
    public async Task An_event_that_ends_the_process_is_parked_after_three_attempts_and_its_neighbours_are_answered()
    {
        await using var fleet = await Fleet.StartAsync(new FleetOptions());
        var traffic = new Traffic(fleet, customers: 8);
        var killer = fleet.Inbox.AddCustomer();
        var kills = 0;
        var restart = Task.CompletedTask;
        fleet.Engine.Before = async text =>
        {
            if (text.Contains("poison", StringComparison.Ordinal))
            {
                Interlocked.Increment(ref kills);
                // It may ask before anybody has seen that it is ready: who waits for that must not take the next end for a start that failed.
                await restart;
                await fleet.Replicas[0].KillAsync();
                fleet.Gate.Close(fleet.Replicas[0].Url);
                restart = fleet.StartAsync(fleet.Replicas[0]);
            }
        };
        using var stop = new CancellationTokenSource();
        var talk = traffic.RunAsync(stop.Token);

        killer.Say("poison");
        await fleet.UntilAsync(() => killer.Conversation?.Status == ConversationStatus.Open, "the handoff of the poisoned conversation");
        await stop.CancelAsync();
        await talk;
        await restart;

        Assert.Equal(3, kills);
        var parked = JsonDocument.Parse(await fleet.Replicas[0].ManagementAsync("/api/inbox/parked")).RootElement;
        Assert.Contains("process-ended", parked.ToString(), StringComparison.Ordinal);
        Assert.Equal(1, parked.GetArrayLength());
        Assert.True(await traffic.SettleAsync() is { IsClean: true, HandedOff: 0, Answered: > 8 }, $"{traffic.Count()}\n{fleet.Logs()}");
    }

    [Fact]
    public async Task A_conversation_that_does_not_stop_talking_holds_up_nobody_else()
    {
        await using var fleet = await Fleet.StartAsync(new FleetOptions { AdapterKeys = Fleet.PatientAdapter, SessionKeys = "turnBudget: 5m" });
        var traffic = new Traffic(fleet, customers: 21);
        var hot = traffic.Customers[0];
        var held = new Held(text => text == "m1");
        fleet.Engine.Before = held.Before(times: 1);
        traffic.Say(hot);
        await held.AskedAsync(1);
        for (var i = 0; i < 300; i++)
        {
            traffic.Say(hot);
        }

        var quiet = traffic.Customers.Skip(1).ToList();
        foreach (var customer in quiet)
        {
            traffic.Say(customer);
        }

        await fleet.UntilAsync(() => quiet.TrueForAll(c => c.Conversation is { BotReplies.Count: 1 }), "answers to the quiet ones while the hot one waits");
        Assert.Empty(hot.Conversation!.BotReplies);
        held.Release();

        Assert.True(await traffic.SettleAsync() is { IsClean: true, HandedOff: 0, Answered: 321 }, $"{traffic.Count()}\n{fleet.Logs()}");
    }

    [SkippableFact]
    public async Task A_full_disk_refuses_new_events_loses_none_it_took_and_recovers()
    {
        using var disk = SmallDisk.Mount(megabytes: 12);
        Skip.If(disk is null, "No small disk can be mounted here (that takes root).");
        await using var fleet = await Fleet.StartAsync(new FleetOptions { StoreDirectory = disk.Directory });
        var traffic = new Traffic(fleet, customers: 10);
        traffic.Say(traffic.Customers[0]);
        await fleet.UntilAsync(() => traffic.Count().Answered == 1, "an answer before the trouble");

        await disk.FillAsync();
        for (var said = 0; Refused(fleet) == 0 && said < 2_000; said += traffic.Customers.Count)
        {
            foreach (var customer in traffic.Customers)
            {
                traffic.Say(customer);
            }

            await fleet.Chat.WaitUntilIdleAsync(CancellationToken.None);
        }

        Assert.True(Refused(fleet) > 0, "The disk never got full.");
        Assert.All(
            fleet.Chat.Deliveries.Where(d => d.Outcome == DeliveryOutcome.Refused), d => Assert.Contains(d.StatusCode, (int?[])[500, 429]));
        Assert.False(fleet.Replicas[0].HasExited);
        disk.MakeRoom();

        var outcome = await traffic.SettleAsync();
        output.WriteLine(outcome.ToString());
        Assert.True(outcome is { IsClean: true, HandedOff: 0 }, $"{outcome}\n{fleet.Logs()}");
        var before = traffic.Count().Answered;
        traffic.Say(traffic.Customers[1]);
        await fleet.UntilAsync(() => traffic.Count().Answered > before, "an answer after the trouble");
        await fleet.Replicas[0].WaitUntilReadyAsync();
    }

    private static int Accepted(Fleet fleet) => fleet.Chat.Deliveries.Where(d => d.Outcome == DeliveryOutcome.Accepted).DistinctBy(d => d.MessageId).Count();

    private static int Refused(Fleet fleet) => fleet.Chat.Deliveries.Count(d => d.Outcome == DeliveryOutcome.Refused);

    private static async Task UntilNotReadyAsync(Replica replica)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(120), TimeProvider.System);
        while (await replica.ReadinessAsync() == HttpStatusCode.OK)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, patience.Token);
        }
    }
}
