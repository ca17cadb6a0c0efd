using IntentRouter.Webhooks;

namespace IntentRouter.Conversations;

/// <summary>What an event changes in what we know of its conversation. Pure; state moves forward by the platform's own clock only.</summary>
internal static class FactsReducer
{
    public static ConversationFacts Apply(ConversationFacts facts, PlatformEvent e)
    {
        if (e.Conversation is not { } c)
        {
            return facts;
        }

        var next = IsNewer(facts, c) ? Move(facts, c) : facts;
        if (e.Message is { } message && e.Kind == PlatformEventKind.MessageCreated)
        {
            if (message.IsCustomer)
            {
                next = next with { LastCustomerMessageId = Math.Max(next.LastCustomerMessageId, message.Id), Contact = Known(next.Contact, c.Contact) };
            }
            else if (message is { Author: Author.Human, Private: false, Type: "outgoing" } && !IsBefore(c.UpdatedAt, next.ResumedAt) && !CameBackSince(next, c))
            {
                next = next with { LastHumanMessageId = Math.Max(next.LastHumanMessageId, message.Id), HumanSteppedIn = true };
            }
        }

        return next;
    }

    private static ConversationFacts Move(ConversationFacts facts, PlatformConversation c)
    {
        var status = c.Status ?? facts.Status;
        var leftPending = facts.LeftPending || (status is not null && status != "pending");
        var returned = leftPending && status == "pending";
        var newHuman = c.HasMeta && c.AssigneeType == "User" && c.AssigneeId != facts.AssigneeId;
        return facts with
        {
            Status = status,
            UpdatedAt = c.UpdatedAt > 0 ? c.UpdatedAt : facts.UpdatedAt,
            InboxId = c.InboxId != 0 ? c.InboxId : facts.InboxId,
            Channel = c.Channel ?? facts.Channel,
            CanReply = c.CanReply ?? facts.CanReply,
            AssigneeType = c.HasMeta ? c.AssigneeType : facts.AssigneeType,
            AssigneeId = c.HasMeta ? c.AssigneeId : facts.AssigneeId,
            TeamId = c.HasMeta ? c.TeamId : facts.TeamId,
            Priority = c.Priority ?? facts.Priority,
            Labels = c.Labels ?? facts.Labels,
            CustomAttributes = c.CustomAttributes ?? facts.CustomAttributes,
            BrowserLanguage = c.BrowserLanguage ?? facts.BrowserLanguage,
            DetectedLanguage = c.DetectedLanguage ?? facts.DetectedLanguage,
            Contact = Known(facts.Contact, c.Contact),
            LeftPending = leftPending && !returned,
            Returned = facts.Returned || returned,
            WasResolved = facts.WasResolved || status == "resolved",
            ResumedAt = returned ? c.UpdatedAt : facts.ResumedAt,
            // The one who pushed it back stays assigned on older versions; only somebody new at the desk takes the word.
            HumanSteppedIn = !returned && (facts.HumanSteppedIn || newHuman),
        };
    }

    private static ContactFacts Known(ContactFacts old, ContactFacts? seen) => seen is null ? old : seen with
    {
        Id = seen.Id != 0 ? seen.Id : old.Id,
        Name = seen.Name ?? old.Name,
        Email = seen.Email ?? old.Email,
        Phone = seen.Phone ?? old.Phone,
        Identifier = seen.Identifier ?? old.Identifier,
        TimeZone = seen.TimeZone ?? old.TimeZone,
        Language = seen.Language ?? old.Language,
    };

    /// <summary>The word was said outside the bot's time, and is older than a state in which the conversation is the bot's: the return was not told, or comes late.</summary>
    private static bool CameBackSince(ConversationFacts facts, PlatformConversation c) =>
        facts.IsPending && c.Status is not (null or "pending") && IsBefore(c.UpdatedAt, facts.UpdatedAt);

    private static bool IsNewer(ConversationFacts facts, PlatformConversation c) => !IsBefore(c.UpdatedAt, facts.UpdatedAt);

    /// <summary>Versions that send no time (0) are taken as they come.</summary>
    private static bool IsBefore(double at, double reference) => at > 0 && reference > 0 && at < reference;
}
