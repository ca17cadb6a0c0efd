namespace IntentRouter.DeployTests.Ci;

/// <summary>The documented benchmark starts the real service with a configuration of its own, which has to stay a valid one.</summary>
public sealed class BenchmarkTests
{
    [Fact]
    public async Task The_inbox_benchmark_runs_to_its_end_and_leaves_nothing_open()
    {
        var configuration = new DirectoryInfo(AppContext.BaseDirectory).Name;
        var program = Repository.PathOf($"artifacts/bin/IntentRouter.Benchmarks/{configuration}/IntentRouter.Benchmarks.dll");

        var output = (await Shell.RunAsync("dotnet", [program, "inbox", "ack", "engine", "--stores", "sqlite", "--rounds", "1", "--seconds", "1", "--warm-up", "0"])).Succeeded();

        Assert.Matches("sqlite +acknowledge +[0-9.]+ ", output);
        Assert.Matches("sqlite +whole engine +[0-9.]+ ", output);
        Assert.Contains("open 0, parked 0, effects open 0", output, StringComparison.Ordinal);
    }
}
