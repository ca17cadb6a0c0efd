using System.CommandLine;
using System.Text.Json;
using IntentRouter.Chat;
using IntentRouter.Configuration;
using IntentRouter.Playground;
using IntentRouter.Provisioning;
using Microsoft.Extensions.DependencyInjection;
using System.Diagnostics.Metrics;

namespace IntentRouter.Tests.Provisioning;

/// <summary>A playground with an account and an administrator, and our command line in front of it.</summary>
internal sealed class CommandScene : IAsyncDisposable
{
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly Ourselves _ourselves = new();

    private CommandScene(PlaygroundServer server)
    {
        Server = server;
        Account = server.Chat.AddAccount();
        Inbox = Account.AddInbox("Shop website");
        Admin = Account.AddUser("Mara Lind", UserRole.Administrator);
        Platform = server.Chat.AddPlatformApp("ops");
        Options.Public.Url = "https://bots.example.com";
        Options.Chat.BaseUrl = server.BaseUrl.ToString();
        Options.Chat.AdminToken = Admin.AccessToken;
        Options.Chat.Timeout = TimeSpan.FromMinutes(2);
        Options.Bots["shop"] = new BotOptions { Key = "a-key-of-good-length", Accounts = [Account.Id] };
    }

    public PlaygroundServer Server { get; }

    public PlaygroundChat Chat => Server.Chat;

    public PlaygroundAccount Account { get; }

    public PlaygroundInbox Inbox { get; }

    public PlaygroundUser Admin { get; }

    public PlaygroundPlatformApp Platform { get; }

    public RouterOptions Options { get; } = new();

    public BotOptions Shop => Options.Bots["shop"];

    public const string Url = "https://bots.example.com/bots/shop/a-key-of-good-length";

    /// <summary>Addresses at which the service is said to answer.</summary>
    public HashSet<string> Answering => _ourselves.Answering;

    public List<IDoctorCheck> Checks { get; } = [];

    public static async Task<CommandScene> StartAsync(string version = "4.2.0") =>
        new(await PlaygroundServer.StartAsync(new PlaygroundOptions { Version = PlaygroundVersion.Parse(version) }, CancellationToken.None));

    public async Task<Ran> RunAsync(string line)
    {
        var host = new CommandHost(
            new Option<string?>("--config"), new Option<bool>("--json"), _ => Options, o => new ChatConnection(() => o.Chat, TimeProvider.System, _services.GetRequiredService<IMeterFactory>()), new HttpMessageInvoker(_ourselves, disposeHandler: false));
        var root = new RootCommand { BotsCommand.Create(host), DoctorCommand.Create(host, (_, _) => Checks, TimeProvider.System) };
        using var output = new StringWriter();
        using var error = new StringWriter();
        var exit = await root.Parse(line).InvokeAsync(new InvocationConfiguration { Output = output, Error = error }, CancellationToken.None);
        return new Ran(exit, output.ToString(), error.ToString());
    }

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        await _services.DisposeAsync();
        _ourselves.Dispose();
    }

    private sealed class Ourselves : HttpMessageHandler
    {
        public HashSet<string> Answering { get; } = [];

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            Answering.Contains(request.RequestUri!.AbsoluteUri)
                ? Task.FromResult(new HttpResponseMessage(System.Net.HttpStatusCode.OK) { Content = new StringContent("IntentRouter is here.") })
                : throw new HttpRequestException("nothing answers there");
    }
}

internal sealed record Ran(int Exit, string Output, string Error)
{
    public JsonElement Json => JsonDocument.Parse(Output).RootElement;
}
