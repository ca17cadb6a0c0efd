using System.CommandLine;
using System.Diagnostics.CodeAnalysis;
using IntentRouter.Chat;
using IntentRouter.Configuration;

namespace IntentRouter.Provisioning;

/// <summary>What <c>bots</c> and <c>doctor</c> need from the program.</summary>
/// <param name="Config">The <c>--config</c> option that the verbs share.</param>
/// <param name="Json">The <c>--json</c> option that the verbs share.</param>
/// <param name="Options">
/// Reads the configuration that the command line names (without asking for secrets, which these verbs are there to obtain); null when it cannot be used, with the
/// problems printed already.
/// </param>
/// <param name="Connect">Opens a connection to the chat.</param>
/// <param name="Http">For a look at our own public address; follows no redirects.</param>
internal sealed record CommandHost(
    Option<string?> Config, Option<bool> Json, Func<ParseResult, RouterOptions?> Options, Func<RouterOptions, ChatConnection> Connect, HttpMessageInvoker Http)
{
    [SuppressMessage("Reliability", "CA2000", Justification = "Both live as long as the process, which ends with the command.")]
    public static CommandHost Create(
        Option<string?> config, Option<bool> json, Func<string?, ConfigurationSources> sources, ConfigurationParts parts, System.Diagnostics.Metrics.IMeterFactory meters) => new(
        config,
        json,
        parsed =>
        {
            var given = sources(parsed.GetValue(config)) with { WithoutSecrets = true };
            var loaded = RouterConfigurationLoader.Load(given, parts);
            if (loaded.Configuration is null)
            {
                parsed.InvocationConfiguration.Error.WriteLine(CheckCommand.Text(loaded, given));
            }

            return loaded.Configuration?.Options;
        },
        options => new ChatConnection(() => options.Chat, TimeProvider.System, meters),
        new HttpMessageInvoker(new SocketsHttpHandler { AllowAutoRedirect = false }));

    /// <summary>Whether the service answers at a bot URL (<c>GET</c> gives one plain line).</summary>
    public async Task<bool> AnswersAsync(string url, CancellationToken cancellationToken)
    {
        using var answer = await TryAsync(url, cancellationToken);
        return answer is { IsSuccessStatusCode: true };
    }

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
