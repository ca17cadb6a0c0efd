using System.Globalization;
using IntentRouter.Chat;
using IntentRouter.Configuration;

namespace IntentRouter.Provisioning;

/// <summary>
/// The chat's side of the set-up, from outside in: version, tokens, connections, addresses, signature, and what users of such bots complained of (contract 9)
/// that can be seen from here.
/// </summary>
internal sealed class ChatCheck(RouterOptions options, ProvisioningApi api, ChatReader reader, CommandHost host, TimeProvider clock) : IDoctorCheck
{
    private static readonly TimeSpan _clockTolerance = TimeSpan.FromMinutes(2);

    private readonly List<Finding> _findings = [];
    private Version _version = new(0, 0);

    public async Task<IReadOnlyList<Finding>> RunAsync(CancellationToken cancellationToken)
    {
        _findings.Clear();
        if (!await LookAtChatAsync(cancellationToken))
        {
            return _findings;
        }

        if (options.Chat.IsPlayground)
        {
            Add(Finding.Note("chat", "The chat is the playground: 'serve' makes up keys and tokens and connects the bots, so there is nothing to look at.", null));
            return _findings;
        }

        var administered = await LookAtAdminAsync(cancellationToken);
        foreach (var (name, bot) in options.Bots)
        {
            await LookAtBotAsync(name, bot, administered, cancellationToken);
        }

        return _findings;
    }

    private async Task<bool> LookAtChatAsync(CancellationToken cancellationToken)
    {
        var read = await api.VersionAsync(cancellationToken);
        if (read is not { Problem: null, Value: { } answer })
        {
            Add(read.Refusal is not null
                ? Finding.Problem("chat", read.Problem!, "Set chat.baseUrl to the address of the chat itself, for example https://chat.example.com; <chat.baseUrl>/api must answer with the version.")
                : Finding.Outside("chat", read.Problem!, "Open <chat.baseUrl>/api in a browser: it must answer with the version."));
            return false;
        }

        if (answer.Version is not { } text || !Version.TryParse(text.Split('-')[0], out var version))
        {
            Add(Finding.Problem("chat", "GET /api answers, but without a version: something else answers there.", "Set chat.baseUrl to the chat's own address, without a path."));
            return false;
        }

        _version = version;
        Add(Finding.Fine("chat", $"The chat answers as version {text}. {Behaviour()}"));
        if (answer.QueueServices is "failing" || answer.DataServices is "failing")
        {
            Add(Finding.Problem("chat", "The chat reports that its queue or database is failing: events will not come.", "Look at the chat's own workers."));
        }

        if (read.ServerTime is { } theirs && (theirs - clock.GetUtcNow()).Duration() > _clockTolerance)
        {
            Add(Finding.Warning("chat", "The clocks of the chat and of this machine differ by more than two minutes: signed events would be refused as too old.", "Synchronise both with a time server."));
        }

        if (new Uri(options.Chat.BaseUrl!) is { Scheme: "http", IsLoopback: false })
        {
            Add(Finding.Warning("chat", "chat.baseUrl is not https: tokens travel unencrypted.", "Use https."));
        }

        return true;
    }

    private string Behaviour() => _version switch
    {
        _ when _version < new Version(4, 7) => "It sends each event once and never again, unsigned; a missed one leaves the customer waiting unless the sweep is on.",
        _ when _version < new Version(4, 12) => "It sends each event once, and opens the conversation to people when the bot does not answer.",
        _ when _version < new Version(4, 13) => "It repeats events after 429 and 500, unsigned.",
        _ => "It repeats events after 429 and 500, and signs them.",
    };

    /// <returns>The accounts that the administrator's token may administer.</returns>
    private async Task<IReadOnlyList<WireProfileAccount>> LookAtAdminAsync(CancellationToken cancellationToken)
    {
        if (api.AdminToken is not { } token)
        {
            Add(Finding.Note(
                "chat.adminToken", "Not set: stranded conversations are not swept, and connections cannot be looked at from here.",
                "Set it to the access token of an administrator (profile page of the chat)."));
            return [];
        }

        var profile = await api.ProfileAsync(token, cancellationToken);
        if (profile.Value is not { } user)
        {
            Add(profile.Refusal is null
                ? Finding.Outside("chat.adminToken", profile.Problem!, "Run doctor again; if it stays, look at the chat.")
                : Finding.Problem("chat.adminToken", profile.Refusal == ChatRefusal.NotForBots ? "This is not a user's token, but a bot's or a super admin's." : profile.Problem!, "Use the access token of an administrator of the account (profile page of the chat)."));
            return [];
        }

        var administered = (user.Accounts ?? []).Where(a => a.Role == "administrator").ToArray();
        Add(administered.Length == 0
            ? Finding.Problem("chat.adminToken", "The user is an agent, not an administrator.", "Use the access token of an administrator of the account.")
            : Finding.Fine("chat.adminToken", $"Administers {Accounts(administered.Select(a => a.Id))}."));
        return administered;
    }

    private async Task LookAtBotAsync(string name, BotOptions bot, IReadOnlyList<WireProfileAccount> administered, CancellationToken cancellationToken)
    {
        var area = $"bot {name}";
        await LookAtAddressAsync(area, name, bot, cancellationToken);
        var accounts = bot.Accounts is { Count: > 0 } named ? named : await ServedAsync(area, name, bot, [.. administered.Select(a => a.Id)], cancellationToken);
        if (await LookAtTokenKindAsync(area, bot, cancellationToken))
        {
            await LookAtTokenRightsAsync(area, bot, accounts, cancellationToken);
        }

        foreach (var account in accounts.Where(a => administered.Any(d => d.Id == a)))
        {
            await LookAtAccountAsync(area, name, bot, account, cancellationToken);
        }

        if (_version < new Version(4, 13) && bot.Signature == SignatureMode.Required)
        {
            Add(Finding.Problem(area, "signature is required, but this chat version signs nothing: every event would be refused.", $"Set bots:{name}:signature to ifPresent."));
        }

        if (_version >= new Version(4, 13) && bot.WebhookSecret is not { Length: > 0 })
        {
            Add(Finding.Warning(area, "This chat version signs its events, but no webhookSecret is configured: only the key in the URL protects the bot.", $"Set bots:{name}:webhookSecret to the secret on the bot's page (a global bot's is shown on the console only)."));
        }
    }

    private async Task LookAtAddressAsync(string area, string name, BotOptions bot, CancellationToken cancellationToken)
    {
        if (bot.Key is not { Length: > 0 } key || options.Public.Url is not { Length: > 0 })
        {
            Add(Finding.Problem(area, "The bot URL is not known: the key or public.url is not set.", $"Set bots:{name}:key and public.url."));
            return;
        }

        string url;
        try
        {
            url = BotUrl.Of(options, name, key);
        }
        catch (ProvisioningStopped stopped)
        {
            Add(Finding.Problem(area, stopped.Message, stopped.Remedy));
            return;
        }

        if (BotUrl.Trouble(url) is { } trouble)
        {
            Add(Finding.Warning(area, trouble, "Give the service a public https name, or allow private addresses on the chat."));
        }

        using var answer = await host.TryAsync(url, cancellationToken);
        Add(answer switch
        {
            null => Finding.Outside(area, $"Nothing answers at {BotUrl.Masked(url)} from here. The chat may still reach it, but it is a bad sign.", "Check that the service runs and that public.url leads to it: open the URL in a browser."),
            { IsSuccessStatusCode: true } => Finding.Fine(area, $"The service answers at {BotUrl.Masked(url)}."),
            { StatusCode: System.Net.HttpStatusCode.Unauthorized } => Finding.Problem(area, "The running service has another key than this configuration.", "Reload the service, or run doctor with its configuration."),
            { StatusCode: System.Net.HttpStatusCode.NotFound } => Finding.Problem(area, $"What answers at {BotUrl.Masked(url)} does not know this bot.", "Check that public.url is this service's address, and that the bot is in its configuration."),
            { StatusCode: >= System.Net.HttpStatusCode.MultipleChoices and < System.Net.HttpStatusCode.BadRequest } => Finding.Problem(area, "The bot URL redirects; the chat does not follow.", "Set public.url to the address it redirects to, and run intent-router bots create again."),
            _ => Finding.Problem(area, $"The bot URL answers {((int)answer.StatusCode).ToString(CultureInfo.InvariantCulture)}.", "Look at the proxy or ingress in front of the service."),
        });
    }

    /// <returns>Whether it may be a bot's token.</returns>
    private async Task<bool> LookAtTokenKindAsync(string area, BotOptions bot, CancellationToken cancellationToken)
    {
        if (bot.AccessToken is not { Length: > 0 } token)
        {
            Add(Finding.Problem(area, "accessToken is not set: the bot cannot answer.", "Set it to the bot's access token: intent-router bots create prints it."));
            return false;
        }

        var profile = await api.ProfileAsync(token, cancellationToken);
        switch (profile)
        {
            case { Problem: null }:
                Add(Finding.Problem(
                    area, "accessToken is a person's token: replies would count as a human's, and opening a conversation would assign it to that person.", "Use the agent bot's own access token."));
                return false;
            case { Refusal: ChatRefusal.HeaderLost }:
                Add(Finding.Problem(area, profile.Problem, "Let the header Api-Access-Token pass through every proxy before the chat."));
                return false;
            case { Refusal: ChatRefusal.UnknownToken }:
                Add(Finding.Problem(area, profile.Problem, "Copy the bot's access token again: intent-router bots create prints it, the bot's page shows it."));
                return false;
            case { Refusal: null }:
                Add(Finding.Outside(area, profile.Problem, "Run doctor again; if it stays, look at the chat."));
                return false;
            // Bots are answered like this, but so are platform apps.
            default:
                if (!await api.IsPlatformTokenAsync(token, cancellationToken))
                {
                    return true;
                }

                Add(Finding.Problem(area, "accessToken is a platform app's token: it cannot answer in conversations.", "Use the agent bot's own access token; the platform's belongs to chat.platformToken."));
                return false;
        }
    }

    /// <summary>A global bot need not serve every account that the administrator sees; one that serves none is looked at everywhere.</summary>
    private async Task<List<long>> ServedAsync(string area, string name, BotOptions bot, List<long> administered, CancellationToken cancellationToken)
    {
        var apart = new List<long>();
        foreach (var account in administered)
        {
            if ((await new BotConnections(api).LookAsync(name, bot, account, cancellationToken)).Value is { Connected.Count: 0 })
            {
                apart.Add(account);
            }
        }

        if (apart.Count == administered.Count)
        {
            return administered;
        }

        foreach (var account in apart)
        {
            Add(Finding.Note(area, $"Not connected in account {account}.", $"If it is to serve that account: intent-router bots connect --bot {name} --account {account} --inbox <id>."));
        }

        return [.. administered.Except(apart)];
    }

    private async Task LookAtTokenRightsAsync(string area, BotOptions bot, List<long> accounts, CancellationToken cancellationToken)
    {
        if (accounts.Count == 0)
        {
            Add(Finding.Note(area, "A global bot: without chat.adminToken it is not known which accounts to look at.", null));
        }

        foreach (var account in accounts)
        {
            var probe = await api.ProbeBotTokenAsync(account, bot.AccessToken!, cancellationToken);
            Add(probe switch
            {
                { Problem: null } => Finding.Fine(area, $"The token works in account {account}."),
                { Refusal: ChatRefusal.NotConnected } => Finding.Problem(area, $"The token does not work in account {account}: the bot is connected to none of its inboxes.", $"Run intent-router bots connect --account {account} --inbox <id>."),
                { Refusal: ChatRefusal.NotForBots } => Finding.Problem(area, "The chat does not treat accessToken as a bot's; a super admin's token is answered like this.", "Use the agent bot's own access token."),
                { Refusal: null } => Finding.Outside(area, probe.Problem, "Run doctor again; if it stays, look at the chat."),
                _ => Finding.Problem(area, $"Account {account}: {probe.Problem}", "See the message."),
            });
        }
    }

    private async Task LookAtAccountAsync(string area, string name, BotOptions bot, long account, CancellationToken cancellationToken)
    {
        var look = await new BotConnections(api).LookAsync(name, bot, account, cancellationToken);
        if (look.Value is not var (mine, all, connected))
        {
            Add(Finding.Outside(area, $"The inboxes of account {account} cannot be listed: {look.Problem}", "Run doctor again; if it stays, look at the chat."));
            return;
        }

        var expected = bot.Key is { Length: > 0 } key && options.Public.Url is { Length: > 0 } ? BotUrl.Of(options, name, key) : null;
        Add(connected.Count > 0
            ? Finding.Fine(area, $"Connected to {string.Join(", ", connected.Select(i => $"{i.Name} ({i.Id})"))} of account {account}.")
            : mine is null && bot.AgentBotId is null
                ? Finding.Problem(area, $"Account {account} has no bot that posts here.", $"Run intent-router bots create --bot {name}, or set bots:{name}:agentBotId if it is a global bot.")
                : Finding.Problem(area, $"Connected to no inbox of account {account}: no event will come.", $"Run intent-router bots connect --bot {name} --account {account} --inbox <id>. {BotProvisioner.Inboxes(all)}"));
        // A query such as ?account=3 is the operator's own.
        if (mine?.OutgoingUrl is { Length: > 0 } actual && expected is not null && actual.Split('?')[0] != expected)
        {
            Add(Finding.Problem(area, $"The chat posts to {BotUrl.Masked(actual)}, not to this service's URL.", $"Run intent-router bots create --bot {name}: it corrects the address."));
        }

        if (mine is { OutgoingUrl: null or "", SystemBot: not true } && mine.AccountId is not null)
        {
            Add(Finding.Problem(area, "The bot has no URL on the chat: no event is sent.", $"Run intent-router bots create --bot {name}."));
        }

        if (mine?.Secret is { Length: > 0 } secret && bot.WebhookSecret is { Length: > 0 } configured && configured != secret)
        {
            Add(Finding.Problem(area, "webhookSecret is not the bot's secret on the chat: signed events are refused. (It is not the access token.)", $"Set bots:{name}:webhookSecret to the secret on the bot's page."));
        }

        LookAtInboxSettings(area, connected);
        await LookAtRivalsAsync(area, name, account, connected, cancellationToken);
        await LookAtPendingAsync(area, account, cancellationToken);
    }

    private void LookAtInboxSettings(string area, IReadOnlyList<WireInbox> connected)
    {
        foreach (var inbox in connected)
        {
            string[] own =
            [
                .. inbox.GreetingEnabled == true ? ["greeting"] : (string[])[],
                .. inbox.EnableEmailCollect == true ? ["e-mail collection"] : (string[])[],
                .. inbox.WorkingHoursEnabled == true && !string.IsNullOrEmpty(inbox.OutOfOfficeMessage) ? ["out-of-office message"] : (string[])[],
            ];
            if (own.Length > 0)
            {
                Add(Finding.Warning(area, $"Inbox {inbox.Name} ({inbox.Id}) sends its own {string.Join(" and ", own)} beside the bot's words.", "Switch it off in the inbox's settings."));
            }
        }
    }

    private async Task LookAtRivalsAsync(string area, string name, long account, IReadOnlyList<WireInbox> connected, CancellationToken cancellationToken)
    {
        var webhooks = (await api.ListWebhooksAsync(account, cancellationToken)).Value?.Payload?.Webhooks ?? [];
        if (webhooks.Any(w => BotUrl.IsOfBot(w.Url, name)))
        {
            Add(Finding.Warning(area, "An account webhook points at the bot URL too: every message comes twice, unordered. It is deduplicated, at a cost.", "Remove it under Settings, Integrations, Webhooks."));
        }

        var dialogflow = (await api.ListIntegrationsAsync(account, cancellationToken)).Value?.Payload?.FirstOrDefault(i => i.Id == "dialogflow")?.Hooks ?? [];
        foreach (var hook in dialogflow.Where(h => h.Status != false && connected.Any(i => i.Id == h.Inbox?.Id)))
        {
            Add(Finding.Problem(area, $"Inbox {hook.Inbox!.Id} has the chat's own Dialogflow integration too: both would answer.", "Remove the integration from the inbox; use Dialogflow as an NLU adapter here."));
        }
    }

    private async Task LookAtPendingAsync(string area, long account, CancellationToken cancellationToken)
    {
        var oldest = (await reader.ListPendingAsync(account, 1, oldestFirst: true, cancellationToken)).Value ?? [];
        var old = oldest.Count(c => c.LastActivityAt is { } at && clock.GetUtcNow() - at > options.Chat.Sweep.TooOld);
        if (old > 0)
        {
            Add(Finding.Warning(
                area, $"{(old == 25 ? "At least 25" : old.ToString(CultureInfo.InvariantCulture))} pending conversations of account {account} are older than {options.Chat.Sweep.TooOld.TotalHours:0.#} hours. Pending ones are hidden from the default view of agents.",
                "Look at them in the chat (filter: pending); the running service's sweep hands over those that wait for an answer."));
        }
    }

    private void Add(Finding finding) => _findings.Add(finding);

    private static string Accounts(IEnumerable<long> ids) => ids.ToArray() is [var one] ? $"account {one}" : "accounts " + string.Join(", ", ids);
}
