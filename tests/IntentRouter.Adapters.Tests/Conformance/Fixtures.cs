using IntentRouter.Adapters.Dialogflow;
using IntentRouter.Adapters.Http;
using IntentRouter.Adapters.LanguageModel;
using IntentRouter.Adapters.Lex;
using IntentRouter.Adapters.Local;
using IntentRouter.Adapters.Rasa;
using IntentRouter.Adapters.Tests.Simulators;
using IntentRouter.TestKit;

namespace IntentRouter.Adapters.Tests.Conformance;

/// <summary>A fixture over one of the simulators.</summary>
public abstract class SimulatorFixture<TSimulator> : AdapterFixture
    where TSimulator : EngineSimulator
{
    public abstract TSimulator Engine { get; }

    public override Task? EngineAbandoned => Engine.Double.Abandoned;

    public override string? LastText => Engine.LastText;

    public override void EngineAnswers(string? text, params (string Intent, double? Confidence)[] ranking) => Engine.Says(text, new Scripted(ranking));

    public override void EngineFails(AdapterFailure failure) => Engine.Fails(failure);

    public override void EngineHangs() => Engine.Hangs();

    public override void EngineFinds(string text, string intent, string entity, string words) =>
        Engine.Says(text, new Scripted([(intent, 0.9)], entity, words));

    public override void EngineReplies(string text, string intent, IReadOnlyList<string> messages, bool waits) =>
        Engine.Says(text, new Scripted([(intent, 0.9)], Replies: messages, Waits: waits));

    public override int DialogueMoves(string sessionId) => Engine.Moves(sessionId);

    public override void Reset() => Engine.Reset();

    protected override async Task StopAsync() => await Engine.DisposeAsync();
}

public sealed class RasaFixture : SimulatorFixture<RasaSimulator>
{
    public override RasaSimulator Engine { get; } = new() { Token = "secr&t +1" };

    public override AdapterModule Module { get; } = new RasaModule();

    public override IReadOnlyDictionary<string, string?> Settings => new Dictionary<string, string?> { ["url"] = Engine.Address, ["token"] = "secr&t +1" };

    public override IReadOnlyList<string> RequiredKeys { get; } = ["url"];

    public override string? SecretKey => "token";
}

public sealed class HttpEngineFixture : SimulatorFixture<ContractServer>
{
    public override ContractServer Engine { get; } = new();

    public override AdapterModule Module { get; } = new HttpEngineModule();

    public override IReadOnlyDictionary<string, string?> Settings =>
        new Dictionary<string, string?> { ["url"] = Engine.Address, ["dialogue"] = "true", ["token"] = "t" };

    public override IReadOnlyList<string> RequiredKeys { get; } = ["url"];

    public override string? SecretKey => "token";
}

public sealed class DialogflowEsFixture : SimulatorFixture<DialogflowEsSimulator>
{
    private readonly GoogleTokenSimulator _tokens = new();

    public DialogflowEsFixture() => Engine = new DialogflowEsSimulator { AcceptsToken = _tokens.Accepts };

    public override DialogflowEsSimulator Engine { get; }

    public override AdapterModule Module { get; } = new DialogflowModule();

    public override IReadOnlyDictionary<string, string?> Settings => new Dictionary<string, string?>
    {
        ["edition"] = "es",
        ["project"] = "demo-project",
        ["endpoint"] = Engine.Address,
        ["credentialsJson"] = _tokens.KeyFile,
    };

    public override IReadOnlyList<string> RequiredKeys { get; } = ["project"];

    public override string? SecretKey => "credentialsJson";

    // proto3 JSON: an absent number is zero.
    public override bool EngineMayOmitConfidence => false;

    protected override async Task StopAsync()
    {
        await base.StopAsync();
        await _tokens.DisposeAsync();
    }
}

public sealed class DialogflowCxFixture : SimulatorFixture<DialogflowCxSimulator>
{
    private readonly GoogleTokenSimulator _tokens = new();

    public DialogflowCxFixture() => Engine = new DialogflowCxSimulator { AcceptsToken = _tokens.Accepts };

    public override DialogflowCxSimulator Engine { get; }

    public override AdapterModule Module { get; } = new DialogflowModule();

    public override IReadOnlyDictionary<string, string?> Settings => new Dictionary<string, string?>
    {
        ["edition"] = "cx",
        ["project"] = "demo-project",
        ["location"] = "europe-west1",
        ["agent"] = "11111111-2222-4333-8444-555555555555",
        ["endpoint"] = Engine.Address,
        ["credentialsJson"] = _tokens.KeyFile,
    };

    public override IReadOnlyList<string> RequiredKeys { get; } = ["project", "agent"];

    public override string? SecretKey => "credentialsJson";

    public override bool EngineMayOmitConfidence => false;

    protected override async Task StopAsync()
    {
        await base.StopAsync();
        await _tokens.DisposeAsync();
    }
}

public sealed class LexFixture : SimulatorFixture<LexSimulator>
{
    public override LexSimulator Engine { get; } = new();

    public override AdapterModule Module { get; } = new LexModule();

    public override IReadOnlyDictionary<string, string?> Settings => new Dictionary<string, string?>
    {
        ["region"] = LexSimulator.Region,
        ["botId"] = LexSimulator.BotId,
        ["botAliasId"] = LexSimulator.AliasId,
        ["locale"] = "en_US",
        ["accessKeyId"] = LexSimulator.KeyId,
        ["secretAccessKey"] = LexSimulator.Secret,
        ["endpoint"] = Engine.Address,
    };

    public override IReadOnlyList<string> RequiredKeys { get; } = ["region", "botId", "botAliasId", "locale"];

    public override string? SecretKey => "secretAccessKey";
}

public sealed class LanguageModelFixture : SimulatorFixture<ChatModelSimulator>
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("training-");

    public override ChatModelSimulator Engine { get; } = new();

    public override AdapterModule Module { get; } = new LanguageModelModule();

    public override IReadOnlyDictionary<string, string?> Settings => new Dictionary<string, string?>
    {
        ["endpoint"] = Engine.Address + "/v1",
        ["model"] = "test-model",
        ["apiKey"] = "k",
        ["training"] = Path.Combine(_directory.FullName, "nlu.yaml"),
    };

    public override IReadOnlyList<string> RequiredKeys { get; } = ["model", "training"];

    public override string? SecretKey => "apiKey";

    protected override Task StartAsync()
    {
        string[] intents = ["order_status", "refund", "cancel", "something_else", "Order.Status_v2", .. Enumerable.Range(1, 40).Select(n => $"intent_{n}")];
        var examples = intents.Select(i => $"- intent: {i}\n  examples: |\n    - I want to {i.Replace('_', ' ')} [48213](order_number)\n    - please {i.Replace('.', ' ')} now\n");
        return File.WriteAllTextAsync(Path.Combine(_directory.FullName, "nlu.yaml"), "version: \"3.1\"\nnlu:\n" + string.Concat(examples));
    }

    protected override async Task StopAsync()
    {
        await base.StopAsync();
        _directory.Delete(recursive: true);
    }
}

public sealed class LocalFixture : TrainedAdapterFixture
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("training-");

    public override AdapterModule Module { get; } = new LocalModule();

    public override IReadOnlyDictionary<string, string?> Settings =>
        new Dictionary<string, string?> { ["training"] = Path.Combine(_directory.FullName, "nlu.yaml"), ["watch"] = "false" };

    public override IReadOnlyList<string> RequiredKeys { get; } = ["training"];

    public override (string Text, string Entity, string Words)? Finds => ("order 48213 please", "order_number", "48213");

    protected override Task StartAsync()
    {
        var intents = Lessons.Select(l => $"- intent: {l.Key}\n  examples: |\n{string.Concat(l.Value.Select(e => $"    - {e}\n"))}");
        return File.WriteAllTextAsync(
            Path.Combine(_directory.FullName, "nlu.yaml"),
            $"version: \"3.1\"\nnlu:\n{string.Concat(intents)}- regex: order_number\n  examples: |\n    - \\d{{5}}\n");
    }

    protected override Task StopAsync()
    {
        _directory.Delete(recursive: true);
        return Task.CompletedTask;
    }
}
