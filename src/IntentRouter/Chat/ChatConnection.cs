using System.Buffers;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using IntentRouter.Configuration;

namespace IntentRouter.Chat;

/// <summary>
/// One HTTP connection pool to the chat and nothing of its meaning: a call goes out once, and comes back as what is certain about it.
/// Never retries, never follows redirects, never queues inside the client. Thread-safe.
/// </summary>
internal sealed class ChatConnection : IDisposable
{
    private const int MaxAnswer = 4 * 1024 * 1024;

    /// <summary>A proxy may ask for a day; nobody lets a customer wait so long without having asked again.</summary>
    private static readonly TimeSpan _longestRetryAfter = TimeSpan.FromMinutes(5);


    private readonly Func<ChatOptions> _options;
    private readonly TimeProvider _clock;
    private readonly HttpMessageInvoker _http;
    private readonly SemaphoreSlim _slots;
    private readonly Histogram<double> _duration;

    /// <param name="options">Read at each call, so that address and time-out follow a reload; the number of connections is fixed at the start.</param>
    /// <param name="handler">Replaces the network in tests.</param>
    public ChatConnection(Func<ChatOptions> options, TimeProvider clock, IMeterFactory meters, HttpMessageHandler? handler = null)
    {
        _options = options;
        _clock = clock;
        var connections = Math.Max(1, options().MaxConnections);
        _slots = new SemaphoreSlim(connections, connections);
        _http = new HttpMessageInvoker(handler ?? CreateHandler(connections));
        _duration = meters.Create("IntentRouter").CreateHistogram(
            "intentrouter.chat.duration", "s", "Duration of calls to the chat's API, failures included.",
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] });
    }

    public ChatOptions Options => _options();

    /// <summary>Makes one call.</summary>
    /// <param name="operation">Name from a closed set, for the metric.</param>
    /// <param name="path">Relative to the base address, without a leading slash.</param>
    /// <param name="startBefore">Timestamp of the clock after which the request may not begin any more (the sender's permit ran out while waiting for a slot).</param>
    public async Task<ChatAnswer> CallAsync(
        string operation, HttpMethod method, string path, string? token, ReadOnlyMemory<byte>? body, long startBefore, CancellationToken cancellationToken)
    {
        var started = _clock.GetTimestamp();
        ChatAnswer? answer = null;
        try
        {
            return answer = await CallOnceAsync(method, path, token, body, startBefore, cancellationToken);
        }
        finally
        {
            _duration.Record(_clock.GetElapsedTime(started).TotalSeconds, new TagList
            {
                { "intentrouter.chat.operation", operation },
                { "intentrouter.chat.outcome", answer?.Outcome ?? "cancelled" },
            });
        }
    }

    public static SocketsHttpHandler CreateHandler(int connections) => new()
    {
        MaxConnectionsPerServer = connections,
        AllowAutoRedirect = false,
        UseCookies = false,
        AutomaticDecompression = DecompressionMethods.None,
        // Shorter than common servers keep an idle connection: a request written into a connection that the server closes at that
        // moment would be in doubt for nothing.
        PooledConnectionIdleTimeout = TimeSpan.FromSeconds(10),
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        ActivityHeadersPropagator = DistributedContextPropagator.CreateNoOutputPropagator(),
    };

    public void Dispose()
    {
        _http.Dispose();
        _slots.Dispose();
    }

    private async Task<ChatAnswer> CallOnceAsync(
        HttpMethod method, string path, string? token, ReadOnlyMemory<byte>? body, long startBefore, CancellationToken cancellationToken)
    {
        var options = _options();
        if (!Uri.TryCreate(options.BaseUrl?.TrimEnd('/') + "/" + path, UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https"))
        {
            return new ChatAnswer.Unusable("chat.baseUrl is missing or not an http address.");
        }

        using var content = body is { } bytes ? new WatchedContent(bytes) : null;
        using var request = new HttpRequestMessage(method, address) { Content = content };
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        request.Headers.UserAgent.Add(new ProductInfoHeaderValue("IntentRouter", "0.1"));
        if (token is not null && (token.Any(c => c is <= ' ' or > '~') || !request.Headers.TryAddWithoutValidation("Api-Access-Token", token)))
        {
            return new ChatAnswer.Unusable("The token holds characters that a header cannot carry; look for a line break or a quotation mark in the setting.");
        }

        await _slots.WaitAsync(cancellationToken);
        try
        {
            if (_clock.GetTimestamp() > startBefore)
            {
                return new ChatAnswer.NotSent(ChatAnswer.PermitExpired);
            }

            using var limit = new CancellationTokenSource(options.Timeout, _clock);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
            return await ExchangeAsync(request, content, either.Token, cancellationToken);
        }
        finally
        {
            _slots.Release();
        }
    }

    private async Task<ChatAnswer> ExchangeAsync(HttpRequestMessage request, WatchedContent? content, CancellationToken either, CancellationToken caller)
    {
        HttpResponseMessage response;
        try
        {
            response = await _http.SendAsync(request, either);
        }
        catch (OperationCanceledException) when (!caller.IsCancellationRequested)
        {
            return NoAnswer("timed-out");
        }
        catch (HttpRequestException ex)
        {
            return NoAnswer(Name(ex.HttpRequestError));
        }
        catch (IOException)
        {
            return NoAnswer("connection-lost");
        }

        using (response)
        {
            // The status line is the chat's decision: an unreadable rest of the answer does not take it back.
            var answer = await ReadAsync(response, either, caller);
            return new ChatAnswer.Answered((int)response.StatusCode, answer, RetryAfter(response), response.Headers.Date);
        }

        // A server cannot apply a call whose body it was never sent, whatever the failure is called.
        ChatAnswer NoAnswer(string reason) => content is { Started: true } ? new ChatAnswer.Lost(reason) : new ChatAnswer.NotSent(reason);
    }

    private static async Task<ReadOnlyMemory<byte>?> ReadAsync(HttpResponseMessage response, CancellationToken either, CancellationToken caller)
    {
        try
        {
            await using var stream = await response.Content.ReadAsStreamAsync(either);
            // One more than what was announced, for the read that finds the end.
            var buffer = new ArrayBufferWriter<byte>(1 + (int)Math.Clamp(response.Content.Headers.ContentLength ?? 2048, 255, 65_536));
            while (buffer.WrittenCount <= MaxAnswer)
            {
                var read = await stream.ReadAsync(buffer.GetMemory(), either);
                if (read == 0)
                {
                    return buffer.WrittenMemory;
                }

                buffer.Advance(read);
            }

            return null;
        }
        catch (Exception ex) when (ex is HttpRequestException or IOException || (ex is OperationCanceledException && !caller.IsCancellationRequested))
        {
            return null;
        }
    }

    private TimeSpan? RetryAfter(HttpResponseMessage response)
    {
        var wait = response.Headers.RetryAfter switch
        {
            { Delta: { } delta } => delta,
            { Date: { } date } => date - _clock.GetUtcNow(),
            _ => TimeSpan.Zero,
        };
        return wait <= TimeSpan.Zero ? null : wait < _longestRetryAfter ? wait : _longestRetryAfter;
    }

    private static string Name(HttpRequestError error) => error switch
    {
        HttpRequestError.NameResolutionError => "name-not-resolved",
        HttpRequestError.ConnectionError => "not-connected",
        HttpRequestError.SecureConnectionError => "tls-failed",
        HttpRequestError.ProxyTunnelError => "proxy-failed",
        HttpRequestError.InvalidResponse or HttpRequestError.HttpProtocolError => "not-http",
        _ => "connection-lost",
    };

    /// <summary>A JSON body that knows whether any of it was handed to the network.</summary>
    private sealed class WatchedContent : HttpContent
    {
        private readonly ReadOnlyMemory<byte> _body;

        public WatchedContent(ReadOnlyMemory<byte> body)
        {
            _body = body;
            Headers.ContentType = new MediaTypeHeaderValue("application/json");
        }

        public bool Started { get; private set; }

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
            SerializeToStreamAsync(stream, context, CancellationToken.None);

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
        {
            Started = true;
            return stream.WriteAsync(_body, cancellationToken).AsTask();
        }

        protected override bool TryComputeLength(out long length)
        {
            length = _body.Length;
            return true;
        }
    }
}

/// <summary>What is certain about one HTTP call.</summary>
internal abstract record ChatAnswer
{
    private ChatAnswer()
    {
    }

    public const string PermitExpired = "permit-expired";

    public abstract string Outcome { get; }

    /// <param name="Body">Null when it could not be read to its end.</param>
    /// <param name="ServerTime">The server's own clock, where it tells.</param>
    public sealed record Answered(int Status, ReadOnlyMemory<byte>? Body, TimeSpan? RetryAfter, DateTimeOffset? ServerTime) : ChatAnswer
    {
        public bool Succeeded => Status is >= 200 and < 300;

        public override string Outcome => Succeeded ? "ok" : Status.ToString(CultureInfo.InvariantCulture);
    }

    /// <summary>The server cannot have acted on it.</summary>
    public sealed record NotSent(string Reason) : ChatAnswer
    {
        public override string Outcome => Reason;
    }

    /// <summary>It left, and no answer came.</summary>
    public sealed record Lost(string Reason) : ChatAnswer
    {
        public override string Outcome => Reason;
    }

    /// <summary>Address or token cannot make a request; says which and what to do.</summary>
    public sealed record Unusable(string Problem) : ChatAnswer
    {
        public override string Outcome => "not-configured";
    }
}
