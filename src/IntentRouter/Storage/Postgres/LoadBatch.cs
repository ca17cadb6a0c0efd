using Npgsql;
using static IntentRouter.Storage.Postgres.PostgresSql;

namespace IntentRouter.Storage.Postgres;

internal sealed class LoadOperation(Claim claim, int maxEvents) : PostgresOperation<LoadedRows?>
{
    public Claim Claim => claim;

    public int MaxEvents => maxEvents;

    public override string Key => claim.Conversation;
}

/// <summary>Reads claimed conversations: the reload mark is cleared under the lock before the events are read, so that none falls between.</summary>
internal static class LoadBatch
{
    /// <summary>Clears the reload mark, and notes what is handled next: the event in front, once nothing of an earlier turn is open.</summary>
    private const string Mark =
        """
        update lease l set dirty = 0, handling = n.seq
        from unnest($1::text[], $2::bigint[]) u(conversation, token)
        cross join lateral (
          select coalesce((
            select case when e.attempts < $4 then e.seq else 0 end from open_event e
            where e.conversation = u.conversation and e.state = 0
              and not exists (select 1 from open_effect f where f.conversation = u.conversation and f.parked = 0)
            order by e.urgent desc, e.seq limit 1), 0) as seq) n
        where l.conversation = any(array[u.conversation]) and l.token = u.token and l.owner = $3 and (l.dirty <> 0 or l.handling <> n.seq)
        """;

    private const string States = "select conversation, state from conversation where conversation = any($1)";

    private const string Events =
        """
        select e.conversation, e.seq, e.key, e.kind, e.message_id, e.payload, e.received_at, e.attempts, e.state, e.trace_parent
        from unnest($1::text[], $2::int[]) u(conversation, most)
        cross join lateral (
          select * from open_event where conversation = u.conversation and state < 3 order by urgent desc, seq limit u.most) e
        """;

    private const string Effects =
        """
        select f.conversation, f.key, f.event_seq, f.ordinal, f.state, f.attempts, router_now() - f.sent_at, f.remote_id, f.state_at, f.body
        from unnest($1::text[]) u(conversation)
        cross join lateral (
          select * from open_effect where conversation = u.conversation and parked = 0 order by event_seq, ordinal offset 0) f
        """;

    public static async Task RunAsync(NpgsqlConnection connection, List<LoadOperation> operations, long me, int aloneFrom, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(connection) { Timeout = PostgresEventStore.HotSeconds };
        var conversations = operations.Select(o => o.Claim.Conversation).ToArray();
        batch.Add(LockHeld, P(conversations), Column(operations, o => o.Claim.Token), P(me));
        batch.Add(Mark, P(conversations), Column(operations, o => o.Claim.Token), P(me), P(aloneFrom));
        batch.Add(States, P(conversations));
        batch.Add(Events, P(conversations), Column(operations, o => o.MaxEvents));
        batch.Add(Effects, P(conversations));

        var loaded = new Dictionary<string, LoadedRows>(StringComparer.Ordinal);
        await using (var row = await batch.ExecuteReaderAsync(cancellationToken))
        {
            while (await row.ReadAsync(cancellationToken))
            {
                loaded.Add(row.GetString(0), new LoadedRows());
            }

            await row.NextResultAsync(cancellationToken);
            while (await row.ReadAsync(cancellationToken))
            {
                if (loaded.TryGetValue(row.GetString(0), out var rows))
                {
                    rows.State = row.GetFieldValue<byte[]>(1);
                }
            }

            await row.NextResultAsync(cancellationToken);
            while (await row.ReadAsync(cancellationToken))
            {
                if (loaded.TryGetValue(row.GetString(0), out var rows))
                {
                    rows.Events.Add(LoadedRows.Event(row, 1));
                }
            }

            await row.NextResultAsync(cancellationToken);
            while (await row.ReadAsync(cancellationToken))
            {
                if (loaded.TryGetValue(row.GetString(0), out var rows))
                {
                    rows.Effects.Add(LoadedRows.EffectOf(row, 1));
                }
            }
        }

        foreach (var operation in operations)
        {
            operation.Complete(loaded.GetValueOrDefault(operation.Claim.Conversation));
        }
    }
}
