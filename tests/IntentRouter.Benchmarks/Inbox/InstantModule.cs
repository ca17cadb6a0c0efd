namespace IntentRouter.Benchmarks.Inbox;

/// <summary>An engine that knows one intent and takes as long as it is told.</summary>
public sealed class InstantModule : AdapterModule
{
    public override string Type => "instant";

    public override void Register(AdapterRegistration adapter)
    {
        ArgumentNullException.ThrowIfNull(adapter);
        adapter.Bind<InstantOptions>().Use<InstantAdapter>();
    }
}

public sealed class InstantOptions
{
    public int Milliseconds { get; set; }
}

public sealed class InstantAdapter(InstantOptions options) : NluAdapter
{
    private static readonly Understanding _answer = new() { Ranking = [new IntentCandidate("parcel", Confidence.Clamp(0.99))], Model = "instant-1" };

    private static TaskCompletionSource _open = Opened();

    public override AdapterCapabilities Capabilities { get; } = new() { Remote = false };

    /// <summary>Turns wait from now on, so that only the acknowledgement is at work.</summary>
    public static void Hold() => Volatile.Write(ref _open, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));

    public static void Go() => Volatile.Read(ref _open).TrySetResult();

    protected override async ValueTask<Understanding> UnderstandCoreAsync(Utterance utterance, CancellationToken cancellationToken)
    {
        await Volatile.Read(ref _open).Task.WaitAsync(cancellationToken);
        if (options.Milliseconds > 0)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(options.Milliseconds), TimeProvider.System, cancellationToken);
        }

        return _answer;
    }

    private static TaskCompletionSource Opened()
    {
        var open = new TaskCompletionSource();
        open.SetResult();
        return open;
    }
}
