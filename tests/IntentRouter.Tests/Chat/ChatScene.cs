using System.Diagnostics.Metrics;
using IntentRouter.Chat;
using IntentRouter.Configuration;
using IntentRouter.Conversations;
using IntentRouter.Playground;
using IntentRouter.Replies;
using IntentRouter.Turns;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;
using Microsoft.Extensions.Time.Testing;

namespace IntentRouter.Tests.Chat;

/// <summary>A playground, a customer who wrote once, and our client with the bot's token.</summary>
internal sealed class ChatScene : IAsyncDisposable
{
    public const string Key = "3:message_created:90211:0";

    private readonly ServiceProvider _services;

    private ChatScene(PlaygroundServer server, FakeTimeProvider clock, Action<ChatOptions>? configure)
    {
        Server = server;
        Clock = clock;
        Account = server.Chat.AddAccount();
        Inbox = Account.AddInbox("Shop website");
        Remote = Account.AddBot("Order helper", outgoingUrl: null);
        Inbox.Connect(Remote);
        Admin = Account.AddUser("Mara Lind", UserRole.Administrator);
        Customer = Inbox.AddCustomer();
        Customer.Say("Where is my order 10427?");
        Options = new ChatOptions { BaseUrl = server.BaseUrl.ToString() };
        configure?.Invoke(Options);
        Bot = BotOf(new BotOptions { AccessToken = Remote.AccessToken, AgentBotId = Remote.Id });
        _services = new ServiceCollection().AddMetrics().AddLogging(l => l.AddFakeLogging()).BuildServiceProvider();
        Connection = new ChatConnection(() => Options, clock, Meters, new PlaygroundTime(clock, ChatConnection.CreateHandler(Options.MaxConnections)));
        (var store, Values) = ValuesOnly.Create();
        Capabilities = new ChatCapabilities(store, Logger<ChatCapabilities>());
        Api = new ChatApi(Connection, Capabilities, Logger<ChatApi>());
        Reader = new ChatReader(Connection);
        Reconciler = new ChatReconciler(Connection, Reader, Capabilities, clock);
    }

    public PlaygroundServer Server { get; }

    public FakeTimeProvider Clock { get; }

    public PlaygroundAccount Account { get; }

    public PlaygroundInbox Inbox { get; }

    public PlaygroundBot Remote { get; }

    public PlaygroundUser Admin { get; }

    public PlaygroundCustomer Customer { get; }

    public PlaygroundConversation Conversation => Customer.Conversation!;

    public PlaygroundFaults Faults => Server.Chat.Faults;

    public ConversationKey Where => new("shop", Account.Id, Conversation.Id);

    public ChatOptions Options { get; }

    public Bot Bot { get; set; }

    public ChatConnection Connection { get; }

    public ValuesOnly Values { get; }

    public ChatCapabilities Capabilities { get; }

    public ChatApi Api { get; }

    public ChatReader Reader { get; }

    public ChatReconciler Reconciler { get; }

    public IMeterFactory Meters => _services.GetRequiredService<IMeterFactory>();

    public FakeLogCollector Logs => _services.GetFakeLogCollector();

    public string Installation => ChatInstallation.Of(Options);

    public static async Task<ChatScene> StartAsync(
        string version = "4.2.0", Action<ChatOptions>? configure = null, Func<PlaygroundVersion, FakeTimeProvider, PlaygroundOptions>? options = null)
    {
        var clock = new FakeTimeProvider(new DateTimeOffset(2026, 3, 2, 10, 0, 0, TimeSpan.Zero));
        var parsed = PlaygroundVersion.Parse(version);
        var server = await PlaygroundServer.StartAsync(
            options?.Invoke(parsed, clock) ?? new PlaygroundOptions { Version = parsed, Clock = clock }, CancellationToken.None);
        return new ChatScene(server, clock, configure);
    }

    public static Bot BotOf(BotOptions options) => new()
    {
        Name = "shop",
        Options = options,
        Routes = new Dictionary<string, RouteOptions>(),
        Texts = TextCatalog.Empty,
    };

    public Task<SendResult> SendAsync(Effect effect, string key = Key, ConversationFacts? facts = null) =>
        Api.SendAsync(Bot, Where, key, effect, facts ?? new ConversationFacts(), CancellationToken.None);

    /// <summary>Makes the next call to create a message arrive and never be answered; completes when it has arrived.</summary>
    public Task NextMessageHangs()
    {
        var arrived = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Faults.Add(PlaygroundEndpoint.CreateMessage, PlaygroundFault.After(async (_, aborted) =>
        {
            arrived.SetResult();
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, aborted);
        }));
        return arrived.Task;
    }

    public async ValueTask DisposeAsync()
    {
        Connection.Dispose();
        await Server.DisposeAsync();
        await _services.DisposeAsync();
    }

    private ILogger<T> Logger<T>() => _services.GetRequiredService<ILogger<T>>();

    /// <summary>Kestrel dates its answers by the machine's clock; the chat's clock here is the test's.</summary>
    private sealed class PlaygroundTime(TimeProvider clock, HttpMessageHandler inner) : DelegatingHandler(inner)
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var response = await base.SendAsync(request, cancellationToken);
            response.Headers.Date = clock.GetUtcNow();
            return response;
        }
    }
}
