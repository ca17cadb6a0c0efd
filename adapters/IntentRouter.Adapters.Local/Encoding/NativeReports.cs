using System.Runtime.InteropServices;

namespace IntentRouter.Adapters.Local.Encoding;

/// <summary>
/// Since 1.29 ONNX Runtime's official builds report sessions and models to their maker over the network unless a variable forbids it. A shop's
/// bot tells nobody anything. The library reads the C environment, which <see cref="Environment.SetEnvironmentVariable(string, string)"/>
/// does not reach outside Windows, and reads it once, when it is loaded.
/// </summary>
internal static class NativeReports
{
    public const string Variable = "ORT_DISABLE_TELEMETRY";

    public static void Forbid()
    {
        Environment.SetEnvironmentVariable(Variable, "1");
        if (!OperatingSystem.IsWindows())
        {
            _ = SetVariable(Variable, "1", overwrite: 1);
        }
    }

    [DllImport("libc", EntryPoint = "setenv", CharSet = CharSet.Ansi, BestFitMapping = false, ThrowOnUnmappableChar = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int SetVariable(string name, string value, int overwrite);
}
