using Amazon.Runtime;
using Amazon.Runtime.CredentialManagement;
using Amazon.Runtime.Credentials;

namespace IntentRouter.Adapters.Lex;

/// <summary>The entry's credentials: found at the first need and kept, since what is found renews itself.</summary>
internal sealed class LexCredentials(LexOptions options) : AWSCredentials, IDisposable
{
    private readonly SemaphoreSlim _once = new(1);
    private volatile AWSCredentials? _found;

    public void Dispose() => _once.Dispose();

    /// <inheritdoc/>
    public override ImmutableCredentials GetCredentials() => throw new NotSupportedException("Only the asynchronous way is used.");

    /// <inheritdoc/>
    public override async Task<ImmutableCredentials> GetCredentialsAsync()
    {
        try
        {
            return await (await FindAsync().ConfigureAwait(false)).GetCredentialsAsync().ConfigureAwait(false);
        }
        catch (Exception ex) when (ex is AmazonClientException or InvalidOperationException or IOException)
        {
            throw new AdapterException(
                AdapterFailure.Rejected,
                _found is AssumeRoleWithWebIdentityCredentials
                    ? "The pod's role could not be taken on; see that AWS_WEB_IDENTITY_TOKEN_FILE names a readable token, that AWS_ROLE_ARN trusts it, and that STS can be reached."
                    : "No AWS credentials could be had; give accessKeyId and secretAccessKey, a profile, or a role of this machine or pod.",
                ex);
        }
    }

    private async Task<AWSCredentials> FindAsync()
    {
        if (_found is { } found)
        {
            return found;
        }

        await _once.WaitAsync().ConfigureAwait(false);
        try
        {
            var source = _found ?? await SourceAsync().ConfigureAwait(false);
            return _found = string.IsNullOrEmpty(options.RoleArn) ? source : new AssumeRoleAWSCredentials(source, options.RoleArn, "intent-router");
        }
        finally
        {
            _once.Release();
        }
    }

    private async Task<AWSCredentials> SourceAsync()
    {
        if (!string.IsNullOrEmpty(options.AccessKeyId))
        {
            return string.IsNullOrEmpty(options.SessionToken)
                ? new BasicAWSCredentials(options.AccessKeyId, options.SecretAccessKey)
                : new SessionAWSCredentials(options.AccessKeyId, options.SecretAccessKey, options.SessionToken);
        }

        if (!string.IsNullOrEmpty(options.Profile))
        {
            return new CredentialProfileStoreChain().TryGetAWSCredentials(options.Profile, out var ofProfile)
                ? ofProfile
                : throw new AmazonClientException("The profile has no credentials.");
        }

        return await DefaultAWSCredentialsIdentityResolver.GetCredentialsAsync(null).ConfigureAwait(false);
    }
}
