using System.Net;

namespace IntentRouter.Adapters.Lex;

/// <summary>Reads what kind of error Lex means. Its sentences may repeat what was sent, so only the type leaves here.</summary>
internal static class LexErrors
{
    private static readonly TimeSpan _soon = TimeSpan.FromMilliseconds(300);

    /// <summary>The error's type: from the header, else from the body, without prefix and suffix.</summary>
    public static string? Type(EngineError error)
    {
        var raw = error.Headers.TryGetValues("x-amzn-ErrorType", out var values) ? values.FirstOrDefault() : null;
        raw ??= error.Member("code") ?? error.Member("__type");
        var type = raw?.Split(',', ':')[0].Split('#')[^1].Trim();
        return type is { Length: > 0 and <= 80 } && type.All(char.IsAsciiLetterOrDigit) ? type : null;
    }

    public static AdapterException Explain(EngineError error)
    {
        var type = Type(error);
        var (failure, remedy) = (type, error.Status) switch
        {
            ("ConflictException", _) or (_, HttpStatusCode.Conflict) => (AdapterFailure.Throttled, "Another call is using the same session."),
            ("ThrottlingException", _) or (_, HttpStatusCode.TooManyRequests) => (AdapterFailure.Throttled, "The draft alias TSTALIASID allows a handful of calls only; published aliases have a quota."),
            ("DependencyFailedException" or "BadGatewayException", _) => (AdapterFailure.Faulted, "The bot's Lambda function failed; its log says why."),
            ("ResourceNotFoundException", _) or (_, HttpStatusCode.NotFound) => (AdapterFailure.Rejected, "Check region, botId, botAliasId and locale."),
            ("AccessDeniedException", _) => (AdapterFailure.Rejected, "The caller needs lex:RecognizeText on the bot alias."),
            (_, HttpStatusCode.Forbidden) => (AdapterFailure.Rejected, "Check the credentials, and the clock of this machine."),
            ("ValidationException", _) => (AdapterFailure.Rejected, "Check botId, botAliasId and locale (en_US, with an underscore)."),
            _ => (AdapterException.FromStatus(error.Status), ""),
        };
        return new AdapterException(failure, $"Lex answered {(int)error.Status}{(type is null ? "" : " " + type)}. {remedy}".TrimEnd())
        {
            RetryAfter = error.RetryAfter ?? (failure == AdapterFailure.Throttled ? _soon : null),
        };
    }
}
