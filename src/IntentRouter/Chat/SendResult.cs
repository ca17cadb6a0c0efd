namespace IntentRouter.Chat;

/// <summary>What became of one call to the chat that was meant to change something. A closed set, by what may be done next.</summary>
internal abstract record SendResult
{
    private SendResult()
    {
    }

    /// <summary>Stable kebab-case word for metrics and the record of the effect.</summary>
    public abstract string Outcome { get; }

    /// <summary>The chat applied it.</summary>
    /// <param name="RemoteId">Id of the message, or display id of the created conversation; null where the call makes nothing or the answer could not be read.</param>
    /// <param name="MarkerKept">Whether the answer shows our marker: its echo can then be recognised. Null for calls without a marker.</param>
    /// <param name="Status">The conversation's status after the call, where the answer tells it.</param>
    public sealed record Done(long? RemoteId = null, bool? MarkerKept = null, string? Status = null) : SendResult
    {
        public override string Outcome => "done";
    }

    /// <summary>Refused for good: trying again changes nothing.</summary>
    /// <param name="Detail">What happened and the remedy, in our own words: safe to log and to show.</param>
    public sealed record Refused(ChatRefusal Kind, string Detail) : SendResult
    {
        public override string Outcome => "refused";
    }

    /// <summary>Certainly not applied (refused connection, name not resolved, TLS, rate limit): may be tried again without harm.</summary>
    /// <param name="Outage">The chat was not reached at all, as opposed to answering that it would not.</param>
    public sealed record NotApplied(string Reason, TimeSpan? RetryAfter = null, bool Outage = false) : SendResult
    {
        public override string Outcome => "not-applied";
    }

    /// <summary>The request left, its effect is unknown (time-out, reset, 5xx): reconcile before trying again.</summary>
    /// <param name="Outage">Nobody answered, or something before the chat did in its place; as opposed to the chat's own failure on this call.</param>
    public sealed record InDoubt(string Reason, bool Outage = false) : SendResult
    {
        public override string Outcome => "in-doubt";
    }

    /// <summary>This installation does not let a bot do it, and the conversation does not depend on it.</summary>
    public sealed record Skipped(string Reason) : SendResult
    {
        public override string Outcome => "skipped";
    }
}

/// <summary>Why the chat refuses a call (contract 3.6). The first six all arrive as 401.</summary>
internal enum ChatRefusal
{
    /// <summary>The token is not known.</summary>
    UnknownToken,

    /// <summary>The header did not arrive: missing, or dropped by a proxy.</summary>
    HeaderLost,

    /// <summary>This endpoint is closed to bots in this version; also what super admin and platform tokens get.</summary>
    NotForBots,

    /// <summary>The bot is not connected to an inbox of this account.</summary>
    NotConnected,

    AccountSuspended,

    /// <summary>The user's role is too low.</summary>
    RoleTooLow,

    /// <summary>A 401 with words that are not known.</summary>
    Unauthorized,

    /// <summary>The account's API access is switched off.</summary>
    ApiDisabled,

    NotFound,

    /// <summary>The administrator's token finds no such conversation either: it was deleted.</summary>
    Gone,

    /// <summary>The chat, or our own check before it, does not accept the content.</summary>
    Invalid,

    /// <summary>The address redirects: <c>chat.baseUrl</c> is not the chat's own address.</summary>
    Redirected,

    /// <summary>An answer that is not the chat's, for example a proxy's page.</summary>
    Unexpected,

    /// <summary>Address or token are missing in the configuration.</summary>
    NotConfigured,
}
