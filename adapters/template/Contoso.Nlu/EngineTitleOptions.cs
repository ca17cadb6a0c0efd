using System.ComponentModel.DataAnnotations;

namespace Contoso.Nlu;

/// <summary>The keys of an entry with <c>adapter: enginename</c>.</summary>
internal sealed class EngineTitleOptions
{
    /// <summary>The engine's address, for example <c>http://127.0.0.1:9000/</c>.</summary>
    [Required(ErrorMessage = "is missing; give the engine's address.")]
    public Uri? Url { get; set; }

    /// <summary>The API key, if the engine wants one.</summary>
    public string? ApiKey { get; set; }
}
