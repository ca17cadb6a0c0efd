namespace IntentRouter.Decisions;

/// <summary>Whether the bot may speak at all: the rule of <c>design.md</c> section 1, checked here and again just before each send.</summary>
internal static class Gate
{
    /// <summary>Why the bot must not speak publicly, or null when it may.</summary>
    public static SilenceReason? Check(DecisionInput input)
    {
        var facts = input.State.Facts;
        if (facts.Contact.Blocked)
        {
            return SilenceReason.Blocked;
        }

        // The widget may be opened before there is a conversation.
        if (input.Input.Kind == CustomerInputKind.WidgetOpened && facts.Status is null)
        {
            return null;
        }

        if (!facts.IsPending)
        {
            return SilenceReason.NotPending;
        }

        // Not by the assignee alone: who pushes a conversation back stays assigned to it. A new assignee counts as stepping in.
        if (facts.HumanSteppedIn)
        {
            return SilenceReason.HumanSpeaks;
        }

        // We passed it on ourselves, and what shows "pending" was said before the chat had opened it; once it comes back the session forgets the handoff.
        return input.State.Session.Handoff is null ? null : SilenceReason.HandedOff;
    }
}
