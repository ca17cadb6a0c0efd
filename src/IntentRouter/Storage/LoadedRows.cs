using System.Data.Common;

namespace IntentRouter.Storage;

/// <summary>A conversation as it was read; its documents are parsed by whoever asked, not by who reads for all.</summary>
internal sealed class LoadedRows
{
    /// <summary>JSON in UTF-8.</summary>
    public byte[]? State { get; set; }

    public List<StoredEvent> Events { get; } = [];

    public List<(StoredEffect Row, string Body)> Effects { get; } = [];

    /// <summary>A conversation of which nothing is open but the event that was just stored.</summary>
    public static LoadedRows Only(NewEvent e, long sequence, byte[] payload, DateTimeOffset receivedAt, byte[]? state)
    {
        var rows = new LoadedRows { State = state };
        rows.Events.Add(new StoredEvent(sequence, e.Key, e.Kind, e.MessageId, payload, receivedAt, 0, false, e.TraceParent) { Content = e.Content });
        return rows;
    }

    public LoadedConversation Parse() =>
        new(
            State is null ? null : StoreJson.ReadState(State),
            Events,
            [.. Effects.Select(effect => effect.Row with { Effect = StoreJson.ReadEffect(effect.Body) })]);

    /// <summary>Columns: seq, key, kind, message_id, payload, received_at, attempts, state, trace_parent.</summary>
    public static StoredEvent Event(DbDataReader row, int first) =>
        new(
            row.GetInt64(first),
            row.GetString(first + 1),
            row.GetString(first + 2),
            row.GetInt64(first + 3),
            row.GetFieldValue<byte[]>(first + 4),
            DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(first + 5)),
            row.GetInt32(first + 6),
            row.GetInt32(first + 7) == 1,
            row.IsDBNull(first + 8) ? null : row.GetString(first + 8));

    /// <summary>Columns: key, event_seq, ordinal, state, attempts, milliseconds since sent, remote_id, state_at, body.</summary>
    public static (StoredEffect Row, string Body) EffectOf(DbDataReader row, int first) =>
        (new StoredEffect(
            row.GetString(first),
            row.GetInt64(first + 1),
            row.GetInt32(first + 2),
            null!,
            (EffectState)row.GetInt32(first + 3),
            row.GetInt32(first + 4),
            row.IsDBNull(first + 5) ? null : TimeSpan.FromMilliseconds(Math.Max(0, row.GetInt64(first + 5))),
            row.IsDBNull(first + 6) ? null : row.GetInt64(first + 6),
            row.GetDouble(first + 7)),
        row.GetString(first + 8));
}
