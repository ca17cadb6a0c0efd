using IntentRouter.Configuration;

namespace IntentRouter.Decisions;

/// <summary>What the ranking says about the intent, by the bot's thresholds. Applies to calibrated probabilities.</summary>
internal abstract record IntentChoice
{
    private IntentChoice()
    {
    }

    public sealed record Clear(RankedIntent Best) : IntentChoice;

    public sealed record Unclear(IReadOnlyList<RankedIntent> Candidates) : IntentChoice;

    public sealed record Missed(FallbackReason Reason) : IntentChoice;

    public sealed record NobodyAnswered : IntentChoice;

    public static IntentChoice Weigh(DecisionInput input)
    {
        if (input.Heard is not { } heard || heard.NobodyAnswered)
        {
            return new NobodyAnswered();
        }

        if (heard.Understanding?.Kind == UnderstandingKind.NoMatch || heard.Ranking is not [var best, ..])
        {
            return new Missed(FallbackReason.NoCandidate);
        }

        if (best.Probability is not { } top)
        {
            return new Missed(FallbackReason.NoConfidence);
        }

        var limits = input.Bot.Options.Confidence;
        if (!Routable(input.Bot, best.Intent))
        {
            return new Missed(top >= limits.Clarify ? FallbackReason.NoRoute : FallbackReason.BelowThreshold);
        }

        // Two names for one aim are no ambiguity.
        var rivals = heard.Ranking.Skip(1)
            .Where(r => r.Probability is not null && Routable(input.Bot, r.Intent) && !SameAim(input.Bot, best.Intent, r.Intent))
            .ToList();
        var close = rivals.Where(r => top - r.Probability!.Value < limits.Margin).ToList();
        if (top >= (input.Bot.Options.Intents[best.Intent].Answer ?? limits.Answer))
        {
            return close.Count == 0 ? new Clear(best) : new Unclear([best, close[0]]);
        }

        if (top < limits.Clarify)
        {
            return new Missed(FallbackReason.BelowThreshold);
        }

        // A rival far behind would only be noise on a button.
        return rivals.FirstOrDefault(r => r.Probability >= limits.Clarify / 2 && r.Probability >= top / 3) is { } second
            ? new Unclear([best, second])
            : new Unclear([best]);
    }

    public static bool Routable(Bot bot, string intent) =>
        bot.Options.Intents.TryGetValue(intent, out var options)
        && (options.Handoff is not null || options.Reply is not null || (options.Route is { } route && bot.Routes.ContainsKey(route)));

    private static bool SameAim(Bot bot, string one, string other)
    {
        var (a, b) = (bot.Options.Intents[one], bot.Options.Intents[other]);
        return a.Route is not null
            // An intent that also gives a slot its value is the more exact name of the same aim.
            ? a.Route == b.Route && (a.Slots.Count >= b.Slots.Count ? b.Slots.All(s => a.Slots.GetValueOrDefault(s.Key) == s.Value) : a.Slots.All(s => b.Slots.GetValueOrDefault(s.Key) == s.Value))
            : a.Reply is not null ? a.Reply == b.Reply : a.Handoff is not null && b.Handoff is not null && b.Route is null && b.Reply is null;
    }
}
