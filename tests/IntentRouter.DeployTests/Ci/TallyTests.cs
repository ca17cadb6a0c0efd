namespace IntentRouter.DeployTests.Ci;

/// <summary>The last line of <c>.ci/run</c> is what people act on, so it may not flatter.</summary>
public sealed class TallyTests : IDisposable
{
    private readonly string _results = Directory.CreateTempSubdirectory("tally").FullName;

    [Fact]
    public async Task Every_report_counts_and_what_was_not_executed_is_skipped()
    {
        Report("a", total: 10, executed: 8, passed: 8);
        Report("b", total: 5, executed: 5, passed: 5);

        var (lastLine, exitCode) = await TallyAsync(dotnetTest: 0);

        Assert.Equal("13 passed, 0 failed, 2 skipped", lastLine);
        Assert.Equal(0, exitCode);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(0)]
    public async Task A_failed_test_fails_the_run_whatever_the_runner_says(int dotnetTest)
    {
        Report("a", total: 3, executed: 3, passed: 1, failed: 1, timeout: 1);

        var (lastLine, exitCode) = await TallyAsync(dotnetTest);

        Assert.Equal("1 passed, 2 failed, 0 skipped", lastLine);
        Assert.Equal(1, exitCode);
    }

    [Fact]
    public async Task A_run_without_tests_fails()
    {
        var (lastLine, exitCode) = await TallyAsync(dotnetTest: 0, started: 0);

        Assert.Equal("0 passed, 0 failed, 0 skipped", lastLine);
        Assert.Equal(1, exitCode);
    }

    [Fact]
    public async Task A_run_in_which_everything_skipped_fails()
    {
        Report("a", total: 4, executed: 0, passed: 0);

        var (lastLine, exitCode) = await TallyAsync(dotnetTest: 0);

        Assert.Equal("0 passed, 0 failed, 4 skipped", lastLine);
        Assert.Equal(1, exitCode);
    }

    [Fact]
    public async Task A_test_project_that_died_before_reporting_fails_the_run()
    {
        Report("a", total: 4, executed: 4, passed: 4);

        var (lastLine, exitCode) = await TallyAsync(dotnetTest: 0, started: 2);

        Assert.Equal("4 passed, 0 failed, 0 skipped", lastLine);
        Assert.Equal(1, exitCode);
    }

    [Fact]
    public async Task A_build_that_broke_keeps_its_exit_code()
    {
        Report("a", total: 4, executed: 4, passed: 4);

        var (lastLine, exitCode) = await TallyAsync(dotnetTest: 124);

        Assert.Equal("4 passed, 0 failed, 0 skipped", lastLine);
        Assert.Equal(124, exitCode);
    }

    public void Dispose() => Directory.Delete(_results, recursive: true);

    private void Report(string name, int total, int executed, int passed, int failed = 0, int timeout = 0) =>
        File.WriteAllText(Path.Combine(_results, $"{name}.trx"), $"""
            <TestRun>
              <ResultSummary outcome="Completed">
                <Counters total="{total}" executed="{executed}" passed="{passed}" failed="{failed}" error="0" timeout="{timeout}" aborted="0" notExecuted="0" />
              </ResultSummary>
            </TestRun>
            """);

    private async Task<(string LastLine, int ExitCode)> TallyAsync(int dotnetTest, int? started = null)
    {
        var log = Path.Combine(_results, "console.log");
        var projects = started ?? Directory.GetFiles(_results, "*.trx").Length;
        await File.WriteAllLinesAsync(log, Enumerable.Range(0, projects).Select(n => $"Test run for /x/T{n}.dll (.NETCoreApp,Version=v10.0)"));
        var finished = await Shell.RunAsync("bash", [Repository.PathOf(".ci/tally"), _results, log, $"{dotnetTest}"]);
        return (finished.Output.TrimEnd().Split('\n')[^1], finished.ExitCode);
    }
}
