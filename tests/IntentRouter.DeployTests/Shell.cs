using System.ComponentModel;
using System.Diagnostics;

namespace IntentRouter.DeployTests;

/// <summary>What a finished program left: its exit code and both of its streams.</summary>
internal sealed record Finished(string Command, int ExitCode, string Output, string Error)
{
    public string Succeeded()
    {
        Assert.True(ExitCode == 0, $"{Command} ended with {ExitCode}:\n{Error}\n{Output}");
        return Output;
    }
}

internal static class Shell
{
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(30);

    public static bool Has(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, program)));

    /// <summary>The file of a program that <see cref="Has"/> finds, or the path itself.</summary>
    public static string PathOf(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Select(folder => Path.Combine(folder, program)).First(File.Exists);

    public static async Task<Finished> RunAsync(string program, IEnumerable<string> arguments, string? workingDirectory = null, string? input = null, IReadOnlyDictionary<string, string>? environment = null)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = workingDirectory ?? Repository.Root,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start) ?? throw new Win32Exception($"{program} did not start.");
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        if (input is not null)
        {
            await process.StandardInput.WriteAsync(input);
        }

        process.StandardInput.Close();
        using var limit = new CancellationTokenSource(_patience);
        try
        {
            await process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{program} {string.Join(' ', arguments)} ran longer than {_patience}.");
        }

        return new Finished($"{program} {string.Join(' ', arguments)}", process.ExitCode, await output, await error);
    }
}
