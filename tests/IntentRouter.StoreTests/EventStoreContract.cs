using IntentRouter.Conversations;
using IntentRouter.Storage;
using IntentRouter.Turns;

namespace IntentRouter.StoreTests;

/// <summary>What every store promises to one process. A store that serves several has more on top.</summary>
public abstract partial class EventStoreContract : IAsyncLifetime
{
    private static readonly CancellationToken _none = CancellationToken.None;
    private StoreHost? _host;

    public StoreHost Host => _host!;

    internal IEventStore Store { get; private set; } = null!;

    protected abstract Task<StoreHost> CreateHostAsync();

    public async Task InitializeAsync()
    {
        _host = await CreateHostAsync();
        Store = await _host.OpenAsync();
    }

    public async Task DisposeAsync()
    {
        if (_host is not null)
        {
            await _host.DisposeAsync();
        }
    }

    // Taking events.

    [SkippableFact]
    public async Task A_new_event_claims_its_conversation()
    {
        var appended = await Store.AppendAsync(Given.Event("e1"), _none);

        Assert.True(appended.Stored);
        Assert.True(appended.Sequence > 0);
        Assert.Equal(Given.Conversation, appended.Claim?.Conversation);
        Assert.False(appended.SendInFlight);
    }

    [SkippableFact]
    public async Task The_same_event_twice_is_stored_once()
    {
        var first = await Store.AppendAsync(Given.Event("e1"), _none);
        var second = await Store.AppendAsync(Given.Event("e1"), _none);

        Assert.Equal(new Appended(false, 0, null, false), second);
        Assert.Single((await LoadAsync(first.Claim!.Value)).Events);
    }

    [SkippableFact]
    public async Task A_finished_event_is_still_recognised_as_a_duplicate()
    {
        var appended = await Store.AppendAsync(Given.Event("e1"), _none);
        Assert.True(await Store.DecideAsync(appended.Claim!.Value, Given.Turn(appended.Sequence, "e1"), _none));
        Assert.Equal(ReleaseResult.Released, await Store.ReleaseAsync(appended.Claim.Value, null, _none));

        Assert.False((await Store.AppendAsync(Given.Event("e1"), _none)).Stored);
    }

    [SkippableFact]
    public async Task Many_events_at_once_are_all_stored_and_each_once()
    {
        var all = await Task.WhenAll(Enumerable.Range(0, 400).Select(i => Store.AppendAsync(Given.Event($"e{i % 200}", $"shop/3/{i % 20}"), _none)));

        Assert.Equal(200, all.Count(a => a.Stored));
        Assert.Equal(200, all.Where(a => a.Stored).Select(a => a.Sequence).Distinct().Count());
        Assert.Equal(200, (await Store.StatisticsAsync(_none)).Open);
        Assert.Equal(20, (await Store.StatisticsAsync(_none)).ActiveLeases);
    }

    [SkippableFact]
    public async Task An_event_without_work_is_remembered_but_claims_nothing()
    {
        var appended = await Store.AppendAsync(Given.Event("e1") with { NoWork = true }, _none);

        Assert.True(appended.Stored);
        Assert.Null(appended.Claim);
        Assert.Equal(0, (await Store.StatisticsAsync(_none)).Open);
        Assert.False((await Store.AppendAsync(Given.Event("e1"), _none)).Stored);
    }

    [SkippableFact]
    public async Task A_second_event_of_a_held_conversation_carries_the_same_claim()
    {
        var first = await Store.AppendAsync(Given.Event("e1"), _none);
        var second = await Store.AppendAsync(Given.Event("e2"), _none);

        Assert.Equal(first.Claim, second.Claim);
    }

    [SkippableFact]
    public async Task An_event_of_an_idle_conversation_starts_without_a_load()
    {
        var (before, _) = await DecidedAsync("e0");
        Assert.Equal(ReleaseResult.Released, await Store.ReleaseAsync(before, null, _none));

        var first = await Store.AppendAsync(Given.Event("e1") with { StartsAtOnce = true, MessageId = 7, TraceParent = "00-1" }, _none);
        var behind = await Store.AppendAsync(Given.Event("e2") with { StartsAtOnce = true }, _none);

        var told = first.Loaded!.Parse();
        Assert.Equal("Ada", told.State!.Facts.Contact.Name);
        Assert.Empty(told.Effects);
        var only = Assert.Single(told.Events);
        Assert.Equal(("e1", first.Sequence, 7, 0, false, "00-1"), (only.Key, only.Sequence, only.MessageId, only.Attempts, only.Decided, only.TraceParent));
        Assert.Null(behind.Loaded);

        // The same as a load would say, and what came meanwhile is not forgotten.
        var loaded = (await LoadAsync(first.Claim!.Value)).Events;
        Assert.Equal(only with { Payload = default }, loaded[0] with { Payload = default });
        Assert.Equal(only.Payload.ToArray(), loaded[0].Payload.ToArray());
        Assert.Equal(ReleaseResult.MoreWork, await Store.ReleaseAsync(first.Claim.Value, null, _none));
    }

    [SkippableFact]
    public async Task What_came_after_an_event_that_started_without_a_load_keeps_its_conversation_from_being_set_aside()
    {
        var claim = (await Store.AppendAsync(Given.Event("e1") with { StartsAtOnce = true }, _none)).Claim!.Value;
        await Store.AppendAsync(Given.Event("e2"), _none);

        Assert.Equal(ReleaseResult.MoreWork, await Store.ReleaseAsync(claim, TimeSpan.FromMinutes(1), _none));
    }

    [SkippableFact]
    public async Task Only_what_is_alone_starts_without_a_load()
    {
        var (claim, _) = await DecidedAsync("open", Given.Say());
        await Store.ReleaseAsync(claim, TimeSpan.FromMinutes(1), _none);
        Assert.Null((await Store.AppendAsync(Given.Event("e1") with { StartsAtOnce = true, Urgent = true }, _none)).Loaded);
        Assert.Null((await Store.AppendAsync(Given.Event("e2") with { StartsAtOnce = true }, _none)).Loaded);

        var none = await Store.AppendAsync(Given.Event("e3", "shop/3/18") with { StartsAtOnce = true, NoWork = true }, _none);
        Assert.Equal((true, null, null), (none.Stored, none.Claim, none.Loaded));

        // Two that share a transaction are read in their order.
        var both = await Task.WhenAll(
            Enumerable.Range(0, 40).Select(i => Store.AppendAsync(Given.Event($"b{i}", "shop/3/19") with { StartsAtOnce = true, MessageId = i + 1 }, _none)));
        Assert.InRange(both.Count(b => b.Loaded is not null), 0, 1);
        Assert.Equal(40, (await LoadAsync(both[0].Claim!.Value)).Events.Count);
    }

    [SkippableFact]
    public async Task An_event_that_started_without_a_load_is_accused_when_its_process_ends()
    {
        await Store.AppendAsync(Given.Event("e1") with { StartsAtOnce = true }, _none);
        await Store.AppendAsync(Given.Event("e2") with { StartsAtOnce = true }, _none);
        await Host.KillAsync(Store);
        Store = await Host.OpenAsync();
        await Host.AdvanceAsync(Host.Engine.Lease + TimeSpan.FromSeconds(1));

        var taken = Assert.Single(await Store.RecoverAsync(10, _none));

        Assert.Equal([("e1", 1), ("e2", 0)], (await LoadAsync(taken)).Events.Select(e => (e.Key, e.Attempts)));
    }

    [SkippableFact]
    public async Task A_permit_leaves_enough_of_the_lease_for_the_request()
    {
        var (claim, _) = await DecidedAsync("e1", Given.Say());
        foreach (var age in (int[])[1, 2, 8])
        {
            // However old the lease is when the permit is asked for: a third of it is left when the permit ends.
            await Host.AdvanceAsync(TimeSpan.FromSeconds(age));
            var permit = await Store.BeginSendAsync(claim, new BeginSend("e1#0", SendGate.AnySignal), _none);
            await Host.AdvanceAsync(permit.ValidFor + (Host.Engine.Lease / 3) - TimeSpan.FromSeconds(1));
            Assert.Empty(await Store.RecoverAsync(10, _none));
            Assert.Empty(await Store.RenewAsync([claim], _none));
        }
    }

    [SkippableFact]
    public async Task Events_keep_everything_they_came_with()
    {
        var appended = await Store.AppendAsync(
            Given.Event("e1") with { MessageId = 12, TraceParent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01" }, _none);

        var stored = Assert.Single((await LoadAsync(appended.Claim!.Value)).Events);

        Assert.Equal(appended.Sequence, stored.Sequence);
        Assert.Equal("e1", stored.Key);
        Assert.Equal("message_created", stored.Kind);
        Assert.Equal(12, stored.MessageId);
        Assert.Equal("""{"key":"e1"}"""u8.ToArray(), stored.Payload.ToArray());
        Assert.Equal("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", stored.TraceParent);
        Assert.Equal(0, stored.Attempts);
        Assert.False(stored.Decided);
    }

    [SkippableFact]
    public async Task Events_are_read_in_the_order_of_their_receipt_urgent_ones_first()
    {
        var claim = (await Store.AppendAsync(Given.Event("e1"), _none)).Claim!.Value;
        await Store.AppendAsync(Given.Event("e2"), _none);
        await Store.AppendAsync(Given.Event("e3") with { Urgent = true }, _none);

        Assert.Equal(["e3", "e1", "e2"], (await LoadAsync(claim)).Events.Select(e => e.Key));
        Assert.Equal(["e3", "e1"], (await Store.LoadAsync(claim, 2, _none))!.Events.Select(e => e.Key));
    }

    [SkippableFact]
    public async Task More_than_the_bounds_is_refused_and_leaves_nothing()
    {
        Host.Engine.QueueLimit = 0;

        await Assert.ThrowsAsync<StoreOverloadedException>(() => Store.AppendAsync(Given.Event("e1"), _none));

        Host.Engine.QueueLimit = 10;
        Host.Engine.QueueBytes = 3;
        await Assert.ThrowsAsync<StoreOverloadedException>(() => Store.AppendAsync(Given.Event("e1"), _none));

        Host.Engine.QueueBytes = 1_000;
        Assert.True((await Store.AppendAsync(Given.Event("e1"), _none)).Stored);
    }

    // Deciding.

    [SkippableFact]
    public async Task A_turn_without_effects_finishes_its_events()
    {
        var first = await Store.AppendAsync(Given.Event("e1"), _none);
        var second = await Store.AppendAsync(Given.Event("e2"), _none);
        var claim = first.Claim!.Value;

        Assert.True(await Store.DecideAsync(claim, Given.Turn([first.Sequence, second.Sequence], "e2"), _none));

        var loaded = await LoadAsync(claim);
        Assert.Empty(loaded.Events);
        Assert.Empty(loaded.Effects);
        Assert.Equal("Ada", loaded.State!.Facts.Contact.Name);
        Assert.Equal(new SlotValue("4711", "order 4711", SlotSource.Said), loaded.State.Session.Remembered["order"]);
        Assert.Equal(ReleaseResult.Released, await Store.ReleaseAsync(claim, null, _none));
        Assert.Equal(0, (await Store.StatisticsAsync(_none)).ActiveLeases);
    }

    [SkippableFact]
    public async Task Effects_come_back_as_they_were_planned_and_in_order()
    {
        Effect[] planned =
        [
            new SendMessage("Hello *Ada*", "input_select", new() { ["items"] = new System.Text.Json.Nodes.JsonArray("a", "b") }),
            new SendPrivateNote("note"),
            new SetStatus("open"),
            new SetPriority("high"),
            new Assign(4, null),
            new SetAttributes(new() { ["proof"] = "contact" }),
            new AddLabels(["vip"]),
            new CallAction("book", new Dictionary<string, string> { ["date"] = "2026-11-23" }, "k1"),
            new SendCode("mail", "ada@example.com", "123456", "en"),
            new CreateConversation("src", 5, "Hi"),
        ];
        var (claim, sequence) = await DecidedAsync("e1", planned);

        var effects = (await LoadAsync(claim)).Effects;

        Assert.Equal(Enumerable.Range(0, planned.Length).Select(i => $"e1#{i}"), effects.Select(e => e.Key));
        Assert.All(effects, e => Assert.Equal((EffectState.Planned, 0, null, sequence, 100d), (e.State, e.Attempts, e.SinceSent, e.EventSequence, e.StateAt)));
        Assert.Equal(planned.Select(StoreJson.Write), effects.Select(e => StoreJson.Write(e.Effect)));
        Assert.Equal(planned.Select(e => e.GetType()), effects.Select(e => e.Effect.GetType()));
    }

    [SkippableFact]
    public async Task The_same_turn_again_after_a_lost_answer_changes_nothing()
    {
        var appended = await Store.AppendAsync(Given.Event("e1"), _none);
        var turn = Given.Turn(appended.Sequence, "e1", Given.Say());

        Assert.True(await Store.DecideAsync(appended.Claim!.Value, turn, _none));
        Assert.True(await Store.DecideAsync(appended.Claim.Value, turn, _none));

        Assert.Single((await LoadAsync(appended.Claim.Value)).Effects);
        Assert.Single(await Store.ReadTurnsAsync(Given.Conversation, 10, _none));
    }

    [SkippableFact]
    public async Task Nothing_is_written_without_a_valid_claim()
    {
        var (claim, sequence) = await DecidedAsync("e1", Given.Say());
        var stale = claim with { Token = claim.Token - 1 };

        Assert.Null(await Store.LoadAsync(stale, 10, _none));
        Assert.False(await Store.DecideAsync(stale, Given.Turn(sequence, "other", Given.Say()), _none));
        Assert.Equal(SendVerdict.ClaimLost, (await Store.BeginSendAsync(stale, new BeginSend("e1#0", SendGate.AnySignal), _none)).Verdict);
        Assert.False(await Store.EndSendAsync(stale, new EffectOutcome("e1#0", EffectState.Done), _none));
        Assert.False(await Store.FailEventAsync(stale, sequence, "no", true, _none));
        Assert.Equal(ReleaseResult.ClaimLost, await Store.ReleaseAsync(stale, null, _none));
        Assert.Equal([stale], await Store.RenewAsync([stale, claim], _none));

        var effect = Assert.Single((await LoadAsync(claim)).Effects);
        Assert.Equal(EffectState.Planned, effect.State);
    }

    // Sending.

    [SkippableFact]
    public async Task An_effect_goes_from_planned_over_sending_to_done_and_takes_its_events_along()
    {
        var (claim, _) = await DecidedAsync("e1", Given.Say(), new SetStatus("open"));
        Assert.True(Assert.Single((await LoadAsync(claim)).Events).Decided);

        var permit = await Store.BeginSendAsync(claim, new BeginSend("e1#0", SendGate.AnySignal), _none);
        Assert.Equal(SendVerdict.Proceed, permit.Verdict);
        Assert.InRange(permit.ValidFor, TimeSpan.FromSeconds(1), Host.Engine.Lease - TimeSpan.FromSeconds(4));
        await Host.AdvanceAsync(TimeSpan.FromSeconds(3));
        var sending = (await LoadAsync(claim)).Effects[0];
        Assert.Equal((EffectState.Sending, 1), (sending.State, sending.Attempts));
        Assert.InRange(sending.SinceSent!.Value, TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(5));

        Assert.True(await Store.EndSendAsync(claim, new EffectOutcome("e1#0", EffectState.Done, RemoteId: 55), _none));
        Assert.Equal("e1#1", Assert.Single((await LoadAsync(claim)).Effects).Key);
        Assert.Single((await LoadAsync(claim)).Events);
        Assert.Equal(ReleaseResult.MoreWork, await Store.ReleaseAsync(claim, null, _none));

        await SendAsync(claim, "e1#1");
        Assert.Empty((await LoadAsync(claim)).Events);
        Assert.Equal(ReleaseResult.Released, await Store.ReleaseAsync(claim, null, _none));
        Assert.Equal(SendVerdict.ClaimLost, (await Store.BeginSendAsync(claim, new BeginSend("e1#1", SendGate.AnySignal), _none)).Verdict);
    }

    [SkippableFact]
    public async Task Steps_taken_together_are_one_commit_in_their_order()
    {
        var appended = await Store.AppendAsync(Given.Event("e1"), _none);
        var claim = appended.Claim!.Value;

        var decided = await Store.StepAsync(
            claim, new ConversationStep { Turn = Given.Turn(appended.Sequence, "e1", Given.Say(), Given.Say("two")), Begin = new BeginSend("e1#0", SendGate.AnySignal) }, _none);
        Assert.Equal((true, SendVerdict.Proceed, null), (decided.Held, decided.Permit!.Verdict, decided.Released));
        Assert.Equal([(EffectState.Sending, 1), (EffectState.Planned, 0)], (await LoadAsync(claim)).Effects.Select(e => (e.State, e.Attempts)));

        var between = await Store.StepAsync(
            claim, new ConversationStep { Ended = new EffectOutcome("e1#0", EffectState.Done), Begin = new BeginSend("e1#1", SendGate.AnySignal) }, _none);
        Assert.Equal(SendVerdict.Proceed, between.Permit!.Verdict);
        Assert.Equal(("e1#1", EffectState.Sending), (await LoadAsync(claim)).Effects.Select(e => (e.Key, e.State)).Single());

        var last = await Store.StepAsync(claim, new ConversationStep { Ended = new EffectOutcome("e1#1", EffectState.Done), GiveBack = new GiveBack() }, _none);
        Assert.Equal(new StepResult(true, null, ReleaseResult.Released), last);
        Assert.Equal(["done", "done"], (await Store.ReadTurnsAsync(Given.Conversation, 1, _none))[0].Effects.Select(e => e.State));
        Assert.Equal(0, (await Store.StatisticsAsync(_none)).ActiveLeases);
    }

    [SkippableFact]
    public async Task A_turn_is_kept_although_a_humans_word_makes_its_first_effect_stale()
    {
        var appended = await Store.AppendAsync(Given.Event("e1"), _none);
        await Store.AppendAsync(Given.Event("human") with { NoWork = true, Signal = EventSignal.HumanSteppedIn, StateAt = 500 }, _none);

        var step = await Store.StepAsync(
            appended.Claim!.Value, new ConversationStep { Turn = Given.Turn(appended.Sequence, "e1", Given.Say()), Begin = new BeginSend("e1#0", SendGate.AnySignal) }, _none);

        Assert.Equal((SendVerdict.Stale, EventSignal.HumanSteppedIn), (step.Permit!.Verdict, step.Permit.Signal));
        Assert.Equal(EffectState.Planned, Assert.Single((await LoadAsync(appended.Claim.Value)).Effects).State);
    }

    [SkippableFact]
    public async Task What_came_meanwhile_keeps_the_conversation_although_the_rest_of_the_step_is_done()
    {
        var (claim, _) = await DecidedAsync("e1", Given.Say());
        await Store.BeginSendAsync(claim, new BeginSend("e1#0", SendGate.AnySignal), _none);
        await Store.AppendAsync(Given.Event("e2"), _none);

        var step = await Store.StepAsync(claim, new ConversationStep { Ended = new EffectOutcome("e1#0", EffectState.Done), GiveBack = new GiveBack() }, _none);

        Assert.Equal(new StepResult(true, null, ReleaseResult.MoreWork), step);
        var loaded = await LoadAsync(claim);
        Assert.Equal(["e2"], loaded.Events.Select(e => e.Key));
        Assert.Empty(loaded.Effects);
    }

    [SkippableFact]
    public async Task A_follow_up_keeps_the_conversation_that_is_given_back_with_it()
    {
        var (claim, _) = await DecidedAsync("e1", Given.Say());
        var followUp = Given.Event("e1-then") with { Urgent = true };

        var step = await Store.StepAsync(
            claim, new ConversationStep { Ended = new EffectOutcome("e1#0", EffectState.Done, FollowUp: followUp), GiveBack = new GiveBack() }, _none);

        Assert.Equal(ReleaseResult.MoreWork, step.Released);
        Assert.Equal(["e1-then"], (await LoadAsync(claim)).Events.Select(e => e.Key));
    }

    [SkippableFact]
    public async Task A_step_without_a_valid_claim_writes_nothing_of_all_its_parts()
    {
        var appended = await Store.AppendAsync(Given.Event("e1"), _none);
        var claim = appended.Claim!.Value;
        var stale = claim with { Token = claim.Token - 1 };

        var step = await Store.StepAsync(
            stale,
            new ConversationStep { Turn = Given.Turn(appended.Sequence, "e1", Given.Say()), Begin = new BeginSend("e1#0", SendGate.AnySignal), GiveBack = new GiveBack() },
            _none);

        Assert.Equal((false, SendVerdict.ClaimLost, (ReleaseResult?)ReleaseResult.ClaimLost), (step.Held, step.Permit!.Verdict, step.Released));
        var loaded = await LoadAsync(claim);
        Assert.False(Assert.Single(loaded.Events).Decided);
        Assert.Empty(loaded.Effects);
    }

    [SkippableFact]
    public async Task Ending_a_send_twice_is_no_harm_and_beginning_again_says_done()
    {
        var (claim, _) = await DecidedAsync("e1", Given.Say(), Given.Say("two"));
        await SendAsync(claim, "e1#0");

        Assert.True(await Store.EndSendAsync(claim, new EffectOutcome("e1#0", EffectState.Done), _none));
        Assert.Equal(SendVerdict.AlreadyDone, (await Store.BeginSendAsync(claim, new BeginSend("e1#0", SendGate.AnySignal), _none)).Verdict);
        Assert.Equal("done", (await Store.ReadTurnsAsync(Given.Conversation, 1, _none))[0].Effects[0].State);
    }

    [SkippableFact]
    public async Task An_effect_that_was_certainly_not_applied_waits_as_planned_and_counts_its_attempts()
    {
        var (claim, _) = await DecidedAsync("e1", Given.Say());
        await Store.BeginSendAsync(claim, new BeginSend("e1#0", SendGate.AnySignal), _none);
        await Store.EndSendAsync(claim, new EffectOutcome("e1#0", EffectState.Planned, Error: "429"), _none);

        var effect = Assert.Single((await LoadAsync(claim)).Effects);
        Assert.Equal((EffectState.Planned, 1, null), (effect.State, effect.Attempts, effect.SinceSent));

        await Store.BeginSendAsync(claim, new BeginSend("e1#0", SendGate.AnySignal), _none);
        await Store.EndSendAsync(claim, new EffectOutcome("e1#0", EffectState.Sending, Error: "time-out"), _none);
        effect = Assert.Single((await LoadAsync(claim)).Effects);
        Assert.Equal((EffectState.Sending, 2), (effect.State, effect.Attempts));
        Assert.NotNull(effect.SinceSent);
    }

    [SkippableTheory]
    [InlineData("HumanSteppedIn", "AnySignal HumanWord")]
    [InlineData("NotPending", "AnySignal Status")]
    [InlineData("HumanAssigned", "AnySignal")]
    [InlineData("HumanSpokeOutside", "AnySignal HumanWord")]
    public async Task A_gate_closes_for_its_signals_only(string signal, string closed)
    {
        foreach (var gate in Enum.GetValues<SendGate>())
        {
            var conversation = $"shop/3/{(int)gate}";
            var appended = await Store.AppendAsync(Given.Event($"e{gate}", conversation), _none);
            await Store.DecideAsync(appended.Claim!.Value, Given.Turn(appended.Sequence, $"e{gate}", Given.Say()), _none);
            await Store.AppendAsync(Given.Event($"s{gate}", conversation) with { Signal = Enum.Parse<EventSignal>(signal) }, _none);

            var permit = await Store.BeginSendAsync(appended.Claim.Value, new BeginSend($"e{gate}#0", gate), _none);

            Assert.Equal(closed.Split(' ').Contains(gate.ToString()), permit.Verdict == SendVerdict.Stale);
        }
    }

    [SkippableTheory]
    [InlineData(0, true)]
    [InlineData(100.5, true)]
    [InlineData(100, true)]
    [InlineData(99, true)]
    [InlineData(98, false)]
    public async Task A_humans_word_since_the_bot_has_the_conversation_makes_a_gated_effect_stale(double stateAt, bool stale)
    {
        var (claim, _) = await DecidedAsync("e1", Given.Say());
        await Store.AppendAsync(Given.HumanSpoke("e2", stateAt), _none);

        var permit = await Store.BeginSendAsync(claim, new BeginSend("e1#0", SendGate.AnySignal, HumanSince: 99), _none);

        Assert.Equal(stale ? SendVerdict.Stale : SendVerdict.Proceed, permit.Verdict);
        Assert.Equal(stale ? EventSignal.HumanSteppedIn : EventSignal.None, permit.Signal);
        Assert.Equal(stale ? EffectState.Planned : EffectState.Sending, (await LoadAsync(claim)).Effects[0].State);
    }

    [SkippableTheory]
    [InlineData(99, true)]
    [InlineData(98, false)]
    public async Task So_it_does_where_the_turn_begins_to_send_as_it_is_decided(double stateAt, bool stale)
    {
        var appended = await Store.AppendAsync(Given.Event("e1"), _none);
        await Store.AppendAsync(Given.HumanSpoke("e2", stateAt), _none);

        var step = await Store.StepAsync(
            appended.Claim!.Value, new ConversationStep { Turn = Given.Turn(appended.Sequence, "e1", Given.Say()), Begin = new BeginSend("e1#0", SendGate.AnySignal, HumanSince: 99) }, _none);

        Assert.Equal(stale ? SendVerdict.Stale : SendVerdict.Proceed, step.Permit!.Verdict);
        Assert.Equal(stale ? EffectState.Planned : EffectState.Sending, (await LoadAsync(appended.Claim.Value)).Effects[0].State);
    }

    [SkippableTheory]
    [InlineData("NotPending", 100.5, true)]
    [InlineData("NotPending", 100, false)]
    [InlineData("HumanSpokeOutside", 100.5, true)]
    [InlineData("HumanSpokeOutside", 99, false)]
    public async Task A_status_from_before_the_decisions_state_is_over(string signal, double stateAt, bool stale)
    {
        var (claim, _) = await DecidedAsync("e1", Given.Say());
        await Store.AppendAsync(Given.Event("e2") with { Signal = Enum.Parse<EventSignal>(signal), StateAt = stateAt }, _none);

        Assert.Equal(stale ? SendVerdict.Stale : SendVerdict.Proceed, (await Store.BeginSendAsync(claim, new BeginSend("e1#0", SendGate.AnySignal), _none)).Verdict);
    }

    [SkippableFact]
    public async Task A_signal_stops_neither_ungated_effects_nor_those_of_later_events()
    {
        var (claim, _) = await DecidedAsync("e1", Given.Say());
        await Store.AppendAsync(Given.HumanSpoke("e2") with { NoWork = true }, _none);
        var later = await Store.AppendAsync(Given.Event("e3"), _none);
        await Store.DecideAsync(claim, Given.Turn(later.Sequence, "e3", Given.Say()), _none);

        Assert.Equal(SendVerdict.Proceed, (await Store.BeginSendAsync(claim, new BeginSend("e1#0", SendGate.None), _none)).Verdict);
        Assert.Equal(SendVerdict.Proceed, (await Store.BeginSendAsync(claim, new BeginSend("e3#0", SendGate.AnySignal), _none)).Verdict);
    }

    [SkippableFact]
    public async Task A_dropped_effect_is_finished_and_explained()
    {
        var (claim, _) = await DecidedAsync("e1", Given.Say());
        await Store.EndSendAsync(claim, new EffectOutcome("e1#0", EffectState.Dropped, Error: "a human answered"), _none);

        Assert.Empty((await LoadAsync(claim)).Events);
        Assert.Equal(
            new TurnEffectResult("send-message", "dropped", 0, "a human answered"),
            Assert.Single((await Store.ReadTurnsAsync(Given.Conversation, 10, _none)).Single().Effects));
    }

    [SkippableFact]
    public async Task An_append_sees_that_a_public_send_is_in_flight_and_can_wait_for_its_end()
    {
        var (claim, _) = await DecidedAsync("e1", new SendPrivateNote("n"), Given.Say());
        await Store.BeginSendAsync(claim, new BeginSend("e1#0", SendGate.None), _none);
        Assert.False((await Store.AppendAsync(Given.HumanSpoke("e2"), _none)).SendInFlight);
        Assert.True(await Store.WaitForSendsAsync(Given.Conversation, TimeSpan.Zero, _none));

        await Store.BeginSendAsync(claim, new BeginSend("e1#1", SendGate.None), _none);
        Assert.True((await Store.AppendAsync(Given.HumanSpoke("e3") with { NoWork = true }, _none)).SendInFlight);
        Assert.False(await Store.WaitForSendsAsync(Given.Conversation, TimeSpan.Zero, _none));

        var waiting = Store.WaitForSendsAsync(Given.Conversation, TimeSpan.FromMinutes(1), _none);
        await Store.EndSendAsync(claim, new EffectOutcome("e1#1", EffectState.Done), _none);
        Assert.True(await waiting.WaitAsync(TimeSpan.FromMinutes(2)));
    }

    [SkippableFact]
    public async Task A_wait_for_sends_that_runs_out_or_is_given_up_leaves_nothing_behind()
    {
        var (claim, _) = await DecidedAsync("e1", Given.Say());
        await Store.BeginSendAsync(claim, new BeginSend("e1#0", SendGate.None), _none);

        Assert.False(await Store.WaitForSendsAsync(Given.Conversation, TimeSpan.Zero, _none));
        Assert.Equal(0, ((RelationalEventStore)Store).SendsAwaited);

        using var givenUp = new CancellationTokenSource();
        var waiting = Store.WaitForSendsAsync(Given.Conversation, TimeSpan.FromMinutes(1), givenUp.Token);
        await givenUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        Assert.Equal(0, ((RelationalEventStore)Store).SendsAwaited);
    }

    [SkippableFact]
    public async Task The_echo_of_a_message_is_its_receipt()
    {
        var (claim, _) = await DecidedAsync("e1", Given.Say());
        await Store.BeginSendAsync(claim, new BeginSend("e1#0", SendGate.AnySignal), _none);

        var echo = await Store.AppendAsync(Given.Echo("e2", "e1#0"), _none);

        Assert.True(echo.Stored);
        Assert.False(echo.SendInFlight);
        Assert.Equal(claim, echo.Claim);
        Assert.Equal(SendVerdict.AlreadyDone, (await Store.BeginSendAsync(claim, new BeginSend("e1#0", SendGate.AnySignal), _none)).Verdict);
        var loaded = await LoadAsync(claim);
        Assert.Empty(loaded.Events);
        Assert.Empty(loaded.Effects);
    }

    [SkippableFact]
    public async Task An_echo_wakes_a_conversation_that_waits_in_doubt()
    {
        var (claim, _) = await DecidedAsync("e1", Given.Say());
        await Store.BeginSendAsync(claim, new BeginSend("e1#0", SendGate.AnySignal), _none);
        await LoadAsync(claim);
        Assert.Equal(ReleaseResult.Released, await Store.ReleaseAsync(claim, TimeSpan.FromSeconds(20), _none));

        var echo = await Store.AppendAsync(Given.Echo("e2", "e1#0"), _none);

        Assert.NotNull(echo.Claim);
        Assert.NotEqual(claim, echo.Claim);
        Assert.Equal(ReleaseResult.Released, await Store.ReleaseAsync(echo.Claim.Value, null, _none));
    }

    [SkippableFact]
    public async Task An_echo_of_what_is_not_open_changes_nothing()
    {
        var echo = await Store.AppendAsync(Given.Echo("e2", "e1#0"), _none);

        Assert.True(echo.Stored);
        Assert.Null(echo.Claim);
        Assert.Equal(0, (await Store.StatisticsAsync(_none)).ActiveLeases);
    }

    [SkippableFact]
    public async Task The_outcome_of_an_action_comes_back_in_the_same_commit_before_anything_newer()
    {
        var (claim, _) = await DecidedAsync("e1", new CallAction("book", new Dictionary<string, string>(), "k1"));
        await Store.AppendAsync(Given.Event("e2"), _none);
        await LoadAsync(claim);
        await Store.BeginSendAsync(claim, new BeginSend("e1#0", SendGate.None), _none);
        var outcome = new EffectOutcome(
            "e1#0", EffectState.Done, FollowUp: Given.Event("e1#0:outcome") with { Kind = "action_completed", Urgent = true });

        Assert.True(await Store.EndSendAsync(claim, outcome, _none));
        Assert.True(await Store.EndSendAsync(claim, outcome, _none));

        Assert.Equal(["e1#0:outcome", "e2"], (await LoadAsync(claim)).Events.Select(e => e.Key));
        Assert.Equal(ReleaseResult.MoreWork, await Store.ReleaseAsync(claim, null, _none));
    }

    // Changing hands.

    [SkippableFact]
    public async Task Work_that_arrives_before_the_release_is_not_forgotten()
    {
        var first = await Store.AppendAsync(Given.Event("e1"), _none);
        var claim = first.Claim!.Value;
        await LoadAsync(claim);
        await Store.DecideAsync(claim, Given.Turn(first.Sequence, "e1"), _none);
        await Store.AppendAsync(Given.Event("e2"), _none);

        Assert.Equal(ReleaseResult.MoreWork, await Store.ReleaseAsync(claim, null, _none));
        Assert.Equal(ReleaseResult.MoreWork, await Store.ReleaseAsync(claim, TimeSpan.FromMinutes(1), _none));

        Assert.Equal("e2", Assert.Single((await LoadAsync(claim)).Events).Key);
        Assert.Equal(ReleaseResult.Released, await Store.ReleaseAsync(claim, TimeSpan.FromMinutes(1), _none));
    }

    [SkippableFact]
    public async Task A_lease_that_nobody_renews_is_taken_over_and_its_holder_fenced_off()
    {
        var first = await Store.AppendAsync(Given.Event("e1"), _none);
        var old = first.Claim!.Value;
        await LoadAsync(old);
        Assert.Empty(await Store.RecoverAsync(10, _none));
        await Host.AdvanceAsync(TimeSpan.FromSeconds(10));
        Assert.Empty(await Store.RenewAsync([old], _none));
        await Host.AdvanceAsync(TimeSpan.FromSeconds(10));
        Assert.Empty(await Store.RecoverAsync(10, _none));
        await Host.AdvanceAsync(TimeSpan.FromSeconds(6));

        var taken = Assert.Single(await Store.RecoverAsync(10, _none));

        Assert.Equal(old.Conversation, taken.Conversation);
        Assert.True(taken.Token > old.Token);
        Assert.False(await Store.DecideAsync(old, Given.Turn(first.Sequence, "e1", Given.Say()), _none));
        Assert.Equal([old], await Store.RenewAsync([old], _none));
        Assert.Equal(1, Assert.Single((await LoadAsync(taken)).Events).Attempts);
    }

    [SkippableFact]
    public async Task A_killed_process_leaves_its_work_to_the_next_with_the_attempt_counted()
    {
        var (claim, _) = await DecidedAsync("e1", Given.Say());
        await Store.BeginSendAsync(claim, new BeginSend("e1#0", SendGate.AnySignal), _none);
        var other = (await Store.AppendAsync(Given.Event("begun", "shop/3/18"), _none)).Claim!.Value;
        await Store.AppendAsync(Given.Event("behind", "shop/3/18"), _none);
        await LoadAsync(other);
        await Store.AppendAsync(Given.Event("e2"), _none);
        await Host.KillAsync(Store);

        Store = await Host.OpenAsync();
        await Host.AdvanceAsync(Host.Engine.Lease + TimeSpan.FromSeconds(1));
        var taken = await Store.RecoverAsync(10, _none);

        // What was sent, what waited behind it and what waited behind what was being handled did not end the process.
        var loaded = await LoadAsync(taken.Single(c => c.Conversation == Given.Conversation));
        Assert.Equal([("e1", 0), ("e2", 0)], loaded.Events.Select(e => (e.Key, e.Attempts)));
        Assert.Equal(
            [("begun", 1), ("behind", 0)], (await LoadAsync(taken.Single(c => c.Conversation == "shop/3/18"))).Events.Select(e => (e.Key, e.Attempts)));
        Assert.Equal(EffectState.Sending, Assert.Single(loaded.Effects).State);
        Assert.Equal("Ada", loaded.State!.Facts.Contact.Name);
    }

    [SkippableFact]
    public async Task A_suspect_is_counted_only_when_it_was_its_turn()
    {
        var claim = (await Store.AppendAsync(Given.Event("e1"), _none)).Claim!.Value;
        var attempts = new List<int>();
        for (var death = 0; death < 5; death++)
        {
            var loaded = await LoadAsync(claim);
            attempts.Add(loaded.Events[0].Attempts);
            if (death == 3)
            {
                Assert.True(await Store.BeginHandlingAsync(claim, loaded.Events[0].Sequence, _none));
            }

            await Host.KillAsync(Store);
            Store = await Host.OpenAsync();
            await Host.AdvanceAsync(Host.Engine.Lease + TimeSpan.FromSeconds(1));
            claim = Assert.Single(await Store.RecoverAsync(10, _none));
        }

        // With three attempts allowed, the third is made alone: while others had their turn nothing is counted.
        Assert.Equal([0, 1, 2, 2, 3], attempts);
    }

    [SkippableFact]
    public async Task A_former_holder_that_lives_takes_its_accusation_back()
    {
        var first = await Store.AppendAsync(Given.Event("e1"), _none);
        await LoadAsync(first.Claim!.Value);
        await Host.AdvanceAsync(Host.Engine.Lease + TimeSpan.FromSeconds(1));
        var taken = Assert.Single(await Store.RecoverAsync(10, _none));
        Assert.Equal(1, (await LoadAsync(taken)).Events.Single().Attempts);

        await Store.WithdrawAttemptAsync(Given.Conversation, first.Sequence, _none);
        await Store.WithdrawAttemptAsync(Given.Conversation, first.Sequence, _none);

        Assert.Equal(0, (await LoadAsync(taken)).Events.Single().Attempts);
    }

    [SkippableFact]
    public async Task News_for_a_conversation_whose_holder_died_count_the_attempt_as_well()
    {
        var claim = (await Store.AppendAsync(Given.Event("e1"), _none)).Claim!.Value;
        await LoadAsync(claim);
        await Host.KillAsync(Store);
        Store = await Host.OpenAsync();
        await Host.AdvanceAsync(Host.Engine.Lease + TimeSpan.FromSeconds(1));

        var taken = (await Store.AppendAsync(Given.Event("e2"), _none)).Claim!.Value;

        Assert.Equal([("e1", 1), ("e2", 0)], (await LoadAsync(taken)).Events.Select(e => (e.Key, e.Attempts)));
    }

    [SkippableFact]
    public async Task A_conversation_given_back_at_shutdown_is_taken_at_once_and_counts_no_attempt()
    {
        await LoadAsync((await Store.AppendAsync(Given.Event("e1"), _none)).Claim!.Value);
        await Store.ReleaseAllAsync(_none);

        var taken = Assert.Single(await Store.RecoverAsync(10, _none));

        Assert.Equal(0, Assert.Single((await LoadAsync(taken)).Events).Attempts);
    }

    [SkippableFact]
    public async Task What_is_set_aside_comes_back_after_its_time_and_not_before()
    {
        var (claim, _) = await DecidedAsync("e1", Given.Say());
        await LoadAsync(claim);
        Assert.Equal(ReleaseResult.Released, await Store.ReleaseAsync(claim, TimeSpan.FromSeconds(30), _none));
        Assert.Equal(0, (await Store.StatisticsAsync(_none)).ActiveLeases);

        await Host.AdvanceAsync(TimeSpan.FromSeconds(25));
        Assert.Empty(await Store.RecoverAsync(10, _none));
        Assert.Null((await Store.AppendAsync(Given.Event("e2"), _none)).Claim);
        Assert.Empty(await Store.RecoverAsync(10, _none));
        await Host.AdvanceAsync(TimeSpan.FromSeconds(6));

        var taken = Assert.Single(await Store.RecoverAsync(10, _none));
        Assert.Equal(["e1", "e2"], (await LoadAsync(taken)).Events.Select(e => e.Key));
    }

    [SkippableFact]
    public async Task A_claim_that_is_not_wanted_goes_to_the_next_who_looks()
    {
        var claim = (await Store.AppendAsync(Given.Event("e1"), _none)).Claim!.Value;

        Assert.Equal(ReleaseResult.Released, await Store.ReleaseAsync(claim, TimeSpan.Zero, _none));

        Assert.Equal("e1", Assert.Single((await LoadAsync(Assert.Single(await Store.RecoverAsync(10, _none)))).Events).Key);
    }

    [SkippableFact]
    public async Task A_mere_reminder_delays_no_new_event()
    {
        var first = await Store.AppendAsync(Given.Event("e1"), _none);
        var claim = first.Claim!.Value;
        await LoadAsync(claim);
        await Store.DecideAsync(claim, Given.Turn(first.Sequence, "e1"), _none);
        Assert.Equal(ReleaseResult.Released, await Store.ReleaseAsync(claim, TimeSpan.FromMinutes(30), _none));

        var next = await Store.AppendAsync(Given.Event("e2"), _none);

        Assert.NotNull(next.Claim);
        Assert.True(next.Claim.Value.Token > claim.Token);
    }

    [SkippableFact]
    public async Task An_urgent_event_takes_a_conversation_that_was_set_aside()
    {
        var first = await Store.AppendAsync(Given.Event("e1"), _none);
        await LoadAsync(first.Claim!.Value);
        await Store.ReleaseAsync(first.Claim.Value, TimeSpan.FromMinutes(30), _none);

        Assert.NotNull((await Store.AppendAsync(Given.Event("e2") with { Urgent = true }, _none)).Claim);
    }

    [SkippableFact]
    public async Task Recovery_takes_no_more_than_asked_and_the_longest_waiting_first()
    {
        foreach (var i in Enumerable.Range(1, 3))
        {
            await Store.AppendAsync(Given.Event($"e{i}", $"shop/3/{i}"), _none);
            await Host.AdvanceAsync(TimeSpan.FromSeconds(1));
        }

        await Host.AdvanceAsync(Host.Engine.Lease);

        Assert.Equal(["shop/3/1", "shop/3/2"], (await Store.RecoverAsync(2, _none)).Select(c => c.Conversation).Order());
        Assert.Equal(["shop/3/3"], (await Store.RecoverAsync(2, _none)).Select(c => c.Conversation));
    }

    // Poison.

    [SkippableFact]
    public async Task A_poison_event_is_parked_visible_and_can_be_retried()
    {
        var bad = await Store.AppendAsync(Given.Event("bad"), _none);
        var claim = bad.Claim!.Value;
        await Store.AppendAsync(Given.Event("good"), _none);
        Assert.True(await Store.FailEventAsync(claim, bad.Sequence, "first", park: false, _none));
        Assert.Equal(1, (await LoadAsync(claim)).Events[0].Attempts);

        Assert.True(await Store.FailEventAsync(claim, bad.Sequence, "handler failed", park: true, _none));

        Assert.Equal("good", Assert.Single((await LoadAsync(claim)).Events).Key);
        var parked = Assert.Single(await Store.ListParkedAsync(10, _none));
        Assert.Equal((bad.Sequence, Given.Conversation, "message_created", 2, "handler failed"), (parked.Sequence, parked.Conversation, parked.Kind, parked.Attempts, parked.Reason));
        Assert.Equal((1L, 1L), await OpenAndParkedAsync());

        Assert.True(await Store.RetryParkedAsync(bad.Sequence, _none));
        Assert.False(await Store.RetryParkedAsync(bad.Sequence, _none));
        Assert.Equal([("bad", 0), ("good", 0)], (await LoadAsync(claim)).Events.Select(e => (e.Key, e.Attempts)));
    }

    [SkippableFact]
    public async Task A_parked_event_does_not_hold_its_conversation_and_its_retry_finds_somebody()
    {
        var bad = await Store.AppendAsync(Given.Event("bad"), _none);
        await Store.FailEventAsync(bad.Claim!.Value, bad.Sequence, "no", park: true, _none);
        await LoadAsync(bad.Claim.Value);
        Assert.Equal(ReleaseResult.Released, await Store.ReleaseAsync(bad.Claim.Value, null, _none));
        Assert.Empty(await Store.RecoverAsync(10, _none));

        await Store.RetryParkedAsync(bad.Sequence, _none);

        Assert.Equal("bad", Assert.Single((await LoadAsync(Assert.Single(await Store.RecoverAsync(10, _none)))).Events).Key);
    }

    [SkippableFact]
    public async Task A_parked_event_can_be_dropped_but_no_other()
    {
        var bad = await Store.AppendAsync(Given.Event("bad"), _none);
        Assert.False(await Store.DropParkedAsync(bad.Sequence, _none));
        await Store.FailEventAsync(bad.Claim!.Value, bad.Sequence, "no", park: true, _none);

        Assert.True(await Store.DropParkedAsync(bad.Sequence, _none));

        Assert.Equal((0L, 0L), await OpenAndParkedAsync());
    }

    [SkippableFact]
    public async Task What_was_decided_for_a_parked_event_waits_with_it()
    {
        var first = await Store.AppendAsync(Given.Event("e1"), _none);
        var second = await Store.AppendAsync(Given.Event("e2"), _none);
        var claim = first.Claim!.Value;
        await Store.DecideAsync(claim, Given.Turn([first.Sequence, second.Sequence], "e2", Given.Say(), new SetStatus("open")), _none);
        await SendAsync(claim, "e2#0");

        Assert.True(await Store.FailEventAsync(claim, second.Sequence, "the chat refused", park: true, _none));

        var loaded = await LoadAsync(claim);
        Assert.Empty(loaded.Effects);
        Assert.Empty(loaded.Events);
        Assert.Equal((0L, 1L), await OpenAndParkedAsync());
        Assert.Equal(ReleaseResult.Released, await Store.ReleaseAsync(claim, TimeSpan.Zero, _none));
        var other = await Store.AppendAsync(Given.Event("e3"), _none);
        Assert.Equal("e3", Assert.Single((await LoadAsync(other.Claim!.Value)).Events).Key);

        Assert.True(await Store.RetryParkedAsync(second.Sequence, _none));
        loaded = await LoadAsync(other.Claim.Value);
        Assert.Equal(["e2", "e3"], loaded.Events.Select(e => e.Key));
        Assert.True(loaded.Events[0].Decided);
        Assert.Equal(("e2#1", 0), (Assert.Single(loaded.Effects).Key, loaded.Effects[0].Attempts));

        await Store.FailEventAsync(other.Claim.Value, second.Sequence, "again", park: true, _none);
        Assert.True(await Store.DropParkedAsync(second.Sequence, _none));
        Assert.Equal(["done", "dropped"], (await Store.ReadTurnsAsync(Given.Conversation, 1, _none))[0].Effects.Select(e => e.State));
        Assert.Equal(0, (await Store.StatisticsAsync(_none)).EffectsOpen);
    }

    [SkippableFact]
    public async Task A_parked_event_may_still_hand_its_conversation_off()
    {
        var bad = await Store.AppendAsync(Given.Event("bad"), _none);
        var claim = bad.Claim!.Value;
        await Store.FailEventAsync(claim, bad.Sequence, "no", park: true, _none);

        Assert.True(await Store.DecideAsync(claim, Given.Turn(bad.Sequence, "bad", new SendPrivateNote("It failed.")), _none));
        await SendAsync(claim, "bad#0");

        Assert.Equal((0L, 1L), await OpenAndParkedAsync());
    }

    // Shared values.

    [SkippableFact]
    public async Task Shared_values_live_as_long_as_they_should()
    {
        Assert.Null(await Store.GetAsync("flags", "keeps-attributes", _none));
        await Store.PutAsync("flags", "keeps-attributes", "yes", null, _none);
        await Store.PutAsync("flags", "short", "x", TimeSpan.FromSeconds(10), _none);
        await Store.PutAsync("other", "short", "y", null, _none);
        Assert.Equal("yes", await Store.GetAsync("flags", "keeps-attributes", _none));
        Assert.Equal(["keeps-attributes", "short"], (await Store.ListAsync("flags", _none)).Keys.Order());

        await Host.AdvanceAsync(TimeSpan.FromSeconds(11));
        await Store.PutAsync("flags", "keeps-attributes", "no", null, _none);

        Assert.Equal(new Dictionary<string, string> { ["keeps-attributes"] = "no" }, await Store.ListAsync("flags", _none));
        Assert.Null(await Store.GetAsync("flags", "short", _none));
        Assert.Equal("y", await Store.GetAsync("other", "short", _none));
    }

    [SkippableFact]
    public async Task A_counter_starts_again_after_its_window()
    {
        Assert.Equal(1, await Store.CountAsync("proof", "k", TimeSpan.FromMinutes(1), _none));
        Assert.Equal(2, await Store.CountAsync("proof", "k", TimeSpan.FromMinutes(1), _none));
        Assert.Equal(1, await Store.CountAsync("proof", "other", TimeSpan.FromMinutes(1), _none));
        Assert.Equal(2, await Store.ReadCountAsync("proof", "k", _none));
        Assert.Equal(0, await Store.ReadCountAsync("proof", "nothing", _none));
        await Host.AdvanceAsync(TimeSpan.FromSeconds(61));
        Assert.Equal(0, await Store.ReadCountAsync("proof", "k", _none));
        Assert.Equal(1, await Store.CountAsync("proof", "k", TimeSpan.FromMinutes(1), _none));
    }

    [SkippableFact]
    public async Task A_duty_is_done_once_per_period()
    {
        Assert.True(await Store.TryTakeDutyAsync("sweep", TimeSpan.FromMinutes(1), _none));
        Assert.False(await Store.TryTakeDutyAsync("sweep", TimeSpan.FromMinutes(1), _none));
        Assert.True(await Store.TryTakeDutyAsync("retention", TimeSpan.FromMinutes(1), _none));
        await Host.AdvanceAsync(TimeSpan.FromSeconds(61));
        Assert.True(await Store.TryTakeDutyAsync("sweep", TimeSpan.FromMinutes(1), _none));
    }

    // What people see, and what must go.

    [SkippableFact]
    public async Task Turns_are_found_by_conversation_and_by_time()
    {
        await FinishedAsync("e1", "shop/3/1", Given.Say());
        await FinishedAsync("e2", "shop/3/1");
        await FinishedAsync("e3", "hotel/3/1");
        var day = Given.Explanation("x").At;

        var byConversation = await Store.ReadTurnsAsync("shop/3/1", 10, _none);
        Assert.Equal(["e1", "e2"], byConversation.Select(t => t.Explanation.Turn));
        Assert.Equal([new TurnEffectResult("send-message", "done", 1, null)], byConversation[0].Effects);
        Assert.Equal(["e2"], (await Store.ReadTurnsAsync("shop/3/1", 1, _none)).Select(t => t.Explanation.Turn));

        var all = await Store.ReadTurnsAsync(null, day, day.AddSeconds(1), 0, 2, _none);
        Assert.Equal(["e1", "e2"], all.Select(t => t.Explanation.Turn));
        Assert.Equal(["e3"], (await Store.ReadTurnsAsync(null, day, day.AddSeconds(1), all[^1].Position, 2, _none)).Select(t => t.Explanation.Turn));
        Assert.Equal(["e3"], (await Store.ReadTurnsAsync("hotel", day, day.AddSeconds(1), 0, 10, _none)).Select(t => t.Explanation.Turn));
        Assert.Empty(await Store.ReadTurnsAsync(null, day.AddSeconds(1), day.AddDays(1), 0, 10, _none));
        Assert.Equal("where is it", all[0].Explanation.Text);
    }

    [SkippableTheory]
    [InlineData(null, null, "hotel/3/21 shop/3/22 shop/3/2")]
    [InlineData("shop", null, "shop/3/22 shop/3/2")]
    [InlineData(null, "2", "shop/3/2")]
    [InlineData(null, "shop/3/2", "shop/3/22 shop/3/2")]
    [InlineData(null, "%", "")]
    [InlineData("shop", "21", "")]
    public async Task Conversations_are_listed_newest_first_and_searched(string? bot, string? search, string expected)
    {
        foreach (var conversation in new[] { "shop/3/2", "shop/3/22", "hotel/3/21" })
        {
            await FinishedAsync("e" + conversation, conversation);
            await Host.AdvanceAsync(TimeSpan.FromSeconds(1));
        }

        var listed = await Store.ListConversationsAsync(bot, search, 10, _none);

        Assert.Equal(expected, string.Join(' ', listed.Select(c => c.Conversation)));
        Assert.All(listed, c => Assert.Equal(("pending", "route", "order_status"), (c.Status, c.LastDecision, c.LastIntent)));
    }

    [SkippableFact]
    public async Task Erasing_a_contact_leaves_nothing_of_it_and_everything_of_others()
    {
        await FinishedAsync("e1", "shop/3/1", Given.Say());
        await FinishedAsync("e2", "shop/4/2", Given.Say());
        await Store.AppendAsync(Given.Event("e3", "shop/3/3") with { ContactId = 77 }, _none);
        var running = (await Store.AppendAsync(Given.Event("e4", "shop/3/1") with { ContactId = 77 }, _none)).Claim!.Value;
        await Store.PutAsync("proofs", StoreKeys.Contact(3, 77), "1", null, _none);
        await Store.PutAsync("notes", "shop/3/1/last", "1", null, _none);
        await Store.CountAsync("proofs", StoreKeys.Contact(3, 77) + "/day", TimeSpan.FromDays(1), _none);
        await Store.PutAsync("proofs", StoreKeys.Contact(3, 770), "1", null, _none);
        await Store.PutAsync("notes", "shop/3/11/last", "1", null, _none);

        Assert.Equal(2, await Store.EraseContactAsync(3, 77, _none));

        Assert.Null(await Store.ReadStateAsync("shop/3/1", _none));
        Assert.Empty(await Store.ReadTurnsAsync("shop/3/1", 10, _none));
        Assert.False(await Store.DecideAsync(running, Given.Turn(1, "late"), _none));
        Assert.Equal(0, (await Store.StatisticsAsync(_none)).Open);
        Assert.Equal(["contact/3/770"], (await Store.ListAsync("proofs", _none)).Keys);
        Assert.Equal(["shop/3/11/last"], (await Store.ListAsync("notes", _none)).Keys);
        Assert.Equal(1, await Store.CountAsync("proofs", StoreKeys.Contact(3, 77) + "/day", TimeSpan.FromDays(1), _none));
        Assert.NotNull(await Store.ReadStateAsync("shop/4/2", _none));
        Assert.Single(Assert.Single(await Store.ReadTurnsAsync("shop/4/2", 10, _none)).Effects);
        Assert.Equal(0, await Store.EraseContactAsync(3, 77, _none));
    }

    [SkippableFact]
    public async Task Nobody_in_particular_cannot_be_erased()
    {
        await Store.AppendAsync(Given.Event("e1") with { ContactId = 0 }, _none);

        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => Store.EraseContactAsync(3, 0, _none));

        Assert.Equal(1, (await Store.StatisticsAsync(_none)).Open);
    }

    [SkippableFact]
    public async Task Old_rows_go_each_kind_after_its_own_time_and_open_work_stays()
    {
        await FinishedAsync("old", "shop/3/1", Given.Say());
        var open = await Store.AppendAsync(Given.Event("open", "shop/3/2"), _none);
        var limits = new RetentionLimits(TimeSpan.FromDays(7), TimeSpan.FromDays(30), TimeSpan.FromDays(90));

        Assert.Equal(0, await Store.DeleteOldAsync(limits, _none));
        await Host.AdvanceAsync(TimeSpan.FromDays(8));
        Assert.Equal(2, await Store.DeleteOldAsync(limits, _none));
        Assert.True((await Store.AppendAsync(Given.Event("old", "shop/3/1"), _none)).Stored);
        Assert.Single(await Store.ReadTurnsAsync("shop/3/1", 10, _none));

        await Host.AdvanceAsync(TimeSpan.FromDays(100));
        await Store.DeleteOldAsync(limits, _none);
        Assert.Empty(await Store.ReadTurnsAsync("shop/3/1", 10, _none));
        var claims = await Store.RecoverAsync(10, _none);
        Assert.Equal(open.Sequence, Assert.Single((await LoadAsync(claims.Single(c => c.Conversation == "shop/3/2"))).Events).Sequence);
    }

    [SkippableFact]
    public async Task A_conversation_without_activity_is_forgotten()
    {
        await FinishedAsync("old", "shop/3/1");
        await Host.AdvanceAsync(TimeSpan.FromDays(91));
        await FinishedAsync("new", "shop/3/2");

        await Store.DeleteOldAsync(new RetentionLimits(TimeSpan.FromDays(7), TimeSpan.FromDays(30), TimeSpan.FromDays(90)), _none);

        Assert.Null(await Store.ReadStateAsync("shop/3/1", _none));
        Assert.NotNull(await Store.ReadStateAsync("shop/3/2", _none));
    }

    [SkippableFact]
    public async Task The_statistics_count_what_is_open()
    {
        var (claim, _) = await DecidedAsync("e1", Given.Say(), Given.Say());
        await Store.EndSendAsync(claim, new EffectOutcome("e1#0", EffectState.Undecided, Error: "in doubt"), _none);
        await Host.AdvanceAsync(TimeSpan.FromSeconds(9));

        var statistics = await Store.StatisticsAsync(_none);

        Assert.Equal((1L, 0L, 1L, 1L, 1L), (statistics.Open, statistics.Parked, statistics.EffectsOpen, statistics.EffectsUndecided, statistics.ActiveLeases));
        Assert.InRange(statistics.OldestOpen, TimeSpan.FromSeconds(9), TimeSpan.FromSeconds(12));
        Assert.True(statistics.Size > 0);
        Assert.True(await Store.IsHealthyAsync(_none));
    }

    [SkippableFact]
    public async Task Words_of_any_kind_survive()
    {
        var appended = await Store.AppendAsync(Given.Event("e1"), _none);
        var said = "nul \0, half \ud83d, whole 😀, quote ' \" \\ and \u202E";
        var turn = Given.Turn(appended.Sequence, "e1", Given.Say("😀 '\"\\"));

        Assert.True(await Store.DecideAsync(appended.Claim!.Value, turn with { State = Given.State(said: said), Explanation = turn.Explanation! with { Intent = said } }, _none));
        Assert.True(await Store.EndSendAsync(appended.Claim.Value, new EffectOutcome("e1#0", EffectState.Failed, Error: said), _none));

        Assert.Contains("whole 😀", (await Store.ReadStateAsync(Given.Conversation, _none))!.Session.Remembered["order"].Raw, StringComparison.Ordinal);
        Assert.Contains("whole 😀", (await Store.ReadTurnsAsync(Given.Conversation, 1, _none))[0].Effects[0].Error, StringComparison.Ordinal);
    }

    private async Task<(Claim Claim, long Sequence)> DecidedAsync(string key, params Effect[] effects)
    {
        var appended = await Store.AppendAsync(Given.Event(key), _none);
        Assert.True(await Store.DecideAsync(appended.Claim!.Value, Given.Turn(appended.Sequence, key, effects), _none));
        return (appended.Claim.Value, appended.Sequence);
    }

    private async Task FinishedAsync(string key, string conversation, params Effect[] effects)
    {
        var appended = await Store.AppendAsync(Given.Event(key, conversation), _none);
        var claim = appended.Claim!.Value;
        Assert.True(await Store.DecideAsync(claim, Given.Turn(appended.Sequence, key, effects), _none));
        for (var i = 0; i < effects.Length; i++)
        {
            await SendAsync(claim, $"{key}#{i}");
        }

        Assert.Equal(ReleaseResult.Released, await Store.ReleaseAsync(claim, null, _none));
    }

    private async Task SendAsync(Claim claim, string effectKey)
    {
        Assert.Equal(SendVerdict.Proceed, (await Store.BeginSendAsync(claim, new BeginSend(effectKey, SendGate.AnySignal), _none)).Verdict);
        Assert.True(await Store.EndSendAsync(claim, new EffectOutcome(effectKey, EffectState.Done), _none));
    }

    private async Task<LoadedConversation> LoadAsync(Claim claim) =>
        await Store.LoadAsync(claim, 100, _none) ?? throw new InvalidOperationException("The claim is lost.");

    private async Task<(long Open, long Parked)> OpenAndParkedAsync()
    {
        var statistics = await Store.StatisticsAsync(_none);
        return (statistics.Open, statistics.Parked);
    }
}
