using System.Collections;

namespace IntentRouter.Configuration;

/// <summary>Where a configuration comes from. Everything that the process would give by itself can be given here by hand.</summary>
internal sealed record ConfigurationSources
{
    public const string DefaultFile = "intent-router.yaml";
    public const string PathVariable = "INTENTROUTER_CONFIG";
    public const string SecretsVariable = "INTENTROUTER_SECRETS";
    public const string DefaultSecrets = "/run/secrets";

    /// <summary>File or folder; null for the default file, which need not exist.</summary>
    public string? Path { get; init; }

    /// <summary>What names <see cref="Path"/>, for messages.</summary>
    public string PathNamedBy { get; init; } = "--config";

    /// <summary>Where <c>appsettings.json</c> and the default file are looked for, and what a relative <see cref="Path"/> refers to.</summary>
    public required string Directory { get; init; }

    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>Directory with one file per key; null for none.</summary>
    public string? Secrets { get; init; }

    /// <summary>Whether somebody named the directory, so that its absence is a mistake.</summary>
    public bool SecretsAreNamed { get; init; }

    /// <summary>Whether the file is the sample that ships with the product: its secrets are no secrets.</summary>
    public bool IsSample { get; init; }

    /// <summary>Whether absent secrets are left to the place where the service will run (<c>check --without-secrets</c>).</summary>
    public bool WithoutSecrets { get; init; }

    /// <summary>Databases that were made from the scripts of a sample: they stand for the files of their name.</summary>
    public IReadOnlyList<string> MadeDatabases { get; init; } = [];

    /// <summary>What this process would use.</summary>
    /// <param name="path">The value of <c>--config</c>, or null.</param>
    public static ConfigurationSources OfProcess(string? path)
    {
        var environment = System.Environment.GetEnvironmentVariables().Cast<DictionaryEntry>()
            .ToDictionary(e => (string)e.Key, e => (string?)e.Value ?? "", StringComparer.Ordinal);
        var variable = environment.GetValueOrDefault(PathVariable) is { Length: > 0 } named ? named : null;
        var secrets = environment.GetValueOrDefault(SecretsVariable) is { Length: > 0 } directory ? directory : null;
        return new ConfigurationSources
        {
            Path = path ?? variable,
            PathNamedBy = path is not null ? "--config" : PathVariable,
            Directory = System.IO.Directory.GetCurrentDirectory(),
            Environment = environment,
            Secrets = secrets ?? DefaultSecrets,
            SecretsAreNamed = secrets is not null,
        };
    }

    /// <summary>Full path of the file or folder, whether it exists or not.</summary>
    public string FullPath => System.IO.Path.GetFullPath(Path ?? DefaultFile, Directory);

    /// <summary>Directory that relative paths of the configuration refer to.</summary>
    public string Root => System.IO.Directory.Exists(FullPath) ? FullPath : System.IO.Path.GetDirectoryName(FullPath)!;

    /// <summary>Whether there is anything to read apart from the environment: without, the samples run.</summary>
    public bool HasFile => Path is not null || File.Exists(FullPath);

    /// <summary>An address that this machine can call: a wildcard means "here".</summary>
    public static string Local(string url) => url.TrimEnd('/')
        .Replace("://*", "://127.0.0.1", StringComparison.Ordinal)
        .Replace("://+", "://127.0.0.1", StringComparison.Ordinal)
        .Replace("://0.0.0.0", "://127.0.0.1", StringComparison.Ordinal)
        .Replace("://[::]", "://127.0.0.1", StringComparison.Ordinal);
}
