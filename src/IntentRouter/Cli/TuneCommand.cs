using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using IntentRouter.Configuration;
using IntentRouter.Decisions;
using IntentRouter.Evaluation;

namespace IntentRouter.Cli;

/// <summary><c>tune</c>: thresholds from what a wrong answer costs.</summary>
internal static class TuneCommand
{
    private static readonly JsonSerializerOptions _json = new(JsonSerializerDefaults.Web) { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static Command Create(Option<string?> config, Option<bool> json)
    {
        var options = new EvaluateCommand.Options();
        var wrong = new Option<double>("--wrong-cost") { Description = "Cost of a wrong answer, counted in handoffs: 5 means that one wrong answer is as bad as five handoffs.", Required = true };
        var clarify = new Option<double>("--clarify-cost") { Description = "Cost of asking back, counted in handoffs.", DefaultValueFactory = _ => 0.25 };
        options.Adapter.Description = "Entry under 'nlu' to tune for. Default: the entry of the bot that answers first.";
        var command = new Command("tune", "Find the thresholds that cost least for a given price of a wrong answer. Prints the trade-off and a patch for the configuration.")
        {
            options.Data, wrong, clarify, options.Adapter, options.Bot, options.Rate, options.Fresh, json,
        };
        command.SetAction((parsed, token) => ToolRun.RunAsync(parsed, config, async run =>
        {
            var costs = new OutcomeCosts(parsed.GetValue(wrong), parsed.GetValue(clarify));
            if (!double.IsFinite(costs.Wrong) || costs.Wrong <= 0 || !double.IsFinite(costs.Clarify) || costs.Clarify < 0)
            {
                throw new UsageException("--wrong-cost must be above 0 and --clarify-cost not below 0; both count in handoffs.");
            }

            var bot = run.BotOf(parsed.GetValue(options.Bot));
            if (parsed.GetValue(options.Adapter) is { Length: > 1 })
            {
                throw new UsageException("Thresholds are one set for a bot: name one --adapter, the one that answers first.");
            }

            if (parsed.GetValue(options.Adapter) is not { Length: 1 } && bot.Options.Nlu.Use.Count > 1)
            {
                await run.Error.WriteLineAsync($"Tuning for '{bot.Options.Nlu.Use[0]}', which answers first; calibrate all of them so that the thresholds mean the same for each.");
            }

            // Others would be asked, and paid, for nothing.
            var first = EvaluateCommand.NamesOf(run, parsed.GetValue(options.Adapter) ?? [], bot)[..1];
            var outcome = (await EvaluateCommand.AskAsync(run, options, parsed, bot, first, token))[0];
            if (outcome.Run.Judged.All(j => j.Failure is not null))
            {
                throw new AdapterException(outcome.Run.Judged[0].Failure!.Value, $"NLU '{outcome.Adapter}' answered nothing: {Kebab.Of(outcome.Run.Judged[0].Failure!.Value)}.");
            }

            JudgedUtterance[] judged = [.. (outcome.Fit is { } fit ? ReliabilityFit.Apply(outcome.Run.Judged, fit.Map.Apply) : outcome.Run.Judged).Where(j => j.Failure is null)];
            var result = await ToolRun.ShowAsync("Searching", progress => Task.Run(
                () => ThresholdTuning.Tune(EvaluationBot.For(bot, judged.Select(j => j.Expected).Distinct()), judged, costs), token));
            var notes = outcome.Fit is null && !outcome.ReportsProbability
                ? outcome.Notes.Append($"The confidence of '{outcome.Adapter}' is uncalibrated: these thresholds hold for this adapter only. 'evaluate --calibrate' comes first.").ToArray()
                : outcome.Notes;
            var patch = Patch(bot, result);
            await run.Output.WriteLineAsync(parsed.GetValue(json)
                ? JsonSerializer.Serialize(new { bot = bot.Name, outcome.Adapter, utterances = judged.Length, costs, result, patch, notes }, _json)
                : Text(outcome.Adapter, judged, costs, result, patch, notes));
            return ExitCode.Fine;
        }));
        return command;
    }

    private static string Patch(Bot bot, TuningResult result)
    {
        // Pasted over the line that is there, it must not lose what tuning leaves alone.
        var attempts = bot.Options.Confidence.Attempts;
        var kept = attempts == new ConfidenceOptions().Attempts ? "" : string.Create(CultureInfo.InvariantCulture, $", attempts: {attempts}");
        var patch = new StringBuilder();
        patch.Append(CultureInfo.InvariantCulture, $"bots:\n  {bot.Name}:\n    confidence: {{ answer: {result.Best.Answer:0.00}, clarify: {result.Best.Clarify:0.00}, margin: {result.Best.Margin:0.00}{kept} }}\n");
        if (result.Intents.Count > 0)
        {
            patch.Append("    intents:\n");
            foreach (var (intent, answer) in result.Intents.OrderBy(i => i.Key, StringComparer.Ordinal))
            {
                patch.Append(CultureInfo.InvariantCulture, $"      {intent}: {{ answer: {answer:0.00} }}\n");
            }
        }

        return patch.ToString();
    }

    private static string Text(
        string adapter, IReadOnlyList<JudgedUtterance> judged, OutcomeCosts costs, TuningResult result, string patch, IReadOnlyList<string> notes)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{judged.Count} utterances, adapter {adapter}. A handoff costs 1, a wrong answer {costs.Wrong:0.##}, asking back {costs.Clarify:0.##}.\n\n");
        text.Append("            answer  clarify  margin   cost/message  answered  wrong   asked back  handed off\n");
        Line("now", result.Before);
        Line("best", result.Best);
        text.Append(CultureInfo.InvariantCulture, $"\nOn utterances that the thresholds were not found with the cost is {result.Unseen:0.000} a message (five-fold).\n");
        foreach (var note in notes)
        {
            text.Append("Note: ").Append(note).Append('\n');
        }

        text.Append("\nPatch:\n").Append(patch).Append("\nTrade-off by answer threshold:\n").Append("            answer  clarify  margin   cost/message  answered  wrong   asked back  handed off\n");
        foreach (var point in result.Curve.Where((_, i) => i % 5 == 0))
        {
            Line("", point);
        }

        return text.ToString().TrimEnd();

        void Line(string name, TuningPoint p) => text.Append(
            CultureInfo.InvariantCulture,
            $"{name,-10}  {p.Answer,6:0.00}  {p.Clarify,7:0.00}  {p.Margin,6:0.00}  {p.CostPerMessage,13:0.000}  {TextReport.Percent(p.Answered),8}  {TextReport.Percent(p.Wrong),6}  {TextReport.Percent(p.Clarified),10}  {TextReport.Percent(p.HandedOff),10}\n");
    }
}
