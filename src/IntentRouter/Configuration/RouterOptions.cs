using System.ComponentModel.DataAnnotations;
using System.Text.Json.Nodes;

namespace IntentRouter.Configuration;

/// <summary>
/// The configuration as the file says it (<c>design.md</c> 3.3): the source of the JSON schema and of <c>check</c>. Nullable means "left out".
/// Durations are <see cref="TimeSpan"/> written as <c>800ms</c>, <c>20s</c>, <c>30m</c>, <c>2h</c>, <c>7d</c>.
/// </summary>
internal sealed class RouterOptions
{
    /// <summary>Addresses of the public listener, separated by semicolons. Environment: <c>Urls</c>.</summary>
    [Restart]
    public string Urls { get; set; } = "http://*:8080";

    /// <summary>The listener for operators: console, management API and metrics.</summary>
    [Restart]
    public ManagementOptions Management { get; set; } = new();

    /// <summary>How the service is reached from outside.</summary>
    public PublicOptions Public { get; set; } = new();

    /// <summary>The OneHash Chat installation.</summary>
    public ChatOptions Chat { get; set; } = new();

    /// <summary>The bots, by name; the name is part of the bot URL.</summary>
    [PlainNames]
    public Dictionary<string, BotOptions> Bots { get; set; } = [];

    /// <summary>The NLU engines, by name; a bot refers to them in <c>nlu.use</c>.</summary>
    [PlainNames]
    public Dictionary<string, NluEntryOptions> Nlu { get; set; } = [];

    /// <summary>What the bots can look up in your systems, by name.</summary>
    [PlainNames]
    public Dictionary<string, LookupOptions> Lookups { get; set; } = [];

    /// <summary>What the bots can change in your systems, by name.</summary>
    [PlainNames]
    public Dictionary<string, ActionOptions> Actions { get; set; } = [];

    /// <summary>What the bots can do for a customer, by name: slots, proof, lookup or action, and reply. Shared by all bots.</summary>
    [PlainNames]
    public Dictionary<string, RouteOptions> Routes { get; set; } = [];

    /// <summary>How one-time codes are sent, by name; for <c>proof: code</c>.</summary>
    [PlainNames]
    public Dictionary<string, CodeSenderOptions> Senders { get; set; } = [];

    /// <summary>Folder with one text file per language, <c>&lt;language&gt;.yaml</c>.</summary>
    [FilePath]
    public string? Texts { get; set; }

    /// <summary>Where adapters are found that do not come with the service.</summary>
    [Restart]
    public PluginOptions Plugins { get; set; } = new();

    /// <summary>Where events, sessions and effects are stored.</summary>
    [Restart]
    public StoreOptions Store { get; set; } = new();

    /// <summary>Limits of the engine that works on conversations.</summary>
    [Restart]
    public EngineOptions Engine { get; set; } = new();

    /// <summary>How long stored data is kept.</summary>
    public RetentionOptions Retention { get; set; } = new();

    /// <summary>Where traces, metrics and logs go.</summary>
    [Restart]
    public TelemetryOptions Telemetry { get; set; } = new();

    /// <summary>What the service writes to standard output.</summary>
    [Restart]
    public LoggingOptions Logging { get; set; } = new();
}

internal sealed class LoggingOptions
{
    /// <summary><c>text</c> for people, <c>json</c> for log collectors.</summary>
    [OneOf("text", "json")]
    public string Format { get; set; } = "text";

    /// <summary>
    /// Level per category, as in any ASP.NET application: <c>{ default: information, IntentRouter.Nlu: debug }</c>. The frameworks (<c>Microsoft</c>, <c>System</c>,
    /// <c>Polly</c>) log addresses, which contain keys; they can be set quieter than <c>warning</c>, never louder.
    /// </summary>
    public Dictionary<string, LogLevel> LogLevel { get; set; } = [];
}

internal sealed class ManagementOptions
{
    /// <summary>Address of the management listener. Any address other than loopback requires <c>apiKey</c>.</summary>
    public string Url { get; set; } = "http://127.0.0.1:8081";

    /// <summary>Key that callers must present: as <c>X-Api-Key</c>, as a bearer token, or as the password of basic authentication. Secret.</summary>
    [Secret]
    public string? ApiKey { get; set; }
}

internal sealed class PublicOptions
{
    /// <summary>Address under which the chat reaches this service; bot URLs are printed with it.</summary>
    public string? Url { get; set; }
}

internal sealed class ChatOptions
{
    /// <summary>What <see cref="BaseUrl"/> says for the look-alike.</summary>
    public const string Playground = "playground";

    /// <summary>
    /// Address of the chat, for example <c>https://chat.example.com</c>. With <c>playground</c>, <c>serve</c> runs a simulated chat on the management listener and
    /// generates the bots' keys and tokens. Required.
    /// </summary>
    public string? BaseUrl { get; set; }

    /// <summary>Whether the chat is the look-alike; <see cref="BaseUrl"/> is then its address.</summary>
    [NotAKey]
    public bool IsPlayground { get; set; }

    /// <summary>Access token of an administrator. Enables the sweep, provisioning, labels where a bot may not set them, opening a conversation where the chat refuses the bot, and OneHash orders and bookings. Secret.</summary>
    [Secret]
    public string? AdminToken { get; set; }

    /// <summary>Token of a platform app, to create global bots (<c>bots create --global</c>). Secret.</summary>
    [Secret]
    public string? PlatformToken { get; set; }

    /// <summary>Prefix of the headers on events, for forks that rename them.</summary>
    public string HeaderPrefix { get; set; } = "X-Chatwoot-";

    /// <summary>Time-out of one call to the chat's API; at most a third of <c>engine.lease</c>.</summary>
    [Between("100ms", "60s")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(4);

    /// <summary>Calls to the chat's API at the same time, at most.</summary>
    [Range(1, 10000)]
    public int MaxConnections { get; set; } = 32;

    /// <summary>Finds conversations that were left unanswered.</summary>
    public SweepOptions Sweep { get; set; } = new();
}

internal sealed class SweepOptions
{
    /// <summary>How often it runs; it needs <c>chat.adminToken</c>.</summary>
    [Between("1s", "1d")]
    public TimeSpan Every { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>A pending conversation is picked up when the customer has waited this long for an answer.</summary>
    [Between("1s", "1d")]
    public TimeSpan After { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>A customer who has waited longer than this is handed over instead of answered.</summary>
    [Between("1s", "30d")]
    public TimeSpan TooOld { get; set; } = TimeSpan.FromHours(1);

    /// <summary>Conversations picked up in one run, at most.</summary>
    [Range(1, 10000)]
    public int MaxPerRun { get; set; } = 50;
}

internal sealed class BotOptions
{
    /// <summary>Secret part of the bot URL, at least 16 characters. Secret.</summary>
    [Secret]
    public string? Key { get; set; }

    /// <summary>The agent bot's access token. Secret.</summary>
    [Secret]
    public string? AccessToken { get; set; }

    /// <summary>Secret that the chat signs its events with (4.13 and later). Secret.</summary>
    [Secret]
    public string? WebhookSecret { get; set; }

    /// <summary>Former <c>webhookSecret</c>, still accepted during a rotation. Secret.</summary>
    [Secret]
    public string? PreviousWebhookSecret { get; set; }

    /// <summary>Former <c>key</c>, still accepted during a rotation. Secret.</summary>
    [Secret]
    public string? PreviousKey { get; set; }

    /// <summary>Whether events must be signed: <c>required</c>; <c>ifPresent</c>, checked when present and, once seen valid, required; <c>off</c>.</summary>
    public SignatureMode Signature { get; set; } = SignatureMode.IfPresent;

    /// <summary>Numbers of the accounts that the bot serves; leave out for a global bot.</summary>
    [Range(1, int.MaxValue)]
    public List<long>? Accounts { get; set; }

    /// <summary>The agent bot's number in the chat. Tells this bot's messages from another bot's.</summary>
    [Range(1, int.MaxValue)]
    public long? AgentBotId { get; set; }

    /// <summary>The bot's default language, as a BCP 47 tag (<c>en</c>, <c>de-AT</c>).</summary>
    public string Language { get; set; } = "en";

    /// <summary>Languages the bot speaks. Default: the default language and every language that has a text file.</summary>
    public List<string> Languages { get; set; } = [];

    /// <summary>Which NLU engines the bot asks.</summary>
    public BotNluOptions Nlu { get; set; } = new();

    /// <summary>How sure the bot must be before it answers.</summary>
    public ConfidenceOptions Confidence { get; set; } = new();

    /// <summary>How long a session lasts and a turn may take.</summary>
    public SessionOptions Session { get; set; } = new();

    /// <summary>When agents are at the desk. Default: always.</summary>
    public HoursOptions? Hours { get; set; }

    /// <summary>Where conversations go that need a person.</summary>
    public HandoffOptions Handoff { get; set; } = new();

    /// <summary>Private notes for agents in open conversations.</summary>
    public AssistOptions Assist { get; set; } = new();

    /// <summary>What goes into the review queue, and what is learned from agents.</summary>
    public ReviewOptions Review { get; set; } = new();

    /// <summary>Whether the bot greets.</summary>
    public GreetingOptions Greeting { get; set; } = new();

    /// <summary>What each intent leads to: a route, a reply or a handoff. An intent that is not listed counts as not understood.</summary>
    public Dictionary<string, IntentOptions> Intents { get; set; } = [];

    /// <summary>This bot's own folder of texts; they override the common ones.</summary>
    [FilePath]
    public string? Texts { get; set; }

    /// <summary>What to do when it stays unknown whether a message was sent: <c>handoff</c> to a person, <c>resend</c> it (it may arrive twice), or <c>drop</c> it.</summary>
    public InDoubtPolicy InDoubt { get; set; } = InDoubtPolicy.Handoff;

    /// <summary>Limits on proving one's identity, and how codes are sent.</summary>
    public ProofOptions Proof { get; set; } = new();

    /// <summary>Guards against loops and floods of messages.</summary>
    public LimitOptions Limits { get; set; } = new();

    /// <summary>IANA time zone for "tomorrow" and the like when the contact's is unknown. Default: that of <c>hours</c>, else UTC.</summary>
    public string? TimeZone { get; set; }
}

internal enum SignatureMode
{
    Required,
    IfPresent,
    Off,
}

internal enum InDoubtPolicy
{
    Handoff,
    Resend,
    Drop,
}

internal sealed class BotNluOptions
{
    /// <summary>Entries under <c>nlu:</c>, in order of preference; the next is asked when one fails.</summary>
    public List<string> Use { get; set; } = [];

    /// <summary>Entries that are asked as well and only measured; they never delay a turn.</summary>
    public List<string> Shadow { get; set; } = [];
}

internal sealed class ConfidenceOptions
{
    /// <summary>Confidence from which the best intent is acted on.</summary>
    [Range(0.0, 1.0)]
    public double Answer { get; set; } = 0.70;

    /// <summary>Confidence from which the bot asks whether the intent was meant; below it, it asks to rephrase.</summary>
    [Range(0.0, 1.0)]
    public double Clarify { get; set; } = 0.40;

    /// <summary>Smallest lead of the best intent over the second; with less, the bot asks which was meant.</summary>
    [Range(0.0, 1.0)]
    public double Margin { get; set; } = 0.10;

    /// <summary>Messages in a row that are not understood before the bot hands over.</summary>
    [Range(1, 20)]
    public int Attempts { get; set; } = 2;
}

internal sealed class SessionOptions
{
    /// <summary>Silence after which the next message starts a new session.</summary>
    [Between("1s", "30d")]
    public TimeSpan Idle { get; set; } = TimeSpan.FromMinutes(30);

    /// <summary>Messages within this time of each other are answered together.</summary>
    [Between("0", "30s")]
    public TimeSpan Burst { get; set; } = TimeSpan.FromMilliseconds(800);

    /// <summary>Time for understanding and lookups in one turn; when it is spent, the bot hands over.</summary>
    [Between("100ms", "5m")]
    public TimeSpan TurnBudget { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>How often a slot is asked for before the bot hands over.</summary>
    [Range(1, 20)]
    public int SlotAttempts { get; set; } = 3;
}

internal sealed class HoursOptions
{
    /// <summary>IANA name, for example <c>Europe/Berlin</c>.</summary>
    public string TimeZone { get; set; } = "UTC";

    /// <summary>Opening hours by day: <c>mon-fri: 09:00-18:00</c>; separate several spans by commas.</summary>
    public Dictionary<string, string> Open { get; set; } = [];

    /// <summary>Days on which nobody is at the desk, for example <c>2026-12-25</c>.</summary>
    public List<DateOnly> Holidays { get; set; } = [];
}

internal sealed class HandoffOptions
{
    /// <summary>Number of the team that gets the conversation.</summary>
    [Range(1, int.MaxValue)]
    public long? Team { get; set; }

    /// <summary>Number of the agent who gets the conversation.</summary>
    [Range(1, int.MaxValue)]
    public long? Agent { get; set; }

    /// <summary>Priority that the conversation gets. Default: unchanged.</summary>
    [OneOf("low", "medium", "high", "urgent")]
    public string? Priority { get; set; }

    /// <summary>Text key of what the customer is told.</summary>
    public string Say { get; set; } = "handoff.default";

    /// <summary>Text key of what the customer is told outside business hours.</summary>
    public string OutOfHours { get; set; } = "handoff.closed";

    /// <summary>Overrides for single handoff reasons, for example <c>lookup-failed</c>.</summary>
    public Dictionary<string, HandoffTargetOptions> Reasons { get; set; } = [];
}

/// <summary>A handoff: of an intent, of a reply's outcome, or of a handoff reason.</summary>
internal sealed class HandoffTargetOptions
{
    /// <summary>Handoff reason, for example <c>sensitive</c>. Default: depends on the place.</summary>
    public string? Reason { get; set; }

    /// <summary>Number of the team, instead of the bot's usual one.</summary>
    [Range(1, int.MaxValue)]
    public long? Team { get; set; }

    /// <summary>Number of the agent, instead of the bot's usual one.</summary>
    [Range(1, int.MaxValue)]
    public long? Agent { get; set; }

    /// <summary>Priority instead of the bot's usual one.</summary>
    [OneOf("low", "medium", "high", "urgent")]
    public string? Priority { get; set; }

    /// <summary>Text key of what the customer is told, instead of the bot's usual one.</summary>
    public string? Say { get; set; }
}

internal sealed class AssistOptions
{
    /// <summary>Write a private note when the bot finds something new for the agent.</summary>
    public bool On { get; set; }
}

internal sealed class ReviewOptions
{
    /// <summary>Put messages that were not understood, handed over or taken over into the review queue, with e-mail addresses and numbers masked.</summary>
    public bool On { get; set; } = true;

    /// <summary>Learn a message that an agent answered in the bot's place as out of scope, unless somebody labels or dismisses it.</summary>
    public bool LearnTakeovers { get; set; } = true;
}

internal sealed class GreetingOptions
{
    /// <summary>Greet when the widget is opened.</summary>
    public bool On { get; set; }

    /// <summary>Text key of the greeting.</summary>
    public string Say { get; set; } = "greeting";

    /// <summary>Create a conversation to greet in; otherwise the bot greets only in an existing pending one.</summary>
    public bool SpeakFirst { get; set; }
}

internal sealed class ProofOptions
{
    /// <summary>Failed attempts in one conversation before the bot hands over.</summary>
    [Range(1, 100)]
    public int AttemptsPerConversation { get; set; } = 3;

    /// <summary>Failed attempts of one contact in a day before the bot hands over. One address gets as many codes; one address or number may be tried three times as often.</summary>
    [Range(1, 1000)]
    public int AttemptsPerContact { get; set; } = 10;

    /// <summary>Entry under <c>senders:</c> that sends one-time codes.</summary>
    public string? Sender { get; set; }

    /// <summary>How long a one-time code is valid.</summary>
    [Between("30s", "1d")]
    public TimeSpan CodeLife { get; set; } = TimeSpan.FromMinutes(10);
}

internal sealed class LimitOptions
{
    /// <summary>Public replies per minute in one conversation; with more, the bot hands over.</summary>
    [Range(1, 10000)]
    public int RepliesPerMinute { get; set; } = 20;

    /// <summary>Events per second for this bot; more are answered with 429.</summary>
    [Range(1, 1000000)]
    public int RequestsPerSecond { get; set; } = 2000;
}

internal sealed class IntentOptions
{
    /// <summary>Route to take.</summary>
    public string? Route { get; set; }

    /// <summary>Text key to answer with, where no route is needed.</summary>
    public string? Reply { get; set; }

    /// <summary>Confidence threshold of this intent, instead of <c>confidence.answer</c>.</summary>
    [Range(0.0, 1.0)]
    public double? Answer { get; set; }

    /// <summary>Hand the conversation to a person.</summary>
    public HandoffTargetOptions? Handoff { get; set; }

    /// <summary>Slot values that the intent implies, so that several intents can share one route.</summary>
    public Dictionary<string, string> Slots { get; set; } = [];

    /// <summary>Title on the buttons of a clarification: a text key or plain words. Default: the intent's name, made readable.</summary>
    public string? Title { get; set; }
}

/// <summary>One NLU engine. These keys apply to every adapter; all others belong to the adapter (see [adapters](../adapters/README.md)).</summary>
internal sealed class NluEntryOptions
{
    /// <summary>Directory that relative paths in <see cref="Settings"/> refer to: that of the file which names the entry.</summary>
    [NotAKey]
    public string Directory { get; set; } = "";

    /// <summary>Type of the adapter: <c>local</c>, <c>dialogflow</c>, <c>lex</c>, <c>rasa</c>, <c>language-model</c>, <c>http</c>, or a plugin's type. Required.</summary>
    public string Adapter { get; set; } = "";

    /// <summary>Time-out of all attempts together.</summary>
    [Between("10ms", "5m")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(6);

    /// <summary>Time-out of one attempt.</summary>
    [Between("10ms", "5m")]
    public TimeSpan AttemptTimeout { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>Attempts after the first one.</summary>
    [Range(0, 5)]
    public int Retries { get; set; } = 1;

    /// <summary>Kinds of personal data to hide before the text leaves the process.</summary>
    [OneOf("email", "phone", "card", "order")]
    public List<string> Mask { get; set; } = [];

    /// <summary>Ask the next entry in <c>use</c> as well when this one has not answered after this time. Default: off.</summary>
    [Between("1ms", "1m")]
    public TimeSpan? Hedge { get; set; }

    /// <summary>Share of failed calls from which the adapter is left alone for a while (its circuit opens).</summary>
    [Range(0.01, 1.0)]
    public double CircuitFailureRatio { get; set; } = 0.5;

    /// <summary>How long it is left alone.</summary>
    [Between("500ms", "1h")]
    public TimeSpan CircuitBreak { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>Price of one call, in any currency, for evaluation reports.</summary>
    [Range(0, 1000000)]
    public decimal? CostPerCall { get; set; }

    /// <summary>All other keys of the entry: the module's. May hold secrets.</summary>
    [ForeignKeys]
    public IConfiguration Settings { get; set; } = new ConfigurationBuilder().Build();
}

internal sealed class LookupOptions
{
    /// <summary>Where the lookup reads. Required.</summary>
    [OneOf("sql", "http", "onehash-orders", "onehash-bookings")]
    public string Kind { get; set; } = "";

    /// <summary>sql: the database. Required.</summary>
    [OneOf("sqlite", "postgres", "mysql", "sqlserver")]
    public string? Provider { get; set; }

    /// <summary>sql: connection string. Secret.</summary>
    [Secret]
    public string? Connection { get; set; }

    /// <summary>sql: exactly one <c>SELECT</c>, with <c>@slot</c> parameters.</summary>
    public string? Query { get; set; }

    /// <summary>Time-out of all attempts together.</summary>
    [Between("10ms", "60s")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>Rows read, at most.</summary>
    [Range(1, 1000)]
    public int MaxRows { get; set; } = 20;

    /// <summary>Size of an answer in bytes, at most.</summary>
    [Range(1, 16777216)]
    public int MaxSize { get; set; } = 262_144;

    /// <summary>http: address, a Liquid template; slot values are URL-encoded.</summary>
    public string? Url { get; set; }

    /// <summary>http: request method.</summary>
    [OneOf("get", "post")]
    public string Method { get; set; } = "get";

    /// <summary>http: request headers; values are Liquid templates. Secret.</summary>
    [Secret]
    public Dictionary<string, string> Headers { get; set; } = [];

    /// <summary>http: JSON body; its texts are Liquid templates.</summary>
    public JsonNode? Body { get; set; }

    /// <summary>http: credentials.</summary>
    public AuthOptions? Auth { get; set; }

    /// <summary>http: JSONPath of the row or rows in the answer. Default: the whole answer.</summary>
    public string? Result { get; set; }

    /// <summary>http: attempts after the first one.</summary>
    [Range(0, 5)]
    public int Retries { get; set; } = 1;

    /// <summary>http: how long an answer may be reused. Default: not at all.</summary>
    [Between("1s", "1d")]
    public TimeSpan? Cache { get; set; }

    /// <summary>http: allow private and loopback addresses, which are otherwise refused.</summary>
    public bool AllowPrivate { get; set; }

    /// <summary>Fields that texts show masked until the customer has given the route's proof.</summary>
    public List<string> Private { get; set; } = [];
}

internal sealed class AuthOptions
{
    /// <summary>How the service signs in. Required.</summary>
    [OneOf("basic", "bearer", "header", "oauth2")]
    public string Kind { get; set; } = "";

    /// <summary>basic: user name.</summary>
    public string? User { get; set; }

    /// <summary>basic: password. Secret.</summary>
    [Secret]
    public string? Password { get; set; }

    /// <summary>bearer, header: the token. Secret.</summary>
    [Secret]
    public string? Token { get; set; }

    /// <summary>header: name of the header that carries the token.</summary>
    public string? Header { get; set; }

    /// <summary>oauth2: address of the token endpoint (client credentials grant).</summary>
    public string? TokenUrl { get; set; }

    /// <summary>oauth2: client id.</summary>
    public string? ClientId { get; set; }

    /// <summary>oauth2: client secret. Secret.</summary>
    [Secret]
    public string? ClientSecret { get; set; }

    /// <summary>oauth2: scopes, separated by spaces.</summary>
    public string? Scope { get; set; }
}

internal sealed class ActionOptions
{
    /// <summary>Where the action runs. Required.</summary>
    [OneOf("http", "sql")]
    public string Kind { get; set; } = "";

    /// <summary>http: request method.</summary>
    [OneOf("post", "put", "patch", "delete")]
    public string Method { get; set; } = "post";

    /// <summary>http: address, a Liquid template; slot values are URL-encoded.</summary>
    public string? Url { get; set; }

    /// <summary>http: request headers; values are Liquid templates. Secret.</summary>
    [Secret]
    public Dictionary<string, string> Headers { get; set; } = [];

    /// <summary>http: JSON body; its texts are Liquid templates.</summary>
    public JsonNode? Body { get; set; }

    /// <summary>http: credentials.</summary>
    public AuthOptions? Auth { get; set; }

    /// <summary>Where the idempotency key goes. http: <c>header</c> (<c>Idempotency-Key</c>), <c>header:Name</c> or <c>body:field</c>; sql: <c>parameter</c> (<c>@idempotency_key</c>).</summary>
    public string? IdempotencyKey { get; set; }

    /// <summary>sql: the database. Required.</summary>
    [OneOf("sqlite", "postgres", "mysql", "sqlserver")]
    public string? Provider { get; set; }

    /// <summary>sql: connection string. Secret.</summary>
    [Secret]
    public string? Connection { get; set; }

    /// <summary>sql: exactly one statement, with <c>@slot</c> parameters; the rows that it returns are the result.</summary>
    public string? Statement { get; set; }

    /// <summary>Time-out of the one attempt.</summary>
    [Between("10ms", "60s")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>http: JSONPath of the result in the answer. Default: the whole answer.</summary>
    public string? Result { get; set; }

    /// <summary>Size of an answer in bytes, at most.</summary>
    [Range(1, 16777216)]
    public int MaxSize { get; set; } = 262_144;

    /// <summary>http: allow private and loopback addresses, which are otherwise refused.</summary>
    public bool AllowPrivate { get; set; }
}

internal sealed class RouteOptions
{
    /// <summary>What must be known first, by name, in the order in which it is asked.</summary>
    [PlainNames]
    public Dictionary<string, SlotOptions> Slots { get; set; } = [];

    /// <summary>How the customer must prove their identity; see [proof](conversations.md#proof-who-may-see-what).</summary>
    [OneOf("none", "contact", "known-fact", "code")]
    public string Proof { get; set; } = "none";

    /// <summary>Entry under <c>lookups:</c> to answer from.</summary>
    public string? Lookup { get; set; }

    /// <summary>Entry under <c>actions:</c> to run after the customer's yes.</summary>
    public string? Action { get; set; }

    /// <summary>Text key of the question before the action. Default: <c>confirm</c>.</summary>
    public string? Confirm { get; set; }

    /// <summary>What to say: one text key, or a map of outcomes.</summary>
    public ReplyOptions Reply { get; set; } = new();

    /// <summary>Labels that the conversation gets when the route was answered.</summary>
    public List<string> Labels { get; set; } = [];

    /// <summary>Status that the conversation gets after the answer. Default: unchanged.</summary>
    [OneOf("resolved", "snoozed", "open")]
    public string? Then { get; set; }
}

/// <summary>Written as one text key or as this map. <c>reply: provider</c> passes the engine's own dialogue through.</summary>
[ShortForm(nameof(Text))]
internal sealed class ReplyOptions
{
    /// <summary>The short form: one text key, or the word <c>provider</c>.</summary>
    public string? Text { get; set; }

    /// <summary>The lookup found something.</summary>
    public OutcomeOptions? Found { get; set; }

    /// <summary>The lookup found nothing.</summary>
    public OutcomeOptions? NotFound { get; set; }

    /// <summary>The lookup or the action failed. Default: a handoff.</summary>
    public OutcomeOptions? Failed { get; set; }

    /// <summary>The action was done.</summary>
    public OutcomeOptions? Done { get; set; }
}

/// <summary>Written as one text key, as a list of keys, or as this map.</summary>
[ShortForm(nameof(Say))]
internal sealed class OutcomeOptions
{
    /// <summary>Text keys, each sent as a message, in this order.</summary>
    public List<string> Say { get; set; } = [];

    /// <summary>Hand the conversation to a person as well.</summary>
    public HandoffTargetOptions? Handoff { get; set; }
}

internal sealed class SlotOptions
{
    /// <summary>What kind of value it is; see [slots](conversations.md#slots-what-the-bot-must-know).</summary>
    [OneOf("text", "pattern", "choice", "email", "phone", "number", "money", "date", "time", "date-range")]
    public string Type { get; set; } = "text";

    /// <summary>pattern: regular expression; its group <c>value</c> is the value.</summary>
    public string? Pattern { get; set; }

    /// <summary>choice: each value with the synonyms that customers may use.</summary>
    public Dictionary<string, List<string>> Choices { get; set; } = [];

    /// <summary>The engine's entity that fills it. Default: the slot's own name.</summary>
    public string? Entity { get; set; }

    /// <summary>Field of the contact's profile that fills it: <c>contact.email</c>, <c>contact.phone</c>, <c>contact.name</c> or <c>contact.&lt;attribute&gt;</c>.</summary>
    public string? From { get; set; }

    /// <summary>Text key of the question. Default: <c>&lt;route&gt;.ask_&lt;slot&gt;</c>.</summary>
    public string? Ask { get; set; }

    /// <summary>Text key of the question when it is asked again. Default: the same question.</summary>
    public string? Help { get; set; }

    /// <summary>Taken when the customer says it, never asked for.</summary>
    public bool Optional { get; set; }

    /// <summary>number, money: smallest value. time: earliest hour, 0 to 24 (<c>9.5</c> is 9:30).</summary>
    public decimal? Min { get; set; }

    /// <summary>number, money: largest value. time: latest hour, 0 to 24.</summary>
    public decimal? Max { get; set; }

    /// <summary>Longest value in characters. Default: no limit of its own.</summary>
    [Range(1, 10000)]
    public int? MaxLength { get; set; }

    /// <summary>date, date-range: not before today.</summary>
    public bool Future { get; set; }

    /// <summary>date, date-range: not after today.</summary>
    public bool Past { get; set; }

    /// <summary>Value to use when the customer gave none.</summary>
    public string? Default { get; set; }
}

internal sealed class CodeSenderOptions
{
    /// <summary>How the code is sent. Required.</summary>
    [OneOf("http", "smtp")]
    public string Kind { get; set; } = "";

    /// <summary>http: address, a Liquid template with <c>code</c>, <c>address</c>, <c>language</c> and <c>text</c>.</summary>
    public string? Url { get; set; }

    /// <summary>http: request headers; values are Liquid templates. Secret.</summary>
    [Secret]
    public Dictionary<string, string> Headers { get; set; } = [];

    /// <summary>http: JSON body; its texts are Liquid templates.</summary>
    public JsonNode? Body { get; set; }

    /// <summary>http: credentials.</summary>
    public AuthOptions? Auth { get; set; }

    /// <summary>smtp: mail server.</summary>
    public string? Host { get; set; }

    /// <summary>smtp: port; on 465 TLS begins with the connection.</summary>
    [Range(1, 65535)]
    public int Port { get; set; } = 587;

    /// <summary>smtp: user name. Default: no sign-in.</summary>
    public string? User { get; set; }

    /// <summary>smtp: password. Secret.</summary>
    [Secret]
    public string? Password { get; set; }

    /// <summary>smtp: the sender's address.</summary>
    public string? FromAddress { get; set; }

    /// <summary>smtp: <c>required</c> (STARTTLS, or TLS from the start on port 465), or <c>off</c> for a mail relay of your own.</summary>
    [OneOf("required", "off")]
    public string Tls { get; set; } = "required";

    /// <summary>http: allow private and loopback addresses, which are otherwise refused.</summary>
    public bool AllowPrivate { get; set; }

    /// <summary>Time-out of the one attempt.</summary>
    [Between("10ms", "60s")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(5);
}

internal sealed class PluginOptions
{
    /// <summary>Directory with one folder per plugin.</summary>
    [FilePath]
    public string Directory { get; set; } = "plugins";
}

/// <summary>
/// PostgreSQL: each replica uses ten connections (<c>Maximum Pool Size</c> in the connection string changes that) and one more for presence. <c>synchronous_commit=off</c>
/// in the database or for the user would lose acknowledged events in a crash of the database; the service's connections set it to <c>on</c>. Behind a pooler they cannot,
/// and the service warns at start (9151).
/// </summary>
internal sealed class StoreOptions
{
    /// <summary><c>sqlite</c>, a file for one process, or <c>postgres</c>, for any number of replicas.</summary>
    [OneOf("sqlite", "postgres")]
    public string Provider { get; set; } = "sqlite";

    /// <summary>Connection string. A relative SQLite file is relative to the configuration. Secret.</summary>
    [Secret]
    public string Connection { get; set; } = "Data Source=intent-router.db";

    /// <summary>postgres: hold a session advisory lock, so that other replicas notice at once when this one dies. Set to <c>false</c> behind a transaction pooler.</summary>
    public bool Presence { get; set; } = true;
}

/// <summary>The defaults are measured and rarely need a change.</summary>
internal sealed class EngineOptions
{
    /// <summary>How long a replica keeps a conversation without renewing its hold.</summary>
    [Between("1s", "10m")]
    public TimeSpan Lease { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>How often a replica looks for conversations that another one abandoned.</summary>
    [Between("10ms", "5m")]
    public TimeSpan Recover { get; set; } = TimeSpan.FromMilliseconds(500);

    /// <summary>How long a send with unknown outcome waits for its echo before <c>inDoubt</c> decides. Choose it longer than the chat's own request time-out.</summary>
    [Between("0", "10m")]
    public TimeSpan Settle { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>Conversations that a replica works on at the same time, at most.</summary>
    [Range(1, 100000)]
    public int MaxActive { get; set; } = 256;

    /// <summary>Attempts at an event before it is parked.</summary>
    [Range(1, 100)]
    public int Attempts { get; set; } = 3;

    /// <summary>Attempts at an effect that was certainly not applied (429, connection refused) before it fails.</summary>
    [Range(1, 100)]
    public int SendAttempts { get; set; } = 8;

    /// <summary>Events received and not yet stored, at most; more are answered with 429.</summary>
    [Range(1, 10000000)]
    public int QueueLimit { get; set; } = 20_000;

    /// <summary>Size of these events in bytes, at most.</summary>
    [Range(65536, 68719476736)]
    public long QueueBytes { get; set; } = 64 * 1024 * 1024;

    /// <summary>How long a stop waits for turns in progress.</summary>
    [Between("0", "10m")]
    public TimeSpan Drain { get; set; } = TimeSpan.FromSeconds(25);
}

internal sealed class RetentionOptions
{
    /// <summary>Finished events and sent effects. They are the memory of deduplication.</summary>
    [Between("1h", "3650d")]
    public TimeSpan Events { get; set; } = TimeSpan.FromDays(7);

    /// <summary>Explanations: why each turn went as it did, with the customer's words.</summary>
    [Between("1h", "3650d")]
    public TimeSpan Explanations { get; set; } = TimeSpan.FromDays(30);

    /// <summary>Conversations, since their last activity.</summary>
    [Between("1h", "3650d")]
    public TimeSpan Conversations { get; set; } = TimeSpan.FromDays(90);
}

internal sealed class TelemetryOptions
{
    /// <summary>Address of an OTLP endpoint. Default: <c>OTEL_EXPORTER_OTLP_ENDPOINT</c>, else off.</summary>
    public string? Otlp { get; set; }

    /// <summary>Serve <c>/metrics</c> for Prometheus on the management listener.</summary>
    public bool Prometheus { get; set; } = true;
}
