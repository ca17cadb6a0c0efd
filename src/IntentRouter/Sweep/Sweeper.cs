using System.Collections.Concurrent;
using System.Globalization;
using IntentRouter.Chat;
using IntentRouter.Configuration;
using IntentRouter.Conversations;
using IntentRouter.Decisions;
using IntentRouter.Diagnostics;
using IntentRouter.Inbox;
using IntentRouter.Provisioning;
using IntentRouter.Storage;
using IntentRouter.Webhooks;

namespace IntentRouter.Sweep;

/// <summary>
/// Finds customers who were never answered: an event that the platform lost, or that met a service that was down. OneHash sends each event once, so
/// looking is the only cure (contract 2.3). What is found goes through the inbox like any event; what is too old for an answer is handed off.
/// </summary>
internal sealed partial class Sweeper(
    IEventStore store, ChatReader reader, ProvisioningApi api, BotConnections connections, ConversationRunners runners, ILiveConfiguration configuration,
    RouterTelemetry telemetry, TimeProvider clock, ILogger<Sweeper> logger)
{
    private const string Area = "sweep";
    private const int PageSize = 25;
    private const int MostPages = 40;

    private static readonly TimeSpan _connectionsLast = TimeSpan.FromMinutes(10);

    /// <summary>How far back the first run looks, and the first after a long stop at most.</summary>
    private static readonly TimeSpan _longestLook = TimeSpan.FromDays(7);

    private readonly ConcurrentDictionary<(string Bot, long Account), (DateTimeOffset Until, HashSet<long> Inboxes)> _inboxes = new();

    /// <summary>One run over all bots and accounts. Needs the administrator's token.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var current = configuration.Current;
        var budget = current.Options.Chat.Sweep.MaxPerRun;
        IReadOnlyList<long>? administered = null;
        foreach (var bot in current.Bots.Values)
        {
            var accounts = bot.Options.Accounts is { Count: > 0 } named ? named : administered ??= await AdministeredAsync(cancellationToken);
            foreach (var account in accounts)
            {
                if (await InboxesAsync(bot, account, cancellationToken) is { Count: > 0 } inboxes)
                {
                    budget = await SweepAsync(bot, account, inboxes, current.Options.Chat.Sweep, budget, cancellationToken);
                }
            }
        }
    }

    private async Task<int> SweepAsync(Bot bot, long account, HashSet<long> inboxes, SweepOptions options, int budget, CancellationToken cancellationToken)
    {
        var place = string.Create(CultureInfo.InvariantCulture, $"{bot.Name}/{account}");
        DateTimeOffset? began = null;
        var since = DateTimeOffset.MinValue;
        for (var page = 1; page <= MostPages; page++)
        {
            var read = await reader.ListPendingAsync(account, page, oldestFirst: false, cancellationToken);
            if (read.Value is not { } pending)
            {
                LogCannotLook(place, read.Problem!);
                telemetry.Swept("failed", 1);
                return budget;
            }

            var now = read.ServerTime ?? clock.GetUtcNow();
            if (began is null)
            {
                began = now;
                since = now - await LookBackAsync(place, now, options, cancellationToken);
            }

            foreach (var conversation in pending.Where(c => c.Status == "pending" && c.Id > 0 && inboxes.Contains(c.InboxId ?? 0)))
            {
                if (conversation.LastActivityAt is not { } active || (now - active >= options.After && active >= since && !IsAnswered(conversation)))
                {
                    if (budget-- <= 0)
                    {
                        // The rest is for the next run, which starts from the same point.
                        LogBudgetSpent(options.MaxPerRun);
                        return 0;
                    }

                    await ConsiderAsync(bot, account, conversation, now, options, cancellationToken);
                }
            }

            if (pending.Count < PageSize || pending.Any(c => c.LastActivityAt < since))
            {
                await store.PutAsync(Area, place, began.Value.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture), null, cancellationToken);
                return budget;
            }
        }

        LogTooMany(place, MostPages * PageSize);
        return budget;
    }

    /// <summary>Everything that changed since the last complete run, and everything that may become too old.</summary>
    private async Task<TimeSpan> LookBackAsync(string place, DateTimeOffset now, SweepOptions options, CancellationToken cancellationToken)
    {
        var atLeast = options.TooOld + options.After + (2 * options.Every);
        var text = await store.GetAsync(Area, place, cancellationToken);
        var last = long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) ? now - DateTimeOffset.FromUnixTimeSeconds(seconds) + options.After + options.Every : _longestLook;
        return last < atLeast ? atLeast : last > _longestLook ? _longestLook : last;
    }

    /// <summary>A public word of a bot or a person is the last. Templates, private notes and activity lines are no answers and need a closer look.</summary>
    private static bool IsAnswered(WireConversation conversation) =>
        conversation.Messages is [.., { MessageType: WireMessageType.Outgoing, Private: not true }];

    private async Task ConsiderAsync(Bot bot, long account, WireConversation conversation, DateTimeOffset now, SweepOptions options, CancellationToken cancellationToken)
    {
        var read = await reader.ListMessagesAsync(account, conversation.Id, before: null, cancellationToken);
        if (read.Value is not { } messages)
        {
            telemetry.Swept("failed", 1);
            return;
        }

        var unanswered = messages.Reverse()
            .TakeWhile(m => m is not { MessageType: WireMessageType.Outgoing, Private: not true })
            .Where(m => m is { MessageType: WireMessageType.Incoming, Private: not true })
            .Reverse().ToList();
        if (unanswered is not [.., var newest] || newest.CreatedAt is not { } said || now - said < options.After)
        {
            return;
        }

        var key = new ConversationKey(bot.Name, account, conversation.Id).ToString();
        if (now - said > options.TooOld)
        {
            var trouble = InternalEvents.Troubled(
                key, string.Create(CultureInfo.InvariantCulture, $"stranded:{key}:{newest.Id}"), Kebab.Of(HandoffReason.Stranded), seen: StrandedEvents.Created(account, conversation, newest));
            await AppendAsync(trouble, "handed-off", cancellationToken);
            return;
        }

        foreach (var message in unanswered)
        {
            // No account filter, key or signature to pass: we asked ourselves. What is stored already is a duplicate here.
            if (StrandedEvents.Created(account, conversation, message) is { } e && EventIntake.Admit(bot, e, deliveryId: null, body: []).Event is { } row)
            {
                await AppendAsync(row, "picked-up", cancellationToken);
            }
        }
    }

    private async Task AppendAsync(NewEvent row, string what, CancellationToken cancellationToken)
    {
        var appended = await store.AppendAsync(row, cancellationToken);
        if (!appended.Stored)
        {
            return;
        }

        telemetry.Swept(what, 1);
        LogFound(row.Conversation, what);
        if (appended.Claim is { } claim)
        {
            runners.Wake(claim);
        }
    }

    /// <summary>Pending conversations of other bots are none of our business.</summary>
    private async Task<HashSet<long>> InboxesAsync(Bot bot, long account, CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        if (_inboxes.TryGetValue((bot.Name, account), out var known) && known.Until > now)
        {
            return known.Inboxes;
        }

        var look = await connections.LookAsync(bot.Name, bot.Options, account, cancellationToken);
        if (look.Value is not { } seen)
        {
            LogCannotLook($"{bot.Name}/{account}", look.Problem!);
            telemetry.Swept("failed", 1);
            return [];
        }

        HashSet<long> inboxes = [.. seen.Connected.Select(i => i.Id)];
        _inboxes[(bot.Name, account)] = (now + _connectionsLast, inboxes);
        return inboxes;
    }

    private async Task<IReadOnlyList<long>> AdministeredAsync(CancellationToken cancellationToken)
    {
        var profile = api.AdminToken is { } token ? await api.ProfileAsync(token, cancellationToken) : ChatRead.NotConfigured<WireProfile>("chat.adminToken is not set.");
        if (profile.Value is not { } user)
        {
            LogCannotLook("accounts", profile.Problem!);
            return [];
        }

        return [.. (user.Accounts ?? []).Where(a => a.Role == "administrator").Select(a => a.Id)];
    }

    [LoggerMessage(9101, LogLevel.Warning, "The sweep cannot look at {Place}: {Problem}")]
    private partial void LogCannotLook(string place, string problem);

    [LoggerMessage(9102, LogLevel.Warning, "The sweep found an unanswered customer in {Conversation}: {What}")]
    private partial void LogFound(string conversation, string what);

    [LoggerMessage(9103, LogLevel.Warning, "The sweep picked up {Most} conversations, its limit for one run; the next run continues")]
    private partial void LogBudgetSpent(int most);

    [LoggerMessage(9104, LogLevel.Warning, "{Place} has more than {Most} pending conversations with recent activity; the oldest were not looked at")]
    private partial void LogTooMany(string place, int most);
}
