namespace IntentRouter.Fulfillment;

/// <summary>What templates of outgoing calls can name beside the slots.</summary>
internal static class HttpVariables
{
    public static IReadOnlyList<string> OfLookup { get; } = ["contact_id", "account_id", "language"];

    public static IReadOnlyList<string> OfAction { get; } = ["contact_id", "account_id", "idempotency_key"];

    public static IReadOnlyList<string> OfSender { get; } = ["code", "address", "language", "text"];
}
