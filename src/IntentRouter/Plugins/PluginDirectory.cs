using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using IntentRouter.Nlu;

namespace IntentRouter.Plugins;

/// <summary>The plugins on disk: <c>plugins/&lt;name&gt;/</c> with one adapter module each, as <c>dotnet publish</c> writes it.</summary>
internal static class PluginDirectory
{
    /// <summary>Loads every plugin. What cannot be used is returned with path and reason, never passed over.</summary>
    /// <param name="directory">The directory, which need not exist.</param>
    /// <param name="sdk">The version of the contract that this service has.</param>
    public static (IReadOnlyList<InstalledModule> Modules, IReadOnlyList<ModuleRefusedException> Refused) Load(string directory, Version? sdk = null)
    {
        sdk ??= typeof(AdapterModule).Assembly.GetName().Version!;
        var modules = new List<InstalledModule>();
        var refused = new List<ModuleRefusedException>();
        if (!Directory.Exists(directory))
        {
            return (modules, refused);
        }

        foreach (var stray in Directory.EnumerateFiles(directory, "*.dll").Order(StringComparer.Ordinal))
        {
            refused.Add(new ModuleRefusedException(stray, "it lies beside the plugins; give it a folder of its own."));
        }

        foreach (var folder in Directory.EnumerateDirectories(directory).Order(StringComparer.Ordinal))
        {
            try
            {
                modules.Add(LoadOne(Path.GetFullPath(folder), sdk));
            }
            catch (ModuleRefusedException ex)
            {
                refused.Add(ex);
            }
            catch (Exception ex) when (ex is IOException or UnauthorizedAccessException)
            {
                refused.Add(new ModuleRefusedException(folder, $"it cannot be read: {ex.Message}", ex));
            }
        }

        return (modules, refused);
    }

    private static InstalledModule LoadOne(string folder, Version sdk)
    {
        var candidates = Directory.EnumerateFiles(folder, "*.dll").Order(StringComparer.Ordinal)
            .Select(path => (Path: path, References: ReadReferences(path)))
            .Where(c => c.References is not null && c.References.ContainsKey(typeof(AdapterModule).Assembly.GetName().Name!))
            .ToArray();
        if (candidates.Length == 0)
        {
            throw new ModuleRefusedException(folder, "no assembly in it uses IntentRouter.Abstractions; publish the adapter project into this folder.");
        }

        var found = new List<(Type Module, string Path, Version Sdk)>();
        foreach (var (path, references) in candidates)
        {
            var built = references![typeof(AdapterModule).Assembly.GetName().Name!];
            if (built.Major != sdk.Major || built > sdk)
            {
                throw new ModuleRefusedException(
                    path, $"it was built for version {built.ToString(3)} of the SDK, and this service has {sdk.ToString(3)}; {(built > sdk ? "update the service" : "update the plugin")}.");
            }

            if (references.FirstOrDefault(r => AdapterLoadContext.Shared.TryGetValue(r.Key, out var ours) && r.Value > ours) is { Key: { } newer, Value: var version })
            {
                throw new ModuleRefusedException(
                    path, $"it needs {newer} {version.ToString(3)}, which plugins share with the service, and the service has {AdapterLoadContext.Shared[newer].ToString(3)}; build the plugin with that version.");
            }

            found.AddRange(Modules(path).Select(m => (m, path, built)));
        }

        return found switch
        {
            [] => throw new ModuleRefusedException(folder, "it exports no module; a public class must derive from AdapterModule."),
            [var one] => Make(one.Module, one.Path, one.Sdk),
            _ => throw new ModuleRefusedException(folder, $"it exports {found.Count} modules ({string.Join(", ", found.Select(f => f.Module.FullName))}); a plugin has one."),
        };
    }

    private static IEnumerable<Type> Modules(string path)
    {
        try
        {
            return new AdapterLoadContext(path).LoadFromAssemblyPath(path).GetExportedTypes()
                .Where(t => t is { IsClass: true, IsAbstract: false } && t.IsSubclassOf(typeof(AdapterModule))).ToArray();
        }
        catch (Exception ex) when (ex is IOException or BadImageFormatException or TypeLoadException or ReflectionTypeLoadException)
        {
            throw new ModuleRefusedException(path, $"it cannot be loaded: {ex.Message}", ex);
        }
    }

    private static InstalledModule Make(Type type, string path, Version sdk)
    {
        try
        {
            var module = (AdapterModule)(Activator.CreateInstance(type) ?? throw new MissingMethodException(type.FullName, ".ctor"));

            // Its code too: the registry asks again.
            _ = module.Type ?? throw new InvalidOperationException("its type is null.");
            return new InstalledModule(module, path, type.Assembly.GetName().Version ?? new Version(), sdk);
        }
        catch (Exception ex) when (ex is not OutOfMemoryException)
        {
            throw new ModuleRefusedException(path, $"its module {type.FullName} cannot be created: {(ex.InnerException ?? ex).Message}", ex);
        }
    }

    /// <summary>Names and versions of what an assembly uses, read without loading it; null for what is no assembly.</summary>
    private static Dictionary<string, Version>? ReadReferences(string path)
    {
        try
        {
            using var file = new PEReader(File.OpenRead(path));
            if (!file.HasMetadata)
            {
                return null;
            }

            var metadata = file.GetMetadataReader();
            return metadata.AssemblyReferences.Select(metadata.GetAssemblyReference)
                .GroupBy(r => metadata.GetString(r.Name), StringComparer.OrdinalIgnoreCase)
                .ToDictionary(g => g.Key, g => g.Max(r => r.Version)!, StringComparer.OrdinalIgnoreCase);
        }
        catch (BadImageFormatException)
        {
            return null;
        }
    }
}
