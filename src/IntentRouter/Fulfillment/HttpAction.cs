using System.Globalization;
using System.Net.Sockets;
using IntentRouter.Configuration;

namespace IntentRouter.Fulfillment;

/// <summary>One request that changes something: sent once, never repeated, and told apart by what is certain about it.</summary>
internal sealed partial class HttpAction(string name, ActionOptions options, FulfillmentHttp http, TimeProvider clock, ILogger logger) : IAction, IDisposable
{
    private readonly HttpRequestTemplate _request = new(options.Method, options.Url ?? "", options.Headers, options.Body);
    private readonly JsonPath? _path = options.Result is null ? null : JsonPath.Parse(options.Result);
    private readonly Authorization _authorization = new(options.Auth, options.AllowPrivate, http, clock);

    public void Dispose() => _authorization.Dispose();

    public async Task<ActionOutcome> RunAsync(ActionCall call, CancellationToken cancellationToken)
    {
        var outcome = await SendAsync(call, cancellationToken).ConfigureAwait(false);
        if (outcome is not ActionOutcome.Done)
        {
            LogNotDone(name, outcome is ActionOutcome.InDoubt doubt ? doubt.Reason : ((ActionOutcome.Failed)outcome).Reason, outcome is ActionOutcome.InDoubt);
        }

        return outcome;
    }

    private async Task<ActionOutcome> SendAsync(ActionCall call, CancellationToken cancellationToken)
    {
        var values = new Dictionary<string, string>(call.Arguments)
        {
            ["contact_id"] = call.ContactId.ToString(CultureInfo.InvariantCulture),
            ["account_id"] = call.Account.ToString(CultureInfo.InvariantCulture),
            ["idempotency_key"] = call.IdempotencyKey,
        };
        using var limit = new CancellationTokenSource(options.Timeout, clock);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        using var request = _request.Build(values, KeyPlaces(call.IdempotencyKey));
        if (request is null)
        {
            return new ActionOutcome.Failed(LookupFailure.Refused);
        }

        try
        {
            if (!await _authorization.AddAsync(request, both.Token).ConfigureAwait(false))
            {
                return new ActionOutcome.Failed(LookupFailure.Refused);
            }
        }
        catch (Exception ex) when (ex is HttpRequestException or IOException or SocketException or OperationCanceledException)
        {
            // Only the token was asked for.
            return new ActionOutcome.Failed(LookupFailure.Unreachable);
        }

        try
        {
            var answer = await http.SendAsync(request, options.AllowPrivate, options.MaxSize, both.Token).ConfigureAwait(false);
            if (answer.Status == System.Net.HttpStatusCode.Unauthorized)
            {
                _authorization.Forget();
            }

            return Meaning(answer);
        }
        catch (Exception ex) when (HttpCertainty.WasNotSent(ex))
        {
            return new ActionOutcome.Failed(ex.InnerException is AddressRefusedException ? LookupFailure.Refused : LookupFailure.Unreachable);
        }
        catch (OperationCanceledException)
        {
            return new ActionOutcome.InDoubt(LookupFailure.TimedOut);
        }
        catch (Exception ex) when (ex is HttpRequestException or IOException or SocketException)
        {
            return new ActionOutcome.InDoubt(LookupFailure.Unreachable);
        }
    }

    private IEnumerable<KeyValuePair<string, string>> KeyPlaces(string key) => options.IdempotencyKey switch
    {
        "header" => [new(":Idempotency-Key", key)],
        { } place when place.StartsWith("header:", StringComparison.Ordinal) => [new(":" + place["header:".Length..], key)],
        { } place when place.StartsWith("body:", StringComparison.Ordinal) => [new(place["body:".Length..], key)],
        _ => [],
    };

    private ActionOutcome Meaning(HttpAnswer answer) => (int)answer.Status switch
    {
        // What was done is done, also when the answer about it cannot be read.
        >= 200 and < 300 => new ActionOutcome.Done(answer.Body is { Length: > 0 } body && HttpRows.Read(body, _path, 1) is [var row] ? row : []),
        408 or >= 500 => new ActionOutcome.InDoubt(LookupFailure.Unreachable),
        // Many servers answer a form they have taken with a redirect to what came of it.
        >= 300 and < 304 => new ActionOutcome.InDoubt(LookupFailure.Refused),
        _ => new ActionOutcome.Failed(LookupFailure.Refused),
    };

    [LoggerMessage(5011, LogLevel.Warning, "Action {Action} was not done: {Reason} (in doubt: {InDoubt})")]
    private partial void LogNotDone(string action, LookupFailure reason, bool inDoubt);
}

/// <summary>Which failures are certain to come before the request left.</summary>
internal static class HttpCertainty
{
    public static bool WasNotSent(Exception exception) => exception is HttpRequestException
    {
        HttpRequestError: HttpRequestError.NameResolutionError or HttpRequestError.ConnectionError or HttpRequestError.SecureConnectionError or HttpRequestError.ProxyTunnelError,
    } or HttpRequestException { InnerException: AddressRefusedException };
}
