using System.Diagnostics;
using System.Globalization;
using System.Net;

namespace IntentRouter.CrashTests;

/// <summary>The service as a process of its own, which can be killed, stopped and resumed like any other.</summary>
internal sealed class Replica : IAsyncDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(4);
    private readonly string _configuration;
    private readonly string _log;
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false }) { Timeout = TimeSpan.FromSeconds(60) };
    private Process? _process;
    private StreamWriter? _output;
    private bool _isToCrash;

    public Replica(string configuration, string log)
    {
        _configuration = configuration;
        _log = log;
        Url = new Uri($"http://127.0.0.1:{Ports.Free()}");
        Management = new Uri($"http://127.0.0.1:{Ports.Free()}");
    }

    public Uri Url { get; }

    public Uri Management { get; }

    public int ProcessId => _process!.Id;

    public int ExitCode => _process!.ExitCode;

    public bool HasExited => _process?.HasExited ?? true;

    /// <param name="crashAt">A step at which the process kills itself: <c>INTENTROUTER_CRASH_AT</c>.</param>
    public void Start(string? crashAt = null)
    {
        var start = new ProcessStartInfo("dotnet")
        {
            ArgumentList = { Path.Combine(AppContext.BaseDirectory, "intent-router.dll"), "serve", "--config", _configuration },
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment =
            {
                ["Urls"] = Url.ToString().TrimEnd('/'),
                ["Management__Url"] = Management.ToString().TrimEnd('/'),
                ["DOTNET_TieredPGO"] = "0",
            },
        };
        start.Environment.Remove("INTENTROUTER_CRASH_AT");
        if (crashAt is not null)
        {
            start.Environment["INTENTROUTER_CRASH_AT"] = crashAt;
        }

        _isToCrash = crashAt is not null;
        _process?.Dispose();
        _output ??= new StreamWriter(_log) { AutoFlush = true };
        lock (_output)
        {
            // Beside the last words of the one before.
            _output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"--- start {crashAt}"));
        }

        _process = Process.Start(start)!;
        _process.OutputDataReceived += Write;
        _process.ErrorDataReceived += Write;
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public async Task WaitUntilReadyAsync()
    {
        var began = TimeProvider.System.GetTimestamp();
        while (TimeProvider.System.GetElapsedTime(began) < _patience && !HasExited)
        {
            try
            {
                using var answer = await _http.GetAsync(new Uri(Url, "/health/ready"));
                if (answer.StatusCode == HttpStatusCode.OK)
                {
                    return;
                }
            }
            catch (Exception ex) when (ex is HttpRequestException or TaskCanceledException)
            {
                // Not yet listening.
            }

            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System);
        }

        if (!HasExited || !_isToCrash)
        {
            throw new TimeoutException($"The service was not ready within {_patience} (ended by itself: {HasExited}).\n{ReadLog()}");
        }
    }

    public async Task<HttpStatusCode> ReadinessAsync()
    {
        using var answer = await _http.GetAsync(new Uri(Url, "/health/ready"));
        return answer.StatusCode;
    }

    public async Task<string> ManagementAsync(string path)
    {
        using var answer = await _http.GetAsync(new Uri(Management, path));
        return await answer.Content.ReadAsStringAsync();
    }

    /// <summary>SIGKILL: no handler runs, nothing is flushed.</summary>
    public async Task KillAsync()
    {
        if (_process is { HasExited: false } process)
        {
            process.Kill();
        }

        await WaitForExitAsync();
    }

    public async Task WaitForExitAsync()
    {
        if (_process is { } process)
        {
            await process.WaitForExitAsync();
        }
    }

    /// <summary>SIGTERM: the drain.</summary>
    public void Terminate() => Signal("TERM");

    /// <summary>SIGSTOP: a machine that hangs, a long pause, a partition seen from inside.</summary>
    public void Stop() => Signal("STOP");

    public void Continue() => Signal("CONT");

    public string ReadLog()
    {
        using var reader = new StreamReader(new FileStream(_log, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        return reader.ReadToEnd();
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        _process?.Dispose();
        _http.Dispose();
        if (_output is not null)
        {
            await _output.DisposeAsync();
        }
    }

    private void Signal(string name)
    {
        using var kill = Process.Start("kill", [$"-{name}", ProcessId.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }

    private void Write(object sender, DataReceivedEventArgs line)
    {
        if (line.Data is { } text && _output is { } output)
        {
            lock (output)
            {
                try
                {
                    output.WriteLine(text);
                }
                catch (ObjectDisposedException)
                {
                    // The last words of a killed process.
                }
            }
        }
    }
}
