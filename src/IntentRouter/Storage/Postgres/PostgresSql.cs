using Npgsql;

namespace IntentRouter.Storage.Postgres;

/// <summary>
/// Short forms for batches with positional parameters, and what their statements have in common. The tables of open work are nearly empty whenever autovacuum
/// measures them, and full when it matters: a plan must not hang on their size. So every statement leaves but one way, by key from the batch's rows to the
/// table's: <c>= any(array[…])</c> in a join, which no merge or hash join can use, a lateral or scalar subquery with a limit or a lock elsewhere.
/// </summary>
internal static class PostgresSql
{
    /// <summary>One plan for each statement, made once, and none that reads a table from end to end.</summary>
    public const string HotOptions = "-c plan_cache_mode=force_generic_plan -c enable_seqscan=off -c jit=off";

    /// <summary>Locks the leases that are still held ($1 conversations, $2 tokens, $3 owner), in order, and tells how many milliseconds are left of each.</summary>
    public const string LockHeld =
        """
        select l.conversation, l.until - router_now()
        from (select * from unnest($1::text[], $2::bigint[]) c(conversation, token) order by conversation collate "C") u
        cross join lateral (
          select conversation, until from lease where conversation = u.conversation and token = u.token and owner = $3 for update) l
        """;

    public static void Add(this NpgsqlBatch batch, string sql, params ReadOnlySpan<NpgsqlParameter> parameters)
    {
        var command = new NpgsqlBatchCommand(sql);
        foreach (var parameter in parameters)
        {
            command.Parameters.Add(parameter);
        }

        batch.BatchCommands.Add(command);
    }

    public static NpgsqlParameter P<T>(T value) => new NpgsqlParameter<T> { TypedValue = value };

    /// <summary>A column of a batch as an array.</summary>
    public static NpgsqlParameter Column<TRow, T>(IReadOnlyList<TRow> rows, Func<TRow, T> value)
    {
        var column = new T[rows.Count];
        for (var i = 0; i < column.Length; i++)
        {
            column[i] = value(rows[i]);
        }

        return new NpgsqlParameter<T[]> { TypedValue = column };
    }
}
