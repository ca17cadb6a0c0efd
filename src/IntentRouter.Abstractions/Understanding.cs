namespace IntentRouter;

/// <summary>What one engine made of one utterance. Immutable and thread-safe.</summary>
public sealed record Understanding
{
    /// <summary>An understanding without any candidate: the engine said "none of mine".</summary>
    public static Understanding NoMatch { get; } = new() { Kind = UnderstandingKind.NoMatch };

    /// <summary>
    /// How to read <see cref="Ranking"/>. "No match" is this kind, never a score: engines report their fallbacks with confidence 1.0, with the
    /// threshold, or with none.
    /// </summary>
    public UnderstandingKind Kind { get; init; } = UnderstandingKind.Ranked;

    /// <summary>
    /// The candidates, best first; may be empty. With <see cref="UnderstandingKind.NoMatch"/> these are the rejected alternatives, kept for
    /// the explanation. The base class sorts them (absent confidence last, otherwise the engine's order), except with
    /// <see cref="UnderstandingKind.Continued"/>, where the running intent stays first.
    /// </summary>
    public IReadOnlyList<IntentCandidate> Ranking { get; init; } = [];

    /// <summary>The typed pieces found in the text; may be empty.</summary>
    public IReadOnlyList<Entity> Entities { get; init; } = [];

    /// <summary>What answered: a model or agent version, stable until the engine is trained again; the key of the calibration.</summary>
    public string? Model { get; init; }

    /// <summary>The language that the engine says it used, BCP 47, or <see langword="null"/>.</summary>
    public string? Language { get; init; }

    /// <summary>Numbers that explain the confidence, for the explanation of the turn; never the person's words. One that is not finite is dropped.</summary>
    public IReadOnlyList<Evidence> Evidence { get; init; } = [];

    /// <summary>
    /// Codes of things the operator should know, for example <c>text-cut</c>: lower-case letters, digits and hyphens, a letter first, at most 64. They are
    /// counted and shown; whatever else stands here is dropped, since it might be the person's words.
    /// </summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];

    /// <summary>What the engine's own dialogue answered, with <see cref="UnderstandingMode.Converse"/> only.</summary>
    public ProviderReply? ProviderReply { get; init; }
}

/// <summary>How an engine's answer is to be read.</summary>
public enum UnderstandingKind
{
    /// <summary>The first candidate is the engine's best guess.</summary>
    Ranked,

    /// <summary>The engine decided that none of its intents fits.</summary>
    NoMatch,

    /// <summary>The text continued a dialogue of the engine (filled a form, answered a prompt); the ranking names the running intent.</summary>
    Continued,
}

/// <summary>A named goal with the engine's confidence in it.</summary>
/// <param name="Intent">The intent's name exactly as the engine knows it; never empty.</param>
/// <param name="Confidence">The engine's own number, or <see langword="null"/> when it reported none.</param>
public sealed record IntentCandidate(string Intent, Confidence? Confidence)
{
    /// <summary>The engine's stable id of the intent, where it has one.</summary>
    public string? Id { get; init; }
}

/// <summary>A typed piece of an utterance.</summary>
/// <param name="Name">The entity's name as the engine knows it; never empty.</param>
/// <param name="Value">The resolved value as text: a number in invariant form, a date as ISO 8601, an object as JSON.</param>
public sealed record Entity(string Name, string Value)
{
    /// <summary>The words the person used, or <see langword="null"/> when the engine does not say.</summary>
    public string? Text { get; init; }

    /// <summary>First UTF-16 unit of <see cref="Text"/> in the utterance, or <see langword="null"/> when not known.</summary>
    public int? Start { get; init; }

    /// <summary>Length in UTF-16 units, or <see langword="null"/> when not known.</summary>
    public int? Length { get; init; }

    /// <summary>Whether the position was found by searching the text instead of being reported by the engine.</summary>
    public bool SpanDerived { get; init; }

    /// <summary>The engine's confidence in this entity, or <see langword="null"/> when it reported none.</summary>
    public Confidence? Confidence { get; init; }

    /// <summary>The role within the intent, for example <c>from</c> or <c>to</c>.</summary>
    public string? Role { get; init; }

    /// <summary>The group, where several entities belong together.</summary>
    public string? Group { get; init; }
}

/// <summary>One number behind a confidence.</summary>
/// <param name="Name">A short stable name, for example <c>entropy</c>.</param>
/// <param name="Value">The number.</param>
/// <param name="Meaning">What it says, in plain English, without the person's words.</param>
public sealed record Evidence(string Name, double Value, string? Meaning = null);

/// <summary>What an engine's own dialogue answered.</summary>
public sealed record ProviderReply
{
    /// <summary>Plain texts in order; may be empty, which means "no answer".</summary>
    public IReadOnlyList<string> Messages { get; init; } = [];

    /// <summary>Choices that the engine offers with its last message (buttons, quick replies), as title and value.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Choices { get; init; } = [];

    /// <summary>The engine asks for a human.</summary>
    public bool HandoffRequested { get; init; }

    /// <summary>The engine's dialogue is over; <see langword="false"/> means that it expects an answer.</summary>
    public bool Ended { get; init; } = true;

    /// <summary>The engine's own fulfilment failed although it understood.</summary>
    public bool FulfilmentFailed { get; init; }
}
