using System.Collections.Concurrent;
using IntentRouter.TestKit;

namespace IntentRouter.Adapters.Tests.Simulators;

/// <summary>What a simulated engine shall say to a text.</summary>
public sealed record Scripted(
    IReadOnlyList<(string Intent, double? Confidence)> Ranking,
    string? Entity = null,
    string? Words = null,
    IReadOnlyList<string>? Replies = null,
    bool Waits = false);

/// <summary>What all simulated engines share: a script by text, failures, and the memory of what was asked.</summary>
public abstract class EngineSimulator : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, Scripted> _script = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, int> _moves = new(StringComparer.Ordinal);
    private volatile Scripted? _otherwise;
    private volatile string? _lastText;
    private AdapterFailure? _failure;
    private volatile bool _hangs;

    protected EngineSimulator() => Double = new EngineDouble(AnswerAsync);

    public EngineDouble Double { get; }

    public string Address => Double.Address.GetLeftPart(UriPartial.Authority);

    public string? LastText => _lastText;

    public void Says(string? text, Scripted scripted)
    {
        if (text is null)
        {
            _otherwise = scripted;
        }
        else
        {
            _script[text] = scripted;
        }
    }

    public void Fails(AdapterFailure failure) => _failure = failure;

    public void Recovers() => _failure = null;

    public void Hangs() => _hangs = true;

    public int Moves(string session) => _moves.GetValueOrDefault(session);

    public virtual void Reset()
    {
        _script.Clear();
        _moves.Clear();
        _otherwise = null;
        _failure = null;
        _hangs = false;
        Double.Forget();
    }

    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return Double.DisposeAsync();
    }

    protected void Move(string session) => _moves.AddOrUpdate(session, 1, (_, n) => n + 1);

    /// <summary>The script for a text.</summary>
    protected Scripted Script(string text)
    {
        _lastText = text;
        return _script.GetValueOrDefault(text) ?? _otherwise ?? new Scripted([]);
    }

    /// <summary>The engine's answer when it is well.</summary>
    protected abstract EngineResponse Answer(EngineRequest request);

    /// <summary>The engine's own form of a failure; it may repeat what was sent, as engines do.</summary>
    protected abstract EngineResponse Fail(AdapterFailure failure, string sent);

    private async Task<EngineResponse> AnswerAsync(EngineRequest request, CancellationToken cancellationToken)
    {
        if (_hangs)
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
        }

        return _failure switch
        {
            AdapterFailure.Unreachable => EngineResponse.HangUp,
            { } failure => Fail(failure, request.Text),
            null => Answer(request),
        };
    }
}
