using System.CommandLine;
using System.Globalization;
using IntentRouter.Configuration;
using IntentRouter.Evaluation;
using IntentRouter.Nlu;

namespace IntentRouter.Cli;

/// <summary><c>evaluate</c>: how good adapters are on labelled utterances.</summary>
internal static class EvaluateCommand
{
    private const int MostNamed = 5;

    private static readonly (string Option, string Name, bool IsMost, string Help, Func<EvaluationResult, double?> Value)[] _bounds =
    [
        ("--min-accuracy", "accuracy", false, "Fail when accuracy is below this: the share of in-scope utterances whose first intent is right. 0 to 1.", r => r.Accuracy),
        ("--min-precision", "precision", false, "Fail when precision is below this: the share of answered utterances that are answered rightly. 0 to 1.", r => r.Precision),
        ("--min-answered", "answered", false, "Fail when a smaller share of all utterances is answered. 0 to 1.", r => r.Answered),
        ("--min-answered-right", "answered and right", false, "Fail when a smaller share of in-scope utterances is answered rightly. 0 to 1.", r => r.AnsweredRight),
        ("--min-out-of-scope-refused", "out of scope refused", false, "Fail when a smaller share of out-of-scope utterances is left unanswered. 0 to 1.", r => r.OutOfScopeRefused),
        ("--min-auroc", "AUROC", false, "Fail when AUROC is below this: how well confidence separates in-scope from out-of-scope utterances. 0 to 1.", r => r.Auroc),
        ("--min-f1", "mean F1", false, "Fail when the mean F1 of the intents is below this. 0 to 1.", r => r.MacroF1),
        ("--max-calibration-error", "calibration error", true, "Fail when the calibration error is above this. 0 to 1.", r => r.CalibrationError),
        ("--max-p95-ms", "95 % of the times, ms", true, "Fail when the 95th percentile of the answer times is above this, in milliseconds.", r => r.Latency?.P95),
        ("--max-failures", "failures", true, "Fail when an adapter fails on more utterances than this.", r => r.Failures.Values.Sum()),
    ];

    public static Command Create(Option<string?> config, Option<bool> json)
    {
        var options = new Options();
        var report = new Option<string?>("--report") { Description = $"Directory to write {EvaluationReport.HtmlFile}, {EvaluationReport.JsonFile} and {EvaluationReport.AnswersFile} to." };
        var calibrate = new Option<bool>("--calibrate") { Description = "Fit each adapter's confidence to the data and store the fit, by adapter, model and language. The running service uses it." };
        var bounds = _bounds.Select(b => (Bound: b, Option: new Option<double?>(b.Option) { Description = b.Help })).ToArray();
        var command = new Command("evaluate", "Measure how well adapters understand labelled utterances, several side by side. Exit code 1 when a bound (--min-…, --max-…) is missed.")
        {
            options.Data, options.Adapter, options.Bot, options.Rate, options.Fresh, report, calibrate, json,
        };
        foreach (var (_, option) in bounds)
        {
            command.Add(option);
        }

        command.SetAction((parsed, token) => ToolRun.RunAsync(parsed, config, async run =>
        {
            foreach (var (bound, option) in bounds)
            {
                if (parsed.GetValue(option) is { } asked && (!double.IsFinite(asked) || asked < 0 || (!bound.IsMost && asked > 1)))
                {
                    throw new UsageException($"{bound.Option} {asked.ToString(CultureInfo.InvariantCulture)} is out of range: shares lie between 0 and 1, for example 0.95.");
                }
            }

            var bot = run.BotOf(parsed.GetValue(options.Bot));
            var outcomes = await AskAsync(run, options, parsed, bot, NamesOf(run, parsed.GetValue(options.Adapter) ?? [], bot), token);
            if (parsed.GetValue(calibrate))
            {
                outcomes = await CalibrateAsync(run, outcomes, token);
            }

            var results = outcomes.Select(o => Evaluator.Evaluate(o.Adapter, o.ReportsProbability, o.Entry, bot, o.Run, o.Fit, o.Notes)).ToArray();
            Bound[] held =
            [
                .. from result in results
                   from bound in bounds
                   let asked = parsed.GetValue(bound.Option)
                   where asked is not null
                   select new Bound(result.Adapter, bound.Bound.Name, asked.Value, bound.Bound.Value(result), bound.Bound.IsMost),
            ];
            var made = new EvaluationReport(string.Join(", ", parsed.GetValue(options.Data)!), bot.Name, TimeProvider.System.GetUtcNow(), results, held);
            if (parsed.GetValue(report) is { } directory)
            {
                await run.WriteAsync(made, directory);
            }

            await KeepAsync(run, made, token);
            await run.Output.WriteLineAsync(parsed.GetValue(json) ? made.ToJson() : TextReport.Write(made));
            return results.Any(r => r.Failures.Values.Sum() == r.Utterances) ? ExitCode.OutsideSystem
                : held.All(b => b.Holds) ? ExitCode.Fine
                : ExitCode.Findings;
        }));
        return command;
    }

    /// <summary>Asks the named adapters about every utterance, with what is known of their calibration.</summary>
    public static async Task<IReadOnlyList<Outcome>> AskAsync(ToolRun run, Options options, ParseResult parsed, Bot bot, IReadOnlyList<string> names, CancellationToken cancellationToken)
    {
        var rate = parsed.GetValue(options.Rate);
        if (!(rate is > 0 and <= 1000))
        {
            throw new UsageException("--rate must lie between 0 and 1000 questions a second.");
        }

        IReadOnlyList<(string Text, string Intent)> labelled;
        try
        {
            labelled = Evaluator.Read(parsed.GetValue(options.Data)!);
        }
        catch (InvalidDataException ex)
        {
            throw new UsageException(ex.Message);
        }

        var fits = await FitsAsync(run, cancellationToken);
        await using var workbench = new NluWorkbench(run.Configuration, run.Parts, TimeProvider.System);
        var cache = parsed.GetValue(options.Fresh) ? null : new AnswerCache(Path.Combine(run.Configuration.Root, ".data", "evaluations"));
        var outcomes = new List<Outcome>();
        foreach (var name in names)
        {
            outcomes.Add(await ToolRun.ShowAsync(name, async progress =>
            {
                progress.Report(($"{name}: starting, and training where it has to", 0));
                var adapter = await workbench.StartAsync(name, cancellationToken);
                var counted = new Progress<int>(done => progress.Report(($"{name}: {done} of {labelled.Count}", done / (double)labelled.Count)));
                var asked = await workbench.AskAsync(adapter, labelled, bot.Options.Language, rate, cache, counted, cancellationToken);
                var entry = run.Configuration.Options.Nlu[name];
                return new Outcome(
                    name, adapter.Capabilities.ReportsProbability, entry, asked, fits.GetValueOrDefault(StoredCalibration.KeyOf(name, asked.Model, asked.Language)), [.. Seen(adapter, entry, run.Configuration.Root, labelled)]);
            }));
        }

        return outcomes;
    }

    public static string[] NamesOf(ToolRun run, string[] asked, Bot bot)
    {
        var known = run.Configuration.Options.Nlu;
        string[] names = asked.Length > 0 ? [.. asked.Distinct(StringComparer.OrdinalIgnoreCase)] : [.. bot.Options.Nlu.Use.Concat(bot.Options.Nlu.Shadow).Distinct(StringComparer.OrdinalIgnoreCase)];
        return names.FirstOrDefault(n => !known.ContainsKey(n)) is { } unknown
            ? throw new UsageException($"There is no entry '{unknown}' under nlu. {NearestWord.Advice(unknown, known.Keys)}")
            : names;
    }

    public static async Task<IReadOnlyDictionary<string, CalibrationFit>> FitsAsync(ToolRun run, CancellationToken cancellationToken)
    {
        if (!Operations.MayHaveStore(run.Configuration))
        {
            return new Dictionary<string, CalibrationFit>();
        }

        try
        {
            await using var operations = await Operations.OpenAsync(run.Configuration, cancellationToken);
            return StoredCalibration.ReadAll(await operations.CalibrationsAsync(cancellationToken));
        }
        catch (Exception ex) when (ex is Storage.StoreUnavailableException or HttpRequestException)
        {
            await run.Error.WriteLineAsync($"Stored calibrations are not used: {ex.Message}");
            return new Dictionary<string, CalibrationFit>();
        }
    }

    /// <summary>The console shows the latest report; an evaluation without a service beside it is none the worse.</summary>
    private static async Task KeepAsync(ToolRun run, EvaluationReport report, CancellationToken cancellationToken)
    {
        if (!Operations.MayHaveStore(run.Configuration))
        {
            return;
        }

        try
        {
            await using var operations = await Operations.OpenAsync(run.Configuration, cancellationToken);
            await operations.KeepReportAsync(report.Bot, report.ToJson(), cancellationToken);
        }
        catch (Exception ex) when (ex is Storage.StoreUnavailableException or HttpRequestException)
        {
            await run.Error.WriteLineAsync($"The console will not show this report: {ex.Message}");
        }
    }

    private static async Task<IReadOnlyList<Outcome>> CalibrateAsync(ToolRun run, IReadOnlyList<Outcome> outcomes, CancellationToken cancellationToken)
    {
        await using var operations = await Operations.OpenAsync(run.Configuration, cancellationToken);
        var calibrated = new List<Outcome>();
        foreach (var outcome in outcomes)
        {
            if (Evaluator.Calibrate(outcome.Adapter, outcome.Run, TimeProvider.System.GetUtcNow()) is not { } fit)
            {
                calibrated.Add(outcome with
                {
                    Notes = [.. outcome.Notes, $"Not calibrated: the data needs at least {ReliabilityFit.LeastUtterances} utterances for which the adapter named an intent, some rightly and some wrongly."],
                });
                continue;
            }

            await operations.CalibrateAsync(fit.Key, StoredCalibration.Write(fit), cancellationToken);
            calibrated.Add(outcome with
            {
                Fit = fit,
                Notes =
                [
                    .. outcome.Notes,
                    string.Create(CultureInfo.InvariantCulture, $"Calibrated on {fit.Utterances} answers for model {fit.Model ?? "(not said)"}, language {fit.Language}: error {fit.ErrorBefore:P1} before, {fit.ErrorAfter:P1} after on utterances that the fit did not see. The figures here are on the data it was fitted to."),
                ],
            });
        }

        return calibrated;
    }

    /// <summary>A model that was trained on the utterances it is judged by looks better than it is, one that never heard of a label looks worse.</summary>
    private static IEnumerable<string> Seen(ConfiguredAdapter adapter, NluEntryOptions entry, string root, IReadOnlyList<(string Text, string Intent)> labelled)
    {
        if (adapter.Type != "local")
        {
            yield break;
        }

        var examples = new Adapters.Local.LocalTraining(LocalEntry.Of(adapter.Name, entry, root)).Read().Examples;
        var intents = examples.Select(e => e.Intent).ToHashSet(StringComparer.Ordinal);
        var strange = labelled.Select(l => l.Intent).Where(i => i != JudgedUtterance.OutOfScope && !intents.Contains(i)).ToArray();
        if (strange.Length > 0)
        {
            var named = strange.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToArray();
            yield return $"Labels that no training example has, so that no answer is right: {string.Join(", ", named.Take(MostNamed))}{(named.Length > MostNamed ? ", …" : "")} ({strange.Length} of {labelled.Count} utterances). Correct them, or write {JudgedUtterance.OutOfScope} for what is no intent of the bot.";
        }

        var training = examples.Select(e => e.Text.Trim()).ToHashSet(StringComparer.OrdinalIgnoreCase);
        var seen = labelled.Count(l => training.Contains(l.Text.Trim()));
        if (seen > labelled.Count / 20)
        {
            yield return $"{seen} of the {labelled.Count} utterances are training examples, so the figures flatter. 'train' cross-validates instead.";
        }
    }

    /// <summary>What one adapter answered.</summary>
    internal sealed record Outcome(
        string Adapter, bool ReportsProbability, NluEntryOptions Entry, AdapterRun Run, CalibrationFit? Fit, IReadOnlyList<string> Notes);

    /// <summary>The options that <c>evaluate</c> and <c>tune</c> share.</summary>
    internal sealed class Options
    {
        public Option<string[]> Data { get; } = new("--data") { Description = "Labelled utterances: a file or folder with CSV (header text,intent) or Rasa NLU YAML. May be repeated.", Required = true };

        public Option<string[]> Adapter { get; } = new("--adapter") { Description = "Entry under 'nlu' to measure. May be repeated. Default: all entries of the bot, shadows included." };

        public Option<string?> Bot { get; } = new("--bot") { Description = "Bot whose thresholds and intents apply. May be left out when only one is configured." };

        public Option<double> Rate { get; } = new("--rate") { Description = "Calls per second to a remote adapter, at most.", DefaultValueFactory = _ => 5 };

        public Option<bool> Fresh { get; } = new("--fresh") { Description = "Ask remote adapters again instead of reusing remembered answers." };
    }
}
