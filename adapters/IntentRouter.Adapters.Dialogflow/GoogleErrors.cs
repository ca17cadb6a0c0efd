using System.Globalization;
using System.Text.Json;

namespace IntentRouter.Adapters.Dialogflow;

/// <summary>Reads Google's error body. Its sentences may repeat what was sent, so only codes leave here.</summary>
internal static class GoogleErrors
{
    private static readonly TimeSpan _minuteQuota = TimeSpan.FromSeconds(30);

    public static AdapterException Explain(EngineError error, DialogflowOptions options)
    {
        var status = Code(Member(error.Body, "error", "status"));
        var details = Details(error.Body).ToArray();
        var reason = details.Select(d => Code(Member(d, "reason"))).FirstOrDefault(r => r is not null);
        var said = $"Dialogflow answered {(int)error.Status}{(status is null ? "" : " " + status)}{(reason is null ? "" : $" ({reason})")}.";
        var failure = status switch
        {
            "RESOURCE_EXHAUSTED" => AdapterFailure.Throttled,
            "UNAVAILABLE" => AdapterFailure.Unreachable,
            "DEADLINE_EXCEEDED" or "CANCELLED" => AdapterFailure.TimedOut,
            _ => AdapterException.FromStatus(error.Status),
        };
        var remedy = (int)error.Status switch
        {
            400 => " Check edition, location and the agent's languages.",
            401 => " Check the credentials.",
            403 => $" Check that the Dialogflow API is on in project {options.Project} and that the account has dialogflow.sessions.detectIntent.",
            404 => $" Check that {options.Model} exists.",
            _ => "",
        };
        return new AdapterException(failure, said + remedy)
        {
            RetryAfter = failure == AdapterFailure.Throttled ? details.Select(Delay).FirstOrDefault(d => d is not null) ?? error.RetryAfter ?? _minuteQuota : error.RetryAfter,
        };
    }

    private static JsonElement.ArrayEnumerator Details(JsonElement? body) =>
        body is { ValueKind: JsonValueKind.Object } root
        && root.TryGetProperty("error", out var error) && error.ValueKind == JsonValueKind.Object
        && error.TryGetProperty("details", out var details) && details.ValueKind == JsonValueKind.Array
            ? details.EnumerateArray()
            : default;

    private static TimeSpan? Delay(JsonElement detail) =>
        Member(detail, "retryDelay") is { } text && text.EndsWith('s')
        && double.TryParse(text.AsSpan(..^1), NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds) && seconds is >= 0 and < 86_400
            ? TimeSpan.FromSeconds(seconds)
            : null;

    private static string? Member(JsonElement? element, params ReadOnlySpan<string> path)
    {
        foreach (var name in path)
        {
            element = element is { ValueKind: JsonValueKind.Object } o && o.TryGetProperty(name, out var next) ? next : null;
        }

        return element is { ValueKind: JsonValueKind.String } text ? text.GetString() : null;
    }

    private static string? Code(string? text) => text is { Length: > 0 and <= 64 } && text.All(c => char.IsAsciiLetterUpper(c) || char.IsAsciiDigit(c) || c == '_') ? text : null;
}
