namespace IntentRouter.ServiceTests.Sweep;

/// <summary>The machine's clock, set back or forth: what the chat does under it happened that long ago.</summary>
internal sealed class ShiftedTime : RunningTime
{
    public TimeSpan Shift { get; set; }

    public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + Shift;
}
