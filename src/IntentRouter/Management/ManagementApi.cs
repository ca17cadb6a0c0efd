using System.Text.Json;
using System.Text.Json.Serialization;
using IntentRouter.Configuration;
using IntentRouter.Conversations;
using IntentRouter.Diagnostics;
using IntentRouter.Hosting;
using IntentRouter.Inbox;
using IntentRouter.Nlu;
using IntentRouter.Storage;

namespace IntentRouter.Management;

/// <summary>What the console, the CLI and an operator's scripts use: <c>/api/…</c> on the management listener. JSON, camelCase, times in ISO 8601.</summary>
internal static class ManagementApi
{
    private static readonly JsonSerializerOptions _json = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.KebabCaseLower) },
    };

    /// <summary>The API's JSON as the verbs read it, and print it.</summary>
    public static JsonSerializerOptions Readable { get; } = new(_json) { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

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
    }

    public static void Map(WebApplication app)
    {
        var api = app.MapGroup("/api");
        api.MapGet("/health", HealthAsync);
        EvaluationApi.Map(api);
        ReviewApi.Map(api);
        api.MapGet("/configuration", (ILiveConfiguration live) => Json(new
        {
            live.Current.Version,
            Bots = live.Current.Bots.Keys,
            live.Problems,
        }));
        api.MapGet("/conversations", async (IEventStore store, string? bot, string? search, int? max, CancellationToken token) =>
            Json(await store.ListConversationsAsync(bot, search, Bound(max, 50), token)));
        api.MapGet("/conversations/{account:long}/{conversation:long}/turns", TurnsAsync);
        api.MapGet("/conversations/{bot}/{account:long}/{conversation:long}/turns", async (string bot, long account, long conversation, IEventStore store, int? max, CancellationToken token) =>
            Json(Show(await store.ReadTurnsAsync(new ConversationKey(bot, account, conversation).ToString(), Bound(max, 200), token))));
        api.MapGet("/conversations/{bot}/{account:long}/{conversation:long}", async (string bot, long account, long conversation, IEventStore store, CancellationToken token) =>
            await store.ReadStateAsync(new ConversationKey(bot, account, conversation).ToString(), token) is { } state ? Json(state) : Results.NotFound());
        api.MapGet("/inbox/parked", async (IEventStore store, int? max, CancellationToken token) => Json(await store.ListParkedAsync(Bound(max, 100), token)));
        api.MapPost("/inbox/parked/{sequence:long}/retry", async (long sequence, IEventStore store, CancellationToken token) =>
            await store.RetryParkedAsync(sequence, token) ? Results.NoContent() : Results.NotFound());
        api.MapDelete("/inbox/parked/{sequence:long}", async (long sequence, IEventStore store, CancellationToken token) =>
            await store.DropParkedAsync(sequence, token) ? Results.NoContent() : Results.NotFound());
        api.MapDelete("/contacts/{account:long}/{contact:long}", async (long account, long contact, IEventStore store, CancellationToken token) =>
            contact <= 0
                ? Results.Problem("A contact is a number above 0.", statusCode: StatusCodes.Status400BadRequest)
                : Json(new { Conversations = await store.EraseContactAsync(account, contact, token) }));
    }

    private static async Task<IResult> HealthAsync(
        IEventStore store, AdapterCatalog adapters, ConversationRunners runners, Readiness readiness, ILiveConfiguration live, CancellationToken cancellationToken)
    {
        var ready = await readiness.CheckAsync(cancellationToken);
        var statistics = ready.Reasons.Contains("store") ? null : await store.StatisticsAsync(cancellationToken);
        return Json(new
        {
            ready.Status,
            ready.Reasons,
            Version = TelemetrySetup.ThisVersion,
            Configuration = new { live.Current.Version, Problems = live.Problems.Count },
            Store = new { live.Current.Options.Store.Provider, Statistics = statistics },
            Adapters = adapters.States,
            Conversations = new { Live = runners.Live, runners.Draining },
        });
    }

    /// <summary>The turns of a conversation under any bot: most installations have one bot for an account.</summary>
    private static async Task<IResult> TurnsAsync(long account, long conversation, ILiveConfiguration live, IEventStore store, int? max, CancellationToken cancellationToken)
    {
        var turns = new List<StoredTurn>();
        foreach (var bot in live.Current.Bots.Keys)
        {
            turns.AddRange(await store.ReadTurnsAsync(new ConversationKey(bot, account, conversation).ToString(), Bound(max, 200), cancellationToken));
        }

        return Json(Show(turns.OrderBy(t => t.Position)));
    }

    private static IEnumerable<object> Show(IEnumerable<StoredTurn> turns) => turns.Select(t => new
    {
        t.Position,
        t.Conversation,
        t.Explanation.Turn,
        t.Explanation.At,
        t.Explanation.MessageId,
        t.Explanation.Text,
        t.Explanation.Language,
        t.Explanation.Decision,
        t.Explanation.Reason,
        t.Explanation.Intent,
        t.Explanation.Route,
        Understanding = t.Explanation.Understanding.Select(c => new { c.Adapter, c.Intent, Confidence = c.Confidence, c.Probability }),
        t.Explanation.Evidence,
        t.Explanation.Calibrated,
        t.Explanation.StandIn,
        t.Explanation.AdapterFailures,
        t.Explanation.Slots,
        t.Explanation.Lookups,
        t.Effects,
        t.Explanation.NluMilliseconds,
        t.Explanation.TotalMilliseconds,
        t.Explanation.Configuration,
    });

    private static int Bound(int? max, int standard) => Math.Clamp(max ?? standard, 1, 1000);

    public static IResult Json(object value) => Results.Json(value, _json);
}
