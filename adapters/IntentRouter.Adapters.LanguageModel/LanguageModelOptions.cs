using System.ComponentModel.DataAnnotations;

namespace IntentRouter.Adapters.LanguageModel;

/// <summary>The keys of an entry with <c>adapter: language-model</c>.</summary>
internal sealed class LanguageModelOptions
{
    /// <summary>The base address of the API, up to and with <c>/v1</c>.</summary>
    public Uri Url { get; set; } = new("https://api.openai.com/v1");

    /// <summary>Used instead of <see cref="Url"/>, to point the entry at a test server.</summary>
    public Uri? Endpoint { get; set; }

    /// <summary>The API key; servers of your own may need none.</summary>
    public string? ApiKey { get; set; }

    /// <summary>The model's name.</summary>
    [Required(ErrorMessage = "is missing; give the model's name, for example gpt-4.1-mini or qwen3:8b.")]
    public string? Model { get; set; }

    /// <summary>Training files with the intents and their examples: Rasa NLU YAML or CSV.</summary>
    [Required(ErrorMessage = "is missing; give the file that lists the intents with examples.")]
    public string? Training { get; set; }

    /// <summary>Examples of each intent in the prompt.</summary>
    [Range(0, 50, ErrorMessage = "must lie between 0 and 50.")]
    public int Examples { get; set; } = 6;

    /// <summary>A sentence about the business, put before the list of intents.</summary>
    [MaxLength(2000, ErrorMessage = "is longer than 2000 characters.")]
    public string? About { get; set; }

    /// <summary>Whether to ask for token probabilities, the source of the confidence; off for models that refuse it.</summary>
    public bool LogProbabilities { get; set; } = true;

    /// <summary>Whether to send a JSON schema; off for servers that know only "answer in JSON".</summary>
    public bool Schema { get; set; } = true;

    /// <summary>Sampling temperature; an empty value sends none, for models that refuse it.</summary>
    [Range(0.0, 2.0, ErrorMessage = "must lie between 0 and 2.")]
    public float? Temperature { get; set; } = 0;

    /// <summary>Longest text that is sent; longer ones are cut with a warning.</summary>
    [Range(16, 150_000, ErrorMessage = "must lie between 16 and 150000.")]
    public int TextLimit { get; set; } = 2000;

    /// <summary>Whether the model runs on this machine or network, so that masking does not apply and nothing is paid.</summary>
    public bool Private { get; set; }

    public Uri Server => Endpoint ?? Url;

    public string? Problem(string contentRoot)
    {
        if (!Server.IsAbsoluteUri || Server.Scheme is not ("http" or "https") || Server.Query.Length > 0 || Server.UserInfo.Length > 0)
        {
            return "url: must be an absolute http or https address such as http://ollama:11434/v1.";
        }

        var path = Path.Combine(contentRoot, Training ?? "");
        return string.IsNullOrEmpty(Training) || File.Exists(path) || Directory.Exists(path)
            ? null
            : $"training: '{Training}' does not exist under {contentRoot}.";
    }
}
