using System.ComponentModel.DataAnnotations;

namespace IntentRouter.Adapters.Http;

/// <summary>The keys of an entry with <c>adapter: http</c>.</summary>
internal sealed class HttpEngineOptions
{
    /// <summary>The server; <c>v1/understand</c> and <c>v1/health</c> are appended.</summary>
    public Uri? Url { get; set; }

    /// <summary>Used instead of <see cref="Url"/>, to point the entry at a test server.</summary>
    public Uri? Endpoint { get; set; }

    /// <summary>Sent as a bearer token.</summary>
    public string? Token { get; set; }

    /// <summary>Further headers, for example an API key.</summary>
    public IDictionary<string, string> Headers { get; } = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);

    /// <summary>Languages the server understands; left out, it takes any.</summary>
    public IList<string> Languages { get; } = [];

    /// <summary>Longest text the server takes, in UTF-16 units; longer ones are cut with a warning.</summary>
    [Range(16, 150_000, ErrorMessage = "must lie between 16 and 150000.")]
    public int MaxTextLength { get; set; } = 10_000;

    /// <summary>Whether the server answers <c>mode: converse</c>, so that a route may say <c>reply: provider</c>.</summary>
    public bool Dialogue { get; set; }

    public Uri Server => Endpoint ?? Url!;

    public static string? Problem(HttpEngineOptions o)
    {
        if ((o.Endpoint ?? o.Url) is not { } server)
        {
            return "url: is missing; give the server's address, for example http://nlu:8090.";
        }

        if (!server.IsAbsoluteUri || server.Scheme is not ("http" or "https") || server.UserInfo.Length > 0 || server.Query.Length > 0)
        {
            return "url: must be an absolute http or https address without query and user; credentials go into token or headers.";
        }

        using var probe = new HttpRequestMessage();
        var refused = o.Headers.FirstOrDefault(h => h.Key.StartsWith("content-", StringComparison.OrdinalIgnoreCase) || !probe.Headers.TryAddWithoutValidation(h.Key, h.Value)).Key;
        return refused is null ? null : $"headers: '{refused}' cannot be set as a request header.";
    }
}
