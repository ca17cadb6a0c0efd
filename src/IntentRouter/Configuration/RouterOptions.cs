using System.ComponentModel.DataAnnotations;
using System.Text.Json.Nodes;

namespace IntentRouter.Configuration;

/// <summary>
/// The configuration as the file says it (<c>design.md</c> 3.3): the source of the JSON schema and of <c>check</c>. Nullable means "left out".
/// Durations are <see cref="TimeSpan"/> written as <c>800ms</c>, <c>20s</c>, <c>30m</c>, <c>2h</c>, <c>7d</c>.
/// </summary>
internal sealed class RouterOptions
{
    /// <summary>Public listener, semicolon-separated. Environment: <c>Urls</c>.</summary>
    [Restart]
    public string Urls { get; set; } = "http://*:8080";

    /// <summary>The listener for operators: console, API and metrics.</summary>
    [Restart]
    public ManagementOptions Management { get; set; } = new();

    /// <summary>How the service is reached from outside.</summary>
    public PublicOptions Public { get; set; } = new();

    /// <summary>The OneHash Chat installation.</summary>
    public ChatOptions Chat { get; set; } = new();

    /// <summary>The bots by name; the name is part of the bot URL.</summary>
    [PlainNames]
    public Dictionary<string, BotOptions> Bots { get; set; } = [];

    /// <summary>The NLU entries by name: a bot names them under <c>nlu.use</c>.</summary>
    [PlainNames]
    public Dictionary<string, NluEntryOptions> Nlu { get; set; } = [];

    /// <summary>Reads from backing systems, by name.</summary>
    [PlainNames]
    public Dictionary<string, LookupOptions> Lookups { get; set; } = [];

    /// <summary>Writes to backing systems, by name.</summary>
    [PlainNames]
    public Dictionary<string, ActionOptions> Actions { get; set; } = [];

    /// <summary>What can be done for a customer, by name: slots, proof, lookup or action, and reply. Shared by all bots.</summary>
    [PlainNames]
    public Dictionary<string, RouteOptions> Routes { get; set; } = [];

    /// <summary>One-time-code senders by name, for <c>proof: code</c>.</summary>
    [PlainNames]
    public Dictionary<string, CodeSenderOptions> Senders { get; set; } = [];

    /// <summary>Directory with <c>&lt;language&gt;.yaml</c>, relative to the file that names it.</summary>
    [FilePath]
    public string? Texts { get; set; }

    /// <summary>Adapters that do not come with the service.</summary>
    [Restart]
    public PluginOptions Plugins { get; set; } = new();

    /// <summary>Where events, sessions and effects are kept.</summary>
    [Restart]
    public StoreOptions Store { get; set; } = new();

    /// <summary>Bounds of the work.</summary>
    [Restart]
    public EngineOptions Engine { get; set; } = new();

    /// <summary>How long what was done is kept.</summary>
    public RetentionOptions Retention { get; set; } = new();

    /// <summary>Traces, metrics and logs to collectors.</summary>
    [Restart]
    public TelemetryOptions Telemetry { get; set; } = new();

    /// <summary>What the service writes to its console.</summary>
    [Restart]
    public LoggingOptions Logging { get; set; } = new();
}

internal sealed class LoggingOptions
{
    /// <summary><c>text</c> for people, <c>json</c> for collectors.</summary>
    [OneOf("text", "json")]
    public string Format { get; set; } = "text";

    /// <summary>
    /// Level per category, as in every ASP.NET application: <c>{ default: information, IntentRouter.Nlu: debug }</c>. The frameworks below (<c>Microsoft</c>,
    /// <c>System</c>, <c>Polly</c>) log addresses, which hold keys: they can be made quieter than warning, never louder.
    /// </summary>
    public Dictionary<string, LogLevel> LogLevel { get; set; } = [];
}

internal sealed class ManagementOptions
{
    /// <summary>Address of the management listener; loopback unless there is a key.</summary>
    public string Url { get; set; } = "http://127.0.0.1:8081";

    /// <summary>Needed for any address other than loopback. Secret.</summary>
    [Secret]
    public string? ApiKey { get; set; }
}

internal sealed class PublicOptions
{
    /// <summary>The address that bot URLs are printed with.</summary>
    public string? Url { get; set; }
}

internal sealed class ChatOptions
{
    /// <summary>What <see cref="BaseUrl"/> says for the look-alike.</summary>
    public const string Playground = "playground";

    /// <summary>
    /// Address of the chat, for example <c>https://chat.example.com</c>; or <c>playground</c>, with which <c>serve</c> runs its look-alike of a chat on the
    /// management listener and makes up the bots' keys and tokens. Required.
    /// </summary>
    public string? BaseUrl { get; set; }

    /// <summary>Whether the chat is the look-alike; <see cref="BaseUrl"/> is then its address.</summary>
    [NotAKey]
    public bool IsPlayground { get; set; }

    /// <summary>An administrator's user token: sweep, provisioning, labels where a bot may not, OneHash orders and bookings. Secret.</summary>
    [Secret]
    public string? AdminToken { get; set; }

    /// <summary>Platform app token for global bots (<c>bots create --global</c>). Secret.</summary>
    [Secret]
    public string? PlatformToken { get; set; }

    /// <summary>Prefix of the delivery headers, for forks that rename them.</summary>
    public string HeaderPrefix { get; set; } = "X-Chatwoot-";

    /// <summary>Time-out of one API call; at most a third of <c>engine.lease</c>.</summary>
    [Between("100ms", "60s")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(4);

    /// <summary>API calls under way at once.</summary>
    [Range(1, 10000)]
    public int MaxConnections { get; set; } = 32;

    /// <summary>Looks for conversations that were left unanswered.</summary>
    public SweepOptions Sweep { get; set; } = new();
}

internal sealed class SweepOptions
{
    /// <summary>How often; only with <c>chat.adminToken</c>.</summary>
    [Between("1s", "1d")]
    public TimeSpan Every { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>A pending conversation whose last word is the customer's for this long is picked up.</summary>
    [Between("1s", "1d")]
    public TimeSpan After { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>Older than this it is handed off instead of answered.</summary>
    [Between("1s", "30d")]
    public TimeSpan TooOld { get; set; } = TimeSpan.FromHours(1);

    /// <summary>Conversations picked up in one run at most.</summary>
    [Range(1, 10000)]
    public int MaxPerRun { get; set; } = 50;
}

internal sealed class BotOptions
{
    /// <summary>Unguessable part of the bot URL, at least 16 characters. Secret.</summary>
    [Secret]
    public string? Key { get; set; }

    /// <summary>The bot's API token. Secret.</summary>
    [Secret]
    public string? AccessToken { get; set; }

    /// <summary>Secret of the webhook signature, where the chat version signs. Secret.</summary>
    [Secret]
    public string? WebhookSecret { get; set; }

    /// <summary>Older secret still accepted while it is rotated. Secret.</summary>
    [Secret]
    public string? PreviousWebhookSecret { get; set; }

    /// <summary>Older key still accepted while it is rotated. Secret.</summary>
    [Secret]
    public string? PreviousKey { get; set; }

    /// <summary>Whether the webhook signature must be there: <c>required</c>, <c>ifPresent</c> (once seen, it must stay), <c>off</c>.</summary>
    public SignatureMode Signature { get; set; } = SignatureMode.IfPresent;

    /// <summary>Accounts served; leave out for a global bot.</summary>
    public List<long>? Accounts { get; set; }

    /// <summary>Our own id on the platform, where known: tells a second bot's messages from ours.</summary>
    public long? AgentBotId { get; set; }

    /// <summary>Default language, BCP 47.</summary>
    public string Language { get; set; } = "en";

    /// <summary>Languages the bot speaks; empty means the default and every language that has a text file.</summary>
    public List<string> Languages { get; set; } = [];

    /// <summary>Which NLU entries the bot asks.</summary>
    public BotNluOptions Nlu { get; set; } = new();

    /// <summary>How sure the bot must be.</summary>
    public ConfidenceOptions Confidence { get; set; } = new();

    /// <summary>How long a session lasts and a turn may take.</summary>
    public SessionOptions Session { get; set; } = new();

    /// <summary>When people are at the desk; left out means always.</summary>
    public HoursOptions? Hours { get; set; }

    /// <summary>Where conversations go that need a human.</summary>
    public HandoffOptions Handoff { get; set; } = new();

    /// <summary>Private notes for the agents on open conversations.</summary>
    public AssistOptions Assist { get; set; } = new();

    /// <summary>What people are asked to look at, and what is learned from them.</summary>
    public ReviewOptions Review { get; set; } = new();

    /// <summary>Whether the bot speaks first.</summary>
    public GreetingOptions Greeting { get; set; } = new();

    /// <summary>What each intent of the NLU leads to: a route, a reply or a handoff.</summary>
    public Dictionary<string, IntentOptions> Intents { get; set; } = [];

    /// <summary>Text directory of this bot, over the common one.</summary>
    [FilePath]
    public string? Texts { get; set; }

    /// <summary>What to do with a send whose outcome stays unknown.</summary>
    public InDoubtPolicy InDoubt { get; set; } = InDoubtPolicy.Handoff;

    /// <summary>Limits and means of proving who somebody is.</summary>
    public ProofOptions Proof { get; set; } = new();

    /// <summary>Guards against loops and floods.</summary>
    public LimitOptions Limits { get; set; } = new();

    /// <summary>IANA zone for relative dates where the contact's is not known; default is that of <c>hours</c>, else UTC.</summary>
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
    /// <summary>Entries under <c>nlu:</c> in order of preference.</summary>
    public List<string> Use { get; set; } = [];

    /// <summary>Entries asked beside the turn and only measured.</summary>
    public List<string> Shadow { get; set; } = [];
}

internal sealed class ConfidenceOptions
{
    /// <summary>From this probability on the best intent is taken.</summary>
    [Range(0.0, 1.0)]
    public double Answer { get; set; } = 0.70;

    /// <summary>From this probability on the bot asks whether it was meant; below, it asks to rephrase.</summary>
    [Range(0.0, 1.0)]
    public double Clarify { get; set; } = 0.40;

    /// <summary>Least lead of the best intent over the second; with less, the bot asks which was meant.</summary>
    [Range(0.0, 1.0)]
    public double Margin { get; set; } = 0.10;

    /// <summary>Misses in a row before the handoff.</summary>
    [Range(1, 20)]
    public int Attempts { get; set; } = 2;
}

internal sealed class SessionOptions
{
    /// <summary>Silence after which the next message begins a new session.</summary>
    [Between("1s", "30d")]
    public TimeSpan Idle { get; set; } = TimeSpan.FromMinutes(30);

    /// <summary>Messages that follow each other within this time are one turn.</summary>
    [Between("0", "30s")]
    public TimeSpan Burst { get; set; } = TimeSpan.FromMilliseconds(800);

    /// <summary>Time for understanding and looking up; what is not known by then becomes a handoff.</summary>
    [Between("100ms", "5m")]
    public TimeSpan TurnBudget { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>How often a slot is asked for before the handoff.</summary>
    [Range(1, 20)]
    public int SlotAttempts { get; set; } = 3;
}

internal sealed class HoursOptions
{
    /// <summary>IANA name, for example <c>Europe/Berlin</c>.</summary>
    public string TimeZone { get; set; } = "UTC";

    /// <summary><c>mon-fri: 09:00-18:00</c>; several spans with commas.</summary>
    public Dictionary<string, string> Open { get; set; } = [];

    /// <summary>Days on which nobody is there, for example <c>2026-12-25</c>.</summary>
    public List<DateOnly> Holidays { get; set; } = [];
}

internal sealed class HandoffOptions
{
    /// <summary>Team that gets the conversation: its number in the chat.</summary>
    public long? Team { get; set; }

    /// <summary>Agent who gets the conversation: the number in the chat.</summary>
    public long? Agent { get; set; }

    /// <summary>Priority that the conversation gets.</summary>
    [OneOf("low", "medium", "high", "urgent")]
    public string? Priority { get; set; }

    /// <summary>Text key of what the customer is told.</summary>
    public string Say { get; set; } = "handoff.default";

    /// <summary>Text key outside business hours.</summary>
    public string OutOfHours { get; set; } = "handoff.closed";

    /// <summary>Per reason (kebab-case): overrides of the above.</summary>
    public Dictionary<string, HandoffTargetOptions> Reasons { get; set; } = [];
}

/// <summary>A handoff wherever one can be named: an intent, a lookup's failure, a reason.</summary>
internal sealed class HandoffTargetOptions
{
    /// <summary>Reason, kebab-case; default depends on where it is named.</summary>
    public string? Reason { get; set; }

    /// <summary>Team instead of the bot's usual one.</summary>
    public long? Team { get; set; }

    /// <summary>Agent instead of the bot's usual one.</summary>
    public long? Agent { get; set; }

    /// <summary>Priority instead of the bot's usual one.</summary>
    [OneOf("low", "medium", "high", "urgent")]
    public string? Priority { get; set; }

    /// <summary>Text key instead of the bot's usual one.</summary>
    public string? Say { get; set; }
}

internal sealed class AssistOptions
{
    /// <summary>Write private notes when the bot knows something new.</summary>
    public bool On { get; set; }
}

internal sealed class ReviewOptions
{
    /// <summary>Keep utterances that were not understood, handed off or taken over in the review queue, with e-mail addresses and numbers masked.</summary>
    public bool On { get; set; } = true;

    /// <summary>Take an utterance that a human answered in the bot's stead for out of scope at the next training, unless somebody labels or dismisses it.</summary>
    public bool LearnTakeovers { get; set; } = true;
}

internal sealed class GreetingOptions
{
    /// <summary>Greet when the widget is opened.</summary>
    public bool On { get; set; }

    /// <summary>Text key of the greeting.</summary>
    public string Say { get; set; } = "greeting";

    /// <summary>Create the conversation so that the bot speaks first; otherwise greet only in an existing pending one.</summary>
    public bool SpeakFirst { get; set; }
}

internal sealed class ProofOptions
{
    /// <summary>Wrong answers in one conversation before the handoff.</summary>
    [Range(1, 100)]
    public int AttemptsPerConversation { get; set; } = 3;

    /// <summary>Wrong answers of one contact a day.</summary>
    [Range(1, 1000)]
    public int AttemptsPerContact { get; set; } = 10;

    /// <summary>Entry under <c>senders:</c> for one-time codes.</summary>
    public string? Sender { get; set; }

    /// <summary>How long a one-time code is good.</summary>
    [Between("30s", "1d")]
    public TimeSpan CodeLife { get; set; } = TimeSpan.FromMinutes(10);
}

internal sealed class LimitOptions
{
    /// <summary>Public replies in one conversation in a minute before the loop guard hands off.</summary>
    [Range(1, 10000)]
    public int RepliesPerMinute { get; set; } = 20;

    /// <summary>Webhook requests a second for this bot before 429.</summary>
    [Range(1, 1000000)]
    public int RequestsPerSecond { get; set; } = 2000;
}

internal sealed class IntentOptions
{
    /// <summary>Route to take.</summary>
    public string? Route { get; set; }

    /// <summary>Text key to answer with, without a route.</summary>
    public string? Reply { get; set; }

    /// <summary>Threshold of this intent.</summary>
    [Range(0.0, 1.0)]
    public double? Answer { get; set; }

    /// <summary>Hand the conversation to a human.</summary>
    public HandoffTargetOptions? Handoff { get; set; }

    /// <summary>Slot values given with the intent (several intents can share one route).</summary>
    public Dictionary<string, string> Slots { get; set; } = [];

    /// <summary>Title on buttons of a clarification: text key or plain words; default is the intent's name made readable.</summary>
    public string? Title { get; set; }
}

/// <summary>An entry under <c>nlu:</c>: these keys belong to the service, all others to the adapter's module.</summary>
internal sealed class NluEntryOptions
{
    /// <summary>Directory that relative paths in <see cref="Settings"/> refer to: that of the file which names the entry.</summary>
    [NotAKey]
    public string Directory { get; set; } = "";

    /// <summary>Type of the adapter: <c>local</c>, <c>dialogflow</c>, <c>lex</c>, <c>rasa</c>, <c>language-model</c>, <c>http</c>, or a plugin's. Required.</summary>
    public string Adapter { get; set; } = "";

    /// <summary>All attempts together.</summary>
    [Between("10ms", "5m")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(6);

    /// <summary>One attempt.</summary>
    [Between("10ms", "5m")]
    public TimeSpan AttemptTimeout { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>Attempts after the first.</summary>
    [Range(0, 5)]
    public int Retries { get; set; } = 1;

    /// <summary>Kinds of personal data hidden before the text leaves the process.</summary>
    [OneOf("email", "phone", "card", "order")]
    public List<string> Mask { get; set; } = [];

    /// <summary>Ask the next adapter too after this time; off when left out.</summary>
    [Between("1ms", "1m")]
    public TimeSpan? Hedge { get; set; }

    /// <summary>Share of failures in the sampling window that opens the circuit.</summary>
    [Range(0.01, 1.0)]
    public double CircuitFailureRatio { get; set; } = 0.5;

    /// <summary>How long an adapter that fails too often is left alone.</summary>
    [Between("500ms", "1h")]
    public TimeSpan CircuitBreak { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>Price of one call, any currency; for reports.</summary>
    [Range(0, 1000000)]
    public decimal? CostPerCall { get; set; }

    /// <summary>All other keys of the entry: the module's. May hold secrets.</summary>
    [ForeignKeys]
    public IConfiguration Settings { get; set; } = new ConfigurationBuilder().Build();
}

internal sealed class LookupOptions
{
    /// <summary><c>sql</c>, <c>http</c>, <c>onehash-orders</c>, <c>onehash-bookings</c>.</summary>
    [OneOf("sql", "http", "onehash-orders", "onehash-bookings")]
    public string Kind { get; set; } = "";

    /// <summary>sql: <c>sqlite</c>, <c>postgres</c>, <c>mysql</c>, <c>sqlserver</c>.</summary>
    [OneOf("sqlite", "postgres", "mysql", "sqlserver")]
    public string? Provider { get; set; }

    /// <summary>sql: connection string. Secret.</summary>
    [Secret]
    public string? Connection { get; set; }

    /// <summary>sql: one SELECT with <c>@slot</c> parameters.</summary>
    public string? Query { get; set; }

    /// <summary>All attempts together.</summary>
    [Between("10ms", "60s")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>Rows read at most.</summary>
    [Range(1, 1000)]
    public int MaxRows { get; set; } = 20;

    /// <summary>Bytes of an answer at most.</summary>
    [Range(1, 16777216)]
    public int MaxSize { get; set; } = 262_144;

    /// <summary>http: Liquid template of the address; slot values are URL-encoded.</summary>
    public string? Url { get; set; }

    /// <summary>http: how to ask.</summary>
    [OneOf("get", "post")]
    public string Method { get; set; } = "get";

    /// <summary>http: headers; values are Liquid templates. Secret.</summary>
    [Secret]
    public Dictionary<string, string> Headers { get; set; } = [];

    /// <summary>http: body as a tree of Liquid templates.</summary>
    public JsonNode? Body { get; set; }

    /// <summary>http: credentials.</summary>
    public AuthOptions? Auth { get; set; }

    /// <summary>http: JSONPath of the row or rows in the answer; default the whole answer.</summary>
    public string? Result { get; set; }

    /// <summary>http: attempts after the first.</summary>
    [Range(0, 5)]
    public int Retries { get; set; } = 1;

    /// <summary>http: how long an answer may be reused; off when left out.</summary>
    [Between("1s", "1d")]
    public TimeSpan? Cache { get; set; }

    /// <summary>http: private and loopback addresses are refused unless this is true.</summary>
    public bool AllowPrivate { get; set; }

    /// <summary>Fields that templates see masked until the route's proof is given.</summary>
    public List<string> Private { get; set; } = [];
}

internal sealed class AuthOptions
{
    /// <summary><c>basic</c>, <c>bearer</c>, <c>header</c>, <c>oauth2</c>.</summary>
    [OneOf("basic", "bearer", "header", "oauth2")]
    public string Kind { get; set; } = "";

    /// <summary>basic: user name.</summary>
    public string? User { get; set; }

    /// <summary>Secret.</summary>
    [Secret]
    public string? Password { get; set; }

    /// <summary>Secret.</summary>
    [Secret]
    public string? Token { get; set; }

    /// <summary>header: name of the header that carries the token.</summary>
    public string? Header { get; set; }

    /// <summary>oauth2: address of the token endpoint (client credentials).</summary>
    public string? TokenUrl { get; set; }

    /// <summary>oauth2: client.</summary>
    public string? ClientId { get; set; }

    /// <summary>Secret.</summary>
    [Secret]
    public string? ClientSecret { get; set; }

    /// <summary>oauth2: scopes, separated by spaces.</summary>
    public string? Scope { get; set; }
}

internal sealed class ActionOptions
{
    /// <summary><c>http</c> or <c>sql</c>.</summary>
    [OneOf("http", "sql")]
    public string Kind { get; set; } = "";

    /// <summary>http: how to ask.</summary>
    [OneOf("post", "put", "patch", "delete")]
    public string Method { get; set; } = "post";

    /// <summary>http: Liquid template of the address; slot values are URL-encoded.</summary>
    public string? Url { get; set; }

    /// <summary>http: headers; values are Liquid templates. Secret.</summary>
    [Secret]
    public Dictionary<string, string> Headers { get; set; } = [];

    /// <summary>http: body as a tree of Liquid templates.</summary>
    public JsonNode? Body { get; set; }

    /// <summary>http: credentials.</summary>
    public AuthOptions? Auth { get; set; }

    /// <summary>Where the idempotency key goes: <c>header</c> (Idempotency-Key), <c>header:Name</c>, <c>body:field</c>, or <c>parameter</c> (sql: @idempotency_key).</summary>
    public string? IdempotencyKey { get; set; }

    /// <summary>sql: <c>sqlite</c>, <c>postgres</c>, <c>mysql</c>, <c>sqlserver</c>.</summary>
    [OneOf("sqlite", "postgres", "mysql", "sqlserver")]
    public string? Provider { get; set; }

    /// <summary>Secret.</summary>
    [Secret]
    public string? Connection { get; set; }

    /// <summary>sql: one statement with <c>@slot</c> parameters; returned rows are the result.</summary>
    public string? Statement { get; set; }

    /// <summary>An action is tried once, for this long.</summary>
    [Between("10ms", "60s")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>http: JSONPath of the result in the answer; default the whole answer.</summary>
    public string? Result { get; set; }

    /// <summary>Bytes of an answer at most.</summary>
    [Range(1, 16777216)]
    public int MaxSize { get; set; } = 262_144;

    /// <summary>http: private and loopback addresses are refused unless this is true.</summary>
    public bool AllowPrivate { get; set; }
}

internal sealed class RouteOptions
{
    /// <summary>What must be known first, by name, in the order asked.</summary>
    [PlainNames]
    public Dictionary<string, SlotOptions> Slots { get; set; } = [];

    /// <summary><c>none</c>, <c>contact</c>, <c>known-fact</c>, <c>code</c>.</summary>
    [OneOf("none", "contact", "known-fact", "code")]
    public string Proof { get; set; } = "none";

    /// <summary>Lookup to answer from.</summary>
    public string? Lookup { get; set; }

    /// <summary>Action to run after a confirmation.</summary>
    public string? Action { get; set; }

    /// <summary>Text key of the question before the action.</summary>
    public string? Confirm { get; set; }

    /// <summary>What to say: a text key, or an outcome each.</summary>
    public ReplyOptions Reply { get; set; } = new();

    /// <summary>Labels set on the conversation when the route was answered.</summary>
    public List<string> Labels { get; set; } = [];

    /// <summary>Status set after the answer, for example <c>resolved</c>.</summary>
    [OneOf("resolved", "snoozed", "open")]
    public string? Then { get; set; }
}

/// <summary>Written as one key, or as a map. <c>reply: provider</c> passes the engine's own dialogue through.</summary>
[ShortForm(nameof(Text))]
internal sealed class ReplyOptions
{
    /// <summary>The short form: one key, or the word <c>provider</c>.</summary>
    public string? Text { get; set; }

    /// <summary>The lookup found something.</summary>
    public OutcomeOptions? Found { get; set; }

    /// <summary>The lookup found nothing.</summary>
    public OutcomeOptions? NotFound { get; set; }

    /// <summary>The lookup or action failed; default a handoff.</summary>
    public OutcomeOptions? Failed { get; set; }

    /// <summary>The action was done.</summary>
    public OutcomeOptions? Done { get; set; }
}

/// <summary>Written as one text key, or as <c>{ say, handoff }</c>; several keys are several messages in order.</summary>
[ShortForm(nameof(Say))]
internal sealed class OutcomeOptions
{
    /// <summary>Text keys, said in this order.</summary>
    public List<string> Say { get; set; } = [];

    /// <summary>Hand the conversation to a human as well.</summary>
    public HandoffTargetOptions? Handoff { get; set; }
}

internal sealed class SlotOptions
{
    /// <summary><c>text</c>, <c>pattern</c>, <c>choice</c>, <c>email</c>, <c>phone</c>, <c>number</c>, <c>money</c>, <c>date</c>, <c>time</c>, <c>date-range</c>.</summary>
    [OneOf("text", "pattern", "choice", "email", "phone", "number", "money", "date", "time", "date-range")]
    public string Type { get; set; } = "text";

    /// <summary>pattern: regular expression; the group <c>value</c> is the value.</summary>
    public string? Pattern { get; set; }

    /// <summary>choice: value → synonyms.</summary>
    public Dictionary<string, List<string>> Choices { get; set; } = [];

    /// <summary>Entity of the engine that fills it; default the slot's own name.</summary>
    public string? Entity { get; set; }

    /// <summary>Profile field that fills it: <c>contact.email</c>, <c>contact.phone</c>, <c>contact.name</c>, <c>contact.&lt;attribute&gt;</c>.</summary>
    public string? From { get; set; }

    /// <summary>Text key of the question; default <c>&lt;route&gt;.ask_&lt;slot&gt;</c>.</summary>
    public string? Ask { get; set; }

    /// <summary>Text key when asked again; default the question itself.</summary>
    public string? Help { get; set; }

    /// <summary>Taken when it is said, never asked for.</summary>
    public bool Optional { get; set; }

    /// <summary>number, money: least value. time: earliest hour; 9.5 is half past nine.</summary>
    public decimal? Min { get; set; }

    /// <summary>number, money: greatest value. time: latest hour; 9.5 is half past nine.</summary>
    public decimal? Max { get; set; }

    /// <summary>Characters at most.</summary>
    [Range(1, 10000)]
    public int? MaxLength { get; set; }

    /// <summary>date, date-range: not before today.</summary>
    public bool Future { get; set; }

    /// <summary>date, date-range: not after today.</summary>
    public bool Past { get; set; }

    /// <summary>Value when none was said.</summary>
    public string? Default { get; set; }
}

internal sealed class CodeSenderOptions
{
    /// <summary><c>http</c> or <c>smtp</c>.</summary>
    [OneOf("http", "smtp")]
    public string Kind { get; set; } = "";

    /// <summary>http: Liquid template of the address; knows <c>code</c>, <c>address</c>, <c>language</c> and <c>text</c>.</summary>
    public string? Url { get; set; }

    /// <summary>http: headers; values are Liquid templates. Secret.</summary>
    [Secret]
    public Dictionary<string, string> Headers { get; set; } = [];

    /// <summary>http: body as a tree of Liquid templates.</summary>
    public JsonNode? Body { get; set; }

    /// <summary>http: credentials.</summary>
    public AuthOptions? Auth { get; set; }

    /// <summary>smtp: mail server.</summary>
    public string? Host { get; set; }

    /// <summary>smtp: port; 465 speaks TLS from the start.</summary>
    [Range(1, 65535)]
    public int Port { get; set; } = 587;

    /// <summary>smtp: user name; left out for a server without one.</summary>
    public string? User { get; set; }

    /// <summary>Secret.</summary>
    [Secret]
    public string? Password { get; set; }

    /// <summary>smtp: the sender's address.</summary>
    public string? FromAddress { get; set; }

    /// <summary>smtp: <c>required</c> (STARTTLS, or TLS from the start on port 465), or <c>off</c> for a relay of your own.</summary>
    [OneOf("required", "off")]
    public string Tls { get; set; } = "required";

    /// <summary>Private and loopback addresses are refused unless this is true.</summary>
    public bool AllowPrivate { get; set; }

    /// <summary>One attempt; a code is sent once.</summary>
    [Between("10ms", "60s")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(5);
}

internal sealed class PluginOptions
{
    /// <summary>Directory with a folder per plugin.</summary>
    [FilePath]
    public string Directory { get; set; } = "plugins";
}

/// <summary>
/// PostgreSQL: ten connections a replica (<c>Maximum Pool Size</c> in the connection string changes that), and one for presence. <c>synchronous_commit=off</c> in the
/// database or for the user would lose acknowledged events when the database crashes: the router's own connections set it to <c>on</c>. Behind a pooler they cannot, and
/// the start warns (9151).
/// </summary>
internal sealed class StoreOptions
{
    /// <summary><c>sqlite</c> or <c>postgres</c>.</summary>
    [OneOf("sqlite", "postgres")]
    public string Provider { get; set; } = "sqlite";

    /// <summary>Connection string; with sqlite a relative file is relative to the configuration. Secret.</summary>
    [Secret]
    public string Connection { get; set; } = "Data Source=intent-router.db";

    /// <summary>postgres: hold a session advisory lock so that other replicas notice this one's death at once. Off behind a transaction pooler.</summary>
    public bool Presence { get; set; } = true;
}

/// <summary>Bounds of the engine; the defaults are measured and rarely need a change.</summary>
internal sealed class EngineOptions
{
    /// <summary>How long a replica holds a conversation without a sign of life.</summary>
    [Between("1s", "10m")]
    public TimeSpan Lease { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>How often abandoned conversations are looked for.</summary>
    [Between("10ms", "5m")]
    public TimeSpan Recover { get; set; } = TimeSpan.FromMilliseconds(500);

    /// <summary>How long an ambiguous send waits for its echo before the policy decides; longer than the chat's own request limit.</summary>
    [Between("0", "10m")]
    public TimeSpan Settle { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>Conversations worked on at once.</summary>
    [Range(1, 100000)]
    public int MaxActive { get; set; } = 256;

    /// <summary>Attempts on an event before it is parked.</summary>
    [Range(1, 100)]
    public int Attempts { get; set; } = 3;

    /// <summary>Attempts on an effect that was certainly not applied (429, refused) before it fails.</summary>
    [Range(1, 100)]
    public int SendAttempts { get; set; } = 8;

    /// <summary>Events accepted and not yet stored at most.</summary>
    [Range(1, 10000000)]
    public int QueueLimit { get; set; } = 20_000;

    /// <summary>Their bytes at most.</summary>
    [Range(65536, 68719476736)]
    public long QueueBytes { get; set; } = 64 * 1024 * 1024;

    /// <summary>How long shutdown waits for turns in flight.</summary>
    [Between("0", "10m")]
    public TimeSpan Drain { get; set; } = TimeSpan.FromSeconds(25);
}

internal sealed class RetentionOptions
{
    /// <summary>Finished events and effects: the memory of deduplication.</summary>
    [Between("1h", "3650d")]
    public TimeSpan Events { get; set; } = TimeSpan.FromDays(7);

    /// <summary>Why each turn went as it did, with the customer's words.</summary>
    [Between("1h", "3650d")]
    public TimeSpan Explanations { get; set; } = TimeSpan.FromDays(30);

    /// <summary>Conversations without activity.</summary>
    [Between("1h", "3650d")]
    public TimeSpan Conversations { get; set; } = TimeSpan.FromDays(90);
}

internal sealed class TelemetryOptions
{
    /// <summary>OTLP endpoint; off when left out and <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> is not set.</summary>
    public string? Otlp { get; set; }

    /// <summary>Prometheus endpoint on the management listener.</summary>
    public bool Prometheus { get; set; } = true;
}
