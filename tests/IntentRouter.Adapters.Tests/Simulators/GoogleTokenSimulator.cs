using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using IntentRouter.TestKit;

namespace IntentRouter.Adapters.Tests.Simulators;

/// <summary>Google's token endpoint for service accounts (signed assertions) and for workload identity (exchange), with a made-up key.</summary>
public sealed class GoogleTokenSimulator : IAsyncDisposable
{
    // The library keeps this audience although the key file names another address.
    private const string Audience = "https://oauth2.googleapis.com/token";

    private static readonly RSA _key = RSA.Create(2048);
    private readonly EngineDouble _server;
    private int _minted;
    private int _dead;

    public GoogleTokenSimulator() => _server = new EngineDouble((request, _) => Task.FromResult(Answer(request)));

    /// <summary>Tokens given out so far.</summary>
    public int Minted => _minted;

    /// <summary>Whether assertions are refused.</summary>
    public bool Refuses { get; set; }

    public string SubjectToken { get; } = "a-workload's-own-token";

    /// <summary>A service account's key file.</summary>
    public string KeyFile => JsonSerializer.Serialize(new
    {
        type = "service_account",
        project_id = "demo-project",
        private_key_id = "k1",
        private_key = _key.ExportPkcs8PrivateKeyPem(),
        client_email = "router@demo-project.iam.gserviceaccount.com",
        client_id = "1",
        token_uri = _server.Address + "token",
    });

    /// <summary>A workload identity file that reads its subject token from a file.</summary>
    public string WorkloadFile(string subjectTokenFile) => JsonSerializer.Serialize(new
    {
        type = "external_account",
        audience = "//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/pool/providers/provider",
        subject_token_type = "urn:ietf:params:oauth:token-type:jwt",
        token_url = _server.Address + "exchange",
        credential_source = new { file = subjectTokenFile },
    });

    /// <summary>Whether a token came from here and is still good.</summary>
    public bool Accepts(string token) => token.StartsWith("token-", StringComparison.Ordinal) && int.TryParse(token.AsSpan(6), out var n) && n > _dead && n <= _minted;

    /// <summary>Makes all tokens so far bad, although their time is not over.</summary>
    public void Revoke() => _dead = _minted;

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private EngineResponse Answer(EngineRequest request)
    {
        var form = request.Text.Split('&').Select(p => p.Split('=', 2)).ToDictionary(p => p[0], p => Uri.UnescapeDataString(p[1].Replace('+', ' ')));
        var good = request.Path switch
        {
            "/token" => form["grant_type"] == "urn:ietf:params:oauth:grant-type:jwt-bearer" && IsGood(form["assertion"]),
            "/exchange" => form["subject_token"] == SubjectToken,
            _ => false,
        };
        if (!good || Refuses)
        {
            return EngineResponse.Json(new { error = "invalid_grant", error_description = "Invalid JWT Signature." }, 400);
        }

        var number = Interlocked.Increment(ref _minted);
        return EngineResponse.Json(new { access_token = $"token-{number}", expires_in = 3599, token_type = "Bearer", issued_token_type = "urn:ietf:params:oauth:token-type:access_token" });
    }

    private static bool IsGood(string assertion)
    {
        var parts = assertion.Split('.');
        using var claims = JsonDocument.Parse(Base64Url.DecodeFromChars(parts[1]));
        var root = claims.RootElement;
        return _key.VerifyData(Encoding.ASCII.GetBytes($"{parts[0]}.{parts[1]}"), Base64Url.DecodeFromChars(parts[2]), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
            && root.GetProperty("aud").GetString() == Audience
            && root.GetProperty("iss").GetString() == "router@demo-project.iam.gserviceaccount.com"
            && root.GetProperty("scope").GetString() == "https://www.googleapis.com/auth/dialogflow";
    }
}
