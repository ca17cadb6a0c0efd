using System.Diagnostics;
using System.Runtime.ExceptionServices;
using System.Runtime.Loader;

namespace IntentRouter.Plugins;

/// <summary>
/// What a plugin throws where nobody can catch it: on a thread, a timer or in an <c>async void</c> of its own. The runtime would end the process for it; here
/// only that thread ends.
/// </summary>
internal static class PluginFault
{
    /// <summary>Takes such exceptions from now on; once in a process. Those of the service itself still end it.</summary>
    /// <param name="report">Told the plugin, the exception's type and where it was thrown: no message, which might repeat a person's words.</param>
    public static void Guard(Action<string, string, string> report) => ExceptionHandling.SetUnhandledExceptionHandler(ex =>
    {
        var trace = new StackTrace(ex);
        if (PluginOf(trace) is not { } plugin)
        {
            return false;
        }

        report(plugin, ex.GetType().Name, trace.ToString());
        return true;
    });

    /// <summary>The plugin that an exception came through, or null.</summary>
    internal static string? PluginOf(StackTrace trace) =>
        trace.GetFrames()
            .Select(f => f.GetMethod()?.Module.Assembly is { } assembly ? AssemblyLoadContext.GetLoadContext(assembly) : null)
            .OfType<AdapterLoadContext>().FirstOrDefault()?.Name;
}
