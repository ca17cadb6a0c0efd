using IntentRouter.Storage;
using Npgsql;

namespace IntentRouter.StoreTests;

/// <summary>What holds between replicas, and when the way to the database is bad.</summary>
public sealed class PostgresReplicaTests : IAsyncLifetime
{
    private static readonly CancellationToken _none = CancellationToken.None;
    private PostgresHost _host = null!;
    private IEventStore _here = null!;
    private IEventStore _there = null!;

    public async Task InitializeAsync()
    {
        _host = await PostgresHost.CreateAsync();
        (_here, _there) = (await _host.OpenAsync(), await _host.OpenAsync());
    }

    public async Task DisposeAsync()
    {
        if (_host is not null)
        {
            await _host.DisposeAsync();
        }
    }

    [SkippableFact]
    public async Task The_holder_sees_what_another_replica_stored_before_its_own_newer_event()
    {
        var claim = (await _here.AppendAsync(Given.Event("e1"), _none)).Claim!.Value;
        var first = (await LoadAsync(_here, claim)).Events.Single();
        Assert.Null((await _there.AppendAsync(Given.Event("e2"), _none)).Claim);
        Assert.Equal(claim, (await _here.AppendAsync(Given.Event("e3"), _none)).Claim);

        await _here.DecideAsync(claim, Given.Turn(first.Sequence, "e1"), _none);

        Assert.Equal(["e2", "e3"], (await LoadAsync(_here, claim)).Events.Select(e => e.Key));
    }

    [SkippableFact]
    public async Task The_same_event_at_both_replicas_at_once_is_stored_once()
    {
        foreach (var i in Enumerable.Range(0, 40))
        {
            var both = await Task.WhenAll(_here.AppendAsync(Given.Event($"e{i}"), _none), _there.AppendAsync(Given.Event($"e{i}"), _none));
            Assert.Single(both, a => a.Stored);
        }

        Assert.Equal(40, (await _here.StatisticsAsync(_none)).Open);
    }

    [SkippableFact]
    public async Task An_event_that_meets_the_release_finds_somebody_to_run_it()
    {
        foreach (var i in Enumerable.Range(0, 60))
        {
            var conversation = $"shop/3/{i}";
            var first = await _here.AppendAsync(Given.Event($"a{i}", conversation), _none);
            await _here.DecideAsync(first.Claim!.Value, Given.Turn(first.Sequence, $"a{i}"), _none);

            var release = _here.ReleaseAsync(first.Claim.Value, null, _none);
            var append = _there.AppendAsync(Given.Event($"b{i}", conversation), _none);
            await Task.WhenAll(release, append);

            Assert.Equal((await release) == ReleaseResult.MoreWork, (await append).Claim is null);
        }
    }

    [SkippableFact]
    public async Task Either_the_send_sees_the_humans_word_or_the_word_sees_the_send()
    {
        var (sent, stopped) = (0, 0);
        foreach (var i in Enumerable.Range(0, 80))
        {
            var conversation = $"shop/3/{i}";
            var first = await _here.AppendAsync(Given.Event($"a{i}", conversation), _none);
            await _here.DecideAsync(first.Claim!.Value, Given.Turn(first.Sequence, $"a{i}", Given.Say()), _none);

            var begin = _here.BeginSendAsync(first.Claim.Value, new BeginSend($"a{i}#0", SendGate.AnySignal), _none);
            var word = _there.AppendAsync(
                Given.HumanSpoke($"b{i}") with { Conversation = conversation, NoWork = i % 2 == 0 }, _none);
            await Task.WhenAll(begin, word);

            Assert.Equal((await begin).Verdict == SendVerdict.Proceed, (await word).SendInFlight);
            _ = (await begin).Verdict == SendVerdict.Proceed ? sent++ : stopped++;
        }

        Assert.Equal(80, sent + stopped);
    }

    [SkippableFact]
    public async Task A_dead_replica_is_noticed_at_once_where_presence_is_shown()
    {
        await ServerIsUpForAWhileAsync();
        var claim = (await _there.AppendAsync(Given.Event("e1"), _none)).Claim!.Value;
        await LoadAsync(_there, claim);
        Assert.Empty(await _here.RecoverAsync(10, _none));

        await _host.KillAsync(_there);

        var taken = await UntilAsync(async () => (await _here.RecoverAsync(10, _none)).SingleOrDefault());
        Assert.True(taken.Token > claim.Token);
        Assert.Equal(1, (await LoadAsync(_here, taken)).Events.Single().Attempts);
    }

    [SkippableFact]
    public async Task Without_presence_only_the_lease_decides()
    {
        _host.Presence = false;
        var silent = await _host.OpenAsync();
        await ServerIsUpForAWhileAsync();
        await silent.AppendAsync(Given.Event("e1"), _none);
        await _host.KillAsync(silent);

        Assert.Empty(await _here.RecoverAsync(10, _none));
        await _host.AdvanceAsync(TimeSpan.FromSeconds(16));
        Assert.Single(await _here.RecoverAsync(10, _none));
    }

    [SkippableFact]
    public async Task A_replica_whose_presence_was_cut_shows_it_again()
    {
        await ServerIsUpForAWhileAsync();
        const string locks = "select count(*) from pg_locks where locktype = 'advisory' and objsubid = 2 and database = (select oid from pg_database where datname = current_database())";
        Assert.Equal(2L, await _host.ExecuteAsync(locks));

        await _host.ExecuteAsync(
            "select count(pg_terminate_backend(pid)) from pg_locks where locktype = 'advisory' and objsubid = 2 and database = (select oid from pg_database where datname = current_database())");

        Assert.True(await UntilAsync(async () => (long)(await _host.ExecuteAsync(locks))! == 2 ? (bool?)true : null));
    }

    [SkippableFact]
    public async Task Replicas_that_start_at_once_migrate_once()
    {
        await using var fresh = await PostgresHost.CreateAsync();

        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => fresh.OpenAsync()));

        var scripts = typeof(SchemaMigration).Assembly.GetManifestResourceNames().LongCount(name => name.Contains(".Migrations.Postgres.", StringComparison.Ordinal));
        Assert.Equal(scripts, await fresh.ExecuteAsync($"select count(*) from {SchemaMigration.Journal}"));
    }

    [SkippableFact]
    public async Task A_database_that_hangs_refuses_an_append_within_two_seconds_and_recovers()
    {
        _host.Clock = TimeProvider.System;
        var here = await _host.OpenAsync();
        await using var blocker = new NpgsqlConnection(_host.Connection);
        await blocker.OpenAsync();
        await using (var transaction = await blocker.BeginTransactionAsync())
        {
            await using var command = new NpgsqlCommand("lock table inbox in access exclusive mode", blocker, transaction);
            await command.ExecuteNonQueryAsync();

            // The machine may pause, but not each time.
            var quickest = TimeSpan.MaxValue;
            for (var attempt = 0; attempt < 6 && quickest > TimeSpan.FromSeconds(4.5); attempt++)
            {
                var began = TimeProvider.System.GetTimestamp();
                await Assert.ThrowsAsync<StoreUnavailableException>(() => here.AppendAsync(Given.Event("e1"), _none));
                var took = TimeProvider.System.GetElapsedTime(began);
                quickest = took < quickest ? took : quickest;
            }

            Assert.InRange(quickest, TimeSpan.Zero, TimeSpan.FromSeconds(4.5));
        }

        Assert.NotNull(await UntilAsync(async () =>
        {
            try
            {
                return await here.AppendAsync(Given.Event("e2"), _none);
            }
            catch (StoreUnavailableException)
            {
                return null;
            }
        }));
    }

    [SkippableFact]
    public async Task A_database_that_is_read_only_for_a_while_refuses_events_and_then_takes_them()
    {
        await SetReadOnlyAsync("on");

        await Assert.ThrowsAsync<StoreUnavailableException>(() => _here.AppendAsync(Given.Event("e1"), _none));
        Assert.False(await _here.IsHealthyAsync(_none));

        await SetReadOnlyAsync("off");
        Assert.True((await UntilAsync(async () =>
        {
            try
            {
                return await _here.AppendAsync(Given.Event("e1"), _none);
            }
            catch (StoreUnavailableException)
            {
                return null;
            }
        })).Stored);
    }

    [SkippableFact]
    public async Task An_answer_that_is_cut_off_after_the_commit_does_no_harm()
    {
        await using var proxy = new CuttingProxy(_host.Connection);
        await using var through = new PostgresHost(proxy.Connection) { Presence = false };
        var store = await through.OpenAsync();

        proxy.CutNextAnswer();
        var appended = await store.AppendAsync(Given.Event("e1"), _none);
        Assert.Equal(1, proxy.Cuts);
        var claim = appended.Claim!.Value;
        var sequence = (await LoadAsync(store, claim)).Events.Single().Sequence;

        proxy.CutNextAnswer();
        Assert.True(await store.DecideAsync(claim, Given.Turn(sequence, "e1", Given.Say(), Given.Say()), _none));
        proxy.CutNextAnswer();
        Assert.Equal(SendVerdict.Proceed, (await store.BeginSendAsync(claim, new BeginSend("e1#0", SendGate.AnySignal), _none)).Verdict);
        proxy.CutNextAnswer();
        Assert.True(await store.EndSendAsync(
            claim, new EffectOutcome("e1#0", EffectState.Done, FollowUp: Given.Event("follow") with { Urgent = true }), _none));
        Assert.Equal(4, proxy.Cuts);

        var loaded = await LoadAsync(store, claim);
        Assert.Equal("e1#1", loaded.Effects.Single().Key);
        Assert.Equal(["follow", "e1"], loaded.Events.Select(e => e.Key));
        Assert.Single(await store.ReadTurnsAsync(Given.Conversation, 10, _none));
    }

    [SkippableFact]
    public async Task A_database_that_is_not_there_is_named_without_its_password()
    {
        await using var nowhere = new PostgresHost("Host=127.0.0.1;Port=1;Database=router;Username=u;Password=hidden-word");

        var refusal = await Assert.ThrowsAsync<StoreUnavailableException>(nowhere.OpenAsync);

        Assert.Contains("'router' on 127.0.0.1:1", refusal.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("hidden-word", refusal.ToString(), StringComparison.Ordinal);
    }

    /// <summary>As after a fail-over to a standby that is not yet promoted.</summary>
    private async Task SetReadOnlyAsync(string value)
    {
        await using var admin = new PostgresHost(new NpgsqlConnectionStringBuilder(_host.Connection) { Options = "-c default_transaction_read_only=off" }.ToString());
        await admin.ExecuteAsync($"alter database {new NpgsqlConnectionStringBuilder(_host.Connection).Database} set default_transaction_read_only = {value}");
        await admin.ExecuteAsync("select count(pg_terminate_backend(pid)) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()");
    }

    /// <summary>For some seconds after its start the database says nothing about who is gone.</summary>
    private Task<object?> ServerIsUpForAWhileAsync() =>
        _host.ExecuteAsync("select pg_sleep(greatest(0, 5.2 - extract(epoch from clock_timestamp() - pg_postmaster_start_time())))");

    private static async Task<LoadedConversation> LoadAsync(IEventStore store, Claim claim) => (await store.LoadAsync(claim, 100, _none))!;

    /// <summary>Asks again until there is an answer: the database needs a moment to see that a connection is gone.</summary>
    private static async Task<T> UntilAsync<T>(Func<Task<T?>> ask)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        while (true)
        {
            if (await ask() is { } answer && !EqualityComparer<T>.Default.Equals(answer, default))
            {
                return answer;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, patience.Token);
        }
    }
}
