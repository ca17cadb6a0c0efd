using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace IntentRouter.Adapters.Rasa;

/// <summary>The JSON web token that a Rasa server with a shared secret asks for (HS256, role admin).</summary>
internal static class RasaToken
{
    private static readonly string _head = Base64Url.EncodeToString("""{"alg":"HS256","typ":"JWT"}"""u8);

    public static string Make(string secret, DateTimeOffset now)
    {
        var claims = $$$"""{"user":{"username":"intent-router","role":"admin"},"iat":{{{now.ToUnixTimeSeconds()}}},"exp":{{{now.AddMinutes(5).ToUnixTimeSeconds()}}}}""";
        var signed = $"{_head}.{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(claims))}";
        return $"{signed}.{Base64Url.EncodeToString(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes(signed)))}";
    }
}
