using System.Text.RegularExpressions;

namespace IntentRouter.Configuration;

/// <summary>Everything under <c>bots:</c>.</summary>
internal sealed class BotChecks(RouterOptions options, ProblemReport report, ConfigurationSources sources)
{
    public void Run()
    {
        if (options.Bots.Count == 0)
        {
            report.Error("bots", "No bot is configured.", "Add one under 'bots:' with its key, accessToken and intents.");
        }

        foreach (var (name, bot) in options.Bots)
        {
            if (bot.Nlu.Use.Count == 0 && bot.Intents.Count == 0 && report.IsOutsideFiles($"bots:{name}"))
            {
                report.KeyError($"bots:{name}", $"A variable or a secret names a bot '{name}' that no file knows.", NearestWord.Advice(name, options.Bots.Where(b => b.Value.Intents.Count > 0).Select(b => b.Key)));
                continue;
            }

            CheckBot($"bots:{name}", bot);
        }

        CheckKeysDiffer();
    }

    private void CheckBot(string path, BotOptions bot)
    {
        CheckSecrets(path, bot);
        CheckConfidence($"{path}:confidence", bot);
        foreach (var (key, names) in new[] { ("use", bot.Nlu.Use), ("shadow", bot.Nlu.Shadow) })
        {
            for (var i = 0; i < names.Count; i++)
            {
                report.ExpectName($"{path}:nlu:{key}:{i}", names[i], options.Nlu.Keys, "nlu");
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
        if (string.IsNullOrEmpty(bot.AccessToken) && !sources.WithoutSecrets && !options.Chat.IsPlayground)
        {
            report.Error($"{path}:accessToken", "The bot's API token is missing.", $"Run 'intent-router bots create', which prints it, or set {SettingsSource.VariableOf($"{path}:accessToken")} to the token that the chat shows for the bot.");
        }

        if (bot.Signature == SignatureMode.Required && string.IsNullOrEmpty(bot.WebhookSecret) && !sources.WithoutSecrets)
        {
            report.Error($"{path}:signature", "Signatures are required but there is no webhookSecret to verify them with.", $"Set {SettingsSource.VariableOf($"{path}:webhookSecret")}, or use signature: ifPresent.");
        }

        if (bot.Accounts is { } accounts)
        {
            if (accounts.Count == 0)
            {
                report.Error($"{path}:accounts", "The list of accounts is empty.", "Name the accounts, or leave the key out for a global bot.");
            }

            for (var i = 0; i < accounts.Count; i++)
            {
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
            if (needed && !sources.WithoutSecrets && !options.Chat.IsPlayground)
            {
                report.Error(path, "The key in the bot's URL is missing.", $"Make one with 'openssl rand -hex 24' and set {SettingsSource.VariableOf(path)}.");
            }
        }
        else if (key.Length < ConfigurationChecks.ShortestKey)
        {
            report.Error(path, $"The key is shorter than {ConfigurationChecks.ShortestKey} characters and could be guessed.", "Make one with: openssl rand -hex 24");
        }
        else if (key.Any(c => !char.IsAsciiLetterOrDigit(c) && c is not ('-' or '_' or '.' or '~')))
        {
            report.Error(path, "The key has characters that do not fit into an address.", "Use letters, digits, hyphen and underscore: openssl rand -hex 24");
        }
    }

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
            report.ExpectReason($"{path}:reasons:{reason}", reason);
            report.ExpectHandoff($"{path}:reasons:{reason}", target);
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

        if (intent.Route is not null && report.ExpectName($"{path}:route", intent.Route, options.Routes.Keys, "routes"))
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
            else if (route.Proof == "code" && options.Senders.GetValueOrDefault(bot.Proof.Sender!)?.Kind == "smtp" && route.Slots.FirstOrDefault(s => s.Value.Type is "email" or "phone") is { Value.Type: "phone" } phone)
            {
                report.Error(
                    $"{botPath}:proof:sender", $"The route '{intent.Route}' sends its one-time code to '{phone.Key}', a phone number, and '{bot.Proof.Sender}' sends mail.",
                    "Put a slot of type email before it, or name a sender of kind http.");
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

        report.ExpectHandoff($"{path}:handoff", intent.Handoff);
        if (bot.Proof.Sender is { } sender)
        {
            report.ExpectName($"{botPath}:proof:sender", sender, options.Senders.Keys, "senders");
        }
    }
}
