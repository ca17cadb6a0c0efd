using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace IntentRouter.DeployTests.Image;

/// <summary>The image, started as the deployment files start it: read-only, without rights, on this machine's network.</summary>
internal sealed class RouterContainer : IAsyncDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(5);
    private static readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(60) };
    private static readonly ConcurrentDictionary<int, bool> _given = [];

    private RouterContainer(string id, int port, int managementPort)
    {
        Id = id;
        PublicUrl = new Uri($"http://127.0.0.1:{port}");
        ManagementUrl = new Uri($"http://127.0.0.1:{managementPort}");
    }

    public string Id { get; }

    public Uri PublicUrl { get; }

    public Uri ManagementUrl { get; }

    /// <summary>From the start of its process to the first time that it called itself ready.</summary>
    public TimeSpan StartToReady { get; private set; }

    /// <summary>What the process inside had used of the processor by then, on all cores together.</summary>
    public TimeSpan ProcessorToReady { get; private set; }

    public static async Task<RouterContainer> StartAsync(IReadOnlyDictionary<string, string> settings, params IEnumerable<string> mounts)
    {
        var (port, managementPort) = (FreePort(), FreePort());
        var id = await Engine.AskAsync(
        [
            "run", "--detach", "--network", "host",
            "--read-only", "--tmpfs", "/tmp", "--cap-drop", "ALL", "--security-opt", "no-new-privileges",
            .. mounts.Any(mount => mount.EndsWith(":/data", StringComparison.Ordinal)) ? [] : new[] { "--volume", "/data" },
            .. mounts.SelectMany(mount => new[] { "--volume", mount }),
            "--env", $"Urls=http://127.0.0.1:{port}", "--env", $"Management__Url=http://127.0.0.1:{managementPort}",
            .. settings.SelectMany(setting => new[] { "--env", $"{setting.Key}={setting.Value}" }),
            await RouterImage.GetAsync(),
        ]);
        return new RouterContainer(id, port, managementPort);
    }

    public async Task<RouterContainer> ReadyAsync()
    {
        var (waited, looked) = (Stopwatch.StartNew(), TimeSpan.Zero);
        while (!await IsReadyAsync())
        {
            // Seldom: to ask the engine takes as long as a good part of the start, on the same two cores.
            if (waited.Elapsed - looked > TimeSpan.FromSeconds(2))
            {
                looked = waited.Elapsed;
                var running = await InspectAsync("{{.State.Running}}");
                if (running != "true" || looked > _patience)
                {
                    Assert.Fail($"The router did not become ready (running: {running}):\n{await LogsAsync()}");
                }
            }

            await Task.Delay(10);
        }

        var ready = DateTimeOffset.UtcNow;
        ProcessorToReady = await ProcessorTimeAsync();
        StartToReady = ready - DateTimeOffset.Parse(await InspectAsync("{{.State.StartedAt.Format \"2006-01-02T15:04:05.000Z07:00\"}}"), CultureInfo.InvariantCulture);
        return this;
    }

    public async Task<bool> IsReadyAsync()
    {
        try
        {
            using var answer = await _http.GetAsync(new Uri(PublicUrl, "/health/ready"));
            return answer.StatusCode == HttpStatusCode.OK;
        }
        catch (Exception ex) when (ex is HttpRequestException or TaskCanceledException)
        {
            return false;
        }
    }

    public async Task<string> LogsAsync()
    {
        var logs = await Engine.RunAsync("logs", Id);
        return logs.Output + logs.Error;
    }

    /// <summary>Waits for words in its log, which come a moment after what they are about.</summary>
    public async Task SaysAsync(string words)
    {
        var waited = Stopwatch.StartNew();
        for (var logs = await LogsAsync(); !logs.Contains(words, StringComparison.Ordinal); logs = await LogsAsync())
        {
            Assert.True(waited.Elapsed < _patience, $"'{words}' was not logged:\n{logs}");
            await Task.Delay(100);
        }
    }

    public Task<string> InspectAsync(string format) => Engine.AskAsync("inspect", "--format", format, Id);

    /// <summary>SIGTERM, and the time to drain; the exit code.</summary>
    public async Task<int> StopAsync()
    {
        await Engine.AskAsync("stop", "--time", "40", Id);
        return int.Parse(await InspectAsync("{{.State.ExitCode}}"), CultureInfo.InvariantCulture);
    }

    /// <summary>Resident memory of the process inside, as the kernel of this machine counts it.</summary>
    public async Task<long> MemoryAsync()
    {
        var status = await File.ReadAllLinesAsync($"/proc/{await InspectAsync("{{.State.Pid}}")}/status");
        return long.Parse(status.Single(line => line.StartsWith("VmRSS:", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) * 1024;
    }

    /// <summary>As the kernel of this machine counts it.</summary>
    private async Task<TimeSpan> ProcessorTimeAsync()
    {
        using var process = Process.GetProcessById(int.Parse(await InspectAsync("{{.State.Pid}}"), CultureInfo.InvariantCulture));
        return process.TotalProcessorTime;
    }

    public async ValueTask DisposeAsync() => await Engine.RunAsync("rm", "--force", "--volumes", "--time", "0", Id);

    /// <summary>A port that nobody listens on, below those that the kernel gives to whoever asks for any: it is still free when the container comes to it.</summary>
    public static int FreePort()
    {
        while (true)
        {
            var port = RandomNumberGenerator.GetInt32(20_000, 30_000);
            try
            {
                using var listener = new TcpListener(IPAddress.Loopback, port);
                listener.Start();
                if (_given.TryAdd(port, true))
                {
                    return port;
                }
            }
            catch (SocketException)
            {
                // Taken.
            }
        }
    }
}
