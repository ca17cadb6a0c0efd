using System.Collections.Concurrent;

namespace IntentRouter.CrashTests;

/// <summary>Keeps the engine from answering chosen messages, and tells when it was asked for them.</summary>
internal sealed class Held(Func<string, bool> which)
{
    private readonly TaskCompletionSource _release = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ConcurrentDictionary<int, TaskCompletionSource> _asked = new();
    private int _count;

    public int Count => Volatile.Read(ref _count);

    /// <summary>Completes when the engine was asked for the n-th time.</summary>
    public Task AskedAsync(int times) => Asked(times).Task.WaitAsync(TimeSpan.FromSeconds(120), TimeProvider.System);

    public void Release() => _release.TrySetResult();

    /// <param name="times">Only so many questions are held; later ones are answered.</param>
    public Func<string, Task> Before(int times = int.MaxValue) => async text =>
    {
        if (which(text))
        {
            var number = Interlocked.Increment(ref _count);
            Asked(number).TrySetResult();
            if (number <= times)
            {
                await _release.Task;
            }
        }
    };

    private TaskCompletionSource Asked(int times) => _asked.GetOrAdd(times, _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
}
