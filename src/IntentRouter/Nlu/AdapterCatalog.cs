using System.Collections.Immutable;
using IntentRouter.Configuration;

namespace IntentRouter.Nlu;

/// <summary>
/// The adapters of the current configuration by entry name. A reload replaces only the entries whose settings changed, each after the new one has
/// started; whoever is using an old one finishes with it. Thread-safe.
/// </summary>
internal sealed partial class AdapterCatalog : IAsyncDisposable
{
    private readonly AdapterFactory _factory;
    private readonly ILogger<AdapterCatalog> _logger;
    private readonly SemaphoreSlim _reloading = new(1);
    private readonly CancellationTokenSource _closing = new();
    private ImmutableDictionary<string, ConfiguredAdapter> _adapters = ImmutableDictionary.Create<string, ConfiguredAdapter>(StringComparer.OrdinalIgnoreCase);

    public AdapterCatalog(AdapterFactory factory, NluTelemetry telemetry, ILogger<AdapterCatalog> logger)
    {
        _factory = factory;
        _logger = logger;
        telemetry.Observe(() => States);
    }

    public IEnumerable<AdapterState> States => _adapters.Values.Select(a => a.State);

    public IEnumerable<ConfiguredAdapter> All => _adapters.Values;

    public ConfiguredAdapter? Find(string name) => _adapters.GetValueOrDefault(name);

    /// <summary>Takes the entries of a configuration. The first time it returns at once and the adapters start behind it; later it returns when the changed ones have started.</summary>
    /// <param name="options">The validated entries.</param>
    /// <param name="root">Directory that relative paths refer to.</param>
    public async Task LoadAsync(IReadOnlyDictionary<string, NluEntryOptions> options, string root, CancellationToken cancellationToken)
    {
        await _reloading.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            var before = _adapters;
            var after = before.RemoveRange(before.Keys.Where(name => !options.ContainsKey(name)));
            var changed = new List<ConfiguredAdapter>();
            try
            {
                foreach (var (name, entry) in options)
                {
                    if (before.TryGetValue(name, out var known) && known.Fingerprint == AdapterFactory.Fingerprint(entry))
                    {
                        continue;
                    }

                    var adapter = _factory.Create(name, entry, root);
                    changed.Add(adapter);
                    after = after.SetItem(name, adapter);
                }
            }
            catch
            {
                await Task.WhenAll(changed.Select(a => a.DisposeAsync().AsTask())).ConfigureAwait(false);
                throw;
            }

            var starts = Task.WhenAll(changed.Select(a => Task.Run(() => a.StartAsync(_closing.Token), _closing.Token)));
            if (!before.IsEmpty)
            {
                await starts.WaitAsync(cancellationToken).ConfigureAwait(false);
            }

            _adapters = after;
            foreach (var (name, old) in before)
            {
                if (!ReferenceEquals(after.GetValueOrDefault(name), old))
                {
                    LogReplaced(name);
                    await old.DisposeAsync().ConfigureAwait(false);
                }
            }
        }
        finally
        {
            _reloading.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync().ConfigureAwait(false);
        foreach (var adapter in Interlocked.Exchange(ref _adapters, _adapters.Clear()).Values)
        {
            await adapter.DisposeAsync().ConfigureAwait(false);
        }

        _closing.Dispose();
        _reloading.Dispose();
    }

    [LoggerMessage(3010, LogLevel.Information, "Adapter {Adapter} was replaced or removed by a new configuration")]
    private partial void LogReplaced(string adapter);
}
