using IntentRouter.Adapters.Local.Training;

namespace IntentRouter.Adapters.Local;

/// <summary>The NLU inside the process, <c>adapter: local</c>.</summary>
public sealed class LocalModule : AdapterModule
{
    /// <inheritdoc/>
    public override string Type => "local";

    /// <inheritdoc/>
    public override void Register(AdapterRegistration adapter)
    {
        ArgumentNullException.ThrowIfNull(adapter);
        adapter.Bind<LocalOptions>()
            .Check<LocalOptions>(options => LocalOptions.Problem(options)
                ?? (Refusal(new TrainingFolder(options, adapter).Read()) is { } refusal ? $"training: {refusal}" : null))
            .Use<LocalAdapter>();
    }

    /// <summary>What keeps the data from being trained, or null.</summary>
    internal static string? Refusal(TrainingData data)
    {
        var errors = data.Problems.Where(p => p.IsError).ToArray();
        return errors.Length == 0
            ? null
            : $"{errors.Length} {(errors.Length == 1 ? "problem" : "problems")} in the training data:{Environment.NewLine}{string.Join(Environment.NewLine, errors.Select(e => e.ToString()))}";
    }
}
