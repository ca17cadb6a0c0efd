using System.Net;

namespace IntentRouter.Adapters.Dialogflow;

/// <summary>Reads the agent: costs nothing, opens no session, and proves token, region and name.</summary>
internal static class AgentProbe
{
    public static async ValueTask<AdapterHealth> AskAsync(HttpClient http, DialogflowOptions options, string version, CancellationToken cancellationToken)
    {
        // A role that may only detect intents may not read the agent: the service was reached and knows the caller.
        var mayNotRead = false;
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{version}/{options.AgentPath}");
        try
        {
            await EngineHttp.SendAsync(
                http,
                request,
                DialogflowJson.Default.Agent,
                error =>
                {
                    mayNotRead = error.Status == HttpStatusCode.Forbidden;
                    return GoogleErrors.Explain(error, options);
                },
                cancellationToken).ConfigureAwait(false);
            return AdapterHealth.Healthy;
        }
        catch (AdapterException) when (mayNotRead)
        {
            return new AdapterHealth(true, null, "The account may not read the agent (dialogflow.agents.get), so only the connection was checked.");
        }
    }
}

internal static class Warnings
{
    public static IReadOnlyList<string> Of(params ReadOnlySpan<(bool Applies, string Code)> warnings)
    {
        List<string>? codes = null;
        foreach (var (applies, code) in warnings)
        {
            if (applies)
            {
                (codes ??= []).Add(code);
            }
        }

        return (IReadOnlyList<string>?)codes ?? [];
    }
}
