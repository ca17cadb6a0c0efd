using System.ComponentModel.DataAnnotations;
using Amazon;

namespace IntentRouter.Adapters.Lex;

/// <summary>The keys of an entry with <c>adapter: lex</c>.</summary>
internal sealed class LexOptions
{
    /// <summary>The alias of the draft, which Lex throttles after a handful of calls.</summary>
    public const string DraftAlias = "TSTALIASID";

    /// <summary>The AWS region, for example <c>eu-west-1</c>.</summary>
    [Required(ErrorMessage = "is missing; give the AWS region, for example eu-west-1.")]
    [RegularExpression("[a-z]{2,4}(-[a-z]+)+-[0-9]{1,2}", ErrorMessage = "is not an AWS region such as eu-west-1.")]
    public string? Region { get; set; }

    /// <summary>The bot's id.</summary>
    [Required(ErrorMessage = "is missing; give the bot's id (10 letters and digits), not its name.")]
    [RegularExpression("[0-9a-zA-Z]{10}", ErrorMessage = "is the bot's id (10 letters and digits), not its name.")]
    public string? BotId { get; set; }

    /// <summary>The id of a published alias.</summary>
    [Required(ErrorMessage = "is missing; give the id of a published alias (10 letters and digits), not its name.")]
    [RegularExpression("[0-9a-zA-Z]{10}", ErrorMessage = "is the alias's id (10 letters and digits), not its name.")]
    public string? BotAliasId { get; set; }

    /// <summary>The bot's only locale, or with <see cref="Locales"/> the one for messages in any other language.</summary>
    [RegularExpression("[a-z]{2,3}([_-][A-Za-z0-9]{2,4})?", ErrorMessage = "is not a locale such as en_US.")]
    public string? Locale { get; set; }

    /// <summary>The bot's locales: each message is sent to its own where listed.</summary>
    public IList<string> Locales { get; } = [];

    /// <summary>A key pair given here, instead of the default credential chain.</summary>
    public string? AccessKeyId { get; set; }

    /// <summary>The second half of the key pair.</summary>
    public string? SecretAccessKey { get; set; }

    /// <summary>With temporary key pairs.</summary>
    public string? SessionToken { get; set; }

    /// <summary>A profile of the shared credentials file.</summary>
    public string? Profile { get; set; }

    /// <summary>A role to assume, for a bot in another account.</summary>
    [RegularExpression("arn:aws[a-z-]*:iam::[0-9]{12}:role/.+", ErrorMessage = "is not the ARN of a role.")]
    public string? RoleArn { get; set; }

    /// <summary>Use the FIPS endpoint.</summary>
    public bool Fips { get; set; }

    /// <summary>Intents that mean "none of mine"; default FallbackIntent and KendraSearchIntent.</summary>
    public IList<string> FallbackIntents { get; } = [];

    /// <summary>Scheme, host and port of a test server or a private endpoint.</summary>
    public Uri? Endpoint { get; set; }

    public RegionEndpoint AwsRegion => RegionEndpoint.GetBySystemName(Region);

    public Uri Server => Endpoint ?? new Uri($"https://runtime-v2-lex{(Fips ? "-fips" : "")}.{Region}.{AwsRegion.PartitionDnsSuffix}/");

    public IReadOnlySet<string>? Understood =>
        new HashSet<string>((Locales.Count > 0 ? Locales : [Locale!]).Select(Tag), StringComparer.OrdinalIgnoreCase);

    public string Model(string locale) => $"{BotId}/{BotAliasId}/{locale}";

    /// <summary>The locale to ask, and whether it is another language than the conversation's.</summary>
    public (string Locale, bool Replaced) LocaleFor(string language)
    {
        var locale = (Locales.Count > 0 ? UtteranceText.MatchLanguage(language, Locales) ?? Locale ?? Locales[0] : Locale!).Replace('-', '_');
        return (locale, UtteranceText.MatchLanguage(language, [locale]) is null);
    }

    public string SessionPath(string locale, string session) =>
        $"bots/{BotId}/botAliases/{BotAliasId}/botLocales/{Uri.EscapeDataString(locale)}/sessions/{Uri.EscapeDataString(session)}";

    public static string Tag(string locale) => locale.Replace('_', '-');

    public static string? Problem(LexOptions o)
    {
        if (string.IsNullOrEmpty(o.Locale) && o.Locales.Count == 0)
        {
            return "locale: is missing; give one locale of the bot, for example en_US.";
        }

        if (string.IsNullOrEmpty(o.AccessKeyId) != string.IsNullOrEmpty(o.SecretAccessKey))
        {
            return "accessKeyId: goes with secretAccessKey; give both, or neither for the default credential chain.";
        }

        if (!string.IsNullOrEmpty(o.SessionToken) && string.IsNullOrEmpty(o.AccessKeyId))
        {
            return "sessionToken: goes with accessKeyId and secretAccessKey.";
        }

        if (!string.IsNullOrEmpty(o.AccessKeyId) && !string.IsNullOrEmpty(o.Profile))
        {
            return "profile: only one of profile and accessKeyId may be given.";
        }

        return o.Endpoint is not { } endpoint
            || (endpoint.IsAbsoluteUri && endpoint.Scheme is "http" or "https" && endpoint.PathAndQuery == "/" && endpoint.UserInfo.Length == 0)
            ? null
            : "endpoint: must be scheme, host and port only, for example http://127.0.0.1:9090.";
    }
}
