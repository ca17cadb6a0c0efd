using System.Data.Common;

namespace IntentRouter.Fulfillment;

/// <summary>What a query may name after <c>@</c>.</summary>
internal static class SqlParameters
{
    public const string IdempotencyKey = "idempotency_key";

    /// <summary>Known in every query: whose conversation it is.</summary>
    public static IReadOnlyList<string> Always { get; } = ["contact_id", "account_id", "language"];

    /// <summary>A slot's name as a parameter: SQL has no hyphens in names.</summary>
    public static string NameOf(string slot) => slot.Replace('-', '_').Replace('.', '_');

    /// <summary>Adds exactly the parameters that the text names; what the conversation did not give is null.</summary>
    public static void Add(SqlDialect dialect, DbCommand command, IReadOnlyList<string> parameters, IReadOnlyDictionary<string, string> values, Func<string, string?> known)
    {
        foreach (var parameter in parameters)
        {
            var slot = values.FirstOrDefault(v => string.Equals(NameOf(v.Key), parameter, StringComparison.OrdinalIgnoreCase));
#pragma warning disable CA1308 // Parameter names are written in lower case.
            dialect.Add(command, parameter, slot.Key is null ? known(parameter.ToLowerInvariant()) : slot.Value);
#pragma warning restore CA1308
        }
    }
}

internal static class SqlFaults
{
    public static LookupFailure ToFailure(SqlFault fault) => fault switch
    {
        SqlFault.TimedOut => LookupFailure.TimedOut,
        SqlFault.Unreachable => LookupFailure.Unreachable,
        SqlFault.Unreadable => LookupFailure.Unreadable,
        SqlFault.TooLarge => LookupFailure.TooLarge,
        _ => LookupFailure.Refused,
    };
}
