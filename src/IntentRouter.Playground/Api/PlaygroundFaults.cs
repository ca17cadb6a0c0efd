namespace IntentRouter.Playground;

/// <summary>The calls that trouble can be scripted for.</summary>
public enum PlaygroundEndpoint
{
    Any,
    Version,
    CreateMessage,
    ListMessages,
    DeleteMessage,
    ToggleStatus,
    TogglePriority,
    ToggleTyping,
    Assign,
    CustomAttributes,
    UpdateConversation,
    CreateConversation,
    ReadConversation,
    ListConversations,
    Labels,
    Contacts,
    Orders,
    Bookings,
    Inboxes,
    AgentBots,
    ConnectBot,
    Agents,
    Teams,
    Profile,
    Webhooks,
    Integrations,
    Platform,
}

/// <summary>One call of the API, as faults see it.</summary>
public sealed record PlaygroundCall(PlaygroundEndpoint Endpoint, string Method, string Path, long? AccountId, long? ConversationId, object? Caller, ReadOnlyMemory<byte> Body);

/// <summary>Something that goes wrong with a call.</summary>
public sealed record PlaygroundFault
{
    internal enum Effect
    {
        None,
        Before,
        Later,
    }

    internal Effect Applies { get; init; }

    internal int? StatusCode { get; init; }

    internal string Body { get; init; } = "";

    internal string BodyType { get; init; } = "application/json; charset=utf-8";

    internal TimeSpan? RetryAfter { get; init; }

    internal TimeSpan Delay { get; init; }

    internal Func<PlaygroundCall, CancellationToken, Task>? First { get; init; }

    internal bool Passes { get; init; }

    /// <summary>Answers with this status and does nothing. 429 carries <c>Retry-After</c> only when given.</summary>
    public static PlaygroundFault Status(int statusCode, string? body = null, TimeSpan? retryAfter = null) => new()
    {
        StatusCode = statusCode,
        Body = body ?? DefaultBody(statusCode),
        BodyType = statusCode == 429 ? "text/plain" : "application/json; charset=utf-8",
        RetryAfter = retryAfter,
    };

    /// <summary>Does what was asked, then answers with this status (500 unless told otherwise).</summary>
    public static PlaygroundFault StatusAfterEffect(int statusCode = 500) => Status(statusCode) with { Applies = Effect.Before };

    /// <summary>Cuts the connection and does nothing.</summary>
    public static PlaygroundFault Reset() => new();

    /// <summary>Does what was asked, then cuts the connection without an answer.</summary>
    public static PlaygroundFault ResetAfterEffect() => new() { Applies = Effect.Before };

    /// <summary>Never answers. What was asked is done after <paramref name="delay"/> of the playground's clock, or never when that is null.</summary>
    public static PlaygroundFault Hang(TimeSpan? delay = null) => new()
    {
        Applies = delay is null ? Effect.None : Effect.Later,
        Delay = delay ?? TimeSpan.Zero,
        First = (_, aborted) => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, aborted),
    };

    /// <summary>Waits for <paramref name="first"/>, then goes on as if nothing had happened: the place to let a human step in mid-call.</summary>
    public static PlaygroundFault After(Func<PlaygroundCall, CancellationToken, Task> first) => new() { Passes = true, First = first };

    private static string DefaultBody(int statusCode) => statusCode switch
    {
        401 => """{"error":"Invalid Access Token"}""",
        403 => """{"error":"API access is not enabled for this account"}""",
        404 => """{"error":"Resource could not be found"}""",
        422 => """{"error":"Validation failed: Scripted by the playground"}""",
        429 => "Retry later\n",
        _ => $$"""{"status":{{statusCode}},"error":"{{(statusCode == 500 ? "Internal Server Error" : "Error")}}"}""",
    };
}

/// <summary>Scripted trouble: each script answers its next N matching calls, oldest script first.</summary>
public sealed class PlaygroundFaults
{
    private readonly Lock _gate = new();
    private readonly List<Script> _scripts = [];
    private readonly List<Action> _heldEchoes = [];
    private int _echoTimes = 1;
    private bool _holdsEchoes;
    private int _tripped;

    /// <summary>How often a bot's own message comes back to it: 1 as on the platform, 0 never, 2 twice.</summary>
    public int EchoTimes
    {
        get => Volatile.Read(ref _echoTimes);
        set => Volatile.Write(ref _echoTimes, value);
    }

    /// <summary>How many calls met trouble so far.</summary>
    public int Tripped => Volatile.Read(ref _tripped);

    /// <summary>Makes the next <paramref name="times"/> matching calls go wrong.</summary>
    public void Add(PlaygroundEndpoint endpoint, PlaygroundFault fault, int times = 1, Func<PlaygroundCall, bool>? when = null)
    {
        ArgumentNullException.ThrowIfNull(fault);
        lock (_gate)
        {
            _scripts.Add(new Script(endpoint, fault, when) { Left = times });
        }
    }

    public void Clear()
    {
        lock (_gate)
        {
            _scripts.Clear();
        }
    }

    /// <summary>Keeps echoes of bots' messages back until <see cref="ReleaseEchoes"/>.</summary>
    public void HoldEchoes()
    {
        lock (_gate)
        {
            _holdsEchoes = true;
        }
    }

    public void ReleaseEchoes()
    {
        Action[] held;
        lock (_gate)
        {
            _holdsEchoes = false;
            held = [.. _heldEchoes];
            _heldEchoes.Clear();
        }

        foreach (var send in held)
        {
            send();
        }
    }

    internal bool HoldEcho(Action send)
    {
        lock (_gate)
        {
            if (_holdsEchoes)
            {
                _heldEchoes.Add(send);
            }

            return _holdsEchoes;
        }
    }

    internal void CountTripped() => Interlocked.Increment(ref _tripped);

    internal PlaygroundFault? Take(PlaygroundCall call)
    {
        lock (_gate)
        {
            foreach (var script in _scripts)
            {
                if ((script.Endpoint == call.Endpoint || script.Endpoint == PlaygroundEndpoint.Any) && script.When?.Invoke(call) != false)
                {
                    if (--script.Left == 0)
                    {
                        _scripts.Remove(script);
                    }

                    return script.Fault;
                }
            }

            return null;
        }
    }

    private sealed class Script(PlaygroundEndpoint endpoint, PlaygroundFault fault, Func<PlaygroundCall, bool>? when)
    {
        public PlaygroundEndpoint Endpoint { get; } = endpoint;

        public PlaygroundFault Fault { get; } = fault;

        public Func<PlaygroundCall, bool>? When { get; } = when;

        public int Left { get; set; }
    }
}
