namespace IntentRouter.Inbox;

/// <summary>
/// Places for sends that share connections. Where sends take their time, one that finds all connections taken waits before it goes on record as being sent: if the process
/// ended meanwhile it would be in doubt for nothing. Where they are quick, the commit that puts a send on record takes longer than the send: then it takes its connection only
/// after that, so that none stands idle for the length of a commit. Thread-safe.
/// </summary>
internal sealed class SendSlots(int connections, TimeProvider clock) : IDisposable
{
    /// <summary>Quick sends that may be on record without a connection, for each connection.</summary>
    private const int MostAhead = 3;

    /// <summary>Sends are quick below this; then those ahead wait for far less than the time within which a send must begin.</summary>
    private static readonly TimeSpan _quick = TimeSpan.FromMilliseconds(50);

    private readonly SemaphoreSlim _free = new(connections);
    private readonly SemaphoreSlim _ahead = new(MostAhead * connections);

    /// <summary>Ticks that a send takes, of late. Until the first is known: long.</summary>
    private long _takes = TimeSpan.FromSeconds(1).Ticks;

    private TimeProvider Clock => clock;

    private bool AreQuick => Volatile.Read(ref _takes) < _quick.Ticks;

    /// <summary>Null when nothing is free; then <see cref="TakeAsync"/> waits in line.</summary>
    public Place? TryTake()
    {
        var ahead = AreQuick;
        return (ahead ? _ahead : _free).Wait(TimeSpan.Zero) ? new Place(this, !ahead) : null;
    }

    public async Task<Place> TakeAsync(CancellationToken cancellationToken)
    {
        var ahead = AreQuick;
        await (ahead ? _ahead : _free).WaitAsync(cancellationToken);
        return new Place(this, !ahead);
    }

    public void Dispose()
    {
        _free.Dispose();
        _ahead.Dispose();
    }

    // A sample that another overwrites is no loss.
    private void Took(TimeSpan time)
    {
        var before = Volatile.Read(ref _takes);
        Volatile.Write(ref _takes, before + ((time.Ticks - before) / 8));
    }

    /// <summary>One send's; used by one caller at a time.</summary>
    internal sealed class Place(SendSlots slots, bool entered) : IDisposable
    {
        private bool _entered = entered;
        private long? _began;

        /// <summary>Waits for a connection, unless this has one. The send begins now and ends with the place.</summary>
        public async Task EnterAsync(CancellationToken cancellationToken)
        {
            if (!_entered)
            {
                await slots._free.WaitAsync(cancellationToken);
                slots._ahead.Release();
                _entered = true;
            }

            _began = slots.Clock.GetTimestamp();
        }

        public void Dispose()
        {
            if (_began is { } began)
            {
                slots.Took(slots.Clock.GetElapsedTime(began));
            }

            (_entered ? slots._free : slots._ahead).Release();
        }
    }
}
