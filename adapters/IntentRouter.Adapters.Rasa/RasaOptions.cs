using System.ComponentModel.DataAnnotations;

namespace IntentRouter.Adapters.Rasa;

/// <summary>The keys of an entry with <c>adapter: rasa</c>.</summary>
internal sealed class RasaOptions
{
    /// <summary>The server, for example <c>http://rasa:5005</c>; a path before <c>/model/parse</c> is kept.</summary>
    public Uri? Url { get; set; }

    /// <summary>Used instead of <see cref="Url"/>, to point the entry at a test server.</summary>
    public Uri? Endpoint { get; set; }

    /// <summary>The server's <c>--auth-token</c>.</summary>
    public string? Token { get; set; }

    /// <summary>A ready-made JSON web token with role admin.</summary>
    public string? Jwt { get; set; }

    /// <summary>The server's <c>--jwt-secret</c> (HS256): tokens of five minutes are made from it.</summary>
    public string? JwtSecret { get; set; }

    /// <summary>Intents that mean "none of mine".</summary>
    public IList<string> FallbackIntents { get; } = [];

    /// <summary>Names a retrieval intent with its response key, <c>faq/hours</c> instead of <c>faq</c>.</summary>
    public bool RetrievalKeys { get; set; }

    /// <summary>The one language the model was trained for; left out, the adapter takes any.</summary>
    public string? Language { get; set; }

    /// <summary>Calls under way at once: parsing is CPU work in one Rasa process.</summary>
    [Range(1, 1000, ErrorMessage = "must lie between 1 and 1000.")]
    public int Concurrency { get; set; } = 8;

    public Uri Server => Endpoint ?? Url!;

    public static string? Problem(RasaOptions o)
    {
        if ((o.Endpoint ?? o.Url) is not { } server)
        {
            return "url: is missing; give the Rasa server's address, for example http://rasa:5005.";
        }

        if (!server.IsAbsoluteUri || server.Scheme is not ("http" or "https") || server.Query.Length > 0 || server.UserInfo.Length > 0)
        {
            return "url: must be an absolute http or https address without query and user; credentials go into token, jwt or jwtSecret.";
        }

        return new[] { o.Token, o.Jwt, o.JwtSecret }.Count(v => !string.IsNullOrEmpty(v)) > 1
            ? "token: only one of token, jwt and jwtSecret may be given."
            : null;
    }
}
