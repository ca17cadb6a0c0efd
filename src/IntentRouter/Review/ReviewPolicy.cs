using System.Text.Json;
using IntentRouter.Configuration;
using IntentRouter.Conversations;
using IntentRouter.Decisions;

namespace IntentRouter.Review;

/// <summary>What people should look at, because of a turn or of what happened on the desk. Pure.</summary>
internal static class ReviewPolicy
{
    /// <summary>The label of what is none of the bot's intents; the training data's own word.</summary>
    public const string OutOfScope = "out_of_scope";

    /// <summary>The conversation's attribute that a handoff writes the intent into, and an agent may correct.</summary>
    public const string IntentAttribute = "bot_intent";

    /// <param name="Spoken">The utterance that later events are about.</param>
    public sealed record Outcome(SpokenUtterance? Spoken, IReadOnlyList<ReviewNote> Notes);

    /// <summary>After a turn's decision.</summary>
    public static Outcome OfTurn(DecisionInput input, Decision decision, string turn)
    {
        var session = input.State.Session;
        var before = session.Spoken;
        if (!input.Bot.Options.Review.On)
        {
            return new Outcome(null, []);
        }

        if (decision is Decision.StaySilent or Decision.Assist)
        {
            return new Outcome(before, []);
        }

        var now = input.Heard?.Understanding is not null && !AnswersPrompt(session, decision) ? Spoken(input, decision, turn) : null;
        var declined = session.Prompt is { Kind: PromptKind.Clarify, About.Length: > 0 };
        ReviewNote? note = decision switch
        {
            // None of the offered intents: it is about what was said before.
            Decision.FallBack { Reason: FallbackReason.Declined } => declined && before is not null ? Note(ReviewReason.Fallback, before) : null,
            Decision.FallBack => now is null ? null : Note(ReviewReason.Fallback, now),
            Decision.Clarify => now is null ? null : Note(ReviewReason.LowConfidence, now),
            Decision.HandOff { Reason: HandoffReason.LowConfidence } => (now ?? before) is { } missed ? Note(ReviewReason.Handoff, missed) : null,
            Decision.HandOff { Reason: HandoffReason.AttemptsUsed } => before is null ? null : Note(ReviewReason.Handoff, before),
            // Asked for right away it is no misunderstanding.
            Decision.HandOff { Reason: HandoffReason.Asked } => before is { Noted: false } ? Note(ReviewReason.Handoff, before) : null,
            _ => Chosen(input, decision) is { } intent && before is not null
                ? Note(ReviewReason.LowConfidence, before) with { Suggestion = intent, Counts = !before.Noted }
                : null,
        };

        var spoken = decision is Decision.HandOff { Reason: HandoffReason.Asked or HandoffReason.AttemptsUsed } ? before ?? now
            : now ?? (before is null ? null : before with { Followed = before.Followed || note?.Reason is not ReviewReason.Fallback });
        return new Outcome(
            note is not null && spoken?.Turn == note.Utterance.Turn ? spoken with { Noted = true } : spoken,
            note is null ? [] : [note]);
    }

    /// <summary>After events of the desk: a human stepped in, or wrote another intent into the conversation.</summary>
    /// <param name="before">The state before these events.</param>
    /// <param name="after">The state with what they say.</param>
    public static Outcome OfDesk(Bot bot, ConversationState before, ConversationState after, DateTimeOffset now)
    {
        var session = after.Session;
        if (!bot.Options.Review.On || session.Spoken is not { } spoken)
        {
            return new Outcome(null, []);
        }

        var notes = new List<ReviewNote>();
        if (!before.Facts.HumanSteppedIn && after.Facts.HumanSteppedIn && session.Handoff is null && now - session.LastActivityAt <= bot.Options.Session.Idle)
        {
            notes.Add(Note(ReviewReason.Takeover, spoken) with { TakenOver = !spoken.Followed });
            // Once: what the human goes on to say is no further sign.
            spoken = spoken with { Noted = true, Followed = true };
        }

        if (session.Handoff is { } handoff && Attribute(after) is { } corrected && corrected != Attribute(before) && corrected != handoff.Intent && MayLabel(bot, corrected))
        {
            notes.Add(Note(ReviewReason.Correction, spoken) with { Suggestion = corrected, Counts = !spoken.Noted });
            spoken = spoken with { Noted = true };
        }

        return new Outcome(spoken, notes);
    }

    /// <summary>Whether an utterance of the bot may be labelled so.</summary>
    public static bool MayLabel(Bot bot, string label) => label == OutOfScope || bot.Options.Intents.ContainsKey(label);

    private static ReviewNote Note(ReviewReason reason, SpokenUtterance utterance) => new() { Reason = reason, Utterance = utterance, Counts = !utterance.Noted };

    private static SpokenUtterance? Spoken(DecisionInput input, Decision decision, string turn)
    {
        var text = ReviewText.Mask(input.Input.Text);
        return text.Length == 0 ? null : new SpokenUtterance
        {
            Text = text,
            Language = input.Language,
            Turn = turn,
            Rule = decision.Rule,
            Adapter = input.Heard!.Adapter,
            Model = input.Heard.Understanding!.Model,
            Candidates = [.. input.Heard.Ranking.Take(3).Select(r => new SpokenCandidate(r.Intent, r.Probability))],
        };
    }

    /// <summary>An order number or an address is no utterance to learn from.</summary>
    private static bool AnswersPrompt(Session session, Decision decision) =>
        session is { Active: { } active, Prompt.Kind: PromptKind.Slot or PromptKind.Form or PromptKind.Code or PromptKind.Confirm or PromptKind.Provider }
        && (decision is Decision.Cancel or Decision.HandOff { Reason: HandoffReason.AttemptsUsed or HandoffReason.ProofFailed } || decision.About?.Route == active.Route);

    /// <summary>The intent that the person chose when asked which one was meant.</summary>
    private static string? Chosen(DecisionInput input, Decision decision) =>
        input.State.Session.Prompt is { Kind: PromptKind.Clarify, About.Length: > 0 } && input.Heard is null
            ? decision.About?.Intent ?? (decision as Decision.Say)?.Intent ?? (decision as Decision.HandOff)?.Intent
            : null;

    private static string? Attribute(ConversationState state) =>
        state.Facts.CustomAttributes.TryGetValue(IntentAttribute, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
