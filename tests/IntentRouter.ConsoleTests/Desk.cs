using System.Diagnostics;
using System.Text;
using IntentRouter.CrashTests;
using PuppeteerSharp;

namespace IntentRouter.ConsoleTests;

/// <summary>
/// The demo as README's first command starts it (a process of its own, the shop sample, the playground), and Chromium in front of it. One for all
/// tests of a class; each test has a page of its own.
/// </summary>
public class Desk : IAsyncLifetime
{
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(4);
    private static readonly string? _chromium = ((string[])["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"]).FirstOrDefault(File.Exists);
    private readonly string _directory = Path.Combine(Path.GetTempPath(), "intentrouter-tests", Guid.NewGuid().ToString("N"));
    private readonly StringBuilder _log = new();
    private Process? _service;
    private IBrowser? _browser;

    /// <summary>The management listener.</summary>
    public Uri Console { get; } = new($"http://127.0.0.1:{Ports.Free()}");

    public async Task InitializeAsync()
    {
        if (_chromium is null)
        {
            return;
        }

        Directory.CreateDirectory(_directory);
        var service = new Uri($"http://127.0.0.1:{Ports.Free()}");
        var start = new ProcessStartInfo("dotnet")
        {
            ArgumentList = { Path.Combine(AppContext.BaseDirectory, "intent-router.dll") },
            WorkingDirectory = _directory,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment =
            {
                ["Urls"] = service.ToString().TrimEnd('/'),
                ["Management__Url"] = Console.ToString().TrimEnd('/'),
                // Patience of a busy test machine, not of a customer.
                ["Nlu__local__Timeout"] = "90s",
                ["Nlu__local__AttemptTimeout"] = "60s",
                ["Bots__shop__Session__TurnBudget"] = "2m",
                ["Bots__shop__Session__Burst"] = "0ms",
            },
        };
        _service = Process.Start(start)!;
        _service.OutputDataReceived += Write;
        _service.ErrorDataReceived += Write;
        _service.BeginOutputReadLine();
        _service.BeginErrorReadLine();
        await WaitUntilReadyAsync(service);
        _browser = await Puppeteer.LaunchAsync(new LaunchOptions
        {
            ExecutablePath = _chromium,
            Headless = true,
            Timeout = (int)_patience.TotalMilliseconds,
            UserDataDir = Path.Combine(_directory, "browser"),
            Args = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage"],
        });
        await FillAsync();
    }

    /// <summary>What has happened before the first test looks.</summary>
    protected virtual Task FillAsync() => Task.CompletedTask;

    /// <summary>A page in a profile of its own: nothing is shared with other tests but the service.</summary>
    internal async Task<Visit> OpenAsync(string path, Look? look = null)
    {
        Skip.If(_browser is null, "Chromium is not on this machine (Debian: apt-get install chromium)");
        return await Visit.OpenAsync(_browser!, new Uri(Console, path), look ?? Look.Desktop, _patience);
    }

    public async Task DisposeAsync()
    {
        if (_browser is not null)
        {
            await _browser.CloseAsync();
            await _browser.DisposeAsync();
        }

        if (_service is not null)
        {
            _service.Kill();
            await _service.WaitForExitAsync();
            _service.Dispose();
            Directory.Delete(_directory, recursive: true);
        }
    }

    private async Task WaitUntilReadyAsync(Uri service)
    {
        using var http = new HttpClient();
        var began = TimeProvider.System.GetTimestamp();
        while (TimeProvider.System.GetElapsedTime(began) < _patience && !_service!.HasExited)
        {
            try
            {
                using var answer = await http.GetAsync(new Uri(service, "/health/ready"));
                if (answer.IsSuccessStatusCode)
                {
                    return;
                }
            }
            catch (HttpRequestException)
            {
                // Not listening yet.
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System);
        }

        lock (_log)
        {
            throw new TimeoutException($"The demo was not ready within {_patience}.\n{_log}");
        }
    }

    private void Write(object sender, DataReceivedEventArgs e)
    {
        lock (_log)
        {
            _log.AppendLine(e.Data);
        }
    }
}
