using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using IntentRouter.Configuration;
using Polly;
using Polly.CircuitBreaker;
using Polly.Retry;

namespace IntentRouter.Fulfillment;

/// <summary>One request that reads: repeated when that may help, kept for a while if the entry says so, left alone while the other side is down.</summary>
internal sealed partial class HttpLookup : ILookup, IDisposable
{
    private const int MostKept = 1_000;
    private readonly string _name;
    private readonly LookupOptions _options;
    private readonly FulfillmentHttp _http;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly HttpRequestTemplate? _request;
    private readonly JsonPath? _path;
    private readonly Authorization _authorization;
    private readonly ResiliencePipeline<Attempt> _pipeline;
    private readonly ConcurrentDictionary<string, (byte[]? Body, DateTimeOffset Until)> _kept = new();

    public HttpLookup(string name, LookupOptions options, FulfillmentHttp http, TimeProvider clock, ILogger logger)
    {
        _name = name;
        _options = options;
        _http = http;
        _clock = clock;
        _logger = logger;
        _authorization = new Authorization(options.Auth, options.AllowPrivate, http, clock);
        _request = new HttpRequestTemplate(options.Method, options.Url ?? "", options.Headers, options.Body);
        _path = options.Result is null ? null : JsonPath.Parse(options.Result);
        _pipeline = Pipeline(options.Retries, clock);
    }

    public void Dispose() => _authorization.Dispose();

    public async Task<LookupOutcome> FindAsync(LookupCall call, CancellationToken cancellationToken)
    {
        var values = Values(call);
        using var limit = new CancellationTokenSource(_options.Timeout, _clock);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        string? key = null;
        if (_options.Cache is not null)
        {
            using var sample = _request!.Build(values);
            key = sample is null ? null : await KeyOfAsync(sample).ConfigureAwait(false);
            if (key is not null && _kept.TryGetValue(key, out var known) && _clock.GetUtcNow() < known.Until)
            {
                return Outcome(known.Body);
            }
        }

        Attempt attempt;
        try
        {
            attempt = await _pipeline.ExecuteAsync(
                static async (state, token) => await state.Lookup.TryAsync(state.Values, token).ConfigureAwait(false), (Lookup: this, Values: values), both.Token).ConfigureAwait(false);
        }
        catch (BrokenCircuitException)
        {
            return new LookupOutcome.Failed(LookupFailure.Unreachable);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new LookupOutcome.Failed(LookupFailure.TimedOut);
        }

        cancellationToken.ThrowIfCancellationRequested();
        if (attempt.Failure is { } failure)
        {
            LogFailed(_name, failure, attempt.Status);
            return new LookupOutcome.Failed(failure);
        }

        var outcome = Outcome(attempt.Body);
        if (key is not null && outcome is not LookupOutcome.Failed)
        {
            Keep(key, attempt.Body);
        }

        return outcome;
    }

    /// <summary>What templates can name.</summary>
    internal static Dictionary<string, string> Values(LookupCall call) => new(call.Slots)
    {
        ["contact_id"] = call.ContactId.ToString(CultureInfo.InvariantCulture),
        ["account_id"] = call.Account.ToString(CultureInfo.InvariantCulture),
        ["language"] = call.Language,
    };

    private static ResiliencePipeline<Attempt> Pipeline(int retries, TimeProvider clock)
    {
        var builder = new ResiliencePipelineBuilder<Attempt> { TimeProvider = clock };
        if (retries > 0)
        {
            builder.AddRetry(new RetryStrategyOptions<Attempt>
            {
                MaxRetryAttempts = retries,
                Delay = TimeSpan.FromMilliseconds(100),
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
                ShouldHandle = a => ValueTask.FromResult(a.Outcome.Result is { IsTransient: true }),
            });
        }

        return builder.AddCircuitBreaker(new CircuitBreakerStrategyOptions<Attempt>
        {
            FailureRatio = 0.5,
            MinimumThroughput = 6,
            SamplingDuration = TimeSpan.FromSeconds(30),
            BreakDuration = TimeSpan.FromSeconds(10),
            ShouldHandle = a => ValueTask.FromResult(a.Outcome.Result is { IsTransient: true }),
        }).Build();
    }

    private async Task<Attempt> TryAsync(IReadOnlyDictionary<string, string> values, CancellationToken cancellationToken)
    {
        for (var renewed = false; ; renewed = true)
        {
            try
            {
                using var request = _request!.Build(values);
                if (request is null)
                {
                    // The value cannot be part of an address, so nothing is found under it.
                    return new Attempt(null, null, 0);
                }

                if (!await _authorization.AddAsync(request, cancellationToken).ConfigureAwait(false))
                {
                    return new Attempt(LookupFailure.Refused, null, 401);
                }

                var answer = await _http.SendAsync(request, _options.AllowPrivate, _options.MaxSize, cancellationToken).ConfigureAwait(false);
                if (answer.Status == HttpStatusCode.Unauthorized && _authorization.CanRenew && !renewed)
                {
                    _authorization.Forget();
                    continue;
                }

                return Meaning(answer);
            }
            catch (OperationCanceledException)
            {
                // Counts for the circuit; whether it was the turn or the limit is told outside.
                return new Attempt(LookupFailure.TimedOut, null, 0, IsTransient: true);
            }
            catch (HttpRequestException ex) when (ex.InnerException is AddressRefusedException)
            {
                return new Attempt(LookupFailure.Refused, null, 0);
            }
            catch (Exception ex) when (ex is HttpRequestException or IOException or SocketException)
            {
                return new Attempt(LookupFailure.Unreachable, null, 0, IsTransient: true);
            }
        }
    }

    private static Attempt Meaning(HttpAnswer answer)
    {
        var status = (int)answer.Status;
        return status switch
        {
            204 or 404 or 410 => new Attempt(null, null, status),
            >= 200 and < 300 => answer.Body is null ? new Attempt(LookupFailure.TooLarge, null, status) : new Attempt(null, answer.Body, status),
            408 or >= 500 => new Attempt(LookupFailure.Unreachable, null, status, IsTransient: true),
            429 => new Attempt(LookupFailure.Refused, null, status, IsTransient: true),
            _ => new Attempt(LookupFailure.Refused, null, status),
        };
    }

    private LookupOutcome Outcome(byte[]? body) => body is null
        ? new LookupOutcome.NotFound()
        : HttpRows.Read(body, _path, _options.MaxRows) switch
        {
            null => new LookupOutcome.Failed(LookupFailure.Unreadable),
            [] => new LookupOutcome.NotFound(),
            { } rows => new LookupOutcome.Found(rows),
        };

    // The bytes are kept and not the rows: JSON nodes cannot be read by several turns at once.
    private void Keep(string key, byte[]? body)
    {
        var now = _clock.GetUtcNow();
        if (_kept.Count >= MostKept)
        {
            foreach (var old in _kept.Where(k => k.Value.Until <= now))
            {
                _kept.TryRemove(old);
            }

            if (_kept.Count >= MostKept)
            {
                _kept.Clear();
            }
        }

        _kept[key] = (body, now + _options.Cache!.Value);
    }

    private static async Task<string> KeyOfAsync(HttpRequestMessage request)
    {
        var text = new StringBuilder().Append(request.Method).Append('\n').Append(request.RequestUri).Append('\n').Append(request.Headers).Append('\n')
            .Append(request.Content is null ? "" : await request.Content.ReadAsStringAsync().ConfigureAwait(false));
        return Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())));
    }

    [LoggerMessage(5003, LogLevel.Warning, "Lookup {Lookup} failed: {Reason} (HTTP status {Status}, 0 for none)")]
    private partial void LogFailed(string lookup, LookupFailure reason, int status);

    /// <param name="Body">Null with no failure: nothing was found.</param>
    private sealed record Attempt(LookupFailure? Failure, byte[]? Body, int Status, bool IsTransient = false);
}
