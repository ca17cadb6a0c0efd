using IntentRouter.Configuration;
using IntentRouter.Nlu;

namespace IntentRouter.Plugins;

/// <summary>The plugins of this process. Loaded once: a plugin that changed on disk needs a restart.</summary>
/// <param name="builtIn">Modules whose types are taken.</param>
internal sealed class InstalledPlugins(IReadOnlyList<InstalledModule> builtIn)
{
    private readonly Lock _gate = new();
    private string? _directory;
    private readonly List<InstalledModule> _modules = [];

    // The type is known of those that could be asked for it.
    private readonly List<(ModuleRefusedException Why, string? Type)> _refused = [];

    /// <summary>
    /// Loads the directory's plugins the first time, and says what is wrong with them: an error where an entry needs the plugin, or may, since nothing else has the type
    /// that it names; a warning where none does, so that a broken plugin stops nobody who does not use it.
    /// </summary>
    /// <param name="directory">The directory, which need not exist.</param>
    /// <param name="used">The types that entries name.</param>
    public IEnumerable<ConfigurationProblem> Load(string directory, IReadOnlyCollection<string> used)
    {
        lock (_gate)
        {
            if (_directory is null)
            {
                _directory = directory;
                var (loaded, refused) = PluginDirectory.Load(directory);
                _refused.AddRange(refused.Select(r => (r, (string?)null)));
                foreach (var module in loaded)
                {
                    Accept(module);
                }
            }

            var installed = builtIn.Concat(_modules).Select(m => m.Module.Type).ToHashSet(StringComparer.Ordinal);
            return [.. _refused.Select(r => Problem(directory, r.Why, used.FirstOrDefault(u => r.Type is null ? !installed.Contains(u) : u == r.Type)))];
        }
    }

    public void AddTo(IServiceCollection services)
    {
        lock (_gate)
        {
            foreach (var module in _modules)
            {
                services.AddSingleton(module);
            }
        }
    }

    private void Accept(InstalledModule module)
    {
        try
        {
            _ = new ModuleRegistry([.. builtIn, .. _modules, module]);
            _modules.Add(module);
        }
        catch (ModuleRefusedException ex)
        {
            _refused.Add((ex, module.Module.Type));
        }
    }

    private static ConfigurationProblem Problem(string directory, ModuleRefusedException why, string? needed) => new(
        null,
        0,
        0,
        "plugins:directory",
        directory,
        why.Message,
        needed is null
            ? "No entry under nlu needs it, so the service runs without; repair the plugin, or remove it from the directory."
            : $"Repair the plugin, or remove it from the directory; an entry under nlu names the adapter '{needed}'.",
        IsWarning: needed is null);
}
