using System.Data.Common;
using IntentRouter.Configuration;
using Microsoft.Data.Sqlite;

namespace IntentRouter.Storage.Sqlite;

/// <summary>
/// The embedded store: a file, one process, one writer thread. Leases keep their meaning inside the process: work that nobody renews
/// is taken over, and its earlier holder is fenced off.
/// </summary>
internal sealed class SqliteEventStore : RelationalEventStore
{
    /// <summary>This process in the lease table; the lock file keeps others away.</summary>
    private const long Me = 1;

    private const int LargestRenewal = 50;

    private readonly EngineOptions _engine;
    private readonly ILogger _logger;
    private readonly string _connectionString;
    private readonly string _file;
    private readonly AppendBounds _bounds;
    private readonly long _startedAt;
    private readonly long _startedTimestamp;
    private FileStream? _lock;
    private SqliteWriter? _writer;
    private long _lastToken;

    public SqliteEventStore(StoreOptions options, EngineOptions engine, string contentRoot, TimeProvider clock, ILogger<SqliteEventStore> logger)
        : base(clock)
    {
        _engine = engine;
        _logger = logger;
        _bounds = new AppendBounds(engine, clock);
        _startedAt = clock.GetUtcNow().ToUnixTimeMilliseconds();
        _startedTimestamp = clock.GetTimestamp();

        var connection = Read(options.Connection);
        _file = Path.GetFullPath(connection.DataSource, contentRoot);
        connection.DataSource = _file;
        connection.DefaultTimeout = 5;
        _connectionString = connection.ToString();
    }

    /// <exception cref="StoreUnavailableException">It is no connection string that a store could use.</exception>
    public static SqliteConnectionStringBuilder Read(string text)
    {
        SqliteConnectionStringBuilder connection;
        try
        {
            connection = new SqliteConnectionStringBuilder(text);
        }
        catch (ArgumentException ex)
        {
            throw new StoreUnavailableException("store.connection is not a connection string of SQLite; write 'Data Source=FILE'.", ex);
        }

        return connection.DataSource.Length == 0 || connection.DataSource == ":memory:" || connection.Mode == SqliteOpenMode.Memory
            ? throw new StoreUnavailableException("store.connection names no file; what is stored must outlive the process. Write 'Data Source=FILE'.")
            : connection;
    }

    protected override string SizeSql => "select (select page_count from pragma_page_count()) * (select page_size from pragma_page_size())";

    private SqliteWriter Writer => _writer ?? throw new StoreUnavailableException("The store is not started.");

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(_file)!);
        }
        catch (Exception ex) when (ex is IOException or UnauthorizedAccessException)
        {
            throw new StoreUnavailableException($"The folder of the database file {_file} cannot be made: {ex.Message}", ex);
        }

        _lock = TakeLock();
        try
        {
            await Task.Run(Open, cancellationToken);
        }
        catch (SqliteException ex)
        {
            throw new StoreUnavailableException($"The database file {_file} cannot be opened: {ex.Message}", ex);
        }
    }

    public override Task<Appended> AppendAsync(NewEvent newEvent, CancellationToken cancellationToken)
    {
        var payload = newEvent.NoWork ? [] : newEvent.Payload.ToArray();
        return _bounds.RunAsync(
            payload.Length,
            abandoned => Writer.RunAsync(
                session => abandoned.Value ? throw new StoreUnavailableException(AppendBounds.TooLate) : Append(session, newEvent, payload),
                _ =>
                {
                    if (newEvent.Receipt is not null)
                    {
                        SendsEnded(newEvent.Conversation);
                    }
                },
                newEvent),
            cancellationToken);
    }

    public override async Task<LoadedConversation?> LoadAsync(Claim claim, int maxEvents, CancellationToken cancellationToken) =>
        (await Writer.RunAsync(session => Load(session, claim, maxEvents)).WaitAsync(cancellationToken))?.Parse();

    public override Task<StepResult> StepAsync(Claim claim, ConversationStep step, CancellationToken cancellationToken)
    {
        var row = Prepare(claim, step);
        return Writer.RunAsync(
            session => Step(session, claim, step, row),
            _ =>
            {
                if (step.Ended is not null)
                {
                    SendsEnded(claim.Conversation);
                }
            }).WaitAsync(cancellationToken);
    }

    public override Task<bool> FailEventAsync(Claim claim, long sequence, string reason, bool park, CancellationToken cancellationToken) =>
        Writer.RunAsync(session =>
        {
            if (!Holds(session, claim))
            {
                return false;
            }

            session.Change(
                """
                update open_event set attempts = attempts + 1, reason = $1, state = case when $2 then 3 else state end
                where seq = $3 and conversation = $4 and state < 3
                """,
                Bounded(reason),
                park ? 1L : 0L,
                sequence,
                claim.Conversation);
            if (park)
            {
                // What was decided for it waits with it, and stands for the whole burst that it answered.
                session.Change("update open_effect set parked = 1 where conversation = $1 and event_seq = $2", claim.Conversation, sequence);
                session.Change("delete from open_event where conversation = $1 and turn = $2 and seq <> $2 and state = 1", claim.Conversation, sequence);
            }

            return true;
        }).WaitAsync(cancellationToken);

    public override Task<bool> BeginHandlingAsync(Claim claim, long sequence, CancellationToken cancellationToken) =>
        Writer.RunAsync(
            session => session.Change(
                "update lease set handling = $1 where conversation = $2 and token = $3 and owner = $4", sequence, claim.Conversation, claim.Token, Me) > 0)
            .WaitAsync(cancellationToken);

    public override async Task<IReadOnlyList<Claim>> RecoverAsync(int max, CancellationToken cancellationToken)
    {
        // Looked for beside the writer; what was found is looked at again when it is taken.
        var found = await ReadAsync(
            connection => AllAsync(
                connection,
                "select conversation from lease where until <= @at order by until limit @max",
                row => row.GetString(0),
                ("at", LeaseNow()),
                ("max", max)),
            cancellationToken);
        if (found.Count == 0)
        {
            return [];
        }

        return await Writer.RunAsync(session => found.ConvertAll(conversation => Recover(session, conversation)).OfType<Claim>().ToList()).WaitAsync(cancellationToken);
    }

    public override async Task<IReadOnlyList<Claim>> RenewAsync(IReadOnlyList<Claim> claims, CancellationToken cancellationToken)
    {
        // In pieces: a webhook waits for one of them at most.
        var lost = new List<Claim>();
        foreach (var piece in claims.Chunk(LargestRenewal))
        {
            lost.AddRange(await Writer.RunAsync(session => Array.FindAll(piece, claim => !Extend(session, claim))).WaitAsync(cancellationToken));
        }

        return lost;
    }

    public override Task ReleaseAllAsync(CancellationToken cancellationToken) =>
        Writer.RunAsync(session => session.Change("update lease set owner = 0, until = $1 where owner = $2", LeaseNow(), Me)).WaitAsync(cancellationToken);

    public override async ValueTask DisposeAsync()
    {
        if (_writer is not null)
        {
            await _writer.DisposeAsync();
        }

        if (_lock is not null)
        {
            await _lock.DisposeAsync();
        }
    }

    protected override Task<T> ReadAsync<T>(Func<DbConnection, Task<T>> read, CancellationToken cancellationToken) =>
        Task.Run(
            async () =>
            {
                _ = Writer;
                try
                {
                    await using var connection = new SqliteConnection(_connectionString);
                    connection.Open();
                    return await read(connection);
                }
                catch (SqliteException ex)
                {
                    throw new StoreUnavailableException($"The database file could not be read: {ex.Message}", ex);
                }
            },
            cancellationToken);

    protected override Task<T> WriteAsync<T>(Func<DbConnection, Task<T>> write, CancellationToken cancellationToken) =>
        // The provider completes its asynchronous calls at once, so nothing here blocks the writer on another thread.
        Writer.RunAsync(session => write(session.Connection).GetAwaiter().GetResult()).WaitAsync(cancellationToken);

    protected override DbCommand CreateCommand(DbConnection connection, string sql, params ReadOnlySpan<(string Name, object? Value)> parameters)
    {
        var command = ((SqliteConnection)connection).CreateCommand();
#pragma warning disable CA2100 // Every statement is a constant of this folder.
        command.CommandText = sql;
#pragma warning restore CA2100
        foreach (var (name, value) in parameters)
        {
            command.Parameters.AddWithValue("@" + name, value ?? DBNull.Value);
        }

        if (sql.Contains("@now", StringComparison.Ordinal))
        {
            command.Parameters.AddWithValue("@now", WallNow());
        }

        return command;
    }

    // The log still holds the pages as they were.
    protected override Task ScrubAsync(CancellationToken cancellationToken) => Task.Run(
        () =>
        {
            using var connection = new SqliteConnection(new SqliteConnectionStringBuilder(_connectionString) { Pooling = false }.ToString());
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = "pragma wal_checkpoint(truncate)";
            for (var attempt = 0; attempt < 100; attempt++)
            {
                if (command.ExecuteScalar() is 0L)
                {
                    return;
                }

                // A copy of the log is under way; it ends by itself.
                cancellationToken.WaitHandle.WaitOne(TimeSpan.FromMilliseconds(50));
                cancellationToken.ThrowIfCancellationRequested();
            }

            throw new StoreUnavailableException("What was deleted is still in the database's log, which is in use without a pause; erase again.");
        },
        cancellationToken);

    private FileStream TakeLock()
    {
        var path = _file + ".lock";
        try
        {
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.None);
        }
        catch (IOException ex) when (IsHeld(ex))
        {
            throw new StoreUnavailableException(
                $"The database file {_file} is in use by another process (its lock file {path} is held). SQLite serves one process: "
                + "stop the other, give this one a file of its own, or set store.provider to 'postgres'.",
                ex);
        }
        catch (Exception ex) when (ex is IOException or UnauthorizedAccessException)
        {
            throw new StoreUnavailableException($"The lock file {path} cannot be written: {ex.Message}", ex);
        }
    }

    // A sharing violation: EWOULDBLOCK, or as Windows numbers it.
    private static bool IsHeld(IOException ex) => ex.HResult is 11 or 35 or unchecked((int)0x80070020);

    private void Open()
    {
        SchemaMigration.Run(
            DbUp.DeployChanges.To.SqliteDatabase(_connectionString).JournalToSqliteTable(SchemaMigration.Journal), "Sqlite", _logger);
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder(_connectionString) { Pooling = false }.ToString());
        connection.Open();
        var session = new SqliteSession(connection);
        session.Change("pragma journal_mode = wal");

        // FULL: an answer of 200 survives a power cut. The price is shared by all who wait for the same flush.
        session.Change("pragma synchronous = full");

        // Open work and the upper pages of the rest. Not more: after a split of a page SQLite looks through the whole cache at its next commit.
        session.Change("pragma cache_size = -8192");
        session.Change("pragma temp_store = memory");

        // The log is copied back beside the writer; with ten times what that lets grow, the writer helps itself.
        session.Change("pragma wal_autocheckpoint = 50000");

        // What is deleted is overwritten: erasure would otherwise leave a person's words in pages that nothing refers to.
        session.Change("pragma secure_delete = on");

        // Nobody else can hold anything: what the last process left is free. What it was handling when it ended is counted.
        session.Change("begin immediate");
        session.Change("update open_event set attempts = attempts + 1 where state = 0 and seq in (select handling from lease where owner <> 0)");
        session.Change("update lease set owner = 0, until = 0, handling = 0 where owner <> 0");
        session.Change("commit");
        _lastToken = session.Number("select max(token) from lease") ?? 0;
        _writer = new SqliteWriter(session, new SqliteCheckpoint(_connectionString), Clock);
    }

    /// <summary>Wall-clock time in milliseconds, for what people read.</summary>
    private long WallNow() => Clock.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>Milliseconds that only grow while the process lives: setting the machine's clock moves no lease.</summary>
    private long LeaseNow() => _startedAt + (long)Clock.GetElapsedTime(_startedTimestamp).TotalMilliseconds;

    private Appended Append(SqliteSession session, NewEvent e, byte[] payload)
    {
        var now = WallNow();
        var stored = session.Insert(
            "insert into inbox (key, conversation, kind, signal, state_at, received_at) values ($1, $2, $3, $4, $5, $6) on conflict (key) do nothing",
            e.Key,
            e.Conversation,
            e.Kind,
            (long)e.Signal,
            e.StateAt,
            now);
        if (stored is not { } sequence)
        {
            return new Appended(false, 0, null, IsSending(session, e));
        }

        var ended = e.Receipt is { } receipt && Finish(session, e.Conversation, receipt.EffectKey, EffectState.Done, receipt.RemoteId, null);
        if (!e.NoWork)
        {
            session.Change(
                """
                insert into open_event (seq, conversation, key, kind, message_id, contact_id, urgent, received_at, trace_parent, payload)
                values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
                """,
                sequence,
                e.Conversation,
                e.Key,
                e.Kind,
                e.MessageId,
                e.ContactId,
                e.Urgent ? 1L : 0L,
                now,
                e.TraceParent,
                payload);
        }

        if (!ended && e.NoWork)
        {
            return new Appended(true, sequence, null, IsSending(session, e));
        }

        var starting = e.StartsAtOnce && !e.NoWork ? sequence : 0;
        var claim = ClaimOnAppend(session, e.Conversation, sequence, ended || e.Urgent, ref starting);
        return starting == 0
            ? new Appended(true, sequence, claim, IsSending(session, e))
            : new Appended(true, sequence, claim, false)
            {
                Loaded = LoadedRows.Only(e, sequence, payload, Time(now), session.Bytes("select state from conversation where conversation = $1", e.Conversation)),
            };
    }

    /// <summary>
    /// The conversation is ours when nobody has it, when we have it, or when its holder is overdue. One that was set aside until later
    /// stays so while older work waits in it; but news that may end the waiting take it at once, and so does anything when the
    /// setting aside was only a reminder.
    /// </summary>
    /// <param name="starting">The event to be handled at once; 0 afterwards when something else may be open in the conversation.</param>
    private Claim? ClaimOnAppend(SqliteSession session, string conversation, long sequence, bool pressing, ref long starting)
    {
        if (TryTake(session, conversation, starting) is { } taken)
        {
            return taken;
        }

        starting = 0;
        long owner, token, until;
        using (var row = session.Read("select owner, token, until from lease where conversation = $1", conversation))
        {
            row.Read();
            (owner, token, until) = (row.Long(0), row.Long(1), row.Long(2));
        }

        if (owner == Me)
        {
            session.Change("update lease set dirty = 1, until = $1 where conversation = $2", LeaseNow() + Milliseconds(_engine.Lease), conversation);
            return new Claim(conversation, token);
        }

        if (pressing || until <= LeaseNow() || !HasOlderWork(session, conversation, sequence))
        {
            return Take(session, conversation);
        }

        session.Change("update lease set dirty = 1 where conversation = $1", conversation);
        return null;
    }

    private static bool HasOlderWork(SqliteSession session, string conversation, long sequence) =>
        session.Exists(
            """
            select 1 where exists (select 1 from open_event where conversation = $1 and state < 3 and seq < $2)
              or exists (select 1 from open_effect where conversation = $1 and parked = 0)
            """,
            conversation,
            sequence);

    /// <param name="handling">The event that is handled without a load; 0 for none.</param>
    /// <returns>Null when the conversation has a lease.</returns>
    private Claim? TryTake(SqliteSession session, string conversation, long handling)
    {
        var token = _lastToken + 1;
        if (session.Change(
            "insert into lease (conversation, owner, token, until, dirty, handling) values ($1, $2, $3, $4, $5, $6) on conflict (conversation) do nothing",
            conversation,
            Me,
            token,
            LeaseNow() + Milliseconds(_engine.Lease),
            handling == 0 ? 1L : 0L,
            handling) == 0)
        {
            return null;
        }

        _lastToken = token;
        return new Claim(conversation, token);
    }

    /// <summary>Takes over a lease that is there.</summary>
    private Claim Take(SqliteSession session, string conversation)
    {
        var token = ++_lastToken;
        session.Change(
            "update lease set owner = $1, token = $2, until = $3, dirty = 1, handling = 0 where conversation = $4",
            Me,
            token,
            LeaseNow() + Milliseconds(_engine.Lease),
            conversation);
        return new Claim(conversation, token);
    }

    /// <summary>Null when the lease was renewed or released since it was found.</summary>
    private Claim? Recover(SqliteSession session, string conversation)
    {
        if (!session.Exists("select 1 from lease where conversation = $1 and until <= $2", conversation, LeaseNow()))
        {
            return null;
        }

        session.Change(
            """
            update open_event set attempts = attempts + 1
            where state = 0 and seq = (select handling from lease where conversation = $1 and owner <> 0)
            """,
            conversation);
        return Take(session, conversation);
    }

    private static bool Holds(SqliteSession session, Claim claim) =>
        session.Exists("select 1 from lease where conversation = $1 and token = $2 and owner = $3", claim.Conversation, claim.Token, Me);

    private bool Extend(SqliteSession session, Claim claim) =>
        session.Change(
            "update lease set until = $1 where conversation = $2 and token = $3 and owner = $4",
            LeaseNow() + Milliseconds(_engine.Lease),
            claim.Conversation,
            claim.Token,
            Me) > 0;

    private static bool IsSending(SqliteSession session, NewEvent e) =>
        e.Signal != EventSignal.None && session.Exists("select 1 from open_effect where conversation = $1 and state = 1 and public = 1 limit 1", e.Conversation);

    private LoadedRows? Load(SqliteSession session, Claim claim, int maxEvents)
    {
        var rows = new LoadedRows { State = session.Bytes("select state from conversation where conversation = $1", claim.Conversation) };

        // A limit that is a parameter alone makes SQLite plan the statement anew for each value it is given.
        using (var row = session.Read(
            """
            select seq, key, kind, message_id, payload, received_at, attempts, state, trace_parent from open_event
            where conversation = $1 and state < 3 order by urgent desc, seq limit $2 + 0
            """,
            claim.Conversation,
            (long)maxEvents))
        {
            while (row.Read())
            {
                rows.Events.Add(new StoredEvent(
                    row.Long(0), row.Text(1), row.Text(2), row.Long(3), row.Bytes(4), Time(row.Long(5)), row.Int(6), row.Int(7) == 1, row.TextOrNull(8)));
            }
        }

        using (var row = session.Read(
            """
            select key, event_seq, ordinal, state, attempts, sent_at, remote_id, state_at, body from open_effect
            where conversation = $1 and parked = 0 order by event_seq, ordinal
            """,
            claim.Conversation))
        {
            while (row.Read())
            {
                TimeSpan? since = row.LongOrNull(5) is { } sentAt ? TimeSpan.FromMilliseconds(Math.Max(0, LeaseNow() - sentAt)) : null;
                rows.Effects.Add((
                    new StoredEffect(row.Text(0), row.Long(1), row.Int(2), null!, (EffectState)row.Int(3), row.Int(4), since, row.LongOrNull(6), row.Double(7)),
                    row.Text(8)));
            }
        }

        var next = rows.Effects.Count == 0 ? rows.Events.Find(e => !e.Decided) : null;
        var handling = next is not null && next.Attempts < Suspicion.AloneFrom(_engine) ? next.Sequence : 0;
        return session.Change(
            "update lease set dirty = 0, handling = $1 where conversation = $2 and token = $3 and owner = $4", handling, claim.Conversation, claim.Token, Me) > 0
            ? rows
            : null;
    }

    private StepResult Step(SqliteSession session, Claim claim, ConversationStep step, DecidedRow? row)
    {
        // A claim that ran out without being taken is extended like any other.
        var until = session.Number(
            "select until from lease where conversation = $1 and token = $2 and owner = $3", claim.Conversation, claim.Token, Me);
        if (until is null)
        {
            return new StepResult(
                false,
                step.Begin is null ? null : new SendPermit(SendVerdict.ClaimLost, TimeSpan.Zero, EventSignal.None),
                step.GiveBack is null ? null : ReleaseResult.ClaimLost);
        }

        if (step.Begin is not null && until < LeaseNow() + Milliseconds(SendWindow.MustBeLeft(_engine.Lease)))
        {
            Extend(session, claim);
        }

        var permit = row is null ? null : Decide(session, claim.Conversation, row, step.Begin);
        if (step.Ended is { } ended)
        {
            EndSend(session, claim, ended);
        }

        permit ??= step.Begin is { } begin ? BeginSend(session, claim, begin) : null;
        return new StepResult(true, permit, step.GiveBack is { } back ? Release(session, claim, back.NotBefore) : null);
    }

    private ReleaseResult Release(SqliteSession session, Claim claim, TimeSpan? notBefore)
    {
        var released = notBefore is { } delay
            ? session.Change(
                "update lease set owner = 0, until = $1 where conversation = $2 and (dirty = 0 or $3 <= 0)",
                LeaseNow() + Milliseconds(delay),
                claim.Conversation,
                Milliseconds(delay))
            : session.Change(
                """
                delete from lease where conversation = $1
                  and not exists (select 1 from open_event where conversation = $1 and state < 3)
                  and not exists (select 1 from open_effect where conversation = $1 and parked = 0)
                """,
                claim.Conversation);
        return released > 0 ? ReleaseResult.Released : ReleaseResult.MoreWork;
    }

    /// <returns>The answer to what begins, when this turn planned it.</returns>
    private SendPermit? Decide(SqliteSession session, string conversation, DecidedRow row, BeginSend? begin)
    {
        // After a commit whose answer was lost the same turn comes again: it is decided already. A parked event stays parked, whatever is done about it.
        if (!MarkDecided(session, conversation, row, row.Event)
            && !session.Exists("select 1 from open_event where seq = $1 and conversation = $2 and state = 3", row.Event, conversation))
        {
            return null;
        }

        for (var i = 0; i < row.Events.Count - 1; i++)
        {
            MarkDecided(session, conversation, row, row.Events[i]);
        }

        SendPermit? permit = null;
        var now = WallNow();
        KeepState(session, conversation, row, now);
        foreach (var effect in row.Effects)
        {
            var judged = begin?.EffectKey == effect.Key ? Judge(session, conversation, begin, row.Event, row.StateAt) : null;
            var sending = judged is { Verdict: SendVerdict.Proceed };
            var planned = session.Change(
                """
                insert into open_effect (key, conversation, event_seq, ordinal, kind, public, body, state_at, state, attempts, sent_at)
                values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9, $10)
                on conflict (key) do nothing
                """,
                effect.Key,
                conversation,
                row.Event,
                (long)effect.Ordinal,
                effect.Kind,
                effect.Public ? 1L : 0L,
                effect.Body,
                row.StateAt,
                sending ? 1L : 0L,
                sending ? LeaseNow() : null);
            permit = planned > 0 && judged is not null ? judged : permit;
        }

        if (row.Explanation is { } explanation)
        {
            session.Change(
                "insert into turn (conversation, bot, event_seq, decided_at, explanation) values ($1, $2, $3, $4, $5)",
                conversation,
                row.Key.Bot,
                row.Event,
                row.DecidedAt,
                explanation);
        }

        foreach (var note in row.Review)
        {
            Note(session, conversation, row, note, now);
        }

        return permit;
    }

    private static void KeepState(SqliteSession session, string conversation, DecidedRow row, long now)
    {
        // Mostly nothing changes that an index holds; named in a statement it would be taken out of the index and put back.
        var hour = now / 3_600_000;
        if (session.Change(
            """
            update conversation set state = $1, status = $2, last_decision = coalesce($3, last_decision), last_intent = case when $3 is null then last_intent else $4 end, updated_at = $5
            where conversation = $6 and contact_id = $7 and updated_hour = $8
            """,
            row.State,
            row.Status,
            row.Decision,
            row.Intent,
            now,
            conversation,
            row.Contact,
            hour) > 0)
        {
            return;
        }

        session.Change(
            """
            insert into conversation (conversation, bot, account, contact_id, state, status, last_decision, last_intent, updated_at, updated_hour)
            values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
            on conflict (conversation) do update set contact_id = excluded.contact_id, state = excluded.state, status = excluded.status,
              last_decision = coalesce(excluded.last_decision, conversation.last_decision),
              last_intent = case when excluded.last_decision is null then conversation.last_intent else excluded.last_intent end,
              updated_at = excluded.updated_at, updated_hour = excluded.updated_hour
            """,
            conversation,
            row.Key.Bot,
            row.Key.Account,
            row.Contact,
            row.State,
            row.Status,
            row.Decision,
            row.Intent,
            now,
            hour);
    }

    private static bool MarkDecided(SqliteSession session, string conversation, DecidedRow row, long sequence) =>
        0 < (row.Effects.Count == 0
            ? session.Change("delete from open_event where seq = $1 and conversation = $2 and state = 0", sequence, conversation)
            : session.Change("update open_event set state = 1, turn = $1 where seq = $2 and conversation = $3 and state = 0", row.Event, sequence, conversation));

    private static void Note(SqliteSession session, string conversation, DecidedRow row, ReviewRow note, long now)
    {
        var item = session.Number(
            """
            insert into review_item (bot, text_key, text, language, adapter, model, candidates, reason, rule, suggestion, conversation, turn, count, takeovers, first_at, last_at)
            values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $15)
            on conflict (bot, text_key) do update set adapter = excluded.adapter, model = excluded.model, candidates = excluded.candidates,
              reason = excluded.reason, rule = excluded.rule, suggestion = coalesce(excluded.suggestion, review_item.suggestion),
              conversation = excluded.conversation, turn = excluded.turn, count = review_item.count + excluded.count,
              takeovers = review_item.takeovers + excluded.takeovers, last_at = excluded.last_at
            returning id
            """,
            row.Key.Bot,
            note.TextKey,
            note.Text,
            note.Language,
            note.Adapter,
            note.Model,
            note.Candidates,
            note.Reason,
            note.Rule,
            note.Suggestion,
            conversation,
            note.Turn,
            (long)note.Count,
            (long)note.Takeovers,
            now);
        session.Change(
            "insert into review_sighting (item, conversation, turn, account, contact_id, at) values ($1, $2, $3, $4, $5, $6) on conflict do nothing",
            item,
            conversation,
            note.Turn,
            row.Key.Account,
            row.Contact,
            now);
    }

    private SendPermit BeginSend(SqliteSession session, Claim claim, BeginSend request)
    {
        long sequence;
        double stateAt;
        using (var row = session.Read("select event_seq, state_at from open_effect where key = $1 and conversation = $2", request.EffectKey, claim.Conversation))
        {
            if (!row.Read())
            {
                return new SendPermit(SendVerdict.AlreadyDone, TimeSpan.Zero, EventSignal.None);
            }

            (sequence, stateAt) = (row.Long(0), row.Double(1));
        }

        var permit = Judge(session, claim.Conversation, request, sequence, stateAt);
        if (permit.Verdict == SendVerdict.Proceed)
        {
            session.Change("update open_effect set state = 1, attempts = attempts + 1, sent_at = $1 where key = $2", LeaseNow(), request.EffectKey);
        }

        return permit;
    }

    private SendPermit Judge(SqliteSession session, string conversation, BeginSend request, long sequence, double stateAt) =>
        request.Gate != SendGate.None && session.Number(
            """
            select signal from inbox where conversation = $1 and signal <> 0 and seq > $2 and (state_at = 0 or state_at > $3 or (signal = 1 and state_at >= $5))
              and ($4 = 1 or ($4 = 2 and signal in (1, 4)) or ($4 = 3 and signal = 2))
            order by seq desc limit 1
            """,
            conversation,
            sequence,
            stateAt,
            (long)request.Gate,
            request.HumanSince) is { } signal
            ? new SendPermit(SendVerdict.Stale, TimeSpan.Zero, (EventSignal)signal)
            : new SendPermit(SendVerdict.Proceed, SendWindow.Of(_engine.Lease), EventSignal.None);

    private void EndSend(SqliteSession session, Claim claim, EffectOutcome outcome)
    {
        if (outcome.State is EffectState.Planned or EffectState.Sending)
        {
            session.Change(
                """
                update open_effect set state = $1, error = $2, sent_at = case when $1 = 0 then null else sent_at end
                where key = $3 and conversation = $4
                """,
                (long)outcome.State,
                Bounded(outcome.Error),
                outcome.EffectKey,
                claim.Conversation);
        }
        else
        {
            Finish(session, claim.Conversation, outcome.EffectKey, outcome.State, outcome.RemoteId, outcome.Error);
        }

        if (outcome.FollowUp is { } followUp)
        {
            Append(session, followUp, followUp.Payload.ToArray());
        }
    }

    /// <summary>Ends an effect, and with the last one its events. False when it had ended before.</summary>
    private bool Finish(SqliteSession session, string conversation, string effectKey, EffectState state, long? remoteId, string? error)
    {
        if (session.Number("select event_seq from open_effect where key = $1 and conversation = $2", effectKey, conversation) is not { } sequence)
        {
            return false;
        }

        session.Change(
            """
            insert or replace into finished_effect (event_seq, ordinal, kind, state, attempts, remote_id, error, finished_at)
            select event_seq, ordinal, kind, $1, attempts, coalesce($2, remote_id), coalesce($3, error), $4 from open_effect where key = $5
            """,
            (long)state,
            remoteId,
            state == EffectState.Done ? null : Bounded(error),
            WallNow(),
            effectKey);
        session.Change("delete from open_effect where key = $1", effectKey);
        session.Change(
            """
            delete from open_event where conversation = $1 and state = 1 and turn = $2
              and not exists (select 1 from open_effect where conversation = $1 and event_seq = $2)
            """,
            conversation,
            sequence);
        return true;
    }
}
