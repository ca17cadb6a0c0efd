using IntentRouter.Configuration;
using IntentRouter.Storage;

namespace IntentRouter.Review;

/// <summary>What people do with the queue, whether by page, API or command line.</summary>
internal sealed class ReviewDesk(IEventStore store, Func<RouterConfiguration> configuration)
{
    private const int LongestName = 100;

    public async Task<ReviewJudgement> LabelAsync(long id, string? label, string? by, CancellationToken cancellationToken)
    {
        if (await store.FindReviewAsync(id, cancellationToken) is not { } item)
        {
            return new ReviewJudgement.Gone();
        }

        if (!configuration().Bots.TryGetValue(item.Bot, out var bot))
        {
            return new ReviewJudgement.Refused($"Bot '{item.Bot}' is no longer configured, so its utterances cannot be labelled.");
        }

        return string.IsNullOrWhiteSpace(label) || !ReviewPolicy.MayLabel(bot, label)
            ? new ReviewJudgement.Refused($"'{label}' is no intent of bot '{bot.Name}'. Write '{ReviewPolicy.OutOfScope}' for what is none of them. {NearestWord.Advice(label ?? "", bot.Options.Intents.Keys.Append(ReviewPolicy.OutOfScope))}")
            : await JudgeAsync(id, ReviewState.Labelled, label, by, cancellationToken);
    }

    /// <summary>Sets an utterance aside, or with <see cref="ReviewState.Open"/> puts it back.</summary>
    public async Task<ReviewJudgement> JudgeAsync(long id, ReviewState state, string? label, string? by, CancellationToken cancellationToken)
    {
        var who = string.IsNullOrWhiteSpace(by) ? "unknown" : by.Trim();
        return await store.JudgeReviewAsync(id, state, label, who.Length > LongestName ? who[..LongestName] : who, cancellationToken)
            ? new ReviewJudgement.Done()
            : new ReviewJudgement.Gone();
    }

    /// <summary>What may be chosen for an utterance of the bot.</summary>
    public static IReadOnlyList<string> Labels(Bot bot) => [.. bot.Options.Intents.Keys.Where(i => i != ReviewPolicy.OutOfScope).Order(StringComparer.Ordinal), ReviewPolicy.OutOfScope];
}

internal abstract record ReviewJudgement
{
    public sealed record Done : ReviewJudgement;

    public sealed record Gone : ReviewJudgement;

    public sealed record Refused(string Why) : ReviewJudgement;
}
