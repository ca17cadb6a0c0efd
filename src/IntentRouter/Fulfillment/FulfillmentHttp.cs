using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace IntentRouter.Fulfillment;

/// <summary>
/// The connections of lookups, actions and senders: two pools, one of which refuses private addresses when it connects. Redirects are not followed, no
/// cookies, no trace headers to third parties. Thread-safe.
/// </summary>
internal sealed class FulfillmentHttp : IDisposable
{
    /// <summary>To one server, at the same time, at most.</summary>
    public const int Connections = 64;

    private readonly HttpMessageInvoker _public = new(Handler(allowPrivate: false));
    private readonly HttpMessageInvoker _any = new(Handler(allowPrivate: true));

    /// <summary>Sends once and reads the body within a bound. Throws what the connection threw.</summary>
    public async Task<HttpAnswer> SendAsync(HttpRequestMessage request, bool allowPrivate, int maxSize, CancellationToken cancellationToken)
    {
        using var response = await (allowPrivate ? _any : _public).SendAsync(request, cancellationToken).ConfigureAwait(false);
        if (response.Content.Headers.ContentLength > maxSize)
        {
            return new HttpAnswer(response.StatusCode, null);
        }

        using var body = new MemoryStream();
        await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        var buffer = new byte[16 * 1024];
        for (int read; (read = await stream.ReadAsync(buffer, cancellationToken).ConfigureAwait(false)) > 0;)
        {
            // Counted after decompression, which is what fills the memory.
            if (body.Length + read > maxSize)
            {
                return new HttpAnswer(response.StatusCode, null);
            }

            body.Write(buffer, 0, read);
        }

        return new HttpAnswer(response.StatusCode, body.ToArray());
    }

    public void Dispose()
    {
        _public.Dispose();
        _any.Dispose();
    }

    private static SocketsHttpHandler Handler(bool allowPrivate) => new()
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        AutomaticDecompression = DecompressionMethods.All,
        MaxConnectionsPerServer = Connections,
        MaxResponseHeadersLength = 32,
        PooledConnectionIdleTimeout = TimeSpan.FromSeconds(10),
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        ConnectTimeout = TimeSpan.FromSeconds(10),
        ActivityHeadersPropagator = DistributedContextPropagator.CreateNoOutputPropagator(),
        // A proxy would connect for us, and to whatever it likes.
        UseProxy = allowPrivate,
        ConnectCallback = async (context, cancellationToken) => new NetworkStream(
            await PublicAddress.ConnectAsync(context.DnsEndPoint.Host, context.DnsEndPoint.Port, allowPrivate, cancellationToken).ConfigureAwait(false), ownsSocket: true),
    };
}

/// <param name="Body">Null when it was larger than allowed.</param>
internal sealed record HttpAnswer(HttpStatusCode Status, byte[]? Body)
{
    public bool IsGood => (int)Status is >= 200 and < 300;
}
