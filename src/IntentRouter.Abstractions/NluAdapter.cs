namespace IntentRouter;

/// <summary>
/// Our code for one NLU engine. One instance serves one entry under <c>nlu:</c> in the configuration and all of its conversations, in parallel:
/// implementations must be thread-safe. The service calls the public members; authors implement the protected ones, and the
/// guarantees (argument checks, ordering, exception mapping) live here, so that plugins get fixes without being compiled again.
/// </summary>
public abstract class NluAdapter
{
    /// <summary>What this adapter and its engine can do; constant for the life of the instance.</summary>
    public abstract AdapterCapabilities Capabilities { get; }

    /// <summary>Asks the engine what an utterance means.</summary>
    /// <returns>The understanding, with its ranking sorted best first and every entity position inside the text.</returns>
    /// <exception cref="AdapterException">The engine could not be asked or its answer could not be read.</exception>
    /// <exception cref="OperationCanceledException">The caller gave up.</exception>
    public async ValueTask<Understanding> UnderstandAsync(Utterance utterance, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(utterance);
        cancellationToken.ThrowIfCancellationRequested();
        if (string.IsNullOrWhiteSpace(utterance.Text))
        {
            return Understanding.NoMatch;
        }

        try
        {
            var raw = await UnderstandCoreAsync(utterance, cancellationToken).ConfigureAwait(false)
                ?? throw new AdapterException(AdapterFailure.Faulted, "The adapter returned no understanding.");
            if (raw.Ranking.Any(c => string.IsNullOrWhiteSpace(c.Intent)))
            {
                throw new AdapterException(AdapterFailure.Malformed, "The engine's answer has an intent without a name.");
            }

            return raw with
            {
                Ranking = raw.Kind == UnderstandingKind.Continued ? raw.Ranking : [.. raw.Ranking.OrderByDescending(c => c.Confidence?.Value ?? -1)],
                Entities = [.. raw.Entities.Select(e => KeepPositionInside(e, utterance.Text))],
            };
        }
        catch (Exception ex) when (ex is not AdapterException && !cancellationToken.IsCancellationRequested)
        {
            throw AdapterException.From(ex);
        }
    }

    // A position that does not lie in the text would break whoever cuts by it; the value is still good.
    private static Entity KeepPositionInside(Entity entity, string text) =>
        entity is { Start: { } start, Length: { } length } && start >= 0 && length >= 0 && start <= text.Length - length
            ? entity
            : entity with { Start = null, Length = null, SpanDerived = false };

    /// <summary>Asks whether the engine could serve now, as cheaply as the engine allows; never bills where that can be avoided.</summary>
    /// <returns>The state; a failed probe is an answer, not an exception.</returns>
    /// <exception cref="OperationCanceledException">The caller gave up.</exception>
    public async ValueTask<AdapterHealth> CheckHealthAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        try
        {
            return await CheckHealthCoreAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception ex) when (!cancellationToken.IsCancellationRequested)
        {
            var failure = ex as AdapterException ?? AdapterException.From(ex);
            return new AdapterHealth(false, failure.Failure, failure.Message);
        }
    }

    /// <summary>
    /// Prepares what the first call needs (train or load a model, resolve credentials). Called before the first question, and again after it failed;
    /// never twice at once.
    /// </summary>
    /// <exception cref="AdapterException">The adapter cannot serve; the service says so and uses the next one.</exception>
    public virtual ValueTask StartAsync(CancellationToken cancellationToken) => ValueTask.CompletedTask;

    /// <summary>
    /// Asks the engine. <paramref name="utterance"/> has text. Throw <see cref="AdapterException"/> with the failure you know; anything else
    /// is mapped by <see cref="AdapterException.From"/>. Pass the token to every call that waits.
    /// </summary>
    protected abstract ValueTask<Understanding> UnderstandCoreAsync(Utterance utterance, CancellationToken cancellationToken);

    /// <summary>Probes the engine. The default says that it is healthy, which is right only for engines inside the process.</summary>
    protected virtual ValueTask<AdapterHealth> CheckHealthCoreAsync(CancellationToken cancellationToken) =>
        ValueTask.FromResult(AdapterHealth.Healthy);
}

/// <summary>What an adapter and its engine can do.</summary>
public sealed record AdapterCapabilities
{
    /// <summary>BCP 47 tags the engine understands, or <see langword="null"/> when it takes any.</summary>
    public IReadOnlySet<string>? Languages { get; init; }

    /// <summary>Longest text the engine takes, in UTF-16 units, or <see langword="null"/> without a limit. The adapter itself keeps to it.</summary>
    public int? MaxTextLength { get; init; }

    /// <summary>Whether candidates carry a confidence.</summary>
    public bool ReportsConfidence { get; init; } = true;

    /// <summary>
    /// Whether the confidence is a probability already: of all answers with 0.8 about four in five are right, what belongs to no intent included. Otherwise
    /// it is uncalibrated, and shown so, until <c>evaluate --calibrate</c> has fitted it.
    /// </summary>
    public bool ReportsProbability { get; init; }

    /// <summary>Whether more than one candidate is reported.</summary>
    public bool ReportsRanking { get; init; }

    /// <summary>Whether entities carry positions reported by the engine.</summary>
    public bool ReportsSpans { get; init; }

    /// <summary>Whether <see cref="UnderstandingMode.Converse"/> is supported.</summary>
    public bool Dialogue { get; init; }

    /// <summary>Whether text leaves this process, so that masking applies and a price may be paid per call.</summary>
    public bool Remote { get; init; } = true;
}

/// <summary>State of an engine as its adapter sees it.</summary>
/// <param name="IsHealthy">Whether it could serve now.</param>
/// <param name="Failure">What kind of failure, when it could not.</param>
/// <param name="Description">One plain sentence without secrets or personal data.</param>
public sealed record AdapterHealth(bool IsHealthy, AdapterFailure? Failure, string? Description)
{
    /// <summary>It could serve now.</summary>
    public static AdapterHealth Healthy { get; } = new(true, null, null);
}
