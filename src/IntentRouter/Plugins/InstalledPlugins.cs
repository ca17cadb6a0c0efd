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
    private readonly List<ModuleRefusedException> _refused = [];

    /// <summary>Loads the directory's plugins the first time, and says what is wrong with them.</summary>
    public IEnumerable<ConfigurationProblem> Load(string directory)
    {
        lock (_gate)
        {
            if (_directory is null)
            {
                _directory = directory;
                var (loaded, refused) = PluginDirectory.Load(directory);
                _refused.AddRange(refused);
                foreach (var module in loaded)
                {
                    Accept(module);
                }
            }

            return _refused.Select(r => new ConfigurationProblem(
                null, 0, 0, "plugins:directory", directory, r.Message, "Repair the plugin, or remove it from the directory."));
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
            _refused.Add(ex);
        }
    }
}
