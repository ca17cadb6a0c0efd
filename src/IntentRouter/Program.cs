using System.CommandLine;
using IntentRouter.Cli;
using IntentRouter.Configuration;
using IntentRouter.Hosting;
using IntentRouter.Provisioning;

// One executable: the server and its tools. Every verb reads the same configuration the same way.
var config = new Option<string?>("--config") { Description = "Configuration file or folder; default INTENTROUTER_CONFIG, else intent-router.yaml.", Recursive = true };
var json = new Option<bool>("--json") { Description = "Print JSON, for machines." };
var parts = ServiceParts.Of();
var provisioning = CommandHost.Create(config, json, ConfigurationSources.OfProcess, parts, ServiceParts.Meters());
var root = new RootCommand("IntentRouter: the agent bot behind a OneHash Chat inbox.")
{
    config,
    ServeCommand.Create(config),
    CheckCommand.Create(config, json, ConfigurationSources.OfProcess, parts),
    DoctorCommand.Create(provisioning, (options, parsed) => [new PartsCheck(options, ConfigurationSources.OfProcess(parsed.GetValue(config)).Root, parts.AddPlugins)], TimeProvider.System),
    BotsCommand.Create(provisioning),
    InboxCommand.Create(config, json),
    ContactsCommand.Create(config, json),
    ReviewCommand.Create(config, json),
    ShadowCommand.Create(config, json),
    SayCommand.CreateSay(config, json),
    SayCommand.CreateChat(config),
    TrainCommand.Create(config, json),
    EvaluateCommand.Create(config, json),
    TuneCommand.Create(config, json),
    ReplayCommand.Create(config, json),
};
root.SetAction((given, token) => ServeCommand.RunAsync(given.GetValue(config), ".data", token));
var parsed = root.Parse(args);
var code = await parsed.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null });
return parsed.Errors.Count > 0 ? ExitCode.Usage : code;
