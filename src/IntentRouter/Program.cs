using System.CommandLine;
using IntentRouter.Cli;

var parsed = CommandLine.Create().Parse(args);
var code = await parsed.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null });
return parsed.Errors.Count > 0 ? ExitCode.Usage : code;
