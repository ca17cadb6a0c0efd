using IntentRouter.Configuration;
using IntentRouter.Replies;

namespace IntentRouter.Tests.Configuration;

/// <summary>A folder of its own with configuration files, and what loading makes of them.</summary>
public sealed class ConfigurationScene : IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("intent-router-config-");
    private readonly Dictionary<string, string> _environment = [];

    public string Folder => _folder.FullName;

    internal ConfigurationParts Parts { get; set; } = new();

    public static string Minimal { get; } = """
        chat:
          baseUrl: https://chat.example.com
        bots:
          shop:
            key: 8d1f0c6f5a3b4c1e9a7d2b40
            accessToken: not-a-real-token
            nlu: { use: [local] }
            intents:
              order_status: { route: order-status }
        nlu:
          local: { adapter: local }
        lookups:
          orders: { kind: sql, provider: sqlite, connection: Data Source=shop.db, query: "select number from orders where number = @order_number" }
        routes:
          order-status:
            slots:
              order_number: { type: text }
            lookup: orders
            reply: { found: order.found, notFound: order.not_found }
        """;

    public ConfigurationScene Write(string file, string text)
    {
        var path = Path.Combine(Folder, file);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, OwnerOnly);
        }

        return this;
    }

    public ConfigurationScene Variable(string name, string value)
    {
        _environment[name] = value;
        return this;
    }

    internal ConfigurationSources Sources(string? path = null, string? secrets = null) => new()
    {
        Path = path,
        Directory = Folder,
        Environment = _environment,
        Secrets = secrets,
        SecretsAreNamed = secrets is not null,
    };

    internal LoadedConfiguration Load(string? path = null, string? secrets = null) => RouterConfigurationLoader.Load(Sources(path, secrets), Parts);

    internal static LoadedConfiguration Parse(string yaml, ConfigurationParts? parts = null) => RouterConfigurationLoader.Parse(yaml, Path.GetTempPath(), parts ?? new());

    /// <summary>The minimal configuration with one piece replaced.</summary>
    internal static LoadedConfiguration With(string piece, string replacement)
    {
        Assert.Contains(piece, Minimal, StringComparison.Ordinal);
        return Parse(Minimal.Replace(piece, replacement, StringComparison.Ordinal));
    }

    public void Dispose() => _folder.Delete(recursive: true);
}

/// <summary>Texts from a table: <c>language/key</c>; built-in ones without a language.</summary>
internal sealed class TableOfTexts(params string[] written) : ITextSource
{
    public TextCatalog Load(BotOptions bot, IReadOnlyList<string> directories, Action<ConfigurationProblem> report) => TextCatalog.Empty;

    public TextPresence Find(TextCatalog catalog, string language, string key) =>
        written.Contains($"{language}/{key}") ? TextPresence.Written
        : written.Contains(key) ? TextPresence.BuiltIn
        : TextPresence.Missing;

    public IReadOnlyCollection<string> LanguagesOf(TextCatalog catalog) => [.. written.Where(w => w.Contains('/', StringComparison.Ordinal)).Select(w => w.Split('/')[0]).Distinct()];
}
