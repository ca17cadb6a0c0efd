using System.Diagnostics.CodeAnalysis;
using IntentRouter.Configuration;
using Polly;
using Polly.CircuitBreaker;
using Polly.Retry;
using Polly.Timeout;

namespace IntentRouter.Nlu;

/// <summary>
/// One entry under <c>nlu:</c> at work: the adapter in its own container, behind masking, attempt time-outs, retries by meaning and a circuit breaker. Thread-safe.
/// </summary>
internal sealed partial class ConfiguredAdapter : IAsyncDisposable
{
    private const int MinimumCalls = 5;

    // Each may hold a thread for good: a plugin that never comes back must not use up the process.
    private const int MostLeftBehind = 16;
    private static readonly TimeSpan _sampling = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan _longestLocalStart = TimeSpan.FromMinutes(15);
    private static readonly TimeSpan _shortWait = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan _longestSilence = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan _late = TimeSpan.FromSeconds(1);
    private static readonly ResiliencePropertyKey<UnderstandingMode> _mode = new("mode");
    private static readonly ResiliencePropertyKey<long> _began = new("began");

    private readonly ServiceProvider _services;
    private readonly NluAdapter _adapter;
    private readonly ResiliencePipeline<Understanding> _pipeline;
    private readonly CircuitBreakerStateProvider _circuit = new();
    private readonly NluTelemetry _telemetry;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly TaskCompletionSource _firstStart = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _gate = new();
    private volatile AdapterState _state;
    private long _silentUntil;
    private volatile bool _started;
    private Task? _starting;
    private int _inUse = 1;
    private int _leftBehind;

    public ConfiguredAdapter(
        string name, string type, string fingerprint, NluEntryOptions options, ServiceProvider services, NluTelemetry telemetry, TimeProvider clock, ILogger logger)
    {
        Name = name;
        Type = type;
        Fingerprint = fingerprint;
        Options = options;
        _services = services;
        _telemetry = telemetry;
        _clock = clock;
        _logger = logger;
        _adapter = services.GetRequiredService<NluAdapter>();
        Capabilities = _adapter.Capabilities;
        _pipeline = Pipeline();
        _state = new AdapterState(name, type, null, null, null, null, false, null, Capabilities.Remote);
    }

    public string Name { get; }

    public string Type { get; }

    /// <summary>Equal for equal settings: such an entry survives a reload, with its model and its circuit.</summary>
    public string Fingerprint { get; }

    public NluEntryOptions Options { get; }

    public AdapterCapabilities Capabilities { get; }

    public AdapterState State => _state with { CircuitOpen = _circuit.CircuitState is CircuitState.Open or CircuitState.Isolated };

    /// <summary>Ends after the first attempt to start, whatever came of it.</summary>
    public Task FirstStart => _firstStart.Task;

    /// <summary>Starts the adapter unless it is started or starting. A failure is remembered, and a later call tries again.</summary>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            return _starting is null || (_starting.IsCompleted && !_started)
                ? _starting = StartOnceAsync(cancellationToken)
                : _starting;
        }
    }

    /// <summary>Asks the adapter, all attempts within its own time-out and <paramref name="cancellationToken"/>.</summary>
    /// <exception cref="AdapterException">It could not answer.</exception>
    /// <exception cref="OperationCanceledException">The caller gave up.</exception>
    public async Task<Understanding> AskAsync(Utterance utterance, AskRole role, CancellationToken cancellationToken)
    {
        using var activity = NluTelemetry.Ask(Name, Type, role);
        var began = _clock.GetTimestamp();
        using var total = new CancellationTokenSource(Options.Timeout, _clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, total.Token);
        try
        {
            if (Volatile.Read(ref _silentUntil) is var until && until > began)
            {
                throw new AdapterException(AdapterFailure.Throttled, "The engine asked to be left alone for a while.");
            }

            // A model may still be loading; whoever waits for it waits within the same time-out.
            await FirstStart.WaitAsync(either.Token).ConfigureAwait(false);
            var masked = Capabilities.Remote && Options.Mask.Count > 0 ? PersonalDataMask.Hide(utterance.Text, Options.Mask) : null;
            var understanding = await AskAsync(masked is null ? utterance : utterance with { Text = masked.Text }, either.Token).ConfigureAwait(false);
            Remember(AdapterHealth.Healthy, understanding.Model);
            _telemetry.Answered(activity, Name, role, _clock.GetElapsedTime(began), understanding);
            return masked is null ? understanding : PersonalDataMask.PutBack(understanding, masked);
        }
        catch (Exception ex) when (!cancellationToken.IsCancellationRequested)
        {
            var failure = AdapterException.From(ex);
            Fail(failure, ex);
            _telemetry.Failed(activity, Name, role, _clock.GetElapsedTime(began), failure.Failure);
            throw failure;
        }
        catch (OperationCanceledException)
        {
            _telemetry.GivenUp(activity, Name, role, _clock.GetElapsedTime(began));
            throw;
        }
    }

    /// <summary>Probes the engine; real calls of late count as a probe.</summary>
    public async Task ProbeAsync(TimeSpan fresh, CancellationToken cancellationToken)
    {
        _ = StartAsync(cancellationToken);
        // What an engine in this process says of itself costs nothing to ask.
        if (!_started || (Capabilities.Remote && _state is { IsHealthy: true, At: { } at } && _clock.GetUtcNow() - at < fresh))
        {
            return;
        }

        using var timeout = new CancellationTokenSource(Options.AttemptTimeout, _clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        try
        {
            Remember(await CallAsync(token => _adapter.CheckHealthAsync(token), either.Token).ConfigureAwait(false));
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            Remember(new AdapterHealth(false, AdapterFailure.TimedOut, "The engine did not answer the health probe in time."));
        }
        catch (Exception ex) when (!cancellationToken.IsCancellationRequested)
        {
            var failure = AdapterException.From(ex);
            Remember(new AdapterHealth(false, failure.Failure, failure.Message));
        }
    }

    /// <summary>Keeps the adapter alive for one use, also when a reload replaces it meanwhile.</summary>
    /// <returns>False when it is gone already.</returns>
    public bool TryEnter()
    {
        lock (_gate)
        {
            if (_inUse == 0)
            {
                return false;
            }

            _inUse++;
            return true;
        }
    }

    public async ValueTask ExitAsync()
    {
        lock (_gate)
        {
            if (--_inUse > 0)
            {
                return;
            }
        }

        try
        {
            await _services.DisposeAsync().ConfigureAwait(false);
        }
        catch (Exception ex) when (ex is not OutOfMemoryException)
        {
            // A plugin's clean-up; whoever used the adapter last has its answer already.
            LogNotDisposed(Name, ex.GetType().Name);
        }
    }

    /// <summary>Gives up the catalog's own use; the last user closes it.</summary>
    public ValueTask DisposeAsync() => ExitAsync();

    private async Task StartOnceAsync(CancellationToken cancellationToken)
    {
        // Loading or training a model takes long, but one that never ends would hold back every later reload; a remote engine that does not answer must not keep turns waiting.
        using var timeout = new CancellationTokenSource(Capabilities.Remote ? Options.Timeout : _longestLocalStart, _clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        try
        {
            await CallAsync(
                async token =>
                {
                    await _adapter.StartAsync(token).ConfigureAwait(false);
                    return true;
                },
                either.Token).ConfigureAwait(false);
            _started = true;
            Remember(AdapterHealth.Healthy);
            LogStarted(Name, Type);
        }
        catch (Exception ex) when (!cancellationToken.IsCancellationRequested)
        {
            var failure = AdapterException.From(ex);
            Remember(new AdapterHealth(false, failure.Failure, failure.Message));
            LogNotStarted(Name, failure.Failure, failure.Message);
        }
        finally
        {
            _firstStart.TrySetResult();
        }
    }

    private async Task<Understanding> AskAsync(Utterance utterance, CancellationToken cancellationToken)
    {
        var context = ResilienceContextPool.Shared.Get(cancellationToken);
        context.Properties.Set(_mode, utterance.Mode);
        try
        {
            return await _pipeline.ExecuteAsync(
                static async (context, state) =>
                {
                    context.Properties.Set(_began, state.Self._clock.GetTimestamp());
                    if (state.Self.Options.CostPerCall is { } price)
                    {
                        state.Self._telemetry.Paid(state.Self.Name, price);
                    }

                    return await state.Self.CallAsync(token => state.Self._adapter.UnderstandAsync(state.Utterance, token), context.CancellationToken)
                        .ConfigureAwait(context.ContinueOnCapturedContext);
                },
                context,
                (Self: this, Utterance: utterance)).ConfigureAwait(false);
        }
        finally
        {
            ResilienceContextPool.Shared.Return(context);
        }
    }

    // A plugin that blocks its thread or ignores its token is left behind, not waited for.
    private async Task<T> CallAsync<T>(Func<CancellationToken, ValueTask<T>> call, CancellationToken cancellationToken)
    {
        if (Volatile.Read(ref _leftBehind) >= MostLeftBehind)
        {
            throw new AdapterException(AdapterFailure.Faulted, $"{MostLeftBehind} calls ignore that they were cancelled; the adapter is asked again when one of them ends.");
        }

        var task = Task.Run(() => call(cancellationToken).AsTask(), cancellationToken);
        try
        {
            return await task.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            if (!task.IsCompleted)
            {
                Interlocked.Increment(ref _leftBehind);
                _ = task.ContinueWith(
                    left =>
                    {
                        _ = left.Exception;
                        Interlocked.Decrement(ref _leftBehind);
                    },
                    CancellationToken.None,
                    TaskContinuationOptions.ExecuteSynchronously,
                    TaskScheduler.Default);
            }
        }
    }

    private ResiliencePipeline<Understanding> Pipeline()
    {
        var builder = new ResiliencePipelineBuilder<Understanding> { Name = Name, TimeProvider = _clock };
        if (Options.Retries > 0)
        {
            builder.AddRetry(new RetryStrategyOptions<Understanding>
            {
                MaxRetryAttempts = Options.Retries,
                BackoffType = DelayBackoffType.Exponential,
                Delay = TimeSpan.FromMilliseconds(100),
                UseJitter = true,
                ShouldHandle = arguments => ValueTask.FromResult(
                    arguments.Context.Properties.TryGetValue(_mode, out var mode) && mode == UnderstandingMode.Read && MayRepeat(arguments.Outcome.Exception)),
                DelayGenerator = arguments => ValueTask.FromResult((arguments.Outcome.Exception as AdapterException)?.RetryAfter),
                OnRetry = _ =>
                {
                    _telemetry.Retried(Name);
                    return ValueTask.CompletedTask;
                },
            });
        }

        return builder
            .AddCircuitBreaker(new CircuitBreakerStrategyOptions<Understanding>
            {
                FailureRatio = Options.CircuitFailureRatio,
                MinimumThroughput = MinimumCalls,
                SamplingDuration = _sampling,
                BreakDuration = Options.CircuitBreak,
                StateProvider = _circuit,
                ShouldHandle = arguments => ValueTask.FromResult(arguments.Outcome.Exception is { } ex && SaysEngineIsIll(ex) && !WasPaused(ex, arguments.Context)),
                OnOpened = _ =>
                {
                    _telemetry.CircuitOpened(Name);
                    LogCircuitOpened(Name, Options.CircuitBreak);
                    return ValueTask.CompletedTask;
                },
                OnClosed = _ =>
                {
                    LogCircuitClosed(Name);
                    return ValueTask.CompletedTask;
                },
            })
            .AddTimeout(new TimeoutStrategyOptions { Timeout = Options.AttemptTimeout })
            .Build();
    }

    // Only what was certainly not processed: a repeated question to an engine that is slow makes it slower.
    private static bool MayRepeat([NotNullWhen(true)] Exception? exception) => exception is AdapterException failure && failure.Failure switch
    {
        AdapterFailure.Unreachable => failure.RetryAfter is null || failure.RetryAfter <= _shortWait,
        AdapterFailure.Throttled => failure.RetryAfter <= _shortWait,
        _ => false,
    };

    // A refusal is about this text or about the set-up; it says nothing of the engine's health.
    private static bool SaysEngineIsIll(Exception exception) =>
        exception is TimeoutRejectedException || exception is AdapterException { Failure: not AdapterFailure.Rejected };

    // A process that was frozen, or a machine that was moved, finds all its calls timed out at once: that tells nothing of the engine.
    private bool WasPaused(Exception exception, ResilienceContext context) =>
        exception is TimeoutRejectedException && context.Properties.TryGetValue(_began, out var began) && _clock.GetElapsedTime(began) > Options.AttemptTimeout + _late;

    private void Fail(AdapterException failure, Exception cause)
    {
        if (failure is { Failure: AdapterFailure.Throttled, RetryAfter: { } wait } && wait > _shortWait)
        {
            var ticks = (long)((wait < _longestSilence ? wait : _longestSilence).TotalSeconds * _clock.TimestampFrequency);
            Volatile.Write(ref _silentUntil, _clock.GetTimestamp() + ticks);
        }

        // An open circuit repeats what is known: the failure that opened it says more.
        if (cause is not BrokenCircuitException)
        {
            LogFailed(Name, failure.Failure, failure.Message);
            Remember(new AdapterHealth(false, failure.Failure, failure.Message));
        }
    }

    private void Remember(AdapterHealth health, string? model = null) =>
        _state = new AdapterState(
            // An answer proves health and says no more of it; what the last probe said still holds.
            Name, Type, health.IsHealthy, health.Failure, health.Description ?? (health.IsHealthy && _state is { IsHealthy: true } ? _state.Description : null), _clock.GetUtcNow(), false, model ?? _state?.Model, Capabilities.Remote);

    [LoggerMessage(3001, LogLevel.Warning, "Adapter {Adapter} failed: {Failure}. {Reason}")]
    private partial void LogFailed(string adapter, AdapterFailure failure, string reason);

    [LoggerMessage(3002, LogLevel.Information, "Adapter {Adapter} ({Type}) is ready")]
    private partial void LogStarted(string adapter, string type);

    [LoggerMessage(3003, LogLevel.Error, "Adapter {Adapter} could not start and will be started again: {Failure}. {Reason}")]
    private partial void LogNotStarted(string adapter, AdapterFailure failure, string reason);

    [LoggerMessage(3004, LogLevel.Warning, "Adapter {Adapter} failed too often and is not asked for {Break}")]
    private partial void LogCircuitOpened(string adapter, TimeSpan @break);

    [LoggerMessage(3006, LogLevel.Warning, "Adapter {Adapter} failed with {Reason} when it was closed")]
    private partial void LogNotDisposed(string adapter, string reason);

    [LoggerMessage(3005, LogLevel.Information, "Adapter {Adapter} answers again")]
    private partial void LogCircuitClosed(string adapter);
}

/// <summary>What is known of an adapter: from the latest call or probe.</summary>
/// <param name="IsHealthy">Null before anything is known.</param>
internal sealed record AdapterState(
    string Name, string Type, bool? IsHealthy, AdapterFailure? Failure, string? Description, DateTimeOffset? At, bool CircuitOpen, string? Model, bool Remote);
