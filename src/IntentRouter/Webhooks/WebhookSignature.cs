using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace IntentRouter.Webhooks;

/// <summary>The platform's delivery signature: HMAC-SHA256 over timestamp, a dot and the raw body, as <c>sha256=</c> and lower-case hex.</summary>
internal static class WebhookSignature
{
    public static readonly TimeSpan Tolerance = TimeSpan.FromMinutes(5);

    private const string Prefix = "sha256=";

    public static string Sign(string secret, string timestamp, ReadOnlySpan<byte> body) => Prefix + Convert.ToHexStringLower(Compute(secret, timestamp, body));

    /// <summary>Whether the signature is right for one of the secrets and the timestamp is within the tolerance.</summary>
    public static bool IsValid(IEnumerable<string> secrets, string? timestamp, string? signature, ReadOnlySpan<byte> body, DateTimeOffset now)
    {
        if (timestamp is null || signature is null || !signature.StartsWith(Prefix, StringComparison.Ordinal)
            || !long.TryParse(timestamp, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
            || Math.Abs(now.ToUnixTimeSeconds() - (double)seconds) > Tolerance.TotalSeconds)
        {
            return false;
        }

        Span<byte> given = stackalloc byte[32];
        if (Convert.FromHexString(signature.AsSpan(Prefix.Length), given, out _, out var written) != OperationStatus.Done || written != 32)
        {
            return false;
        }

        var valid = false;
        foreach (var secret in secrets)
        {
            valid |= CryptographicOperations.FixedTimeEquals(given, Compute(secret, timestamp, body));
        }

        return valid;
    }

    private static byte[] Compute(string secret, string timestamp, ReadOnlySpan<byte> body)
    {
        using var hmac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, Encoding.UTF8.GetBytes(secret));
        hmac.AppendData(Encoding.UTF8.GetBytes(timestamp));
        hmac.AppendData("."u8);
        hmac.AppendData(body);
        return hmac.GetHashAndReset();
    }
}
