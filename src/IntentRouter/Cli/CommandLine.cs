using System.CommandLine;
using IntentRouter.Configuration;
using IntentRouter.Hosting;
using IntentRouter.Provisioning;

namespace IntentRouter.Cli;

/// <summary>The verbs of the one executable: the server and its tools. Every verb reads the same configuration the same way.</summary>
internal static class CommandLine
{
    public static RootCommand Create()
    {
        var config = new Option<string?>("--config")
        {
            Description = "Configuration file or folder. Default: INTENTROUTER_CONFIG, else intent-router.yaml in the working directory.",
            Recursive = true,
        };
        var json = new Option<bool>("--json") { Description = "Print JSON, for machines." };
        var parts = ServiceParts.Of();
        var provisioning = CommandHost.Create(config, json, ConfigurationSources.OfProcess, parts, ServiceParts.Meters());
        var root = new RootCommand("IntentRouter: the agent bot behind a OneHash Chat inbox. Without a command it runs the service, as 'serve' does.")
        {
            config,
            ServeCommand.Create(config),
            CheckCommand.Create(config, json, ConfigurationSources.OfProcess, parts),
            DoctorCommand.Create(provisioning, (options, parsed) => [new PartsCheck(options, ConfigurationSources.OfProcess(parsed.GetValue(config)).Root, parts.AddPlugins)], TimeProvider.System),
            BotsCommand.Create(provisioning),
            SayCommand.CreateSay(config, json),
            SayCommand.CreateChat(config),
            TrainCommand.Create(config, json),
            EvaluateCommand.Create(config, json),
            TuneCommand.Create(config, json),
            ReplayCommand.Create(config, json),
            ReviewCommand.Create(config, json),
            ShadowCommand.Create(config, json),
            InboxCommand.Create(config, json),
            ContactsCommand.Create(config, json),
        };
        root.SetAction((given, token) => ServeCommand.RunAsync(given.GetValue(config), ".data", token));
        return root;
    }
}
