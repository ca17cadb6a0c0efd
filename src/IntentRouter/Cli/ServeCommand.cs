using System.CommandLine;
using System.Net.Sockets;
using IntentRouter.Configuration;
using IntentRouter.Diagnostics;
using IntentRouter.Hosting;
using Microsoft.AspNetCore.Connections;

namespace IntentRouter.Cli;

/// <summary><c>serve</c>: runs the service; without any configuration, the demo.</summary>
internal static partial class ServeCommand
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
        catch (Exception ex) when (ex is IOException or UnauthorizedAccessException)
        {
            await System.Console.Error.WriteLineAsync($"The working directory must take what the sample writes: {ex.Message}");
            return ExitCode.OutsideSystem;
        }

        var (loaded, sources, demo) = opened;
        if (loaded.Configuration is not { } configuration)
        {
            await System.Console.Error.WriteLineAsync(CheckCommand.Text(loaded, sources));
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
            catch (Exception ex) when (ex is Storage.StoreUnavailableException or IOException or UnauthorizedAccessException or SocketException)
            {
                await System.Console.Error.WriteLineAsync(ex is SocketException or { InnerException: AddressInUseException }
                    ? $"{ex.Message.TrimEnd('.')}. The listeners are set by Urls ({configuration.Options.Urls}) and Management__Url ({configuration.Options.Management.Url})."
                    : ex.Message);
                return ExitCode.OutsideSystem;
            }

            if (configuration.Options.Logging.Format == "json")
            {
                // A collector reads every line as JSON.
                LogStarted(app.Logger, TelemetrySetup.ThisVersion, configuration.Bots.Count, configuration.Options.Urls, configuration.Options.Management.Url);
            }
            else
            {
                await System.Console.Out.WriteLineAsync(Banner(configuration, demo is null ? null : new DirectoryInfo(sources.Root).Name));
            }

            await app.WaitForShutdownAsync(cancellationToken);
        }

        return ExitCode.Fine;
    }

    [LoggerMessage(2301, LogLevel.Information, "IntentRouter {Version} is started with {Bots} bots; public listener {Urls}, management listener {Management}")]
    private static partial void LogStarted(ILogger logger, string version, int bots, string urls, string management);

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
