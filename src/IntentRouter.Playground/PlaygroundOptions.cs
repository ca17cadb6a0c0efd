namespace IntentRouter.Playground;

/// <summary>How the simulated installation behaves. Everything has a default that suits tests: OneHash 4.2.0, ordered delivery, loopback only.</summary>
public sealed class PlaygroundOptions
{
    /// <summary>The release that <c>GET /api</c> reports and whose behaviour is followed.</summary>
    public PlaygroundVersion Version { get; init; } = PlaygroundVersion.OneHash;

    /// <summary>Unset: OneHash below 4.3, Chatwoot from 4.3. Set it to try a newer OneHash.</summary>
    public PlaygroundFlavor? Flavor { get; init; }

    /// <summary>Port of <see cref="PlaygroundServer"/> on 127.0.0.1; 0 takes a free one.</summary>
    public int Port { get; init; }

    /// <summary>The clock of everything: timestamps, webhook time-outs, retry delays, the messages-per-minute guard.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>First ids. In front of a service with a lasting store use <see cref="PlaygroundSeeds.From"/>, or a restart repeats old ids.</summary>
    public PlaygroundSeeds Seeds { get; init; } = new();

    /// <summary>How events reach a bot.</summary>
    public PlaygroundDeliveryOptions Delivery { get; init; } = new();

    /// <summary>Overrides what the version says about storing foreign keys of <c>content_attributes</c> (upstream 4.2 to 4.8 drops them).</summary>
    public bool? StoresAllContentAttributes { get; init; }

    /// <summary>OneHash's widget seems to lose <c>submitted_values</c> (not confirmed on a live installation), so this is off unless asked for.</summary>
    public bool LosesSubmittedValues { get; init; }

    /// <summary>A proxy in front that removes header names with underscores, so that only <c>Api-Access-Token</c> arrives.</summary>
    public bool DropsUnderscoreHeaders { get; init; }

    /// <summary>Messages that one conversation takes in a minute; the next one is refused with 422.</summary>
    public int MessagesPerConversationAndMinute { get; init; } = 200;

    /// <summary>Requests per minute and client address before 429; unset means no limit (the platform's default is 3,000).</summary>
    public int? RequestsPerMinute { get; init; }

    /// <summary>Keep every delivery and ledger entry. Benchmarks switch it off to keep memory flat.</summary>
    public bool KeepsHistory { get; init; } = true;

    /// <summary>
    /// Where the demo page reads the explanation of a conversation's turns, on its own origin;
    /// <c>{account}</c> and <c>{conversation}</c> are replaced. A 404 there is fine.
    /// </summary>
    public string ExplanationsUrl { get; init; } = "/api/conversations/{account}/{conversation}/turns";

    /// <summary>Page of the bot's own operators that the demo page links to, on its own origin; null for none.</summary>
    public string? ConsoleUrl { get; init; }

    /// <summary>Quick buttons of the demo page.</summary>
    public IReadOnlyList<string> DemoPhrases { get; init; } =
        ["Where is my order 10427?", "I would like to book a table", "What are your opening hours?", "I want to talk to a person"];
}

/// <summary>First ids of each kind; the following ones count up.</summary>
public sealed record PlaygroundSeeds
{
    public long Account { get; init; } = 3;
    public long Inbox { get; init; } = 12;
    public long Contact { get; init; } = 8841;
    public long ContactInbox { get; init; } = 6120;
    public long Conversation { get; init; } = 457;
    public long Message { get; init; } = 90211;
    public long Attachment { get; init; } = 701;
    public long User { get; init; } = 21;
    public long Team { get; init; } = 4;
    public long Bot { get; init; } = 5;
    public long PlatformApp { get; init; } = 1;

    /// <summary>Ids that grow with the clock, so that a playground started later never repeats an id of an earlier one.</summary>
    public static PlaygroundSeeds From(DateTimeOffset now)
    {
        var seconds = now.ToUnixTimeSeconds() - 1_700_000_000;
        return new PlaygroundSeeds
        {
            Contact = seconds,
            ContactInbox = seconds,
            Conversation = seconds,
            Message = seconds * 1_000,
            Attachment = seconds,
        };
    }
}

/// <summary>How events are queued and sent to bots.</summary>
public sealed record PlaygroundDeliveryOptions
{
    /// <summary>Deliveries that run at once for one bot.</summary>
    public int Workers { get; init; } = 10;

    /// <summary>Ordered by default, which the real platform is not.</summary>
    public PlaygroundDeliveryOrder Order { get; init; } = PlaygroundDeliveryOrder.PerCustomer;

    /// <summary>Chance of sending a delivery a second time although it was answered (a job re-queued at a worker's shutdown).</summary>
    public double DuplicateProbability { get; init; }

    /// <summary>Waited before each first attempt.</summary>
    public TimeSpan Delay { get; init; }

    /// <summary>Seed of shuffling and duplicating.</summary>
    public int RandomSeed { get; init; } = 1;

    /// <summary>A bot that has not answered within this time has failed.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Pause between attempts, where the version retries at all.</summary>
    public TimeSpan RetryDelay { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>Refuse every bot URL that is not on this machine. Off only for a demo that must reach elsewhere.</summary>
    public bool OnlyToLoopback { get; init; } = true;

    /// <summary>From 4.14.0: refuse private addresses, loopback included, as an installation without <c>SAFE_FETCH_ALLOW_PRIVATE_NETWORK</c> does.</summary>
    public bool RefusesPrivateAddresses { get; init; }
}

/// <summary>Order of deliveries to one bot.</summary>
public enum PlaygroundDeliveryOrder
{
    /// <summary>Events of one visitor one after the other, visitors side by side. A retry still comes later than its successors.</summary>
    PerCustomer,

    /// <summary>Taken in order by several workers at once, as the platform does: mostly in order, never surely.</summary>
    Racing,

    /// <summary>What is waiting is taken at random.</summary>
    Shuffled,
}
