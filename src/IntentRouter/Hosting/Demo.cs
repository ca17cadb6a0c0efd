using System.Security.Cryptography;
using System.Text;
using IntentRouter.Configuration;
using IntentRouter.Playground;
using Microsoft.Data.Sqlite;

namespace IntentRouter.Hosting;

/// <summary>
/// What runs when nothing is configured: the shop sample on a SQLite file, the embedded NLU, a sample order database, and a look-alike of the chat on
/// the management listener.
/// </summary>
internal sealed class Demo(string samples, string data) : IManagementPages, IAsyncDisposable
{
    private const string Prefix = "/playground";
    private PlaygroundChat? _chat;

    /// <summary>The directory with the sample bots: beside the program, or above it in a source tree.</summary>
    public static string? FindSamples()
    {
        for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
        {
            var samples = Path.Combine(directory.FullName, "samples");
            if (File.Exists(Path.Combine(samples, "shop", ConfigurationSources.DefaultFile)))
            {
                return samples;
            }
        }

        return null;
    }

    /// <summary>The shop sample as it is, with what only this machine knows laid over it.</summary>
    public ConfigurationSources Sources(ConfigurationSources process)
    {
        Directory.CreateDirectory(data);
        var shop = Path.Combine(samples, "shop");
        var environment = new Dictionary<string, string>(process.Environment, StringComparer.OrdinalIgnoreCase);
        var management = environment.GetValueOrDefault("Management__Url") ?? "http://127.0.0.1:8081";
        environment["Chat__BaseUrl"] = $"{Local(management)}{Prefix}";
        environment["Store__Connection"] = $"Data Source={Path.Combine(data, "intent-router.db")}";
        environment.TryAdd("Bots__shop__Key", Secret("key"));
        environment.TryAdd("Bots__shop__AccessToken", Secret("token"));
        foreach (var script in Directory.EnumerateFiles(Path.Combine(shop, "data"), "*.sql"))
        {
            var file = Path.Combine(data, Path.GetFileNameWithoutExtension(script) + ".db");
            Create(file, script);
            foreach (var section in (string[])["Lookups__orders", "Lookups__refunds", "Lookups__bookings", "Lookups__stock", "Actions__cancel-order"])
            {
                environment.TryAdd($"{section}__Connection", $"Data Source={file}");
            }
        }

        return process with { Path = shop, PathNamedBy = "the demo", Environment = environment, IsSample = true };
    }

    /// <summary>Sets up the look-alike with an account, an inbox, two agents and the bot, whose events go to the public listener.</summary>
    public void Prepare(RouterConfiguration configuration)
    {
        var bot = configuration.Bots.Values.First();
        var chat = new PlaygroundChat(new PlaygroundOptions { Seeds = PlaygroundSeeds.From(TimeProvider.System.GetUtcNow()) });
        var account = chat.AddAccount();
        var inbox = account.AddInbox("Shop website");
        account.AddUser("Mara Lind", UserRole.Administrator);
        account.AddUser("Jonas Weber");
        account.AddTeam("Orders");
        var publicUrl = Local(configuration.Options.Urls.Split(';')[0]);
        inbox.Connect(account.AddBot("Order helper", $"{publicUrl}/bots/{bot.Name}/{bot.Options.Key}?account={account.Id}", bot.Options.AccessToken));
        _chat = chat;
    }

    /// <summary>The look-alike's chat API, which the router itself calls with the bot's token.</summary>
    public IEnumerable<string> OwnTokens => [$"{Prefix}/api/v1"];

    public void Map(WebApplication app)
    {
        app.MapPlayground(_chat ?? throw new InvalidOperationException("Prepare comes first."), Prefix);
        app.MapGet("/", () => Results.Redirect(Prefix));
    }

    public async ValueTask DisposeAsync()
    {
        if (_chat is { } chat)
        {
            await chat.DisposeAsync();
        }
    }

    /// <summary>An address that this machine can call: a wildcard means "here".</summary>
    internal static string Local(string url) => url.TrimEnd('/')
        .Replace("://*", "://127.0.0.1", StringComparison.Ordinal)
        .Replace("://+", "://127.0.0.1", StringComparison.Ordinal)
        .Replace("://0.0.0.0", "://127.0.0.1", StringComparison.Ordinal)
        .Replace("://[::]", "://127.0.0.1", StringComparison.Ordinal);

    /// <summary>Made once and kept with the demo's data, so that a restart keeps its bot URL and no two installations share one.</summary>
    private string Secret(string name)
    {
        var file = Path.Combine(data, $"demo-{name}");
        if (!File.Exists(file))
        {
            File.WriteAllText(file, Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16)));
        }

        return File.ReadAllText(file).Trim();
    }

    private static void Create(string file, string script)
    {
        // Made anew at every start: it is a sample, and the script may have changed.
        File.Delete(file);
        using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = file, Pooling = false }.ToString());
        connection.Open();
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // The sample's own script.
        command.CommandText = File.ReadAllText(script, Encoding.UTF8);
#pragma warning restore CA2100
        command.ExecuteNonQuery();
    }
}
