using System.Globalization;
using IntentRouter.Playground;

namespace IntentRouter.CrashTests;

internal sealed record FleetOptions
{
    public int Replicas { get; init; } = 1;

    /// <summary>Connection of a PostgreSQL database; SQLite when null.</summary>
    public string? Postgres { get; init; }

    public bool Presence { get; init; } = true;

    /// <summary>Without it an ambiguous send cannot be looked up and the policy decides.</summary>
    public bool AdminToken { get; init; } = true;

    public string InDoubt { get; init; } = "handoff";

    public TimeSpan Lease { get; init; } = TimeSpan.FromSeconds(6);

    public TimeSpan Settle { get; init; } = TimeSpan.FromSeconds(3);

    public TimeSpan ChatTimeout { get; init; } = TimeSpan.FromSeconds(2);

    public double Duplicates { get; init; } = 0.05;

    public string ChatVersion { get; init; } = "4.2.0";

    /// <summary>More top-level keys.</summary>
    public string Yaml { get; init; } = "";
}

/// <summary>The look-alike chat, an engine, a load balancer and the service's processes, on this machine only.</summary>
internal sealed class Fleet : IAsyncDisposable
{
    public const string Key = "a-key-that-nobody-guesses";
    private readonly string _directory = Directory.CreateTempSubdirectory("crash-tests-").FullName;

    private Fleet(FleetOptions options, PlaygroundServer server, EchoEngine engine, Gate gate)
    {
        Options = options;
        Server = server;
        Engine = engine;
        Gate = gate;
    }

    public FleetOptions Options { get; }

    public PlaygroundServer Server { get; }

    public PlaygroundChat Chat => Server.Chat;

    public EchoEngine Engine { get; }

    public Gate Gate { get; }

    public PlaygroundInbox Inbox { get; private set; } = null!;

    public PlaygroundUser Agent { get; private set; } = null!;

    public List<Replica> Replicas { get; } = [];

    public string StoreFile => Path.Combine(_directory, "intent-router.db");

    public static async Task<Fleet> StartAsync(FleetOptions options)
    {
        var server = await PlaygroundServer.StartAsync(
            new PlaygroundOptions
            {
                Version = PlaygroundVersion.Parse(options.ChatVersion),
                Delivery = new PlaygroundDeliveryOptions { Workers = 32, DuplicateProbability = options.Duplicates, Timeout = TimeSpan.FromSeconds(40) },
                MessagesPerConversationAndMinute = int.MaxValue,
            },
            CancellationToken.None);
        var fleet = new Fleet(options, server, await EchoEngine.StartAsync(), await Gate.StartAsync());
        var account = server.Chat.AddAccount();
        fleet.Inbox = account.AddInbox("Shop website");
        var admin = account.AddUser("Ada Admin", UserRole.Administrator);
        fleet.Agent = account.AddUser("Mara Lind");
        var bot = account.AddBot("Echo", $"{fleet.Gate.Url}bots/shop/{Key}?account={account.Id}");
        fleet.Inbox.Connect(bot);
        fleet.WriteConfiguration(bot, admin);
        for (var i = 0; i < options.Replicas; i++)
        {
            fleet.Replicas.Add(new Replica(Path.Combine(fleet._directory, "intent-router.yaml"), Path.Combine(fleet._directory, $"replica-{i}.log")));
        }

        await Task.WhenAll(fleet.Replicas.Select(replica => fleet.StartAsync(replica)));
        return fleet;
    }

    public async Task StartAsync(Replica replica, string? crashAt = null)
    {
        await replica.StartAsync(crashAt);
        await replica.WaitUntilReadyAsync();
        Gate.Open(replica.Url);
    }

    /// <summary>Ends a replica in the middle of everything and starts it again.</summary>
    public async Task KillAndRestartAsync(Replica replica, string? crashAt = null)
    {
        await replica.KillAsync();
        Gate.Close(replica.Url);
        await StartAsync(replica, crashAt);
    }

    public string Logs() => string.Join("\n", Replicas.Select(replica => replica.ReadLog()));

    public async ValueTask DisposeAsync()
    {
        foreach (var replica in Replicas)
        {
            Gate.Close(replica.Url);
            await replica.DisposeAsync();
        }

        await Gate.DisposeAsync();
        await Server.DisposeAsync();
        await Engine.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }

    private void WriteConfiguration(PlaygroundBot bot, PlaygroundUser admin)
    {
        Directory.CreateDirectory(Path.Combine(_directory, "texts"));
        File.WriteAllText(
            Path.Combine(_directory, "texts", "en.yaml"),
            """
            echo.reply: "re {{ slots.n }}"
            echo.ask: Which number?
            """);
        var store = Options.Postgres is { } connection
            ? $"{{ provider: postgres, connection: \"{connection}\", presence: {(Options.Presence ? "true" : "false")} }}"
            : "{ provider: sqlite, connection: \"Data Source=intent-router.db\" }";
        var file = Path.Combine(_directory, "intent-router.yaml");
        File.WriteAllText(
            file,
            $$"""
            chat:
              baseUrl: "{{Server.BaseUrl.ToString().TrimEnd('/')}}"
              {{(Options.AdminToken ? $"adminToken: {admin.AccessToken}" : "")}}
              timeout: {{Milliseconds(Options.ChatTimeout)}}
              sweep: { every: 1h, after: 2h, tooOld: 20h }
            engine: { lease: {{Milliseconds(Options.Lease)}}, settle: {{Milliseconds(Options.Settle)}}, recover: 200ms, drain: 10s }
            bots:
              shop:
                key: {{Key}}
                accessToken: {{bot.AccessToken}}
                agentBotId: {{bot.Id.ToString(CultureInfo.InvariantCulture)}}
                inDoubt: {{Options.InDoubt}}
                nlu: { use: [main] }
                session: { burst: 0ms }
                limits: { repliesPerMinute: 10000, requestsPerSecond: 100000 }
                intents:
                  echo: { route: echo }
            nlu:
              main: { adapter: http, url: "{{Engine.Url.ToString().TrimEnd('/')}}" }
            routes:
              echo:
                slots:
                  n: { type: text, ask: echo.ask }
                reply: echo.reply
            texts: texts/
            store: {{store}}
            {{Options.Yaml}}
            """);

        // It holds secrets, and the service insists.
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }
    }

    private static string Milliseconds(TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"{(long)time.TotalMilliseconds}ms");
}
