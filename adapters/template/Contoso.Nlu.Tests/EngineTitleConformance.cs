using System.Collections.Concurrent;
using IntentRouter;
using IntentRouter.TestKit;

namespace Contoso.Nlu.Tests;

/// <summary>An engine double on the loopback that speaks your engine's wire format.</summary>
public sealed class EngineTitleFixture : AdapterFixture
{
    private readonly ConcurrentDictionary<string, object> _answers = new();
    private volatile object? _otherwise;
    private AdapterFailure? _failure;
    private volatile bool _hangs;
    private EngineDouble? _engine;

    public override AdapterModule Module { get; } = new EngineTitleModule();

    public override IReadOnlyDictionary<string, string?> Settings =>
        new Dictionary<string, string?> { ["url"] = _engine!.Address.ToString(), ["apiKey"] = "k" };

    public override IReadOnlyList<string> RequiredKeys { get; } = ["url"];

    public override string? SecretKey => "apiKey";

    public override Task? EngineAbandoned => _engine!.Abandoned;

    public override void EngineAnswers(string? text, params (string Intent, double? Confidence)[] ranking)
    {
        var answer = new { intents = ranking.Select(r => new { name = r.Intent, confidence = r.Confidence }) };
        if (text is null)
        {
            _otherwise = answer;
        }
        else
        {
            _answers[text] = answer;
        }
    }

    public override void EngineFails(AdapterFailure failure) => _failure = failure;

    public override void EngineHangs() => _hangs = true;

    public override void Reset()
    {
        _answers.Clear();
        _otherwise = null;
        _failure = null;
        _hangs = false;
        _engine!.Forget();
    }

    protected override Task StartAsync()
    {
        _engine = new EngineDouble(AnswerAsync);
        return Task.CompletedTask;
    }

    protected override async Task StopAsync() => await _engine!.DisposeAsync();

    private async Task<EngineResponse> AnswerAsync(EngineRequest request, CancellationToken cancellationToken)
    {
        if (_hangs)
        {
            await Task.Delay(Timeout.Infinite, cancellationToken);
        }

        return _failure switch
        {
            AdapterFailure.Unreachable => EngineResponse.HangUp,
            AdapterFailure.TimedOut => EngineResponse.Json(new { error = request.Text }, 504),
            AdapterFailure.Throttled => EngineResponse.Json(new { error = request.Text }, 429),
            AdapterFailure.Rejected => EngineResponse.Json(new { error = request.Text }, 401),
            AdapterFailure.Malformed => new EngineResponse(200, "<html>"),
            AdapterFailure.Faulted => EngineResponse.Json(new { error = request.Text }, 500),
            _ when request.Path == "/health" => EngineResponse.Json(new { }),
            _ => EngineResponse.Json(_answers.GetValueOrDefault(request.Json.GetProperty("text").GetString()!) ?? _otherwise ?? new { intents = Array.Empty<object>() }),
        };
    }
}

public sealed class EngineTitleUnderstanding(EngineTitleFixture fixture) : NluAdapterConformance<EngineTitleFixture>(fixture);

public sealed class EngineTitleFailures(EngineTitleFixture fixture) : FailureConformance<EngineTitleFixture>(fixture);

public sealed class EngineTitleConfiguration(EngineTitleFixture fixture) : ConfigurationConformance<EngineTitleFixture>(fixture);

public sealed class Suites : AllSuitesImplemented
{
    protected override IEnumerable<DeclaredOut> DeclaredOut =>
    [
        new(typeof(EngineTitleFixture), typeof(EntityConformance<>), "The engine reports no entities."),
        new(typeof(EngineTitleFixture), typeof(DialogueConformance<>), "The engine has no dialogue of its own."),
    ];
}
