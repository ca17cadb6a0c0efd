namespace IntentRouter.ServiceTests;

/// <summary>
/// The machine's clock without the time in which the process got no processor: the service's and the chat's limits of a few seconds are about engines, stores and
/// networks, and a test machine that stands still for seconds would have them all pass at once.
/// </summary>
internal class RunningTime : TimeProvider
{
    private static readonly TimeSpan _pace = TimeSpan.FromMilliseconds(25);
    private static readonly TimeSpan _standstill = TimeSpan.FromMilliseconds(250);
    private static readonly Lock _gate = new();
    private static long _seen = System.GetTimestamp();
    private static long _lost;

    // Where this does not come round, nothing else does.
    private static readonly ITimer _watch = System.CreateTimer(_ => Now(), null, _pace, _pace);

    public static RunningTime Instance { get; } = new();

    public override long GetTimestamp() => Now();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => new Alarm(callback, state, dueTime, period);

    private static long Now()
    {
        lock (_gate)
        {
            var now = System.GetTimestamp();
            if (System.GetElapsedTime(_seen, now) > _standstill)
            {
                _lost += now - _seen;
            }

            _seen = now;
            return now - _lost;
        }
    }

    private sealed class Alarm : ITimer
    {
        private readonly Lock _gate = new();
        private readonly TimerCallback _callback;
        private readonly object? _state;
        private readonly ITimer _timer;
        private long _began;
        private TimeSpan _due;
        private TimeSpan _period;

        public Alarm(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            (_callback, _state) = (callback, state);
            _timer = System.CreateTimer(_ => Ring(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            Change(dueTime, period);
        }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (_gate)
            {
                (_began, _due, _period) = (Now(), dueTime, period);
                return _timer.Change(dueTime, Timeout.InfiniteTimeSpan);
            }
        }

        public void Dispose() => _timer.Dispose();

        public ValueTask DisposeAsync() => _timer.DisposeAsync();

        private void Ring()
        {
            lock (_gate)
            {
                if (_due == Timeout.InfiniteTimeSpan)
                {
                    return;
                }

                var left = _due - System.GetElapsedTime(_began, Now());
                if (left > TimeSpan.Zero)
                {
                    // The machine stood still, or the timer was early by a fraction of a millisecond.
                    _timer.Change(left + TimeSpan.FromMilliseconds(1), Timeout.InfiniteTimeSpan);
                    return;
                }

                (_began, _due) = (Now(), _period > TimeSpan.Zero ? _period : Timeout.InfiniteTimeSpan);
                _timer.Change(_due, Timeout.InfiniteTimeSpan);
            }

            _callback(_state);
        }
    }
}

/// <summary>Time limits of one length pass when a test says so, those that begin later at once; all else runs.</summary>
internal sealed class HeldTime(TimeSpan held) : RunningTime
{
    private readonly TaskCompletionSource _passed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Pass() => _passed.TrySetResult();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        dueTime == held ? new Limit(_passed.Task, callback, state) : base.CreateTimer(callback, state, dueTime, period);

    private sealed class Limit : ITimer
    {
        private volatile bool _over;

        public Limit(Task passed, TimerCallback callback, object? state) => _ = RingAsync(passed, callback, state);

        public bool Change(TimeSpan dueTime, TimeSpan period) => throw new NotSupportedException("Nobody moves such a limit.");

        public void Dispose() => _over = true;

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }

        private async Task RingAsync(Task passed, TimerCallback callback, object? state)
        {
            await passed;
            // Whoever made the timer has it by then.
            await Task.Yield();
            if (!_over)
            {
                callback(state);
            }
        }
    }
}
