using System.Collections.Concurrent;

namespace IntentRouter.TestKit;

/// <summary>An adapter whose answers a test writes: for tests of what stands behind an adapter. Thread-safe.</summary>
/// <param name="capabilities">What it declares; by default an engine inside the process with a ranking and a dialogue.</param>
public sealed class ScriptedAdapter(AdapterCapabilities? capabilities = null) : NluAdapter
{
    private readonly ConcurrentDictionary<string, Func<Utterance, CancellationToken, Task<Understanding>>> _answers = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<Utterance> _asked = new();
    private volatile Func<Utterance, CancellationToken, Task<Understanding>>? _always;
    private volatile AdapterHealth _health = AdapterHealth.Healthy;

    /// <inheritdoc/>
    public override AdapterCapabilities Capabilities { get; } = capabilities ?? new AdapterCapabilities { ReportsRanking = true, ReportsSpans = true, Dialogue = true, Remote = false };

    /// <summary>Every question so far.</summary>
    public IReadOnlyList<Utterance> Asked => [.. _asked];

    /// <summary>What <see cref="NluAdapter.CheckHealthAsync"/> says.</summary>
    public AdapterHealth Health
    {
        get => _health;
        set => _health = value;
    }

    /// <summary>Answers this text with these candidates.</summary>
    public ScriptedAdapter Knows(string text, params (string Intent, double? Confidence)[] ranking) =>
        Answers(text, Ranked(ranking));

    /// <summary>Answers this text with this understanding.</summary>
    public ScriptedAdapter Answers(string text, Understanding understanding)
    {
        _answers[text] = (_, _) => Task.FromResult(understanding);
        return this;
    }

    /// <summary>Fails with this exception until told otherwise.</summary>
    public ScriptedAdapter Fails(Exception exception) => Always((_, _) => Task.FromException<Understanding>(exception));

    /// <summary>Fails with this failure until told otherwise.</summary>
    public ScriptedAdapter Fails(AdapterFailure failure, TimeSpan? retryAfter = null) =>
        Fails(new AdapterException(failure, $"Scripted {failure}.") { RetryAfter = retryAfter });

    /// <summary>Does this with every question until <see cref="Recovers"/>.</summary>
    public ScriptedAdapter Always(Func<Utterance, CancellationToken, Task<Understanding>> answer)
    {
        _always = answer;
        return this;
    }

    /// <summary>Goes back to the known texts.</summary>
    public ScriptedAdapter Recovers()
    {
        _always = null;
        return this;
    }

    /// <summary>An understanding with these candidates; none means no match.</summary>
    public static Understanding Ranked(params (string Intent, double? Confidence)[] ranking)
    {
        ArgumentNullException.ThrowIfNull(ranking);
        return ranking.Length == 0 ? Understanding.NoMatch : new Understanding
        {
            Ranking = [.. ranking.Select(r => new IntentCandidate(r.Intent, Confidence.Clamp(r.Confidence)))],
        };
    }

    /// <inheritdoc/>
    protected override async ValueTask<Understanding> UnderstandCoreAsync(Utterance utterance, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(utterance);
        _asked.Enqueue(utterance);
        var answer = _always ?? _answers.GetValueOrDefault(utterance.Text);
        return answer is null ? Understanding.NoMatch : await answer(utterance, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    protected override ValueTask<AdapterHealth> CheckHealthCoreAsync(CancellationToken cancellationToken) => ValueTask.FromResult(_health);
}
