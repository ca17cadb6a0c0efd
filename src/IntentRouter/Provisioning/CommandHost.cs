using System.CommandLine;
using IntentRouter.Chat;
using IntentRouter.Configuration;

namespace IntentRouter.Provisioning;

/// <summary>What the provisioning commands need from the program.</summary>
/// <param name="Options">Reads the configuration that the command line names; null when it cannot be used, with the problems printed already. A missing access token must not be such a problem here.</param>
/// <param name="Connect">Opens a connection to the chat.</param>
/// <param name="Http">For a look at our own public address.</param>
internal sealed record CommandHost(Func<ParseResult, RouterOptions?> Options, Func<RouterOptions, ChatConnection> Connect, HttpMessageInvoker Http)
{
    /// <summary>Whether the service answers at a bot URL (<c>GET</c> gives one plain line).</summary>
    public async Task<bool> AnswersAsync(string url, CancellationToken cancellationToken) => await TryAsync(url, cancellationToken) is { IsSuccessStatusCode: true };

    /// <summary>Null when nothing answers.</summary>
    public async Task<HttpResponseMessage?> TryAsync(string url, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(5));
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, url);
            return await Http.SendAsync(request, limit.Token);
        }
        catch (Exception ex) when (ex is HttpRequestException or IOException || (ex is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return null;
        }
    }
}
