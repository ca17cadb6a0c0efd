using System.Security.Cryptography;
using System.Text;
using IntentRouter.Cli;
using IntentRouter.Configuration;
using IntentRouter.Playground;
using Microsoft.Data.Sqlite;

namespace IntentRouter.Hosting;

/// <summary>
/// A configuration whose chat is the playground (the shop sample, where nothing is configured): a look-alike of the chat on the management listener, keys
/// and tokens made up for this machine, and the sample's databases made from their scripts.
/// </summary>
internal sealed class Demo(string data) : IManagementPages, IAsyncDisposable
{
    public const string Prefix = "/" + ChatOptions.Playground;
    private PlaygroundChat? _chat;

    /// <param name="Loaded">What loading gave, problems and all.</param>
    /// <param name="Sources">What it was loaded from, to load it again.</param>
    /// <param name="Demo">Null where the configuration names a chat of its own.</param>
    public sealed record Opened(LoadedConfiguration Loaded, ConfigurationSources Sources, Demo? Demo);

    /// <summary>Loads what is configured, or the shop sample where nothing is.</summary>
    /// <param name="process">What the process would use.</param>
    /// <param name="parts">The rest of the service, as the loader asks it.</param>
    /// <param name="data">Directory of what is made up here.</param>
    /// <param name="anew">Whether a sample's databases begin as their scripts say, or go on as they are.</param>
    /// <exception cref="UsageException">There is no configuration and no sample.</exception>
    public static Opened Open(ConfigurationSources process, ConfigurationParts parts, string data, bool anew)
    {
        var sources = process;
        if (!process.HasFile)
        {
            var samples = FindSamples() ?? throw new UsageException("There is no configuration, and the samples are not beside the program. Name a file with --config or INTENTROUTER_CONFIG.");
            sources = process with { Path = Path.Combine(samples, "shop"), PathNamedBy = "the demo", IsSample = true };
        }

        var loaded = RouterConfigurationLoader.Load(sources, parts);
        if (loaded.Configuration is not { Options.Chat.IsPlayground: true } configuration)
        {
            return new Opened(loaded, sources, null);
        }

        var demo = new Demo(Path.GetFullPath(data, process.Directory));
        sources = demo.Complete(sources, configuration, storeIsNamed: loaded.Settings.Nearest("store:connection").Exact, anew);
        return new Opened(RouterConfigurationLoader.Load(sources, parts), sources, demo);
    }

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

    /// <summary>Sets up the look-alike: an inbox for each bot, two agents, a team. Events go to the public listener.</summary>
    public void Prepare(RouterConfiguration configuration)
    {
        var chat = new PlaygroundChat(new PlaygroundOptions { ConsoleUrl = "/conversations", Seeds = PlaygroundSeeds.From(TimeProvider.System.GetUtcNow()) });
        var account = chat.AddAccount();
        account.AddUser("Mara Lind", UserRole.Administrator);
        account.AddUser("Jonas Weber");
        account.AddTeam("Orders");
        var publicUrl = ConfigurationSources.Local(configuration.Options.Urls.Split(';')[0]);
        foreach (var bot in configuration.Bots.Values)
        {
            var title = $"{char.ToUpperInvariant(bot.Name[0])}{bot.Name[1..]}";
            var url = $"{publicUrl}/bots/{bot.Name}/{bot.Options.Key}?account={account.Id}";
            account.AddInbox($"{title} website").Connect(account.AddBot($"{title} helper", url, bot.Options.AccessToken));
        }

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

    private ConfigurationSources Complete(ConfigurationSources sources, RouterConfiguration configuration, bool storeIsNamed, bool anew)
    {
        Directory.CreateDirectory(data);
        var environment = new Dictionary<string, string>(sources.Environment, StringComparer.OrdinalIgnoreCase);
        if (!storeIsNamed)
        {
            environment["Store__Connection"] = $"Data Source={Path.Combine(data, "intent-router.db")}";
        }

        foreach (var (name, bot) in configuration.Options.Bots)
        {
            if (string.IsNullOrEmpty(bot.Key))
            {
                environment[$"Bots__{name}__Key"] = Secret($"{name}-key");
            }

            if (string.IsNullOrEmpty(bot.AccessToken))
            {
                environment[$"Bots__{name}__AccessToken"] = Secret($"{name}-token");
            }
        }

        var scripts = Path.Combine(sources.Root, "data");
        var databases = Directory.Exists(scripts) ? Directory.GetFiles(scripts, "*.sql").Select(script => Create(script, anew)).ToArray() : [];
        return sources with { Environment = environment, MadeDatabases = databases };
    }

    /// <summary>Made once and kept with the demo's data, so that a restart keeps its bot URL and no two installations share one.</summary>
    private string Secret(string name)
    {
        var file = Path.Combine(data, name);
        if (!File.Exists(file))
        {
            File.WriteAllText(file, Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16)));
        }

        return File.ReadAllText(file).Trim();
    }

    private string Create(string script, bool anew)
    {
        var file = Path.Combine(data, Path.ChangeExtension(Path.GetFileName(script), ".db"));
        if (!anew && File.Exists(file))
        {
            return file;
        }

        File.Delete(file);
        using var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = file, Pooling = false }.ToString());
        connection.Open();
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // The sample's own script.
        command.CommandText = File.ReadAllText(script, Encoding.UTF8);
#pragma warning restore CA2100
        command.ExecuteNonQuery();
        return file;
    }
}
