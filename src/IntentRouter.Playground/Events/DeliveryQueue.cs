using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Threading.Channels;

namespace IntentRouter.Playground;

/// <summary>Sends queued events: lanes of workers for each receiver, retries as the version has them, everything recorded.</summary>
internal sealed class DeliveryQueue : IAsyncDisposable
{
    private const int Attempts = 3;

    private readonly PlaygroundDeliveryOptions _options;
    private readonly PlaygroundBehaviour _behaviour;
    private readonly TimeProvider _clock;
    private readonly Func<long> _stamp;
    private readonly Action<PlaygroundDelivery> _answered;
    private readonly HttpClient _http;
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _lanesGate = new();
    private readonly Dictionary<object, Channel<Job>[]> _lanes = [];
    private readonly ConcurrentBag<Task> _workers = [];
    private readonly Lock _randomGate = new();
    private readonly Random _random;
    private readonly Lock _idleGate = new();
    private readonly Lock _pauseGate = new();
    private TaskCompletionSource _resumed = Completed();
    private TaskCompletionSource _idle = Completed();
    private int _outstanding;

    public DeliveryQueue(PlaygroundOptions options, PlaygroundBehaviour behaviour, Func<long> stamp, Action<PlaygroundDelivery> answered)
    {
        _options = options.Delivery;
        _behaviour = behaviour;
        _clock = options.Clock;
        _stamp = stamp;
        _answered = answered;
        _random = new Random(_options.RandomSeed);
        _http = new HttpClient(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseProxy = false,
            UseCookies = false,
            // The chat sends no trace context. In one process with the router the page's own, which nobody records, would keep every turn from being traced.
            ActivityHeadersPropagator = null,
        })
        {
            Timeout = Timeout.InfiniteTimeSpan,
        };
    }

    public int Outstanding => Volatile.Read(ref _outstanding);

    public void Enqueue(PlaygroundDelivery delivery)
    {
        EnqueueOnce(delivery);
        if (_options.DuplicateProbability > 0 && Random() < _options.DuplicateProbability)
        {
            EnqueueOnce(delivery);
        }
    }

    public void EnqueueOnce(PlaygroundDelivery delivery)
    {
        Begin();
        Put(new Job(delivery));
    }

    /// <summary>Nothing is taken from a lane any more when this returns.</summary>
    public void Pause()
    {
        lock (_pauseGate)
        {
            if (_resumed.Task.IsCompleted)
            {
                _resumed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            }
        }
    }

    public void Resume()
    {
        lock (_pauseGate)
        {
            _resumed.TrySetResult();
        }
    }

    public Task WhenIdleAsync(CancellationToken cancellationToken)
    {
        lock (_idleGate)
        {
            return _idle.Task.WaitAsync(cancellationToken);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_workers);
        _http.Dispose();
        _stop.Dispose();
    }

    private void Put(Job job)
    {
        Channel<Job>[]? lanes;
        lock (_lanesGate)
        {
            if (!_lanes.TryGetValue(job.Delivery.Target.Owner, out lanes))
            {
                _lanes[job.Delivery.Target.Owner] = lanes = StartLanes();
            }
        }

        var lane = lanes[(int)((ulong)job.Delivery.Target.Lane % (ulong)lanes.Length)];
        job.Priority = _options.Order == PlaygroundDeliveryOrder.Shuffled ? Random() : 0;
        lane.Writer.TryWrite(job);
    }

    private Channel<Job>[] StartLanes()
    {
        Channel<Job>[] lanes = _options.Order switch
        {
            PlaygroundDeliveryOrder.PerCustomer => [.. Enumerable.Range(0, _options.Workers).Select(_ => Channel.CreateUnbounded<Job>())],
            PlaygroundDeliveryOrder.Racing => [Channel.CreateUnbounded<Job>()],
            _ => [Channel.CreateUnboundedPrioritized(new UnboundedPrioritizedChannelOptions<Job> { Comparer = Job.ByPriority })],
        };
        var workersPerLane = lanes.Length == 1 ? _options.Workers : 1;
        foreach (var lane in lanes)
        {
            for (var i = 0; i < workersPerLane; i++)
            {
                _workers.Add(Task.Run(() => WorkAsync(lane.Reader)));
            }
        }

        return lanes;
    }

    private async Task WorkAsync(ChannelReader<Job> lane)
    {
        try
        {
            while (await lane.WaitToReadAsync(_stop.Token))
            {
                if (TryTake(lane, out var paused) is { } job)
                {
                    await RunAsync(job);
                }
                else if (paused is not null)
                {
                    await paused.WaitAsync(_stop.Token);
                }
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
        }
    }

    /// <param name="paused">Ends with the pause, when there is one.</param>
    private Job? TryTake(ChannelReader<Job> lane, out Task? paused)
    {
        lock (_pauseGate)
        {
            paused = _resumed.Task.IsCompleted ? null : _resumed.Task;
            return paused is null && lane.TryRead(out var job) ? job : null;
        }
    }

    private async Task RunAsync(Job job)
    {
        if (job.Attempt == 1 && _options.Delay > TimeSpan.Zero)
        {
            await Task.Delay(_options.Delay, _clock, _stop.Token);
        }

        var retryLater = false;
        try
        {
            var delivery = await AttemptAsync(job);
            if (delivery.Outcome == DeliveryOutcome.WillRetry)
            {
                // Waiting before the answer is announced: whoever advances a test clock on the announcement must find the timer set.
                retryLater = true;
                _workers.Add(RetryAsync(new Job(job.Delivery) { Attempt = job.Attempt + 1 }));
            }

            _answered(delivery);
        }
        finally
        {
            if (!retryLater)
            {
                End();
            }
        }
    }

    private async Task RetryAsync(Job job)
    {
        try
        {
            await Task.Delay(_options.RetryDelay, _clock, _stop.Token);
            Put(job);
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            End();
        }
    }

    private async Task<PlaygroundDelivery> AttemptAsync(Job job)
    {
        var delivery = job.Delivery with { Attempt = job.Attempt, StartedAt = _clock.GetUtcNow(), StartedStamp = _stamp() };
        var (outcome, status) = await PostAsync(delivery);
        if (outcome == DeliveryOutcome.Refused && status is 429 or 500 && delivery.Bot is not null && _behaviour.RetriesDeliveries && job.Attempt < Attempts)
        {
            outcome = DeliveryOutcome.WillRetry;
        }

        return delivery with { AnsweredAt = _clock.GetUtcNow(), AnsweredStamp = _stamp(), Outcome = outcome, StatusCode = status };
    }

    private async Task<(DeliveryOutcome Outcome, int? Status)> PostAsync(PlaygroundDelivery delivery)
    {
        if (!Uri.TryCreate(delivery.Target.Url, UriKind.Absolute, out var url) || !IsAllowed(url))
        {
            return (DeliveryOutcome.Forbidden, null);
        }

        using var request = new HttpRequestMessage(HttpMethod.Post, url) { Content = new ReadOnlyMemoryContent(delivery.Body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        request.Headers.TryAddWithoutValidation("Accept", "application/json");
        request.Headers.TryAddWithoutValidation("User-Agent", _behaviour.GuardsPrivateAddresses ? "Ruby" : "rest-client/2.1.0 (linux x86_64) ruby/3.3.3p89");
        if (delivery.Bot is null ? _behaviour.SignsAccountWebhooks : _behaviour.SignsDeliveries)
        {
            Sign(request, delivery);
        }

        using var timeout = new CancellationTokenSource(_options.Timeout, _clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, _stop.Token);
        try
        {
            using var response = await _http.SendAsync(request, either.Token);
            return (response.IsSuccessStatusCode ? DeliveryOutcome.Accepted : DeliveryOutcome.Refused, (int)response.StatusCode);
        }
        catch (OperationCanceledException) when (timeout.IsCancellationRequested)
        {
            return (DeliveryOutcome.TimedOut, null);
        }
        catch (HttpRequestException)
        {
            return (DeliveryOutcome.Unreachable, null);
        }
    }

    private void Sign(HttpRequestMessage request, PlaygroundDelivery delivery)
    {
        var timestamp = _clock.GetUtcNow().ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        using var hmac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, Encoding.UTF8.GetBytes(delivery.Target.Secret));
        hmac.AppendData(Encoding.ASCII.GetBytes(timestamp + "."));
        hmac.AppendData(delivery.Body.Span);
        request.Headers.TryAddWithoutValidation("X-Chatwoot-Delivery", delivery.DeliveryId.ToString());
        request.Headers.TryAddWithoutValidation("X-Chatwoot-Timestamp", timestamp);
        request.Headers.TryAddWithoutValidation("X-Chatwoot-Signature", "sha256=" + Convert.ToHexStringLower(hmac.GetHashAndReset()));
    }

    private bool IsAllowed(Uri url)
    {
        var loopback = url.IsLoopback || (IPAddress.TryParse(url.Host, out var address) && IPAddress.IsLoopback(address));
        return url.Scheme is "http" or "https"
            && (loopback || !_options.OnlyToLoopback)
            && !(loopback && _options.RefusesPrivateAddresses && _behaviour.GuardsPrivateAddresses);
    }

    private double Random()
    {
        lock (_randomGate)
        {
#pragma warning disable CA5394 // A seeded order, not a secret.
            return _random.NextDouble();
#pragma warning restore CA5394
        }
    }

    private void Begin()
    {
        lock (_idleGate)
        {
            if (_outstanding++ == 0)
            {
                _idle = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            }
        }
    }

    private void End()
    {
        lock (_idleGate)
        {
            if (--_outstanding == 0)
            {
                _idle.TrySetResult();
            }
        }
    }

    private static TaskCompletionSource Completed()
    {
        var source = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        source.SetResult();
        return source;
    }

    private sealed class Job(PlaygroundDelivery delivery)
    {
        public static Comparer<Job> ByPriority { get; } = Comparer<Job>.Create((a, b) => a.Priority.CompareTo(b.Priority));

        public PlaygroundDelivery Delivery { get; } = delivery;

        public int Attempt { get; init; } = 1;

        public double Priority { get; set; }
    }
}
