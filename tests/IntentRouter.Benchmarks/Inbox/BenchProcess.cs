using System.Diagnostics;
using System.Globalization;
using System.Reflection;

namespace IntentRouter.Benchmarks.Inbox;

/// <summary>What a process has used so far.</summary>
internal sealed record Use(TimeSpan Processor, long WorkingSet, long Allocated, int Collections, TimeSpan Pauses, long Compiled);

/// <summary>A measured process, seen from the measuring one.</summary>
internal sealed class BenchProcess : IAsyncDisposable
{
    public const string Key = "a-key-that-nobody-guesses";

    private const int LongestWarmUp = 15;

    private const int FewMethods = 40;

    private readonly Process _process;

    private BenchProcess(Process process)
    {
        _process = process;
    }

    public Uri Url { get; private set; } = null!;

    /// <summary>An endpoint of this build that only parses.</summary>
    public static Task<BenchProcess> ParserAsync() => StartAsync("parse", []);

    /// <summary>The service, on a directory of its own. Turns have time: those that are held while acknowledgements are measured must not end as handoffs meanwhile.</summary>
    /// <param name="store">The <c>store</c> section.</param>
    /// <param name="engine">Keys of the <c>engine</c> section.</param>
    /// <param name="bare">With turns that decide nothing and effects that call nobody.</param>
    public static Task<BenchProcess> RouterAsync(string directory, string store, string engine = "", int nluMilliseconds = 0, bool bare = false)
    {
        Directory.CreateDirectory(Path.Combine(directory, "texts"));
        File.WriteAllText(Path.Combine(directory, "texts", "en.yaml"), "parcel.reply: Your parcel is on its way and should reach you on Thursday.\n");
        var file = Path.Combine(directory, "intent-router.yaml");
        File.WriteAllText(
            file,
            $$"""
            urls: http://127.0.0.1:0
            management: { url: "http://127.0.0.1:0" }
            chat: { baseUrl: "http://127.0.0.1:9" }
            engine: { {{engine}} }
            bots:
              shop:
                key: {{Key}}
                accessToken: bot-token
                agentBotId: 1
                nlu: { use: [main] }
                session: { burst: 0ms, turnBudget: 2m }
                limits: { repliesPerMinute: 10000, requestsPerSecond: 1000000 }
                intents:
                  parcel: { route: parcel }
            nlu:
              main: { adapter: instant, milliseconds: {{nluMilliseconds.ToString(CultureInfo.InvariantCulture)}}, timeout: 100s, attemptTimeout: 100s }
            routes:
              parcel:
                reply: parcel.reply
            texts: texts/
            store: {{store}}
            """);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }

        return StartAsync(bare ? "bare" : "router", [file]);
    }

    public async Task<Use> UseAsync()
    {
        var parts = (await AskAsync("use")).Split(' ');
        return new Use(
            TimeSpan.FromMilliseconds(double.Parse(parts[0], CultureInfo.InvariantCulture)),
            long.Parse(parts[1], CultureInfo.InvariantCulture),
            long.Parse(parts[2], CultureInfo.InvariantCulture),
            int.Parse(parts[3], CultureInfo.InvariantCulture),
            TimeSpan.FromMilliseconds(double.Parse(parts[4], CultureInfo.InvariantCulture)),
            long.Parse(parts[5], CultureInfo.InvariantCulture));
    }

    /// <summary>
    /// Repeats a load until the compiler rests. A service runs for weeks, and the image is compiled ahead: code that was compiled in haste, and the compiler itself at work on
    /// a processor of two, would be most of what a short run shows, the more so the more code there is to what is measured.
    /// </summary>
    public async Task WarmAsync(Func<Task> load)
    {
        for (var round = 0; round < LongestWarmUp; round++)
        {
            var before = (await UseAsync()).Compiled;
            await load();
            if ((await UseAsync()).Compiled - before < FewMethods)
            {
                return;
            }
        }
    }

    /// <summary>Open events, parked events, open effects, bytes.</summary>
    public async Task<long[]> StoreAsync() => [.. (await AskAsync("store")).Split(' ').Select(n => long.Parse(n, CultureInfo.InvariantCulture))];

    public Task HoldAsync() => AskAsync("hold");

    public Task GoAsync() => AskAsync("go");

    public Task IdleAsync() => AskAsync("idle");

    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private static async Task<BenchProcess> StartAsync(string role, string[] rest)
    {
        var started = new BenchProcess(Process.Start(new ProcessStartInfo("dotnet")
        {
            ArgumentList = { Assembly.GetExecutingAssembly().Location, "inbox-host", role, rest is [var only] ? only : "-" },
            RedirectStandardInput = true,
            RedirectStandardOutput = true,

            // Methods that are called often are compiled again at once, not after a pause without new ones, which under load does not come.
            Environment = { ["DOTNET_TC_CallCountingDelayMs"] = "0" },
        })!);
        var address = await started.ReadAsync();
        started.Url = new Uri($"{address}/bots/shop/{Key}?account=3");
        return started;
    }

    private async Task<string> AskAsync(string what)
    {
        await _process.StandardInput.WriteLineAsync(what);
        await _process.StandardInput.FlushAsync();
        return await ReadAsync();
    }

    private async Task<string> ReadAsync()
    {
        while (await _process.StandardOutput.ReadLineAsync() is { } line)
        {
            if (line.StartsWith(BenchHost.Mark, StringComparison.Ordinal))
            {
                return line[BenchHost.Mark.Length..];
            }

            await System.Console.Error.WriteLineAsync(line);
        }

        throw new InvalidOperationException("The measured process ended.");
    }
}
