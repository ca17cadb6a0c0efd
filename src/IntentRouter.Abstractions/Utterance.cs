namespace IntentRouter;

/// <summary>What a person said, untouched. Immutable and thread-safe.</summary>
/// <param name="Text">
/// The text as the person wrote it, 0 to <see cref="UtteranceText.MaxLength"/> UTF-16 units. Personal data: an adapter must not log it, nor put it into an
/// exception message or a tag.
/// </param>
/// <param name="Language">BCP 47 tag of the language the conversation is in, for example <c>en</c> or <c>pt-BR</c>.</param>
public sealed record Utterance(string Text, string Language)
{
    /// <summary>
    /// An opaque id of the session, 32 lower-case hexadecimal characters, equal for all utterances of one session and
    /// meaningless outside. Give it to engines that want a session id.
    /// </summary>
    public string SessionId { get; init; } = "00000000000000000000000000000000";

    /// <summary>IANA name of the person's time zone, or <see langword="null"/> when it is not known.</summary>
    public string? TimeZone { get; init; }

    /// <summary>
    /// What the service asks of the engine: <see cref="UnderstandingMode.Read"/> must not move a dialogue that the engine keeps.
    /// </summary>
    public UnderstandingMode Mode { get; init; } = UnderstandingMode.Read;
}

/// <summary>Whether the engine's own dialogue takes part.</summary>
public enum UnderstandingMode
{
    /// <summary>Only rank intents and find entities; the call may be repeated and must not change the engine's state.</summary>
    Read,

    /// <summary>
    /// A route with <c>reply: provider</c>: the engine runs its own dialogue and its answer is passed on
    /// (<see cref="Understanding.ProviderReply"/>). Sent only to adapters with <see cref="AdapterCapabilities.Dialogue"/>; not repeated after an
    /// ambiguous failure.
    /// </summary>
    Converse,
}
