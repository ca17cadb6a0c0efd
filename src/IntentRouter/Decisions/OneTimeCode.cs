using System.Security.Cryptography;
using System.Text;

namespace IntentRouter.Decisions;

/// <summary>Keeps a one-time code as a salted hash and compares in constant time.</summary>
internal static class OneTimeCode
{
    private const int Rounds = 20_000;

    /// <summary>Binds the code to the address it was sent to: another address needs another code.</summary>
    public static string Hash(string code, string address, string salt) => $"{salt}.{Convert.ToHexString(Derive(code, address, salt))}";

    /// <summary>Stands for a proven address in the session's state.</summary>
    public static string Mark(string address, string session) => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes($"{session}\n{address}")))[..24];

    public static bool Matches(string said, string address, string hash)
    {
        var dot = hash.LastIndexOf('.');
        return dot > 0 && CryptographicOperations.FixedTimeEquals(Convert.FromHexString(hash.AsSpan(dot + 1)), Derive(said, address, hash[..dot]));
    }

    private static byte[] Derive(string code, string address, string salt) =>
        Rfc2898DeriveBytes.Pbkdf2(Encoding.UTF8.GetBytes($"{code}\n{address}"), Encoding.UTF8.GetBytes(salt), Rounds, HashAlgorithmName.SHA256, 32);
}
