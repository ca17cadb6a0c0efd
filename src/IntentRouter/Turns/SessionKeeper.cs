using IntentRouter.Conversations;
using IntentRouter.Inbox;
using IntentRouter.Review;

namespace IntentRouter.Turns;

/// <summary>Takes what events say about the conversation into its state, and begins, resumes or ends sessions. Pure.</summary>
internal static class SessionKeeper
{
    /// <summary>
    /// After our own handoff the chat says <c>open</c>; should that event be lost, a message that shows <c>pending</c> this much later means that the
    /// conversation was pushed back.
    /// </summary>
    private static readonly TimeSpan _handoffSettled = TimeSpan.FromMinutes(1);

    /// <summary>The state after this turn's events, before anything is decided.</summary>
    public static ConversationState Observe(TurnContext context)
    {
        var facts = context.Events.Select(e => e.Event).OfType<Webhooks.PlatformEvent>().Aggregate(context.State.Facts, FactsReducer.Apply);
        return context.State with { Facts = facts };
    }

    /// <summary>Events without a word of the customer: only what people on the desk did may be worth a note.</summary>
    public static TurnPlan NothingSaid(TurnContext context, ConversationState observed)
    {
        var desk = ReviewPolicy.OfDesk(context.Bot, context.State, observed, context.Now);
        return TurnPlan.Nothing(observed with { Session = observed.Session with { Spoken = desk.Spoken } }) with { Review = desk.Notes };
    }

    /// <summary>The session this turn belongs to: the running one, the same one resumed, or a new one.</summary>
    public static ConversationState Begin(ConversationState state, TurnContext context)
    {
        var (facts, session) = (state.Facts, state.Session);
        var idle = session.LastActivityAt != default && context.Now - session.LastActivityAt > context.Bot.Options.Session.Idle;
        var reopened = facts.WasResolved && facts.IsPending;
        var pushedBack = facts.IsPending && session.Handoff is { } handoff && (facts.Returned || context.Now - handoff.At > _handoffSettled);
        if (session.Id.Length == 0 || reopened || (idle && (session.Handoff is null || pushedBack)))
        {
            // What the desk was told stays told while it is the same matter.
            session = New(session, context) with { TellOnce = reopened ? [] : session.TellOnce };
        }
        else if (pushedBack || facts.Returned)
        {
            session = session with { Handoff = null, MissesInARow = 0, RecentReplies = [] };
        }

        return new ConversationState
        {
            Facts = facts with { Returned = false, WasResolved = facts.WasResolved && !facts.IsPending },
            Session = session with { LastActivityAt = context.Now },
        };
    }

    /// <summary>Deterministic, so that a turn that is run again names its session alike.</summary>
    private static Session New(Session old, TurnContext context) => new()
    {
        Id = context.OpaqueKey,
        StartedAt = context.Now,
        LastActivityAt = context.Now,
        Language = old.Language,
        GreetedOn = old.GreetedOn,
        RecentReplies = old.RecentReplies,
    };

    /// <summary>Counts the public replies of the last minute, for the loop guard.</summary>
    public static Session CountReplies(Session session, IReadOnlyList<Effect> effects, DateTimeOffset now)
    {
        var recent = session.RecentReplies.Where(at => now - at < TimeSpan.FromMinutes(1));
        return session with { RecentReplies = [.. recent, .. effects.OfType<SendMessage>().Select(_ => now)] };
    }
}
