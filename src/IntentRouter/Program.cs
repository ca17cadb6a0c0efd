using System.CommandLine;
using IntentRouter.Cli;

// One executable: the server and its tools. Every verb reads the same configuration the same way.
var config = new Option<string?>("--config") { Description = "Configuration file or folder; default INTENTROUTER_CONFIG, else intent-router.yaml.", Recursive = true };
var root = new RootCommand("IntentRouter: the agent bot behind a OneHash Chat inbox.")
{
    config,
    ServeCommand.Create(config),
    InboxCommand.Create(config),
};
root.SetAction((parsed, token) => ServeCommand.RunAsync(parsed.GetValue(config), ".data", token));
return await root.Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null });
