namespace IntentRouter.Provisioning;

/// <summary>One thing that the doctor looked at.</summary>
/// <param name="Area">What it is about: <c>chat</c>, <c>bot shop</c>, <c>lookup orders</c>, …</param>
/// <param name="Text">What was found, in plain words, without secrets.</param>
/// <param name="Remedy">What to do; null when nothing.</param>
internal sealed record Finding(FindingLevel Level, string Area, string Text, string? Remedy = null)
{
    public static Finding Fine(string area, string text) => new(FindingLevel.Fine, area, text);

    public static Finding Note(string area, string text, string? remedy = null) => new(FindingLevel.Note, area, text, remedy);

    public static Finding Warning(string area, string text, string remedy) => new(FindingLevel.Warning, area, text, remedy);

    public static Finding Problem(string area, string text, string remedy) => new(FindingLevel.Problem, area, text, remedy);

    /// <summary>An outside system did not answer.</summary>
    public static Finding Outside(string area, string text, string remedy) => new(FindingLevel.Outside, area, text, remedy);
}

internal enum FindingLevel
{
    Fine,

    /// <summary>Worth knowing; nothing is wrong.</summary>
    Note,

    /// <summary>Works, but users will complain of it one day.</summary>
    Warning,

    /// <summary>Does not work.</summary>
    Problem,

    /// <summary>Does not work, and the cause is a system that did not answer.</summary>
    Outside,
}

/// <summary>Something that <c>doctor</c> looks at: the chat, the adapters, the lookups, the store.</summary>
internal interface IDoctorCheck
{
    Task<IReadOnlyList<Finding>> RunAsync(CancellationToken cancellationToken);
}
