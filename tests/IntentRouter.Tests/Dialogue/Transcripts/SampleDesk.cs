using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using IntentRouter.Configuration;
using IntentRouter.Conversations;
using IntentRouter.Decisions;
using IntentRouter.Dialogue;
using IntentRouter.Fulfillment;
using IntentRouter.Nlu;
using IntentRouter.Turns;
using Microsoft.Data.Sqlite;

namespace IntentRouter.Tests.Dialogue.Transcripts;

/// <summary>One conversation with a sample bot, in memory: the real configuration, texts, deciding and composing over the sample's own database.</summary>
internal sealed class SampleDesk : IDisposable
{
    private static readonly Dictionary<string, RouterConfiguration> _loaded = [];
    private readonly RouterConfiguration _configuration;
    private readonly Bot _bot;
    private readonly SqliteConnection _database;
    private readonly List<string> _codes = [];
    private ConversationState _state = new() { Session = new Session { Id = new string('5', 32) }, Facts = new ConversationFacts { Status = "pending", Channel = "Channel::WebWidget", Contact = new ContactFacts { Id = 1 } } };
    private long _messages = 100;
    private int _keys;
    private (ActiveRoute Route, CallAction Call)? _running;

    public SampleDesk(string sample)
    {
        _configuration = Load(sample);
        _bot = _configuration.Bots.Values.Single();
        _database = new SqliteConnection("Data Source=:memory:");
        _database.Open();
        foreach (var script in Directory.EnumerateFiles(Path.Combine(Samples, sample, "data"), "*.sql"))
        {
            using var create = _database.CreateCommand();
            create.CommandText = File.ReadAllText(script);
            create.ExecuteNonQuery();
        }
    }

    public static string Samples { get; } = Find();

    public DateTimeOffset Now { get; set; } = new(2026, 10, 8, 10, 0, 0, TimeSpan.FromHours(2));

    public LookupFailure? LookupsFail { get; set; }

    public ActionOutcome? ActionsEnd { get; set; }

    public ConversationFacts Facts
    {
        get => _state.Facts;
        set => _state = _state with { Facts = value };
    }

    public Session Session => _state.Session;

    public string? LastCode => _codes.LastOrDefault();

    public string LastRule { get; private set; } = "";

    public IReadOnlyList<Effect> Says(string text, params (string Intent, double Probability)[] heard) =>
        Turn(new CustomerInput { Kind = CustomerInputKind.Message, Text = text, MessageId = ++_messages }, heard, []);

    public IReadOnlyList<Effect> Says(string text, IReadOnlyList<Entity> entities, params (string Intent, double Probability)[] heard) =>
        Turn(new CustomerInput { Kind = CustomerInputKind.Message, Text = text, MessageId = ++_messages }, heard, entities);

    public IReadOnlyList<Effect> Sends(string fileType) =>
        Turn(new CustomerInput { Kind = CustomerInputKind.Message, Attachments = [fileType], MessageId = ++_messages }, [], []);

    public IReadOnlyList<Effect> Presses(string title)
    {
        var choice = _state.Session.Prompt?.Choices.FirstOrDefault(c => c.Title == title) ?? new Choice(title, title);
        return Submits(new SubmittedValue(null, choice.Title, choice.Value));
    }

    public IReadOnlyList<Effect> Submits(params SubmittedValue[] values) =>
        Turn(new CustomerInput { Kind = CustomerInputKind.Submission, MessageId = _state.Session.Prompt?.MessageId ?? ++_messages, Submitted = values }, [], []);

    public IReadOnlyList<Effect> OpensTheWidget() =>
        Turn(new CustomerInput { Kind = CustomerInputKind.WidgetOpened, SourceId = "source-1" }, [], []);

    private List<Effect> Turn(CustomerInput input, IReadOnlyList<(string Intent, double Probability)> heard, IReadOnlyList<Entity> entities)
    {
        var question = new DecisionInput { Bot = _bot, State = _state, Input = input, Now = Now, Language = LanguageChooser.Choose(_bot, _state, input.Text) };
        if (DecisionPolicy.NeedsUnderstanding(question))
        {
            question = question with { Heard = Understand(heard, entities) };
        }

        var decision = DecisionPolicy.Decide(question);
        LastRule = decision.Rule;
        var route = decision switch { Decision.Fulfil f => f.Route, Decision.Assist a => a.Route, _ => null };
        var fulfilment = new Fulfilment { NewKey = $"key-{++_keys}", Code = decision is Decision.Prove ? "123456" : null, Lookup = route is null ? null : LookUp(route) };
        var composed = TurnComposer.Compose(question, decision, fulfilment);
        List<Effect> effects = [.. Take(composed)];
        if (_running is { } running)
        {
            _running = null;
            var outcome = ActionsEnd ?? Act(running.Call);
            var after = question with { State = _state, Input = new CustomerInput { Kind = CustomerInputKind.Message } };
            effects.AddRange(Take(TurnComposer.ConcludeAction(after, running.Route, outcome)));
        }

        return effects;
    }

    private IReadOnlyList<Effect> Take(TurnComposer.Composed composed)
    {
        var session = composed.Session with { RecentReplies = [.. composed.Session.RecentReplies.Where(r => r > Now.AddMinutes(-1)), .. composed.Effects.OfType<SendMessage>().Select(_ => Now)] };
        var status = composed.Effects.OfType<SetStatus>().LastOrDefault()?.Status ?? _state.Facts.Status;
        // As the service does: a stored session is JSON.
        session = JsonSerializer.Deserialize<Session>(JsonSerializer.Serialize(session))!;
        _state = new ConversationState { Session = session, Facts = _state.Facts with { Status = status } };
        _codes.AddRange(composed.Effects.OfType<SendCode>().Select(c => c.Code));
        if (composed.Effects.OfType<CallAction>().LastOrDefault() is { } call)
        {
            _running = (session.Active!, call);
        }

        return composed.Effects;
    }

    private static Heard Understand(IReadOnlyList<(string Intent, double Probability)> heard, IReadOnlyList<Entity> entities) => heard is [("nobody", _)]
        ? Heard.Nothing
        : new Heard
        {
            Adapter = "script",
            Calibrated = true,
            Understanding = new Understanding { Kind = heard.Count == 0 ? UnderstandingKind.NoMatch : UnderstandingKind.Ranked, Entities = entities },
            Ranking = [.. heard.Select(h => new RankedIntent(h.Intent, h.Probability, h.Probability))],
        };

    private LookupOutcome? LookUp(ActiveRoute route)
    {
        if (_bot.Routes[route.Route].Lookup is not { } name)
        {
            return null;
        }

        if (LookupsFail is { } failure)
        {
            return new LookupOutcome.Failed(failure);
        }

        var rows = Query(_configuration.Options.Lookups[name].Query!, route.Slots.ToDictionary(s => s.Key, s => s.Value.Value));
        return rows.Count == 0 ? new LookupOutcome.NotFound() : new LookupOutcome.Found(rows);
    }

    private ActionOutcome Act(CallAction call)
    {
        var arguments = new Dictionary<string, string>(call.Arguments) { ["idempotency_key"] = call.IdempotencyKey };
        var rows = Query(_configuration.Options.Actions[call.Action].Statement!, arguments);
        return rows.Count == 0 ? new ActionOutcome.Failed(LookupFailure.Refused) : new ActionOutcome.Done(rows[0]);
    }

    private List<JsonObject> Query(string sql, IReadOnlyDictionary<string, string> values)
    {
        using var command = _database.CreateCommand();
        command.CommandText = sql;
        foreach (System.Text.RegularExpressions.Match parameter in System.Text.RegularExpressions.Regex.Matches(sql, @"@(\w+)"))
        {
            var name = parameter.Groups[1].Value;
            if (!command.Parameters.Contains("@" + name))
            {
                command.Parameters.AddWithValue("@" + name, values.FirstOrDefault(v => v.Key.Replace('-', '_') == name).Value is { } value ? value : DBNull.Value);
            }
        }

        var rows = new List<JsonObject>();
        using var reader = command.ExecuteReader();
        while (reader.Read())
        {
            rows.Add(new JsonObject(Enumerable.Range(0, reader.FieldCount).Select(i => KeyValuePair.Create(
                reader.GetName(i),
                (JsonNode?)(reader.IsDBNull(i) ? null : reader.GetValue(i) switch
                {
                    long number => JsonValue.Create(number),
                    double number => JsonValue.Create(decimal.Parse(number.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture)),
                    var other => JsonValue.Create(other.ToString()),
                })))));
        }

        return rows;
    }

    private static RouterConfiguration Load(string sample)
    {
        lock (_loaded)
        {
            if (!_loaded.TryGetValue(sample, out var configuration))
            {
                var sources = new ConfigurationSources { Path = "intent-router.yaml", Directory = Path.Combine(Samples, sample), IsSample = true, WithoutSecrets = true, Environment = new Dictionary<string, string> { ["Chat__BaseUrl"] = "https://chat.example.com" } };
                var loaded = RouterConfigurationLoader.Load(sources, new ConfigurationParts());
                Assert.DoesNotContain(loaded.Problems, p => !p.IsWarning);
                _loaded[sample] = configuration = loaded.Configuration!;
            }

            return configuration;
        }
    }

    private static string Find()
    {
        for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
        {
            if (File.Exists(Path.Combine(directory.FullName, "IntentRouter.sln")))
            {
                return Path.Combine(directory.FullName, "samples");
            }
        }

        throw new DirectoryNotFoundException("The repository was not found above the tests.");
    }

    public void Dispose() => _database.Dispose();
}
