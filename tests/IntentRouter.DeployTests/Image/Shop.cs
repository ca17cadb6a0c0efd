using IntentRouter.Playground;
using Microsoft.Data.Sqlite;

namespace IntentRouter.DeployTests.Image;

/// <summary>A look-alike of the chat in this process, with the sample shop's bot, answered by routers that run in containers.</summary>
internal sealed class Shop : IAsyncDisposable
{
    private const string Key = "0123456789abcdef0123456789abcdef";
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(5);

    private readonly PlaygroundServer _server;
    private readonly PlaygroundInbox _inbox;
    private readonly PlaygroundBot _bot;
    private readonly PlaygroundUser _admin;
    private readonly string _folder = Directory.CreateTempSubdirectory("shop").FullName;

    private Shop(PlaygroundServer server)
    {
        _server = server;
        var account = server.Chat.AddAccount();
        _admin = account.AddUser("Mara Lind", UserRole.Administrator);
        _inbox = account.AddInbox("Shop website");
        _bot = account.AddBot("Order helper", null);
        _inbox.Connect(_bot);
        OpenDatabase();
    }

    public PlaygroundChat Chat => _server.Chat;

    public IEnumerable<PlaygroundConversation> Conversations => _inbox.Account.Conversations;

    /// <summary>The order database, where the settings expect it.</summary>
    public string Mount => $"{_folder}:/shop:ro";

    public static async Task<Shop> OpenAsync() => new(await PlaygroundServer.StartAsync(
        // A busy machine is no router that failed.
        new PlaygroundOptions { Delivery = new PlaygroundDeliveryOptions { Timeout = TimeSpan.FromMinutes(1) } }, CancellationToken.None));

    /// <summary>From now on the chat sends its events there.</summary>
    public void Connect(Uri router) => _bot.OutgoingUrl = $"{new Uri(router, $"/bots/shop/{Key}")}?account={_inbox.Account.Id}";

    /// <summary>What a router needs to serve this shop, with a store of its own.</summary>
    public Dictionary<string, string> Settings()
    {
        var settings = new Dictionary<string, string>
        {
            ["INTENTROUTER_CONFIG"] = "/app/samples/shop/intent-router.yaml",
            ["Chat__BaseUrl"] = _server.BaseUrl.ToString().TrimEnd('/'),
            ["Chat__AdminToken"] = _admin.AccessToken,
            ["Bots__shop__Key"] = Key,
            ["Bots__shop__AccessToken"] = _bot.AccessToken,
            ["Store__Connection"] = "Data Source=/data/intent-router.db",
            // On a busy machine the bot takes longer; it does not give up and hand over.
            ["Nlu__local__Timeout"] = "90s",
            ["Nlu__local__AttemptTimeout"] = "60s",
            ["Bots__shop__Session__TurnBudget"] = "2m",
        };
        foreach (var lookup in new[] { "orders", "refunds", "bookings", "stock" })
        {
            settings[$"Lookups__{lookup}__Connection"] = "Data Source=/shop/shop.db";
            settings[$"Lookups__{lookup}__Timeout"] = "60s";
        }

        return settings;
    }

    public PlaygroundCustomer Customer() => _inbox.AddCustomer();

    /// <summary>Says it and waits for the bot's next reply.</summary>
    public async Task<string> AskAsync(PlaygroundCustomer customer, string text)
    {
        var before = customer.Conversation?.BotReplies.Count ?? 0;
        customer.Say(text);
        using var limit = new CancellationTokenSource(_patience);
        try
        {
            await Chat.WaitUntilAsync(() => customer.Conversation!.BotReplies.Count > before, limit.Token);
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"'{text}' was not answered:\n{customer.Conversation!.Transcript}\n{string.Join('\n', Chat.Deliveries)}");
        }

        return customer.Conversation!.BotReplies[before].Content!;
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private void OpenDatabase()
    {
        var file = Path.Combine(_folder, "shop.db");
        using (var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = file, Pooling = false }.ToString()))
        {
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = Repository.Read("samples/shop/data/shop.sql");
            command.ExecuteNonQuery();
        }

        if (!OperatingSystem.IsWindows())
        {
            // The user inside the container is another one.
            File.SetUnixFileMode(_folder, (UnixFileMode)Convert.ToInt32("755", 8));
            File.SetUnixFileMode(file, (UnixFileMode)Convert.ToInt32("644", 8));
        }
    }
}
