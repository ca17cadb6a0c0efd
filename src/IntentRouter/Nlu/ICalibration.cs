namespace IntentRouter.Nlu;

/// <summary>The fitted maps from an engine's own confidence, or from its absence, to a probability. Thread-safe; asked once per understanding.</summary>
internal interface ICalibration
{
    /// <summary>The map for an adapter's model and language, or null when none was fitted: the raw confidence is then used and said to be uncalibrated.</summary>
    Func<double?, double>? Find(string adapter, string? model, string language);
}

internal sealed class NoCalibration : ICalibration
{
    public Func<double?, double>? Find(string adapter, string? model, string language) => null;
}
