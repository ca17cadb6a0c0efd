using System.Globalization;
using System.Text.RegularExpressions;
using IntentRouter.Playground;

namespace IntentRouter.CrashTests;

/// <summary>What became of the messages, by the chat's own books.</summary>
internal sealed record Outcome
{
    public required int Said { get; init; }

    /// <summary>Answered with 200: from there on they are the service's to answer.</summary>
    public required int Acknowledged { get; init; }

    public required int Answered { get; init; }

    public required IReadOnlyList<int> Lost { get; init; }

    public required IReadOnlyList<int> Twice { get; init; }

    /// <summary>
    /// Messages answered before an older one of the same conversation that was acknowledged by then. A message whose delivery failed, and that came
    /// again after the newer one had its answer, can only be answered late: <see cref="Late"/>.
    /// </summary>
    public required IReadOnlyList<string> OutOfOrder { get; init; }

    /// <summary>Messages that were not acknowledged before a newer one had its answer, and were answered after it.</summary>
    public required IReadOnlyList<string> Late { get; init; }

    /// <summary>Conversations that are not with the bot any more.</summary>
    public required int HandedOff { get; init; }

    /// <summary>From the acknowledgement to the answer.</summary>
    public required IReadOnlyList<TimeSpan> Latencies { get; init; }

    public bool IsClean => Lost.Count == 0 && Twice.Count == 0 && OutOfOrder.Count == 0;

    public TimeSpan Latency(double share) => Latencies.Count == 0 ? TimeSpan.Zero : Latencies[(int)Math.Min(Latencies.Count - 1, share * Latencies.Count)];

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"said {Said}, acknowledged {Acknowledged}, answered {Answered}, lost {Lost.Count}, twice {Twice.Count}, out of order {OutOfOrder.Count}, late {Late.Count}, handed off {HandedOff}, "
        + $"latency p50 {Latency(0.5).TotalMilliseconds:0} ms p99 {Latency(0.99).TotalMilliseconds:0} ms worst {Latency(1).TotalMilliseconds:0} ms{string.Concat(OutOfOrder.Select(text => $"\n  out of order: {text}"))}{string.Concat(Late.Select(text => $"\n  late: {text}"))}");
}

/// <summary>Customers who say numbered messages, and the books that tell what became of each.</summary>
internal sealed partial class Traffic(Fleet fleet, int customers)
{
    private readonly PlaygroundCustomer[] _customers = [.. Enumerable.Range(0, customers).Select(_ => fleet.Inbox.AddCustomer())];
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(3);
    private int _next;

    /// <summary>How long each customer waits between two messages: up to this.</summary>
    public TimeSpan Pause { get; init; } = TimeSpan.FromMilliseconds(600);

    public IReadOnlyList<PlaygroundCustomer> Customers => _customers;

    /// <summary>Talks until told to stop; nobody waits for an answer.</summary>
    public Task RunAsync(CancellationToken stop) => Task.WhenAll(_customers.Select(customer => TalkAsync(customer, stop)));

    public int Say(PlaygroundCustomer customer)
    {
        var number = Interlocked.Increment(ref _next);
        customer.Say(string.Create(CultureInfo.InvariantCulture, $"m{number}"));
        return number;
    }

    /// <summary>Waits until everything that was acknowledged is answered, then long enough for a second answer to show.</summary>
    public async Task<Outcome> SettleAsync()
    {
        var began = TimeProvider.System.GetTimestamp();
        while (TimeProvider.System.GetElapsedTime(began) < _patience)
        {
            var outcome = Count();
            if (outcome.Lost.Count == 0 && outcome.Acknowledged > 0 && fleet.Chat.WaitUntilIdleAsync(CancellationToken.None).IsCompleted)
            {
                break;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System);
        }

        await Task.Delay(fleet.Options.Settle + TimeSpan.FromSeconds(1), TimeProvider.System);
        return Count();
    }

    public Outcome Count()
    {
        var acknowledged = new Dictionary<int, (DateTimeOffset At, long Conversation)>();
        var said = new HashSet<int>();
        foreach (var delivery in fleet.Chat.Deliveries.Where(d => d.Event == "message_created"))
        {
            var json = delivery.Json();
            if (json.GetProperty("message_type").ToString() is "incoming" or "0" && Number().Match(json.GetProperty("content").GetString() ?? "") is { Success: true } match)
            {
                var number = int.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture);
                said.Add(number);
                if (delivery.Outcome == DeliveryOutcome.Accepted)
                {
                    acknowledged.TryAdd(number, (delivery.AnsweredAt, delivery.ConversationId ?? 0));
                }
            }
        }

        var answers = new Dictionary<int, int>();
        var latencies = new List<TimeSpan>();
        var outOfOrder = new List<string>();
        var late = new List<string>();
        var handedOff = 0;
        var handedOffIds = new HashSet<long>();
        foreach (var conversation in _customers.Select(c => c.Conversation).OfType<PlaygroundConversation>())
        {
            if (conversation.Status != ConversationStatus.Pending)
            {
                handedOff++;
                handedOffIds.Add(conversation.Id);
            }

            var (last, lastAt) = (0, default(DateTimeOffset));
            foreach (var reply in conversation.BotReplies)
            {
                foreach (Match match in Digits().Matches(reply.Content is { } words && words.StartsWith("re ", StringComparison.Ordinal) ? words : ""))
                {
                    var number = int.Parse(match.ValueSpan, CultureInfo.InvariantCulture);
                    answers[number] = answers.GetValueOrDefault(number) + 1;
                    DateTimeOffset? at = acknowledged.TryGetValue(number, out var acknowledgement) ? acknowledgement.At : null;
                    if (at is { } then)
                    {
                        latencies.Add(reply.CreatedAt - then);
                    }

                    if (number > last)
                    {
                        (last, lastAt) = (number, reply.CreatedAt);
                    }
                    else if (answers[number] == 1)
                    {
                        (at < lastAt ? outOfOrder : late).Add(string.Create(
                            CultureInfo.InvariantCulture, $"m{number}, acknowledged {at:mm:ss.fff}, answered {reply.CreatedAt:mm:ss.fff}; m{last} answered {lastAt:mm:ss.fff}"));
                    }
                }
            }
        }

        latencies.Sort();
        return new Outcome
        {
            Said = said.Count,
            Acknowledged = acknowledged.Count,
            Answered = answers.Count,
            Lost = [.. acknowledged.Where(a => !answers.ContainsKey(a.Key) && !handedOffIds.Contains(a.Value.Conversation)).Select(a => a.Key).Order()],
            Twice = [.. answers.Where(a => a.Value > 1).Select(a => a.Key).Order()],
            OutOfOrder = outOfOrder,
            Late = late,
            HandedOff = handedOff,
            Latencies = latencies,
        };
    }

    private async Task TalkAsync(PlaygroundCustomer customer, CancellationToken stop)
    {
        try
        {
            while (true)
            {
#pragma warning disable CA5394 // Pace, not a secret.
                await Task.Delay(Pause * Random.Shared.NextDouble(), TimeProvider.System, stop);
#pragma warning restore CA5394
                Say(customer);
            }
        }
        catch (OperationCanceledException)
        {
            // The end of the talk.
        }
    }

    [GeneratedRegex(@"^m(\d+)$")]
    private static partial Regex Number();

    [GeneratedRegex(@"\d+")]
    private static partial Regex Digits();
}
