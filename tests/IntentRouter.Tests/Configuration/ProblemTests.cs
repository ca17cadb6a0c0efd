using IntentRouter.Configuration;

namespace IntentRouter.Tests.Configuration;

/// <summary>Each row changes one piece of the minimal configuration and says which problem that must give, and in which line.</summary>
public sealed class ProblemTests
{
    private const string Order = "order_status: { route: order-status }";

    [Fact]
    public void The_minimal_configuration_has_no_problem() =>
        Assert.DoesNotContain(ConfigurationScene.Parse(ConfigurationScene.Minimal).Problems, p => !p.IsWarning);

    [Fact]
    public void A_time_may_have_an_earliest_and_a_latest_hour() => Assert.DoesNotContain(
        ConfigurationScene.Parse(ConfigurationScene.Minimal.Replace("{ type: text }", "{ type: time, min: 9.5, max: 18 }", StringComparison.Ordinal)).Problems,
        p => !p.IsWarning);

    [Theory]
    // Keys.
    [InlineData("baseUrl:", "baseURI:", 2, "chat:baseURI", "'baseURI' is not a key of chat", "Did you mean 'baseUrl'?")]
    [InlineData("accessToken:", "access_token:", 6, "bots:shop:access_token", "is not a key of bots:shop", "Did you mean 'accessToken'?")]
    [InlineData("lookups:", "lockups:", 12, "lockups", "is not a key at the top of the file", "Did you mean 'lookups'?")]
    [InlineData("{ route: order-status }", "{ rout: order-status }", 9, "bots:shop:intents:order_status:rout", "is not a key", "Did you mean 'route'?")]
    [InlineData("{ type: text }", "{ type: text, zzzzzzzz: 1 }", 17, "routes:order-status:slots:order_number:zzzzzzzz", "is not a key", "Known here: ask, ")]
    [InlineData("  baseUrl: https://chat.example.com", "  baseUrl: https://chat.example.com\n  baseUrl: https://other.example.com", 3, "chat:baseUrl", "written twice in this map; the first is in line 2", "Keep one")]
    // Values.
    [InlineData("nlu: { use: [local] }", "nlu: { use: [local] }\n    confidence: { answer: high }", 8, "bots:shop:confidence:answer", "not a number", "such as 0.7")]
    [InlineData("nlu: { use: [local] }", "nlu: { use: [local] }\n    confidence: { answer: 1.2 }", 8, "bots:shop:confidence:answer", "out of range", "from 0 to 1")]
    [InlineData("nlu: { use: [local] }", "nlu: { use: [local] }\n    confidence: { answer: NaN }", 8, "bots:shop:confidence:answer", "not a number", "such as 0.7")]
    [InlineData("nlu: { use: [local] }", "nlu: { use: [local] }\n    session: { idle: 30 }", 8, "bots:shop:session:idle", "not a duration", "30m")]
    [InlineData("nlu: { use: [local] }", "nlu: { use: [local] }\n    session: { idle: ３0m }", 8, "bots:shop:session:idle", "not a duration", "30m")]
    [InlineData("nlu: { use: [local] }", "nlu: { use: [local] }\n    session: { burst: 2h }", 8, "bots:shop:session:burst", "out of range", "from 0 to 30s")]
    [InlineData("nlu: { use: [local] }", "nlu: { use: [local] }\n    signature: requird", 8, "bots:shop:signature", "one of the words", "Did you mean 'Required'?")]
    [InlineData("nlu: { use: [local] }", "nlu: { use: [local] }\n    assist: { on: maybe }", 8, "bots:shop:assist:on", "not true or false", "Write true or false")]
    [InlineData("nlu: { use: [local] }", "nlu: { use: [local] }\n    accounts: [three]", 8, "bots:shop:accounts:0", "not a whole number", "such as 3")]
    [InlineData("nlu: { use: [local] }", "nlu: { use: [local] }\n    assist: yes please", 8, "bots:shop:assist", "A map of keys is expected", "Known keys: on")]
    [InlineData("nlu: { use: [local] }", "nlu: { use: [local] }\n    language: { en: 1 }", 8, "bots:shop:language", "A single value is expected", "Write a text")]
    [InlineData("nlu: { use: [local] }", "nlu: { use: [local] }\n    hours: { open: { mon: 9-18 }, holidays: [25.12.2026] }", 8, "bots:shop:hours:holidays:0", "not a date", "2026-12-25")]
    [InlineData("{ type: text }", "{ type: mail }", 17, "routes:order-status:slots:order_number:type", "one of the words", "Did you mean 'email'?")]
    [InlineData("  shop:", "  'my shop':", 4, "bots:my shop", "cannot be a name", "Use letters")]
    // Chat and listeners.
    [InlineData("https://chat.example.com", "chat.example.com", 2, "chat:baseUrl", "not an absolute http or https address", "https://chat.example.com")]
    [InlineData("https://chat.example.com", "ftp://chat.example.com", 2, "chat:baseUrl", "not an absolute http or https address", "https://chat.example.com")]
    [InlineData("https://chat.example.com", "https://me:pass@chat.example.com", 2, "chat:baseUrl", "user name or password", "keys made for them")]
    [InlineData("  baseUrl: https://chat.example.com", "  headerPrefix: X-", 1, "chat:baseUrl", "missing", "https://chat.example.com")]
    [InlineData("chat:\n", "chat:\n  timeout: 6s\n", 2, "chat:timeout", "more than a third of engine.lease (15s)", "Set chat.timeout to 5s at most")]
    [InlineData("chat:\n", "chat:\n  sweep: { after: 2h }\n", 2, "chat:sweep:tooOld", "too old before", "above chat.sweep.after")]
    [InlineData("chat:\n", "urls: nonsense\nchat:\n", 1, "urls", "not an address to listen on", "http://*:8080")]
    [InlineData("chat:\n", "management: { url: \"http://*:8081\" }\nchat:\n", 1, "management:url", "has no key", "management.apiKey")]
    [InlineData("chat:\n", "management: { url: \"http://0.0.0.0:8081\", apiKey: short }\nchat:\n", 1, "management:apiKey", "shorter than 16", "openssl rand")]
    [InlineData("chat:\n", "public: { url: bots.example.com }\nchat:\n", 1, "public:url", "not an absolute", "https://bots.example.com")]
    [InlineData("chat:\n", "store: { provider: postgres }\nchat:\n", 1, "store:connection", "needs a connection string", "Store__Connection")]
    [InlineData("chat:\n", "public: { url: \"https://bots.example.com/?a=b\" }\nchat:\n", 1, "public:url", "a query or a fragment", "End it with the host")]
    [InlineData("https://chat.example.com", "\"https://chat.example.com/#x\"", 2, "chat:baseUrl", "a query or a fragment", "End it with the host")]
    [InlineData("chat:\n", "urls: \"http://*:8080\"\nmanagement: { url: \"http://127.0.0.1:8080\" }\nchat:\n", 2, "management:url", "has the same port", "another port")]
    [InlineData("chat:\n", "urls: ' ; '\nchat:\n", 1, "urls", "no address to listen on", "http://*:8080")]
    [InlineData("chat:\n", "store: { provider: postgres, connection: \"postgres://u:p@h/d\" }\nchat:\n", 1, "store:connection", "not a connection string of PostgreSQL", "Store__Connection")]
    [InlineData("chat:\n", "store: { connection: \"DataSrc=x\" }\nchat:\n", 1, "store:connection", "not a connection string of SQLite", "Store__Connection")]
    [InlineData("chat:\n", "store: { connection: \"Data Source=:memory:\" }\nchat:\n", 1, "store:connection", "names no file", "Store__Connection")]
    [InlineData("provider: sqlite, connection: Data Source=shop.db", "provider: postgres, connection: Data Source=shop.db;Nonsense=1", 13, "lookups:orders:connection", "not a connection string of postgres", "Host=")]
    [InlineData("chat:\n", "telemetry: { otlp: \"collector:4317\" }\nchat:\n", 1, "telemetry:otlp", "not an absolute http or https address", "http://otel-collector:4317")]
    // Bots.
    [InlineData("nlu: { use: [local] }", "nlu: { use: [local] }\n    accounts: [3, 0]", 8, "bots:shop:accounts:1", "out of range", "from 1 to")]
    [InlineData("nlu: { use: [local] }", "nlu: { use: [local] }\n    handoff: { team: -4 }", 8, "bots:shop:handoff:team", "out of range", "from 1 to")]
    [InlineData("8d1f0c6f5a3b4c1e9a7d2b40", "short", 5, "bots:shop:key", "shorter than 16", "openssl rand")]
    [InlineData("8d1f0c6f5a3b4c1e9a7d2b40", "8d1f0c6f5a3b/4c1e9a7d2b40", 5, "bots:shop:key", "do not fit into an address", "letters, digits")]
    [InlineData("    key: 8d1f0c6f5a3b4c1e9a7d2b40", "    language: en", 4, "bots:shop:key", "missing", "bots__shop__key")]
    [InlineData("    accessToken: not-a-real-token", "    language: en", 4, "bots:shop:accessToken", "missing", "bots__shop__accessToken")]
    [InlineData("nlu: { use: [local] }", "nlu: { use: [local] }\n    signature: required", 8, "bots:shop:signature", "no webhookSecret", "webhookSecret")]
    [InlineData("nlu: { use: [local] }", "nlu: { use: [local] }\n    accounts: [3, 4, 3]", 8, "bots:shop:accounts:2", "listed twice", "Keep one")]
    [InlineData("nlu: { use: [local] }", "nlu: { use: [local] }\n    accounts: []", 8, "bots:shop:accounts", "is empty", "leave the key out")]
    [InlineData("nlu: { use: [local] }", "nlu: { use: [lokal] }", 7, "bots:shop:nlu:use:0", "no 'lokal' under 'nlu:'", "Did you mean 'local'?")]
    [InlineData("nlu: { use: [local] }", "nlu: { use: [] }", 7, "bots:shop:nlu:use", "uses no NLU adapter", "use: [local]")]
    [InlineData("nlu: { use: [local] }", "nlu: { use: [local] }\n    confidence: { answer: 0.4, clarify: 0.6 }", 8, "bots:shop:confidence:clarify", "above answer", "margin ≤ clarify ≤ answer")]
    [InlineData("nlu: { use: [local] }", "nlu: { use: [local] }\n    confidence: { clarify: 0.1, margin: 0.3 }", 8, "bots:shop:confidence:margin", "above clarify", "margin ≤ clarify ≤ answer")]
    [InlineData("nlu: { use: [local] }", "nlu: { use: [local] }\n    hours: { timeZone: Berlin, open: { mon: 9:00-18:00 } }", 8, "bots:shop:hours:timeZone", "not a time zone", "Europe/Berlin")]
    [InlineData("nlu: { use: [local] }", "nlu: { use: [local] }\n    hours: { open: { mon-fry: 9:00-18:00 } }", 8, "bots:shop:hours:open:mon-fry", "'fry' is not a day", "mon-fri: 09:00")]
    [InlineData("nlu: { use: [local] }", "nlu: { use: [local] }\n    hours: { open: { mon: from nine } }", 8, "bots:shop:hours:open:mon", "is not a span", "mon-fri: 09:00")]
    [InlineData("nlu: { use: [local] }", "nlu: { use: [local] }\n    timeZone: Mars/Base", 8, "bots:shop:timeZone", "not a time zone", "Europe/Berlin")]
    [InlineData("nlu: { use: [local] }", "nlu: { use: [local] }\n    language: english", 8, "bots:shop:language", "not a language", "pt-BR")]
    [InlineData("nlu: { use: [local] }", "nlu: { use: [local] }\n    handoff: { priority: hgh }", 8, "bots:shop:handoff:priority", "one of the words", "Did you mean 'high'?")]
    [InlineData("nlu: { use: [local] }", "nlu: { use: [local] }\n    handoff: { reasons: { lookup-faild: { team: 3 } } }", 8, "bots:shop:handoff:reasons:lookup-faild", "not a reason for a handoff", "Did you mean 'lookup-failed'?")]
    [InlineData("nlu: { use: [local] }", "nlu: { use: [local] }\n    session: { turnBudget: 2s }", 8, "bots:shop:session:turnBudget", "may use the whole turn", "attemptTimeout")]
    // Intents and routes.
    [InlineData(Order, "order_status: { answer: 0.9 }", 9, "bots:shop:intents:order_status", "leads nowhere", "route: <name>")]
    [InlineData(Order, "order_status: { route: order-status, reply: order.found }", 9, "bots:shop:intents:order_status", "route and reply: only one", "Keep one")]
    [InlineData(Order, "order_status: { route: order-state }", 9, "bots:shop:intents:order_status:route", "no 'order-state' under 'routes:'", "Did you mean 'order-status'?")]
    [InlineData(Order, "order_status: { handoff: { reason: because } }", 9, "bots:shop:intents:order_status:handoff:reason", "not a reason", "Known here: action-failed")]
    [InlineData(Order, "order_status: { route: order-status, slots: { number: 1 } }", 9, "bots:shop:intents:order_status:slots:number", "has no slot 'number'", "Known here: order_number")]
    [InlineData(Order, "order_status: { reply: nothing.there }", 9, "bots:shop:intents:order_status:reply", "no text 'nothing.there'", "en.yaml")]
    [InlineData("lookup: orders", "lookup: order", 18, "routes:order-status:lookup", "no 'order' under 'lookups:'", "Did you mean 'orders'?")]
    [InlineData("lookup: orders", "lookup: orders\n    action: book", 19, "routes:order-status:action", "no 'book' under 'actions:'", "Nothing of this kind")]
    [InlineData("found: order.found", "found: order.fund", 19, "routes:order-status:reply:found", "no text 'order.fund'", "en.yaml")]
    [InlineData("found: order.found,", "", 19, "routes:order-status:reply", "nothing to say when all goes well", "reply: { found")]
    [InlineData("notFound: order.not_found", "done: order.found", 19, "routes:order-status:reply:done", "no action", "Add action")]
    [InlineData("    lookup: orders\n", "", 18, "routes:order-status:reply:found", "no lookup", "Add lookup")]
    [InlineData("    lookup: orders\n", "    lookup: orders\n    proof: code\n", 4, "bots:shop:proof:sender", "no sender", "senders:")]
    [InlineData("notFound: order.not_found", "notFound: { say: [] }", 19, "routes:order-status:reply:notFound", "says nothing", "say: …")]
    [InlineData("{ type: text }", "{ type: pattern }", 17, "routes:order-status:slots:order_number:pattern", "needs a pattern", "(?<value>")]
    [InlineData("{ type: text }", "{ type: pattern, pattern: '(\\d' }", 17, "routes:order-status:slots:order_number:pattern", "not a regular expression", "Correct it")]
    [InlineData("{ type: text }", "{ type: choice }", 17, "routes:order-status:slots:order_number:choices", "needs choices", "choices: {")]
    [InlineData("{ type: text }", "{ type: number, min: 5, max: 2 }", 17, "routes:order-status:slots:order_number:min", "min is above max", "Exchange")]
    [InlineData("{ type: text }", "{ type: text, max: 2 }", 17, "routes:order-status:slots:order_number:max", "no meaning", "number, money and time")]
    [InlineData("{ type: text }", "{ type: time, min: 9, max: 25 }", 17, "routes:order-status:slots:order_number:max", "hours from 0 to 24", "half past nine")]
    [InlineData("{ type: text }", "{ type: time, future: true }", 17, "routes:order-status:slots:order_number:future", "no meaning", "date and date-range")]
    [InlineData("{ type: text }", "{ type: text, future: true }", 17, "routes:order-status:slots:order_number:future", "no meaning", "date and date-range")]
    [InlineData("{ type: text }", "{ type: text, from: email }", 17, "routes:order-status:slots:order_number:from", "cannot be read", "contact.email")]
    [InlineData("{ type: text }", "{ type: text, ask: nothing.there }", 17, "routes:order-status:slots:order_number:ask", "no text 'nothing.there'", "en.yaml")]
    [InlineData("query: \"select number from orders where number = @order_number\" }\nroutes:\n  order-status:\n", "query: \"select number from orders\" }\nroutes:\n  order-status:\n    proof: known-fact\n", 16, "routes:order-status:proof", "compares no slot", "Use the slots")]
    // Lookups.
    [InlineData("select number from orders", "delete from orders", 13, "lookups:orders:query", "begins with 'delete'", "one SELECT")]
    [InlineData("where number = @order_number", "where number = @order_numbr", 13, "lookups:orders:query", "@order_numbr is not a slot of routes:order-status", "Did you mean 'order_number'?")]
    [InlineData("provider: sqlite,", "provider: sqllite,", 13, "lookups:orders:provider", "one of the words", "Did you mean 'sqlite'?")]
    [InlineData("provider: sqlite,", "", 13, "lookups:orders:provider", "kind is missing", "sqlserver")]
    [InlineData("connection: Data Source=shop.db,", "", 13, "lookups:orders:connection", "connection string is missing", "lookups__orders__connection")]
    [InlineData("connection: Data Source=shop.db,", "connection: Data Source=shop.db, url: \"https://x\",", 13, "lookups:orders:url", "no meaning for a lookup of kind sql", "Take it out")]
    [InlineData("kind: sql, provider: sqlite, connection: Data Source=shop.db, query: \"select number from orders where number = @order_number\"", "kind: http, url: \"{{ order_number }}\"", 13, "lookups:orders:url", "could change its host", "scheme and host")]
    [InlineData("kind: sql, provider: sqlite, connection: Data Source=shop.db, query: \"select number from orders where number = @order_number\"", "kind: http, url: https://a.example, auth: { kind: oauth2, tokenUrl: x }", 13, "lookups:orders:auth:clientId", "needs clientId", "lookups__orders__auth__clientId")]
    [InlineData("kind: sql, provider: sqlite, connection: Data Source=shop.db, query: \"select number from orders where number = @order_number\"", "kind: onehash-orders", 13, "lookups:orders:kind", "chat.adminToken is missing", "Chat__AdminToken")]
    [InlineData("local: { adapter: local }", "local: { adapter: local, timeout: 1s }", 11, "nlu:local:attemptTimeout", "longer than all together (1s)", "at most")]
    [InlineData("local: { adapter: local }", "local: { training: x }", 11, "nlu:local:adapter", "names no adapter", "dialogflow")]
    public void A_mistake_is_reported_with_line_path_and_remedy(string piece, string replacement, int line, string path, string message, string remedy)
    {
        var loaded = ConfigurationScene.With(piece, replacement);

        Assert.Null(loaded.Configuration);
        var problem = Assert.Single(loaded.Errors, p => p.Path == path);
        Assert.Contains(message, problem.Message, StringComparison.Ordinal);
        Assert.Contains(remedy, problem.Remedy, StringComparison.Ordinal);
        Assert.Equal((line, "intent-router.yaml"), (problem.Line, Path.GetFileName(problem.File)));
    }

    [Theory]
    [InlineData("{ type: text }", "{ type: pattern, pattern: '\\d{4}' }")]
    [InlineData("{ type: text }", "{ type: text, optional: true }")]
    [InlineData("{ type: text }", "{ type: time, min: 8, max: 17.5 }")]
    [InlineData("reply: { found: order.found, notFound: order.not_found }", "reply: order.found")]
    [InlineData("found: order.found", "found: [order.found, order.not_found]")]
    [InlineData("found: order.found", "found: { say: order.found, handoff: { team: 3 } }")]
    [InlineData("notFound: order.not_found", "notFound: { handoff: { reason: lookup-failed } }")]
    [InlineData("reply: { found: order.found, notFound: order.not_found }", "reply: provider")]
    [InlineData("nlu: { use: [local] }", "nlu: { use: local }")]
    [InlineData("    accessToken: not-a-real-token", "    accessToken: not-a-real-token\n    accounts: 3")]
    [InlineData("    accessToken: not-a-real-token", "    accessToken: not-a-real-token\n    confidence:")]
    [InlineData("where number = @order_number", "where number = @order_number and contact = @contact_id")]
    [InlineData("chat:\n", "logging: { logLevel: { default: Debug, Microsoft.AspNetCore: Warning } }\nchat:\n")]
    [InlineData("chat:\n", "urls: \"http://*:8080;http://[::1]:9000\"\nchat:\n")]
    [InlineData("chat:\n", "management: { url: \"http://localhost:8081\" }\nchat:\n")]
    public void Short_and_unusual_forms_are_taken(string piece, string replacement) =>
        Assert.Empty(ConfigurationScene.With(piece, replacement).Errors);

    [Theory]
    [InlineData("bots: [", "not valid YAML")]
    [InlineData("bots:\n\tshop: 1", "not valid YAML")]
    [InlineData("- a\n- b", "does not hold a map")]
    [InlineData("a: 1\n---\nb: 2", "several YAML documents")]
    [InlineData("a: *nothing", "not valid YAML")]
    [InlineData("a: [3\nb: 1", "not valid YAML")]
    [InlineData("a: { b: &b { c: *b } }", "'b' is not defined before")]
    [InlineData("a: { <<: 5 }", "'<<' takes in a map")]
    [InlineData("just words", "does not hold a map")]
    public void A_file_that_is_no_configuration_says_where(string text, string message)
    {
        var problem = ConfigurationScene.Parse(text).Errors.First(p => p.Message.Contains(message, StringComparison.Ordinal));

        Assert.True(problem.Line > 0);
    }

    [Theory]
    [InlineData("chat:\n  baseUrl: x\n\tbots: 1", 3)]
    [InlineData("chat:\n  baseUrl: [x\nbots: 1", 3)]
    [InlineData("chat:\n  baseUrl: \"x\nbots: 1", 4)]
    public void A_syntax_error_is_reported_where_it_is_noticed(string text, int lastLine)
    {
        var problem = ConfigurationScene.Parse(text).Errors.First();

        Assert.InRange(problem.Line, 2, lastLine);
    }

    [Fact]
    public void Aliases_of_aliases_do_not_fill_the_memory()
    {
        var bomb = string.Join('\n', Enumerable.Range(1, 9).Select(n => $"k{n}: &k{n} [{string.Join(',', Enumerable.Repeat($"*k{n - 1}", 9))}]"));

        Assert.Contains(ConfigurationScene.Parse("k0: &k0 x\n" + bomb).Errors, p => p.Message.Contains("too many entries", StringComparison.Ordinal));
    }

    [Fact]
    public void Bytes_that_are_no_text_are_refused_with_their_line_instead_of_reaching_customers()
    {
        using var scene = new ConfigurationScene().Write("intent-router.yaml", ConfigurationScene.Minimal).Write("texts/en.yaml", ConfigurationScene.Texts);
        File.WriteAllBytes(Path.Combine(scene.Folder, "texts/de.yaml"), System.Text.Encoding.Latin1.GetBytes("order.found: Da\norder.not_found: Schöne Grüße\n"));

        var problem = Assert.Single(scene.Load().Errors);

        Assert.Equal(("de.yaml", 2), (Path.GetFileName(problem.File), problem.Line));
        Assert.Contains("UTF-8", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_problem_is_reported_at_once()
    {
        var loaded = ConfigurationScene.With("8d1f0c6f5a3b4c1e9a7d2b40", "short\n    langage: en\n    session: { idle: soon }");

        Assert.Equal([5, 6, 7], loaded.Errors.Select(p => p.Line));
    }

    [Theory]
    [InlineData("8d1f0c6f5a3b4c1e9a7d2b40", "canary")]
    [InlineData("chat:\n", "management: { url: \"http://127.0.0.1:1\", apiKey: canary }\nchat:\n")]
    [InlineData("chat:\n", "chat:\n  adminToken: [canary]\n")]
    [InlineData("chat:\n", "senders: { mail: { kind: smtp, password: [canary] } }\nchat:\n")]
    [InlineData("accessToken:", "accesToken: canary\n    token:")]
    [InlineData("https://chat.example.com", "https://me:canary@chat.example.com")]
    public void A_secret_is_never_shown(string piece, string replacement)
    {
        var loaded = ConfigurationScene.With(piece, replacement);

        Assert.NotEmpty(loaded.Errors);
        Assert.DoesNotContain("canary", CheckCommand.Text(loaded, new ConfigurationSources { Directory = "/" }), StringComparison.Ordinal);
        Assert.DoesNotContain("canary", CheckCommand.Json(loaded, new ConfigurationSources { Directory = "/" }), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("order_number: { type: text }", "routes:order-status:proof", "A single fact")]
    [InlineData("order_number: { type: text }\n      email: { type: email }", "routes:order-status:slots:email", "does not compare 'email'")]
    public void A_fact_that_proves_little_or_nothing_is_warned_about(string slots, string path, string message)
    {
        var loaded = ConfigurationScene.With("order_number: { type: text }", slots + "\n    proof: known-fact");

        Assert.Contains(loaded.Problems, p => p.IsWarning && p.Path == path && p.Message.Contains(message, StringComparison.Ordinal));
        Assert.NotNull(loaded.Configuration);
    }

    [Theory]
    [InlineData("phone: { type: phone }", "smtp", true)]
    [InlineData("phone: { type: phone }", "http", false)]
    [InlineData("email: { type: email }\n      phone: { type: phone }", "smtp", false)]
    public void A_code_is_not_mailed_to_a_telephone(string slots, string kind, bool isProblem)
    {
        var loaded = ConfigurationScene.Parse(ConfigurationScene.Minimal
            .Replace("order_number: { type: text }", $"{slots}\n    proof: code", StringComparison.Ordinal)
            .Replace("where number = @order_number", slots.StartsWith("email", StringComparison.Ordinal) ? "where email = @email" : "where phone = @phone", StringComparison.Ordinal)
            .Replace("    nlu: { use: [local] }", "    nlu: { use: [local] }\n    proof: { sender: it }", StringComparison.Ordinal)
            + $"\nsenders: {{ it: {{ kind: {kind}, {(kind == "smtp" ? "host: mail.example.com, fromAddress: a@example.com" : "url: \"https://sms.example.com/send\"")} }} }}");

        Assert.Equal(isProblem, loaded.Errors.Any(p => p.Path == "bots:shop:proof:sender" && p.Message.Contains("a phone number", StringComparison.Ordinal)));
        Assert.Equal(isProblem ? 1 : 0, loaded.Errors.Count());
    }

    [Fact]
    public void Two_bots_with_one_key_are_told_apart_by_nobody()
    {
        var shop = ConfigurationScene.Minimal[ConfigurationScene.Minimal.IndexOf("  shop:", StringComparison.Ordinal)..ConfigurationScene.Minimal.IndexOf("nlu:\n  local", StringComparison.Ordinal)];
        var loaded = ConfigurationScene.With(shop, shop + shop.Replace("shop:", "hotel:", StringComparison.Ordinal));

        var problem = Assert.Single(loaded.Errors);
        Assert.Equal(("bots:hotel:key", "***"), (problem.Path, problem.Value));
        Assert.Contains("bots:shop:key", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Anchors_and_merge_keys_are_understood()
    {
        var loaded = ConfigurationScene.With(
            "order_number: { type: text }", "order_number: &common { type: text, ask: order.found }\n      email: { <<: *common, type: email }");

        Assert.Empty(loaded.Errors);
        var email = loaded.Configuration!.Options.Routes["order-status"].Slots["email"];
        Assert.Equal(("email", "order.found"), (email.Type, email.Ask));
    }
}
