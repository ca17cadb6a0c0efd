using System.Text.Json;

namespace IntentRouter.Chat;

/// <summary>
/// Tells the chat's refusals apart (contract 3.6). The platform answers 401 to a dozen different things and says which only in words; none of
/// its words are passed on, since a validation message can quote the customer.
/// </summary>
internal static class ChatRefusals
{
    private static readonly (string Words, ChatRefusal Kind)[] _unauthorized =
    [
        ("not authorized for bots", ChatRefusal.NotForBots),
        ("not authorized to access this account", ChatRefusal.NotConnected),
        ("invalid access", ChatRefusal.UnknownToken),
        ("need to sign in", ChatRefusal.HeaderLost),
        ("account is suspended", ChatRefusal.AccountSuspended),
        ("not authorized to do this action", ChatRefusal.RoleTooLow),
    ];

    public static ChatRefusal Kind(ChatAnswer.Answered answer) => answer.Status switch
    {
        401 => Array.Find(_unauthorized, u => Words(answer.Body).Contains(u.Words, StringComparison.OrdinalIgnoreCase)) is { Words: not null } known
            ? known.Kind
            : ChatRefusal.Unauthorized,
        403 when Words(answer.Body).Contains("API access is not enabled", StringComparison.OrdinalIgnoreCase) => ChatRefusal.ApiDisabled,
        403 => ChatRefusal.Unexpected,
        404 => ChatRefusal.NotFound,
        400 or 413 or 422 => ChatRefusal.Invalid,
        >= 300 and < 400 => ChatRefusal.Redirected,
        _ => ChatRefusal.Unexpected,
    };

    /// <summary>Whether a 422 only says that the conversation had its 200 messages of this minute.</summary>
    public static bool IsConversationLimit(ChatAnswer.Answered answer) =>
        answer.Status == 422 && Words(answer.Body).Contains("too many messages", StringComparison.OrdinalIgnoreCase);

    public static string Explain(ChatRefusal kind, int status) => kind switch
    {
        ChatRefusal.UnknownToken => "The chat does not know this token (401). Copy the bot's access token again; a rotated token is void at once.",
        ChatRefusal.HeaderLost => "The token header did not arrive (401). A proxy before the chat drops it: let Api-Access-Token through.",
        ChatRefusal.NotForBots => "This call is closed to this kind of token (401). It must be the agent bot's own token, not a super admin's or a platform app's; some calls need a later version.",
        ChatRefusal.NotConnected => "The bot is not connected to an inbox of this account (401). Connect it: intent-router bots connect.",
        ChatRefusal.AccountSuspended => "The account is suspended (401).",
        ChatRefusal.RoleTooLow => "The user behind the token is not an administrator of this account (401).",
        ChatRefusal.Unauthorized => "The chat refused the token with words that are not known (401).",
        ChatRefusal.ApiDisabled => "API access is not enabled for this account (403). An administrator of the installation switches the feature on.",
        ChatRefusal.NotFound => "The chat does not know this account, conversation or address (404). It may have been deleted; or chat.baseUrl does not lead to the chat.",
        ChatRefusal.Gone => "The conversation is gone: the administrator's token does not find it either (404).",
        ChatRefusal.Invalid => $"The chat did not accept the content ({status}).",
        ChatRefusal.Redirected => $"The chat's address redirects ({status}). Set chat.baseUrl to the address it redirects to, usually https.",
        ChatRefusal.NotConfigured => "Address or token are not configured.",
        _ => $"The answer is not the chat's ({status}). Something between us and the chat answers in its place, or chat.baseUrl is wrong.",
    };

    private static string Words(ReadOnlyMemory<byte>? body)
    {
        if (body is not { Length: > 0 } bytes)
        {
            return "";
        }

        try
        {
            return JsonSerializer.Deserialize(bytes.Span, ChatJson.Default.WireError) is { } error ? $"{error.Error} {error.Errors} {error.Message}" : "";
        }
        catch (JsonException)
        {
            return "";
        }
    }
}
