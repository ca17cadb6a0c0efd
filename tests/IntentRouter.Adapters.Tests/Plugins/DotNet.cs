using System.Diagnostics;

namespace IntentRouter.Adapters.Tests.Plugins;

internal static class DotNet
{
    /// <summary>Runs it to its end; anything but success fails with what it printed.</summary>
    public static async Task<string> RunAsync(string directory, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo("dotnet", arguments)
        {
            WorkingDirectory = directory,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["MSBUILDDISABLENODEREUSE"] = "1", ["DOTNET_CLI_TELEMETRY_OPTOUT"] = "1" },
        })!;
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(15));
        var (printed, errors) = (process.StandardOutput.ReadToEndAsync(patience.Token), process.StandardError.ReadToEndAsync(patience.Token));
        try
        {
            await process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }

        Assert.True(process.ExitCode == 0, $"dotnet {string.Join(' ', arguments)}: {await printed}{await errors}");
        return await printed;
    }
}
