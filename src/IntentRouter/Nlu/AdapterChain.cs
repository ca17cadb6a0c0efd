using IntentRouter.Configuration;
using IntentRouter.Decisions;

namespace IntentRouter.Nlu;

/// <summary>
/// Asks a bot's adapters in order of preference until one answers, within the turn's budget: a failed one, one with an open circuit, one that asked
/// to be left alone means the next, and a metric, never a lost turn. Thread-safe.
/// </summary>
internal sealed class AdapterChain(AdapterCatalog catalog, ICalibration calibration, ShadowAdapters shadows, NluTelemetry telemetry, TimeProvider clock)
{
    /// <summary>Asks the bot's adapters, and its shadows beside.</summary>
    /// <param name="turn">The turn that shadows are measured by; null when nobody will want to know.</param>
    /// <returns>What was understood; <see cref="Heard.NobodyAnswered"/> when no adapter could answer in time.</returns>
    /// <exception cref="OperationCanceledException">The caller gave up; running out of <paramref name="budget"/> is an answer.</exception>
    public async Task<Heard> AskAsync(BotNluOptions nlu, Utterance utterance, TimeSpan budget, ShadowTurn? turn, CancellationToken cancellationToken)
    {
        var heard = await AskAsync(nlu.Use, utterance, budget, cancellationToken).ConfigureAwait(false);
        foreach (var shadow in nlu.Shadow)
        {
            shadows.Ask(shadow, utterance, heard, turn);
        }

        return heard;
    }

    /// <summary>Asks the named adapters only, for one engine's own dialogue and for comparisons.</summary>
    public async Task<Heard> AskAsync(IReadOnlyList<string> names, Utterance utterance, TimeSpan budget, CancellationToken cancellationToken)
    {
        var began = clock.GetTimestamp();
        if (budget <= TimeSpan.Zero)
        {
            return Heard.Nothing;
        }

        using var spent = new CancellationTokenSource(budget, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, spent.Token);
        var run = new Run(this, Order(names, utterance), utterance, began);
        try
        {
            return await run.ToEndAsync(either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return run.Nobody();
        }
        finally
        {
            await run.StopOthersAsync().ConfigureAwait(false);
        }
    }

    // Whoever speaks the language comes first; the rest stays as a last resort, since a short text's language is often guessed wrong.
    private ConfiguredAdapter[] Order(IReadOnlyList<string> names, Utterance utterance) =>
        [.. names.Select(catalog.Find).OfType<ConfiguredAdapter>()
            .Where(a => utterance.Mode == UnderstandingMode.Read || a.Capabilities.Dialogue)
            .OrderBy(a => a.Capabilities.Languages is { } spoken && UtteranceText.MatchLanguage(utterance.Language, spoken) is null)];

    private Heard Answer(ConfiguredAdapter adapter, Understanding understanding, string language, bool standIn)
    {
        var map = calibration.Find(adapter.Name, understanding.Model, understanding.Language ?? language);
        var calibrated = map is not null || adapter.Capabilities.ReportsProbability;
        var ranking = understanding.Kind == UnderstandingKind.NoMatch
            ? []
            : understanding.Ranking
                .Select((c, i) => new RankedIntent(c.Intent, c.Confidence?.Value, Probability(c, i, map)))
                .ToArray();
        if (standIn)
        {
            telemetry.StoodIn(adapter.Name);
        }

        return new Heard { Adapter = adapter.Name, Understanding = understanding, Ranking = ranking, Calibrated = calibrated, StandIn = standIn };
    }

    /// <summary>A candidate's probability. Without a number it can be had of an engine's choice only, and by calibration: how often such choices were right.</summary>
    public static double? Probability(IntentCandidate candidate, int place, Func<double?, double>? map) =>
        map is not null && (candidate.Confidence is not null || place == 0) ? map(candidate.Confidence?.Value) : candidate.Confidence?.Value;

    /// <summary>One question going down the chain. With <c>hedge</c> on an entry more than one adapter may be at it at once.</summary>
    private sealed class Run(AdapterChain chain, ConfiguredAdapter[] adapters, Utterance utterance, long began)
    {
        private readonly List<AdapterTrouble> _failures = [];
        private readonly List<Attempt> _pending = [];
        private int _next;

        public async Task<Heard> ToEndAsync(CancellationToken cancellationToken)
        {
            while (_pending.Count > 0 || _next < adapters.Length)
            {
                if (_pending.Count == 0)
                {
                    Begin(cancellationToken);
                    continue;
                }

                if (await FirstAsync(cancellationToken).ConfigureAwait(false) is not { } done)
                {
                    Begin(cancellationToken);
                    continue;
                }

                try
                {
                    var understanding = await done.Task.ConfigureAwait(false);
                    _pending.Remove(done);
                    var heard = chain.Answer(done.Adapter, understanding, utterance.Language, done.Index > 0);
                    return heard with { Failures = [.. _failures], Duration = chain.Elapsed(began) };
                }
                catch (AdapterException ex)
                {
                    _pending.Remove(done);
                    _failures.Add(new AdapterTrouble(done.Adapter.Name, ex.Failure, chain.Elapsed(done.Began)));
                }
            }

            return Nobody();
        }

        public Heard Nobody() => new()
        {
            Failures =
            [
                .. _failures,
                .. _pending.Select(p => new AdapterTrouble(p.Adapter.Name, AdapterFailure.TimedOut, chain.Elapsed(p.Began))),
            ],
            Duration = chain.Elapsed(began),
        };

        /// <summary>Ends the questions that lost; each counts itself as given up.</summary>
        public Task StopOthersAsync() => Task.WhenAll(_pending.Select(attempt => attempt.Stop.CancelAsync()));

        private void Begin(CancellationToken cancellationToken)
        {
            var adapter = adapters[_next];
            var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            _pending.Add(new Attempt(adapter, _next++, AskAsync(adapter, utterance, stop.Token), chain.Now, stop));
        }

        // Null means that the hedging time of the latest one is over and the next may start.
        private async Task<Attempt?> FirstAsync(CancellationToken cancellationToken)
        {
            var latest = _pending[^1];
            var any = Task.WhenAny(_pending.Select(p => p.Task));
            if (_next < adapters.Length && utterance.Mode == UnderstandingMode.Read && latest.Adapter.Options.Hedge is { } hedge)
            {
                using var waiting = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
                var hedged = chain.DelayAsync(hedge - chain.Elapsed(latest.Began), waiting.Token);
                var ended = await Task.WhenAny(any, hedged).ConfigureAwait(false) == any;
                await waiting.CancelAsync().ConfigureAwait(false);
                if (!ended)
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    return null;
                }
            }

            var first = await any.WaitAsync(cancellationToken).ConfigureAwait(false);
            return _pending.Find(p => p.Task == first);
        }

        private static async Task<Understanding> AskAsync(ConfiguredAdapter adapter, Utterance utterance, CancellationToken cancellationToken)
        {
            if (!adapter.TryEnter())
            {
                throw new AdapterException(AdapterFailure.Unreachable, "The adapter was removed by a new configuration.");
            }

            try
            {
                return await adapter.AskAsync(utterance, AskRole.Turn, cancellationToken).ConfigureAwait(false);
            }
            finally
            {
                await adapter.ExitAsync().ConfigureAwait(false);
            }
        }

        private sealed record Attempt(ConfiguredAdapter Adapter, int Index, Task<Understanding> Task, long Began, CancellationTokenSource Stop);
    }

    private long Now => clock.GetTimestamp();

    private TimeSpan Elapsed(long since) => clock.GetElapsedTime(since);

    private Task DelayAsync(TimeSpan time, CancellationToken cancellationToken) =>
        time <= TimeSpan.Zero ? Task.CompletedTask : Task.Delay(time, clock, cancellationToken);
}
