using System.Runtime.CompilerServices;
using Npgsql;
using static IntentRouter.Storage.Postgres.PostgresSql;

namespace IntentRouter.Storage.Postgres;

internal sealed class AppendOperation(NewEvent newEvent, byte[] payload, StrongBox<bool> abandoned) : PostgresOperation<Appended>
{
    public NewEvent Event => newEvent;

    public byte[] Payload => payload;

    public override string Key => newEvent.Key;

    public override bool Abandoned => abandoned.Value;
}

/// <summary>
/// Stores a batch of events and claims their conversations: one round trip, one transaction. The first two statements bring all that concern
/// a conversation into one line, across replicas: appends among themselves, then appends and whoever holds the conversation. Only then
/// are sequences given out, so that within a conversation they follow the order of commits.
/// </summary>
internal static class AppendBatch
{
    private const string LineUpAppends =
        """
        select pg_advisory_xact_lock(h) from (select distinct hashtextextended(c, 0) as h from unnest($1::text[]) c order by 1) hashes
        """;

    private const string LineUpWithHolders =
        """
        select 1 from (select c from unnest($1::text[]) c order by c collate "C") u
        cross join lateral (select 1 from lease where conversation = u.c for update) l
        """;

    private const string StoreAndClaim =
        $"""
        {Claims.Stored}, wanted as (
          select conversation, max(urgent) as pressing, case when count(*) = 1 and max(starts) = 1 then max(seq) else 0 end as starting from news where no_work = 0 group by conversation
        ), {Claims.Claimed}
        select n.key, n.seq, case when n.no_work = 0 and c.owner = $14 then c.token end, {Claims.Start}
        from news n
        left join claimed c on c.conversation = n.conversation
        """;

    /// <summary>The same with echoes of own messages among the events: each ends its effect, and news may wait behind that.</summary>
    private const string StoreEchoesAndClaim =
        $"""
        {Claims.Stored}, ended as (
          delete from open_effect f using input i where f.key = any(array[i.receipt]) and f.conversation = any(array[i.conversation])
          returning f.key, f.conversation, f.event_seq, f.ordinal, f.kind, f.attempts, i.remote_id
        ), kept as (
          insert into finished_effect (event_seq, ordinal, kind, state, attempts, remote_id, finished_at)
          select event_seq, ordinal, kind, 2, attempts, remote_id, router_now() from ended
          on conflict (event_seq, ordinal) do update set state = 2, attempts = excluded.attempts, remote_id = excluded.remote_id, error = null, finished_at = excluded.finished_at
        ), wanted as (
          select conversation, max(pressing) as pressing, case when count(*) = 1 and max(starts) = 1 then max(seq) else 0 end as starting
          from (select conversation, urgent as pressing, starts, seq from news where no_work = 0 union all select conversation, 1, 0, 0 from ended) all_news
          group by conversation
        ), {Claims.Claimed}
        select n.key, n.seq, case when (n.no_work = 0 or e.key is not null) and c.owner = $14 then c.token end, {Claims.Start}
        from news n
        left join claimed c on c.conversation = n.conversation
        left join ended e on e.key = n.receipt
        """;

    private const string FinishEvents =
        """
        delete from open_event e where e.conversation = any($1) and e.state = 1
          and (select 1 from open_effect f where f.conversation = e.conversation and f.event_seq = e.turn limit 1) is null
        """;

    private const string Sending =
        """
        select c from unnest($1::text[]) c
        where (select 1 from open_effect f where f.conversation = c and f.state = 1 and f.public = 1 limit 1) is not null
        """;

    /// <summary>A first try may have been committed although its answer was lost: then nobody runs what it claimed.</summary>
    private const string ClaimedBefore =
        "select i.key, l.token from inbox i join lease l on l.conversation = any(array[i.conversation]) where i.key = any($1) and l.owner = $2";

    public static async Task RunAsync(
        NpgsqlConnection connection, List<AppendOperation> operations, bool repeated, long me, long leaseMilliseconds, CancellationToken cancellationToken)
    {
        BatchOrder.SettleTies(operations, operation => operation.Event);
        var conversations = operations.Select(operation => operation.Event.Conversation).Distinct(StringComparer.Ordinal).ToArray();
        await using var batch = new NpgsqlBatch(connection) { Timeout = PostgresEventStore.HotSeconds };
        batch.Add(LineUpAppends, P(conversations));
        batch.Add(LineUpWithHolders, P(conversations));
        var hasEchoes = operations.Exists(operation => operation.Event.Receipt is not null);
        batch.Add(
            hasEchoes ? StoreEchoesAndClaim : StoreAndClaim,
            Column(operations, o => o.Event.Key),
            Column(operations, o => o.Event.Conversation),
            Column(operations, o => o.Event.Kind),
            Column(operations, o => o.Event.MessageId),
            Column(operations, o => o.Event.ContactId),
            Column(operations, o => o.Event.Urgent ? 1 : 0),
            Column(operations, o => o.Event.TraceParent),
            Column(operations, o => o.Payload),
            Column(operations, o => (int)o.Event.Signal),
            Column(operations, o => o.Event.StateAt),
            Column(operations, o => o.Event.NoWork ? 1 : 0),
            Column(operations, o => o.Event.Receipt?.EffectKey),
            Column(operations, o => o.Event.Receipt?.RemoteId),
            P(me),
            P(leaseMilliseconds),
            Column(operations, o => o.Event.StartsAtOnce ? 1 : 0));
        if (hasEchoes)
        {
            batch.Add(FinishEvents, P(conversations));
        }

        var signals = operations.FindAll(operation => operation.Event.Signal != EventSignal.None);
        if (signals.Count > 0)
        {
            batch.Add(Sending, Column(signals, operation => operation.Event.Conversation));
        }

        if (repeated)
        {
            batch.Add(ClaimedBefore, Column(operations, o => o.Event.Key), P(me));
        }

        var stored = new Dictionary<string, Stored>(StringComparer.Ordinal);
        var sending = new HashSet<string>(StringComparer.Ordinal);
        var before = new Dictionary<string, long>(StringComparer.Ordinal);
        await using (var row = await batch.ExecuteReaderAsync(cancellationToken))
        {
            await row.NextResultAsync(cancellationToken);
            await row.NextResultAsync(cancellationToken);
            while (await row.ReadAsync(cancellationToken))
            {
                stored.Add(
                    row.GetString(0),
                    new Stored(
                        row.GetInt64(1),
                        row.IsDBNull(2) ? null : row.GetInt64(2),
                        !row.IsDBNull(3) && row.GetBoolean(3),
                        DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(4)),
                        row.IsDBNull(5) ? null : row.GetFieldValue<byte[]>(5)));
            }

            if (signals.Count > 0)
            {
                await row.NextResultAsync(cancellationToken);
                while (await row.ReadAsync(cancellationToken))
                {
                    sending.Add(row.GetString(0));
                }
            }

            if (repeated)
            {
                await row.NextResultAsync(cancellationToken);
                while (await row.ReadAsync(cancellationToken))
                {
                    before.Add(row.GetString(0), row.GetInt64(1));
                }
            }
        }

        foreach (var operation in operations)
        {
            var e = operation.Event;
            var isSending = e.Signal != EventSignal.None && sending.Contains(e.Conversation);
            if (stored.TryGetValue(e.Key, out var row))
            {
                operation.Complete(new Appended(true, row.Sequence, row.Token is { } token ? new Claim(e.Conversation, token) : null, isSending)
                {
                    Loaded = row.Starts ? LoadedRows.Only(e, row.Sequence, operation.Payload, row.ReceivedAt, row.State) : null,
                });
            }
            else
            {
                operation.Complete(new Appended(false, 0, before.TryGetValue(e.Key, out var token) ? new Claim(e.Conversation, token) : null, isSending));
            }
        }
    }

    /// <param name="Starts">Whether nothing else of its conversation is open.</param>
    private readonly record struct Stored(long Sequence, long? Token, bool Starts, DateTimeOffset ReceivedAt, byte[]? State);

    private static class Claims
    {
        public const string Stored =
            """
            with input as (
              select * from unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::bigint[], $6::int[], $7::text[], $8::bytea[], $9::int[], $10::float8[], $11::int[], $12::text[], $13::bigint[], $16::int[])
                with ordinality as i(key, conversation, kind, message_id, contact_id, urgent, trace_parent, payload, signal, state_at, no_work, receipt, remote_id, starts, position)
            ), stored as (
              insert into inbox (key, conversation, kind, signal, state_at, received_at)
              select key, conversation, kind, signal, state_at, router_now() from input order by position
              on conflict (key) do nothing
              returning seq, key, received_at
            ), news as (
              select s.seq, s.received_at, i.* from stored s join input i on i.key = s.key
            ), work as (
              insert into open_event (seq, conversation, key, kind, message_id, contact_id, urgent, received_at, trace_parent, payload)
              select seq, conversation, key, kind, message_id, contact_id, urgent, received_at, trace_parent, payload from news where no_work = 0
            )
            """;

        /// <remarks>
        /// dirty = 1 says that a conversation which was set aside stays so: older work waits in it, and the news does not end the waiting. "Older" is what this statement's
        /// snapshot sees, which does not contain the events it stores; where no lease is, nothing is open. A lease that keeps dirty = 0 is new, and its event starts at once.
        /// </remarks>
        public const string Claimed =
            """
            leased as (
              select w.*, l.owner, l.until, l.handling from wanted w
              left join lateral (select owner, until, handling from lease where conversation = w.conversation limit 1) l on true
            ), cut_off as (
              update open_event e set attempts = e.attempts + 1
              from leased l
              where l.handling <> 0 and l.owner not in (0, $14) and l.until <= router_now()
                and e.seq = any(array[l.handling]) and e.conversation = any(array[l.conversation]) and e.state = 0
            ), claimed as (
              insert into lease as l (conversation, owner, token, until, dirty, handling)
              select conversation, $14, nextval('lease_token'), router_now() + $15, case when starting <> 0 and idle then 0 when pressing = 1 or idle then 2 else 1 end,
                case when idle then starting else 0 end
              from (
                select w.conversation, w.pressing, w.starting, case when w.owner is null then true else
                  not exists (select 1 from open_event e where e.conversation = w.conversation and e.state < 3)
                  and not exists (select 1 from open_effect f where f.conversation = w.conversation and f.parked = 0) end as idle
                from leased w offset 0) w
              order by conversation
              on conflict (conversation) do update set
                owner = case when l.owner = excluded.owner or l.until <= router_now() or l.owner = 0 and excluded.dirty <> 1 then excluded.owner else l.owner end,
                token = case when l.owner <> excluded.owner and (l.until <= router_now() or l.owner = 0 and excluded.dirty <> 1) then excluded.token else l.token end,
                until = case when l.owner = excluded.owner or l.until <= router_now() or l.owner = 0 and excluded.dirty <> 1 then excluded.until else l.until end,
                dirty = 1,
                handling = case when l.owner = excluded.owner or l.until > router_now() then l.handling else 0 end
              returning conversation, owner, token, dirty
            )
            """;

        public const string Start =
            """
            c.dirty = 0 and n.no_work = 0, n.received_at,
              case when c.dirty = 0 and n.no_work = 0 then (select v.state from conversation v where v.conversation = n.conversation limit 1) end
            """;
    }
}
