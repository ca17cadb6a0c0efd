using System.Net;
using System.Text.Json;
using Google.Apis.Auth.OAuth2;
using Google.Apis.Auth.OAuth2.Responses;
using Google.Apis.Http;

namespace IntentRouter.Adapters.Dialogflow;

/// <summary>The credentials of one entry: found once, refreshed by the library.</summary>
internal sealed class GoogleAccess(DialogflowOptions options, AdapterRegistration registration) : IDisposable
{
    private const string Scope = "https://www.googleapis.com/auth/dialogflow";
    private static readonly string[] _types =
    [
        JsonCredentialParameters.ServiceAccountCredentialType,
        JsonCredentialParameters.ExternalAccountCredentialType,
        JsonCredentialParameters.ImpersonatedServiceAccountCredentialType,
        JsonCredentialParameters.AuthorizedUserCredentialType,
    ];

    private readonly SemaphoreSlim _once = new(1);
    private volatile GoogleCredential? _credential;

    public void Dispose() => _once.Dispose();

    /// <summary>Adds token and quota project; nothing when the entry is anonymous.</summary>
    public async Task AuthorizeAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (options.IsAnonymous)
        {
            return;
        }

        var credential = await FindAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await ((IHttpExecuteInterceptor)credential).InterceptAsync(request, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception ex) when (Explain(ex) is { } failure)
        {
            throw failure;
        }
    }

    /// <summary>Gets a new token although the old one looks good.</summary>
    /// <returns>Whether there is one.</returns>
    public async Task<bool> RenewAsync(CancellationToken cancellationToken)
    {
        if (_credential?.UnderlyingCredential is not ServiceCredential credential)
        {
            return false;
        }

        try
        {
            return await credential.RequestAccessTokenAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception ex) when (Explain(ex) is { } failure)
        {
            throw failure;
        }
    }

    private async Task<GoogleCredential> FindAsync(CancellationToken cancellationToken)
    {
        if (_credential is { } known)
        {
            return known;
        }

        await _once.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            var found = (_credential ?? await LoadAsync(cancellationToken).ConfigureAwait(false)).CreateScoped(Scope);
            return _credential = string.IsNullOrEmpty(options.QuotaProject) ? found : found.CreateWithQuotaProject(options.QuotaProject);
        }
        catch (Exception ex) when (ex is InvalidOperationException or JsonException or IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new AdapterException(
                AdapterFailure.Rejected,
                options.Credentials is null && options.CredentialsJson is null
                    ? "No Google credentials were found; set credentials, or the application default credentials of the machine."
                    : "The Google credentials could not be read; a service account key or a workload identity file is expected.",
                ex);
        }
        finally
        {
            _once.Release();
        }
    }

    // The library refuses a file of another type than asked for, since a foreign file can name its own token address. The operator's own
    // file may be any of the four, and nothing else.
    private async Task<GoogleCredential> LoadAsync(CancellationToken cancellationToken)
    {
        var json = options.CredentialsJson;
        if (options.Credentials is { } path)
        {
            json = await File.ReadAllTextAsync(Path.Combine(registration.ContentRoot, path), cancellationToken).ConfigureAwait(false);
        }

        if (json is null)
        {
            return await GoogleCredential.GetApplicationDefaultAsync(cancellationToken).ConfigureAwait(false);
        }

        using var document = JsonDocument.Parse(json);
        var type = document.RootElement.TryGetProperty("type", out var named) ? named.GetString() : null;
        return _types.Contains(type)
            ? CredentialFactory.FromJson(json, type!)
            : throw new InvalidOperationException("The file's type is not supported.");
    }

    private static AdapterException? Explain(Exception exception) => exception switch
    {
        TokenResponseException { StatusCode: { } status } when (int)status >= 500 => new AdapterException(AdapterFailure.Unreachable, $"Google's token endpoint answered {(int)status}.", exception),
        TokenResponseException refused => new AdapterException(
            AdapterFailure.Rejected, $"Google refuses the credentials ({Code(refused.Error?.Error)}); check the key and the clock of this machine.", exception),
        HttpRequestException => new AdapterException(AdapterFailure.Unreachable, "Google's token endpoint could not be reached.", exception),
        SubjectTokenException => new AdapterException(
            AdapterFailure.Rejected, "The token that the workload identity exchanges could not be had; check credential_source in the credentials file, and that the token is mounted here.", exception),
        _ => null,
    };

    private static string Code(string? code) => code is { Length: > 0 and < 64 } && code.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-') ? code : "no reason given";
}

/// <summary>Signs each call, and asks for a new token once when the service says that the old one is no good.</summary>
internal sealed class GoogleAccessHandler(GoogleAccess access) : DelegatingHandler
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        await access.AuthorizeAsync(request, cancellationToken).ConfigureAwait(false);
        var response = await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
        if (response.StatusCode != HttpStatusCode.Unauthorized || !await access.RenewAsync(cancellationToken).ConfigureAwait(false))
        {
            return response;
        }

        response.Dispose();
        request.Headers.Authorization = null;
        await access.AuthorizeAsync(request, cancellationToken).ConfigureAwait(false);
        return await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
    }
}
