using System.ComponentModel.DataAnnotations;

namespace IntentRouter.Adapters.Dialogflow;

internal enum DialogflowEdition
{
    Es,
    Cx,
}

/// <summary>The keys of an entry with <c>adapter: dialogflow</c>.</summary>
internal sealed class DialogflowOptions
{
    /// <summary>The value of <see cref="Credentials"/> that sends no token.</summary>
    public const string NoCredentials = "none";

    /// <summary><c>es</c> (v2) or <c>cx</c> (v3).</summary>
    public DialogflowEdition Edition { get; set; } = DialogflowEdition.Es;

    /// <summary>The Google Cloud project.</summary>
    [Required(ErrorMessage = "is missing; give the id of the Google Cloud project that owns the agent.")]
    [RegularExpression("(?!(?i:none|null|undefined)$)[a-z0-9][a-z0-9.:-]{3,80}", ErrorMessage = "is not a Google Cloud project id.")]
    public string? Project { get; set; }

    /// <summary>The agent's region, for example <c>europe-west1</c>; left out, the global one. It sets host and path together.</summary>
    [RegularExpression("[a-z][a-z0-9-]{1,40}", ErrorMessage = "is not a region such as europe-west1 or global.")]
    public string Location { get; set; } = "global";

    /// <summary>The agent's id; CX only.</summary>
    [RegularExpression("[A-Za-z0-9_-]{1,64}", ErrorMessage = "is the agent's id alone, not its whole resource name.")]
    public string? Agent { get; set; }

    /// <summary>The environment; left out, the draft, which changes while you edit.</summary>
    [RegularExpression("[A-Za-z0-9_-]{1,64}", ErrorMessage = "is the environment's name (ES) or id (CX) alone, not its whole resource name.")]
    public string? Environment { get; set; }

    /// <summary>The agent's only language, or with <see cref="Languages"/> the one for messages in any other. Left out, each message's own is sent.</summary>
    public string? Language { get; set; }

    /// <summary>The agent's languages: each message is sent in its own where listed.</summary>
    public IList<string> Languages { get; } = [];

    /// <summary>
    /// A key file or workload identity file, or <c>none</c>. Left out: the application default credentials, or none with a plain-http <see cref="Endpoint"/>.
    /// </summary>
    public string? Credentials { get; set; }

    /// <summary>The content of such a file, for secret stores.</summary>
    public string? CredentialsJson { get; set; }

    /// <summary>The project that pays for quota, when it is not the credentials' own.</summary>
    public string? QuotaProject { get; set; }

    /// <summary>Longest text that is sent; longer ones are cut with a warning. 256 is what ES takes.</summary>
    [Range(16, 10_000, ErrorMessage = "must lie between 16 and 10000.")]
    public int TextLimit { get; set; } = 256;

    /// <summary>Intents that mean "none of mine", besides those that the agent marks itself.</summary>
    public IList<string> FallbackIntents { get; } = [];

    /// <summary>Scheme, host and port of a test server or a private endpoint.</summary>
    public Uri? Endpoint { get; set; }

    public bool IsAnonymous =>
        Credentials == NoCredentials || (Credentials is null && CredentialsJson is null && Endpoint is { Scheme: "http" });

    public Uri Server => Endpoint
        ?? new Uri(Location == "global" ? "https://dialogflow.googleapis.com/" : $"https://{Location}-dialogflow.googleapis.com/");

    /// <summary>The agent's resource name, each segment escaped.</summary>
    public string AgentPath => Edition == DialogflowEdition.Cx
        ? $"projects/{Escape(Project)}/locations/{Escape(Location)}/agents/{Escape(Agent)}"
        : Location == "global" ? $"projects/{Escape(Project)}/agent" : $"projects/{Escape(Project)}/locations/{Escape(Location)}/agent";

    /// <summary>Names what answers, for the calibration.</summary>
    public string Model => Environment is null ? AgentPath : $"{AgentPath}/environments/{Environment}";

    /// <summary>The path of one session.</summary>
    public string SessionPath(string session) => (Edition, Environment) switch
    {
        (_, null) => $"{AgentPath}/sessions/{Escape(session)}",
        (DialogflowEdition.Cx, _) => $"{AgentPath}/environments/{Escape(Environment)}/sessions/{Escape(session)}",
        _ => $"{AgentPath}/environments/{Escape(Environment)}/users/-/sessions/{Escape(session)}",
    };

    /// <summary>The language code to send, and whether it is another than the conversation's.</summary>
    public (string Code, bool Replaced) LanguageFor(Utterance utterance)
    {
        var code = Languages.Count > 0 ? UtteranceText.MatchLanguage(utterance.Language, Languages) ?? Language ?? Languages[0] : Language ?? utterance.Language;
        return (code, UtteranceText.MatchLanguage(utterance.Language, [code]) is null);
    }

    public IReadOnlySet<string>? Understood =>
        Languages.Count > 0 ? new HashSet<string>(Languages, StringComparer.OrdinalIgnoreCase)
        : Language is not null ? new HashSet<string>(StringComparer.OrdinalIgnoreCase) { Language }
        : null;

    public string? Problem(string contentRoot)
    {
        if (Edition == DialogflowEdition.Cx && string.IsNullOrEmpty(Agent))
        {
            return "agent: is missing; CX needs the agent's id (the last part of projects/…/locations/…/agents/ID).";
        }

        if (Edition == DialogflowEdition.Es && Agent is not null)
        {
            return "agent: belongs to edition cx; an ES project has one agent.";
        }

        if (Credentials is not null && CredentialsJson is not null)
        {
            return "credentials: only one of credentials and credentialsJson may be given.";
        }

        if (Credentials is not null and not NoCredentials && !File.Exists(Path.Combine(contentRoot, Credentials)))
        {
            return $"credentials: the file '{Credentials}' does not exist under {contentRoot}.";
        }

        if (Endpoint is not { } endpoint)
        {
            return Credentials == NoCredentials ? "credentials: 'none' goes with an endpoint of your own only." : null;
        }

        if (!endpoint.IsAbsoluteUri || endpoint.Scheme is not ("http" or "https") || endpoint.PathAndQuery != "/" || endpoint.UserInfo.Length > 0)
        {
            return "endpoint: must be scheme, host and port only, for example http://127.0.0.1:9090.";
        }

        return endpoint.Scheme == "http" && !endpoint.IsLoopback && !IsAnonymous
            ? "endpoint: a token would travel in plain text; use https, or credentials: none."
            : null;
    }

    private static string Escape(string? segment) => Uri.EscapeDataString(segment ?? "");
}
