using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using IntentRouter.Configuration;
using IntentRouter.Decisions;
using IntentRouter.Management;
using IntentRouter.Review;

namespace IntentRouter.Cli;

/// <summary><c>review list · label · dismiss · reopen · export</c>: what was not understood, and what people say it is.</summary>
internal static class ReviewCommand
{
    public static Command Create(Option<string?> config, Option<bool> json)
    {
        var bot = new Option<string?>("--bot") { Description = "Only utterances of this bot. Default: all bots." };
        var state = new Option<string>("--state") { Description = "Which to list: open, labelled, dismissed or all.", DefaultValueFactory = _ => "open" };
        state.AcceptOnlyFromAmong("open", "labelled", "dismissed", "all");
        var max = new Option<int>("--max") { Description = "Number of utterances to list, at most.", DefaultValueFactory = _ => 50 };
        var id = new Argument<long>("id") { Description = "Number of the utterance, from 'review list'." };
        var label = new Argument<string>("label") { Description = $"An intent of the bot, or '{ReviewPolicy.OutOfScope}' where none of them fits." };
        var by = new Option<string>("--by") { Description = "Name stored with the decision.", DefaultValueFactory = _ => Environment.UserName };

        var list = new Command("list", "List utterances in the review queue, the most frequent first.") { bot, state, max, json };
        list.SetAction((parsed, token) => Operations.RunAsync(parsed, config, async (operations, _) =>
        {
            var wanted = Kebab.TryParse<ReviewState>(parsed.GetValue(state)!, out var known) ? known : (ReviewState?)null;
            var items = await operations.ReviewAsync(parsed.GetValue(bot), wanted, 0, Math.Clamp(parsed.GetValue(max), 1, 1000), token);
            await parsed.InvocationConfiguration.Output.WriteLineAsync(parsed.GetValue(json) ? JsonSerializer.Serialize(items, ManagementApi.Readable) : Text(items));
            return ExitCode.Fine;
        }, token));

        var labelVerb = new Command("label", "Label an utterance with its intent. It is learned at the next training.") { id, label, by };
        labelVerb.SetAction((parsed, token) => JudgeAsync(parsed, config, (o, t) => o.JudgeAsync(parsed.GetValue(id), ReviewState.Labelled, parsed.GetValue(label), parsed.GetValue(by)!, t), token));
        var dismiss = new Command("dismiss", "Dismiss an utterance: nothing is learned from it.") { id, by };
        dismiss.SetAction((parsed, token) => JudgeAsync(parsed, config, (o, t) => o.JudgeAsync(parsed.GetValue(id), ReviewState.Dismissed, null, parsed.GetValue(by)!, t), token));
        var reopen = new Command("reopen", "Undo a label or a dismissal.") { id, by };
        reopen.SetAction((parsed, token) => JudgeAsync(parsed, config, (o, t) => o.JudgeAsync(parsed.GetValue(id), ReviewState.Open, null, parsed.GetValue(by)!, t), token));

        var format = new Option<string>("--format") { Description = "File format: rasa (NLU YAML) or csv.", DefaultValueFactory = _ => ReviewExport.Rasa };
        format.AcceptOnlyFromAmong(ReviewExport.Rasa, ReviewExport.Csv);
        var language = new Option<string?>("--language") { Description = "Only utterances in this language, for example en. Default: all." };
        var file = new Option<string?>("--out") { Description = "File to write. Default: standard output." };
        var export = new Command("export", "Write a bot's labelled utterances as training data.") { bot, format, language, file };
        export.SetAction((parsed, token) => Operations.RunAsync(parsed, config, async (operations, configuration) =>
        {
            var name = BotOf(configuration, parsed.GetValue(bot));
            var items = await ReviewApi.LabelledAsync((skip, page, t) => operations.ReviewAsync(name, ReviewState.Labelled, skip, page, t), parsed.GetValue(language), token);
            var text = ReviewExport.Write(parsed.GetValue(format)!, items);
            if (parsed.GetValue(file) is { } path)
            {
                await File.WriteAllTextAsync(path, text, token);
                await parsed.InvocationConfiguration.Error.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{items.Count} labelled utterances are in {path}."));
            }
            else
            {
                await parsed.InvocationConfiguration.Output.WriteAsync(text);
            }

            return ExitCode.Fine;
        }, token));
        return new Command("review", "Review utterances that were not understood, handed over or taken over, and label them.") { list, labelVerb, dismiss, reopen, export };
    }

    private static string BotOf(RouterConfiguration configuration, string? name) =>
        name is null
            ? configuration.Bots.Count == 1 ? configuration.Bots.Keys.Single() : throw new UsageException($"Name one of the bots with --bot: {string.Join(", ", configuration.Bots.Keys)}.")
            : configuration.Bots.ContainsKey(name) ? name : throw new UsageException($"There is no bot '{name}'. {NearestWord.Advice(name, configuration.Bots.Keys)}");

    private static Task<int> JudgeAsync(ParseResult parsed, Option<string?> config, Func<IOperations, CancellationToken, Task<ReviewJudgement>> judge, CancellationToken cancellationToken) =>
        Operations.RunAsync(parsed, config, async (operations, _) =>
        {
            switch (await judge(operations, cancellationToken))
            {
                case ReviewJudgement.Refused refused:
                    throw new UsageException(refused.Why);
                case ReviewJudgement.Gone:
                    await parsed.InvocationConfiguration.Output.WriteLineAsync("No utterance has this number.");
                    return ExitCode.Findings;
                default:
                    await parsed.InvocationConfiguration.Output.WriteLineAsync("Noted.");
                    return ExitCode.Fine;
            }
        }, cancellationToken);

    private static string Text(IReadOnlyList<ReviewItem> items) => items.Count == 0
        ? "Nothing waits for a look."
        : string.Join('\n', items.Select(i => string.Create(
            CultureInfo.InvariantCulture,
            $"{i.Id,6}  {i.Count,4} ×  {i.LastAt:yyyy-MM-dd HH:mm}  {i.Bot}  {Kebab.Of(i.Reason)}  {(i.State == ReviewState.Labelled ? $"→ {i.Label} ({i.By})" : i.State == ReviewState.Dismissed ? $"dismissed ({i.By})" : Best(i))}  {i.Text}")));

    private static string Best(ReviewItem item) =>
        item.Suggestion is { } suggestion ? $"perhaps {suggestion}"
        : item.Candidates is [var best, ..] ? string.Create(CultureInfo.InvariantCulture, $"{best.Intent} {best.Probability:0.00}")
        : "no candidate";
}
