using System.CommandLine;
using IntentRouter.Configuration;
using IntentRouter.Evaluation;
using IntentRouter.Hosting;
using Spectre.Console;

namespace IntentRouter.Cli;

/// <summary>What the verbs that work without the service share: the configuration (the shop sample where there is none), the bot, progress, failures.</summary>
internal sealed record ToolRun(LoadedConfiguration Loaded, ConfigurationSources Sources, ConfigurationParts Parts, TextWriter Output, TextWriter Error)
{
    public RouterConfiguration Configuration => Loaded.Configuration!;

    public static async Task<int> RunAsync(ParseResult parsed, Option<string?> config, Func<ToolRun, Task<int>> work)
    {
        var (output, error) = (parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error);
        var parts = ServiceParts.Of();
        Demo.Opened opened;
        try
        {
            opened = Demo.Open(ConfigurationSources.OfProcess(parsed.GetValue(config)) with { WithoutSecrets = true }, parts, ".data", anew: false);
        }
        catch (UsageException ex)
        {
            await error.WriteLineAsync(ex.Message);
            return ExitCode.Usage;
        }

        var (loaded, sources, _) = opened;
        if (sources.IsSample)
        {
            await error.WriteLineAsync("No configuration: this is the shop sample.");
        }

        if (loaded.Configuration is null)
        {
            await error.WriteLineAsync(CheckCommand.Text(loaded, sources));
            return ExitCode.Usage;
        }

        try
        {
            return await work(new ToolRun(loaded, sources, parts, output, error));
        }
        catch (UsageException ex)
        {
            await error.WriteLineAsync(ex.Message);
            return ExitCode.Usage;
        }
        catch (Exception ex) when (ex is AdapterException or Storage.StoreUnavailableException or HttpRequestException)
        {
            await error.WriteLineAsync(ex.Message);
            return ExitCode.OutsideSystem;
        }
    }

    /// <summary>The bot that is named, or the only one.</summary>
    public Bot BotOf(string? name)
    {
        var bots = Configuration.Bots;
        return name is null
            ? bots.Count == 1 ? bots.Values.Single() : throw new UsageException($"Name one of the bots with --bot: {string.Join(", ", bots.Keys)}.")
            : bots.GetValueOrDefault(name) ?? throw new UsageException($"There is no bot '{name}'. {NearestWord.Advice(name, bots.Keys)}");
    }

    /// <summary>Writes a report into a directory and says where.</summary>
    public async Task WriteAsync(EvaluationReport report, string directory)
    {
        try
        {
            await Error.WriteLineAsync(report.Write(directory));
        }
        catch (Exception ex) when (ex is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"--report {directory} cannot be written: {ex.Message} Name a directory, or one that can be made.");
        }
    }

    /// <summary>Does long work under a progress bar, where somebody sees it.</summary>
    public static async Task<T> ShowAsync<T>(string title, Func<IProgress<(string Step, double Done)>, Task<T>> work)
    {
        if (System.Console.IsErrorRedirected)
        {
            return await work(new Quiet());
        }

        // Standard output is for the result.
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(System.Console.Error) });
        return await console.Progress().AutoClear(true).StartAsync(async context =>
        {
            var task = context.AddTask(Markup.Escape(title), maxValue: 1);
            return await work(new Bar(task));
        });
    }

    private sealed class Quiet : IProgress<(string Step, double Done)>
    {
        public void Report((string Step, double Done) value)
        {
        }
    }

    private sealed class Bar(ProgressTask task) : IProgress<(string Step, double Done)>
    {
        public void Report((string Step, double Done) value)
        {
            task.Description = Markup.Escape(value.Step);
            task.Value = value.Done;

            // How long it takes is not known before something is done: the bar moves all the same.
            task.IsIndeterminate = value.Done <= 0;
        }
    }
}

/// <summary>The command line asks for what cannot be: exit code 2.</summary>
internal sealed class UsageException(string message) : Exception(message);
