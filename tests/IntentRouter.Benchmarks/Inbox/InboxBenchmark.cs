using System.Globalization;

namespace IntentRouter.Benchmarks.Inbox;

/// <summary>
/// Acknowledgements and whole turns against an endpoint of the same build that only parses, in turns within one run, so that what else the machine does
/// hits all alike: the ratios count, the rates are this machine's. Measured processes and the load generator share it.
/// </summary>
internal static class InboxBenchmark
{
    private const int Connections = 64;

    /// <summary>So many that each event finds its conversation idle: what waits in one is merged into one turn, which would flatter the count.</summary>
    private const int ManyConversations = 100_000;

    private static readonly string[] _all = ["ack", "engine", "bare", "pace", "replicas", "history"];

    public static async Task<int> RunAsync(string[] args)
    {
        var arguments = new Arguments(args);
        var chosen = arguments.Words.Count == 0 ? _all : [.. arguments.Words];
        if (chosen.Except(_all).Any())
        {
            await System.Console.Error.WriteLineAsync($"Choose among {string.Join(", ", _all)}.");
            return 2;
        }

        var stores = (arguments.Value("--stores") ?? "sqlite,postgres").Split(',');
        await using var server = stores.Contains("postgres") ? await Server.StartAsync(arguments) : null;
        var run = new Run(
            arguments.Number("--rounds", 3), TimeSpan.FromSeconds(arguments.Number("--seconds", 3)), TimeSpan.FromSeconds(arguments.Number("--warm-up", 3)), server);
        System.Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"{Environment.ProcessorCount} processors; {Connections} connections; bodies of {LoadGenerator.BodyBytes} bytes; {run.Rounds} rounds of {run.Seconds.TotalSeconds} s; medians (lowest-highest)"));
        if (chosen.Intersect(["ack", "engine", "bare", "pace"]).Any())
        {
            foreach (var store in stores.Where(s => s == "sqlite" || server is not null))
            {
                await run.AgainstParsingAsync(store, chosen);
            }
        }

        if (chosen.Contains("replicas") && server is not null)
        {
            await run.ReplicasAsync(arguments.Number("--active", 16));
        }

        if (chosen.Contains("history"))
        {
            foreach (var store in stores.Where(s => s == "sqlite" || server is not null))
            {
                await run.HistoryAsync(store, arguments.Number("--thousands", 1_000));
            }
        }

        return 0;
    }

    /// <param name="PerSecond">Turns, to the last committed effect.</param>
    /// <param name="Cost">Microseconds of processor an event.</param>
    /// <param name="Allocated">Kilobytes an event.</param>
    /// <param name="Compiled">Methods that were compiled meanwhile.</param>
    private sealed record EngineRun(LoadResult Result, double PerSecond, double Cost, double Allocated, long Compiled, int Collections, TimeSpan Paused);

    /// <param name="WarmUp">Length of a load of the warm-up.</param>
    private sealed record Run(int Rounds, TimeSpan Seconds, TimeSpan WarmUp, Server? Server)
    {
        public async Task AgainstParsingAsync(string store, IReadOnlyList<string> chosen)
        {
            await using var database = await OpenAsync(store);
            await using var parser = await BenchProcess.ParserAsync();
            await using var router = await BenchProcess.RouterAsync(database.Directory, database.Store);
            await using var bareDatabase = chosen.Contains("bare") ? await OpenAsync(store) : null;
            await using var bare = bareDatabase is null ? null : await BenchProcess.RouterAsync(bareDatabase.Directory, bareDatabase.Store, bare: true);
            var parsing = new LoadGenerator(2_000);
            var fewer = new LoadGenerator(2_000);
            var many = new LoadGenerator(ManyConversations);
            var manyBare = new LoadGenerator(ManyConversations);
            await parser.WarmAsync(() => parsing.RunAsync([parser.Url], Connections, WarmUp));
            await router.WarmAsync(() => EngineAsync(router, many, WarmUp));
            if (bare is not null)
            {
                await bare.WarmAsync(() => EngineAsync(bare, manyBare, WarmUp));
            }

            var parses = new List<(LoadResult Result, double Cost)>();
            var acks = new List<(LoadResult Result, double Ratio, double Cost)>();
            var engines = new List<(EngineRun Run, double Ratio)>();
            var bares = new List<(EngineRun Run, double Ratio)>();
            var paced = new List<LoadResult>();
            var before = await ParseAsync();
            for (var round = 0; round < Rounds; round++)
            {
                if (chosen.Contains("ack"))
                {
                    await router.HoldAsync();
                    var used = await router.UseAsync();
                    var ack = await fewer.RunAsync([router.Url], Connections, Seconds);
                    var cost = (await router.UseAsync()).Processor - used.Processor;
                    await router.GoAsync();
                    await router.IdleAsync();
                    var after = await ParseAsync();
                    acks.Add((ack, ack.PerSecond / ((before + after) / 2), cost.TotalMicroseconds / ack.Accepted));
                    before = after;
                }

                if (chosen.Contains("engine"))
                {
                    engines.Add(await EngineAgainstParsingAsync(router, many));
                }

                if (bare is not null)
                {
                    bares.Add(await EngineAgainstParsingAsync(bare, manyBare));
                }

                if (chosen.Contains("pace"))
                {
                    paced.Add(await many.RunAsync([router.Url], Connections, Seconds, perSecond: 300));
                    await router.IdleAsync();
                }
            }

            Print(store, "parse only", $"{Rates(parses.Select(p => p.Result))}; processor {Median(parses.Select(p => p.Cost)):0} us an event");
            if (acks.Count > 0)
            {
                Print(store, "acknowledge", $"{Ratio(acks.Select(a => a.Ratio))} of parsing only; to beat {(store == "sqlite" ? 0.27 : 0.28):0.00}");
                Print(store, "", $"{Rates(acks.Select(a => a.Result))}; processor {Median(acks.Select(a => a.Cost)):0} us an event");
            }

            if (engines.Count > 0)
            {
                Print(store, "whole engine", $"{Ratio(engines.Select(e => e.Ratio))} of parsing only; to beat {(store == "sqlite" ? 0.24 : 0.14):0.00}");
                PrintCost(engines.Select(e => e.Run), "turns");
                Print(store, "", $"a round: {Median(engines.Select(e => (double)e.Run.Compiled)):0} methods compiled (highest {engines.Max(e => e.Run.Compiled)}), {Median(engines.Select(e => (double)e.Run.Collections)):0} collections paused {Median(engines.Select(e => e.Run.Paused.TotalMilliseconds)):0} ms");
                Print(store, "acknowledge beside turns", $"{Rates(engines.Select(e => e.Run.Result))}; p99 limit 50 ms");
            }

            if (bares.Count > 0)
            {
                Print(store, "engine without the turn", $"{Ratio(bares.Select(e => e.Ratio))} of parsing only; the prototype's work, which reached {(store == "sqlite" ? 0.24 : 0.14):0.00} on its machine");
                PrintCost(bares.Select(e => e.Run), "events");
            }

            if (paced.Count > 0)
            {
                Print(store, "at 300 events/s", $"{Rates(paced)}; p99 limit 50 ms");
            }

            var use = await router.UseAsync();
            var kept = await router.StoreAsync();
            Print(store, "left behind", $"working set {use.WorkingSet / 1e6:0} MB, collector pauses {use.Pauses.TotalMilliseconds:0} ms in all, store {kept[3] / 1e6:0} MB, open {kept[0]}, parked {kept[1]}, effects open {kept[2]}");

            async Task<(EngineRun Run, double Ratio)> EngineAgainstParsingAsync(BenchProcess measured, LoadGenerator load)
            {
                var engine = await EngineAsync(measured, load, Seconds);
                var after = await ParseAsync();
                var ratio = engine.PerSecond / ((before + after) / 2);
                before = after;
                return (engine, ratio);
            }

            void PrintCost(IEnumerable<EngineRun> runs, string what) => Print(
                store,
                "",
                $"{Median(runs.Select(r => r.PerSecond)):0} {what}/s to the last committed effect; processor {Median(runs.Select(r => r.Cost)):0} us and {Median(runs.Select(r => r.Allocated)):0} kB allocated an event");

            async Task<double> ParseAsync()
            {
                var used = await parser.UseAsync();
                var result = await parsing.RunAsync([parser.Url], Connections, Seconds);
                parses.Add((result, ((await parser.UseAsync()).Processor - used.Processor).TotalMicroseconds / result.Accepted));
                return result.PerSecond;
            }
        }

        public async Task ReplicasAsync(int active)
        {
            var rates = new Dictionary<int, List<double>> { [1] = [], [2] = [] };
            for (var round = 0; round < Rounds; round++)
            {
                foreach (var replicas in (int[])[1, 2])
                {
                    rates[replicas].Add(await ThroughputAsync(replicas));
                }
            }

            var ratios = rates[2].Zip(rates[1], (two, one) => two / one).ToList();
            Print("postgres", "two replicas", $"{Ratio(ratios)} times one, the NLU takes 100 ms, {active} turns at once on each; at least 1.70");
            Print("postgres", "", $"{Median(rates[1]):0} and {Median(rates[2]):0} turns/s of at most {active * 10} and {active * 20}");

            async Task<double> ThroughputAsync(int replicas)
            {
                await using var database = await OpenAsync("postgres");
                var engine = string.Create(CultureInfo.InvariantCulture, $"maxActive: {active}");
                var routers = new List<BenchProcess>();
                for (var i = 0; i < replicas; i++)
                {
                    routers.Add(await BenchProcess.RouterAsync(i == 0 ? database.Directory : Database.NewDirectory(), database.Store, engine, nluMilliseconds: 100));
                }

                Uri[] urls = [.. routers.Select(r => r.Url)];
                var load = new LoadGenerator(1_000_000);
                foreach (var router in routers)
                {
                    await router.WarmAsync(async () =>
                    {
                        await load.RunAsync([router.Url], Connections, TimeSpan.FromMinutes(1), atMost: active * 30);
                        await router.IdleAsync();
                    });
                }

                var events = active * replicas * 60;
                var began = TimeProvider.System.GetTimestamp();
                await load.RunAsync(urls, Connections, TimeSpan.FromMinutes(1), atMost: events);
                await Task.WhenAll(routers.Select(r => r.IdleAsync()));
                var elapsed = TimeProvider.System.GetElapsedTime(began);
                foreach (var router in routers)
                {
                    await router.DisposeAsync();
                }

                return events / elapsed.TotalSeconds;
            }
        }

        public async Task HistoryAsync(string store, int times)
        {
            await using var small = await OpenAsync(store);
            await using var large = await OpenAsync(store);
            await FillAsync(small, 1);
            await FillAsync(large, times);
            await using var few = await BenchProcess.RouterAsync(small.Directory, small.Store);
            await using var million = await BenchProcess.RouterAsync(large.Directory, large.Store);
            var fewLoad = new LoadGenerator(ManyConversations);
            var millionLoad = new LoadGenerator(ManyConversations);
            await few.WarmAsync(() => EngineAsync(few, fewLoad, WarmUp));
            await million.WarmAsync(() => EngineAsync(million, millionLoad, WarmUp));
            var rates = new List<double>();
            var medians = new List<double>();
            var worst = new List<double>();
            var (freshLatencies, agedLatencies) = (new List<float>(), new List<float>());
            for (var round = 0; round < Rounds; round++)
            {
                // Which one goes first changes, as the machine does.
                var fewFirst = round % 2 == 0;
                var a = await MeasureAsync(fewFirst ? few : million, fewFirst ? fewLoad : millionLoad);
                var b = await MeasureAsync(fewFirst ? million : few, fewFirst ? millionLoad : fewLoad);
                var (fresh, aged) = fewFirst ? (a, b) : (b, a);
                rates.Add(aged.PerSecond / fresh.PerSecond);
                medians.Add(aged.Paced.Latency(0.5) / fresh.Paced.Latency(0.5));
                worst.Add(aged.Paced.Latency(0.99) / fresh.Paced.Latency(0.99));
                freshLatencies.AddRange(fresh.Paced.Latencies);
                agedLatencies.AddRange(aged.Paced.Latencies);
            }

            // A round's p99 hangs on the few requests that met a flush; over all rounds it is a property of the store.
            var (freshWorst, agedWorst) = (Latency(freshLatencies, 0.99), Latency(agedLatencies, 0.99));

            var size = (await million.StoreAsync())[3];
            Print(store, "a long history", $"{times * 1_000:N0} against 1,000 finished events: turns/s {Ratio(rates)}, acknowledgement at 300 events/s p50 {Ratio(medians)}, p99 {agedWorst / freshWorst:0.00} over all {agedLatencies.Count:N0} ({freshWorst:0.0} and {agedWorst:0.0} ms; by round {Ratio(worst)}); limit 0.80-1.20; store {size / 1e6:0} MB");

            async Task FillAsync(Database database, int copies)
            {
                await using (var router = await BenchProcess.RouterAsync(database.Directory, database.Store))
                {
                    await new LoadGenerator(1_000_000).RunAsync([router.Url], Connections, TimeSpan.FromMinutes(1), atMost: 1_000);
                    await router.IdleAsync();
                }

                if (copies > 1)
                {
                    await database.MultiplyHistoryAsync(copies);
                }
            }

            async Task<(double PerSecond, LoadResult Paced)> MeasureAsync(BenchProcess router, LoadGenerator load)
            {
                var engine = await EngineAsync(router, load, Seconds);
                var paced = await load.RunAsync([router.Url], Connections, 3 * Seconds, perSecond: 300);
                await router.IdleAsync();
                return (engine.PerSecond, paced);
            }
        }

        /// <summary>From the first event to the last committed effect.</summary>
        private static async Task<EngineRun> EngineAsync(BenchProcess router, LoadGenerator load, TimeSpan duration)
        {
            var used = await router.UseAsync();
            var began = TimeProvider.System.GetTimestamp();
            var result = await load.RunAsync([router.Url], Connections, duration);
            await router.IdleAsync();
            var elapsed = TimeProvider.System.GetElapsedTime(began);
            var after = await router.UseAsync();
            return new EngineRun(
                result,
                result.Accepted / elapsed.TotalSeconds,
                (after.Processor - used.Processor).TotalMicroseconds / result.Accepted,
                (after.Allocated - used.Allocated) / 1_000.0 / result.Accepted,
                after.Compiled - used.Compiled,
                after.Collections - used.Collections,
                after.Pauses - used.Pauses);
        }

        private async Task<Database> OpenAsync(string store) => store == "sqlite" ? Database.Sqlite() : await Database.PostgresAsync(Server!.Connection);
    }

    private static void Print(string store, string what, FormattableString figures) =>
        System.Console.WriteLine($"{store,-9} {what,-26} {figures.ToString(CultureInfo.InvariantCulture)}");

    private static string Ratio(IEnumerable<double> values)
    {
        var all = values.ToList();
        return string.Create(CultureInfo.InvariantCulture, $"{Median(all):0.00} ({all.Min():0.00}-{all.Max():0.00})");
    }

    private static string Rates(IEnumerable<LoadResult> results)
    {
        var all = results.ToList();
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{Median(all.Select(r => r.PerSecond)):0} acknowledgements/s, p50 {Median(all.Select(r => r.Latency(0.5))):0.0} ms, p99 {Median(all.Select(r => r.Latency(0.99))):0.0} ms (highest {all.Max(r => r.Latency(0.99)):0.0}), refused {all.Sum(r => r.Refused)}");
    }

    private static double Latency(List<float> latencies, double share)
    {
        latencies.Sort();
        return latencies[(int)Math.Min(latencies.Count - 1, share * latencies.Count)];
    }

    private static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToList();
        return sorted[sorted.Count / 2];
    }
}
