using System.Text.Json;
using System.Text.Json.Serialization;
using IntentRouter.Configuration;
using IntentRouter.Conversations;
using IntentRouter.Diagnostics;
using IntentRouter.Hosting;
using IntentRouter.Inbox;
using IntentRouter.Nlu;
using IntentRouter.Storage;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace IntentRouter.Management;

/// <summary>What the console, the CLI and an operator's scripts use: <c>/api/…</c> on the management listener. JSON, camelCase, times in ISO 8601.</summary>
internal static class ManagementApi
{
    private const string About =
        "What an operator may ask and tell a running IntentRouter: health, conversations with the explanation of every turn, parked events, the review queue, evaluations and erasure. "
        + "Served on the management listener (`management.url`, loopback by default). Where `management.apiKey` is set, present it as `X-Api-Key`, as a bearer token, or as the password of "
        + "basic authentication. JSON in camelCase; members without a value are left out; times are ISO 8601 in UTC; problems are RFC 9457.";

    /// <summary>The API's JSON as the verbs read it, and print it.</summary>
    public static JsonSerializerOptions Readable { get; } = Configured(new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });

    /// <summary>The router's singletons, seen from the management application.</summary>
    public static void AddServices(IServiceCollection services, IServiceProvider router)
    {
        services.AddSingleton(router.GetRequiredService<IEventStore>());
        services.AddSingleton(router.GetRequiredService<ILiveConfiguration>());
        services.AddSingleton(router.GetRequiredService<AdapterCatalog>());
        services.AddSingleton(router.GetRequiredService<ConversationRunners>());
        services.AddSingleton(router.GetRequiredService<Readiness>());
        services.AddSingleton(router.GetRequiredService<TimeProvider>());
        services.AddSingleton(router.GetRequiredService<Evaluation.StoredCalibration>());
        services.AddSingleton(router.GetRequiredService<Review.ReviewDesk>());
        services.ConfigureHttpJsonOptions(o => Configured(o.SerializerOptions));
        services.AddOpenApi(Describe);
    }

    public static void Map(WebApplication app)
    {
        var api = app.MapGroup("/api");
        MapService(api.MapGroup("").WithTags("Service"));
        MapConversations(api.MapGroup("").WithTags("Conversations"));
        MapInbox(api.MapGroup("").WithTags("Inbox"));
        ReviewApi.Map(api.MapGroup("").WithTags("Review"));
        EvaluationApi.Map(api.MapGroup("").WithTags("Evaluation"));
    }

    private static void MapService(RouteGroupBuilder api)
    {
        api.MapGet("/health", HealthAsync).WithSummary("State of the service: readiness, store, adapters, configuration");
        api.MapGet("/configuration", (ILiveConfiguration live) => TypedResults.Ok(new ConfigurationAnswer(live.Current.Version, live.Current.Bots.Keys, live.Problems)))
            .WithSummary("Configuration in force, and the problems of the latest change");
    }

    private static void MapConversations(RouteGroupBuilder api)
    {
        api.MapGet("/conversations", async (IEventStore store, string? bot, string? search, int? max, CancellationToken token) =>
                TypedResults.Ok(await store.ListConversationsAsync(bot, search, Bound(max, 50), token)))
            .WithSummary("Conversations, latest activity first")
            .WithDescription("`bot` keeps one bot's; `search` filters by the beginning of the key `bot/account/conversation`, or by the conversation's number in the chat; `max` is 1 to 1000, 50 by default.");
        api.MapGet("/conversations/{bot}/{account:long}/{conversation:long}", StateAsync)
            .WithSummary("What the bot knows of a conversation: facts and session");
        api.MapGet("/conversations/{bot}/{account:long}/{conversation:long}/turns", async (string bot, long account, long conversation, IEventStore store, int? max, CancellationToken token) =>
                TypedResults.Ok((await store.ReadTurnsAsync(new ConversationKey(bot, account, conversation).ToString(), Bound(max, 200), token)).Select(TurnAnswer.Of)))
            .WithSummary("Turns of a conversation with their explanations, oldest first")
            .WithDescription("Holds the customer's words. `max` is 1 to 1000, 200 by default.");
        api.MapGet("/conversations/{account:long}/{conversation:long}/turns", TurnsAsync)
            .WithSummary("Turns of a conversation under any bot, oldest first")
            .WithDescription("For installations with one bot in an account. Holds the customer's words. `max` is 1 to 1000, 200 by default.");
        api.MapDelete("/contacts/{account:long}/{contact:long}", async Task<Results<Ok<Erased>, ProblemHttpResult>> (long account, long contact, IEventStore store, CancellationToken token) =>
                contact <= 0
                    ? TypedResults.Problem("A contact is a number above 0.", statusCode: StatusCodes.Status400BadRequest)
                    : TypedResults.Ok(new Erased(await store.EraseContactAsync(account, contact, token))))
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .WithSummary("Erase everything stored about a contact")
            .WithDescription("Conversations, events, effects, explanations and review items. The chat's own data is not touched. Cannot be undone. 400: `contact` is not above 0.");
    }

    private static void MapInbox(RouteGroupBuilder api)
    {
        api.MapGet("/inbox/parked", async (IEventStore store, int? max, CancellationToken token) => TypedResults.Ok(await store.ListParkedAsync(Bound(max, 100), token)))
            .WithSummary("Parked events: those that failed repeatedly")
            .WithDescription("`max` is 1 to 1000, 100 by default.");
        api.MapPost("/inbox/parked/{sequence:long}/retry", async Task<Results<NoContent, NotFound>> (long sequence, IEventStore store, CancellationToken token) =>
                await store.RetryParkedAsync(sequence, token) ? TypedResults.NoContent() : TypedResults.NotFound())
            .WithSummary("Put a parked event back into the inbox")
            .WithDescription("It is handled again with fresh attempts. 404: there is no such parked event.");
        api.MapDelete("/inbox/parked/{sequence:long}", async Task<Results<NoContent, NotFound>> (long sequence, IEventStore store, CancellationToken token) =>
                await store.DropParkedAsync(sequence, token) ? TypedResults.NoContent() : TypedResults.NotFound())
            .WithSummary("Discard a parked event for good")
            .WithDescription("404: there is no such parked event.");
    }

    private static async Task<Ok<HealthAnswer>> HealthAsync(
        IEventStore store, AdapterCatalog adapters, ConversationRunners runners, Readiness readiness, ILiveConfiguration live, CancellationToken cancellationToken)
    {
        var ready = await readiness.CheckAsync(cancellationToken);
        var statistics = ready.Reasons.Contains("store") ? null : await store.StatisticsAsync(cancellationToken);
        return TypedResults.Ok(new HealthAnswer(
            ready.Status,
            ready.Reasons,
            TelemetrySetup.ThisVersion,
            new ConfigurationHealth(live.Current.Version, live.Problems.Count),
            new StoreHealth(live.Current.Options.Store.Provider, statistics),
            adapters.States,
            new ConversationsHealth(runners.Live, runners.Draining)));
    }

    private static async Task<Results<Ok<ConversationState>, NotFound>> StateAsync(string bot, long account, long conversation, IEventStore store, CancellationToken cancellationToken) =>
        await store.ReadStateAsync(new ConversationKey(bot, account, conversation).ToString(), cancellationToken) is { } state ? TypedResults.Ok(state) : TypedResults.NotFound();

    private static async Task<Ok<IEnumerable<TurnAnswer>>> TurnsAsync(long account, long conversation, ILiveConfiguration live, IEventStore store, int? max, CancellationToken cancellationToken)
    {
        var turns = new List<StoredTurn>();
        foreach (var bot in live.Current.Bots.Keys)
        {
            turns.AddRange(await store.ReadTurnsAsync(new ConversationKey(bot, account, conversation).ToString(), Bound(max, 200), cancellationToken));
        }

        return TypedResults.Ok(turns.OrderBy(t => t.Position).Select(TurnAnswer.Of));
    }

    private static int Bound(int? max, int standard) => Math.Clamp(max ?? standard, 1, 1000);

    private static JsonSerializerOptions Configured(JsonSerializerOptions options)
    {
        options.DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull;
        options.NumberHandling = JsonNumberHandling.Strict;
        options.Converters.Add(new JsonStringEnumConverter(JsonNamingPolicy.KebabCaseLower));
        return options;
    }

    /// <summary>The document at <c>/openapi/v1.json</c>: the API only, not the console's pages.</summary>
    private static void Describe(OpenApiOptions options)
    {
        options.ShouldInclude = operation => operation.RelativePath?.StartsWith("api/", StringComparison.Ordinal) == true;
        options.AddSchemaTransformer((schema, context, _) =>
        {
            // What may be null is left out, so a client must not count on it.
            foreach (var member in context.JsonTypeInfo.Properties.Where(p => p.IsGetNullable))
            {
                schema.Required?.Remove(member.Name);
            }

            return Task.CompletedTask;
        });
        options.AddOperationTransformer((operation, _, _) =>
        {
            (operation.Responses ??= [])["401"] = new OpenApiResponse { Description = "The key is missing or wrong." };
            return Task.CompletedTask;
        });
        options.AddDocumentTransformer((document, _, _) =>
        {
            document.Info = new OpenApiInfo { Title = "IntentRouter management API", Version = TelemetrySetup.ThisVersion, Description = About };
            document.Components ??= new OpenApiComponents();
            document.Components.SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>
            {
                ["key"] = new OpenApiSecurityScheme { Type = SecuritySchemeType.ApiKey, In = ParameterLocation.Header, Name = "X-Api-Key", Description = "`management.apiKey`, where it is set." },
            };
            document.Security = [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference("key", document)] = [] }];
            return Task.CompletedTask;
        });
    }
}
