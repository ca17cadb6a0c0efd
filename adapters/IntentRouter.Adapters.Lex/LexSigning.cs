using System.Net;
using Amazon.Runtime.Signing;

namespace IntentRouter.Adapters.Lex;

/// <summary>Signs each call, and once more by Lex's clock where the one of this machine is so wrong that the signature is refused.</summary>
internal sealed class LexSigning(LexCredentials credentials, LexOptions options, TimeProvider clock, HttpMessageHandler inner) : DelegatingHandler(inner)
{
    // A signature holds for five minutes.
    private static readonly TimeSpan _tolerated = TimeSpan.FromMinutes(4);

    private long _behind;

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var response = await SignAndSendAsync(request, cancellationToken).ConfigureAwait(false);
        if (response.StatusCode != HttpStatusCode.Forbidden || response.Headers.Date is not { } theirs || (theirs - Now).Duration() < _tolerated)
        {
            return response;
        }

        // Refused before anything was done with it.
        response.Dispose();
        Volatile.Write(ref _behind, (theirs - clock.GetUtcNow()).Ticks);
        return await SignAndSendAsync(request, cancellationToken).ConfigureAwait(false);
    }

    private DateTimeOffset Now => clock.GetUtcNow() + TimeSpan.FromTicks(Volatile.Read(ref _behind));

    private async Task<HttpResponseMessage> SignAndSendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var signing = new AWSSigningRequest
        {
            HttpMethod = request.Method,
            RequestUri = request.RequestUri!,
            Content = request.Content is { } content ? await content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false) : null,
        };
        if (request.Content?.Headers.ContentType is { } type)
        {
            signing.Headers["content-type"] = type.ToString();
        }

        var parameters = new AWSSigV4Parameters { Credentials = credentials, Region = options.AwsRegion, Service = "lex", SignedAt = Now.UtcDateTime };
        var signed = await AWSSigV4Signer.SignAsync(signing, parameters, cancellationToken).ConfigureAwait(false);
        foreach (var (name, value) in signed.Headers.Where(h => !h.Key.StartsWith("content-", StringComparison.OrdinalIgnoreCase)))
        {
            request.Headers.Remove(name);
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
    }
}
