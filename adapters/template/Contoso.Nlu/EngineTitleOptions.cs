using System.ComponentModel.DataAnnotations;

namespace Contoso.Nlu;

/// <summary>The keys of an entry with <c>adapter: enginename</c>.</summary>
internal sealed class EngineTitleOptions
{
    /// <summary>The engine's address, for example <c>http://127.0.0.1:9000</c>; a path is kept.</summary>
    [Required(ErrorMessage = "is missing; give the engine's address.")]
    public Uri? Url { get; set; }

    /// <summary>The API key, if the engine wants one.</summary>
    public string? ApiKey { get; set; }

    /// <summary>What annotations cannot say: the key, a colon, what is wrong and what to write instead; null when all is well.</summary>
    public static string? Problem(EngineTitleOptions options) =>
        options.Url is null or { IsAbsoluteUri: true, Scheme: "http" or "https" } ? null : "url: must be an absolute http or https address, for example http://127.0.0.1:9000.";
}
