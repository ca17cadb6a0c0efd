using IntentRouter.Chat;
using IntentRouter.Configuration;
using IntentRouter.Diagnostics;
using IntentRouter.Fulfillment;
using IntentRouter.Inbox;
using IntentRouter.Nlu;
using IntentRouter.Provisioning;
using IntentRouter.Review;
using IntentRouter.Storage;
using IntentRouter.Sweep;
using IntentRouter.Turns;
using IntentRouter.Webhooks;
using MediatR;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace IntentRouter.Hosting;

/// <summary>Builds the service: the public listener's application with everything behind it. The management listener is a hosted service of its own.</summary>
internal static class RouterHost
{
    /// <param name="loaded">A configuration without errors.</param>
    /// <param name="adjust">Last word on services and logging, for tests and the demo.</param>
    public static WebApplication Build(LoadedConfiguration loaded, ConfigurationSources sources, ConfigurationParts parts, Action<WebApplicationBuilder>? adjust = null)
    {
        var options = loaded.Configuration!.Options;
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ApplicationName = "intent-router", ContentRootPath = AppContext.BaseDirectory });
        builder.WebHost.UseUrls(options.Urls.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries));
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            // More than we take: a body that is somewhat too large is read to its end, so that our answer arrives instead of a reset.
            kestrel.Limits.MaxRequestBodySize = 8 * WebhookEndpoints.MaxBody;
            kestrel.Limits.MinRequestBodyDataRate = new MinDataRate(240, TimeSpan.FromSeconds(5));
        });
        // Long enough for the engine's own drain, which bounds itself.
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = options.Engine.Drain + TimeSpan.FromSeconds(5));

        AddLogging(builder, options.Logging);
        builder.Services.AddSingleton(loaded);
        builder.Services.AddSingleton(sources);
        builder.Services.AddSingleton(parts);
        AddServices(builder.Services);
        parts.AddPlugins?.Invoke(builder.Services);
        builder.AddRouterTelemetry(options.Telemetry);
        adjust?.Invoke(builder);

        var app = builder.Build();
        app.MapWebhooks();
        app.MapHealth();
        return app;
    }

    private static void AddLogging(WebApplicationBuilder builder, LoggingOptions logging)
    {
        builder.Logging.ClearProviders();
        if (logging.Format == "json")
        {
            builder.Logging.AddJsonConsole(console =>
            {
                console.UseUtcTimestamp = true;
                console.TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffZ";
            });
        }
        else
        {
            builder.Logging.AddSimpleConsole(console =>
            {
                console.SingleLine = true;
                console.TimestampFormat = "HH:mm:ss ";
            });
        }

        // Frameworks log request lines, which contain the bot's key; headers and bodies never.
        string[] frameworks = ["Microsoft", "System", "Polly"];
        foreach (var framework in frameworks)
        {
            builder.Logging.AddFilter(framework, LogLevel.Warning);
        }

        foreach (var (category, level) in logging.LogLevel)
        {
            if (category.Equals("default", StringComparison.OrdinalIgnoreCase))
            {
                builder.Logging.SetMinimumLevel(level);
            }
            else
            {
                builder.Logging.AddFilter(category, Array.Exists(frameworks, f => category.StartsWith(f, StringComparison.OrdinalIgnoreCase)) && level < LogLevel.Warning ? LogLevel.Warning : level);
            }
        }
    }

    private static void AddServices(IServiceCollection services)
    {
        services.AddSingleton(TimeProvider.System);
        services.AddSingleton<LiveConfiguration>();
        services.AddSingleton<ILiveConfiguration>(provider => provider.GetRequiredService<LiveConfiguration>());
        services.AddSingleton<RouterTelemetry>();
        services.AddSingleton<WebhookLimiter>();
        services.AddSingleton<SeenSignatures>();

        // Hosted services start in this order and stop in reverse: the store first and last; the runners drain while the listeners still answer.
        services.AddSingleton<IEventStore>(provider =>
        {
            var configuration = provider.GetRequiredService<LoadedConfiguration>().Configuration!;
            return EventStoreFactory.Create(
                configuration.Options.Store, configuration.Options.Engine, configuration.Root, provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILoggerFactory>());
        });
        services.AddHostedService<StoreHost>();
        services.AddSingleton<Evaluation.StoredCalibration>();
        services.AddSingleton<ICalibration>(provider => provider.GetRequiredService<Evaluation.StoredCalibration>());
        services.AddHostedService(provider => provider.GetRequiredService<Evaluation.StoredCalibration>());

        services.AddSingleton(provider => new ReviewDesk(provider.GetRequiredService<IEventStore>(), () => provider.GetRequiredService<ILiveConfiguration>().Current));
        services.AddSingleton<IShadowLedger, ShadowLedger>();
        services.AddSingleton<LearnedMaterial>();
        services.AddHostedService(provider => provider.GetRequiredService<LearnedMaterial>());
        services.AddHostedService<ReviewTelemetry>();

        services.AddMediator();
        services.AddSingleton<TurnPipeline>();
        services.AddNlu();
        services.AddBuiltInAdapters();
        services.AddFulfillment();
        services.AddSingleton(provider => new ChatConnection(
            () => provider.GetRequiredService<ILiveConfiguration>().Current.Options.Chat,
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<System.Diagnostics.Metrics.IMeterFactory>()));
        services.AddSingleton<ChatReader>();
        services.AddSingleton<ChatCapabilities>();
        services.AddSingleton<ChatApi>();
        services.AddSingleton<ChatReconciler>();
        services.AddSingleton<ProvisioningApi>();
        services.AddSingleton<BotConnections>();
        services.AddSingleton<Sweeper>();

        services.AddTransient<ConversationRunner>();
        services.AddSingleton<Outbox>();
        services.AddSingleton<TypingBubble>();
        services.AddSingleton<ConversationRunners>();
        services.AddSingleton<Readiness>();

        services.AddHostedService(provider => provider.GetRequiredService<ConversationRunners>());
        services.AddHostedService(provider => provider.GetRequiredService<LiveConfiguration>());
        services.AddHostedService<Housekeeping>();
        services.AddHostedService<StartUpCompaction>();
        services.AddHostedService<SweepService>();
        services.AddHostedService<ManagementHost>();
    }

    /// <summary>MediatR 5.1 has no registration of its own here: handlers are named, so that F12 on a request leads to its only one.</summary>
    private static void AddMediator(this IServiceCollection services)
    {
        services.AddSingleton<ServiceFactory>(provider => provider.GetService!);
        services.AddSingleton<IMediator, Mediator>();
        services.AddSingleton<IRequestHandler<ReceiveWebhook, WebhookAnswer>, ReceiveWebhookHandler>();
        services.AddSingleton<IRequestHandler<HandleMessageCreated, TurnPlan>, HandleMessageCreatedHandler>();
        services.AddSingleton<IRequestHandler<HandleMessageUpdated, TurnPlan>, HandleMessageUpdatedHandler>();
        services.AddSingleton<IRequestHandler<HandleWidgetTriggered, TurnPlan>, HandleWidgetTriggeredHandler>();
        services.AddSingleton<IRequestHandler<HandleConversationChanged, TurnPlan>, HandleConversationChangedHandler>();
        services.AddSingleton<IRequestHandler<HandleActionCompleted, TurnPlan>, HandleActionCompletedHandler>();
        services.AddSingleton<IRequestHandler<HandleTrouble, TurnPlan>, HandleTroubleHandler>();
    }
}

/// <summary>Opens the store before anything needs it.</summary>
internal sealed class StoreHost(IEventStore store) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken) => store.StartAsync(cancellationToken);

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
