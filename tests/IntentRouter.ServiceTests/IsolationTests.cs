using System.Globalization;
using System.Net;
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
/// One process, two bots, two accounts, three inboxes: Alpha belongs to the first account, Beta is global and sits in both. Conversations of the two accounts
/// have the same display ids.
/// </summary>
public sealed class IsolationTests : IAsyncLifetime
{
    private const string AlphaKey = "the-key-of-alpha-0001";
    private const string BetaKey = "the-key-of-beta-00002";
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("isolation-");
    private readonly Script _alphaScript = ScriptedModule.Open("isolation-alpha");
    private readonly Script _betaScript = ScriptedModule.Open("isolation-beta");
    private PlaygroundServer _server = null!;
    private WebApplication _app = null!;
    private HttpClient _http = null!;
    private PlaygroundAccount _first = null!;
    private PlaygroundAccount _second = null!;
    private PlaygroundBot _alpha = null!;
    private PlaygroundBot _beta = null!;
    private PlaygroundInbox _alphasInbox = null!;
    private PlaygroundInbox _betasInbox = null!;
    private PlaygroundInbox _elsewhere = null!;

    public async Task InitializeAsync()
    {
        _server = await PlaygroundServer.StartAsync(new PlaygroundOptions { Clock = RunningTime.Instance, Delivery = new PlaygroundDeliveryOptions { Timeout = TimeSpan.FromMinutes(1) } }, CancellationToken.None);
        _first = _server.Chat.AddAccount();
        _second = _server.Chat.AddAccount();
        _alpha = _first.AddBot("Alpha", null, "token-alpha");
        _beta = _server.Chat.AddGlobalBot("Beta", null, "token-beta");
        _alphasInbox = _first.AddInbox("First shop").Connect(_alpha);
        _betasInbox = _first.AddInbox("First help").Connect(_beta);
        _elsewhere = _second.AddInbox("Second help").Connect(_beta);
        foreach (var bot in (string[])["alpha", "beta"])
        {
            _directory.CreateSubdirectory(bot);
            await File.WriteAllTextAsync(Path.Combine(_directory.FullName, bot, "en.yaml"), $"hello: \"{bot} says hello to {{{{ contact.name }}}}.\"\nask: \"{bot} asks for {{{{ slot }}}}.\"\nfound: \"{bot} knows {{{{ slots.number }}}}.\"\n");
        }

        await File.WriteAllTextAsync(Path.Combine(_directory.FullName, "intent-router.yaml"), $$"""
            urls: http://127.0.0.1:0
            management: { url: "http://127.0.0.1:0" }
            chat: { baseUrl: "{{_server.BaseUrl.ToString().TrimEnd('/')}}", timeout: 20s }
            engine: { lease: 1m }
            bots:
              alpha:
                key: {{AlphaKey}}
                accessToken: token-alpha
                accounts: [{{_first.Id.ToString(CultureInfo.InvariantCulture)}}]
                texts: alpha/
                nlu: { use: [a] }
                session: { burst: 0ms, turnBudget: 2m }
                limits: { repliesPerMinute: 2 }
                intents: { hello: { reply: hello }, number: { route: number } }
              beta:
                key: {{BetaKey}}
                accessToken: token-beta
                texts: beta/
                nlu: { use: [b] }
                session: { burst: 0ms, turnBudget: 2m }
                intents: { hello: { reply: hello }, number: { route: number } }
            nlu:
              a: { adapter: scripted, script: isolation-alpha, {{RouterApplication.SlowMachine}} }
              b: { adapter: scripted, script: isolation-beta, {{RouterApplication.SlowMachine}} }
            routes:
              number: { slots: { number: { type: pattern, pattern: '(?<value>\d{4,10})', ask: ask } }, reply: found }
            store: { provider: sqlite, connection: "Data Source=intent-router.db" }
            """);
        var sources = new ConfigurationSources { Path = "intent-router.yaml", Directory = _directory.FullName, IsSample = true };
        var parts = ServiceParts.Of(services => services.AddAdapters<ScriptedModule>());
        var loaded = RouterConfigurationLoader.Load(sources, parts);
        Assert.True(loaded.Configuration is not null, string.Join('\n', loaded.Problems));
        _app = RouterHost.Build(loaded, sources, parts, builder =>
        {
            builder.Services.AddAdapters<ScriptedModule>().AddSingleton<TimeProvider>(RunningTime.Instance);
            builder.Logging.ClearProviders();
        });
        await _app.StartAsync();
        var address = _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        _http = new HttpClient { BaseAddress = new Uri(address) };
        // The global bot's URL names no account: it is told from the events.
        _alpha.OutgoingUrl = $"{address}/bots/alpha/{AlphaKey}";
        _beta.OutgoingUrl = $"{address}/bots/beta/{BetaKey}";
        foreach (var script in (Script[])[_alphaScript, _betaScript])
        {
            script.Heard.Clear();
            script.Knows("hello", "hello");
            script.Knows("a number", "number");
        }
    }

    public async Task DisposeAsync()
    {
        _http.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
        await _server.DisposeAsync();
        SqliteConnection.ClearAllPools();
        _directory.Delete(recursive: true);
    }

    [Fact]
    public async Task Each_bot_speaks_its_own_words_with_its_own_token_and_engine()
    {
        var one = _alphasInbox.AddCustomer("Ada");
        var two = _betasInbox.AddCustomer("Bob");
        var three = _elsewhere.AddCustomer("Cleo");

        Assert.Equal(["alpha says hello to Ada."], await SayAsync(one, "hello"));
        Assert.Equal(["beta says hello to Bob."], await SayAsync(two, "hello"));
        Assert.Equal(["beta says hello to Cleo."], await SayAsync(three, "hello"));

        Assert.Equal([_alpha, _beta, _beta], new[] { one, two, three }.Select(c => c.Conversation!.BotReplies[0].Bot));
        Assert.Equal((1, 2), (_alphaScript.Heard.Count, _betaScript.Heard.Count));
    }

    [Fact]
    public async Task Conversations_of_the_same_id_in_two_accounts_share_nothing()
    {
        var here = _betasInbox.AddCustomer("Ada");
        var there = _elsewhere.AddCustomer("Ada");
        await SayAsync(here, "a number");
        await SayAsync(there, "hello");
        Assert.Equal(here.Conversation!.Id, there.Conversation!.Id);

        // The question was asked in the first account only.
        Assert.StartsWith("Sorry, I did not understand", Assert.Single(await SayAsync(there, "4711")), StringComparison.Ordinal);
        Assert.Equal(["beta knows 4711."], await SayAsync(here, "4711"));

        var store = _app.Services.GetRequiredService<IEventStore>();
        Assert.Equal(2, (await store.ReadTurnsAsync(KeyOf("beta", here), 10, CancellationToken.None)).Count);
        Assert.Equal(2, (await store.ReadTurnsAsync(KeyOf("beta", there), 10, CancellationToken.None)).Count);
        Assert.Empty(await store.ReadTurnsAsync(KeyOf("alpha", here), 10, CancellationToken.None));
        Assert.NotEqual((await store.ReadStateAsync(KeyOf("beta", here), CancellationToken.None))!.Session.Id, (await store.ReadStateAsync(KeyOf("beta", there), CancellationToken.None))!.Session.Id);
    }

    [Fact]
    public async Task A_limit_of_one_bot_is_none_of_the_others()
    {
        var one = _alphasInbox.AddCustomer("Ada");
        var two = _betasInbox.AddCustomer("Bob");
        for (var i = 0; i < 3; i++)
        {
            await SayAsync(one, "hello");
            await SayAsync(two, "hello");
        }

        Assert.Equal(ConversationStatus.Open, one.Conversation!.Status);
        Assert.Equal("loop", one.Conversation.CustomAttributes.GetProperty("bot_handoff_reason").GetString());
        Assert.Equal((ConversationStatus.Pending, 3), (two.Conversation!.Status, two.Conversation.BotReplies.Count));
    }

    [Theory]
    [InlineData("alpha", AlphaKey, HttpStatusCode.OK)]
    [InlineData("alpha", BetaKey, HttpStatusCode.Unauthorized)]
    [InlineData("beta", AlphaKey, HttpStatusCode.Unauthorized)]
    [InlineData("gamma", AlphaKey, HttpStatusCode.NotFound)]
    public async Task A_key_opens_its_own_bot_only(string bot, string key, HttpStatusCode status)
    {
        using var body = new StringContent("""{"event":"unheard_of"}""", Encoding.UTF8, "application/json");
        Assert.Equal(status, (await _http.PostAsync(new Uri($"/bots/{bot}/{key}", UriKind.Relative), body)).StatusCode);
    }

    [Fact]
    public async Task An_account_bot_is_not_moved_by_events_of_another_account()
    {
        // Somebody connected Alpha's URL in the wrong account.
        var stray = _second.AddBot("Alpha too", _alpha.OutgoingUrl, "token-stray");
        _elsewhere.Connect(stray);
        var customer = _elsewhere.AddCustomer("Mallory");

        Assert.Empty(await SayAsync(customer, "hello"));

        Assert.Empty(_alphaScript.Heard);
        Assert.Equal(0, (await _app.Services.GetRequiredService<IEventStore>().StatisticsAsync(CancellationToken.None)).Open);
    }

    [Fact]
    public async Task A_human_in_one_account_does_not_silence_the_other()
    {
        var here = _betasInbox.AddCustomer("Ada");
        var there = _elsewhere.AddCustomer("Ada");
        await SayAsync(here, "hello");
        await SayAsync(there, "hello");
        _first.AddUser("Mara Lind").Reply(here.Conversation!, "I am on it.");
        await SettleAsync();

        Assert.Empty(await SayAsync(here, "hello"));
        Assert.Single(await SayAsync(there, "hello"));
    }

    private static string KeyOf(string bot, PlaygroundCustomer customer) => string.Create(CultureInfo.InvariantCulture, $"{bot}/{customer.Inbox.Account.Id}/{customer.Conversation!.Id}");

    private async Task<IReadOnlyList<string>> SayAsync(PlaygroundCustomer customer, string text)
    {
        var before = customer.Conversation?.BotReplies.Count ?? 0;
        customer.Say(text);
        await SettleAsync();
        return [.. customer.Conversation!.BotReplies.Skip(before).Select(m => m.Content ?? "")];
    }

    private Task SettleAsync() => Quiet.WaitAsync(_server.Chat, _app.Services);
}
