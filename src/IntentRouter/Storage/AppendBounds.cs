using System.Runtime.CompilerServices;
using IntentRouter.Configuration;

namespace IntentRouter.Storage;

/// <summary>
/// What may wait to be stored: so many events, so many bytes, and none longer than the platform would wait for the answer.
/// </summary>
internal sealed class AppendBounds(EngineOptions engine, TimeProvider clock)
{
    public const string TooLate = "The event was not stored in time.";

    private static readonly TimeSpan _longest = TimeSpan.FromSeconds(2);

    private long _waiting;
    private long _bytes;

    /// <param name="append">Given a mark that is set when nobody waits for the answer any more.</param>
    public async Task<Appended> RunAsync(int bytes, Func<StrongBox<bool>, Task<Appended>> append, CancellationToken cancellationToken)
    {
        var waiting = Interlocked.Increment(ref _waiting);
        var waitingBytes = Interlocked.Add(ref _bytes, bytes);
        var abandoned = new StrongBox<bool>();
        try
        {
            if (waiting > engine.QueueLimit || waitingBytes > engine.QueueBytes)
            {
                throw new StoreOverloadedException("Too many events wait to be stored.");
            }

            return await append(abandoned).WaitAsync(_longest, clock, cancellationToken);
        }
        catch (TimeoutException ex)
        {
            throw new StoreUnavailableException(TooLate, ex);
        }
        finally
        {
            abandoned.Value = true;
            Interlocked.Decrement(ref _waiting);
            Interlocked.Add(ref _bytes, -bytes);
        }
    }
}
