using System.Buffers;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Runtime;
using System.Text.Json;
using System.Text.Unicode;
using IntentRouter.Chat;
using IntentRouter.Configuration;
using IntentRouter.Fulfillment;
using IntentRouter.Hosting;
using IntentRouter.Inbox;
using IntentRouter.Nlu;
using IntentRouter.Storage;
using IntentRouter.Turns;
using IntentRouter.Webhooks;
using MediatR;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace IntentRouter.Benchmarks.Inbox;

/// <summary>
/// The measured process: the real service with an engine and a chat that answer inside the process, or an endpoint of the same build that only reads the
/// body and parses it with the service's own reader. Ruled by lines on the standard input; ends with it.
/// </summary>
internal static class BenchHost
{
    public const string Mark = "##";

    public static async Task<int> RunAsync(string role, string? configuration)
    {
        await using var app = role == "parse" ? BuildParser() : BuildRouter(configuration!, bare: role == "bare");
        await app.StartAsync();
        Say(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
        while (await System.Console.In.ReadLineAsync() is { } line)
        {
            switch (line)
            {
                case "hold":
                    InstantAdapter.Hold();
                    Say("held");
                    break;
                case "go":
                    InstantAdapter.Go();
                    Say("gone");
                    break;
                case "idle":
                    await app.Services.GetRequiredService<ConversationRunners>().WaitUntilIdleAsync(CancellationToken.None);
                    Say("idle");
                    break;
                case "use":
                    using (var process = Process.GetCurrentProcess())
                    {
                        Say(string.Create(
                            CultureInfo.InvariantCulture,
                            $"{process.TotalProcessorTime.TotalMilliseconds} {process.WorkingSet64} {GC.GetTotalAllocatedBytes()} {GC.CollectionCount(0)} {GC.GetTotalPauseDuration().TotalMilliseconds} {JitInfo.GetCompiledMethodCount()}"));
                    }

                    break;
                case "store":
                    var statistics = await app.Services.GetRequiredService<IEventStore>().StatisticsAsync(CancellationToken.None);
                    Say(string.Create(CultureInfo.InvariantCulture, $"{statistics.Open} {statistics.Parked} {statistics.EffectsOpen} {statistics.Size}"));
                    break;
            }
        }

        await app.StopAsync();
        return 0;
    }

    private static void Say(string line) => System.Console.WriteLine($"{Mark}{line}");

    private static WebApplication BuildParser()
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ApplicationName = "intent-router" });
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.AddServerHeader = false);
        var app = builder.Build();
        app.MapPost("/bots/{bot}/{key}", async (HttpRequest request, CancellationToken cancellationToken) =>
        {
            var buffer = ArrayPool<byte>.Shared.Rent((int)request.ContentLength!.Value + 1);
            try
            {
                var length = 0;
                for (int read; (read = await request.Body.ReadAsync(buffer.AsMemory(length), cancellationToken)) > 0;)
                {
                    length += read;
                }

                using var document = JsonDocument.Parse(buffer.AsMemory(0, length));
                return Results.Text(PlatformEventReader.Read(document.RootElement, null)!.Name);
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(buffer);
            }
        });
        return app;
    }

    private static WebApplication BuildRouter(string configuration, bool bare)
    {
        var sources = new ConfigurationSources { Path = configuration, Directory = Path.GetDirectoryName(configuration)! };
        var parts = ServiceParts.Of(services => services.AddAdapters<InstantModule>());
        var loaded = RouterConfigurationLoader.Load(sources, parts);
        if (loaded.Configuration is null)
        {
            throw new InvalidOperationException(string.Join('\n', loaded.Problems));
        }

        return RouterHost.Build(loaded, sources, parts, builder =>
        {
            builder.Services.AddAdapters<InstantModule>();
            if (bare)
            {
                builder.Services.AddTransient<IRequestHandler<HandleMessageCreated, TurnPlan>, TrivialTurn>();
                builder.Services.AddSingleton<ICodeSenders, InstantSender>();
            }

            builder.Services.AddSingleton(provider => new ChatConnection(
                () => provider.GetRequiredService<ILiveConfiguration>().Current.Options.Chat,
                provider.GetRequiredService<TimeProvider>(),
                provider.GetRequiredService<System.Diagnostics.Metrics.IMeterFactory>(),
                new InstantChat()));
        });
    }

    /// <summary>What the prototypes did that the limits come from: the state is kept and one effect goes out, and nothing is understood, decided or worded.</summary>
    private sealed class TrivialTurn : IRequestHandler<HandleMessageCreated, TurnPlan>
    {
        private static readonly Effect[] _effects = [new SendCode("instant", "ada@example.com", "123456", "en")];

        public Task<TurnPlan> Handle(HandleMessageCreated request, CancellationToken cancellationToken) =>
            Task.FromResult(new TurnPlan(SessionKeeper.Observe(request.Context), _effects, null));
    }

    private sealed class InstantSender : ICodeSenders
    {
        private static readonly Task<ActionOutcome> _done = Task.FromResult<ActionOutcome>(new ActionOutcome.Done([]));

        public Task<ActionOutcome> SendAsync(RouterConfiguration configuration, Bot bot, SendCode message, CancellationToken cancellationToken) => _done;
    }

    /// <summary>Takes every message and keeps its marker, as the chat does. It runs inside what is measured, so it looks for the marker only and parses nothing.</summary>
    private sealed class InstantChat : HttpMessageHandler
    {
        private long _id;

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (request.Content is null)
            {
                return new HttpResponseMessage(HttpStatusCode.NotFound);
            }

            var body = await request.Content.ReadAsByteArrayAsync(cancellationToken);
            var answer = new byte[body.Length + 60];
            Utf8.TryWrite(answer, CultureInfo.InvariantCulture, $"{{\"id\":{Interlocked.Increment(ref _id)},", out var length);

            // A message's attributes are the last of its body, so its end is the end of the answer.
            var at = body.AsSpan().LastIndexOf("\"content_attributes\""u8);
            var attributes = at < 0 ? "\"content_attributes\":{}}"u8 : body.AsSpan(at);
            attributes.CopyTo(answer.AsSpan(length));
            return new HttpResponseMessage(HttpStatusCode.OK) { Content = new ByteArrayContent(answer, 0, length + attributes.Length) };
        }
    }
}
