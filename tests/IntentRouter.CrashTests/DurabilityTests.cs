using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace IntentRouter.CrashTests;

/// <summary>
/// SIGKILL leaves the system's page cache alone, so killed processes prove nothing about power cuts. Here the system calls themselves are watched: between a request's
/// arrival and its 200 the store's log must have been flushed.
/// </summary>
public sealed partial class DurabilityTests
{
    [SkippableFact]
    public async Task Every_200_follows_a_flush_that_began_after_its_request_had_come()
    {
        Skip.If(OperatingSystem.IsWindows() || !File.Exists("/usr/bin/strace"), "strace is not installed.");
        await using var fleet = await Fleet.StartAsync(new FleetOptions());
        var calls = Path.GetTempFileName();
        try
        {
            using var strace = await AttachAsync(fleet.Replicas[0].ProcessId, calls);
            var traffic = new Traffic(fleet, customers: 6) { Pause = TimeSpan.FromMilliseconds(100) };
            using var stop = new CancellationTokenSource();
            var talk = traffic.RunAsync(stop.Token);
            await fleet.UntilAsync(() => traffic.Count().Answered > 40, "answers under observation");
            await stop.CancelAsync();
            await talk;
            Assert.True(await traffic.SettleAsync() is { IsClean: true }, $"{traffic.Count()}\n{fleet.Logs()}");
            strace.Kill();
            await strace.WaitForExitAsync();

            var seen = Read(await File.ReadAllLinesAsync(calls));
            var early = seen.Answers.Where(answer => !seen.Flushes.Exists(flush => flush.Began >= answer.Came && flush.Ended <= answer.Went)).ToList();
            Assert.True(seen.Answers.Count > 40, $"Only {seen.Answers.Count} answers and {seen.Flushes.Count} flushes were seen.");
            Assert.True(early.Count == 0, $"{early.Count} of {seen.Answers.Count} answers went out before a flush.");
        }
        finally
        {
            File.Delete(calls);
        }
    }

    [SkippableFact]
    public async Task A_database_that_commits_lazily_loses_nothing_that_was_acknowledged()
    {
        Skip.If(PostgresServer.Absent is not null, PostgresServer.Absent);
        await using var postgres = await PostgresServer.StartAsync();
        var database = await postgres.CreateDatabaseAsync();
        await postgres.CommitLazilyAsync();
        await using var fleet = await Fleet.StartAsync(new FleetOptions { Postgres = database });
        var traffic = new Traffic(fleet, customers: 6) { Pause = TimeSpan.FromMilliseconds(100) };
        using var stop = new CancellationTokenSource();
        var talk = traffic.RunAsync(stop.Token);
        await fleet.UntilAsync(() => traffic.Count().Answered > 20, "answers before the crash");

        await postgres.CrashAsync();
        await stop.CancelAsync();
        await talk;
        await Task.Delay(TimeSpan.FromSeconds(5), TimeProvider.System);
        await postgres.StartAgainAsync();

        Assert.True(await traffic.SettleAsync() is { IsClean: true, HandedOff: 0 }, $"{traffic.Count()}\n{fleet.Logs()}");
    }

    private static async Task<Process> AttachAsync(int process, string calls)
    {
        var strace = Process.Start(new ProcessStartInfo("/usr/bin/strace")
        {
            ArgumentList =
            {
                "-f", "-ttt", "-s", "400", "-o", calls, "-e", "trace=recvfrom,recvmsg,read,sendto,sendmsg,write,fsync,fdatasync", "-p", process.ToString(CultureInfo.InvariantCulture),
            },
            RedirectStandardError = true,
        })!;
        var first = await strace.StandardError.ReadLineAsync() ?? "";
        Skip.IfNot(first.Contains("attached", StringComparison.Ordinal), $"This machine lets nobody watch a process: {first}");
        _ = strace.StandardError.ReadToEndAsync();
        return strace;
    }

    private static (List<(double Came, double Went)> Answers, List<(double Began, double Ended)> Flushes) Read(string[] lines)
    {
        var answers = new List<(double, double)>();
        var flushes = new List<(double, double)>();
        var came = new Dictionary<string, double>();
        var begun = new Dictionary<string, (string Call, string Socket, double At)>();
        foreach (var match in lines.Select(line => Line().Match(line)).Where(match => match.Success))
        {
            var thread = match.Groups["thread"].Value;
            var at = double.Parse(match.Groups["at"].ValueSpan, CultureInfo.InvariantCulture);
            var rest = match.Groups["rest"].Value;
            var isRest = match.Groups["resumed"].Success;
            var call = isRest ? match.Groups["resumed"].Value : match.Groups["call"].Value;
            var socket = match.Groups["socket"].Value;
            var began = at;
            if (isRest && begun.Remove(thread, out var earlier))
            {
                (socket, began) = (earlier.Socket, earlier.At);
            }
            else if (rest.EndsWith("<unfinished ...>", StringComparison.Ordinal))
            {
                begun[thread] = (call, socket, at);
            }

            // What is sent counts from when it begins, all else from when it has ended.
            if (call is "sendto" or "sendmsg" or "write" && !isRest && rest.Contains("HTTP/1.1 200", StringComparison.Ordinal) && rest.Contains("stored", StringComparison.Ordinal))
            {
                answers.Add((came[socket], at));
            }
            else if (call is "recvfrom" or "recvmsg" or "read" && rest.Contains("POST /bots/", StringComparison.Ordinal))
            {
                came[socket] = at;
            }
            else if (call is "fsync" or "fdatasync" && !rest.EndsWith("<unfinished ...>", StringComparison.Ordinal) && rest.Contains("= 0", StringComparison.Ordinal))
            {
                flushes.Add((began, at));
            }
        }

        return (answers, flushes);
    }

    [GeneratedRegex(@"^(?<thread>\d+)\s+(?<at>\d+\.\d+) (?:<\.\.\. (?<resumed>\w+) resumed>(?<rest>.*)|(?<call>\w+)\((?<socket>\d+)(?<rest>.*))$")]
    private static partial Regex Line();
}
