using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace IntentRouter.Chat;

/// <summary>What a read brought.</summary>
/// <param name="Value">Null when nothing is known.</param>
/// <param name="Refusal">Set when asking again will not help.</param>
/// <param name="Problem">What happened, safe to log and to show; null with a value.</param>
/// <param name="ServerTime">The chat's own clock, where it tells.</param>
internal sealed record ChatRead<T>(T? Value, ChatRefusal? Refusal, string? Problem, DateTimeOffset? ServerTime)
{
    public ChatRead<TOther> Select<TOther>(Func<T, TOther?> select)
        where TOther : class
    {
        if (Problem is not null || Value is null)
        {
            return new ChatRead<TOther>(null, Refusal, Problem, ServerTime);
        }

        var other = select(Value);
        return other is null
            ? new ChatRead<TOther>(null, ChatRefusal.Unexpected, "The answer has not the chat's form.", ServerTime)
            : new ChatRead<TOther>(other, null, null, ServerTime);
    }
}

internal static class ChatRead
{
    public static ChatRead<T> Of<T>(ChatAnswer answer, JsonTypeInfo<T> type)
    {
        switch (answer)
        {
            case ChatAnswer.Answered { Succeeded: true, Body: { } body } full:
                try
                {
                    return JsonSerializer.Deserialize(body.Span, type) is { } value
                        ? new ChatRead<T>(value, null, null, full.ServerTime)
                        : new ChatRead<T>(default, ChatRefusal.Unexpected, "The answer is empty.", full.ServerTime);
                }
                catch (JsonException)
                {
                    return new ChatRead<T>(default, ChatRefusal.Unexpected, "The answer is not the chat's JSON; chat.baseUrl may lead elsewhere.", full.ServerTime);
                }

            case ChatAnswer.Answered { Status: 429 or 408 or >= 500 } busy:
                return new ChatRead<T>(default, null, $"The chat answered {busy.Status}.", busy.ServerTime);
            case ChatAnswer.Answered { Succeeded: false } refused:
                return new ChatRead<T>(default, ChatRefusals.Kind(refused), ChatRefusals.Explain(ChatRefusals.Kind(refused), refused.Status), refused.ServerTime);
            case ChatAnswer.Unusable unusable:
                return NotConfigured<T>(unusable.Problem);
            default:
                return new ChatRead<T>(default, null, $"No answer from the chat: {answer.Outcome}.", null);
        }
    }

    public static ChatRead<T> NotConfigured<T>(string problem) => new(default, ChatRefusal.NotConfigured, problem, null);
}
