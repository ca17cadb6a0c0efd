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

    /// <summary>After so many ends of its process an event is parked. Runs that kill at random need more: there an innocent event may meet three kills.</summary>
    public int Attempts { get; init; } = 3;

    public double Duplicates { get; init; } = 0.05;

    public string ChatVersion { get; init; } = "4.2.0";

    /// <summary>More top-level keys.</summary>
    public string Yaml { get; init; } = "";

    /// <summary>More keys of the adapter, in flow style.</summary>
    public string AdapterKeys { get; init; } = Fleet.SlowMachine;

    /// <summary>More keys of the bot's session, in flow style.</summary>
    public string SessionKeys { get; init; } = "turnBudget: 2m";

    /// <summary>Where SQLite's file lies; beside the configuration when null.</summary>
    public string? StoreDirectory { get; init; }
}

/// <summary>The look-alike chat, an engine, a load balancer and the service's processes, on this machine only.</summary>
internal sealed class Fleet : IAsyncDisposable
{
    public const string Key = "a-key-that-nobody-guesses";

    /// <summary>A machine that is busy with other things is no reason for a handoff.</summary>
    public const string SlowMachine = "timeout: 90s, attemptTimeout: 60s";

    /// <summary>Waits for the engine as long as a test holds it.</summary>
    public const string PatientAdapter = "timeout: 4m, attemptTimeout: 4m";

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

    public string StoreFile => Path.Combine(Options.StoreDirectory ?? _directory, "intent-router.db");

    public static async Task<Fleet> StartAsync(FleetOptions options)
    {
        var server = await PlaygroundServer.StartAsync(
            new PlaygroundOptions
            {
                Version = PlaygroundVersion.Parse(options.ChatVersion),
                Delivery = new PlaygroundDeliveryOptions { Workers = 32, DuplicateProbability = options.Duplicates, Timeout = TimeSpan.FromSeconds(100) },
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
        replica.Start(crashAt);
        try
        {
            await replica.WaitUntilReadyAsync();
        }
        catch (TimeoutException) when (replica.HasExited)
        {
            // The database did not answer in time, and the process said so and ended: an orchestrator starts it again.
            replica.Start(crashAt);
            await replica.WaitUntilReadyAsync();
        }

        Gate.Open(replica.Url);
    }

    /// <summary>Ends a replica in the middle of everything and starts it again.</summary>
    public async Task KillAndRestartAsync(Replica replica, string? crashAt = null)
    {
        await replica.KillAsync();
        Gate.Close(replica.Url);
        await StartAsync(replica, crashAt);
    }

    /// <summary>Completes as soon as the chat's state meets the condition; asked after every change there.</summary>
    public async Task UntilAsync(Func<bool> condition, string what)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(120), TimeProvider.System);
        try
        {
            await Chat.WaitUntilAsync(condition, patience.Token);
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"Never seen: {what}.\n{Logs()}");
        }
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
            : $"{{ provider: sqlite, connection: \"Data Source={StoreFile}\" }}";
        var file = Path.Combine(_directory, "intent-router.yaml");
        File.WriteAllText(
            file,
            $$"""
            chat:
              baseUrl: "{{Server.BaseUrl.ToString().TrimEnd('/')}}"
              {{(Options.AdminToken ? $"adminToken: {admin.AccessToken}" : "")}}
              timeout: {{Milliseconds(Options.ChatTimeout)}}
              sweep: { every: 1h, after: 2h, tooOld: 20h }
            engine: { lease: {{Milliseconds(Options.Lease)}}, settle: {{Milliseconds(Options.Settle)}}, recover: 200ms, drain: 2m, attempts: {{Options.Attempts.ToString(CultureInfo.InvariantCulture)}} }
            bots:
              shop:
                key: {{Key}}
                accessToken: {{bot.AccessToken}}
                agentBotId: {{bot.Id.ToString(CultureInfo.InvariantCulture)}}
                inDoubt: {{Options.InDoubt}}
                nlu: { use: [main] }
                session: { burst: 0ms, {{Options.SessionKeys}} }
                limits: { repliesPerMinute: 10000, requestsPerSecond: 100000 }
                intents:
                  echo: { route: echo }
            nlu:
              main: { adapter: http, url: "{{Engine.Url.ToString().TrimEnd('/')}}", {{Options.AdapterKeys}} }
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
