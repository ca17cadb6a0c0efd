using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using IntentRouter.Configuration;

namespace IntentRouter.Provisioning;

/// <summary><c>bots list · create · connect · rotate</c> (design 3.1).</summary>
internal static class BotsCommand
{
    private static readonly JsonSerializerOptions _indented = new() { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static Command Create(CommandHost host) => new("bots", "Create, connect and list agent bots in the chat, and rotate their credentials.")
    {
        List(host), CreateBot(host), Connect(host), Rotate(host),
    };

    private static Command List(CommandHost host)
    {
        var console = ConsoleOption();
        var account = AccountOption("Account to look into. Default: every account that is known.");
        var command = new Command("list", "List the configured bots, their URLs, and the inboxes that they are connected to.") { account, console, host.Config, host.Json };
        command.SetAction((parsed, cancellationToken) => RunAsync(host, parsed, async (run, api, options) =>
        {
            if (parsed.GetValue(console))
            {
                run.Say(ConsoleSteps.List());
                run.Set("console", ConsoleSteps.List());
                return 0;
            }

            var rows = new JsonArray();
            foreach (var (name, bot) in options.Bots)
            {
                var accounts = parsed.GetValue(account) is { } one ? [one] : bot.Accounts ?? await AccountsOfAdminAsync(api, cancellationToken);
                rows.Add(await ListOneAsync(run, api, options, name, bot, accounts, cancellationToken));
            }

            if (options.Bots.Count == 0)
            {
                run.Say("No bot is configured.");
            }

            run.Set("bots", rows);
            return 0;
        }, cancellationToken));
        return command;
    }

    private static async Task<JsonObject> ListOneAsync(
        Run run, ProvisioningApi api, RouterOptions options, string name, BotOptions bot, IReadOnlyList<long> accounts, CancellationToken cancellationToken)
    {
        var url = bot.Key is { Length: > 0 } key && options.Public.Url is { Length: > 0 } ? BotUrl.Of(options, name, key) : null;
        run.Say($"{name}  {(bot.Accounts is { Count: > 0 } ? "accounts " + string.Join(", ", bot.Accounts) : "global")}  {url ?? "(bots:" + name + ":key or public.url is not set)"}");
        var found = new JsonArray();
        if (api.AdminToken is null)
        {
            run.Say("  chat.adminToken is not set: the chat's side cannot be shown.");
            accounts = [];
        }

        foreach (var account in accounts)
        {
            var provisioner = new BotProvisioner(api, options);
            var target = new BotTarget(name, bot.Accounts is { Count: > 0 } ? account : null, DisplayName(name));
            var remote = await provisioner.FindAsync(target, cancellationToken, account);
            var inboxes = new JsonArray();
            if (remote is not null)
            {
                foreach (var inbox in BotProvisioner.Must("The inboxes could not be listed", await api.ListInboxesAsync(account, cancellationToken)))
                {
                    if (BotProvisioner.Must("The inbox's bot could not be read", await api.InboxBotAsync(account, inbox.Id, cancellationToken)).Id == remote.Id)
                    {
                        inboxes.Add(new JsonObject { ["id"] = inbox.Id, ["name"] = inbox.Name, ["channel"] = inbox.ChannelType });
                    }
                }
            }

            run.Say(remote is null
                ? $"  account {account}: not there"
                : $"  account {account}: id {remote.Id} '{remote.Name}', " + (inboxes.Count == 0 ? "connected to no inbox" : "inboxes " + string.Join(", ", inboxes.Select(i => $"{i!["id"]} ({i["name"]})"))));
            found.Add(new JsonObject { ["account"] = account, ["id"] = remote?.Id, ["name"] = remote?.Name, ["inboxes"] = inboxes });
        }

        return new JsonObject { ["bot"] = name, ["url"] = url, ["global"] = bot.Accounts is not { Count: > 0 }, ["chat"] = found };
    }

    private static Command CreateBot(CommandHost host)
    {
        var target = new TargetOptions();
        var description = new Option<string?>("--description") { Description = "Description shown in the chat's settings." };
        var inbox = new Option<long[]>("--inbox") { Description = "Inboxes to connect the bot to, by number. May be repeated.", AllowMultipleArgumentsPerToken = true };
        var replace = new Option<bool>("--replace") { Description = "Replace the bot that an inbox already has." };
        var takeOver = new Option<bool>("--take-over") { Description = "Take over a bot of the same name that posts to another service." };
        var console = ConsoleOption();
        var command = new Command("create", "Create the bot in the chat, or update the one that is there, and print its URL and the lines that the configuration needs. Safe to repeat.")
        {
            description, inbox, replace, takeOver, console, host.Config, host.Json,
        };
        target.AddTo(command);
        command.SetAction((parsed, cancellationToken) => RunAsync(host, parsed, async (run, api, options) =>
        {
            var wanted = target.Read(parsed, options) with { Description = parsed.GetValue(description), TakeOver = parsed.GetValue(takeOver) };
            var inboxes = parsed.GetValue(inbox) ?? [];
            if (inboxes.Length > 0 && wanted.Account is null && parsed.GetValue(target.Account) is null)
            {
                throw ProvisioningStopped.Usage("Inboxes belong to an account.", "Name it with --account.");
            }

            if (parsed.GetValue(console))
            {
                var key = options.Bots.GetValueOrDefault(wanted.Bot)?.Key is { Length: > 0 } configured ? configured : BotUrl.NewKey();
                var url = BotUrl.Of(options, wanted.Bot, key);
                var steps = ConsoleSteps.Create(wanted, url) + (inboxes.Length > 0 ? "\n" + ConsoleSteps.Connect(wanted, inboxes, disconnect: false) : "");
                run.Say(steps);
                run.Say($"# Then, in the configuration of this service:\n{Snippet(wanted, key, "<printed above>", null, null)}");
                run.Set("console", steps);
                run.Set("url", url);
                run.Set("key", key);
                return 0;
            }

            var provisioner = new BotProvisioner(api, options);
            var bot = await provisioner.CreateAsync(wanted, cancellationToken);
            run.Say($"Bot '{bot.Name}' (id {bot.Id}, {(bot.Account is { } a ? $"account {a}" : "global")}): {bot.Change}.");
            run.Say($"Bot URL: {bot.Url}");
            if (BotUrl.Trouble(bot.Url) is { } trouble)
            {
                run.Say("Note: " + trouble);
                run.Set("note", trouble);
            }

            run.Set("id", bot.Id);
            run.Set("name", bot.Name);
            run.Set("account", bot.Account);
            run.Set("change", bot.Change);
            run.Set("url", bot.Url);
            run.Set("key", bot.Key);
            run.Set("accessToken", bot.AccessToken);
            run.Set("webhookSecret", bot.WebhookSecret);
            var has = options.Bots.GetValueOrDefault(wanted.Bot);
            if (bot.KeyIsNew || has?.AccessToken != bot.AccessToken || has?.AgentBotId != bot.Id || (bot.WebhookSecret is not null && has?.WebhookSecret != bot.WebhookSecret))
            {
                run.Say("Put this into the configuration (secrets better into the environment or a secrets folder):");
                run.Say(Snippet(wanted, bot.Key, bot.AccessToken ?? "<from the chat: super admin area, Agent Bots>", bot.Id, bot.WebhookSecret));
            }

            await ConnectAllAsync(run, provisioner, wanted.Account ?? parsed.GetValue(target.Account), inboxes, bot.Id, parsed.GetValue(replace), cancellationToken);
            if (inboxes.Length == 0)
            {
                run.Say($"Next: intent-router bots connect --bot {wanted.Bot}{(wanted.Account is null ? " --account <id>" : "")} --inbox <id>");
            }

            return 0;
        }, cancellationToken));
        return command;
    }

    private static Command Connect(CommandHost host)
    {
        var target = new TargetOptions();
        var inbox = new Option<long[]>("--inbox") { Description = "Inboxes to connect, by number. May be repeated. Without it the account's inboxes are listed.", AllowMultipleArgumentsPerToken = true };
        var replace = new Option<bool>("--replace") { Description = "Replace the bot that an inbox already has." };
        var disconnect = new Option<bool>("--disconnect") { Description = "Disconnect the inboxes instead." };
        var console = ConsoleOption();
        var command = new Command("connect", "Connect the bot to inboxes. An inbox has one bot at most.") { inbox, replace, disconnect, console, host.Config, host.Json };
        target.AddTo(command);
        command.SetAction((parsed, cancellationToken) => RunAsync(host, parsed, async (run, api, options) =>
        {
            var wanted = target.Read(parsed, options);
            var inboxes = parsed.GetValue(inbox) ?? [];
            if (parsed.GetValue(console))
            {
                if (inboxes.Length == 0)
                {
                    throw ProvisioningStopped.Usage("No inbox is named.", "Name it with --inbox; its id is in the address of its settings page.");
                }

                run.Say(ConsoleSteps.Connect(wanted, inboxes, parsed.GetValue(disconnect)));
                run.Set("console", ConsoleSteps.Connect(wanted, inboxes, parsed.GetValue(disconnect)));
                return 0;
            }

            var account = wanted.Account ?? parsed.GetValue(target.Account)
                ?? throw ProvisioningStopped.Usage("Inboxes belong to an account.", "Name it with --account.");
            if (api.AdminToken is null)
            {
                throw ProvisioningStopped.Usage(
                    "Connecting needs an administrator's token: a platform token cannot.", "Set chat.adminToken, or use --console, or choose the bot on the inbox's Bot Configuration page.");
            }

            var provisioner = new BotProvisioner(api, options);
            if (inboxes.Length == 0)
            {
                var all = BotProvisioner.Must("The inboxes could not be listed", await api.ListInboxesAsync(account, cancellationToken));
                throw ProvisioningStopped.Usage("No inbox is named.", BotProvisioner.Inboxes(all));
            }

            var bot = await provisioner.FindAsync(wanted, cancellationToken, account)
                ?? throw ProvisioningStopped.Finding($"The chat has no bot '{wanted.Name}'.", "Create it first: intent-router bots create, or name it with --id.");
            await ConnectAllAsync(run, provisioner, account, inboxes, parsed.GetValue(disconnect) ? null : bot.Id, parsed.GetValue(replace), cancellationToken);
            run.Set("id", bot.Id);
            var configured = options.Bots.GetValueOrDefault(wanted.Bot);
            if (configured?.Key is { Length: > 0 } key && options.Public.Url is { Length: > 0 })
            {
                run.Say($"Bot URL: {BotUrl.Of(options, wanted.Bot, key)}");
                run.Set("url", BotUrl.Of(options, wanted.Bot, key));
            }

            if (!parsed.GetValue(disconnect) && configured?.AccessToken is { Length: > 0 } token)
            {
                var probe = await api.ProbeBotTokenAsync(account, token, cancellationToken);
                run.Set("tokenWorks", probe.Problem is null);
                if (probe.Problem is { } problem)
                {
                    throw ProvisioningStopped.Finding($"The inbox is connected, but bots:{wanted.Bot}:accessToken does not work there: {problem}", "Copy the bot's access token again.");
                }

                run.Say("The bot's token works in this account.");
            }

            return 0;
        }, cancellationToken));
        return command;
    }

    private static Command Rotate(CommandHost host)
    {
        var target = new TargetOptions();
        var key = new Option<bool>("--key") { Description = "Rotate the key, the secret part of the bot URL. Takes two runs." };
        var token = new Option<bool>("--token") { Description = "Rotate the bot's access token. The old one is void at once." };
        var secret = new Option<bool>("--secret") { Description = "Rotate the secret of the webhook signature (chat 4.13 and later)." };
        var console = ConsoleOption();
        var command = new Command("rotate", "Rotate the bot's credentials: those named, or all that this chat version can rotate.") { key, token, secret, console, host.Config, host.Json };
        target.AddTo(command);
        command.SetAction((parsed, cancellationToken) => RunAsync(host, parsed, async (run, api, options) =>
        {
            var wanted = target.Read(parsed, options);
            var named = (parsed.GetValue(key) ? Rotation.Key : 0) | (parsed.GetValue(token) ? Rotation.Token : 0) | (parsed.GetValue(secret) ? Rotation.Secret : 0);
            var what = named == Rotation.None ? Rotation.All : named;
            if (parsed.GetValue(console))
            {
                var next = what.HasFlag(Rotation.Key) ? BotUrl.NewKey() : null;
                var steps = ConsoleSteps.Rotate(
                    wanted, what.HasFlag(Rotation.Token), what.HasFlag(Rotation.Secret), next is null ? null : BotUrl.Of(options, wanted.Bot, next));
                if (next is not null)
                {
                    run.Say($"# First set bots:{wanted.Bot}:key to {next}, keep the old one as previousKey, and let the service reload.");
                    run.Set("nextKey", next);
                }

                run.Say(steps);
                run.Set("console", steps);
                return 0;
            }

            if (wanted.Id is null && !options.Bots.ContainsKey(wanted.Bot))
            {
                throw ProvisioningStopped.Usage($"The configuration has no bot '{wanted.Bot}'.", $"Name one with --bot: {string.Join(", ", options.Bots.Keys.Order())}; or name it with --id.");
            }

            var rotated = await new BotProvisioner(api, options).RotateAsync(wanted, what, host.AnswersAsync, cancellationToken);
            run.Set("id", rotated.Id);
            run.Set("nextKey", rotated.NextKey);
            run.Set("url", rotated.Url);
            run.Set("accessToken", rotated.AccessToken);
            run.Set("webhookSecret", rotated.WebhookSecret);
            var prefix = $"Bots__{wanted.Bot}__";
            if (rotated.NextKey is { } nextKey)
            {
                run.Say($"New key, nothing has changed on the chat yet. Set\n  {prefix}Key={nextKey}\n  {prefix}PreviousKey=<the present key>\nlet the service reload, then run this again: it moves the chat to the new address.");
            }

            if (rotated.Url is { } url)
            {
                run.Say($"Bot URL: {url}\nThe old key may be removed after a few minutes: events that wait in the chat still carry it.");
            }

            if (rotated.AccessToken is { } accessToken)
            {
                run.Say($"New access token; the old one is void since this moment. Set now\n  {prefix}AccessToken={accessToken}");
            }

            if (rotated.WebhookSecret is { } webhookSecret)
            {
                run.Say($"New webhook secret. Set now\n  {prefix}WebhookSecret={webhookSecret}\n  {prefix}PreviousWebhookSecret=<the old one, for a few minutes>");
            }

            var left = (rotated.TokenNeedsConsole ? Rotation.Token : 0) | (rotated.SecretNeedsConsole ? Rotation.Secret : 0);
            if (left == Rotation.None)
            {
                return 0;
            }

            var manual = ConsoleSteps.Rotate(wanted with { Id = rotated.Id }, left.HasFlag(Rotation.Token), secret: false, url: null);
            run.Set("notRotated", left.ToString());
            if (left.HasFlag(Rotation.Token))
            {
                run.Say($"The token was not rotated: this chat version has no call for it{(wanted.Account is null ? " for global bots" : "")}. In its console:\n{manual}");
            }

            if (left.HasFlag(Rotation.Secret) && parsed.GetValue(secret))
            {
                run.Say("The webhook secret was not rotated: chat versions before 4.13 have none, and a global bot's is reached by the console only: run this with --console for the steps.");
            }

            return (named & left) != 0 ? 1 : 0;
        }, cancellationToken));
        return command;
    }

    private static async Task ConnectAllAsync(
        Run run, BotProvisioner provisioner, long? account, long[] inboxes, long? bot, bool replace, CancellationToken cancellationToken)
    {
        var done = new JsonArray();
        foreach (var inbox in inboxes)
        {
            var change = await provisioner.ConnectAsync(account!.Value, inbox, bot, replace, cancellationToken);
            run.Say($"Inbox {inbox}: {change.Replace('-', ' ')}.");
            done.Add(new JsonObject { ["id"] = inbox, ["change"] = change });
        }

        run.Set("inboxes", done);
    }

    private static async Task<IReadOnlyList<long>> AccountsOfAdminAsync(ProvisioningApi api, CancellationToken cancellationToken) =>
        api.AdminToken is { } token && (await api.ProfileAsync(token, cancellationToken)).Value?.Accounts is { } accounts ? [.. accounts.Select(a => a.Id)] : [];

    private static string Snippet(BotTarget target, string key, string accessToken, long? id, string? webhookSecret) => string.Join('\n',
        new[]
        {
            "bots:",
            $"  {target.Bot}:",
            $"    key: {key}",
            $"    accessToken: {accessToken}",
            id is { } agentBot ? $"    agentBotId: {agentBot}" : null,
            target.Account is { } account ? $"    accounts: [{account}]" : null,
            webhookSecret is null ? null : $"    webhookSecret: {webhookSecret}",
        }.OfType<string>());

    /// <summary>Customers see it: the configuration's name made readable.</summary>
    private static string DisplayName(string bot)
    {
        var words = bot.Replace('-', ' ').Replace('_', ' ').Trim();
        return words.Length == 0 ? bot : char.ToUpper(words[0], CultureInfo.InvariantCulture) + words[1..];
    }

    private static async Task<int> RunAsync(
        CommandHost host, ParseResult parsed, Func<Run, ProvisioningApi, RouterOptions, Task<int>> action, CancellationToken cancellationToken)
    {
        var run = new Run(parsed.InvocationConfiguration, parsed.GetValue(host.Json));
        try
        {
            if (host.Options(parsed) is not { } options)
            {
                return 2;
            }

            using var connection = host.Connect(options);
            var exit = await action(run, new ProvisioningApi(connection), options);
            run.End(exit);
            return exit;
        }
        catch (ProvisioningStopped stopped)
        {
            run.Fail(stopped);
            return stopped.ExitCode;
        }
    }

    private static Option<bool> ConsoleOption() => new("--console") { Description = "Print the steps for the chat's Rails console instead of calling the chat." };

    private static Option<long?> AccountOption(string description) => new("--account") { Description = description };

    private sealed class TargetOptions
    {
        private readonly Option<string?> _bot = new("--bot") { Description = "Name of the bot in the configuration. May be left out when only one is configured." };
        private readonly Option<bool> _global = new("--global") { Description = "A global bot, which every account can use." };
        private readonly Option<string?> _name = new("--name") { Description = "Name in the chat, which customers see. Default: the bot's name, made readable." };
        private readonly Option<long?> _id = new("--id") { Description = "Number of the bot in the chat, where it cannot be found by address or name." };

        public Option<long?> Account { get; } = AccountOption("Account of the bot, or, for a global bot, of the inboxes.");

        public void AddTo(Command command)
        {
            command.Add(_bot);
            command.Add(Account);
            command.Add(_global);
            command.Add(_name);
            command.Add(_id);
        }

        public BotTarget Read(ParseResult parsed, RouterOptions options)
        {
            var name = parsed.GetValue(_bot) ?? (options.Bots.Count == 1
                ? options.Bots.Keys.Single()
                : throw ProvisioningStopped.Usage("No bot is named.", options.Bots.Count == 0 ? "Name it with --bot." : "Name one with --bot: " + string.Join(", ", options.Bots.Keys.Order()) + "."));
            var configured = options.Bots.GetValueOrDefault(name);
            var accounts = configured?.Accounts ?? [];
            long? account = parsed.GetValue(_global) ? null
                : parsed.GetValue(Account) is { } said && (accounts.Count > 0 || configured is null) ? said
                : accounts.Count switch
                {
                    0 => null,
                    1 => accounts[0],
                    _ => throw ProvisioningStopped.Usage($"Bot '{name}' serves accounts {string.Join(", ", accounts)}.", "Name one with --account, or make it a global bot: --global."),
                };
            return new BotTarget(name, account, parsed.GetValue(_name) ?? DisplayName(name), null, parsed.GetValue(_id));
        }
    }

    /// <summary>Collects what one command has to say, as lines or as one JSON object.</summary>
    private sealed class Run(InvocationConfiguration where, bool json)
    {
        private readonly JsonObject _result = [];

        public void Say(string line)
        {
            if (!json)
            {
                where.Output.WriteLine(line);
            }
        }

        public void Set(string name, JsonNode? value) => _result[name] = value;

        public void End(int exit)
        {
            if (json)
            {
                _result["exitCode"] = exit;
                where.Output.WriteLine(_result.ToJsonString(_indented));
            }
        }

        public void Fail(ProvisioningStopped stopped)
        {
            if (json)
            {
                _result["problem"] = stopped.Message;
                _result["remedy"] = stopped.Remedy;
                End(stopped.ExitCode);
                return;
            }

            where.Error.WriteLine(stopped.Message);
            where.Error.WriteLine(stopped.Remedy);
        }
    }
}
