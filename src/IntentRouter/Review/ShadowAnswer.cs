using IntentRouter.Nlu;

namespace IntentRouter.Review;

/// <summary>What a shadow adapter answered beside a turn, and what the one that counted answered.</summary>
/// <param name="TextKey">The utterance's key in the review queue, where people may say what it is.</param>
/// <param name="Answered">Whether the bot's threshold would have let the shadow answer; <paramref name="LiveAnswered"/> alike.</param>
internal sealed record ShadowAnswer(
    string Bot,
    string Conversation,
    string Turn,
    string TextKey,
    string Adapter,
    string? Model,
    ShadowOutcome Outcome,
    string? Intent,
    bool Answered,
    string? LiveAdapter,
    string? LiveIntent,
    bool LiveAnswered,
    double Milliseconds,
    double LiveMilliseconds,
    DateTimeOffset At);

/// <param name="Truth">What people said the utterance is; null while nobody did.</param>
internal sealed record JudgedShadow(ShadowAnswer Answer, string? Truth);
