using System.Globalization;
using IntentRouter.Benchmarks.Inbox;
using IntentRouter.CrashTests;

namespace IntentRouter.Benchmarks.Crash;

/// <summary>The long run of the crash tests: SIGKILL at random moments under load, and the chat's own books at the end.</summary>
internal static class CrashBenchmark
{
    public static async Task<int> RunAsync(string[] args)
    {
        var arguments = new Arguments(args);
        var kills = arguments.Number("--kills", 200);
        var stores = arguments.Words.Count == 0 ? ["sqlite", "postgres"] : arguments.Words;
        var clean = true;
        foreach (var store in stores)
        {
            if (store == "postgres" && PostgresServer.Absent is { } why)
            {
                System.Console.WriteLine($"postgres left out: {why}");
                continue;
            }

            await using var postgres = store == "postgres" ? await PostgresServer.StartAsync() : null;
            await using var fleet = await Fleet.StartAsync(
                postgres is null ? new FleetOptions { Attempts = 100 } : new FleetOptions { Attempts = 100, Replicas = 2, Postgres = await postgres.CreateDatabaseAsync() });
            var began = TimeProvider.System.GetTimestamp();
            var outcome = await KillRun.RandomAsync(fleet, kills, customers: 12, (done, count) =>
            {
                if (done % 20 == 0)
                {
                    System.Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{store}: {done} kills after {TimeProvider.System.GetElapsedTime(began).TotalMinutes:0.0} min: {count()}"));
                }
            });
            System.Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"{store}, {fleet.Replicas.Count} replica(s), {kills} kills: {outcome}; limits: lost, twice, out of order, handed off 0"));
            var fine = outcome is { IsClean: true, HandedOff: 0 };
            clean &= fine;
            if (!fine)
            {
                var log = Path.Combine(Path.GetTempPath(), $"crash-{store}-{Environment.ProcessId}.log");
                await File.WriteAllTextAsync(log, fleet.Logs());
                System.Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"lost: {string.Join(' ', outcome.Lost)}; twice: {string.Join(' ', outcome.Twice)}; log: {log}"));
            }
        }

        return clean ? 0 : 1;
    }
}
