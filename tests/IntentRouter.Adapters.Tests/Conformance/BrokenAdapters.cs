using IntentRouter.Adapters.Http;
using IntentRouter.Adapters.Tests.Simulators;
using IntentRouter.TestKit;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace IntentRouter.Adapters.Tests.Conformance;

/// <summary>One thing that an author can get wrong, done to the good HTTP adapter.</summary>
internal abstract class Sabotage
{
    public virtual Task<Understanding> AskAsync(NluAdapter good, Utterance utterance, CancellationToken cancellationToken) =>
        good.UnderstandAsync(utterance, cancellationToken).AsTask();

    public virtual void Register(AdapterRegistration adapter) => new HttpEngineModule().Register(adapter);
}

internal sealed class Nothing : Sabotage;

internal sealed class ChangesNames : Sabotage
{
    public override async Task<Understanding> AskAsync(NluAdapter good, Utterance utterance, CancellationToken cancellationToken)
    {
        var heard = await base.AskAsync(good, utterance, cancellationToken);
        return heard with { Ranking = [.. heard.Ranking.Select(c => c with { Intent = c.Intent.Replace('.', '_') })] };
    }
}

internal sealed class InventsConfidence : Sabotage
{
    public override async Task<Understanding> AskAsync(NluAdapter good, Utterance utterance, CancellationToken cancellationToken)
    {
        var heard = await base.AskAsync(good, utterance, cancellationToken);
        return heard with { Ranking = [.. heard.Ranking.Select(c => c with { Confidence = c.Confidence ?? Confidence.From(1) })] };
    }
}

internal sealed class MakesFallbackAnIntent : Sabotage
{
    public override async Task<Understanding> AskAsync(NluAdapter good, Utterance utterance, CancellationToken cancellationToken)
    {
        var heard = await base.AskAsync(good, utterance, cancellationToken);
        return heard.Kind != UnderstandingKind.NoMatch ? heard : ScriptedAdapter.Ranked(("fallback", 1.0));
    }
}

internal sealed class TidiesText : Sabotage
{
    public override Task<Understanding> AskAsync(NluAdapter good, Utterance utterance, CancellationToken cancellationToken) =>
        base.AskAsync(good, utterance with { Text = string.Concat(utterance.Text.Where(c => !char.IsSurrogate(c))).Trim() }, cancellationToken);
}

internal sealed class CutsInSilence : Sabotage
{
    public override async Task<Understanding> AskAsync(NluAdapter good, Utterance utterance, CancellationToken cancellationToken) =>
        await base.AskAsync(good, utterance, cancellationToken) with { Warnings = [] };
}

internal sealed class RemembersTheLastAnswer : Sabotage
{
    private Understanding? _last;

    public override async Task<Understanding> AskAsync(NluAdapter good, Utterance utterance, CancellationToken cancellationToken)
    {
        var before = _last;
        _last = await base.AskAsync(good, utterance, cancellationToken);
        return before is { Kind: UnderstandingKind.Ranked } ? before : _last;
    }
}

internal sealed class MovesTheDialogue : Sabotage
{
    public override Task<Understanding> AskAsync(NluAdapter good, Utterance utterance, CancellationToken cancellationToken) =>
        base.AskAsync(good, utterance with { Mode = UnderstandingMode.Converse }, cancellationToken);
}

internal sealed class IgnoresTheToken : Sabotage
{
    public override Task<Understanding> AskAsync(NluAdapter good, Utterance utterance, CancellationToken cancellationToken) =>
        base.AskAsync(good, utterance, CancellationToken.None);
}

internal sealed class CallsEveryFailureItsOwn : Sabotage
{
    public override async Task<Understanding> AskAsync(NluAdapter good, Utterance utterance, CancellationToken cancellationToken)
    {
        try
        {
            return await base.AskAsync(good, utterance, cancellationToken);
        }
        catch (AdapterException ex)
        {
            throw new AdapterException(AdapterFailure.Faulted, ex.Message);
        }
    }
}

internal sealed class QuotesThePerson : Sabotage
{
    public override async Task<Understanding> AskAsync(NluAdapter good, Utterance utterance, CancellationToken cancellationToken)
    {
        try
        {
            return await base.AskAsync(good, utterance, cancellationToken);
        }
        catch (AdapterException ex)
        {
            throw new AdapterException(ex.Failure, $"Failed on '{utterance.Text}'.");
        }
    }
}

internal sealed class StaysDownAfterAFailure : Sabotage
{
    private AdapterException? _first;

    public override async Task<Understanding> AskAsync(NluAdapter good, Utterance utterance, CancellationToken cancellationToken)
    {
        try
        {
            return _first is null ? await base.AskAsync(good, utterance, cancellationToken) : throw _first;
        }
        catch (AdapterException ex)
        {
            _first = ex;
            throw;
        }
    }
}

internal sealed class CountsCodePoints : Sabotage
{
    public override async Task<Understanding> AskAsync(NluAdapter good, Utterance utterance, CancellationToken cancellationToken)
    {
        var heard = await base.AskAsync(good, utterance, cancellationToken);
        return heard with { Entities = [.. heard.Entities.Select(e => e with { Start = utterance.Text[..e.Start!.Value].EnumerateRunes().Count() })] };
    }
}

internal sealed class TakesAnyKey : Sabotage
{
    public override void Register(AdapterRegistration adapter)
    {
        var known = new ConfigurationBuilder()
            .AddInMemoryCollection(adapter.Section.AsEnumerable().Where(p => p.Key is "url" or "token" or "dialogue")).Build();
        base.Register(new AdapterRegistration(adapter.Name, known, adapter.Services, adapter.DataDirectory, adapter.ContentRoot));
        adapter.Use<HttpEngineAdapter>();
    }
}

internal sealed class SwallowsReplies : Sabotage
{
    public override async Task<Understanding> AskAsync(NluAdapter good, Utterance utterance, CancellationToken cancellationToken) =>
        await base.AskAsync(good, utterance, cancellationToken) with { ProviderReply = null };
}

/// <summary>The good adapter with one sabotage. Internal, so that no test runner runs its suites.</summary>
internal sealed class Broken<TSabotage> : AdapterFixture
    where TSabotage : Sabotage, new()
{
    private readonly ContractServer _engine = new();

    public override AdapterModule Module { get; } = new SabotagedModule();

    public override IReadOnlyDictionary<string, string?> Settings => new Dictionary<string, string?> { ["url"] = _engine.Address, ["dialogue"] = "true" };

    public override IReadOnlyList<string> RequiredKeys { get; } = ["url"];

    public override string? SecretKey => "token";

    public override Task? EngineAbandoned => _engine.Double.Abandoned;

    public override void EngineAnswers(string? text, params (string Intent, double? Confidence)[] ranking) => _engine.Says(text, new Scripted(ranking));

    public override void EngineFails(AdapterFailure failure) => _engine.Fails(failure);

    public override void EngineHangs() => _engine.Hangs();

    public override void EngineFinds(string text, string intent, string entity, string words) => _engine.Says(text, new Scripted([(intent, 0.9)], entity, words));

    public override void EngineReplies(string text, string intent, IReadOnlyList<string> messages, bool waits) =>
        _engine.Says(text, new Scripted([(intent, 0.9)], Replies: messages, Waits: waits));

    public override int DialogueMoves(string sessionId) => _engine.Moves(sessionId);

    public override void Reset() => _engine.Reset();

    protected override async Task StopAsync() => await _engine.DisposeAsync();

    private sealed class SabotagedModule : AdapterModule
    {
        public override string Type => "broken";

        public override void Register(AdapterRegistration adapter)
        {
            var sabotage = new TSabotage();
            sabotage.Register(adapter);
            adapter.Services.AddSingleton<NluAdapter>(services => new Sabotaged(ActivatorUtilities.CreateInstance<HttpEngineAdapter>(services), sabotage));
        }
    }

    private sealed class Sabotaged(NluAdapter good, TSabotage sabotage) : NluAdapter
    {
        public override AdapterCapabilities Capabilities => good.Capabilities;

        protected override async ValueTask<Understanding> UnderstandCoreAsync(Utterance utterance, CancellationToken cancellationToken) =>
            await sabotage.AskAsync(good, utterance, cancellationToken);

        protected override ValueTask<AdapterHealth> CheckHealthCoreAsync(CancellationToken cancellationToken) => good.CheckHealthAsync(cancellationToken);
    }
}

internal sealed class BrokenUnderstanding<TSabotage>(Broken<TSabotage> fixture) : NluAdapterConformance<Broken<TSabotage>>(fixture)
    where TSabotage : Sabotage, new();

internal sealed class BrokenFailures<TSabotage>(Broken<TSabotage> fixture) : FailureConformance<Broken<TSabotage>>(fixture)
    where TSabotage : Sabotage, new();

internal sealed class BrokenEntities<TSabotage>(Broken<TSabotage> fixture) : EntityConformance<Broken<TSabotage>>(fixture)
    where TSabotage : Sabotage, new();

internal sealed class BrokenConfiguration<TSabotage>(Broken<TSabotage> fixture) : ConfigurationConformance<Broken<TSabotage>>(fixture)
    where TSabotage : Sabotage, new();

internal sealed class BrokenDialogue<TSabotage>(Broken<TSabotage> fixture) : DialogueConformance<Broken<TSabotage>>(fixture)
    where TSabotage : Sabotage, new();

/// <summary>A learner that learned nothing.</summary>
internal sealed class Dunce : TrainedAdapterFixture
{
    public override AdapterModule Module { get; } = new DunceModule();

    public override IReadOnlyDictionary<string, string?> Settings { get; } = new Dictionary<string, string?>();

    public override IReadOnlyList<string> RequiredKeys { get; } = [];

    public override (string Text, string Entity, string Words)? Finds => ("order 48213", "order_number", "48213");

    private sealed class DunceModule : AdapterModule
    {
        public override string Type => "dunce";

        public override void Register(AdapterRegistration adapter)
        {
            adapter.Use<ScriptedAdapter>();
            adapter.Services.AddSingleton<NluAdapter>(new ScriptedAdapter());
        }
    }
}

internal sealed class DunceUnderstanding(Dunce fixture) : TrainedEngineConformance<Dunce>(fixture);
