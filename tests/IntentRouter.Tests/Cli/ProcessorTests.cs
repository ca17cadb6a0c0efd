using System.Diagnostics;
using System.Text.Json.Nodes;

namespace IntentRouter.Tests.Cli;

/// <summary>The embedded NLU on processors that have less: the same program, told to do without newer instructions (of x64; elsewhere the switches do nothing).</summary>
public sealed class ProcessorTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("processors-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task What_is_understood_hangs_on_no_processor()
    {
        string[] heard = await Task.WhenAll(HearAsync("DOTNET_TieredPGO"), HearAsync("DOTNET_EnableAVX512"), HearAsync("DOTNET_EnableAVX"));

        Assert.Contains("\"intent\":\"tea\"", heard[0], StringComparison.Ordinal);
        Assert.All(heard, other => Assert.Equal(heard[0], other));
    }

    /// <summary>Trains and understands in a process of its own; answers the candidates with their confidence.</summary>
    private async Task<string> HearAsync(string switchedOff)
    {
        var folder = _folder.CreateSubdirectory(switchedOff);
        await WriteAsync(folder, "intent-router.yaml", GreetingBot.Configuration(local: ""));
        await WriteAsync(folder, "texts/en.yaml", GreetingBot.Texts);
        await WriteAsync(folder, "nlu.csv", GreetingBot.Training);
        var start = new ProcessStartInfo("dotnet")
        {
            ArgumentList = { Path.Combine(AppContext.BaseDirectory, "intent-router.dll"), "say", "could I have another cup of tea", "--json", "--config", Path.Combine(folder.FullName, "intent-router.yaml") },
            RedirectStandardOutput = true,
            Environment = { [switchedOff] = "0" },
        };
        using var process = Process.Start(start)!;
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return JsonNode.Parse(output)!["explanation"]!["understanding"]!.ToJsonString();
    }

    private static Task WriteAsync(DirectoryInfo folder, string name, string text)
    {
        var path = Path.Combine(folder.FullName, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        return File.WriteAllTextAsync(path, text);
    }
}
