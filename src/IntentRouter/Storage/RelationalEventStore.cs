using System.Data.Common;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using IntentRouter.Conversations;
using IntentRouter.Decisions;

namespace IntentRouter.Storage;

/// <summary>
/// What both databases do with the same statements: shared values, duties, what the operator sees, review, erasure and retention. The statements
/// on the way of an event are each database's own.
/// </summary>
/// <remarks>In statements <c>@now</c> stands for the store's clock in milliseconds.</remarks>
internal abstract partial class RelationalEventStore(TimeProvider clock) : IEventStore
{
    /// <summary>Rows per transaction of a clean-up: small enough not to hold up a webhook.</summary>
    private const int Chunk = 5_000;

    private const int LongestText = 1_000;

    private static readonly string[] _tablesOfConversation = ["open_effect", "open_event", "turn", "shadow_answer", "conversation", "inbox"];

    private static readonly string[] _sharedTables = ["shared_value", "counter"];

    private readonly SendWatch _sends = new();

    protected TimeProvider Clock => clock;

    /// <summary>Runs a read on a connection of its own.</summary>
    protected abstract Task<T> ReadAsync<T>(Func<DbConnection, Task<T>> read, CancellationToken cancellationToken);

    /// <summary>Runs a change in one transaction.</summary>
    protected abstract Task<T> WriteAsync<T>(Func<DbConnection, Task<T>> write, CancellationToken cancellationToken);

    protected abstract DbCommand CreateCommand(DbConnection connection, string sql, params ReadOnlySpan<(string Name, object? Value)> parameters);

    /// <summary>The bytes that the database takes on disk.</summary>
    protected abstract string SizeSql { get; }

    public abstract Task StartAsync(CancellationToken cancellationToken);

    public abstract Task<Appended> AppendAsync(NewEvent newEvent, CancellationToken cancellationToken);

    public abstract Task<LoadedConversation?> LoadAsync(Claim claim, int maxEvents, CancellationToken cancellationToken);

    public abstract Task<bool> BeginHandlingAsync(Claim claim, long sequence, CancellationToken cancellationToken);

    public abstract Task<StepResult> StepAsync(Claim claim, ConversationStep step, CancellationToken cancellationToken);

    public abstract Task<bool> FailEventAsync(Claim claim, long sequence, string reason, bool park, CancellationToken cancellationToken);

    public abstract Task<IReadOnlyList<Claim>> RecoverAsync(int max, CancellationToken cancellationToken);

    public abstract Task<IReadOnlyList<Claim>> RenewAsync(IReadOnlyList<Claim> claims, CancellationToken cancellationToken);

    public abstract Task ReleaseAllAsync(CancellationToken cancellationToken);

    public abstract ValueTask DisposeAsync();

    public Task WithdrawAttemptAsync(string conversation, long sequence, CancellationToken cancellationToken) =>
        WriteAsync(
            connection => ChangeAsync(
                connection,
                "update open_event set attempts = attempts - 1 where seq = @seq and conversation = @conversation and state = 0 and attempts > 0",
                ("seq", sequence),
                ("conversation", conversation)),
            cancellationToken);

    /// <summary>Conversations whose sends somebody in this process waits for.</summary>
    public int SendsAwaited => _sends.Count;

    public async Task<bool> WaitForSendsAsync(string conversation, TimeSpan timeout, CancellationToken cancellationToken)
    {
        // The end of a send of this process wakes the wait; the end of another replica's is seen by looking again.
        var lookAgain = TimeSpan.FromMilliseconds(50);
        var started = clock.GetTimestamp();
        try
        {
            while (true)
            {
                var ended = _sends.NextEnd(conversation);
                if (!await IsSendingAsync(conversation, cancellationToken))
                {
                    return true;
                }

                var left = timeout - clock.GetElapsedTime(started);
                if (left <= TimeSpan.Zero)
                {
                    return false;
                }

                await Task.WhenAny(ended, Task.Delay(left < lookAgain ? left : lookAgain, clock, cancellationToken));
                cancellationToken.ThrowIfCancellationRequested();
            }
        }
        finally
        {
            // However the wait ended, it leaves nothing behind; others who wait look again.
            SendsEnded(conversation);
        }
    }

    public Task<bool> HasSignalAfterAsync(string conversation, long sequence, CancellationToken cancellationToken) =>
        ReadAsync(
            async connection => await FirstAsync(
                connection,
                "select 1 from inbox where conversation = @conversation and signal <> 0 and seq > @sequence limit 1",
                row => row.GetInt32(0),
                ("conversation", conversation),
                ("sequence", sequence)) > 0,
            cancellationToken);

    public Task<bool> TryTakeDutyAsync(string duty, TimeSpan period, CancellationToken cancellationToken) =>
        WriteAsync(
            async connection => await ChangeAsync(
                connection,
                """
                insert into duty (name, until) values (@name, @now + @period)
                on conflict (name) do update set until = excluded.until where duty.until <= @now
                """,
                ("name", duty),
                ("period", Milliseconds(period))) > 0,
            cancellationToken);

    public Task<string?> GetAsync(string area, string key, CancellationToken cancellationToken) =>
        ReadAsync(
            connection => FirstAsync(
                connection,
                "select value from shared_value where area = @area and key = @key and (expires_at is null or expires_at > @now)",
                row => (string?)row.GetString(0),
                ("area", area),
                ("key", key)),
            cancellationToken);

    public Task PutAsync(string area, string key, string value, TimeSpan? life, CancellationToken cancellationToken) =>
        WriteAsync(
            connection => ChangeAsync(
                connection,
                $"""
                insert into shared_value (area, key, value, expires_at) values (@area, @key, @value, {(life is null ? "null" : "@now + @life")})
                on conflict (area, key) do update set value = excluded.value, expires_at = excluded.expires_at
                """,
                life is { } finite
                    ? [("area", area), ("key", key), ("value", Clean(value)), ("life", Milliseconds(finite))]
                    : [("area", area), ("key", key), ("value", Clean(value))]),
            cancellationToken);

    public Task<long> CountAsync(string area, string key, TimeSpan window, CancellationToken cancellationToken) =>
        WriteAsync(
            connection => FirstAsync(
                connection,
                """
                insert into counter (area, key, count, ends_at) values (@area, @key, 1, @now + @window)
                on conflict (area, key) do update set
                  count = case when counter.ends_at <= @now then 1 else counter.count + 1 end,
                  ends_at = case when counter.ends_at <= @now then excluded.ends_at else counter.ends_at end
                returning count
                """,
                row => row.GetInt64(0),
                ("area", area),
                ("key", key),
                ("window", Milliseconds(window))),
            cancellationToken);

    public Task<long> ReadCountAsync(string area, string key, CancellationToken cancellationToken) =>
        ReadAsync(
            connection => FirstAsync(
                connection,
                "select count from counter where area = @area and key = @key and ends_at > @now",
                row => row.GetInt64(0),
                ("area", area),
                ("key", key)),
            cancellationToken);

    public Task<IReadOnlyDictionary<string, string>> ListAsync(string area, CancellationToken cancellationToken) =>
        ReadAsync<IReadOnlyDictionary<string, string>>(
            async connection => (await AllAsync(
                connection,
                "select key, value from shared_value where area = @area and (expires_at is null or expires_at > @now) order by key",
                row => (Key: row.GetString(0), Value: row.GetString(1)),
                ("area", area))).ToDictionary(pair => pair.Key, pair => pair.Value, StringComparer.Ordinal),
            cancellationToken);

    public Task<StoreStatistics> StatisticsAsync(CancellationToken cancellationToken) =>
        ReadAsync(
            connection => FirstAsync(
                connection,
                $"""
                select
                  (select count(*) from open_event where state < 3),
                  (select count(*) from open_event where state = 3),
                  (select coalesce(@now - min(received_at), 0) from open_event where state < 3),
                  (select count(*) from open_effect),
                  (select count(*) from finished_effect where state = 4),
                  (select count(*) from lease where owner <> 0),
                  ({SizeSql})
                """,
                row => new StoreStatistics(
                    row.GetInt64(0),
                    row.GetInt64(1),
                    TimeSpan.FromMilliseconds(Math.Max(0, row.GetInt64(2))),
                    row.GetInt64(3),
                    row.GetInt64(4),
                    row.GetInt64(5),
                    row.GetInt64(6)),
                [])!,
            cancellationToken)!;

    public Task<IReadOnlyList<ParkedEvent>> ListParkedAsync(int max, CancellationToken cancellationToken) =>
        ReadAsync<IReadOnlyList<ParkedEvent>>(
            async connection => await AllAsync(
                connection,
                "select seq, conversation, kind, received_at, attempts, coalesce(reason, '') from open_event where state = 3 order by seq limit @max",
                row => new ParkedEvent(row.GetInt64(0), row.GetString(1), row.GetString(2), Time(row.GetInt64(3)), row.GetInt32(4), row.GetString(5)),
                ("max", max)),
            cancellationToken);

    public Task<bool> RetryParkedAsync(long sequence, CancellationToken cancellationToken) =>
        WriteAsync(
            async connection =>
            {
                // The lease first, as everywhere: whoever holds the conversation either sees the event or is told to look again.
                var conversation = await FirstAsync(
                    connection, "select conversation from open_event where seq = @seq and state = 3", row => (string?)row.GetString(0), ("seq", sequence));
                if (conversation is null)
                {
                    return false;
                }

                await ChangeAsync(
                    connection,
                    """
                    insert into lease (conversation, owner, token, until, dirty) values (@conversation, 0, 0, @now, 1)
                    on conflict (conversation) do update set dirty = 1, until = case when lease.owner = 0 then @now else lease.until end
                    """,
                    ("conversation", conversation));
                var effects = await ChangeAsync(
                    connection,
                    "update open_effect set parked = 0, attempts = 0 where conversation = @conversation and event_seq = @seq",
                    ("conversation", conversation),
                    ("seq", sequence));
                return await ChangeAsync(
                    connection,
                    $"update open_event set state = {(effects > 0 ? "1" : "0")}, attempts = 0, reason = null where seq = @seq and state = 3",
                    ("seq", sequence)) > 0;
            },
            cancellationToken);

    public Task<bool> DropParkedAsync(long sequence, CancellationToken cancellationToken) =>
        WriteAsync(
            async connection =>
            {
                if (await ChangeAsync(connection, "delete from open_event where seq = @seq and state = 3", ("seq", sequence)) == 0)
                {
                    return false;
                }

                await ChangeAsync(
                    connection,
                    """
                    insert into finished_effect (event_seq, ordinal, kind, state, attempts, remote_id, error, finished_at)
                    select event_seq, ordinal, kind, 5, attempts, remote_id, error, @now from open_effect where event_seq = @seq and parked = 1
                    """,
                    ("seq", sequence));
                await ChangeAsync(connection, "delete from open_effect where event_seq = @seq and parked = 1", ("seq", sequence));
                return true;
            },
            cancellationToken);

    public Task<ConversationState?> ReadStateAsync(string conversation, CancellationToken cancellationToken) =>
        ReadAsync(
            async connection => await FirstAsync(
                connection,
                "select state from conversation where conversation = @conversation",
                row => row.GetString(0),
                ("conversation", conversation)) is { } json ? StoreJson.ReadState(json) : null,
            cancellationToken);

    public Task<IReadOnlyList<StoredTurn>> ReadTurnsAsync(string conversation, int max, CancellationToken cancellationToken) =>
        ReadTurnsAsync(
            """
            select position, conversation, event_seq, explanation from (
              select * from turn where conversation = @conversation order by position desc limit @max) latest
            order by position
            """,
            cancellationToken,
            ("conversation", conversation),
            ("max", max));

    public Task<IReadOnlyList<StoredTurn>> ReadTurnsAsync(
        string? bot, DateTimeOffset since, DateTimeOffset until, long after, int max, CancellationToken cancellationToken) =>
        ReadTurnsAsync(
            $"""
            select position, conversation, event_seq, explanation from turn
            where decided_at >= @since and decided_at < @until and position > @after {(bot is null ? "" : "and bot = @bot")}
            order by position limit @max
            """,
            cancellationToken,
            bot is null
                ? [("since", since.ToUnixTimeMilliseconds()), ("until", until.ToUnixTimeMilliseconds()), ("after", after), ("max", max)]
                : [("since", since.ToUnixTimeMilliseconds()), ("until", until.ToUnixTimeMilliseconds()), ("after", after), ("max", max), ("bot", bot)]);

    public Task<IReadOnlyList<ConversationSummary>> ListConversationsAsync(string? bot, string? search, int max, CancellationToken cancellationToken)
    {
        List<(string, object?)> parameters = [("max", max)];
        var where = "1 = 1";
        if (bot is not null)
        {
            where += " and bot = @bot";
            parameters.Add(("bot", bot));
        }

        if (!string.IsNullOrWhiteSpace(search))
        {
            var pattern = search.Trim().Replace(@"\", @"\\", StringComparison.Ordinal).Replace("%", @"\%", StringComparison.Ordinal).Replace("_", @"\_", StringComparison.Ordinal);
            where += @" and (conversation like @prefix escape '\' or conversation like @suffix escape '\')";
            parameters.Add(("prefix", pattern + "%"));
            parameters.Add(("suffix", "%/" + pattern));
        }

        return ReadAsync<IReadOnlyList<ConversationSummary>>(
            async connection => await AllAsync(
                connection,
                $"select conversation, updated_at, status, last_decision, last_intent from conversation where {where} order by updated_hour desc, updated_at desc limit @max",
                row => new ConversationSummary(row.GetString(0), Time(row.GetInt64(1)), Text(row, 2), Text(row, 3), Text(row, 4)),
                [.. parameters]),
            cancellationToken);
    }

    public async Task<int> EraseContactAsync(long account, long contact, CancellationToken cancellationToken)
    {
        // 0 stands for everybody whose number is not known.
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(contact);
        var erased = await EraseRowsAsync(account, contact, cancellationToken);
        await ScrubAsync(cancellationToken);
        return erased;
    }

    /// <summary>Removes what the engine keeps of deleted rows, as far as it is ours to remove.</summary>
    protected virtual Task ScrubAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private Task<int> EraseRowsAsync(long account, long contact, CancellationToken cancellationToken) =>
        WriteAsync(
            async connection =>
            {
                var known = await AllAsync(
                    connection,
                    """
                    select conversation from conversation where contact_id = @contact
                    union select conversation from open_event where contact_id = @contact
                    """,
                    row => row.GetString(0),
                    ("contact", contact));
                var conversations = known.Where(key => ConversationKey.Parse(key).Account == account).Order(StringComparer.Ordinal).ToList();
                foreach (var conversation in conversations)
                {
                    // The lease first: a runner in the middle of a turn loses its claim and cannot write the state back.
                    await ChangeAsync(connection, "delete from lease where conversation = @conversation", ("conversation", conversation));
                    await ChangeAsync(
                        connection,
                        "delete from finished_effect where event_seq in (select event_seq from turn where conversation = @conversation)",
                        ("conversation", conversation));
                    foreach (var table in _tablesOfConversation)
                    {
                        await ChangeAsync(connection, $"delete from {table} where conversation = @conversation", ("conversation", conversation));
                    }

                    await ForgetSharedAsync(connection, conversation);
                }

                await EraseReviewAsync(connection, account, contact, conversations);
                await ForgetSharedAsync(connection, StoreKeys.Contact(account, contact));
                return conversations.Count;
            },
            cancellationToken);

    public async Task<int> DeleteOldAsync(RetentionLimits limits, CancellationToken cancellationToken)
    {
        // Positions follow time, so the oldest rows are the first of the key: no index by age is needed, and a look without a find is cheap.
        var rows = 0;
        rows += await DeleteInChunksAsync("inbox", "seq", "received_at", limits.Events, cancellationToken);
        rows += await DeleteInChunksAsync("turn", "position", "decided_at", limits.Explanations, cancellationToken);
        rows += await DeleteInChunksAsync("finished_effect", "event_seq", "finished_at", limits.Explanations, cancellationToken);
        rows += await RepeatAsync(
            """
            delete from conversation where conversation in (
              select conversation from conversation
              where updated_hour <= (@now - @age) / 3600000 and updated_at < @now - @age and conversation not in (select conversation from lease)
              order by updated_hour limit @chunk)
            """,
            cancellationToken,
            ("age", Milliseconds(limits.Conversations)),
            ("chunk", Chunk));
        rows += await DeleteInChunksAsync("shadow_answer", "position", "at", limits.Explanations, cancellationToken);
        rows += await RepeatAsync(
            """
            delete from review_item where id in (
              select id from review_item where last_at < @now - @conversations
                or (last_at < @now - @explanations and (state = 2 or (state = 0 and takeovers = 0)))
              limit @chunk)
            """,
            cancellationToken,
            ("conversations", Milliseconds(limits.Conversations)),
            ("explanations", Milliseconds(limits.Explanations)),
            ("chunk", Chunk));
        rows += await WriteAsync(
            connection => ChangeAsync(
                connection,
                "delete from review_sighting where at < @now - @age or item not in (select id from review_item)",
                ("age", Milliseconds(limits.Conversations))),
            cancellationToken);
        rows += await RepeatAsync("delete from shared_value where expires_at <= @now", cancellationToken);
        rows += await RepeatAsync("delete from counter where ends_at <= @now", cancellationToken);
        return rows;
    }

    public async Task<bool> IsHealthyAsync(CancellationToken cancellationToken)
    {
        try
        {
            await PutAsync("health", "write", "1", null, cancellationToken).WaitAsync(TimeSpan.FromSeconds(1), clock, cancellationToken);
            return true;
        }
        catch (Exception ex) when (ex is StoreUnavailableException or TimeoutException or DbException)
        {
            return false;
        }
    }

    /// <summary>The turn of a step as columns, null without; and what must be right in any store.</summary>
    protected static DecidedRow? Prepare(Claim claim, ConversationStep step)
    {
        if (step.Ended?.FollowUp is { } followUp && followUp.Conversation != claim.Conversation)
        {
            throw new ArgumentException("A follow-up belongs to the conversation of its effect.", nameof(step));
        }

        return step.Turn is { } turn ? DecidedRow.From(claim.Conversation, turn) : null;
    }

    /// <summary>Told when sends of a conversation ended here, after the commit.</summary>
    protected void SendsEnded(string conversation) => _sends.Ended(conversation);

    protected static long Milliseconds(TimeSpan span) => (long)Math.Ceiling(span.TotalMilliseconds);

    protected static DateTimeOffset Time(long milliseconds) => DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);

    protected static string? Text(DbDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);

    /// <summary>A reason or an outside name as both databases can keep it.</summary>
    protected static string? Bounded(string? text) => Clean(text?.Length > LongestText ? text[..LongestText] : text);

    /// <summary>Neither NUL nor half a surrogate pair, which PostgreSQL refuses in a text.</summary>
    [return: NotNullIfNotNull(nameof(text))]
    internal static string? Clean(string? text)
    {
        if (text is null || (!text.AsSpan().ContainsAnyInRange('\ud800', '\udfff') && !text.Contains('\0', StringComparison.Ordinal)))
        {
            return text;
        }

        return string.Concat(text.EnumerateRunes().Where(rune => rune.Value != 0));
    }

    private Task<bool> IsSendingAsync(string conversation, CancellationToken cancellationToken) =>
        ReadAsync(
            async connection => await FirstAsync(
                connection,
                "select count(*) from open_effect where conversation = @conversation and state = 1 and public = 1",
                row => row.GetInt64(0),
                ("conversation", conversation)) > 0,
            cancellationToken);

    private Task<IReadOnlyList<StoredTurn>> ReadTurnsAsync(string sql, CancellationToken cancellationToken, params (string Name, object? Value)[] parameters) =>
        ReadAsync<IReadOnlyList<StoredTurn>>(
            async connection =>
            {
                var turns = await AllAsync(
                    connection, sql, row => (Position: row.GetInt64(0), Conversation: row.GetString(1), Json: row.GetString(3)), parameters);
                // Of all turns at once: one question for each would be thousands for a page of the console.
                var effects = await AllAsync(
                    connection,
                    $"""
                    with shown as ({sql})
                    select s.position, e.ordinal, e.kind, e.state, e.attempts, e.error
                      from shown s join finished_effect e on e.event_seq = s.event_seq
                    union all
                    select s.position, e.ordinal, e.kind, e.state, e.attempts, e.error
                      from shown s join open_effect e on e.conversation = s.conversation and e.event_seq = s.event_seq
                    order by 1, 2
                    """,
                    row => (Position: row.GetInt64(0), Result: new TurnEffectResult(row.GetString(2), NameOf((EffectState)row.GetInt32(3)), row.GetInt32(4), Text(row, 5))),
                    parameters);
                var results = effects.ToLookup(e => e.Position, e => e.Result);
                return [.. turns.Select(t => new StoredTurn(t.Position, t.Conversation, StoreJson.ReadExplanation(t.Json), [.. results[t.Position]]))];
            },
            cancellationToken);

    private static string NameOf(EffectState state) => Kebab.Of(state);

    private async Task ForgetSharedAsync(DbConnection connection, string key)
    {
        foreach (var table in _sharedTables)
        {
            await ChangeAsync(
                connection,
                $"delete from {table} where key = @key or substr(key, 1, {(key.Length + 1).ToString(CultureInfo.InvariantCulture)}) = @prefix",
                ("key", key),
                ("prefix", key + "/"));
        }
    }

    private Task<int> DeleteInChunksAsync(string table, string position, string time, TimeSpan age, CancellationToken cancellationToken) =>
        RepeatAsync(
            $"""
            delete from {table} where {position} in (
              select {position} from (select {position}, {time} from {table} order by {position} limit @chunk) oldest where {time} < @now - @age)
            """,
            cancellationToken,
            ("age", Milliseconds(age)),
            ("chunk", Chunk));

    private async Task<int> RepeatAsync(string sql, CancellationToken cancellationToken, params (string Name, object? Value)[] parameters)
    {
        var total = 0;
        int rows;
        do
        {
            rows = await WriteAsync(connection => ChangeAsync(connection, sql, parameters), cancellationToken);
            total += rows;
        }
        while (rows >= Chunk);
        return total;
    }

    protected async Task<int> ChangeAsync(DbConnection connection, string sql, params (string Name, object? Value)[] parameters)
    {
        await using var command = CreateCommand(connection, sql, parameters);
        return await command.ExecuteNonQueryAsync();
    }

    protected async Task<T?> FirstAsync<T>(DbConnection connection, string sql, Func<DbDataReader, T> read, params (string Name, object? Value)[] parameters)
    {
        await using var command = CreateCommand(connection, sql, parameters);
        await using var row = await command.ExecuteReaderAsync();
        return await row.ReadAsync() ? read(row) : default;
    }

    protected async Task<List<T>> AllAsync<T>(DbConnection connection, string sql, Func<DbDataReader, T> read, params (string Name, object? Value)[] parameters)
    {
        await using var command = CreateCommand(connection, sql, parameters);
        await using var row = await command.ExecuteReaderAsync();
        var all = new List<T>();
        while (await row.ReadAsync())
        {
            all.Add(read(row));
        }

        return all;
    }
}
