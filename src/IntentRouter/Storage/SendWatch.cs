using System.Collections.Concurrent;

namespace IntentRouter.Storage;

/// <summary>Wakes those who wait in this process for the sends of a conversation to end.</summary>
internal sealed class SendWatch
{
    private readonly ConcurrentDictionary<string, TaskCompletionSource> _waiting = new(StringComparer.Ordinal);

    public int Count => _waiting.Count;

    /// <summary>Completes at the next end; to be asked for before looking whether anything is in flight.</summary>
    public Task NextEnd(string conversation) =>
        _waiting.GetOrAdd(conversation, static _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

    public void Ended(string conversation)
    {
        if (_waiting.TryRemove(conversation, out var waiting))
        {
            waiting.SetResult();
        }
    }
}
