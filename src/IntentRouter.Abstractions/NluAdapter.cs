namespace IntentRouter;

/// <summary>
/// An adapter: the code for one NLU engine. One instance serves one entry under <c>nlu:</c> in the configuration and all of its conversations in parallel, so
/// implementations must be thread-safe. The service calls the public members; authors implement the protected ones. The guarantees (argument checks, ordering,
/// exception mapping) live in this class, so that plugins get fixes without being compiled again. An adapter that implements <see cref="IDisposable"/> or
/// <see cref="IAsyncDisposable"/> is disposed when its entry is changed or removed, and at the end of the service.
/// </summary>
public abstract class NluAdapter
{
    // Far beyond what any engine means: more is a bug that would fill the explanation and the session.
    private const int MaxPieces = 1_000;

    // Shorter words are in many a message by chance.
    private const int ShortestQuote = 4;

    /// <summary>What this adapter and its engine can do; constant for the life of the instance.</summary>
    public abstract AdapterCapabilities Capabilities { get; }

    /// <summary>Asks the engine what an utterance means. Text without a visible character is <see cref="Understanding.NoMatch"/>, and the engine is not asked.</summary>
    /// <param name="utterance">What the person said.</param>
    /// <param name="cancellationToken">Ends the call: by the attempt's time-out, the turn's budget, or shutdown.</param>
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
            if (Problem(raw) is { } problem)
            {
                throw new AdapterException(AdapterFailure.Malformed, problem);
            }

            return raw with
            {
                Ranking = raw.Kind == UnderstandingKind.Continued ? raw.Ranking : [.. raw.Ranking.OrderByDescending(c => c.Confidence?.Value ?? -1)],
                Entities = [.. raw.Entities.Select(e => KeepPositionInside(e, utterance.Text))],
                Evidence = [.. raw.Evidence.Where(e => !string.IsNullOrEmpty(e?.Name) && double.IsFinite(e.Value))],
                Warnings = [.. raw.Warnings.Where(IsCode)],
            };
        }
        catch (AdapterException ex) when (Quotes(ex.Message, utterance.Text))
        {
            throw new AdapterException(ex.Failure, "The adapter failed, and its reason repeats the person's words, so it is not shown.", ex) { RetryAfter = ex.RetryAfter };
        }
        catch (Exception ex) when (ex is not AdapterException && !cancellationToken.IsCancellationRequested)
        {
            throw AdapterException.From(ex);
        }
    }

    // What would break whoever works with it later, far from the adapter that made it.
    private static string? Problem(Understanding raw) => raw switch
    {
        { Ranking: null } or { Entities: null } or { Evidence: null } or { Warnings: null } => "The adapter's answer has a list that is null; an empty one is meant.",
        { Ranking.Count: > MaxPieces } or { Entities.Count: > MaxPieces } or { Evidence.Count: > MaxPieces } or { Warnings.Count: > MaxPieces } =>
            $"The adapter's answer has more than {MaxPieces} candidates, entities, numbers of evidence or warnings.",
        _ when !Enum.IsDefined(raw.Kind) => "The adapter's answer is of no known kind.",
        _ when raw.Ranking.Any(c => string.IsNullOrWhiteSpace(c?.Intent)) => "The engine's answer has an intent without a name.",
        _ when raw.Entities.Any(e => string.IsNullOrWhiteSpace(e?.Name)) => "The engine's answer has an entity without a name.",
        _ when raw.Entities.Any(e => e.Value is null) => "The engine's answer has an entity without a value.",
        _ when Texts(raw).Any(t => t?.Length > UtteranceText.MaxLength) => $"The engine's answer has a text of more than {UtteranceText.MaxLength} UTF-16 units.",
        { ProviderReply: { } reply } when reply.Messages is null || reply.Choices is null || reply.Messages.Concat(reply.Choices.SelectMany(c => new[] { c.Key, c.Value })).Any(t => t is null) =>
            "The engine's reply has a message or a choice that is null.",
        { ProviderReply: { Messages.Count: > MaxPieces } or { Choices.Count: > MaxPieces } } => $"The engine's reply has more than {MaxPieces} messages or choices.",
        _ => null,
    };

    private static IEnumerable<string?> Texts(Understanding raw) =>
    [
        raw.Model,
        raw.Language,
        .. raw.Ranking.SelectMany(c => new[] { c.Intent, c.Id }),
        .. raw.Entities.SelectMany(e => new[] { e.Name, e.Value, e.Text, e.Role, e.Group }),
        .. raw.Evidence.SelectMany(e => new[] { e?.Name, e?.Meaning }),
        .. raw.ProviderReply?.Messages ?? [],
        .. (raw.ProviderReply?.Choices ?? []).SelectMany(c => new[] { c.Key, c.Value }),
    ];

    // Warnings become tags of metrics; a sentence in their place might quote the person.
    private static bool IsCode(string? warning) =>
        warning is { Length: > 0 and <= 64 } && char.IsAsciiLetterLower(warning[0]) && warning.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-');

    private static bool Quotes(string message, string text) =>
        text.AsSpan().Trim() is { Length: >= ShortestQuote } words && message.AsSpan().Contains(words, StringComparison.OrdinalIgnoreCase);

    // A position that does not lie in the text would break whoever cuts by it; the value is still good.
    private static Entity KeepPositionInside(Entity entity, string text) =>
        entity is { Start: { } start, Length: { } length } && start >= 0 && length >= 0 && start <= text.Length - length
            ? entity
            : entity with { Start = null, Length = null, SpanDerived = false };

    /// <summary>Asks whether the engine could serve now, as cheaply as the engine allows. Called at start, from time to time, and by <c>doctor</c>.</summary>
    /// <param name="cancellationToken">Ends the probe.</param>
    /// <returns>The state; a failed probe is an answer, not an exception.</returns>
    /// <exception cref="OperationCanceledException">The caller gave up.</exception>
    public async ValueTask<AdapterHealth> CheckHealthAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        try
        {
            return await CheckHealthCoreAsync(cancellationToken).ConfigureAwait(false)
                ?? throw new AdapterException(AdapterFailure.Faulted, "The adapter's probe returned nothing.");
        }
        catch (Exception ex) when (!cancellationToken.IsCancellationRequested)
        {
            var failure = ex as AdapterException ?? AdapterException.From(ex);
            return new AdapterHealth(false, failure.Failure, failure.Message);
        }
    }

    /// <summary>
    /// Prepares what the first call needs: train or load a model, resolve credentials. Called before the first question, and again after it failed; never twice at once.
    /// The default does nothing.
    /// </summary>
    /// <param name="cancellationToken">Ends the start.</param>
    /// <exception cref="AdapterException">The adapter cannot serve. The service logs it, uses the next entry, and starts the adapter again later.</exception>
    public virtual ValueTask StartAsync(CancellationToken cancellationToken) => ValueTask.CompletedTask;

    /// <summary>
    /// Asks the engine. Called in parallel. Throw <see cref="AdapterException"/> with the failure that you know; every other exception is mapped by
    /// <see cref="AdapterException.From"/>. Use no time-out and no retry: the service has them.
    /// </summary>
    /// <param name="utterance">What the person said; its text has at least one visible character.</param>
    /// <param name="cancellationToken">Pass it to every call that waits.</param>
    /// <returns>The engine's answer. The order of the ranking does not matter, except with <see cref="UnderstandingKind.Continued"/>.</returns>
    protected abstract ValueTask<Understanding> UnderstandCoreAsync(Utterance utterance, CancellationToken cancellationToken);

    /// <summary>Probes the engine, without cost where that is possible. The default reports healthy, which is right only for engines inside the process.</summary>
    /// <param name="cancellationToken">Pass it to every call that waits.</param>
    /// <returns>The state. Exceptions are mapped to an unhealthy state.</returns>
    protected virtual ValueTask<AdapterHealth> CheckHealthCoreAsync(CancellationToken cancellationToken) =>
        ValueTask.FromResult(AdapterHealth.Healthy);
}

/// <summary>What an adapter and its engine can do. Immutable and thread-safe.</summary>
public sealed record AdapterCapabilities
{
    /// <summary>BCP 47 tags the engine understands, or <see langword="null"/> when it takes any.</summary>
    public IReadOnlySet<string>? Languages { get; init; }

    /// <summary>Longest text that the engine accepts, in UTF-16 units, or <see langword="null"/> for no limit. The adapter itself cuts longer texts (<see cref="UtteranceText.Cut"/>).</summary>
    public int? MaxTextLength { get; init; }

    /// <summary>Whether candidates carry a confidence. Default: <see langword="true"/>.</summary>
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

    /// <summary>Whether text leaves this process, so that masking applies and a price may be paid per call. Default: <see langword="true"/>.</summary>
    public bool Remote { get; init; } = true;
}

/// <summary>State of an engine as its adapter sees it.</summary>
/// <param name="IsHealthy">Whether it could serve now.</param>
/// <param name="Failure">The kind of failure, when it could not; else <see langword="null"/>.</param>
/// <param name="Description">One plain sentence for the operator, without secrets or personal data, or <see langword="null"/>.</param>
public sealed record AdapterHealth(bool IsHealthy, AdapterFailure? Failure, string? Description)
{
    /// <summary>It could serve now.</summary>
    public static AdapterHealth Healthy { get; } = new(true, null, null);
}
