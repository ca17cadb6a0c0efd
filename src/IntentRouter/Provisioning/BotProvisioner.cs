using IntentRouter.Chat;
using IntentRouter.Configuration;

namespace IntentRouter.Provisioning;

/// <summary>
/// Creates, connects and rotates bots. Every step looks before it writes, so that a second run changes nothing; whatever the chat's answer cannot be
/// trusted for (contract 6.3) is verified by other means.
/// </summary>
internal sealed class BotProvisioner(ProvisioningApi api, RouterOptions options)
{
    /// <summary>Creates the bot, or brings the one that is there up to date.</summary>
    public async Task<ProvisionedBot> CreateAsync(BotTarget target, CancellationToken cancellationToken)
    {
        var configured = options.Bots.GetValueOrDefault(target.Bot);
        // Before anything is asked: without a usable public.url there is nothing to create.
        var newKey = BotUrl.NewKey();
        _ = BotUrl.Of(options, target.Bot, newKey);
        var viaAccount = target.Account is not null && api.AdminToken is not null;
        if (!viaAccount && api.PlatformToken is null)
        {
            throw target.Account is null
                ? ProvisioningStopped.Usage(
                    "A global bot needs a platform app's token.", "Set chat.platformToken (super admin area, Platform Apps), or use --console; or create an account bot with --account.")
                : ProvisioningStopped.Usage("No token to create the bot with.", "Set chat.adminToken (an administrator's access token) or chat.platformToken, or use --console.");
        }

        var existing = await FindAsync(target, cancellationToken);
        var key = configured?.Key is { Length: > 0 } given ? given : KeyInUse(target, existing, viaAccount) ?? newKey;
        var url = BotUrl.Of(options, target.Bot, key);
        var (bot, change) = existing switch
        {
            null => (viaAccount
                ? Must("The bot could not be created", await api.CreateBotAsync(target.Account!.Value, target.Name, target.Description, url, cancellationToken))
                : Must("The bot could not be created", await api.CreatePlatformBotAsync(target.Name, target.Description, url, target.Account, cancellationToken)), "created"),
            var found when viaAccount && found.OutgoingUrl == url => (found, "unchanged"),
            var found when found.OutgoingUrl is { Length: > 0 } other && other != found.Name && !BotUrl.IsOfBot(other, target.Bot) && !target.TakeOver =>
                throw ProvisioningStopped.Finding(
                    $"Bot '{found.Name}' (id {found.Id}) is there already and posts to another service: {BotUrl.Masked(other)}.",
                    "Choose another --name, or take it over with --take-over."),
            var found => (viaAccount
                ? Must("The bot's address could not be set", await api.UpdateBotAsync(target.Account!.Value, found.Id, url, cancellationToken))
                : Must("The bot's address could not be set", await api.UpdatePlatformBotAsync(found.Id, url, cancellationToken)), "updated"),
        };
        return new ProvisionedBot
        {
            Id = bot.Id,
            Name = bot.Name ?? target.Name,
            Account = target.Account,
            Url = url,
            Key = key,
            KeyIsNew = configured?.Key is not { Length: > 0 },
            AccessToken = bot.AccessToken,
            WebhookSecret = bot.Secret,
            Change = change,
        };
    }

    /// <summary>
    /// The key that the chat posts with already, where the configuration names none: a new one would cut off the service that knows it. Null when no event
    /// can be under way.
    /// </summary>
    private static string? KeyInUse(BotTarget target, WireBot? existing, bool viaAccount) => existing switch
    {
        null or { OutgoingUrl: null or "" } when existing is null || viaAccount => null,
        { OutgoingUrl: { Length: > 0 } url } when url != existing.Name => BotUrl.IsOfBot(url, target.Bot) ? BotUrl.KeyOf(url) : null,
        // The platform API of old versions shows the name in place of the address.
        _ => throw ProvisioningStopped.Finding(
            $"Bot '{existing!.Name}' (id {existing.Id}) is there already, but the chat does not show its address, and bots:{target.Bot}:key is not set: a new key would cut off the service that the bot posts to.",
            $"Set bots:{target.Bot}:key to the key in use (or to a new one, if no service uses it yet) and run this again."),
    };

    /// <summary>Connects the bot to an inbox. Null id disconnects.</summary>
    /// <returns>What was done: <c>connected</c>, <c>already-connected</c>, <c>disconnected</c>, <c>nothing-connected</c>.</returns>
    public async Task<string> ConnectAsync(long account, long inbox, long? bot, bool replace, CancellationToken cancellationToken)
    {
        var inboxes = Must("The inboxes could not be listed", await api.ListInboxesAsync(account, cancellationToken));
        if (!inboxes.Any(i => i.Id == inbox))
        {
            throw ProvisioningStopped.Usage($"Account {account} has no inbox {inbox}.", Inboxes(inboxes));
        }

        var before = Must("The inbox's bot could not be read", await api.InboxBotAsync(account, inbox, cancellationToken));
        if (before.Id == (bot ?? 0))
        {
            return bot is null ? "nothing-connected" : "already-connected";
        }

        if (bot is not null && before.Id != 0 && !replace)
        {
            throw ProvisioningStopped.Finding($"Inbox {inbox} has another bot: '{before.Name}' (id {before.Id}). An inbox has one bot.", "Replace it with --replace.");
        }

        Must("The inbox could not be connected", await api.ConnectAsync(account, inbox, bot, cancellationToken));
        var after = Must("The inbox's bot could not be read", await api.InboxBotAsync(account, inbox, cancellationToken));
        return after.Id == (bot ?? 0)
            ? bot is null ? "disconnected" : "connected"
            : throw ProvisioningStopped.Finding("The chat took the connection, but shows another bot on the inbox.", "Look at the inbox's Bot Configuration page.");
    }

    /// <summary>Exchanges the bot's credentials. The key needs two runs, so that no event meets a service that does not know it yet.</summary>
    /// <param name="answers">Whether the service answers at an address.</param>
    public async Task<RotatedBot> RotateAsync(
        BotTarget target, Rotation what, Func<string, CancellationToken, Task<bool>> answers, CancellationToken cancellationToken)
    {
        var bot = await FindAsync(target, cancellationToken)
            ?? throw ProvisioningStopped.Usage($"The chat has no bot '{target.Name}'.", "Create it with intent-router bots create, or name it with --id.");
        var rotated = new RotatedBot { Id = bot.Id, Name = bot.Name ?? target.Name };
        if (what.HasFlag(Rotation.Key))
        {
            rotated = await RotateKeyAsync(target, bot, rotated, answers, cancellationToken);
        }

        // Global bots have no call for these, and neither has OneHash's 4.2: 404 there.
        if (what.HasFlag(Rotation.Token))
        {
            var reset = bot.AccountId is { } account && api.AdminToken is not null ? await api.ResetTokenAsync(account, bot.Id, cancellationToken) : null;
            rotated = reset is null or { Refusal: ChatRefusal.NotFound }
                ? rotated with { TokenNeedsConsole = true }
                : rotated with { AccessToken = Must("The token could not be reset", reset).AccessToken };
        }

        if (what.HasFlag(Rotation.Secret))
        {
            var reset = bot.AccountId is { } account && api.AdminToken is not null ? await api.ResetSecretAsync(account, bot.Id, cancellationToken) : null;
            rotated = reset is null or { Refusal: ChatRefusal.NotFound }
                ? rotated with { SecretNeedsConsole = true }
                : rotated with { WebhookSecret = Must("The secret could not be reset", reset).Secret };
        }

        return rotated;
    }

    /// <summary>Finds the bot on the chat; null when it is not there.</summary>
    /// <param name="seenFrom">An account in whose list a global bot may be found too.</param>
    /// <exception cref="ProvisioningStopped">It cannot be told which one, or nobody may look.</exception>
    public async Task<WireBot?> FindAsync(BotTarget target, CancellationToken cancellationToken, long? seenFrom = null)
    {
        if ((target.Account ?? seenFrom) is { } account && api.AdminToken is not null)
        {
            var listed = Must("The account's bots could not be listed", await api.ListBotsAsync(account, cancellationToken));
            return Choose(target, listed);
        }

        var platform = await api.ListPlatformBotsAsync(cancellationToken);
        if (platform.Value is { } bots)
        {
            return Choose(target, bots);
        }

        if (platform.Refusal is not null)
        {
            throw ProvisioningStopped.Chat("The platform app's bots could not be listed", platform.Refusal, platform.Problem);
        }

        // The list dies of a bot that was deleted elsewhere (before 4.14). Creating blindly would make a second one.
        var id = target.Id ?? options.Bots.GetValueOrDefault(target.Bot)?.AgentBotId;
        return id is { } known
            ? Must("The bot could not be read", await api.ReadPlatformBotAsync(known, cancellationToken))
            : throw new ProvisioningStopped(
                3, $"The platform app's bots could not be listed: {platform.Problem}", "Chat versions before 4.14 fail so once a bot of this app was deleted elsewhere. Name the bot with --id, or use another platform app.");
    }

    public static T Must<T>(string what, ChatRead<T> read) => read is { Problem: null, Value: { } value } ? value : throw ProvisioningStopped.Chat(what, read.Refusal, read.Problem);

    public static string Inboxes(IEnumerable<WireInbox> inboxes) =>
        "Its inboxes: " + string.Join(", ", inboxes.Select(i => $"{i.Id} ({i.Name})")) + ".";

    private async Task<RotatedBot> RotateKeyAsync(
        BotTarget target, WireBot bot, RotatedBot rotated, Func<string, CancellationToken, Task<bool>> answers, CancellationToken cancellationToken)
    {
        if (options.Bots.GetValueOrDefault(target.Bot) is not { Key: { Length: > 0 } key } configured)
        {
            throw ProvisioningStopped.Usage($"bots:{target.Bot}:key is not set.", "Create the bot first: intent-router bots create.");
        }

        var url = BotUrl.Of(options, target.Bot, key);
        // The platform API of old versions shows the name here, and a global bot's address is hidden: then a previous key in the configuration tells.
        var shown = bot.OutgoingUrl is { Length: > 0 } address && address != bot.Name ? address : null;
        if (shown is null ? configured.PreviousKey is not { Length: > 0 } : shown == url)
        {
            return rotated with { NextKey = BotUrl.NewKey() };
        }

        if (!await answers(url, cancellationToken))
        {
            throw ProvisioningStopped.Finding(
                "The service does not answer at its new address yet, so the chat keeps the old one.", "Reload the service with the new key, keep the old one as previousKey, and run this again.");
        }

        Must("The bot's address could not be set", bot.AccountId is { } account && api.AdminToken is not null
            ? await api.UpdateBotAsync(account, bot.Id, url, cancellationToken)
            : await api.UpdatePlatformBotAsync(bot.Id, url, cancellationToken));
        return rotated with { Url = url };
    }

    private WireBot? Choose(BotTarget target, WireBot[] bots)
    {
        var configured = options.Bots.GetValueOrDefault(target.Bot);
        if (target.Id is { } id)
        {
            return bots.FirstOrDefault(b => b.Id == id)
                ?? throw ProvisioningStopped.Usage($"There is no bot with id {id} here.", "Leave --id out to find it by its address or name.");
        }

        // From the surest sign to the weakest.
        return Only(bots.Where(b => b.Id == configured?.AgentBotId && configured?.AgentBotId is not null), target)
            ?? Only(bots.Where(b => b.AccessToken is { Length: > 0 } token && token == configured?.AccessToken), target)
            ?? Only(bots.Where(b => BotUrl.IsOfBot(b.OutgoingUrl, target.Bot) && SameKind(b, target)), target)
            ?? Only(bots.Where(b => string.Equals(b.Name, target.Name, StringComparison.OrdinalIgnoreCase) && SameKind(b, target)), target);
    }

    private static bool SameKind(WireBot bot, BotTarget target) => (bot.AccountId ?? 0) == (target.Account ?? 0);

    private static WireBot? Only(IEnumerable<WireBot> candidates, BotTarget target) => candidates.ToArray() switch
    {
        [] => null,
        [var only] => only,
        var several => throw ProvisioningStopped.Finding(
            $"Several bots could be '{target.Bot}': {string.Join(", ", several.Select(b => $"{b.Name} (id {b.Id})"))}.", "Say which one with --id."),
    };
}

/// <summary>Which bot is meant.</summary>
/// <param name="Bot">Its name in our configuration.</param>
/// <param name="Account">Its account; null for a global bot.</param>
/// <param name="Name">What customers see.</param>
internal sealed record BotTarget(string Bot, long? Account, string Name, string? Description = null, long? Id = null, bool TakeOver = false);

internal sealed record ProvisionedBot
{
    public required long Id { get; init; }

    public required string Name { get; init; }

    /// <summary>Null for a global bot.</summary>
    public long? Account { get; init; }

    public required string Url { get; init; }

    public required string Key { get; init; }

    /// <summary>The key was made just now: the configuration does not have it yet.</summary>
    public bool KeyIsNew { get; init; }

    public string? AccessToken { get; init; }

    public string? WebhookSecret { get; init; }

    /// <summary><c>created</c>, <c>updated</c>, <c>unchanged</c>.</summary>
    public required string Change { get; init; }
}

[Flags]
internal enum Rotation
{
    None = 0,
    Key = 1,
    Token = 2,
    Secret = 4,
    All = Key | Token | Secret,
}

internal sealed record RotatedBot
{
    public required long Id { get; init; }

    public required string Name { get; init; }

    /// <summary>First run: the key to put into the configuration; nothing has changed on the chat.</summary>
    public string? NextKey { get; init; }

    /// <summary>Second run: the address that the chat uses from now on.</summary>
    public string? Url { get; init; }

    public string? AccessToken { get; init; }

    public bool TokenNeedsConsole { get; init; }

    public string? WebhookSecret { get; init; }

    public bool SecretNeedsConsole { get; init; }
}
