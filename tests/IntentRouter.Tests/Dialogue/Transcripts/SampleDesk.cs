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
internal sealed class SampleDesk : ITranscriptDesk, IDisposable
{
    private static readonly Dictionary<string, RouterConfiguration> _loaded = [];
    private readonly RouterConfiguration _configuration;
    private readonly Bot _bot;
    private readonly SqliteConnection _database;
    private readonly List<string> _codes = [];
    private ConversationState _state = new() { Session = new Session { Id = new string('5', 32) }, Facts = new ConversationFacts { Status = "pending", Channel = "Channel::WebWidget", Contact = new ContactFacts { Id = 1 } } };
    private long _messages = 100;
    private int _keys;
    private DateTimeOffset _now = new(2026, 10, 8, 10, 0, 0, TimeSpan.FromHours(2));
    private LookupFailure? _lookupsFail;
    private ActionOutcome? _actionsEnd;
    private string _lastRule = "";
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

    public string? LastCode => _codes.LastOrDefault();

    public IReadOnlyCollection<string> Unseen => [];

    private ConversationFacts Facts
    {
        get => _state.Facts;
        set => _state = _state with { Facts = value };
    }

    private ContactFacts Contact
    {
        get => Facts.Contact;
        set => Facts = Facts with { Contact = value };
    }

    public void Given(string name, string value)
    {
        switch (name)
        {
            case "email": Contact = Contact with { Email = value }; break;
            case "name": Contact = Contact with { Name = value }; break;
            case "language": Facts = Facts with { BrowserLanguage = value }; break;
            case "channel": Facts = Facts with { Channel = "Channel::" + value }; break;
            case "status": Facts = Facts with { Status = value.Length == 0 ? null : value }; break;
            case "timezone": Contact = Contact with { TimeZone = value }; break;
            case "verified": Contact = Contact with { Verified = true }; break;
            case "human": Facts = Facts with { HumanSteppedIn = value != "left" }; break;
            case "blocked": Contact = Contact with { Blocked = true }; break;
            case "window-closed": Facts = Facts with { CanReply = false }; break;
            case "now": _now = DateTimeOffset.Parse(value, CultureInfo.InvariantCulture); break;
            case "lookups": _lookupsFail = value.StartsWith("fail", StringComparison.Ordinal) ? Kebab.TryParse<LookupFailure>(value[5..], out var failure) ? failure : throw new FormatException(value) : null; break;
            case "actions" when value.StartsWith("fail", StringComparison.Ordinal): _actionsEnd = new ActionOutcome.Failed(LookupFailure.Refused); break;
            case "actions" when value.StartsWith("in-doubt", StringComparison.Ordinal): _actionsEnd = new ActionOutcome.InDoubt(LookupFailure.TimedOut); break;
            default: throw new FormatException($"'{name} {value}' cannot be given.");
        }
    }

    public Task<IReadOnlyList<string>> SaysAsync(string text, IReadOnlyList<Entity> entities, IReadOnlyList<(string Intent, double Probability)> heard) =>
        TurnAsync(new CustomerInput { Kind = CustomerInputKind.Message, Text = text, MessageId = ++_messages }, heard, entities);

    public Task<IReadOnlyList<string>> SendsAsync(string fileType) =>
        TurnAsync(new CustomerInput { Kind = CustomerInputKind.Message, Attachments = [fileType], MessageId = ++_messages }, [], []);

    public Task<IReadOnlyList<string>> PressesAsync(string title)
    {
        var choice = _state.Session.Prompt?.Choices.FirstOrDefault(c => c.Title == title) ?? new Choice(title, title);
        return SubmitsAsync([new SubmittedValue(null, choice.Title, choice.Value)]);
    }

    public Task<IReadOnlyList<string>> SubmitsAsync(IReadOnlyList<SubmittedValue> values) =>
        TurnAsync(new CustomerInput { Kind = CustomerInputKind.Submission, MessageId = _state.Session.Prompt?.MessageId ?? ++_messages, Submitted = values }, [], []);

    public Task<IReadOnlyList<string>> OpensTheWidgetAsync() =>
        TurnAsync(new CustomerInput { Kind = CustomerInputKind.WidgetOpened, SourceId = "source-1" }, [], []);

    private Task<IReadOnlyList<string>> TurnAsync(CustomerInput input, IReadOnlyList<(string Intent, double Probability)> heard, IReadOnlyList<Entity> entities)
    {
        var effects = Turn(input, heard, entities);
        IReadOnlyList<string> lines = effects.Count == 0 ? [$"silence: {_lastRule}"] : [.. effects.SelectMany(Describe)];
        return Task.FromResult(lines);
    }

    private List<Effect> Turn(CustomerInput input, IReadOnlyList<(string Intent, double Probability)> heard, IReadOnlyList<Entity> entities)
    {
        var question = new DecisionInput { Bot = _bot, State = _state, Input = input, Now = _now, Language = LanguageChooser.Choose(_bot, _state, input.Text) };
        if (DecisionPolicy.NeedsUnderstanding(question))
        {
            question = question with { Heard = Understand(heard, entities) };
        }

        var decision = DecisionPolicy.Decide(question);
        _lastRule = decision.Rule;
        var route = decision switch { Decision.Fulfil f => f.Route, Decision.Assist a => a.Route, _ => null };
        var fulfilment = new Fulfilment { NewKey = $"key-{++_keys}", Code = decision is Decision.Prove ? "123456" : null, Lookup = route is null ? null : LookUp(route) };
        var composed = TurnComposer.Compose(question, decision, fulfilment);
        List<Effect> effects = [.. Take(composed)];
        if (_running is { } running)
        {
            _running = null;
            var outcome = _actionsEnd ?? Act(running.Call);
            var after = question with { State = _state, Input = new CustomerInput { Kind = CustomerInputKind.Message } };
            effects.AddRange(Take(TurnComposer.ConcludeAction(after, running.Route, outcome)));
        }

        return effects;
    }

    private IReadOnlyList<Effect> Take(TurnComposer.Composed composed)
    {
        var session = composed.Session with { RecentReplies = [.. composed.Session.RecentReplies.Where(r => r > _now.AddMinutes(-1)), .. composed.Effects.OfType<SendMessage>().Select(_ => _now)] };
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

    private static IEnumerable<string> Describe(Effect effect)
    {
        switch (effect)
        {
            case SendMessage message:
                foreach (var line in Transcript.Message(message.Content, message.ContentType, message.ContentAttributes?["items"]))
                {
                    yield return line;
                }

                break;
            case SendPrivateNote note: yield return "note: " + note.Content; break;
            case SetStatus status: yield return "status: " + status.Status; break;
            case SetPriority priority: yield return "priority: " + priority.Priority; break;
            case Assign assign: yield return $"assign: team {assign.TeamId} agent {assign.AgentId}".Replace("  ", " ", StringComparison.Ordinal).Trim(); break;
            case AddLabels labels: yield return "labels: " + string.Join(", ", labels.Labels); break;
            case SetAttributes attributes: yield return "attributes: " + string.Join(", ", attributes.Attributes.Select(a => $"{a.Key}={a.Value}")); break;
            case CallAction action: yield return $"action: {action.Action} {string.Join(" ", action.Arguments.Where(a => !a.Key.StartsWith("result_", StringComparison.Ordinal)).OrderBy(a => a.Key, StringComparer.Ordinal).Select(a => $"{a.Key}={a.Value}"))}"; break;
            case SendCode code: yield return $"code: {code.Sender} {code.Address}"; break;
            case CreateConversation create: yield return "starts: " + create.Content; break;
            default: yield return effect.ToString()!; break;
        }
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

        if (_lookupsFail is { } failure)
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
                var sources = new ConfigurationSources { Path = "intent-router.yaml", Directory = Path.Combine(Samples, sample), IsSample = true, WithoutSecrets = true };
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
