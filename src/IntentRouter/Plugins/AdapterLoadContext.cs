using System.Collections.Frozen;
using System.Reflection;
using System.Runtime.Loader;

namespace IntentRouter.Plugins;

/// <summary>
/// A plugin's own world: it brings its libraries in its own versions, and shares with the service only the contract and what the contract's signatures
/// are made of.
/// </summary>
internal sealed class AdapterLoadContext(string assemblyPath) : AssemblyLoadContext(Path.GetFileNameWithoutExtension(assemblyPath))
{
    private readonly AssemblyDependencyResolver _resolver = new(assemblyPath);

    /// <summary>The contract and its own dependencies; the service's copy counts, whatever lies beside the plugin.</summary>
    public static IReadOnlyDictionary<string, Version> Shared { get; } = FindShared();

    protected override Assembly? Load(AssemblyName assemblyName)
    {
        // Null means the default context, which has the framework too.
        if (Shared.ContainsKey(assemblyName.Name!))
        {
            return null;
        }

        return _resolver.ResolveAssemblyToPath(assemblyName) is { } path ? LoadFromAssemblyPath(path) : null;
    }

    protected override IntPtr LoadUnmanagedDll(string unmanagedDllName) =>
        _resolver.ResolveUnmanagedDllToPath(unmanagedDllName) is { } path ? LoadUnmanagedDllFromPath(path) : IntPtr.Zero;

    private static FrozenDictionary<string, Version> FindShared()
    {
        var found = new Dictionary<string, Version>(StringComparer.OrdinalIgnoreCase);
        var open = new Queue<Assembly>([typeof(AdapterModule).Assembly]);
        while (open.TryDequeue(out var assembly))
        {
            var name = assembly.GetName();
            if (found.TryAdd(name.Name!, name.Version!))
            {
                foreach (var reference in assembly.GetReferencedAssemblies().Where(r => r.Name!.StartsWith("Microsoft.Extensions.", StringComparison.Ordinal)))
                {
                    open.Enqueue(Assembly.Load(reference));
                }
            }
        }

        return found.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);
    }
}
