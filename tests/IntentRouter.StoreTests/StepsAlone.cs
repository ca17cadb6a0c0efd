using IntentRouter.Storage;

namespace IntentRouter.StoreTests;

/// <summary>Steps of one part.</summary>
internal static class StepsAlone
{
    /// <returns>False when the claim is lost.</returns>
    public static async Task<bool> DecideAsync(this IEventStore store, Claim claim, DecidedTurn turn, CancellationToken cancellationToken) =>
        (await store.StepAsync(claim, new ConversationStep { Turn = turn }, cancellationToken)).Held;

    public static async Task<SendPermit> BeginSendAsync(this IEventStore store, Claim claim, BeginSend request, CancellationToken cancellationToken) =>
        (await store.StepAsync(claim, new ConversationStep { Begin = request }, cancellationToken)).Permit!;

    /// <returns>False when the claim is lost.</returns>
    public static async Task<bool> EndSendAsync(this IEventStore store, Claim claim, EffectOutcome outcome, CancellationToken cancellationToken) =>
        (await store.StepAsync(claim, new ConversationStep { Ended = outcome }, cancellationToken)).Held;
}
