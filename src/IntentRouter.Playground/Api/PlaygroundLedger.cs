using System.Text.Json;

namespace IntentRouter.Playground;

/// <summary>What bots posted over the API, for assertions such as "once, in order, nothing public begun after that moment".</summary>
public sealed class PlaygroundLedger
{
    private readonly bool _keeps;
    private readonly Lock _gate = new();
    private readonly List<PlaygroundLedgerEntry> _entries = [];
    private long _count;

    internal PlaygroundLedger(bool keeps) => _keeps = keeps;

    /// <summary>Every call that a bot made to create a message, in the order in which the calls ended; applied or not.</summary>
    public IReadOnlyList<PlaygroundLedgerEntry> Entries
    {
        get
        {
            lock (_gate)
            {
                return [.. _entries];
            }
        }
    }

    /// <summary>Number of applied messages, counted even when no history is kept.</summary>
    public long Applied => Interlocked.Read(ref _count);

    /// <summary>Applied public messages of a conversation, in the order of their ids.</summary>
    public IReadOnlyList<PlaygroundLedgerEntry> PublicIn(PlaygroundConversation conversation) =>
        [.. Entries.Where(e => e.Message is { Private: false } m && m.Conversation == conversation).OrderBy(e => e.Message!.Id)];

    internal void Add(PlaygroundLedgerEntry entry)
    {
        if (entry.Message is not null)
        {
            Interlocked.Increment(ref _count);
        }

        if (_keeps)
        {
            lock (_gate)
            {
                _entries.Add(entry);
            }
        }
    }
}

/// <summary>One call of a bot to create a message.</summary>
public sealed record PlaygroundLedgerEntry
{
    public required PlaygroundBot Bot { get; init; }

    public required long AccountId { get; init; }

    public required long ConversationId { get; init; }

    /// <summary>The message as stored; null when the call had no effect.</summary>
    public PlaygroundMessage? Message { get; init; }

    /// <summary>Content as posted, before the platform's template engine.</summary>
    public string? Content { get; init; }

    /// <summary>Content attributes as posted; what survived is in <see cref="Message"/>.</summary>
    public JsonElement ContentAttributes { get; init; }

    public bool Private { get; init; }

    /// <summary>When the request arrived.</summary>
    public DateTimeOffset BegunAt { get; init; }

    public DateTimeOffset EndedAt { get; init; }

    /// <summary>Arrival in the order of moments; see <see cref="PlaygroundChat.Mark"/>.</summary>
    public long BegunStamp { get; init; }

    public long EndedStamp { get; init; }

    /// <summary>What the caller saw; null when the connection was cut or left without an answer.</summary>
    public int? StatusCode { get; init; }
}
