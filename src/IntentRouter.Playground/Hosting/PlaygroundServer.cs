using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace IntentRouter.Playground;

/// <summary>A playground on its own listener at 127.0.0.1.</summary>
public sealed class PlaygroundServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private PlaygroundServer(WebApplication app, PlaygroundChat chat, Uri baseUrl)
    {
        _app = app;
        Chat = chat;
        BaseUrl = baseUrl;
    }

    /// <summary>The simulated installation.</summary>
    public PlaygroundChat Chat { get; }

    /// <summary>What a bot is configured with as the chat's address; no trailing path.</summary>
    public Uri BaseUrl { get; }

    public static async Task<PlaygroundServer> StartAsync(PlaygroundOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ApplicationName = typeof(PlaygroundServer).Assembly.GetName().Name });
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Listen(IPAddress.Loopback, options.Port);
        });
        var app = builder.Build();
        var chat = new PlaygroundChat(options);
        app.MapPlayground(chat, prefix: "");
        try
        {
            await app.StartAsync(cancellationToken);
        }
        catch
        {
            await chat.DisposeAsync();
            await app.DisposeAsync();
            throw;
        }

        var address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        return new PlaygroundServer(app, chat, new Uri(address));
    }

    public async ValueTask DisposeAsync()
    {
        await Chat.DisposeAsync();
        await _app.DisposeAsync();
    }
}
