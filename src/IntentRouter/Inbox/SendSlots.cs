namespace IntentRouter.Inbox;

/// <summary>
/// Places for sends that share connections. One that finds all taken waits before it goes on record as being sent: if the process ended meanwhile it would be in doubt for
/// nothing. As long as one is free, a send takes it only when it is on record, so that no connection stands idle for the length of a commit. Thread-safe.
/// </summary>
internal sealed class SendSlots(int connections) : IDisposable
{
    /// <summary>Sends that may be on record without a connection, for each connection.</summary>
    private const int MostAhead = 3;

    private readonly SemaphoreSlim _free = new(connections);
    private readonly SemaphoreSlim _ahead = new(MostAhead * connections);

    /// <summary>Null when nothing is free; then <see cref="TakeAsync"/> waits in line.</summary>
    public Place? TryTake()
    {
        if (_free.CurrentCount > 0 && _ahead.Wait(TimeSpan.Zero))
        {
            return new Place(this, entered: false);
        }

        return _free.Wait(TimeSpan.Zero) ? new Place(this, entered: true) : null;
    }

    public async Task<Place> TakeAsync(CancellationToken cancellationToken)
    {
        await _free.WaitAsync(cancellationToken);
        return new Place(this, entered: true);
    }

    public void Dispose()
    {
        _free.Dispose();
        _ahead.Dispose();
    }

    /// <summary>One send's; used by one caller at a time.</summary>
    internal sealed class Place(SendSlots slots, bool entered) : IDisposable
    {
        private bool _entered = entered;

        /// <summary>Waits for a connection, unless this has one.</summary>
        public async Task EnterAsync(CancellationToken cancellationToken)
        {
            if (!_entered)
            {
                await slots._free.WaitAsync(cancellationToken);
                slots._ahead.Release();
                _entered = true;
            }
        }

        public void Dispose() => (_entered ? slots._free : slots._ahead).Release();
    }
}
