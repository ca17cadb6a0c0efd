using System.CommandLine;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using IntentRouter.Adapters.Local;
using IntentRouter.Adapters.Local.Training;
using IntentRouter.Configuration;
using IntentRouter.Decisions;
using IntentRouter.Evaluation;
using IntentRouter.Review;

namespace IntentRouter.Cli;

/// <summary><c>train</c>: trains a bot's local models and says, by cross-validation, how good they are.</summary>
internal static class TrainCommand
{
    private const int FewExamples = 5;
    private static readonly JsonSerializerOptions _json = new(JsonSerializerDefaults.Web) { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static Command Create(Option<string?> config, Option<bool> json)
    {
        var botOption = new Option<string?>("--bot") { Description = "Bot whose local adapters are trained. May be left out when only one is configured." };
        var quick = new Option<bool>("--quick") { Description = "Train only; skip cross-validation and its report." };
        var report = new Option<string?>("--report") { Description = $"Directory to write {EvaluationReport.HtmlFile}, {EvaluationReport.JsonFile} and {EvaluationReport.AnswersFile} to." };
        var command = new Command("train", "Train the bot's local model and print a cross-validated report. Exit code 1 when the training data has problems, or when what people taught was refused.") { botOption, quick, report, json };
        command.SetAction((parsed, token) => ToolRun.RunAsync(parsed, config, async run =>
        {
            var bot = run.BotOf(parsed.GetValue(botOption));
            var entries = bot.Options.Nlu.Use.Concat(bot.Options.Nlu.Shadow).Distinct(StringComparer.OrdinalIgnoreCase)
                .Where(name => run.Configuration.Options.Nlu.GetValueOrDefault(name) is { Adapter: "local" })
                .ToArray();
            if (entries.Length == 0)
            {
                throw new UsageException($"Bot {bot.Name} uses no entry with 'adapter: local'; other engines are trained where they run.");
            }

            var taught = await LearnedAsync(run, token);
            var trained = new List<Trained>();
            foreach (var name in entries)
            {
                trained.Add(await TrainAsync(name, run.Configuration.Options.Nlu[name], run.Configuration.Root, taught?.GetValueOrDefault(name), bot, !parsed.GetValue(quick), token));
            }

            var results = trained.Select(t => t.Result).OfType<EvaluationResult>().ToArray();
            if (parsed.GetValue(report) is { } directory && results.Length > 0)
            {
                await run.WriteAsync(new EvaluationReport("cross-validated training data", bot.Name, TimeProvider.System.GetUtcNow(), results, []), directory);
            }

            await run.Output.WriteLineAsync(parsed.GetValue(json)
                ? JsonSerializer.Serialize(trained, _json)
                : string.Join("\n\n", trained.Select(t => Text(t, bot))));
            return trained.Exists(t => t.Problems.Count > 0 || t.NotLearned is not null) ? ExitCode.Findings : ExitCode.Fine;
        }));
        return command;
    }

    /// <summary>What people taught the bots, from the running service or the store; null when there is neither.</summary>
    private static async Task<IReadOnlyDictionary<string, IReadOnlyList<(string Text, string Label)>>?> LearnedAsync(ToolRun run, CancellationToken cancellationToken)
    {
        if (!Operations.MayHaveStore(run.Configuration))
        {
            return null;
        }

        try
        {
            await using var operations = await Operations.OpenAsync(run.Configuration, cancellationToken);
            return await LearnedMaterial.ReadAsync(run.Configuration, operations.LearnedAsync, cancellationToken);
        }
        catch (Exception ex) when (ex is Storage.StoreUnavailableException or HttpRequestException)
        {
            await run.Error.WriteLineAsync($"What people taught the bot is trained as it was last delivered: {ex.Message}");
            return null;
        }
    }

    private static Task<Trained> TrainAsync(
        string name, NluEntryOptions entry, string root, IReadOnlyList<(string Text, string Label)>? taught, Bot bot, bool validate, CancellationToken cancellationToken) =>
        ToolRun.ShowAsync(name, progress => Task.Run(
            () =>
            {
                var registration = LocalEntry.Of(name, entry, root);
                if (taught is not null)
                {
                    LearnedMaterial.Deliver(registration.DataDirectory, taught);
                }

                var training = new LocalTraining(registration);
                var steps = new Steps(progress);
                var verdict = training.Learn(steps, cancellationToken);
                var data = training.Read();
                var began = TimeProvider.System.GetTimestamp();
                var model = training.Train(data, steps, cancellationToken);
                var seconds = TimeProvider.System.GetElapsedTime(began).TotalSeconds;
                var inScope = data.Examples.Where(e => e.Intent != TrainingData.OutOfScope).ToArray();
                return new Trained(
                    name,
                    model,
                    data.Examples.Count,
                    inScope.Select(e => e.Intent).Distinct().Count(),
                    seconds,
                    [.. data.Problems.Select(p => p.ToString())],
                    [.. inScope.CountBy(e => e.Intent).Where(i => i.Value < FewExamples).Select(i => i.Key).Order(StringComparer.Ordinal)],
                    [.. bot.Options.Intents.Keys.Except(inScope.Select(e => e.Intent)).Order(StringComparer.Ordinal)],
                    data.Examples.Count(e => e.Location.File == training.LearnedFile),
                    verdict is { Taken: false } ? verdict : null,
                    validate ? Measure(name, model, training, data, bot, steps, cancellationToken) : null);
            },
            cancellationToken));

    private static EvaluationResult Measure(
        string name, string model, LocalTraining training, TrainingData data, Bot bot, IProgress<TrainingStep> steps, CancellationToken cancellationToken)
    {
        JudgedUtterance[] judged =
        [
            .. training.CrossValidate(data, steps, cancellationToken).Select(c => new JudgedUtterance(
                c.Example.Text, c.Example.Intent, [.. c.Ranking.Select(r => new RankedIntent(r.Intent, r.Confidence?.Value, r.Confidence?.Value))])),
        ];
        return EvaluationMetrics.Measure(name, judged, bot.Options.Confidence.Answer) with
        {
            Model = model,
            Language = training.Language,
            Calibrated = true,
            Notes = ["Cross-validated: each example was asked about by a model that had not seen it. Customers write less tidily than examples do."],
        };
    }

    private static string Text(Trained trained, Bot bot)
    {
        var text = new StringBuilder();
        text.Append(System.Globalization.CultureInfo.InvariantCulture, $"{trained.Name}: model {trained.Model}, {trained.Examples} examples, {trained.Intents} intents, {trained.Seconds:0.0} s\n");
        if (trained.Learned > 0)
        {
            text.Append(System.Globalization.CultureInfo.InvariantCulture, $"{trained.Learned} of the examples were learned from people (review queue).\n");
        }

        if (trained.NotLearned is { } refused)
        {
            text.Append(System.Globalization.CultureInfo.InvariantCulture, $"What people taught since is not used: with these {refused.Learned} utterances {refused.Lost} of the {refused.Examples} examples in the training files would no longer be treated rightly, and {refused.Won} others would be. Look at the labels with 'intent-router review list --state labelled'.\n");
        }

        foreach (var problem in trained.Problems)
        {
            text.Append(problem).Append('\n');
        }

        if (trained.NotTrained.Count > 0)
        {
            text.Append("Configured for the bot, but without examples: ").AppendJoin(", ", trained.NotTrained).Append('\n');
        }

        if (trained.Result is { } result)
        {
            var report = TextReport.Write(new EvaluationReport("Cross-validation", bot.Name, default, [result], []));
            text.Append('\n').Append(report);
            if (result.Curve.FirstOrDefault(p => p.Precision >= 0.95 && p.Threshold >= 0.2) is { } enough)
            {
                text.Append(System.Globalization.CultureInfo.InvariantCulture, $"\nFor 95 % right among the answered: answer from {enough.Threshold:0.00} on, which answers {TextReport.Percent(enough.Answered)}. 'tune' weighs it with prices.");
            }
        }

        return text.ToString().TrimEnd();
    }

    /// <param name="Problems">What the training files should change, with file and line.</param>
    /// <param name="FewExamples">Intents that will often be missed.</param>
    /// <param name="Learned">Examples that people taught while the bot ran.</param>
    /// <param name="NotLearned">Why the newest of these are left out; null when they are not.</param>
    /// <param name="NotTrained">Intents of the bot's configuration that no file has.</param>
    private sealed record Trained(
        string Name,
        string Model,
        int Examples,
        int Intents,
        double Seconds,
        IReadOnlyList<string> Problems,
        IReadOnlyList<string> FewExamples,
        IReadOnlyList<string> NotTrained,
        int Learned,
        LearnedVerdict? NotLearned,
        EvaluationResult? Result);

    private sealed class Steps(IProgress<(string Step, double Done)> progress) : IProgress<TrainingStep>
    {
        public void Report(TrainingStep value) => progress.Report((value.Step, value.Done));
    }
}
