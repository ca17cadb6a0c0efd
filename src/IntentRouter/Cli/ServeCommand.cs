using System.CommandLine;
using IntentRouter.Configuration;
using IntentRouter.Diagnostics;
using IntentRouter.Hosting;

namespace IntentRouter.Cli;

/// <summary><c>serve</c>: runs the service; without any configuration, the demo.</summary>
internal static class ServeCommand
{
    public static Command Create(Option<string?> config)
    {
        var data = new Option<string>("--data") { Description = "With the playground: directory for generated keys and tokens, the store and the samples' databases.", DefaultValueFactory = _ => ".data" };
        var command = new Command("serve", "Run the service. Without a configuration it runs the shop sample against the playground, a simulated chat; so does any configuration with chat.baseUrl: playground.") { data };
        command.SetAction((parsed, token) => RunAsync(parsed.GetValue(config), parsed.GetValue(data)!, token));
        return command;
    }

    public static async Task<int> RunAsync(string? path, string data, CancellationToken cancellationToken)
    {
        var parts = ServiceParts.Of();
        Demo.Opened opened;
        try
        {
            opened = Demo.Open(ConfigurationSources.OfProcess(path), parts, data, anew: true);
        }
        catch (UsageException ex)
        {
            await System.Console.Error.WriteLineAsync(ex.Message);
            return ExitCode.Usage;
        }

        var (loaded, sources, demo) = opened;
        if (loaded.Problems.Count > 0)
        {
            await System.Console.Error.WriteLineAsync(CheckCommand.Text(loaded, sources));
        }

        if (loaded.Configuration is not { } configuration)
        {
            return ExitCode.Usage;
        }

        await using (demo)
        {
            demo?.Prepare(configuration);
            await using var app = RouterHost.Build(loaded, sources, parts, builder =>
            {
                if (demo is not null)
                {
                    builder.Services.AddSingleton<IManagementPages>(demo);
                }
            });
            try
            {
                await app.StartAsync(cancellationToken);
            }
            catch (Exception ex) when (ex is Storage.StoreUnavailableException or IOException)
            {
                await System.Console.Error.WriteLineAsync(ex.Message);
                return ExitCode.OutsideSystem;
            }

            await System.Console.Out.WriteLineAsync(Banner(configuration, demo is null ? null : new DirectoryInfo(sources.Root).Name));
            await app.WaitForShutdownAsync(cancellationToken);
        }

        return ExitCode.Fine;
    }

    private static string Banner(RouterConfiguration configuration, string? sample)
    {
        var options = configuration.Options;
        var open = ConfigurationSources.Local(options.Urls.Split(';')[0]);
        var management = ConfigurationSources.Local(options.Management.Url);
        return sample is not null
            ? $"""

              IntentRouter {TelemetrySetup.ThisVersion} runs {(sample == "shop" ? "the shop sample" : sample)} with the playground. Open:
                {management}/playground   talk as a customer, see the agents' desk and why the bot answers as it does
                {open}/health/ready   the service itself
              {(sample == "shop" ? "Try: \"Where is my order 10427?\"  " : "")}Stop with Ctrl+C.
              """
            : $"IntentRouter {TelemetrySetup.ThisVersion}: {configuration.Bots.Count} bot(s), events at {open}/bots/…, management at {management}";
    }
}

/// <summary>Exit codes of every verb.</summary>
internal static class ExitCode
{
    public const int Fine = 0;

    /// <summary>It ran, and found something.</summary>
    public const int Findings = 1;

    /// <summary>The command line or the configuration is wrong.</summary>
    public const int Usage = 2;

    /// <summary>A system outside failed.</summary>
    public const int OutsideSystem = 3;
}
