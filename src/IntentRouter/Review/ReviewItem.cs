namespace IntentRouter.Review;

/// <summary>An utterance as it waits for people, or as they judged it: one per text and bot.</summary>
/// <param name="Conversation">The latest conversation it was said in, and <paramref name="Turn"/> the turn.</param>
/// <param name="Count">How often it was said.</param>
/// <param name="Takeovers">How often a human answered it in the bot's stead.</param>
internal sealed record ReviewItem(
    long Id,
    string Bot,
    string Text,
    string Language,
    string? Adapter,
    string? Model,
    IReadOnlyList<SpokenCandidate> Candidates,
    ReviewReason Reason,
    string Rule,
    string? Suggestion,
    string Conversation,
    string Turn,
    long Count,
    long Takeovers,
    DateTimeOffset FirstAt,
    DateTimeOffset LastAt,
    ReviewState State,
    string? Label,
    string? By,
    DateTimeOffset? JudgedAt);

internal enum ReviewState
{
    Open = 0,
    Labelled = 1,

    /// <summary>Not worth learning from; seen again it stays so.</summary>
    Dismissed = 2,
}

/// <summary>What an utterance is, by people.</summary>
/// <param name="Adapter">The entry under <c>nlu:</c> that heard it.</param>
/// <param name="ByTakeover">Nobody labelled it, but a human answered it in the bot's stead.</param>
internal sealed record LearnedUtterance(string Text, string Label, string Language, string? Adapter, bool ByTakeover);
