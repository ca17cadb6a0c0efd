namespace IntentRouter.Review;

/// <summary>An utterance for people to look at: committed with the turn that brought it up. Personal data is masked; names and the like may remain.</summary>
internal sealed record ReviewNote
{
    public required ReviewReason Reason { get; init; }

    public required SpokenUtterance Utterance { get; init; }

    /// <summary>What the person chose when asked back, or what an agent wrote into the conversation's <c>bot_intent</c>: a proposal, since either may come from outside.</summary>
    public string? Suggestion { get; init; }

    /// <summary>Whether this is another sighting; false for news about one that was counted.</summary>
    public bool Counts { get; init; } = true;

    /// <summary>Whether a human answered in the bot's stead, without the person having gone along with the bot before.</summary>
    public bool TakenOver { get; init; }
}

/// <summary>Why an utterance is looked at.</summary>
internal enum ReviewReason
{
    /// <summary>Nothing could be routed.</summary>
    Fallback,

    /// <summary>The bot had to ask what was meant.</summary>
    LowConfidence,

    /// <summary>It ended with a handoff because it was not understood, or the person asked for a human after the bot's answer.</summary>
    Handoff,

    /// <summary>A human stepped in.</summary>
    Takeover,

    /// <summary>An agent wrote another intent into the conversation.</summary>
    Correction,
}

/// <summary>The last utterance that was understood, or not, by itself: what a takeover, a handoff or a correction later is about.</summary>
internal sealed record SpokenUtterance
{
    /// <summary>Masked.</summary>
    public required string Text { get; init; }

    public required string Language { get; init; }

    /// <summary>The turn's key.</summary>
    public required string Turn { get; init; }

    /// <summary>The decision's rule.</summary>
    public required string Rule { get; init; }

    public string? Adapter { get; init; }

    public string? Model { get; init; }

    public IReadOnlyList<SpokenCandidate> Candidates { get; init; } = [];

    /// <summary>Whether people were told of it already.</summary>
    public bool Noted { get; init; }

    /// <summary>Whether the person went along with what the bot made of it.</summary>
    public bool Followed { get; init; }
}

internal sealed record SpokenCandidate(string Intent, double? Probability);
