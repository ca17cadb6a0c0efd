using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Json;
using IntentRouter.Management;
using IntentRouter.Review;

namespace IntentRouter.Cli;

/// <summary><c>shadow</c>: how adapters on trial compare with those that answer.</summary>
internal static class ShadowCommand
{
    public static Command Create(Option<string?> config, Option<bool> json)
    {
        var bot = new Option<string?>("--bot") { Description = "Only turns of this bot. Default: all bots." };
        var since = new Option<string>("--since") { Description = "Begin of the period: a date or time (2026-07-01), or an age (7d, 12h).", DefaultValueFactory = _ => "30d" };
        var command = new Command("shadow", "Compare shadow adapters with the ones that answer: agreement, who was right on judged turns, failures, times.") { bot, since, json };
        command.SetAction((parsed, token) => Operations.RunAsync(parsed, config, async (operations, _) =>
        {
            var from = ReviewApi.Since(parsed.GetValue(since), TimeProvider.System.GetUtcNow())
                ?? throw new UsageException($"--since '{parsed.GetValue(since)}' is neither a date (2026-07-01) nor an age (7d, 12h).");
            var report = await operations.ShadowsAsync(parsed.GetValue(bot), from, token);
            await parsed.InvocationConfiguration.Output.WriteLineAsync(parsed.GetValue(json) ? JsonSerializer.Serialize(report, ManagementApi.Readable) : Text(report));
            return ExitCode.Fine;
        }, token));
        return command;
    }

    private static string Text(IReadOnlyList<ShadowComparison> report)
    {
        if (report.Count == 0)
        {
            return "No shadow adapter answered in this time. Name one under a bot's 'nlu: { shadow: [...] }'.";
        }

        var text = new StringBuilder();
        foreach (var c in report)
        {
            var compared = c.Agreed + c.Differed;
            text.Append(CultureInfo.InvariantCulture, $"{c.Bot}: {c.Adapter} beside {c.LiveAdapter ?? "(nobody answered)"}, {c.Turns} turns\n");
            text.Append(CultureInfo.InvariantCulture, $"  agrees       {(compared == 0 ? "-" : Evaluation.TextReport.Percent(c.Agreed / (double)compared))} ({c.Agreed} of {compared}), failed {c.Failed}\n");
            text.Append(CultureInfo.InvariantCulture, $"  judged       {c.Judged}: only the shadow right {c.ShadowRight}, only the live one {c.LiveRight}, both {c.BothRight}, neither {c.NeitherRight}\n");
            text.Append(CultureInfo.InvariantCulture, $"  time         {c.MedianMilliseconds:0.0} ms, 95 % {c.P95Milliseconds:0.0} ms (live {c.LiveMedianMilliseconds:0.0} ms, 95 % {c.LiveP95Milliseconds:0.0} ms)\n");
        }

        return text.Append("Judged are turns that people looked at, mostly those where the live adapter was unsure: 'evaluate' compares without that bias.").ToString();
    }
}
