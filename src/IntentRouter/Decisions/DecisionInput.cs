using IntentRouter.Configuration;
using IntentRouter.Conversations;
using IntentRouter.Nlu;

namespace IntentRouter.Decisions;

/// <summary>Everything a decision may depend on. Deciding twice with equal inputs gives equal decisions: live turns, <c>evaluate</c>, <c>replay</c> and the playground share it.</summary>
internal sealed record DecisionInput
{
    public required Bot Bot { get; init; }

    /// <summary>The account of the conversation.</summary>
    public long Account { get; init; }

    public required ConversationState State { get; init; }

    public required CustomerInput Input { get; init; }

    /// <summary>What the adapters made of it; null when the input needs no understanding (a pressed button) or before they were asked.</summary>
    public Heard? Heard { get; init; }

    public required DateTimeOffset Now { get; init; }

    /// <summary>Language of this turn, BCP 47.</summary>
    public required string Language { get; init; }

    /// <summary>Proof failures of the contact in the current day's window, over all conversations.</summary>
    public long ContactProofFailures { get; init; }

    /// <summary>Where people of the desk can read why this conversation went as it did; null when there is no such address.</summary>
    public string? ExplanationUrl { get; init; }
}

/// <summary>What the customer did: one message, a merged burst, a submitted form or option, or the opening of the widget.</summary>
internal sealed record CustomerInput
{
    public required CustomerInputKind Kind { get; init; }

    /// <summary>The words, several messages joined by line breaks; empty for an attachment alone. Personal data.</summary>
    public string Text { get; init; } = "";

    /// <summary>The newest message's id; 0 for the widget's opening.</summary>
    public long MessageId { get; init; }

    /// <summary>Ids of all messages of the burst, ascending.</summary>
    public IReadOnlyList<long> MessageIds { get; init; } = [];

    /// <summary>Raw file types of the attachments (<c>image</c>, <c>location</c>, …); empty without.</summary>
    public IReadOnlyList<string> Attachments { get; init; } = [];

    /// <summary>Values of a form, option or e-mail prompt; <see cref="MessageId"/> is then the bot's own message they belong to.</summary>
    public IReadOnlyList<SubmittedValue> Submitted { get; init; } = [];

    /// <summary>Key of the effect that carried the prompt which a submission answers, where the platform kept our marker; null otherwise.</summary>
    public string? PromptKey { get; init; }

    /// <summary>Contact-inbox source id of a widget opening.</summary>
    public string? SourceId { get; init; }
}

internal enum CustomerInputKind
{
    Message,
    Submission,
    WidgetOpened,
}

/// <summary>One submitted value; <paramref name="Name"/> for forms, <paramref name="Title"/> for options.</summary>
internal sealed record SubmittedValue(string? Name, string? Title, string Value);
