using System.CommandLine;
using IntentRouter.Cli;
using IntentRouter.Plugins;

PluginFault.Guard((plugin, type, trace) => System.Console.Error.WriteLine($"Plugin {plugin} threw {type} on a thread of its own. The thread ended; the service goes on.{Environment.NewLine}{trace}"));

var parsed = CommandLine.Create().Parse(args);
var code = await parsed.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null });
return parsed.Errors.Count > 0 ? ExitCode.Usage : code;
