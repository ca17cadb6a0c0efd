using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Time.Testing;

namespace IntentRouter.Playground.Tests;

/// <summary>A playground with one account, one website inbox, a connected bot, people, and a customer.</summary>
internal sealed class Scene : IAsyncDisposable
{
    public static readonly DateTimeOffset Start = new(2025, 9, 10, 8, 15, 30, 412, TimeSpan.Zero);

    private Scene(PlaygroundServer server, BotListener listener, FakeTimeProvider clock)
    {
        (Server, Listener, Clock) = (server, listener, clock);
        Account = Chat.AddAccount();
        Inbox = Account.AddInbox("Shop website");
        Bot = Account.AddBot("Order helper", listener.Url);
        Inbox.Connect(Bot);
        Admin = Account.AddUser("Mara Lind", UserRole.Administrator);
        Agent = Account.AddUser("Tomas Berg");
        Customer = Inbox.AddCustomer();
        Http = new HttpClient { BaseAddress = server.BaseUrl };
    }

    public PlaygroundServer Server { get; }

    public PlaygroundChat Chat => Server.Chat;

    public BotListener Listener { get; }

    public FakeTimeProvider Clock { get; }

    public PlaygroundAccount Account { get; }

    public PlaygroundInbox Inbox { get; }

    public PlaygroundBot Bot { get; }

    public PlaygroundUser Admin { get; }

    public PlaygroundUser Agent { get; }

    public PlaygroundCustomer Customer { get; }

    public PlaygroundConversation Conversation => Customer.Conversation!;

    public HttpClient Http { get; }

    public static Task<Scene> StartAsync(string version = "4.2.0") => StartAsync(version, (v, clock) => new PlaygroundOptions { Version = v, Clock = clock });

    public static async Task<Scene> StartAsync(string version, Func<PlaygroundVersion, TimeProvider, PlaygroundOptions> options)
    {
        var clock = new FakeTimeProvider(Start);
        var server = await PlaygroundServer.StartAsync(options(PlaygroundVersion.Parse(version), clock), CancellationToken.None);
        return new Scene(server, await BotListener.StartAsync(), clock);
    }

    /// <summary>A customer's message, and what the bot heard of it, answered.</summary>
    public async Task<Scene> SaidAsync(string content = "Where is my order 10427?")
    {
        Customer.Say(content);
        await IdleAsync();
        return this;
    }

    public async Task IdleAsync()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(120), TimeProvider.System);
        await Chat.WaitUntilIdleAsync(limit.Token);
    }

    public string InAccount(string path) => $"/api/v1/accounts/{Account.Id}{path}";

    public string InConversation(string path) => InAccount($"/conversations/{Conversation.Id}{path}");

    public Task<Answer> PostAsync(string path, object? body, string? token) => SendAsync(HttpMethod.Post, path, body, token);

    public Task<Answer> GetAsync(string path, string? token) => SendAsync(HttpMethod.Get, path, body: null, token);

    public async Task<Answer> SendAsync(HttpMethod method, string path, object? body, string? token, string header = "Api-Access-Token")
    {
        using var request = new HttpRequestMessage(method, path);
        request.Content = body is null ? null : JsonContent.Create(body);
        if (token is not null)
        {
            request.Headers.TryAddWithoutValidation(header, token);
        }

        using var response = await Http.SendAsync(request);
        return new Answer((int)response.StatusCode, await response.Content.ReadAsStringAsync(), response);
    }

    /// <summary>The bot's reply over the API.</summary>
    public Task<Answer> ReplyAsync(string content, object? extra = null)
    {
        var body = JsonSerializer.SerializeToNode(extra ?? new object())!.AsObject();
        body["content"] = content;
        return PostAsync(InConversation("/messages"), body, Bot.AccessToken);
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await Server.DisposeAsync();
        await Listener.DisposeAsync();
    }
}

internal sealed record Answer(int Status, string Text, HttpResponseMessage Response)
{
    public JsonElement Json => JsonDocument.Parse(Text).RootElement;

    public JsonNode Node => JsonNode.Parse(Text)!;
}
