using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;

namespace IntentRouter.Playground;

/// <summary>
/// A simulated chat installation: accounts, inboxes, people, bots, conversations, and the events they cause.
/// All members may be called from any thread; nothing is awaited while the state is locked.
/// </summary>
public sealed partial class PlaygroundChat : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly PlaygroundOptions _options;
    private readonly EventPayloads _payloads;
    private readonly DeliveryQueue _queue;
    private readonly Dictionary<long, PlaygroundAccount> _accounts = [];
    private readonly Dictionary<long, PlaygroundBot> _bots = [];
    private readonly Dictionary<long, PlaygroundUser> _users = [];
    private readonly List<PlaygroundPlatformApp> _platformApps = [];
    private readonly ConcurrentDictionary<string, object> _tokens = new(StringComparer.Ordinal);
    private readonly Lock _historyGate = new();
    private readonly List<PlaygroundDelivery> _deliveries = [];
    private readonly List<Waiter> _waiters = [];
    private readonly List<Task> _later = [];
    private readonly CancellationTokenSource _stopping = new();
    private long _stamp;
    private long _changes;
    private long _nextAccount;
    private long _nextInbox;
    private long _nextContact;
    private long _nextContactInbox;
    private long _nextMessage;
    private long _nextAttachment;
    private long _nextUser;
    private long _nextTeam;
    private long _nextBot;
    private long _nextPlatformApp;
    private long _nextWebhook = 1;

    public PlaygroundChat(PlaygroundOptions? options = null)
    {
        _options = options ?? new PlaygroundOptions();
        Behaviour = new PlaygroundBehaviour(_options);
        Faults = new PlaygroundFaults();
        Ledger = new PlaygroundLedger(_options.KeepsHistory);
        _payloads = new EventPayloads(Behaviour);
        _queue = new DeliveryQueue(_options, Behaviour, Mark, DeliveryAnswered);
        var seeds = _options.Seeds;
        (_nextAccount, _nextInbox, _nextContact, _nextContactInbox) = (seeds.Account, seeds.Inbox, seeds.Contact, seeds.ContactInbox);
        (_nextMessage, _nextAttachment, _nextUser, _nextTeam) = (seeds.Message, seeds.Attachment, seeds.User, seeds.Team);
        (_nextBot, _nextPlatformApp) = (seeds.Bot, seeds.PlatformApp);
    }

    public PlaygroundOptions Options => _options;

    /// <summary>What the chosen version does.</summary>
    public PlaygroundBehaviour Behaviour { get; }

    /// <summary>Scripted trouble of the API and of the echo.</summary>
    public PlaygroundFaults Faults { get; }

    /// <summary>Every message that a bot created over the API.</summary>
    public PlaygroundLedger Ledger { get; }

    /// <summary>Every attempt to deliver an event, in the order of the answers.</summary>
    public IReadOnlyList<PlaygroundDelivery> Deliveries
    {
        get
        {
            lock (_historyGate)
            {
                return [.. _deliveries];
            }
        }
    }

    public IReadOnlyList<PlaygroundAccount> Accounts => Locked(() => _accounts.Values.ToArray());

    public IReadOnlyList<PlaygroundBot> Bots => Locked(() => _bots.Values.ToArray());

    /// <summary>Grows with every change of the state; the demo page refreshes by it.</summary>
    public long Changes => Interlocked.Read(ref _changes);

    internal CancellationToken Stopping => _stopping.Token;

    internal DateTimeOffset Now => _options.Clock.GetUtcNow();

    /// <summary>
    /// A position in the order of moments that deliveries and ledger entries share, so that "begun after that event was answered"
    /// is a comparison of two numbers even when the clock stands still.
    /// </summary>
    public long Mark() => Interlocked.Increment(ref _stamp);

    public PlaygroundAccount AddAccount(string name = "Bluebird Outfitters") => Locked(() =>
    {
        var account = new PlaygroundAccount(this, _nextAccount++, name, _options.Seeds.Conversation);
        _accounts.Add(account.Id, account);
        return account;
    });

    /// <summary>Adds a global bot, usable in every account.</summary>
    public PlaygroundBot AddGlobalBot(string name, string? outgoingUrl, string? accessToken = null, string? secret = null) =>
        AddBot(account: null, name, outgoingUrl, accessToken, secret);

    public PlaygroundPlatformApp AddPlatformApp(string name, string? accessToken = null) => Locked(() =>
    {
        var app = new PlaygroundPlatformApp(_nextPlatformApp++, name, accessToken ?? NewToken());
        _platformApps.Add(app);
        Register(app.AccessToken, app);
        return app;
    });

    /// <summary>The console step that lets a platform app see something it did not create.</summary>
    public void Grant(PlaygroundPlatformApp app, object accountUserOrBot)
    {
        ArgumentNullException.ThrowIfNull(app);
        Locked(() => app.Permissible.Add(accountUserOrBot));
    }

    /// <summary>A token of a super admin: not usable for the account API.</summary>
    public string AddSuperAdminToken()
    {
        var token = NewToken();
        Register(token, SuperAdmin.Instance);
        return token;
    }

    public PlaygroundAccount? FindAccount(long id) => Locked(() => _accounts.GetValueOrDefault(id));

    /// <summary>Holds back deliveries until <see cref="ResumeDeliveries"/>; what happens meanwhile is queued.</summary>
    public void PauseDeliveries() => _queue.Pause();

    public void ResumeDeliveries() => _queue.Resume();

    /// <summary>Sends a recorded delivery once more, as another job with the same delivery id (a worker's shutdown does that).</summary>
    public void Redeliver(PlaygroundDelivery delivery)
    {
        ArgumentNullException.ThrowIfNull(delivery);
        _queue.EnqueueOnce(delivery with { QueuedAt = Now, Attempt = 1 });
    }

    /// <summary>Completes when every queued delivery, retries included, has been answered.</summary>
    public Task WaitUntilIdleAsync(CancellationToken cancellationToken) => _queue.WhenIdleAsync(cancellationToken);

    /// <summary>
    /// Completes with the first non-null answer of <paramref name="probe"/>, which is asked after every change: a message, a delivery, an API
    /// call. Not polled. Give a token that ends the wait when nothing comes.
    /// </summary>
    public async Task<T> WaitForAsync<T>(Func<T?> probe, CancellationToken cancellationToken)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(probe);
        while (true)
        {
            var waiter = new Waiter();
            lock (_waiters)
            {
                _waiters.Add(waiter);
            }

            try
            {
                if (probe() is { } found)
                {
                    return found;
                }

                await waiter.Changed.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
            }
            finally
            {
                lock (_waiters)
                {
                    _waiters.Remove(waiter);
                }
            }
        }
    }

    /// <summary>Completes as soon as <paramref name="condition"/> holds.</summary>
    public Task WaitUntilAsync(Func<bool> condition, CancellationToken cancellationToken) =>
        WaitForAsync(() => condition() ? this : null, cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        Task[] later;
        lock (_historyGate)
        {
            later = [.. _later];
        }

        await Task.WhenAll(later);
        await _queue.DisposeAsync();
        _stopping.Dispose();
    }

    internal T Locked<T>(Func<T> read)
    {
        lock (_gate)
        {
            return read();
        }
    }

    internal void Locked(Action change)
    {
        lock (_gate)
        {
            change();
        }
    }

    internal object? FindTokenOwner(string token) => _tokens.GetValueOrDefault(token);

    internal PlaygroundInbox AddInbox(PlaygroundAccount account, string name, ChannelKind channel) => Locked(() =>
    {
        var inbox = new PlaygroundInbox(_nextInbox++, account, name, channel, NewToken());
        account.InboxList.Add(inbox);
        Changed();
        return inbox;
    });

    internal PlaygroundUser AddUser(PlaygroundAccount account, string name, UserRole role, string? email, string? accessToken) => Locked(() =>
    {
        var user = CreateUser(name, email ?? name.Replace(' ', '.').ToLowerInvariant() + "@example.com", accessToken);
        Join(account, user, role);
        return user;
    });

    internal PlaygroundUser CreateUser(string name, string email, string? accessToken)
    {
        var user = new PlaygroundUser(_nextUser++, name, email, accessToken ?? NewToken()) { PubsubToken = NewToken() };
        _users.Add(user.Id, user);
        Register(user.AccessToken, user);
        return user;
    }

    internal static void Join(PlaygroundAccount account, PlaygroundUser user, UserRole role)
    {
        user.Roles[account.Id] = role;
        if (!account.UserList.Contains(user))
        {
            account.UserList.Add(user);
        }
    }

    internal PlaygroundTeam AddTeam(PlaygroundAccount account, string name) => Locked(() =>
    {
        var team = new PlaygroundTeam(_nextTeam++, account, name);
        account.TeamList.Add(team);
        return team;
    });

    internal PlaygroundBot AddBot(PlaygroundAccount? account, string name, string? outgoingUrl, string? accessToken, string? secret) => Locked(() =>
    {
        var bot = new PlaygroundBot(_nextBot++, account, name, outgoingUrl, accessToken ?? NewToken(), secret ?? NewToken());
        _bots.Add(bot.Id, bot);
        Register(bot.AccessToken, bot);
        return bot;
    });

    internal PlaygroundAccountWebhook AddWebhook(PlaygroundAccount account, string url, IEnumerable<string> subscriptions) => Locked(() =>
    {
        var webhook = new PlaygroundAccountWebhook(_nextWebhook++, account, url, subscriptions.ToHashSet(StringComparer.Ordinal), NewToken());
        account.WebhookList.Add(webhook);
        return webhook;
    });

    internal void Connect(PlaygroundInbox inbox, PlaygroundBot? bot) => Locked(() => inbox.Bot = bot);

    internal PlaygroundCustomer AddCustomer(PlaygroundInbox inbox, string name, string? email, string? phoneNumber, bool verified) => Locked(() =>
    {
        var account = inbox.Account;
        var contact = new PlaygroundContact(_nextContact++, account, name)
        {
            Email = email,
            PhoneNumber = phoneNumber,
            CreatedAt = Now,
            AdditionalAttributes = Json.From(new Dictionary<string, string> { ["created_at_ip"] = "203.0.113.24" }),
        };
        account.ContactList.Add(contact);
        account.ContactsById.Add(contact.Id, contact);
        return AddCustomer(inbox, contact, verified);
    });

    internal PlaygroundCustomer AddCustomer(PlaygroundInbox inbox, PlaygroundContact contact, bool verified)
    {
        var customer = new PlaygroundCustomer(_nextContactInbox++, contact, inbox, Guid.NewGuid().ToString(), "pubsub-" + NewToken(), verified, Now);
        contact.Customers.Add(customer);
        return customer;
    }

    internal PlaygroundAccount? Account(long id) => _accounts.GetValueOrDefault(id);

    internal PlaygroundUser? UserByEmail(string email) =>
        _users.Values.FirstOrDefault(u => string.Equals(u.Email, email, StringComparison.OrdinalIgnoreCase));

    internal IReadOnlyList<PlaygroundAccount> AccountsOf(PlaygroundUser user) => [.. user.Roles.Keys.Select(id => _accounts[id])];

    internal long TakeAttachmentId() => Interlocked.Increment(ref _nextAttachment) - 1;

    /// <summary>Does something after a time of the playground's clock, unless the playground is disposed before.</summary>
    internal void RunLater(TimeSpan delay, Action what)
    {
        lock (_historyGate)
        {
            _later.Add(LaterAsync());
        }

        async Task LaterAsync()
        {
            await Task.Delay(delay, _options.Clock, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (!_stopping.IsCancellationRequested)
            {
                what();
            }
        }
    }

    internal PlaygroundBot? FindBot(long id) => _bots.TryGetValue(id, out var bot) && !bot.Deleted ? bot : null;

    internal PlaygroundUser? FindUser(long id) => _users.GetValueOrDefault(id);

    internal IEnumerable<PlaygroundBot> LivingBots => _bots.Values.Where(b => !b.Deleted);

    internal void Delete(PlaygroundBot bot)
    {
        bot.Deleted = true;
        _tokens.TryRemove(bot.AccessToken, out _);
        foreach (var inbox in _accounts.Values.SelectMany(a => a.InboxList).Where(i => i.Bot == bot))
        {
            inbox.Bot = null;
        }

        Changed();
    }

    internal string ResetToken(object owner, string old)
    {
        var token = NewToken();
        _tokens.TryRemove(old, out _);
        Register(token, owner);
        return token;
    }

    internal static string NewToken() => RandomNumberGenerator.GetString("ABCDEFGHJKLMNPQRSTUVWXYZabcdefghjkmnpqrstuvwxyz23456789", 24);

    internal void Changed()
    {
        Interlocked.Increment(ref _changes);
        Waiter[] waiting;
        lock (_waiters)
        {
            if (_waiters.Count == 0)
            {
                return;
            }

            waiting = [.. _waiters];
            _waiters.Clear();
        }

        foreach (var waiter in waiting)
        {
            waiter.Changed.TrySetResult();
        }
    }

    private void Register(string token, object owner)
    {
        if (!_tokens.TryAdd(token, owner))
        {
            throw new ArgumentException("This access token is taken already; every bot, user and platform app needs its own.", nameof(token));
        }
    }

    private void DeliveryAnswered(PlaygroundDelivery delivery)
    {
        if (_options.KeepsHistory)
        {
            lock (_historyGate)
            {
                _deliveries.Add(delivery);
            }
        }

        if (delivery.Outcome is not (DeliveryOutcome.Accepted or DeliveryOutcome.WillRetry))
        {
            BotFailed(delivery);
        }

        Changed();
    }

    private sealed class Waiter
    {
        public TaskCompletionSource Changed { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    internal sealed class SuperAdmin
    {
        public static SuperAdmin Instance { get; } = new();
    }

    private static JsonElement NullableNumber(long? value) =>
        value is { } number ? JsonDocument.Parse(number.ToString(CultureInfo.InvariantCulture)).RootElement : Json.Null;
}
