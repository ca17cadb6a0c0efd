using IntentRouter.Configuration;

namespace IntentRouter.Tests.Configuration;

/// <summary>A folder of its own with configuration files, and what loading makes of them.</summary>
public sealed class ConfigurationScene : IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("intent-router-config-");
    private readonly Dictionary<string, string> _environment = [];

    public string Folder => _folder.FullName;

    internal ConfigurationParts Parts { get; set; } = new();

    public const string Texts = """
        order.found: Here it is.
        order.not_found: Nothing found.
        """;

    public const string Minimal = """
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
        texts: texts
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

    /// <summary>Loads one text, with a text file that has the keys of <see cref="Minimal"/>.</summary>
    internal static LoadedConfiguration Parse(string yaml)
    {
        using var scene = new ConfigurationScene().Write("intent-router.yaml", yaml).Write("texts/en.yaml", Texts);
        return scene.Load();
    }

    /// <summary>The minimal configuration with one piece replaced.</summary>
    internal static LoadedConfiguration With(string piece, string replacement)
    {
        Assert.Contains(piece, Minimal, StringComparison.Ordinal);
        return Parse(Minimal.Replace(piece, replacement, StringComparison.Ordinal));
    }

    public void Dispose() => _folder.Delete(recursive: true);
}
