using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using IntentRouter.TestKit;

namespace IntentRouter.Adapters.Tests.Simulators;

/// <summary>Recomputes an AWS signature (version 4) from the request as it came over the wire, for whatever headers the caller signed.</summary>
public static partial class SigV4Verifier
{
    private static readonly TimeSpan _skew = TimeSpan.FromMinutes(5);

    /// <returns>Null when the signature is right, else the error type that AWS answers with.</returns>
    public static string? Problem(EngineRequest request, string keyId, string secret, string? sessionToken, string region, string service, DateTimeOffset now)
    {
        if (!request.Headers.TryGetValue("authorization", out var authorization) || Authorization().Match(authorization) is not { Success: true } match)
        {
            return "MissingAuthenticationTokenException";
        }

        if (match.Groups["key"].Value != keyId || request.Headers.GetValueOrDefault("x-amz-security-token") != sessionToken)
        {
            return "UnrecognizedClientException";
        }

        var stamp = request.Headers.GetValueOrDefault("x-amz-date") ?? "";
        if (!DateTimeOffset.TryParseExact(stamp, "yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at) || (now - at).Duration() > _skew)
        {
            return "InvalidSignatureException";
        }

        var signed = match.Groups["headers"].Value.Split(';');
        var scope = $"{stamp[..8]}/{region}/{service}/aws4_request";
        if (!signed.Contains("host") || match.Groups["scope"].Value != scope)
        {
            return "InvalidSignatureException";
        }

        var payload = Convert.ToHexStringLower(SHA256.HashData(request.Body.Span));
        if (request.Headers.TryGetValue("x-amz-content-sha256", out var claimed) && claimed != payload)
        {
            return "InvalidSignatureException";
        }

        var target = request.Target.Split('?', 2);

        // Each segment of the path as sent is encoded once more.
        var path = string.Join('/', target[0].Split('/').Select(Uri.EscapeDataString));
        var query = target.Length == 1 ? "" : string.Join('&', target[1].Split('&').Select(p => p.Contains('=', StringComparison.Ordinal) ? p : p + "=").Order(StringComparer.Ordinal));
        var headers = string.Concat(signed.Select(h => $"{h}:{Blanks().Replace(request.Headers.GetValueOrDefault(h) ?? "", " ").Trim()}\n"));
        var canonical = $"{request.Method}\n{path}\n{query}\n{headers}\n{string.Join(';', signed)}\n{payload}";
        var toSign = $"AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(canonical)))}";
        var key = scope.Split('/').Aggregate(Encoding.UTF8.GetBytes("AWS4" + secret), (k, part) => HMACSHA256.HashData(k, Encoding.UTF8.GetBytes(part)));
        return match.Groups["signature"].Value == Convert.ToHexStringLower(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(toSign))) ? null : "InvalidSignatureException";
    }

    [GeneratedRegex("^AWS4-HMAC-SHA256 Credential=(?<key>[^/]+)/(?<scope>[^,]+), ?SignedHeaders=(?<headers>[^,]+), ?Signature=(?<signature>[0-9a-f]{64})$")]
    private static partial Regex Authorization();

    [GeneratedRegex(" +")]
    private static partial Regex Blanks();
}
