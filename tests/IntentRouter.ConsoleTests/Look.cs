namespace IntentRouter.ConsoleTests;

/// <summary>What the reader's screen is like.</summary>
internal sealed record Look(int Width, int Height, bool Dark)
{
    public static Look Desktop { get; } = new(1440, 900, Dark: false);

    public static Look Phone { get; } = new(360, 740, Dark: false);

    public bool Scripts { get; init; } = true;
}
