using System.Collections.Concurrent;

namespace IntentRouter.ServiceTests;

/// <summary>An engine whose answers a test writes: by the exact text, else "no match". Settings: <c>script</c> names the script.</summary>
public sealed class ScriptedModule : AdapterModule
{
    private static readonly ConcurrentDictionary<string, Script> _scripts = new();

    public override string Type => "scripted";

    public static Script Open(string name) => _scripts.GetOrAdd(name, _ => new Script());

    public override void Register(AdapterRegistration adapter)
    {
        ArgumentNullException.ThrowIfNull(adapter);
        adapter.Bind<ScriptedOptions>().Use<ScriptedAdapter>();
    }
}

public sealed class ScriptedOptions
{
    public string Script { get; set; } = "";
}

/// <summary>What the engine knows, and what it does before it answers.</summary>
public sealed class Script
{
    private readonly ConcurrentDictionary<string, Understanding> _known = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Runs before each answer: a test blocks, fails or counts here.</summary>
    public Func<Utterance, CancellationToken, Task>? Before { get; set; }

    public ConcurrentQueue<string> Heard { get; } = new();

    public void Knows(string text, string intent, double? confidence = 0.95) => _known[text] = new Understanding
    {
        Ranking = [new IntentCandidate(intent, Confidence.Clamp(confidence))],
        Model = "scripted-1",
    };

    /// <summary>What the engine's own dialogue answers to any words; null for none.</summary>
    public Func<string, ProviderReply>? Dialogue { get; set; }

    internal async Task<Understanding> AnswerAsync(Utterance utterance, CancellationToken cancellationToken)
    {
        Heard.Enqueue(utterance.Text);
        if (Before is { } before)
        {
            await before(utterance, cancellationToken);
        }

        var understanding = _known.GetValueOrDefault(utterance.Text) ?? Understanding.NoMatch;
        return utterance.Mode == UnderstandingMode.Converse ? understanding with { ProviderReply = Dialogue?.Invoke(utterance.Text) } : understanding;
    }
}

public sealed class ScriptedAdapter(ScriptedOptions options) : NluAdapter
{
    public override AdapterCapabilities Capabilities { get; } = new() { Remote = false, Dialogue = true };

    protected override async ValueTask<Understanding> UnderstandCoreAsync(Utterance utterance, CancellationToken cancellationToken) =>
        await ScriptedModule.Open(options.Script).AnswerAsync(utterance, cancellationToken);
}
