using System.Diagnostics.Metrics;
using System.Security.Cryptography;
using System.Text;
using IntentRouter.Diagnostics;

namespace IntentRouter.Configuration;

/// <summary>
/// Reloads when a file changes. The files are compared by what they lead to, every two seconds: the system's notifications miss a Kubernetes ConfigMap, which is
/// swapped through a symlink two levels up, and tell of every write to an embedded store beside the configuration. Thread-safe.
/// </summary>
internal sealed partial class LiveConfiguration : ILiveConfiguration, IHostedService, IDisposable
{
    private static readonly TimeSpan _look = TimeSpan.FromSeconds(2);
    private readonly ConfigurationSources _sources;
    private readonly ConfigurationParts _parts;
    private readonly TimeProvider _clock;
    private readonly ILogger<LiveConfiguration> _logger;
    private readonly Counter<long> _reloads;
    private readonly Lock _looking = new();
    private readonly SettingsNode _atStart;
    private volatile RouterConfiguration _current;
    private volatile IReadOnlyList<ConfigurationProblem> _problems;
    private IReadOnlyList<string> _watched;
    private string _seen;
    private ITimer? _timer;

    public LiveConfiguration(
        LoadedConfiguration loaded, ConfigurationSources sources, ConfigurationParts parts, TimeProvider clock, IMeterFactory meters, ILogger<LiveConfiguration> logger)
    {
        _current = loaded.Configuration ?? throw new ArgumentException("A configuration with errors cannot be run.", nameof(loaded));
        _problems = loaded.Problems;
        _atStart = loaded.Settings;
        _watched = loaded.Watched;
        _sources = sources;
        _parts = parts;
        _clock = clock;
        _logger = logger;
        _reloads = meters.Create("IntentRouter").CreateCounter<long>(
            "intentrouter.configuration.reloads", "{reload}", "Changes of the configuration while running: taken, or refused because of a problem.");
        _seen = Fingerprint();
    }

    public event Action<RouterConfiguration>? Changed;

    public RouterConfiguration Current => _current;

    public IReadOnlyList<ConfigurationProblem> Problems => _problems;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        WriteWarnings();
        _timer = _clock.CreateTimer(_ => Look(), null, _look, _look);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        Dispose();
        return Task.CompletedTask;
    }

    public void Dispose()
    {
        _timer?.Dispose();
    }

    /// <summary>Reloads when anything is different from the last look; returns whether a new configuration was taken.</summary>
    public bool Look()
    {
        lock (_looking)
        {
            var now = Fingerprint();
            if (now == _seen)
            {
                return false;
            }

            _seen = now;
            return Reload();
        }
    }

    private bool Reload()
    {
        LoadedConfiguration loaded;
        try
        {
            loaded = RouterConfigurationLoader.Load(_sources, _parts);
        }
        catch (Exception ex) when (ex is IOException or UnauthorizedAccessException)
        {
            // A file vanished between two reads, as while it is being replaced: the next look sees the outcome.
            _seen = "";
            LogUnreadable(ex);
            return false;
        }
#pragma warning disable CA1031 // The last net: on the timer's thread it would end the process, and a file that nobody foresaw is no reason for that.
        catch (Exception ex)
#pragma warning restore CA1031
        {
            _problems = [new ConfigurationProblem(
                _sources.FullPath, 0, 0, "", null, $"The changed configuration could not be read: {ex.GetType().Name}.", "Take the last change back, and report this with the file.")];
            _reloads.Add(1, new KeyValuePair<string, object?>("intentrouter.result", "refused"));
            LogFaulted(new UnquotedException(ex), _current.Version);
            return false;
        }

        _watched = loaded.Watched.Count > 0 ? loaded.Watched : _watched;
        _seen = Fingerprint();
        if (loaded.Configuration is not { } next)
        {
            _problems = loaded.Problems;
            _reloads.Add(1, new KeyValuePair<string, object?>("intentrouter.result", "refused"));
            LogRefused(loaded.Errors.Count(), loaded.Errors.First().File, loaded.Errors.First().Line, loaded.Errors.First().Path, loaded.Errors.First().Message, _current.Version);
            return false;
        }

        _problems = [.. loaded.Problems, .. NeedRestart(loaded.Settings)];
        _current = next;
        _reloads.Add(1, new KeyValuePair<string, object?>("intentrouter.result", "taken"));
        LogTaken(next.Version);
        WriteWarnings();
        Tell(next);
        return true;
    }

    private void WriteWarnings()
    {
        foreach (var problem in _problems)
        {
            LogWarning(problem.File, problem.Line, problem.Path, problem.Message, problem.Remedy);
        }
    }

    private void Tell(RouterConfiguration next)
    {
        foreach (var listener in Changed?.GetInvocationList().Cast<Action<RouterConfiguration>>() ?? [])
        {
            // One listener's failure must not keep the others on the old configuration.
            _ = Task.Run(() =>
            {
                try
                {
                    listener(next);
                }
                catch (Exception ex) when (ex is not OutOfMemoryException)
                {
                    LogListenerFailed(ex);
                }
            });
        }
    }

    private List<ConfigurationProblem> NeedRestart(SettingsNode settings)
    {
        var report = new ProblemReport(settings);
        foreach (var key in OptionKey.Of(typeof(RouterOptions)).Where(k => k.Property.IsDefined(typeof(RestartAttribute), false)))
        {
            if (!Same(_atStart.Find(key.Name), settings.Find(key.Name)))
            {
                report.Warning(key.Name, $"'{key.Name}' was changed and is read only at start.", "Restart the service to use it.");
            }
        }

        return [.. report.Problems];
    }

    private static bool Same(SettingsEntry? a, SettingsEntry? b) =>
        (a?.Node.Flatten() ?? []).OrderBy(p => p.Key, StringComparer.OrdinalIgnoreCase).SequenceEqual((b?.Node.Flatten() ?? []).OrderBy(p => p.Key, StringComparer.OrdinalIgnoreCase));

    // The content decides, not the time: a ConfigMap's files may keep theirs, and an editor may touch a file without a change.
    private string Fingerprint()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var file in Files())
        {
            hash.AppendData(Encoding.UTF8.GetBytes(file));
            try
            {
                hash.AppendData(File.ReadAllBytes(file));
            }
            catch (Exception ex) when (ex is IOException or UnauthorizedAccessException)
            {
                hash.AppendData(Encoding.UTF8.GetBytes(ex.GetType().Name));
            }
        }

        return Convert.ToHexString(hash.GetHashAndReset());
    }

    // A folder also gains files: what is there now counts, not what was there at start.
    private IEnumerable<string> Files()
    {
        var folders = _watched.Where(Directory.Exists);
        if (Directory.Exists(_sources.FullPath))
        {
            folders = folders.Append(_sources.FullPath);
        }

        if (_sources.Secrets is { } secrets && Directory.Exists(Path.GetFullPath(secrets, _sources.Directory)))
        {
            folders = folders.Append(Path.GetFullPath(secrets, _sources.Directory));
        }

        return folders.SelectMany(InFolder).Concat(_watched.Where(w => !Directory.Exists(w))).Append(_sources.FullPath).Where(f => !Directory.Exists(f))
            .Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal);
    }

    private static string[] InFolder(string folder)
    {
        try
        {
            return Directory.GetFiles(folder);
        }
        catch (Exception ex) when (ex is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    [LoggerMessage(1001, LogLevel.Information, "The changed configuration is in force, version {Version}")]
    private partial void LogTaken(string version);

    [LoggerMessage(1002, LogLevel.Error, "The changed configuration has {Count} problems and was refused; version {Version} stays in force. The first problem is in {File}, line {Line}: {Path}: {Problem}")]
    private partial void LogRefused(int count, string? file, int line, string path, string problem, string version);

    [LoggerMessage(1003, LogLevel.Warning, "Configuration: {File}, line {Line}: {Path}: {Problem} {Remedy}")]
    private partial void LogWarning(string? file, int line, string path, string problem, string remedy);

    [LoggerMessage(1004, LogLevel.Warning, "The configuration could not be read while it was changing")]
    private partial void LogUnreadable(Exception exception);

    [LoggerMessage(1006, LogLevel.Error, "The changed configuration could not be read; version {Version} stays in force")]
    private partial void LogFaulted(Exception exception, string version);

    [LoggerMessage(1005, LogLevel.Error, "A part of the service could not apply the changed configuration")]
    private partial void LogListenerFailed(Exception exception);
}
