using IntentRouter.Conversations;
using IntentRouter.Decisions;
using IntentRouter.Review;
using IntentRouter.Turns;

namespace IntentRouter.Storage;

/// <summary>
/// A decided turn as columns; made by the caller's thread, so that the writer only writes. Names that come from engines and from the chat are cleaned
/// of what PostgreSQL refuses.
/// </summary>
internal sealed record DecidedRow(
    ConversationKey Key,
    IReadOnlyList<long> Events,
    string State,
    string? Status,
    long Contact,
    string? Decision,
    string? Intent,
    string? Explanation,
    long DecidedAt,
    double StateAt,
    IReadOnlyList<EffectRow> Effects)
{
    public IReadOnlyList<ReviewRow> Review { get; init; } = [];

    /// <summary>The event that the effects belong to.</summary>
    public long Event => Events[^1];

    public static DecidedRow From(string conversation, DecidedTurn turn)
    {
        if (turn.EventSequences.Count == 0)
        {
            throw new ArgumentException("A turn answers at least one event.", nameof(turn));
        }

        return new DecidedRow(
            ConversationKey.Parse(conversation),
            turn.EventSequences,
            StoreJson.Write(turn.State),
            RelationalEventStore.Clean(turn.State.Facts.Status),
            turn.State.Facts.Contact.Id,
            turn.Explanation?.Decision,
            RelationalEventStore.Clean(turn.Explanation?.Intent),
            turn.Explanation is null ? null : StoreJson.Write(turn.Explanation),
            turn.Explanation?.At.ToUnixTimeMilliseconds() ?? 0,
            turn.StateAt,
            [.. turn.Effects.Select((effect, ordinal) => EffectRow.From(turn.EffectKeyPrefix, ordinal, effect))])
        {
            Review = [.. turn.Review.Select(ReviewRow.From)],
        };
    }
}

internal sealed record EffectRow(string Key, int Ordinal, string Kind, bool Public, string Body)
{
    public static EffectRow From(string prefix, int ordinal, Effect effect) =>
        new(
            EffectKeys.Of(prefix, ordinal),
            ordinal,
            Effect.KindOf(effect),
            effect.Public,
            StoreJson.Write(effect));
}

/// <summary>A note on an utterance as columns.</summary>
internal sealed record ReviewRow(
    string TextKey,
    string Text,
    string Language,
    string? Adapter,
    string? Model,
    string Candidates,
    string Reason,
    string Rule,
    string? Suggestion,
    string Turn,
    int Count,
    int Takeovers)
{
    public static ReviewRow From(ReviewNote note)
    {
        var utterance = note.Utterance;
        return new ReviewRow(
            ReviewText.KeyOf(utterance.Text),
            utterance.Text,
            RelationalEventStore.Clean(utterance.Language),
            RelationalEventStore.Clean(utterance.Adapter),
            RelationalEventStore.Clean(utterance.Model),
            StoreJson.Write(utterance.Candidates),
            Kebab.Of(note.Reason),
            utterance.Rule,
            RelationalEventStore.Clean(note.Suggestion),
            utterance.Turn,
            note.Counts ? 1 : 0,
            note.TakenOver ? 1 : 0);
    }
}
