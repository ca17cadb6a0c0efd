using System.Security.Cryptography;
using System.Text;

namespace IntentRouter.Console;

/// <summary>
/// What a form carries so that only a page of this console can send it. Made from the management key, so that every replica knows the others' forms;
/// without a key (loopback) it lives as long as the process.
/// </summary>
internal sealed class FormToken(string? managementKey)
{
    public const string Field = "token";

    public string Value { get; } = Convert.ToHexStringLower(
        HMACSHA256.HashData(managementKey is null ? RandomNumberGenerator.GetBytes(32) : Encoding.UTF8.GetBytes(managementKey), "console forms"u8));

    public bool IsRight(string? given) => CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(given ?? ""), Encoding.UTF8.GetBytes(Value));
}
