using IntentRouter.Configuration;

namespace IntentRouter.Storage;

/// <summary>
/// An event that was being handled when its process ended may be the reason. After its last but one attempt it is handled alone, so that
/// the next end of a process accuses it and none of its neighbours; after the last it is parked.
/// </summary>
internal static class Suspicion
{
    /// <summary>Attempts that ended with their process before the event is parked. Never one: then the neighbours of a killer would be parked with it.</summary>
    public static int Limit(EngineOptions engine) => Math.Max(2, engine.Attempts);

    /// <summary>From so many attempts on it is handled alone.</summary>
    public static int AloneFrom(EngineOptions engine) => Limit(engine) - 1;
}
