namespace IntentRouter.Storage;

/// <summary>
/// How long after a permit was asked for its request may still begin. The last third of the lease is left for the request itself, whose time limit is at most
/// that: it ends before anybody else could take the conversation. A lease that is nearly fresh is not written again for a permit, so up to a sixth may be gone before.
/// </summary>
internal static class SendWindow
{
    public static TimeSpan Of(TimeSpan lease) => lease / 2;

    /// <summary>What must be left of the lease when a permit is given; it is extended otherwise.</summary>
    public static TimeSpan MustBeLeft(TimeSpan lease) => lease * 5 / 6;
}
