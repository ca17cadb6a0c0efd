using System.Runtime.InteropServices;
using IntentRouter.Adapters.Local.Encoding;
using Xunit;

namespace IntentRouter.Adapters.Local.Tests;

public sealed class NativeReportsTests
{
    [Fact]
    public void The_runtime_that_carries_the_encoder_is_told_to_report_to_nobody()
    {
        _ = SentenceEncoder.Shared;

        Assert.Equal("1", OperatingSystem.IsWindows() ? Environment.GetEnvironmentVariable(NativeReports.Variable) : Marshal.PtrToStringUTF8(GetVariable(NativeReports.Variable)));
    }

    [DllImport("libc", EntryPoint = "getenv", CharSet = CharSet.Ansi, BestFitMapping = false, ThrowOnUnmappableChar = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern nint GetVariable(string name);
}
