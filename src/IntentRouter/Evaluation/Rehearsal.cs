using System.Globalization;
using System.Text.Json.Nodes;
using IntentRouter.Configuration;
using IntentRouter.Conversations;
using IntentRouter.Decisions;
using IntentRouter.Fulfillment;
using IntentRouter.Hosting;
using IntentRouter.Inbox;
using IntentRouter.Nlu;
using IntentRouter.Storage;
using IntentRouter.Turns;

namespace IntentRouter.Evaluation;

/// <summary>
/// The service's own turn, without the chat: nothing is received, nothing is sent, actions do not run. Lookups read what they read live, or what a
/// <see cref="RecordedLookups"/> says.
/// </summary>
internal sealed class Rehearsal : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly DirectoryInfo _folder;
    private readonly RouterConfiguration _configuration;

    private Rehearsal(WebApplication app, DirectoryInfo folder, RouterConfiguration configuration)
    {
        _app = app;
        _folder = folder;
        _configuration = configuration;
    }

    /// <summary>Makes the service's parts and starts the adapters that the bots ask first.</summary>
    public static async Task<Rehearsal> OpenAsync(
        LoadedConfiguration loaded,
        ConfigurationSources sources,
        ConfigurationParts parts,
        IEnumerable<Bot> bots,
        IReadOnlyDictionary<string, CalibrationFit> fits,
        ILookupCatalog? lookups,
        CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("intent-router-");
        var configuration = loaded.Configuration!;
        var app = RouterHost.Build(loaded, sources, parts, builder =>
        {
            builder.Logging.ClearProviders();
            // Proof failures are counted in a store: here one that is gone afterwards.
            builder.Services.AddSingleton<IEventStore>(provider => EventStoreFactory.Create(
                new StoreOptions { Provider = "sqlite", Connection = $"Data Source={Path.Combine(folder.FullName, "rehearsal.db")}" },
                configuration.Options.Engine,
                folder.FullName,
                provider.GetRequiredService<TimeProvider>(),
                provider.GetRequiredService<ILoggerFactory>()));
            builder.Services.AddSingleton<ICalibration>(new FixedCalibration(fits));
            if (lookups is not null)
            {
                builder.Services.AddSingleton(lookups);
            }
        });
        var rehearsal = new Rehearsal(app, folder, configuration);
        try
        {
            await app.Services.GetRequiredService<IEventStore>().StartAsync(cancellationToken);
            var names = bots.SelectMany(b => b.Options.Nlu.Use).ToHashSet(StringComparer.OrdinalIgnoreCase);
            var catalog = app.Services.GetRequiredService<AdapterCatalog>();
            await catalog.LoadAsync(configuration.Options.Nlu.Where(n => names.Contains(n.Key)).ToDictionary(), configuration.Root, cancellationToken);
            await Task.WhenAll(catalog.All.Select(a => a.FirstStart.WaitAsync(cancellationToken)));
            return rehearsal;
        }
        catch
        {
            await rehearsal.DisposeAsync();
            throw;
        }
    }

    /// <summary>What could not start, with the reason.</summary>
    public IEnumerable<string> Troubles =>
        _app.Services.GetRequiredService<AdapterCatalog>().States.Where(s => s.IsHealthy == false).Select(s => $"NLU '{s.Name}': {s.Description}");

    /// <summary>One turn of a conversation.</summary>
    /// <param name="turn">Names the turn; unique in its conversation.</param>
    public async Task<TurnPlan> SayAsync(ConversationKey conversation, Bot bot, ConversationState state, CustomerInput input, string turn, DateTimeOffset now, CancellationToken cancellationToken) =>
        await Pipeline.RunAsync(Context(conversation, bot, state, turn, InternalEvents.TroubleKind, default, now), state, input, cancellationToken);

    /// <summary>The end of an action as if it had been done; what its result would say stands as <c>‹name›</c>.</summary>
    public TurnPlan Conclude(ConversationKey conversation, Bot bot, ConversationState state, CallAction action, string turn, DateTimeOffset now)
    {
        var completed = InternalEvents.Completed(conversation.ToString(), turn, action.Action, new ActionOutcome.Done(Imagined(bot, state, action)));
        return Pipeline.ConcludeAction(Context(conversation, bot, state, turn, completed.Kind, completed.Payload, now));
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    private static JsonObject Imagined(Bot bot, ConversationState state, CallAction action)
    {
        var reply = state.Session.Active is { } running && bot.Routes.TryGetValue(running.Route, out var route) ? route.Reply : new ReplyOptions();
        var result = new JsonObject();
        foreach (var variable in (reply.Done?.Say ?? [reply.Text ?? ""])
            .SelectMany(key => bot.Texts.Find(key, state.Session.Language ?? bot.Options.Language)?.Templates ?? [])
            .SelectMany(template => template.Variables))
        {
            if (variable.Split('.', '[') is ["result", var name, ..])
            {
                result[name] = action.Arguments.GetValueOrDefault(name) ?? $"‹{name}›";
            }
        }

        return result;
    }

    private TurnPipeline Pipeline => _app.Services.GetRequiredService<TurnPipeline>();

    private TurnContext Context(ConversationKey conversation, Bot bot, ConversationState state, string turn, string kind, ReadOnlyMemory<byte> payload, DateTimeOffset now) =>
        new(conversation, bot, _configuration, state, [new TurnEvent(new StoredEvent(1, turn, kind, 0, payload, now, 0, false, null), null)], now);

    private sealed class FixedCalibration(IReadOnlyDictionary<string, CalibrationFit> fits) : ICalibration
    {
        public Func<double?, double>? Find(string adapter, string? model, string language) =>
            fits.GetValueOrDefault(StoredCalibration.KeyOf(adapter, model, language)) is { } fit ? fit.Map.Apply : null;
    }
}

/// <summary>Lookups that answer what they answered when a stored turn took place: a replay reads nothing.</summary>
internal sealed class RecordedLookups : ILookupCatalog, ILookup
{
    private IReadOnlyList<ExplainedLookup> _recorded = [];

    public void Recall(IReadOnlyList<ExplainedLookup> recorded) => _recorded = recorded;

    public ILookup Find(RouterConfiguration configuration, string name) => this;

    public Task<LookupOutcome> FindAsync(LookupCall call, CancellationToken cancellationToken) => Task.FromResult(_recorded switch
    {
        [{ Outcome: var outcome }, ..] when outcome.StartsWith("found ", StringComparison.Ordinal) =>
            new LookupOutcome.Found([.. Enumerable.Range(0, int.Parse(outcome[6..], CultureInfo.InvariantCulture)).Select(_ => new JsonObject())]),
        [{ Outcome: "not found" }, ..] => new LookupOutcome.NotFound(),
        [{ Outcome: var outcome }, ..] when outcome.StartsWith("failed: ", StringComparison.Ordinal) && Kebab.TryParse<LookupFailure>(outcome[8..], out var failure) =>
            new LookupOutcome.Failed(failure),
        // The turn made no lookup then; what it would find now nobody knows.
        _ => (LookupOutcome)new LookupOutcome.Found([[]]),
    });
}
