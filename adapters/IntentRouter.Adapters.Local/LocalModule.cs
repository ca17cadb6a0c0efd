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
        adapter.Bind<LocalOptions>().Check<LocalOptions>(LocalOptions.Problem).Use<LocalAdapter>();
    }
}
