namespace IntentRouter.Review;

/// <summary>How an adapter on trial compares with the one that counted. Pure.</summary>
/// <param name="Turns">Turns that it was asked beside and did not drop.</param>
/// <param name="Judged">Turns whose utterance people said something about: by a label, a takeover, a choice among offered intents.</param>
/// <param name="ShadowRight">Of these, those where only the shadow would have done the right thing; <paramref name="LiveRight"/> alike.</param>
internal sealed record ShadowComparison(
    string Bot,
    string Adapter,
    string? LiveAdapter,
    int Turns,
    int Agreed,
    int Differed,
    int Failed,
    int Judged,
    int ShadowRight,
    int LiveRight,
    int BothRight,
    int NeitherRight,
    double? MedianMilliseconds,
    double? P95Milliseconds,
    double? LiveMedianMilliseconds,
    double? LiveP95Milliseconds);

internal static class ShadowReport
{
    /// <summary>More turns would not change the picture.</summary>
    public const int MostTurns = 20_000;

    public static IReadOnlyList<ShadowComparison> Of(IEnumerable<JudgedShadow> answers) =>
    [
        .. answers.GroupBy(a => (a.Answer.Bot, a.Answer.Adapter, a.Answer.LiveAdapter))
            .OrderBy(g => g.Key.Bot, StringComparer.Ordinal).ThenBy(g => g.Key.Adapter, StringComparer.Ordinal).ThenBy(g => g.Key.LiveAdapter, StringComparer.Ordinal)
            .Select(g => Compare(g.Key.Bot, g.Key.Adapter, g.Key.LiveAdapter, [.. g])),
    ];

    private static ShadowComparison Compare(string bot, string adapter, string? live, JudgedShadow[] all)
    {
        var judged = all.Where(a => a.Truth is not null && a.Answer.Outcome != Nlu.ShadowOutcome.Failed)
            .Select(a => (
                Shadow: IsRight(a.Answer.Intent, a.Answer.Answered, a.Truth!),
                Live: IsRight(a.Answer.LiveIntent, a.Answer.LiveAnswered, a.Truth!)))
            .ToArray();
        var times = all.Where(a => a.Answer.Outcome != Nlu.ShadowOutcome.Failed).Select(a => a.Answer.Milliseconds).Order().ToArray();
        var liveTimes = all.Where(a => a.Answer.LiveAdapter is not null).Select(a => a.Answer.LiveMilliseconds).Order().ToArray();
        return new ShadowComparison(
            bot,
            adapter,
            live,
            all.Length,
            all.Count(a => a.Answer.Outcome == Nlu.ShadowOutcome.Agrees),
            all.Count(a => a.Answer.Outcome == Nlu.ShadowOutcome.Differs),
            all.Count(a => a.Answer.Outcome == Nlu.ShadowOutcome.Failed),
            judged.Length,
            judged.Count(j => j is { Shadow: true, Live: false }),
            judged.Count(j => j is { Shadow: false, Live: true }),
            judged.Count(j => j is { Shadow: true, Live: true }),
            judged.Count(j => j is { Shadow: false, Live: false }),
            At(times, 0.5),
            At(times, 0.95),
            At(liveTimes, 0.5),
            At(liveTimes, 0.95));
    }

    /// <summary>By what the customer would have got: an answer by the right intent, or none where none was right.</summary>
    private static bool IsRight(string? intent, bool answered, string truth) =>
        truth == ReviewPolicy.OutOfScope ? !answered || intent == ReviewPolicy.OutOfScope : answered && intent == truth;

    private static double? At(double[] sorted, double share) => sorted.Length == 0 ? null : sorted[(int)Math.Min(sorted.Length - 1, Math.Ceiling(share * sorted.Length) - 1)];
}
