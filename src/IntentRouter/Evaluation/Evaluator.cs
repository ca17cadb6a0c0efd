using System.Globalization;
using IntentRouter.Adapters.Local.Training;
using IntentRouter.Configuration;
using IntentRouter.Decisions;

namespace IntentRouter.Evaluation;

/// <summary>From answers to a result: calibration, figures, the live decision, cost, and what to know before trusting them.</summary>
internal static class Evaluator
{
    private const double FewOutside = 0.1;

    /// <summary>Reads labelled utterances.</summary>
    /// <exception cref="InvalidDataException">The files cannot be read as such; the message names every place.</exception>
    public static IReadOnlyList<(string Text, string Intent)> Read(IReadOnlyList<string> files)
    {
        var data = TrainingData.ReadLabelled(files);
        var errors = data.Problems.Where(p => p.IsError).ToArray();
        return errors.Length > 0 ? throw new InvalidDataException(string.Join(Environment.NewLine, errors.Select(e => e.ToString())))
            : data.Examples.Count == 0 ? throw new InvalidDataException($"{string.Join(", ", files)}: there are no labelled utterances.")
            : [.. data.Examples.Select(e => (e.Text, e.Intent))];
    }

    public static EvaluationResult Evaluate(string adapter, bool reportsProbability, NluEntryOptions entry, Bot bot, AdapterRun run, CalibrationFit? fit, IReadOnlyList<string> notes)
    {
        var asked = EvaluationBot.For(bot, run.Judged.Select(j => j.Expected).Distinct());
        JudgedUtterance[] judged =
        [
            .. (fit is null ? run.Judged : ReliabilityFit.Apply(run.Judged, fit.Map.Apply))
                .Select(j => j with { Decision = DecisionPolicy.Decide(EvaluationBot.InputOf(asked, j)).Rule }),
        ];
        var unknown = judged.Select(j => j.Expected).Distinct().Count(i => i != JudgedUtterance.OutOfScope && !IntentChoice.Routable(bot, i));
        var outside = judged.Count(j => !j.IsInScope) / (double)Math.Max(1, judged.Length);
        var unsure = judged.Count(j => j is { Best: not null, Ranking: [{ Probability: null }, ..] });
        var calibrated = fit is not null || reportsProbability;
        return EvaluationMetrics.Measure(adapter, judged, bot.Options.Confidence.Answer) with
        {
            Model = run.Model,
            Language = run.Language,
            Calibrated = calibrated,
            Decisions = judged.CountBy(j => j.Decision!).ToDictionary(),
            Cost = entry.CostPerCall is { } price ? new CostScore(run.Calls, run.Calls * price, 1000 * price) : null,
            Notes =
            [
                .. notes,
                .. calibrated ? [] : new[] { "The confidence is uncalibrated: thresholds mean something else for this adapter than for another. evaluate --calibrate fits it." },
                .. judged.Any(j => !j.IsInScope) ? [] : new[] { $"The data has no utterance labelled {JudgedUtterance.OutOfScope}: how well the adapter declines is not measured." },
                .. entry.Adapter == "local" && fit is null && outside < FewOutside
                    ? new[] { string.Create(CultureInfo.InvariantCulture, $"The confidence of the embedded NLU expects one utterance in five to be out of scope; here it is {outside * 100:0.#} %, so that the confidence looks too low and the calibration error too large.") }
                    : [],
                .. unsure == 0 ? [] : new[] { $"{unsure} answers have no confidence: the bot gives none of them." },
                .. unknown == 0 ? [] : new[] { $"{unknown} intents of the data are not configured for bot {bot.Name}; decisions are counted as if each had a plain reply." },
                .. !run.Judged.Any(j => j.Remembered) ? [] : new[] { $"{run.Judged.Count(j => j.Remembered)} answers are remembered from an earlier run; --fresh asks again." },
            ],
        };
    }

    /// <summary>Fits the confidence of one adapter, model and language; null when there is too little to fit to.</summary>
    public static CalibrationFit? Calibrate(string adapter, AdapterRun run, DateTimeOffset now)
    {
        JudgedUtterance[] answered = [.. run.Judged.Where(j => j.Best is not null)];
        return ReliabilityFit.Fit(answered) is { } map
            ? new CalibrationFit(
                adapter,
                run.Model,
                run.Language,
                map,
                answered.Length,
                EvaluationMetrics.CalibrationError(answered) ?? 0,
                EvaluationMetrics.CalibrationError(ReliabilityFit.ApplyAcross(answered)) ?? 0,
                now)
            : null;
    }
}
