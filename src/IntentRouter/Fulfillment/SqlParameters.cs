namespace IntentRouter.Fulfillment;

/// <summary>What a query may name after <c>@</c>.</summary>
internal static class SqlParameters
{
    /// <summary>Known in every query: whose conversation it is.</summary>
    public static IReadOnlyList<string> Always { get; } = ["contact_id", "account_id", "language"];

    public const string IdempotencyKey = "idempotency_key";

    /// <summary>A slot's name as a parameter: SQL has no hyphens in names.</summary>
    public static string NameOf(string slot) => slot.Replace('-', '_').Replace('.', '_');
}
