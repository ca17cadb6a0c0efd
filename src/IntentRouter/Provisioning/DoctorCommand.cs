using System.CommandLine;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using IntentRouter.Chat;
using IntentRouter.Configuration;
using IntentRouter.Decisions;

namespace IntentRouter.Provisioning;

/// <summary><c>doctor</c>: the live set-up from outside in, with plain-word remedies. 0 fine, 1 problems, 2 configuration, 3 an outside system did not answer.</summary>
internal static class DoctorCommand
{
    private static readonly JsonSerializerOptions _indented = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <param name="more">Checks of the other parts (adapters, lookups, store), which come after the chat's.</param>
    public static Command Create(CommandHost host, Func<RouterOptions, ParseResult, IReadOnlyList<IDoctorCheck>> more, TimeProvider clock)
    {
        var command = new Command("doctor", "Test the live set-up from end to end: chat, tokens, connections, addresses, signature, adapters, lookups and store. Says what to repair.") { host.Config, host.Json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            if (host.Options(parsed) is not { } options)
            {
                return 2;
            }

            using var connection = host.Connect(options);
            var findings = new List<Finding>();
            IDoctorCheck chat = new ChatCheck(options, new ProvisioningApi(connection), new ChatReader(connection), host, clock);
            foreach (var check in (IDoctorCheck[])[chat, .. more(options, parsed)])
            {
                findings.AddRange(await check.RunAsync(cancellationToken));
            }

            var output = parsed.InvocationConfiguration.Output;
            await output.WriteLineAsync(parsed.GetValue(host.Json) ? Json(findings) : Text(findings));
            return ExitCode(findings);
        });
        return command;
    }

    public static int ExitCode(IReadOnlyCollection<Finding> findings) =>
        findings.Any(f => f.Level == FindingLevel.Problem) ? 1
        : findings.Any(f => f.Level == FindingLevel.Outside) ? 3
        : 0;

    private static string Text(List<Finding> findings)
    {
        var lines = findings.Select(f => $"{Sign(f.Level)} {f.Area}: {f.Text}{(f.Remedy is null ? "" : $"{Environment.NewLine}      {f.Remedy}")}");
        var (problems, warnings) = (findings.Count(f => f.Level is FindingLevel.Problem or FindingLevel.Outside), findings.Count(f => f.Level == FindingLevel.Warning));
        var sum = problems == 0 && warnings == 0 ? "All is well." : $"{problems} to repair, {warnings} to look at.";
        return string.Join(Environment.NewLine, lines.Append(sum));
    }

    private static string Sign(FindingLevel level) => level switch
    {
        FindingLevel.Fine => "ok   ",
        FindingLevel.Note => "note ",
        FindingLevel.Warning => "warn ",
        _ => "FAIL ",
    };

    private static string Json(List<Finding> findings) => new JsonObject
    {
        ["ok"] = ExitCode(findings) == 0,
        ["findings"] = new JsonArray([.. findings.Select(f => new JsonObject
        {
            ["level"] = Kebab.Of(f.Level),
            ["area"] = f.Area,
            ["text"] = f.Text,
            ["remedy"] = f.Remedy,
        })]),
    }.ToJsonString(_indented);
}
