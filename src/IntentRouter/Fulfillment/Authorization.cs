using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using IntentRouter.Configuration;

namespace IntentRouter.Fulfillment;

/// <summary>Adds an entry's credentials to its requests; fetches and keeps the token of OAuth2 client credentials. Thread-safe.</summary>
internal sealed class Authorization(AuthOptions? options, bool allowPrivate, FulfillmentHttp http, TimeProvider clock) : IDisposable
{
    private const int LongestAnswer = 64 * 1024;
    private static readonly TimeSpan _early = TimeSpan.FromSeconds(30);
    private readonly SemaphoreSlim _fetching = new(1);
    private volatile Known? _known;

    /// <summary>Whether a 401 may be cured by a new token.</summary>
    public bool CanRenew => options?.Kind == "oauth2";

    /// <summary>False when no token could be had.</summary>
    public async ValueTask<bool> AddAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        switch (options?.Kind)
        {
            case "basic":
                request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{options.User}:{options.Password}")));
                return true;
            case "bearer":
                request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", options.Token);
                return true;
            case "header":
                request.Headers.Remove(options.Header!);
                return request.Headers.TryAddWithoutValidation(options.Header!, options.Token);
            case "oauth2":
                if (await TokenAsync(cancellationToken).ConfigureAwait(false) is not { } token)
                {
                    return false;
                }

                request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
                return true;
            default:
                return true;
        }
    }

    /// <summary>The token was refused: the next request fetches another.</summary>
    public void Forget() => _known = null;

    public void Dispose() => _fetching.Dispose();

    private async Task<string?> TokenAsync(CancellationToken cancellationToken)
    {
        await _fetching.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_known is { } known && clock.GetUtcNow() < known.Until)
            {
                return known.Token;
            }

            var asked = clock.GetUtcNow();
            // Servers must know the header; some know only the form.
            var answer = await AskAsync(inHeader: true, cancellationToken).ConfigureAwait(false);
            if (answer.Status is HttpStatusCode.BadRequest or HttpStatusCode.Unauthorized)
            {
                answer = await AskAsync(inHeader: false, cancellationToken).ConfigureAwait(false);
            }

            if (!answer.IsGood || answer.Body is null || Parsed(answer.Body) is not { } json || json["access_token"] is not JsonValue value || !value.TryGetValue<string>(out var token) || token.Length == 0)
            {
                return null;
            }

            var life = json["expires_in"] is JsonValue seconds && seconds.TryGetValue<double>(out var s) ? TimeSpan.FromSeconds(double.Clamp(s, 0, 86_400)) : TimeSpan.FromMinutes(5);
            _known = new Known(token, asked + life - _early);
            return token;
        }
        finally
        {
            _fetching.Release();
        }
    }

    private async Task<HttpAnswer> AskAsync(bool inHeader, CancellationToken cancellationToken)
    {
        var form = new Dictionary<string, string> { ["grant_type"] = "client_credentials" };
        if (options!.Scope is { Length: > 0 } scope)
        {
            form["scope"] = scope;
        }

        if (!inHeader)
        {
            form["client_id"] = options.ClientId!;
            form["client_secret"] = options.ClientSecret!;
        }

        using var request = new HttpRequestMessage(HttpMethod.Post, options.TokenUrl) { Content = new FormUrlEncodedContent(form) };
        if (inHeader)
        {
            request.Headers.Authorization = new AuthenticationHeaderValue(
                "Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{WebUtility.UrlEncode(options.ClientId)}:{WebUtility.UrlEncode(options.ClientSecret)}")));
        }

        return await http.SendAsync(request, allowPrivate, LongestAnswer, cancellationToken).ConfigureAwait(false);
    }

    private static JsonObject? Parsed(byte[] body)
    {
        try
        {
            return JsonNode.Parse(body, documentOptions: HttpRows.Strict) as JsonObject;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private sealed record Known(string Token, DateTimeOffset Until);
}
