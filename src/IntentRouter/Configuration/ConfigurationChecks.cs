namespace IntentRouter.Configuration;

/// <summary>Checks of settings against each other: what each key alone cannot tell.</summary>
internal static class ConfigurationChecks
{
    /// <summary>Least length of a key that nobody guesses.</summary>
    public const int ShortestKey = 16;

    public static void Run(RouterOptions options, ProblemReport report, ConfigurationSources sources)
    {
        new ServiceChecks(options, report, sources).Run();
        new BackendChecks(options, report, sources).Run();
        new RouteChecks(options, report).Run();
        new BotChecks(options, report, sources).Run();
    }
}
