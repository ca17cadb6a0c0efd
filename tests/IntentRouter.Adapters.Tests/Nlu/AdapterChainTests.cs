using IntentRouter.Configuration;
using IntentRouter.Nlu;
using IntentRouter.TestKit;

namespace IntentRouter.Adapters.Tests.Nlu;

public sealed class AdapterChainTests
{
    [Fact]
    public async Task The_first_adapter_that_answers_counts()
    {
        await using var bench = await new NluBench().Add("first").Add("second").LoadAsync();
        bench["first"].Knows("hello", ("greet", 0.9));
        var heard = await bench.AskAsync("hello", "first", "second");
        Assert.Equal("first", heard.Adapter);
        Assert.Equal("greet", heard.Ranking[0].Intent);
        Assert.False(heard.StandIn);
        Assert.Empty(bench["second"].Asked);
    }

    [Theory]
    [InlineData(AdapterFailure.Unreachable)]
    [InlineData(AdapterFailure.TimedOut)]
    [InlineData(AdapterFailure.Throttled)]
    [InlineData(AdapterFailure.Rejected)]
    [InlineData(AdapterFailure.Malformed)]
    [InlineData(AdapterFailure.Faulted)]
    public async Task Any_failure_means_the_next_adapter_and_shows(AdapterFailure failure)
    {
        await using var bench = await new NluBench().Add("first").Add("second").LoadAsync();
        using var standIns = bench.Measure<long>("intentrouter.adapter.stand_ins");
        using var failures = bench.Measure<long>("intentrouter.adapter.failures");
        bench["first"].Fails(failure);
        bench["second"].Knows("hello", ("greet", 0.9));
        var heard = await bench.AskAsync("hello", "first", "second");
        Assert.Equal("second", heard.Adapter);
        Assert.True(heard.StandIn);
        Assert.Equal(("first", failure), (heard.Failures[0].Adapter, heard.Failures[0].Failure));
        Assert.Equal("second", Assert.Single(standIns.GetMeasurementSnapshot()).Tags["intentrouter.adapter"]);
        Assert.Equal("first", Assert.Single(failures.GetMeasurementSnapshot()).Tags["intentrouter.adapter"]);
    }

    [Fact]
    public async Task No_match_is_an_answer_and_asks_nobody_else()
    {
        await using var bench = await new NluBench().Add("first").Add("second").LoadAsync();
        var heard = await bench.AskAsync("gibberish", "first", "second");
        Assert.Equal("first", heard.Adapter);
        Assert.Equal(UnderstandingKind.NoMatch, heard.Understanding!.Kind);
        Assert.Empty(heard.Ranking);
        Assert.Empty(bench["second"].Asked);
    }

    [Fact]
    public async Task Nobody_answering_is_said_with_every_failure()
    {
        await using var bench = await new NluBench().Add("first").Add("second").LoadAsync();
        bench["first"].Fails(AdapterFailure.Unreachable);
        bench["second"].Fails(new InvalidOperationException("a plugin's bug"));
        var heard = await bench.AskAsync("hello", "first", "second");
        Assert.True(heard.NobodyAnswered);
        Assert.Equal([AdapterFailure.Unreachable, AdapterFailure.Faulted], heard.Failures.Select(f => f.Failure));
    }

    [Theory]
    [InlineData(AdapterFailure.Unreachable, null, UnderstandingMode.Read, 3)]
    [InlineData(AdapterFailure.Unreachable, null, UnderstandingMode.Converse, 1)]
    [InlineData(AdapterFailure.Throttled, 200, UnderstandingMode.Read, 3)]
    [InlineData(AdapterFailure.Throttled, 200, UnderstandingMode.Converse, 1)]
    [InlineData(AdapterFailure.Throttled, 30_000, UnderstandingMode.Read, 1)]
    [InlineData(AdapterFailure.Throttled, null, UnderstandingMode.Read, 1)]
    [InlineData(AdapterFailure.TimedOut, null, UnderstandingMode.Read, 1)]
    [InlineData(AdapterFailure.Rejected, null, UnderstandingMode.Read, 1)]
    [InlineData(AdapterFailure.Malformed, null, UnderstandingMode.Read, 1)]
    [InlineData(AdapterFailure.Faulted, null, UnderstandingMode.Read, 1)]
    public async Task Only_what_was_certainly_not_processed_is_repeated(AdapterFailure failure, int? retryAfter, UnderstandingMode mode, int attempts)
    {
        await using var bench = await new NluBench().Add("first", o => o.Retries = 2).LoadAsync();
        bench["first"].Fails(failure, retryAfter is { } ms ? TimeSpan.FromMilliseconds(ms) : null);
        await bench.AskAsync(new Utterance("hello", "en") { Mode = mode }, ["first"]);
        Assert.Equal(attempts, bench["first"].Asked.Count);
    }

    [Fact]
    public async Task A_slow_attempt_ends_and_the_next_adapter_is_asked_even_when_the_token_is_ignored()
    {
        await using var bench = await new NluBench().Add("deaf", o => o.AttemptTimeout = TimeSpan.FromSeconds(1)).Add("second").LoadAsync();
        var never = new TaskCompletionSource<Understanding>();
        bench["deaf"].Always((_, _) => never.Task);
        bench["second"].Knows("hello", ("greet", 0.9));
        var heard = await bench.AskAsync("hello", "deaf", "second");
        Assert.Equal("second", heard.Adapter);
        Assert.Equal(AdapterFailure.TimedOut, heard.Failures[0].Failure);
    }

    [Fact]
    public async Task The_turns_budget_ends_the_chain_with_what_is_known()
    {
        await using var bench = await new NluBench().Add("slow").Add("second").LoadAsync();
        bench["slow"].Always(async (_, ct) =>
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, ct);
            return Understanding.NoMatch;
        });
        bench["second"].Knows("hello", ("greet", 0.9));
        var asking = bench.Chain.AskAsync(["slow", "second"], new Utterance("hello", "en"), TimeSpan.FromSeconds(0.5), CancellationToken.None);
        bench.Clock.Advance(TimeSpan.FromSeconds(0.5));
        var heard = await asking;
        Assert.True(heard.NobodyAnswered);
        Assert.Equal("slow", Assert.Single(heard.Failures).Adapter);
        Assert.Equal(TimeSpan.FromSeconds(0.5), heard.Duration);
    }

    [Fact]
    public async Task Giving_up_is_not_a_failure_of_the_adapter()
    {
        await using var bench = await new NluBench().Add("slow").LoadAsync();
        using var failures = bench.Measure<long>("intentrouter.adapter.failures");
        bench["slow"].Always(async (_, ct) =>
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, ct);
            return Understanding.NoMatch;
        });
        using var giveUp = new CancellationTokenSource();
        var asking = bench.Chain.AskAsync(["slow"], new Utterance("hello", "en"), TimeSpan.FromSeconds(20), giveUp.Token);
        await giveUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asking);
        Assert.Empty(failures.GetMeasurementSnapshot());
    }

    [Fact]
    public async Task A_circuit_opens_after_repeated_failures_and_closes_after_its_break()
    {
        await using var bench = await new NluBench().Add("first", o => o.CircuitBreak = TimeSpan.FromSeconds(15)).Add("second").LoadAsync();
        using var opened = bench.Measure<long>("intentrouter.adapter.circuit_opened");
        using var open = bench.Measure<int>("intentrouter.adapter.circuit_open");
        bench["first"].Fails(AdapterFailure.Faulted);
        bench["second"].Knows("hello", ("greet", 0.9));
        for (var i = 0; i < 8; i++)
        {
            Assert.Equal("second", (await bench.AskAsync("hello", "first", "second")).Adapter);
        }

        Assert.Equal(5, bench["first"].Asked.Count);
        Assert.Single(opened.GetMeasurementSnapshot());
        open.RecordObservableInstruments();
        Assert.Contains(open.GetMeasurementSnapshot(), m => m.Value == 1 && (string?)m.Tags["intentrouter.adapter"] == "first");
        Assert.True(bench.Catalog.Find("first")!.State.CircuitOpen);

        bench["first"].Recovers().Knows("hello", ("greet", 0.9));
        bench.Clock.Advance(TimeSpan.FromSeconds(16));
        Assert.Equal("first", (await bench.AskAsync("hello", "first", "second")).Adapter);
        Assert.False(bench.Catalog.Find("first")!.State.CircuitOpen);
    }

    [Theory]
    [InlineData(1, true)]
    [InlineData(10, false)]
    public async Task Calls_that_time_out_together_after_a_pause_of_the_process_blame_no_engine(int seconds, bool opens)
    {
        await using var bench = await new NluBench().Add("first", o => o.AttemptTimeout = TimeSpan.FromSeconds(1)).LoadAsync();
        var asked = 0;
        var all = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        bench["first"].Always((_, _) =>
        {
            if (Interlocked.Increment(ref asked) == 6)
            {
                all.SetResult();
            }

            return new TaskCompletionSource<Understanding>().Task;
        });
        Task<Heard>[] asking = [.. Enumerable.Range(0, 6).Select(_ => bench.Chain.AskAsync(["first"], new Utterance("hello", "en"), TimeSpan.FromSeconds(20), CancellationToken.None))];
        await all.Task.WaitAsync(TimeSpan.FromMinutes(2));

        bench.Clock.Advance(TimeSpan.FromSeconds(seconds));
        Assert.All(await Task.WhenAll(asking), heard => Assert.True(heard.NobodyAnswered));
        Assert.Equal(opens, bench.Catalog.Find("first")!.State.CircuitOpen);
    }

    [Fact]
    public async Task A_refusal_is_about_the_set_up_and_opens_no_circuit()
    {
        await using var bench = await new NluBench().Add("first").LoadAsync();
        bench["first"].Fails(AdapterFailure.Rejected);
        for (var i = 0; i < 12; i++)
        {
            await bench.AskAsync("hello", "first");
        }

        Assert.Equal(12, bench["first"].Asked.Count);
    }

    [Fact]
    public async Task An_engine_that_asks_for_time_is_left_alone_that_long()
    {
        await using var bench = await new NluBench().Add("first").Add("second").LoadAsync();
        bench["first"].Fails(AdapterFailure.Throttled, TimeSpan.FromSeconds(30));
        bench["second"].Knows("hello", ("greet", 0.9));
        await bench.AskAsync("hello", "first", "second");
        var again = await bench.AskAsync("hello", "first", "second");
        Assert.Single(bench["first"].Asked);
        Assert.Equal(AdapterFailure.Throttled, again.Failures[0].Failure);

        bench["first"].Recovers().Knows("hello", ("greet", 0.9));
        bench.Clock.Advance(TimeSpan.FromSeconds(31));
        Assert.Equal("first", (await bench.AskAsync("hello", "first", "second")).Adapter);
    }

    [Fact]
    public async Task Hedging_asks_the_next_after_its_time_and_takes_the_first_answer()
    {
        await using var bench = await new NluBench().Add("slow", o => o.Hedge = TimeSpan.FromMilliseconds(200)).Add("quick").LoadAsync();
        var stopped = new TaskCompletionSource();
        bench["slow"].Always(async (_, ct) =>
        {
            ct.Register(stopped.SetResult);
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, ct);
            return Understanding.NoMatch;
        });
        bench["quick"].Knows("hello", ("greet", 0.9));
        var heard = await bench.AskAsync("hello", "slow", "quick");
        Assert.Equal("quick", heard.Adapter);
        Assert.True(heard.StandIn);
        await stopped.Task.WaitAsync(TimeSpan.FromMinutes(2));
    }

    [Fact]
    public async Task Without_hedging_a_slow_adapter_is_waited_for()
    {
        await using var bench = await new NluBench().Add("slow").Add("quick").LoadAsync();
        bench["slow"].Always(async (_, ct) =>
        {
            await Task.Delay(TimeSpan.FromSeconds(1), bench.Clock, ct);
            return ScriptedAdapter.Ranked(("greet", 0.9));
        });
        Assert.Equal("slow", (await bench.AskAsync("hello", "slow", "quick")).Adapter);
        Assert.Empty(bench["quick"].Asked);
    }

    [Theory]
    [InlineData("de-AT", "german")]
    [InlineData("en", "english")]
    [InlineData("fr", "english")]
    public async Task The_adapter_that_speaks_the_language_comes_first(string language, string expected)
    {
        await using var bench = await new NluBench()
            .Add("english", capabilities: new AdapterCapabilities { Languages = new HashSet<string> { "en" } })
            .Add("german", capabilities: new AdapterCapabilities { Languages = new HashSet<string> { "de" } })
            .LoadAsync();
        var heard = await bench.AskAsync(new Utterance("hallo", language), ["english", "german"]);
        Assert.Equal(expected, heard.Adapter);
        Assert.False(heard.StandIn);
    }

    [Fact]
    public async Task An_engine_without_numbers_is_as_sure_as_it_was_right_before()
    {
        await using var bench = await new NluBench(new Halving()).Add("first").Add("other").LoadAsync();
        bench["first"].Answers("hello", ScriptedAdapter.Ranked(("greet", null), ("bye", null)) with { Model = "m1" });
        bench["other"].Knows("hello", ("greet", null));
        var heard = await bench.AskAsync("hello", "first");
        Assert.Equal([0.25, null], heard.Ranking.Select(r => r.Probability));
        Assert.Null((await bench.AskAsync("hello", "other")).Ranking[0].Probability);
    }

    [Fact]
    public async Task Calibration_stands_between_the_engines_number_and_the_decision()
    {
        await using var bench = await new NluBench(new Halving()).Add("first").Add("other").LoadAsync();
        bench["first"].Answers("hello", ScriptedAdapter.Ranked(("greet", 0.8), ("bye", null)) with { Model = "m1" });
        bench["other"].Knows("hello", ("greet", 0.8));
        var heard = await bench.AskAsync("hello", "first");
        Assert.True(heard.Calibrated);
        Assert.Equal(0.8, heard.Ranking[0].Raw);
        Assert.Equal(0.4, heard.Ranking[0].Probability);
        Assert.Null(heard.Ranking[1].Probability);
        var raw = await bench.AskAsync("hello", "other");
        Assert.False(raw.Calibrated);
        Assert.Equal(0.8, raw.Ranking[0].Probability);
    }

    [Fact]
    public async Task Shadows_are_asked_beside_and_only_measured()
    {
        await using var bench = await new NluBench().Add("first").Add("agrees").Add("differs").Add("breaks").LoadAsync();
        using var shadows = bench.Measure<long>("intentrouter.shadow.answers");
        bench["first"].Knows("hello", ("greet", 0.9));
        bench["agrees"].Knows("hello", ("greet", 0.4));
        bench["differs"].Knows("hello", ("bye", 0.9));
        bench["breaks"].Fails(AdapterFailure.Faulted);
        var options = new BotNluOptions { Use = ["first"], Shadow = ["agrees", "differs", "breaks"] };
        var heard = await bench.Chain.AskAsync(options, new Utterance("hello", "en") { Mode = UnderstandingMode.Converse }, TimeSpan.FromSeconds(5), null, CancellationToken.None);
        Assert.Equal("first", heard.Adapter);
        Assert.Empty(bench["differs"].Asked);

        await bench.Shadows.StartAsync(CancellationToken.None);
        await shadows.WaitForMeasurementsAsync(3).WaitAsync(TimeSpan.FromMinutes(2));
        await bench.Shadows.StopAsync(CancellationToken.None);
        Assert.Equal(
            ["agrees:agrees", "breaks:failed", "differs:differs"],
            shadows.GetMeasurementSnapshot().Select(m => $"{m.Tags["intentrouter.adapter"]}:{m.Tags["intentrouter.outcome"]}").Order());
        Assert.Equal(UnderstandingMode.Read, Assert.Single(bench["agrees"].Asked).Mode);
    }

    [Fact]
    public async Task Too_many_shadow_questions_are_dropped_and_never_wait()
    {
        await using var bench = await new NluBench().Add("first").Add("shadow").LoadAsync();
        using var shadows = bench.Measure<long>("intentrouter.shadow.answers");
        for (var i = 0; i < 300; i++)
        {
            bench.Shadows.Ask("shadow", new Utterance("hello", "en"), Heard.Nothing, null);
        }

        Assert.Equal(44, shadows.GetMeasurementSnapshot().Count(m => (string?)m.Tags["intentrouter.outcome"] == "dropped"));
    }

    [Fact]
    public async Task A_price_is_counted_per_call()
    {
        await using var bench = await new NluBench().Add("paid", o => (o.CostPerCall, o.Retries) = (0.002m, 1)).LoadAsync();
        using var cost = bench.Measure<double>("intentrouter.adapter.cost");
        bench["paid"].Fails(AdapterFailure.Unreachable);
        await bench.AskAsync("hello", "paid");
        Assert.Equal(0.004, cost.GetMeasurementSnapshot().Sum(m => m.Value), 6);
    }

    [Fact]
    public async Task Neither_words_nor_values_reach_the_log()
    {
        await using var bench = await new NluBench().Add("first").Add("second").LoadAsync();
        bench["first"].Fails(new InvalidOperationException("the text was zanzibar"));
        bench["second"].Fails(AdapterFailure.TimedOut);
        await bench.AskAsync("zanzibar", "first", "second");
        Assert.NotEmpty(bench.Log.Collector.GetSnapshot());
        Assert.DoesNotContain(bench.Log.Collector.GetSnapshot(), r => (r.Message + r.Exception).Contains("zanzibar", StringComparison.OrdinalIgnoreCase));
    }

    private sealed class Halving : ICalibration
    {
        public Func<double?, double>? Find(string adapter, string? model, string language) => model == "m1" && language == "en" ? raw => (raw ?? 0.5) / 2 : null;
    }
}
