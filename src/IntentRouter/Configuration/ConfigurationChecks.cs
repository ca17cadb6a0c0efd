using System.Net;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using IntentRouter.Decisions;
using IntentRouter.Fulfillment;

namespace IntentRouter.Configuration;

/// <summary>Checks of settings against each other: what each key alone cannot tell.</summary>
internal sealed class ConfigurationChecks(RouterOptions options, ProblemReport report, ConfigurationSources sources)
{
    private const int ShortestKey = 16;

    public void Run()
    {
        CheckListeners();
        CheckChat();
        CheckEngine();
        CheckNlu();
        CheckLookups();
        CheckActions();
        CheckSenders();
        CheckRoutes();
        if (options.Bots.Count == 0)
        {
            report.Error("bots", "No bot is configured.", "Add one under 'bots:' with its key, accessToken and intents.");
        }

        foreach (var (name, bot) in options.Bots)
        {
            CheckBot($"bots:{name}", bot);
        }

        CheckKeysDiffer();
    }

    private void CheckListeners()
    {
        foreach (var url in options.Urls.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (!IsListener(url, out _))
            {
                report.Error("urls", $"'{url}' is not an address to listen on.", "Write http://*:8080, or several with semicolons.");
            }
        }

        if (!IsListener(options.Management.Url, out var host))
        {
            report.Error("management:url", "This is not an address to listen on.", "Write http://127.0.0.1:8081.");
        }
        else if (string.IsNullOrEmpty(options.Management.ApiKey) && !IsLoopback(host))
        {
            report.Error("management:url", "The management listener can be reached from other machines and has no key.", "Set management.apiKey (at least 16 characters), or listen on http://127.0.0.1:8081.");
        }

        if (options.Management.ApiKey is { Length: > 0 and < ShortestKey })
        {
            report.Error("management:apiKey", $"The key is shorter than {ShortestKey} characters.", "Make one with: openssl rand -hex 24");
        }

        if (options.Public.Url is not null)
        {
            CheckUrl("public:url", options.Public.Url, "https://bots.example.com");
        }
    }

    private static bool IsListener(string url, out string host)
    {
        // '*' and '+' mean every address to Kestrel, and nothing to Uri.
        var readable = url.Replace("://*", "://0.0.0.0", StringComparison.Ordinal).Replace("://+", "://0.0.0.0", StringComparison.Ordinal);
        var good = Uri.TryCreate(readable, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" && uri!.PathAndQuery == "/";
        host = good ? uri!.Host.Trim('[', ']') : "";
        return good;
    }

    private static bool IsLoopback(string host) => host is "localhost" || (IPAddress.TryParse(host, out var address) && IPAddress.IsLoopback(address));

    private void CheckUrl(string path, string? url, string example)
    {
        if (string.IsNullOrEmpty(url))
        {
            report.Error(path, "The address is missing.", $"Write an absolute address such as {example}.");
        }
        else if (!Uri.TryCreate(url, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https"))
        {
            report.Error(path, "This is not an absolute http or https address.", $"Write an address such as {example}.");
        }
        else if (uri.UserInfo.Length > 0)
        {
            report.Error(path, "The address holds a user name or password.", "Put credentials into the keys made for them.");
        }
    }

    private void CheckChat()
    {
        CheckUrl("chat:baseUrl", options.Chat.BaseUrl, "https://chat.example.com");
        if (options.Chat.Timeout > options.Engine.Lease / 3)
        {
            report.Error(
                "chat:timeout", $"One API call may take {Duration.Format(options.Chat.Timeout)}, more than a third of engine.lease ({Duration.Format(options.Engine.Lease)}): a conversation could be taken over in the middle of a send.",
                $"Set chat.timeout to {Duration.Format(options.Engine.Lease / 3)} at most, or raise engine.lease.");
        }

        if (options.Chat.Sweep.After >= options.Chat.Sweep.TooOld)
        {
            report.Error("chat:sweep:tooOld", "Conversations would be too old before they are picked up.", "Set chat.sweep.tooOld above chat.sweep.after.");
        }
    }

    private void CheckEngine()
    {
        if (options.Retention.Events < TimeSpan.FromDays(1))
        {
            report.Warning("retention:events", "Deduplication remembers less than a day: a delivery that the chat repeats later is taken as new.", "Keep 1d or more.");
        }

        if (options.Store.Provider == "postgres" && (options.Store.Connection.Length == 0 || options.Store.Connection.Contains("intent-router.db", StringComparison.Ordinal)))
        {
            report.Error("store:connection", "PostgreSQL needs a connection string.", "Write Host=…;Database=…;Username=…;Password=…, best as the secret Store__Connection.");
        }
    }

    private void CheckNlu()
    {
        foreach (var (name, entry) in options.Nlu)
        {
            var path = $"nlu:{name}";
            if (entry.Adapter.Length == 0)
            {
                report.Error($"{path}:adapter", "The entry names no adapter.", "Add adapter: local, dialogflow, lex, rasa, language-model, http, or a plugin's type.");
            }

            if (entry.AttemptTimeout > entry.Timeout)
            {
                report.Error($"{path}:attemptTimeout", $"One attempt may take longer than all together ({Duration.Format(entry.Timeout)}).", "Set attemptTimeout to timeout at most.");
            }
        }
    }

    private void CheckBot(string path, BotOptions bot)
    {
        CheckSecrets(path, bot);
        CheckConfidence($"{path}:confidence", bot);
        foreach (var (key, names) in new[] { ("use", bot.Nlu.Use), ("shadow", bot.Nlu.Shadow) })
        {
            for (var i = 0; i < names.Count; i++)
            {
                CheckName($"{path}:nlu:{key}:{i}", names[i], options.Nlu.Keys, "nlu");
                if (names.IndexOf(names[i]) < i)
                {
                    report.Error($"{path}:nlu:{key}:{i}", $"'{names[i]}' is listed twice.", "Keep one.");
                }
            }
        }

        foreach (var name in bot.Nlu.Shadow.Intersect(bot.Nlu.Use, StringComparer.OrdinalIgnoreCase))
        {
            report.Warning($"{path}:nlu:shadow", $"'{name}' is in use as well as in shadow.", "Take it out of one of the two.");
        }

        if (bot.Nlu.Use.Count == 0)
        {
            report.Error($"{path}:nlu:use", "The bot uses no NLU adapter.", "Write nlu: { use: [local] }, with the entry under 'nlu:'.");
        }

        foreach (var name in bot.Nlu.Use.Where(n => options.Nlu.TryGetValue(n, out var e) && e.AttemptTimeout >= bot.Session.TurnBudget).Distinct())
        {
            report.Error($"{path}:session:turnBudget", $"One attempt of nlu.{name} may use the whole turn ({Duration.Format(options.Nlu[name].AttemptTimeout)}).", "Raise session.turnBudget, or lower the entry's attemptTimeout.");
        }

        CheckHours(path, bot);
        CheckLanguages(path, bot);
        CheckHandoff($"{path}:handoff", bot.Handoff);
        if (bot.Intents.Count == 0)
        {
            report.Error($"{path}:intents", "The bot has no intents, so every message would go to a human.", "Name each intent of the NLU with a route, a reply or a handoff.");
        }

        foreach (var (name, intent) in bot.Intents)
        {
            CheckIntent(path, bot, name, intent);
        }
    }

    private void CheckSecrets(string path, BotOptions bot)
    {
        CheckKey($"{path}:key", bot.Key, needed: true);
        CheckKey($"{path}:previousKey", bot.PreviousKey, needed: false);
        if (string.IsNullOrEmpty(bot.AccessToken) && !sources.WithoutSecrets)
        {
            report.Error($"{path}:accessToken", "The bot's API token is missing.", $"Run 'intent-router bots list', or set {Variable($"{path}:accessToken")} to the token that the chat shows for the bot.");
        }

        if (bot.Signature == SignatureMode.Required && string.IsNullOrEmpty(bot.WebhookSecret) && !sources.WithoutSecrets)
        {
            report.Error($"{path}:signature", "Signatures are required but there is no webhookSecret to verify them with.", $"Set {Variable($"{path}:webhookSecret")}, or use signature: ifPresent.");
        }

        if (bot.Accounts is { } accounts)
        {
            if (accounts.Count == 0)
            {
                report.Error($"{path}:accounts", "The list of accounts is empty.", "Name the accounts, or leave the key out for a global bot.");
            }

            for (var i = 0; i < accounts.Count; i++)
            {
                if (accounts[i] <= 0)
                {
                    report.Error($"{path}:accounts:{i}", "An account is a number above 0.", "The number stands in the chat's address: /app/accounts/<number>/…");
                }

                if (accounts.IndexOf(accounts[i]) < i)
                {
                    report.Error($"{path}:accounts:{i}", $"Account {accounts[i]} is listed twice.", "Keep one.");
                }
            }
        }
    }

    private void CheckKey(string path, string? key, bool needed)
    {
        if (string.IsNullOrEmpty(key))
        {
            if (needed && !sources.WithoutSecrets)
            {
                report.Error(path, "The key in the bot's URL is missing.", $"Make one with 'openssl rand -hex 24' and set {Variable(path)}.");
            }
        }
        else if (key.Length < ShortestKey)
        {
            report.Error(path, $"The key is shorter than {ShortestKey} characters and could be guessed.", "Make one with: openssl rand -hex 24");
        }
        else if (key.Any(c => !char.IsAsciiLetterOrDigit(c) && c is not ('-' or '_' or '.' or '~')))
        {
            report.Error(path, "The key has characters that do not fit into an address.", "Use letters, digits, hyphen and underscore: openssl rand -hex 24");
        }
    }

    private static string Variable(string path) => path.Replace(":", "__", StringComparison.Ordinal);

    private void CheckKeysDiffer()
    {
        var seen = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, bot) in options.Bots)
        {
            foreach (var (path, key) in new[] { ($"bots:{name}:key", bot.Key), ($"bots:{name}:previousKey", bot.PreviousKey) })
            {
                if (!string.IsNullOrEmpty(key) && !seen.TryAdd(key, path))
                {
                    report.Error(path, $"The key is the same as that of {seen[key]}.", "Give each bot a key of its own: openssl rand -hex 24");
                }
            }
        }
    }

    private void CheckConfidence(string path, BotOptions bot)
    {
        var c = bot.Confidence;
        if (c.Clarify > c.Answer)
        {
            report.Error($"{path}:clarify", Invariant($"clarify ({c.Clarify}) is above answer ({c.Answer}): the thresholds are out of order."), "Keep margin ≤ clarify ≤ answer.");
        }

        if (c.Margin > c.Clarify)
        {
            report.Error($"{path}:margin", Invariant($"margin ({c.Margin}) is above clarify ({c.Clarify}): nothing could ever be clear."), "Keep margin ≤ clarify ≤ answer.");
        }
    }

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);

    private void CheckHours(string path, BotOptions bot)
    {
        if (bot.TimeZone is { } zone && !TimeZoneInfo.TryFindSystemTimeZoneById(zone, out _))
        {
            report.Error($"{path}:timeZone", $"'{zone}' is not a time zone.", "Use an IANA name such as Europe/Berlin.");
        }

        if (bot.Hours is not { } hours)
        {
            return;
        }

        if (!TimeZoneInfo.TryFindSystemTimeZoneById(hours.TimeZone, out _))
        {
            report.Error($"{path}:hours:timeZone", $"'{hours.TimeZone}' is not a time zone.", "Use an IANA name such as Europe/Berlin.");
        }

        foreach (var (days, spans) in hours.Open)
        {
            try
            {
                _ = BusinessHours.Parse(new HoursOptions { Open = { [days] = spans } });
            }
            catch (FormatException ex)
            {
                report.Error($"{path}:hours:open:{days}", ex.Message, "Write mon-fri: 09:00-12:00, 13:00-18:00.");
            }
        }

        if (hours.Open.Count == 0)
        {
            report.Error($"{path}:hours:open", "The hours name no day on which somebody is there.", "Write open: { mon-fri: 09:00-18:00 }, or leave 'hours' out for always open.");
        }
    }

    private void CheckLanguages(string path, BotOptions bot)
    {
        CheckLanguage($"{path}:language", bot.Language);
        for (var i = 0; i < bot.Languages.Count; i++)
        {
            CheckLanguage($"{path}:languages:{i}", bot.Languages[i]);
        }
    }

    private void CheckLanguage(string path, string language)
    {
        if (!Regex.IsMatch(language, "^[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8})*$"))
        {
            report.Error(path, "This is not a language.", "Write a BCP 47 tag such as en, de or pt-BR.");
        }
    }

    private void CheckHandoff(string path, HandoffOptions handoff)
    {
        foreach (var (reason, target) in handoff.Reasons)
        {
            CheckReason($"{path}:reasons:{reason}", reason);
            CheckTarget($"{path}:reasons:{reason}", target);
        }
    }

    private void CheckTarget(string path, HandoffTargetOptions? target)
    {
        if (target?.Reason is { } reason)
        {
            CheckReason($"{path}:reason", reason);
        }
    }

    private void CheckReason(string path, string reason)
    {
        if (!Kebab.TryParse<HandoffReason>(reason, out _))
        {
            report.Error(path, $"'{reason}' is not a reason for a handoff.", NearestWord.Advice(reason, Enum.GetValues<HandoffReason>().Select(r => Kebab.Of(r))));
        }
    }

    private void CheckIntent(string botPath, BotOptions bot, string name, IntentOptions intent)
    {
        var path = $"{botPath}:intents:{name}";
        var given = new[] { (Key: "route", Is: intent.Route is not null), (Key: "reply", Is: intent.Reply is not null), (Key: "handoff", Is: intent.Handoff is not null) }.Where(g => g.Is).Select(g => g.Key).ToList();
        if (given.Count == 0)
        {
            report.Error(path, "The intent has no route, reply or handoff, so it leads nowhere.", "Add route: <name>, reply: <text key>, or handoff: { reason: … }.");
        }
        else if (given.Count > 1)
        {
            report.Error(path, $"The intent has {string.Join(" and ", given)}: only one can be done.", "Keep one of them.");
        }

        if (intent.Route is not null && CheckName($"{path}:route", intent.Route, options.Routes.Keys, "routes"))
        {
            var route = options.Routes[intent.Route];
            foreach (var slot in intent.Slots.Keys.Where(s => !route.Slots.ContainsKey(s)))
            {
                report.Error($"{path}:slots:{slot}", $"The route '{intent.Route}' has no slot '{slot}'.", NearestWord.Advice(slot, route.Slots.Keys));
            }

            if (route.Proof == "code" && bot.Proof.Sender is null)
            {
                report.Error($"{botPath}:proof:sender", $"The route '{intent.Route}' asks for a one-time code and the bot has no sender for it.", "Name an entry of 'senders:' under proof.sender.");
            }
        }
        else if (intent.Route is null && intent.Slots.Count > 0)
        {
            report.Error($"{path}:slots", "Slots are given and there is no route to use them.", "Add a route, or take the slots out.");
        }

        if (intent.Answer is { } answer && answer < bot.Confidence.Clarify)
        {
            report.Warning($"{path}:answer", Invariant($"The intent answers from {answer} on, below confidence.clarify ({bot.Confidence.Clarify})."), "Raise it, or lower confidence.clarify.");
        }

        CheckTarget($"{path}:handoff", intent.Handoff);
        if (bot.Proof.Sender is { } sender)
        {
            CheckName($"{botPath}:proof:sender", sender, options.Senders.Keys, "senders");
        }
    }

    private bool CheckName(string path, string name, IReadOnlyCollection<string> known, string section)
    {
        if (known.Contains(name, StringComparer.OrdinalIgnoreCase))
        {
            return true;
        }

        report.Error(path, $"There is no '{name}' under '{section}:'.", NearestWord.Advice(name, known));
        return false;
    }

    private void CheckRoutes()
    {
        foreach (var (name, route) in options.Routes)
        {
            var path = $"routes:{name}";
            if (!options.Bots.Values.SelectMany(b => b.Intents.Values).Any(i => string.Equals(i.Route, name, StringComparison.OrdinalIgnoreCase)))
            {
                report.Warning(path, "No intent leads to this route.", "Name it under an intent of a bot, or take it out.");
            }

            if (route.Lookup is not null && CheckName($"{path}:lookup", route.Lookup, options.Lookups.Keys, "lookups"))
            {
                CheckParameters(path, route, $"lookups:{route.Lookup}:query", options.Lookups[route.Lookup] is { Kind: "sql" } l ? SqlText.Read(l.Query ?? "", l.Provider) : null);
            }

            if (route.Action is not null && CheckName($"{path}:action", route.Action, options.Actions.Keys, "actions"))
            {
                CheckParameters(path, route, $"actions:{route.Action}:statement", options.Actions[route.Action] is { Kind: "sql" } a ? SqlText.Write(a.Statement ?? "", a.Provider) : null);
            }

            CheckProof(path, route);
            CheckReply(path, route);
            foreach (var (slot, slotOptions) in route.Slots)
            {
                CheckSlot($"{path}:slots:{slot}", slotOptions);
            }
        }
    }

    private void CheckParameters(string routePath, RouteOptions route, string path, SqlText? sql)
    {
        var known = route.Slots.Keys.Select(SqlParameters.NameOf).Concat(SqlParameters.Always).ToList();
        if (path.StartsWith("actions:", StringComparison.Ordinal))
        {
            known.Add(SqlParameters.IdempotencyKey);
        }

        foreach (var parameter in (sql?.Parameters ?? []).Where(p => !known.Contains(p, StringComparer.OrdinalIgnoreCase)))
        {
            report.Error(path, $"@{parameter} is not a slot of {routePath}.", NearestWord.Advice(parameter, known));
        }
    }

    private void CheckProof(string path, RouteOptions route)
    {
        if (route.Proof != "known-fact")
        {
            return;
        }

        if (route.Lookup is null)
        {
            report.Error($"{path}:proof", "known-fact needs a lookup that finds nothing unless the facts match.", "Add a lookup, or use another proof.");
        }
        else if (route.Slots.Count(s => !s.Value.Optional) < 2)
        {
            report.Warning($"{path}:proof", "A single fact proves little: numbers can be counted through.", "Ask for two facts, for example the order number and the e-mail.");
        }
    }

    private void CheckReply(string path, RouteOptions route)
    {
        var reply = route.Reply;
        foreach (var (key, outcome) in new[] { ("found", reply.Found), ("notFound", reply.NotFound), ("failed", reply.Failed), ("done", reply.Done) })
        {
            CheckTarget($"{path}:reply:{key}:handoff", outcome?.Handoff);
            if (outcome is { Handoff: null, Say.Count: 0 })
            {
                report.Error($"{path}:reply:{key}", "The outcome says nothing and hands nobody off.", "Write a text key, a list of keys, or { say: …, handoff: { … } }.");
            }
        }

        if (route.Lookup is null && (reply.Found ?? reply.NotFound) is not null)
        {
            report.Error($"{path}:reply:{(reply.Found is null ? "notFound" : "found")}", "The route has no lookup that could find anything.", "Add lookup: <name>, or write reply: <text key>.");
        }

        if (route.Action is null && reply.Done is not null)
        {
            report.Error($"{path}:reply:done", "The route has no action that could be done.", "Add action: <name>, or write reply: <text key>.");
        }

        if (reply.Text is null && (route.Action is not null ? reply.Done : reply.Found) is null)
        {
            report.Error($"{path}:reply", "The route has nothing to say when all goes well.", route switch
            {
                { Action: not null } => "Add reply: { done: <text key> }.",
                { Lookup: not null } => "Add reply: { found: <text key>, notFound: <text key> }.",
                _ => "Add reply: <text key>.",
            });
        }

        if (route.Action is not null && route.Confirm is null)
        {
            report.Warning($"{path}:action", "The route names no question before the action, so the built-in one is asked.", "Add confirm: <text key>.");
        }
    }

    private void CheckSlot(string path, SlotOptions slot)
    {
        if (slot.Type == "pattern" && slot.Pattern is null)
        {
            report.Error($"{path}:pattern", "A slot of type pattern needs a pattern.", "Write pattern: '#?(?<value>\\d{4,10})'.");
        }

        if (slot.Pattern is not null)
        {
            CheckPattern($"{path}:pattern", slot.Pattern);
        }

        if (slot.Type == "choice" && slot.Choices.Count == 0)
        {
            report.Error($"{path}:choices", "A slot of type choice needs choices.", "Write choices: { small: [s, little], large: [l, big] }.");
        }

        if (slot.Min > slot.Max)
        {
            report.Error($"{path}:min", "min is above max.", "Exchange the two.");
        }

        if (slot is { Min: not null } or { Max: not null } && slot.Type is not ("number" or "money"))
        {
            report.Error($"{path}:{(slot.Min is null ? "max" : "min")}", $"min and max have no meaning for a slot of type {slot.Type}.", "They belong to number and money.");
        }

        if ((slot.Future || slot.Past) && slot.Type is not ("date" or "time" or "date-range"))
        {
            report.Error($"{path}:{(slot.Future ? "future" : "past")}", $"future and past have no meaning for a slot of type {slot.Type}.", "They belong to date, time and date-range.");
        }

        if (slot is { Future: true, Past: true })
        {
            report.Error($"{path}:past", "A date cannot be both in the future and in the past.", "Keep one.");
        }

        if (slot.From is { } from && !Regex.IsMatch(from, "^contact\\.[A-Za-z0-9_-]+$"))
        {
            report.Error($"{path}:from", "The profile field cannot be read.", "Write contact.email, contact.phone, contact.name, or contact.<attribute>.");
        }
    }

    private void CheckPattern(string path, string pattern)
    {
        try
        {
            // What no customer can make slow is preferred; the other engine runs with a time limit.
            _ = new Regex(pattern, RegexOptions.CultureInvariant, TimeSpan.FromMilliseconds(100));
        }
        catch (ArgumentException ex)
        {
            report.Error(path, $"The pattern is not a regular expression: {ex.Message.TrimEnd('.')}.", "Correct it; quote it with single quotes so that YAML leaves backslashes alone.");
        }
    }

    private void CheckLookups()
    {
        foreach (var (name, lookup) in options.Lookups)
        {
            var path = $"lookups:{name}";
            switch (lookup.Kind)
            {
                case "sql":
                    CheckSql(path, "query", lookup.Query, lookup.Provider, lookup.Connection, SqlText.Read(lookup.Query ?? "", lookup.Provider), "Write one SELECT whose values are @slot parameters.");
                    Foreign(path, "a lookup of kind sql", ("url", lookup.Url is not null), ("body", lookup.Body is not null), ("auth", lookup.Auth is not null), ("result", lookup.Result is not null), ("headers", lookup.Headers.Count > 0), ("cache", lookup.Cache is not null));
                    break;
                case "http":
                    CheckHttp(path, lookup.Url, lookup.Auth, lookup.Result);
                    CheckTemplates(path, lookup.Method, lookup.Url, lookup.Headers, lookup.Body, RoutesWith(r => r.Lookup, name), HttpVariables.OfLookup);
                    Foreign(path, "a lookup of kind http", ("query", lookup.Query is not null), ("provider", lookup.Provider is not null), ("connection", lookup.Connection is not null));
                    break;
                case "":
                    report.Error($"{path}:kind", "The lookup has no kind.", "Write kind: sql, http, onehash-orders or onehash-bookings.");
                    break;
                default:
                    CheckUserToken(name, lookup);
                    CheckOneHashSlots(name, lookup);

                    break;
            }
        }
    }

    private void CheckOneHashSlots(string name, LookupOptions lookup)
    {
        var known = OneHashLookup.SlotsOf(lookup.Kind);
        foreach (var (path, route) in RoutesWith(r => r.Lookup, name))
        {
            foreach (var slot in route.Slots.Keys.Where(s => !known.Contains(s, StringComparer.OrdinalIgnoreCase)))
            {
                report.Error($"{path}:slots:{slot}", $"A lookup of kind {lookup.Kind} cannot compare a slot '{slot}', so it would never find anything.", NearestWord.Advice(slot, known));
            }
        }
    }

    private void CheckUserToken(string name, LookupOptions lookup)
    {
        if (!string.IsNullOrEmpty(options.Chat.AdminToken) || sources.WithoutSecrets)
        {
            return;
        }

        var message = $"{lookup.Kind} reads from the chat with a user's token, and chat.adminToken is missing.";
        const string Remedy = "Set Chat__AdminToken to an administrator's token.";
        if (options.Routes.Values.Any(r => string.Equals(r.Lookup, name, StringComparison.OrdinalIgnoreCase)))
        {
            report.Error($"lookups:{name}:kind", message, Remedy);
        }
        else
        {
            report.Warning($"lookups:{name}:kind", message, Remedy);
        }
    }

    private void CheckActions()
    {
        foreach (var (name, action) in options.Actions)
        {
            var path = $"actions:{name}";
            switch (action.Kind)
            {
                case "sql":
                    CheckSql(path, "statement", action.Statement, action.Provider, action.Connection, SqlText.Write(action.Statement ?? "", action.Provider), "Write one statement whose values are @slot parameters.");
                    Foreign(path, "an action of kind sql", ("url", action.Url is not null), ("body", action.Body is not null), ("auth", action.Auth is not null), ("headers", action.Headers.Count > 0));
                    break;
                case "http":
                    CheckHttp(path, action.Url, action.Auth, action.Result);
                    CheckTemplates(path, action.Method, action.Url, action.Headers, action.Body, RoutesWith(r => r.Action, name), HttpVariables.OfAction);
                    Foreign(path, "an action of kind http", ("statement", action.Statement is not null), ("provider", action.Provider is not null), ("connection", action.Connection is not null));
                    break;
                default:
                    report.Error($"{path}:kind", "The action has no kind.", "Write kind: http or sql.");
                    break;
            }

            CheckIdempotencyKey(path, action);
        }
    }

    private void CheckIdempotencyKey(string path, ActionOptions action)
    {
        if (action.IdempotencyKey is not { } place)
        {
            return;
        }

        var fits = action.Kind == "sql" ? place == "parameter" : place == "header" || Regex.IsMatch(place, "^(header:[A-Za-z0-9-]+|body:[A-Za-z0-9_.-]+)$");
        if (!fits)
        {
            report.Error($"{path}:idempotencyKey", "The place of the idempotency key cannot be read.", "Write header, header:<name> or body:<field> for http, parameter for sql.");
        }
    }

    private void CheckSql(string path, string key, string? text, string? provider, string? connection, SqlText sql, string remedy)
    {
        if (provider is null)
        {
            report.Error($"{path}:provider", "The database's kind is missing.", "Write provider: sqlite, postgres, mysql or sqlserver.");
        }

        if (string.IsNullOrEmpty(connection) && !sources.WithoutSecrets)
        {
            report.Error($"{path}:connection", "The connection string is missing.", $"Set it here, or as the secret {Variable($"{path}:connection")}.");
        }

        if (string.IsNullOrWhiteSpace(text))
        {
            report.Error($"{path}:{key}", "The SQL is missing.", remedy);
        }
        else if (sql.Problem is { } problem)
        {
            report.Error($"{path}:{key}", problem, remedy);
        }
    }

    private void CheckHttp(string path, string? url, AuthOptions? auth, string? result)
    {
        if (string.IsNullOrEmpty(url))
        {
            report.Error($"{path}:url", "The address is missing.", "Write url: \"https://api.example.com/orders/{{ order_number }}\".");
        }
        else if (!Regex.IsMatch(url, "^https?://[^/{}@]+(/|$|\\?)", RegexOptions.IgnoreCase))
        {
            report.Error($"{path}:url", "The address is not absolute, or a value from a conversation could change its host.", "Write the scheme and host as they are: https://api.example.com/…; values go into the path or query.");
        }

        if (auth is not null)
        {
            CheckAuth($"{path}:auth", auth);
        }

        if (result is not null)
        {
            try
            {
                _ = JsonPath.Parse(result);
            }
            catch (FormatException ex)
            {
                report.Error($"{path}:result", $"This is not a path into JSON: {ex.Message}", "Write $.data.items[0], or $.orders[*].");
            }
        }
    }

    private List<(string Path, RouteOptions Route)> RoutesWith(Func<RouteOptions, string?> uses, string name) =>
        [.. options.Routes.Where(r => string.Equals(uses(r.Value), name, StringComparison.OrdinalIgnoreCase)).Select(r => ($"routes:{r.Key}", r.Value))];

    private void CheckTemplates(
        string path, string method, string? url, Dictionary<string, string> headers, JsonNode? body, List<(string Path, RouteOptions Route)> routes, IReadOnlyList<string> always)
    {
        HttpRequestTemplate template;
        try
        {
            template = new HttpRequestTemplate(method, url ?? "", headers, body);
        }
        catch (FormatException ex)
        {
            var (key, message) = ex.Message.Split(": ", 2) is [var k, var m] ? (k, m) : ("url", ex.Message);
            report.Error($"{path}:{key}", message, "Write Liquid such as {{ order_number }}.");
            return;
        }

        foreach (var variable in template.Variables)
        {
            var name = variable.StartsWith("slots.", StringComparison.Ordinal) ? variable["slots.".Length..] : variable;
            if (always.Contains(name, StringComparer.OrdinalIgnoreCase))
            {
                continue;
            }

            var place = url?.Contains(variable, StringComparison.Ordinal) == true ? $"{path}:url" : path;
            foreach (var (routePath, route) in routes.Where(r => !r.Route.Slots.ContainsKey(name)))
            {
                report.Error(place, $"'{variable}' is not a slot of {routePath}.", NearestWord.Advice(name, route.Slots.Keys.Concat(always)));
            }

            if (routes.Count == 0 && path.StartsWith("senders:", StringComparison.Ordinal))
            {
                report.Error(place, $"'{variable}' is not known to a sender.", NearestWord.Advice(name, always));
            }
        }
    }

    private void CheckAuth(string path, AuthOptions auth)
    {
        string[] needed = auth.Kind switch
        {
            "basic" => ["user", "password"],
            "bearer" => ["token"],
            "header" => ["header", "token"],
            "oauth2" => ["tokenUrl", "clientId", "clientSecret"],
            _ => ["kind"],
        };
        foreach (var key in needed.Where(n => string.IsNullOrEmpty(OptionKey.Of(typeof(AuthOptions)).Single(k => k.Name == n).Property.GetValue(auth) as string)))
        {
            if (!sources.WithoutSecrets || key is not ("password" or "token" or "clientSecret"))
            {
                report.Error($"{path}:{key}", $"auth of kind {(auth.Kind.Length == 0 ? "?" : auth.Kind)} needs {key}.", key == "kind" ? "Write kind: basic, bearer, header or oauth2." : $"Set it here, or as the secret {Variable($"{path}:{key}")}.");
            }
        }

        if (auth.Kind == "oauth2" && !string.IsNullOrEmpty(auth.TokenUrl))
        {
            CheckUrl($"{path}:tokenUrl", auth.TokenUrl, "https://login.example.com/oauth2/token");
        }
    }

    private void CheckSenders()
    {
        foreach (var (name, sender) in options.Senders)
        {
            var path = $"senders:{name}";
            switch (sender.Kind)
            {
                case "http":
                    CheckHttp(path, sender.Url, sender.Auth, null);
                    CheckTemplates(path, "post", sender.Url, sender.Headers, sender.Body, [], HttpVariables.OfSender);
                    break;
                case "smtp":
                    if (string.IsNullOrEmpty(sender.Host))
                    {
                        report.Error($"{path}:host", "The mail server is missing.", "Write host: smtp.example.com.");
                    }

                    if (string.IsNullOrEmpty(sender.FromAddress) || !sender.FromAddress.Contains('@', StringComparison.Ordinal))
                    {
                        report.Error($"{path}:fromAddress", "The sender's address is missing.", "Write fromAddress: shop@example.com.");
                    }

                    break;
                default:
                    report.Error($"{path}:kind", "The sender has no kind.", "Write kind: http or smtp.");
                    break;
            }
        }
    }

    private void Foreign(string path, string what, params (string Key, bool Given)[] keys)
    {
        foreach (var (key, _) in keys.Where(k => k.Given))
        {
            report.KeyError($"{path}:{key}", $"'{key}' has no meaning for {what}.", "Take it out.");
        }
    }
}
