namespace IntentRouter.Storage;

/// <summary>
/// How long after a lease was extended a request may still begin. The last third is left for the request itself, whose time limit is
/// at most that: it ends before anybody else could take the conversation.
/// </summary>
internal static class SendWindow
{
    public static TimeSpan Of(TimeSpan lease) => lease * 2 / 3;
}
