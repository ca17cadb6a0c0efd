using System.Text.RegularExpressions;

namespace IntentRouter.Nlu;

/// <summary>The adapter modules that this process knows: the built-in ones and those of plugins, each under its type. Fixed after start.</summary>
internal sealed partial class ModuleRegistry
{
    private readonly SortedDictionary<string, InstalledModule> _modules = new(StringComparer.Ordinal);

    public ModuleRegistry(IEnumerable<InstalledModule> modules)
    {
        foreach (var module in modules)
        {
            if (!TypeName().IsMatch(module.Module.Type))
            {
                throw new ModuleRefusedException(module.Origin, $"its type '{module.Module.Type}' is not lower-case letters, digits and hyphens.");
            }

            if (!_modules.TryAdd(module.Module.Type, module))
            {
                throw new ModuleRefusedException(
                    module.Origin, $"the adapter type '{module.Module.Type}' is already taken by {_modules[module.Module.Type].Origin}; remove one of the two.");
            }
        }
    }

    public IReadOnlyCollection<InstalledModule> All => _modules.Values;

    public InstalledModule? Find(string type) => _modules.GetValueOrDefault(type);

    [GeneratedRegex("^[a-z][a-z0-9-]{0,63}$")]
    private static partial Regex TypeName();
}

/// <summary>A module and where it came from: the service itself, or the plugin's path.</summary>
internal sealed record InstalledModule(AdapterModule Module, string Origin, Version Version, Version SdkVersion)
{
    private const string Service = "the service itself";

    public bool IsPlugin => Origin != Service;

    public static InstalledModule BuiltIn<TModule>()
        where TModule : AdapterModule, new() =>
        new(new TModule(), Service, typeof(TModule).Assembly.GetName().Version!, typeof(AdapterModule).Assembly.GetName().Version!);
}

/// <summary>A module that must not be used; stops the start.</summary>
internal sealed class ModuleRefusedException(string origin, string reason, Exception? inner = null)
    : Exception($"Adapter module {origin} is refused: {reason}", inner)
{
    public string Origin { get; } = origin;
}
