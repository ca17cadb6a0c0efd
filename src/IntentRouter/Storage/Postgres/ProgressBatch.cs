using Npgsql;
using static IntentRouter.Storage.Postgres.PostgresSql;

namespace IntentRouter.Storage.Postgres;

internal abstract class ProgressOperation<T>(Claim claim) : PostgresOperation<T>, IProgress
{
    public Claim Claim => claim;

    /// <summary>One conversation makes one step per transaction, so that a batch can run step by kind of step.</summary>
    public override string Key => claim.Conversation;
}

internal interface IProgress
{
    Claim Claim { get; }
}

internal sealed class BeginHandlingOperation(Claim claim, long sequence) : ProgressOperation<bool>(claim)
{
    public long Sequence => sequence;
}

internal sealed class StepOperation(Claim claim, ConversationStep step, DecidedRow? row) : ProgressOperation<StepResult>(claim)
{
    public ConversationStep Step => step;

    /// <summary>The turn's columns; null without a turn.</summary>
    public DecidedRow? Row => row;
}

internal sealed class FailOperation(Claim claim, long sequence, string? reason, bool park) : ProgressOperation<bool>(claim)
{
    public long Sequence => sequence;

    public string? Reason => reason;

    public bool Park => park;
}

/// <summary>
/// The steps of running conversations: one round trip, one transaction. The first statement locks the leases that are still held, in order;
/// every later one joins them, so a step without a valid claim changes nothing.
/// </summary>
internal static class ProgressBatch
{
    private const string NoteHandling =
        """
        update lease l set handling = u.seq from unnest($1::text[], $2::bigint[], $4::bigint[]) u(conversation, token, seq)
        where l.conversation = any(array[u.conversation]) and l.token = u.token and l.owner = $3
        """;

    // An event that is decided already: the same turn comes again after an answer that got lost.
    private const string DecideTurns =
        """
        with decided as (
          select u.* from unnest($1::text[], $2::bigint[], $4::bigint[], $5::text[], $6::bigint[], $7::bigint[], $8::text[], $9::text[], $10::text[], $11::text[], $12::bigint[], $13::text[])
            with ordinality u(conversation, token, event, bot, account, contact_id, state, status, decision, intent, decided_at, explanation, position)
          join lease l on l.conversation = any(array[u.conversation]) and l.token = u.token and l.owner = $3
          join open_event e on e.seq = any(array[u.event]) and e.conversation = any(array[u.conversation]) and e.state in (0, 3)
        ), explained as (
          insert into turn (conversation, bot, event_seq, decided_at, explanation)
          select conversation, bot, event, decided_at, explanation from decided where explanation is not null order by position
        )
        insert into conversation (conversation, bot, account, contact_id, state, status, last_decision, last_intent, updated_at, updated_hour)
        select conversation, bot, account, contact_id, state, status, decision, intent, now, now / 3600000 from decided cross join (select router_now() as now offset 0) clock
        on conflict (conversation) do update set contact_id = excluded.contact_id, state = excluded.state, status = excluded.status,
          last_decision = coalesce(excluded.last_decision, conversation.last_decision),
          last_intent = case when excluded.last_decision is null then conversation.last_intent else excluded.last_intent end,
          updated_at = excluded.updated_at, updated_hour = excluded.updated_hour
        """;

    /// <summary>
    /// Plans effects and marks those that begin. One that is planned and begins in the same step is written as being sent at once: the update sees what was there before
    /// this statement only, as after a commit whose answer was lost. $11: the gate of one that begins, null for the others; from $12 on: all that begin. $16, $17: since when
    /// a human's word counts for these.
    /// </summary>
    private const string PlanAndBegin =
        $"""
        with planned as (
          insert into open_effect (key, conversation, event_seq, ordinal, kind, public, body, state_at, state, attempts, sent_at)
          select f.key, f.conversation, f.event_seq, f.ordinal, f.kind, f.public, f.body, f.state_at, g.goes, g.goes, case g.goes when 1 then router_now() end
          from unnest($1::text[], $2::bigint[], $4::bigint[], $5::text[], $6::int[], $7::text[], $8::int[], $9::text[], $10::float8[], $11::int[], $16::float8[])
            f(conversation, token, event_seq, key, ordinal, kind, public, body, state_at, gate, human_since)
          join lease l on l.conversation = any(array[f.conversation]) and l.token = f.token and l.owner = $3
          join open_event e on e.seq = any(array[f.event_seq]) and e.conversation = any(array[f.conversation]) and e.state in (0, 3)
          cross join lateral (
            select case when u.gate is null then 0 when u.gate <> 0 and (select 1 {Signals.ThatStop} limit 1) = 1 then 0 else 1 end as goes
            from (select f.gate, f.human_since) u offset 0) g
          on conflict (key) do nothing
          returning key, state
        ), begun as (
          update open_effect f set state = 1, attempts = f.attempts + 1, sent_at = router_now()
          from unnest($12::text[], $13::bigint[], $14::text[], $15::int[], $17::float8[]) u(conversation, token, key, gate, human_since), lease l
          where l.conversation = any(array[u.conversation]) and l.token = u.token and l.owner = $3
            and f.key = any(array[u.key]) and f.conversation = any(array[u.conversation])
            and (select 1 {Signals.ThatStop} limit 1) is null
          returning f.key
        )
        select key from planned where state = 1 union all select key from begun
        """;

    // The items in one order everywhere, so that two replicas do not wait for each other.
    private const string DecideReviews =
        """
        with input as (
          select u.* from unnest($1::text[], $2::bigint[], $4::bigint[], $5::text[], $6::bigint[], $7::bigint[], $8::text[], $9::text[], $10::text[],
            $11::text[], $12::text[], $13::text[], $14::text[], $15::text[], $16::text[], $17::text[], $18::int[], $19::int[])
            with ordinality u(conversation, token, event, bot, account, contact_id, text_key, text, language, adapter, model, candidates, reason, rule,
              suggestion, turn, count, takeovers, position)
          join lease l on l.conversation = any(array[u.conversation]) and l.token = u.token and l.owner = $3
          join open_event e on e.seq = any(array[u.event]) and e.conversation = any(array[u.conversation]) and e.state in (0, 3)
        ), latest as (
          select distinct on (bot, text_key) * from input order by bot, text_key, position desc
        ), total as (
          select bot, text_key, sum(count) as count, sum(takeovers) as takeovers, max(suggestion) as suggestion from input group by bot, text_key
        ), item as (
          insert into review_item (bot, text_key, text, language, adapter, model, candidates, reason, rule, suggestion, conversation, turn, count, takeovers, first_at, last_at)
          select n.bot, n.text_key, n.text, n.language, n.adapter, n.model, n.candidates, n.reason, n.rule, t.suggestion, n.conversation, n.turn, t.count, t.takeovers,
            router_now(), router_now()
          from latest n join total t on t.bot = n.bot and t.text_key = n.text_key
          order by n.bot, n.text_key
          on conflict (bot, text_key) do update set adapter = excluded.adapter, model = excluded.model, candidates = excluded.candidates,
            reason = excluded.reason, rule = excluded.rule, suggestion = coalesce(excluded.suggestion, review_item.suggestion),
            conversation = excluded.conversation, turn = excluded.turn, count = review_item.count + excluded.count,
            takeovers = review_item.takeovers + excluded.takeovers, last_at = excluded.last_at
          returning id, bot, text_key
        )
        insert into review_sighting (item, conversation, turn, account, contact_id, at)
        select i.id, n.conversation, n.turn, n.account, n.contact_id, router_now() from input n join item i on i.bot = n.bot and i.text_key = n.text_key
        on conflict do nothing
        """;

    private const string FinishSilentEvents =
        """
        delete from open_event e
        using unnest($1::text[], $2::bigint[], $4::bigint[]) u(conversation, token, seq), lease l
        where l.conversation = any(array[u.conversation]) and l.token = u.token and l.owner = $3
          and e.seq = any(array[u.seq]) and e.conversation = any(array[u.conversation]) and e.state = 0
        """;

    private const string MarkDecided =
        """
        update open_event e set state = 1, turn = u.turn
        from unnest($1::text[], $2::bigint[], $4::bigint[], $5::bigint[]) u(conversation, token, seq, turn), lease l
        where l.conversation = any(array[u.conversation]) and l.token = u.token and l.owner = $3
          and e.seq = any(array[u.seq]) and e.conversation = any(array[u.conversation]) and e.state = 0
        """;

    private const string ExtendLeases =
        """
        update lease l set until = router_now() + $4
        from unnest($1::text[], $2::bigint[]) u(conversation, token)
        where l.conversation = any(array[u.conversation]) and l.token = u.token and l.owner = $3 and l.until < router_now() + $5
        """;

    private const string Judge =
        $"""
        select f.key, (select i.signal {Signals.ThatStop} order by i.seq desc limit 1)
        from unnest($1::text[], $2::text[], $3::int[], $4::float8[]) u(conversation, key, gate, human_since)
        join open_effect f on f.key = any(array[u.key]) and f.conversation = any(array[u.conversation])
        """;

    private const string FinishEffects =
        """
        with ended as (
          delete from open_effect f
          using unnest($1::text[], $2::bigint[], $4::text[], $5::int[], $6::bigint[], $7::text[]) u(conversation, token, key, state, remote_id, error), lease l
          where l.conversation = any(array[u.conversation]) and l.token = u.token and l.owner = $3 and f.key = any(array[u.key]) and f.conversation = any(array[u.conversation])
          returning f.event_seq, f.ordinal, f.kind, u.state, f.attempts, coalesce(u.remote_id, f.remote_id) as remote_id,
            case when u.state = 2 then f.error else coalesce(u.error, f.error) end as error
        )
        insert into finished_effect (event_seq, ordinal, kind, state, attempts, remote_id, error, finished_at)
        select event_seq, ordinal, kind, state, attempts, remote_id, error, router_now() from ended
        on conflict (event_seq, ordinal) do update set kind = excluded.kind, state = excluded.state, attempts = excluded.attempts,
          remote_id = excluded.remote_id, error = excluded.error, finished_at = excluded.finished_at
        """;

    private const string FinishEvents =
        """
        delete from open_event e
        using unnest($1::text[], $2::bigint[]) u(conversation, token), lease l
        where l.conversation = any(array[u.conversation]) and l.token = u.token and l.owner = $3 and e.conversation = any(array[u.conversation]) and e.state = 1
          and (select 1 from open_effect f where f.conversation = e.conversation and f.event_seq = e.turn limit 1) is null
        """;

    private const string KeepEffectsOpen =
        """
        update open_effect f set state = u.state, error = u.error, sent_at = case when u.state = 0 then null else f.sent_at end
        from unnest($1::text[], $2::bigint[], $4::text[], $5::int[], $6::text[]) u(conversation, token, key, state, error), lease l
        where l.conversation = any(array[u.conversation]) and l.token = u.token and l.owner = $3 and f.key = any(array[u.key]) and f.conversation = any(array[u.conversation])
        """;

    private const string AppendFollowUps =
        """
        with input as (
          select u.* from unnest($1::text[], $2::bigint[], $4::text[], $5::text[], $6::bigint[], $7::bigint[], $8::int[], $9::text[], $10::bytea[])
            u(conversation, token, key, kind, message_id, contact_id, urgent, trace_parent, payload)
          join lease l on l.conversation = any(array[u.conversation]) and l.token = u.token and l.owner = $3
        ), stored as (
          insert into inbox (key, conversation, kind, signal, state_at, received_at)
          select key, conversation, kind, 0, 0, router_now() from input
          on conflict (key) do nothing
          returning seq, key, received_at
        ), work as (
          insert into open_event (seq, conversation, key, kind, message_id, contact_id, urgent, received_at, trace_parent, payload)
          select s.seq, i.conversation, i.key, i.kind, i.message_id, i.contact_id, i.urgent, s.received_at, i.trace_parent, i.payload
          from stored s join input i on i.key = s.key
          returning conversation
        )
        update lease l set dirty = 1 from work w where l.conversation = any(array[w.conversation])
        """;

    private const string FailEvents =
        """
        update open_event e set attempts = e.attempts + 1, reason = u.reason, state = case when u.park = 1 then 3 else e.state end
        from unnest($1::text[], $2::bigint[], $4::bigint[], $5::text[], $6::int[]) u(conversation, token, seq, reason, park), lease l
        where l.conversation = any(array[u.conversation]) and l.token = u.token and l.owner = $3
          and e.seq = any(array[u.seq]) and e.conversation = any(array[u.conversation]) and e.state < 3
        """;

    // What was decided for a parked event waits with it, and stands for the whole burst that it answered.
    private const string ParkEffects =
        """
        update open_effect f set parked = 1
        from unnest($1::text[], $2::bigint[], $4::bigint[], $5::int[]) u(conversation, token, seq, park), lease l
        where l.conversation = any(array[u.conversation]) and l.token = u.token and l.owner = $3
          and u.park = 1 and f.conversation = any(array[u.conversation]) and f.event_seq = u.seq
        """;

    private const string ParkBursts =
        """
        delete from open_event e
        using unnest($1::text[], $2::bigint[], $4::bigint[], $5::int[]) u(conversation, token, seq, park), lease l
        where l.conversation = any(array[u.conversation]) and l.token = u.token and l.owner = $3
          and u.park = 1 and e.conversation = any(array[u.conversation]) and e.turn = u.seq and e.seq <> u.seq and e.state = 1
        """;

    // A statement of its own, after the lock: it must see what was appended while the lock was waited for.
    private const string Release =
        """
        delete from lease l using unnest($1::text[], $2::bigint[]) u(conversation, token)
        where l.conversation = any(array[u.conversation]) and l.token = u.token and l.owner = $3
          and (select 1 from open_event e where e.conversation = l.conversation and e.state < 3 limit 1) is null
          and (select 1 from open_effect f where f.conversation = l.conversation and f.parked = 0 limit 1) is null
        returning l.conversation
        """;

    private const string SetAside =
        """
        update lease l set owner = 0, until = router_now() + u.delay
        from unnest($1::text[], $2::bigint[], $4::bigint[]) u(conversation, token, delay)
        where l.conversation = any(array[u.conversation]) and l.token = u.token and l.owner = $3 and (l.dirty = 0 or u.delay <= 0)
        returning l.conversation
        """;

    public static async Task RunAsync(NpgsqlConnection connection, List<PostgresOperation> operations, long me, TimeSpan lease, CancellationToken cancellationToken)
    {
        var steps = operations.OfType<StepOperation>().ToList();
        var decides = steps.FindAll(o => o.Row is not null);
        var begins = steps.FindAll(o => o.Step.Begin is not null);
        var ends = steps.FindAll(o => o.Step.Ended is not null);
        var fails = operations.OfType<FailOperation>().ToList();
        var releases = steps.FindAll(o => o.Step.GiveBack is { NotBefore: null });
        var asides = steps.FindAll(o => o.Step.GiveBack is { NotBefore: not null });

        await using var batch = new NpgsqlBatch(connection) { Timeout = PostgresEventStore.HotSeconds };
        var all = operations.ConvertAll(operation => ((IProgress)operation).Claim);
        batch.Add(LockHeld, Column(all, c => c.Conversation), Column(all, c => c.Token), P(me));
        var noted = operations.OfType<BeginHandlingOperation>().ToList();
        if (noted.Count > 0)
        {
            batch.Add(NoteHandling, Conversations(noted), Tokens(noted), P(me), Column(noted, o => o.Sequence));
        }

        var plans = AddEffects(batch, decides, begins, me);
        AddDecides(batch, decides, me);
        AddEnds(batch, ends, me);
        if (fails.Count > 0)
        {
            batch.Add(
                FailEvents,
                Conversations(fails),
                Tokens(fails),
                P(me),
                Column(fails, o => o.Sequence),
                Column(fails, o => o.Reason),
                Column(fails, o => o.Park ? 1 : 0));
        }

        if (fails.Exists(o => o.Park))
        {
            foreach (var statement in new[] { ParkEffects, ParkBursts })
            {
                batch.Add(statement, Conversations(fails), Tokens(fails), P(me), Column(fails, o => o.Sequence), Column(fails, o => o.Park ? 1 : 0));
            }
        }

        if (releases.Count > 0)
        {
            batch.Add(Release, Conversations(releases), Tokens(releases), P(me));
        }

        if (asides.Count > 0)
        {
            batch.Add(SetAside, Conversations(asides), Tokens(asides), P(me), Column(asides, o => (long)Math.Ceiling(o.Step.GiveBack!.NotBefore!.Value.TotalMilliseconds)));
        }

        // Milliseconds until the lease runs out.
        var held = new Dictionary<string, long>(StringComparer.Ordinal);
        var begun = new HashSet<string>(StringComparer.Ordinal);
        var released = new HashSet<string>(StringComparer.Ordinal);
        await using (var row = await batch.ExecuteReaderAsync(cancellationToken))
        {
            while (await row.ReadAsync(cancellationToken))
            {
                held.Add(row.GetString(0), row.GetInt64(1));
            }

            if (plans)
            {
                await row.NextResultAsync(cancellationToken);
                while (await row.ReadAsync(cancellationToken))
                {
                    begun.Add(row.GetString(0));
                }
            }

            for (var results = (releases.Count > 0 ? 1 : 0) + (asides.Count > 0 ? 1 : 0); results > 0; results--)
            {
                await row.NextResultAsync(cancellationToken);
                while (await row.ReadAsync(cancellationToken))
                {
                    released.Add(row.GetString(0));
                }
            }
        }

        // Only now is the transaction committed.
        var judged = new Dictionary<string, EventSignal>(StringComparer.Ordinal);
        var mustBeLeft = (long)SendWindow.MustBeLeft(lease).TotalMilliseconds;
        var unsettled = begins.FindAll(o => held.TryGetValue(o.Claim.Conversation, out var left) && (left < mustBeLeft || !begun.Contains(o.Step.Begin!.EffectKey)));
        if (unsettled.Count > 0)
        {
            await SettleAsync(connection, unsettled, me, lease, held, judged, cancellationToken);
        }

        foreach (var operation in operations)
        {
            var holds = held.ContainsKey(((IProgress)operation).Claim.Conversation);
            switch (operation)
            {
                case StepOperation step:
                    step.Complete(new StepResult(
                        holds,
                        step.Step.Begin is { } begin ? Permit(begin, holds, begun, judged, lease) : null,
                        step.Step.GiveBack is null ? null
                            : !holds ? ReleaseResult.ClaimLost : released.Contains(step.Claim.Conversation) ? ReleaseResult.Released : ReleaseResult.MoreWork));
                    break;
                case PostgresOperation<bool> other:
                    other.Complete(holds);
                    break;
            }
        }
    }

    /// <summary>
    /// The rare rest, after the commit: leases too short for what has begun are extended, and why something did not begin is asked. A lease that was lost since is lost for the
    /// beginning, too.
    /// </summary>
    private static async Task SettleAsync(
        NpgsqlConnection connection, List<StepOperation> begins, long me, TimeSpan lease, Dictionary<string, long> held, Dictionary<string, EventSignal> judged,
        CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(connection) { Timeout = PostgresEventStore.HotSeconds };
        batch.Add(LockHeld, Conversations(begins), Tokens(begins), P(me));
        batch.Add(
            ExtendLeases, Conversations(begins), Tokens(begins), P(me), P((long)lease.TotalMilliseconds), P((long)SendWindow.MustBeLeft(lease).TotalMilliseconds));
        batch.Add(
            Judge,
            Conversations(begins),
            Column(begins, o => o.Step.Begin!.EffectKey),
            Column(begins, o => (int)o.Step.Begin!.Gate),
            Column(begins, o => o.Step.Begin!.HumanSince));
        foreach (var begin in begins)
        {
            held.Remove(begin.Claim.Conversation);
        }

        await using var row = await batch.ExecuteReaderAsync(cancellationToken);
        while (await row.ReadAsync(cancellationToken))
        {
            held.Add(row.GetString(0), row.GetInt64(1));
        }

        await row.NextResultAsync(cancellationToken);
        while (await row.ReadAsync(cancellationToken))
        {
            judged.Add(row.GetString(0), row.IsDBNull(1) ? EventSignal.None : (EventSignal)row.GetInt32(1));
        }
    }

    private static SendPermit Permit(BeginSend request, bool holds, HashSet<string> begun, Dictionary<string, EventSignal> judged, TimeSpan lease) =>
        !holds ? new SendPermit(SendVerdict.ClaimLost, TimeSpan.Zero, EventSignal.None)
        : begun.Contains(request.EffectKey) ? new SendPermit(SendVerdict.Proceed, SendWindow.Of(lease), EventSignal.None)
        : judged.TryGetValue(request.EffectKey, out var signal) ? new SendPermit(SendVerdict.Stale, TimeSpan.Zero, signal)
        : new SendPermit(SendVerdict.AlreadyDone, TimeSpan.Zero, EventSignal.None);

    private static void AddDecides(NpgsqlBatch batch, List<StepOperation> decides, long me)
    {
        if (decides.Count == 0)
        {
            return;
        }

        batch.Add(
            DecideTurns,
            Conversations(decides),
            Tokens(decides),
            P(me),
            Column(decides, o => o.Row!.Event),
            Column(decides, o => o.Row!.Key.Bot),
            Column(decides, o => o.Row!.Key.Account),
            Column(decides, o => o.Row!.Contact),
            Column(decides, o => o.Row!.State),
            Column(decides, o => o.Row!.Status),
            Column(decides, o => o.Row!.Decision),
            Column(decides, o => o.Row!.Intent),
            Column(decides, o => o.Row!.DecidedAt),
            Column(decides, o => o.Row!.Explanation));

        var notes = decides.SelectMany(o => o.Row!.Review.Select(note => (o.Claim, Row: o.Row!, Note: note))).ToList();
        if (notes.Count > 0)
        {
            batch.Add(
                DecideReviews,
                Column(notes, n => n.Claim.Conversation),
                Column(notes, n => n.Claim.Token),
                P(me),
                Column(notes, n => n.Row.Event),
                Column(notes, n => n.Row.Key.Bot),
                Column(notes, n => n.Row.Key.Account),
                Column(notes, n => n.Row.Contact),
                Column(notes, n => n.Note.TextKey),
                Column(notes, n => n.Note.Text),
                Column(notes, n => n.Note.Language),
                Column(notes, n => n.Note.Adapter),
                Column(notes, n => n.Note.Model),
                Column(notes, n => n.Note.Candidates),
                Column(notes, n => n.Note.Reason),
                Column(notes, n => n.Note.Rule),
                Column(notes, n => n.Note.Suggestion),
                Column(notes, n => n.Note.Turn),
                Column(notes, n => n.Note.Count),
                Column(notes, n => n.Note.Takeovers));
        }

        var events = decides.SelectMany(o => o.Row!.Events.Select(sequence => (o.Claim, Row: o.Row!, Sequence: sequence))).ToLookup(e => e.Row.Effects.Count == 0);
        var silent = events[true].ToList();
        if (silent.Count > 0)
        {
            batch.Add(FinishSilentEvents, Column(silent, e => e.Claim.Conversation), Column(silent, e => e.Claim.Token), P(me), Column(silent, e => e.Sequence));
        }

        var decided = events[false].ToList();
        if (decided.Count > 0)
        {
            batch.Add(
                MarkDecided,
                Column(decided, e => e.Claim.Conversation),
                Column(decided, e => e.Claim.Token),
                P(me),
                Column(decided, e => e.Sequence),
                Column(decided, e => e.Row.Event));
        }
    }

    /// <returns>Whether there is a result to read: the keys of what has begun.</returns>
    private static bool AddEffects(NpgsqlBatch batch, List<StepOperation> decides, List<StepOperation> begins, long me)
    {
        var effects = decides.SelectMany(o => o.Row!.Effects.Select(effect => (o.Claim, Row: o.Row!, Effect: effect, o.Step.Begin))).ToList();
        if (effects.Count == 0 && begins.Count == 0)
        {
            return false;
        }

        batch.Add(
            PlanAndBegin,
            Column(effects, e => e.Claim.Conversation),
            Column(effects, e => e.Claim.Token),
            P(me),
            Column(effects, e => e.Row.Event),
            Column(effects, e => e.Effect.Key),
            Column(effects, e => e.Effect.Ordinal),
            Column(effects, e => e.Effect.Kind),
            Column(effects, e => e.Effect.Public ? 1 : 0),
            Column(effects, e => e.Effect.Body),
            Column(effects, e => e.Row.StateAt),
            Column(effects, e => e.Begin?.EffectKey == e.Effect.Key ? (int?)e.Begin.Gate : null),
            Conversations(begins),
            Tokens(begins),
            Column(begins, o => o.Step.Begin!.EffectKey),
            Column(begins, o => (int)o.Step.Begin!.Gate),
            Column(effects, e => e.Begin?.HumanSince ?? 0),
            Column(begins, o => o.Step.Begin!.HumanSince));
        return true;
    }

    private static void AddEnds(NpgsqlBatch batch, List<StepOperation> ends, long me)
    {
        var finals = ends.FindAll(o => IsFinal(o.Step.Ended!));
        if (finals.Count > 0)
        {
            batch.Add(
                FinishEffects,
                Conversations(finals),
                Tokens(finals),
                P(me),
                Column(finals, o => o.Step.Ended!.EffectKey),
                Column(finals, o => (int)o.Step.Ended!.State),
                Column(finals, o => o.Step.Ended!.RemoteId),
                Column(finals, o => o.Step.Ended!.Error));
            batch.Add(FinishEvents, Conversations(finals), Tokens(finals), P(me));
        }

        var kept = ends.FindAll(o => !IsFinal(o.Step.Ended!));
        if (kept.Count > 0)
        {
            batch.Add(
                KeepEffectsOpen,
                Conversations(kept),
                Tokens(kept),
                P(me),
                Column(kept, o => o.Step.Ended!.EffectKey),
                Column(kept, o => (int)o.Step.Ended!.State),
                Column(kept, o => o.Step.Ended!.Error));
        }

        var followUps = ends.Where(o => o.Step.Ended!.FollowUp is not null).Select(o => (o.Claim, Event: o.Step.Ended!.FollowUp!)).ToList();
        if (followUps.Count > 0)
        {
            batch.Add(
                AppendFollowUps,
                Column(followUps, f => f.Claim.Conversation),
                Column(followUps, f => f.Claim.Token),
                P(me),
                Column(followUps, f => f.Event.Key),
                Column(followUps, f => f.Event.Kind),
                Column(followUps, f => f.Event.MessageId),
                Column(followUps, f => f.Event.ContactId),
                Column(followUps, f => f.Event.Urgent ? 1 : 0),
                Column(followUps, f => f.Event.TraceParent),
                Column(followUps, f => f.Event.Payload.ToArray()));
        }
    }

    private static bool IsFinal(EffectOutcome outcome) => outcome.State is not (EffectState.Planned or EffectState.Sending);

    private static NpgsqlParameter Conversations<T>(List<T> operations)
        where T : IProgress => Column(operations, o => o.Claim.Conversation);

    private static NpgsqlParameter Tokens<T>(List<T> operations)
        where T : IProgress => Column(operations, o => o.Claim.Token);

    private static class Signals
    {
        /// <summary>Those in the inbox that make the effect <c>f</c> stale, by the gate and the time of <c>u</c>.</summary>
        public const string ThatStop =
            """
            from inbox i
            where i.conversation = f.conversation and i.signal <> 0 and i.seq > f.event_seq
              and (i.state_at = 0 or i.state_at > f.state_at or i.signal = 1 and i.state_at >= u.human_since)
              and (u.gate = 1 or u.gate = 2 and i.signal in (1, 4) or u.gate = 3 and i.signal = 2)
            """;
    }
}
