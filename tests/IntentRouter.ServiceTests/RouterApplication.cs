using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using IntentRouter.Configuration;
using IntentRouter.Hosting;
using IntentRouter.Nlu;
using IntentRouter.Playground;
using IntentRouter.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace IntentRouter.ServiceTests;

/// <summary>
/// The real host on real sockets with a real store, in front of the look-alike chat. Tests change the engine, the settings and the chat's version,
/// nothing else.
/// </summary>
internal sealed class RouterApplication : IAsyncDisposable
{
    public const string Key = "a-key-that-nobody-guesses";
    public const string AdminToken = "admin-token-1";
    /// <summary>Keys of an NLU entry: a machine that is busy with other things is no reason for a handoff.</summary>
    public const string SlowMachine = "timeout: 90s, attemptTimeout: 60s";
    private const string NobodyThere = "http://127.0.0.1:1/";
    private readonly RouterApplicationOptions _options;
    private WebApplication? _app;

    private RouterApplication(RouterApplicationOptions options, PlaygroundServer server)
    {
        _options = options;
        Server = server;
        Script = ScriptedModule.Open(options.Name);
    }

    public PlaygroundServer Server { get; }

    public PlaygroundChat Chat => Server.Chat;

    public Script Script { get; }

    public PlaygroundAccount Account { get; private set; } = null!;

    public PlaygroundInbox Inbox { get; private set; } = null!;

    public PlaygroundBot Bot { get; private set; } = null!;

    public PlaygroundUser Agent { get; private set; } = null!;

    public HttpClient Http { get; private set; } = null!;

    public HttpClient Management { get; private set; } = null!;

    public CapturedLogs Logs { get; } = new();

    public string Directory => _options.Directory;

    public IServiceProvider Services => _app!.Services;

    public IEventStore Store => Services.GetRequiredService<IEventStore>();

    public static async Task<RouterApplication> StartAsync(RouterApplicationOptions? options = null)
    {
        options ??= new RouterApplicationOptions();
        var server = await PlaygroundServer.StartAsync(
            new PlaygroundOptions
            {
                Version = PlaygroundVersion.Parse(options.ChatVersion),
                Clock = options.ChatClock,
                // Patience of a busy test machine, here and below, not of a chat.
                Delivery = new PlaygroundDeliveryOptions { Timeout = TimeSpan.FromMinutes(1) },
            },
            CancellationToken.None);
        var application = new RouterApplication(options, server);
        application.Account = server.Chat.AddAccount();
        application.Inbox = application.Account.AddInbox("Shop website");
        application.Agent = application.Account.AddUser("Mara Lind");
        application.Account.AddUser("Jonas Weber", UserRole.Administrator, accessToken: AdminToken);
        application.Bot = application.Account.AddBot("Order helper", null, "bot-token-1", options.WebhookSecret);
        application.Inbox.Connect(application.Bot);
        System.IO.Directory.CreateDirectory(options.Directory);
        application.WriteFiles();
        await application.StartRouterAsync();
        return application;
    }

    /// <summary>Stops the service as SIGTERM would and starts it again on the same files.</summary>
    public async Task RestartAsync()
    {
        await StopRouterAsync();
        await StartRouterAsync();
    }

    public async Task StopRouterAsync()
    {
        if (_app is { } app)
        {
            await app.StopAsync();
            // The port is free now, and may be another test's service in a moment.
            Bot.OutgoingUrl = NobodyThere;
            await app.DisposeAsync();
            _app = null;
        }
    }

    public async Task StartRouterAsync()
    {
        var sources = new ConfigurationSources { Path = Path.Combine(_options.Directory, "intent-router.yaml"), Directory = _options.Directory };
        var parts = ServiceParts.Of(services => services.AddAdapters<ScriptedModule>());
        var loaded = RouterConfigurationLoader.Load(sources, parts);
        Assert.True(loaded.Configuration is not null, string.Join('\n', loaded.Problems));
        _app = RouterHost.Build(loaded, sources, parts, builder =>
        {
            builder.Services.AddAdapters<ScriptedModule>();
            builder.Logging.AddProvider(Logs);
            builder.Logging.SetMinimumLevel(LogLevel.Trace);
            builder.Services.AddSingleton<TimeProvider>(RunningTime.Instance);
            _options.Adjust?.Invoke(builder);
        });
        await _app.StartAsync();
        var address = _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        Http = new HttpClient { BaseAddress = new Uri(address) };
        Management = new HttpClient { BaseAddress = new Uri(_app.Services.GetServices<Microsoft.Extensions.Hosting.IHostedService>().OfType<ManagementHost>().Single().Address!) };
        Bot.OutgoingUrl = $"{address}/bots/shop/{Key}?account={Account.Id}";
        var limit = Quiet.Limit();
        while ((await Http.GetAsync(new Uri("/health/ready", UriKind.Relative), limit)).StatusCode != System.Net.HttpStatusCode.OK)
        {
            await Task.Yield();
        }
    }

    /// <summary>A copy of the store while it is in use, as <c>sqlite3 … .backup</c> makes it.</summary>
    public void BackUp()
    {
        using var from = new SqliteConnection($"Data Source={StoreFile};Pooling=False");
        using var to = new SqliteConnection($"Data Source={StoreFile}.backup;Pooling=False");
        from.Open();
        to.Open();
        from.BackupDatabase(to);
    }

    /// <summary>Puts the copy in place of the store of a service that is stopped.</summary>
    public void Restore()
    {
        SqliteConnection.ClearAllPools();
        File.Delete(StoreFile + "-wal");
        File.Delete(StoreFile + "-shm");
        File.Move(StoreFile + ".backup", StoreFile, overwrite: true);
    }

    private string StoreFile => Path.Combine(_options.Directory, "intent-router.db");

    public PlaygroundCustomer NewCustomer(string? email = null)
    {
        var customer = Inbox.AddCustomer();
        if (email is not null)
        {
            customer.SetEmail(email);
        }

        return customer;
    }

    /// <summary>Waits until the chat has delivered everything and the service has nothing left to do.</summary>
    public Task SettleAsync() => Quiet.WaitAsync(Chat, Services);

    /// <summary>The customer says something; returns what the bot said because of it.</summary>
    public async Task<IReadOnlyList<string>> SayAsync(PlaygroundCustomer customer, string text)
    {
        var before = customer.Conversation?.BotReplies.Count ?? 0;
        customer.Say(text);
        await SettleAsync();
        return [.. customer.Conversation!.BotReplies.Skip(before).Select(m => m.Content ?? "")];
    }

    public async Task<HttpResponseMessage> PostAsync(string body, string? bot = null, string? key = null, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri($"/bots/{bot ?? "shop"}/{key ?? Key}?account={Account.Id}", UriKind.Relative))
        {
            Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body)) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } },
        };
        foreach (var (name, value) in headers)
        {
            request.Headers.Add(name, value);
        }

        return await Http.SendAsync(request);
    }

    public async ValueTask DisposeAsync()
    {
        Chat.ResumeDeliveries();
        if (Environment.GetEnvironmentVariable("INTENTROUTER_TEST_LOG") is { Length: > 0 } file)
        {
            await File.AppendAllLinesAsync(file, [.. Logs.Lines, .. Account.Conversations.Select(c => c.Transcript), .. Chat.Deliveries.Select(d => d.ToString())]);
        }

        await StopRouterAsync();
        await Server.DisposeAsync();
        SqliteConnection.ClearAllPools();
        System.IO.Directory.Delete(_options.Directory, recursive: true);
    }

    private void WriteFiles()
    {
        var orders = Path.Combine(_options.Directory, "orders.db");
        using (var connection = new SqliteConnection($"Data Source={orders};Pooling=False"))
        {
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = """
                create table orders(number text primary key, email text not null, status text not null, eta text);
                insert into orders values ('10427', 'priya@example.com', 'in transit', '2026-11-25'), ('10428', 'tomas@example.com', 'delivered', null);
                """;
            command.ExecuteNonQuery();
        }

        System.IO.Directory.CreateDirectory(Path.Combine(_options.Directory, "texts"));
        File.WriteAllText(Path.Combine(_options.Directory, "texts", "en.yaml"), """
            order.ask_number: What is your order number?
            order.ask_email: Which e-mail address did you order with?
            order.found: "Order {{ result.number }} is {{ result.status }}."
            order.not_found: I could not find an order with these details.

            """ + _options.TextsYaml);
        var yaml = $$"""
            urls: http://127.0.0.1:0
            management: { url: "http://127.0.0.1:0"{{(_options.ApiKey is { } key ? $", apiKey: {key}" : "")}} }
            chat: { baseUrl: "{{Server.BaseUrl.ToString().TrimEnd('/')}}", timeout: 20s, {{_options.ChatYaml}} }
            engine: { lease: 1m, {{_options.EngineYaml}} }
            bots:
              shop:
                key: {{Key}}
                accessToken: bot-token-1
                {{(_options.WebhookSecret is null ? "" : $"webhookSecret: {_options.WebhookSecret}")}}
                agentBotId: {{Bot.Id.ToString(CultureInfo.InvariantCulture)}}
                nlu: {{_options.BotNlu}}
                session: { burst: {{_options.Burst}}, turnBudget: {{_options.TurnBudget}} }
                handoff: { say: handoff.default }
            {{Indent(_options.BotYaml, 4)}}
                intents:
                  order_status: { route: order-status }
                  talk_to_human: { handoff: { reason: asked } }
                  complaint: { handoff: { reason: sensitive, priority: high } }
            {{Indent(_options.IntentsYaml, 6)}}
            nlu:
              main: { adapter: scripted, script: {{_options.Name}}, {{SlowMachine}} }
            {{Indent(_options.NluYaml, 2)}}
            lookups:
              orders:
                kind: sql
                provider: sqlite
                connection: "Data Source={{orders}}"
                query: "select number, status, eta from orders where number = @order_number and lower(email) = @email"
                timeout: 60s
            {{Indent(_options.LookupsYaml, 2).Replace("{orders}", orders, StringComparison.Ordinal)}}
            routes:
              order-status:
                slots:
                  order_number: { type: pattern, pattern: '#?(?<value>\d{4,10})', ask: order.ask_number }
                  email: { type: email, from: contact.email, ask: order.ask_email }
                proof: known-fact
                lookup: orders
                reply: { found: order.found, notFound: order.not_found, failed: { handoff: { reason: lookup-failed } } }
            {{Indent(_options.RoutesYaml, 2)}}
            texts: texts/
            store: { provider: sqlite, connection: "Data Source=intent-router.db" }
            {{_options.Yaml}}
            """;
        var file = Path.Combine(_options.Directory, "intent-router.yaml");
        File.WriteAllText(file, yaml);
        // It holds secrets, and the service insists.
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }
    }

    private static string Indent(string yaml, int by) => string.Join('\n', yaml.Split('\n').Select(l => l.Length == 0 ? l : new string(' ', by) + l));
}

internal sealed record RouterApplicationOptions
{
    public string Name { get; init; } = Guid.NewGuid().ToString("N");

    public string Directory => Path.Combine(Path.GetTempPath(), "intentrouter-tests", Name);

    public string ChatVersion { get; init; } = "4.2.0";

    public string? WebhookSecret { get; init; }

    public string Burst { get; init; } = "0ms";

    public string TurnBudget { get; init; } = "2m";

    /// <summary>More keys of the bot, unindented.</summary>
    public string BotYaml { get; init; } = "";

    /// <summary>The bot's <c>nlu</c>.</summary>
    public string BotNlu { get; init; } = "{ use: [main] }";

    /// <summary>More entries under <c>nlu</c>, unindented.</summary>
    public string NluYaml { get; init; } = "";

    /// <summary>Key of the management listener.</summary>
    public string? ApiKey { get; init; }

    /// <summary>More keys of <c>chat</c>, in flow style.</summary>
    public string ChatYaml { get; init; } = "";

    /// <summary>More keys of <c>engine</c>, in flow style.</summary>
    public string EngineYaml { get; init; } = "";

    /// <summary>More intents of the bot, unindented.</summary>
    public string IntentsYaml { get; init; } = "";

    /// <summary>More routes, unindented.</summary>
    public string RoutesYaml { get; init; } = "";

    /// <summary>More lookups, unindented; <c>{orders}</c> stands for the orders' database.</summary>
    public string LookupsYaml { get; init; } = "";

    /// <summary>More texts.</summary>
    public string TextsYaml { get; init; } = "";

    /// <summary>The chat's clock; the service's own is the machine's.</summary>
    public TimeProvider ChatClock { get; init; } = RunningTime.Instance;

    /// <summary>More top-level keys.</summary>
    public string Yaml { get; init; } = "";

    public Action<WebApplicationBuilder>? Adjust { get; init; }
}

/// <summary>Everything that was logged, at every level, as it would be printed.</summary>
internal sealed class CapturedLogs : ILoggerProvider
{
    private readonly System.Collections.Concurrent.ConcurrentQueue<string> _lines = new();

    public IReadOnlyCollection<string> Lines => _lines;

    public ILogger CreateLogger(string categoryName) => new Logger(this, categoryName);

    public void Dispose()
    {
    }

    private sealed class Logger(CapturedLogs logs, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            logs._lines.Enqueue($"{logLevel} {category}: {formatter(state, exception)} {exception}");
    }
}
