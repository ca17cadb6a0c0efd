using DbUp.Builder;
using DbUp.Engine.Output;

namespace IntentRouter.Storage;

/// <summary>Brings a schema to this version: embedded scripts in the order of their names, each once, each in its own transaction.</summary>
internal static class SchemaMigration
{
    public const string Journal = "intent_router_schema";

    /// <summary>The caller keeps other processes out meanwhile.</summary>
    public static void Run(UpgradeEngineBuilder database, string provider, ILogger logger)
    {
        var prefix = $"IntentRouter.Storage.Migrations.{provider}.";
        var result = database
            .WithScriptsEmbeddedInAssembly(typeof(SchemaMigration).Assembly, name => name.StartsWith(prefix, StringComparison.Ordinal))
            .WithTransactionPerScript()
            .WithVariablesDisabled()
            .LogTo(new LoggerUpgradeLog(logger))
            .Build()
            .PerformUpgrade();
        if (!result.Successful)
        {
            throw new StoreUnavailableException(
                $"The schema of the store could not be brought to this version (script {result.ErrorScript?.Name ?? "unknown"}): {result.Error.Message}", result.Error);
        }
    }

    private sealed class LoggerUpgradeLog(ILogger logger) : IUpgradeLog
    {
#pragma warning disable CA2254, CA1848, CA1873 // The templates are the library's; it logs a handful of lines once per version.
        public void LogTrace(string format, params object[] args) => logger.LogTrace(format, args);

        public void LogDebug(string format, params object[] args) => logger.LogDebug(format, args);

        public void LogInformation(string format, params object[] args) => logger.LogDebug(format, args);

        public void LogWarning(string format, params object[] args) => logger.LogWarning(format, args);

        public void LogError(string format, params object[] args) => logger.LogError(format, args);

        public void LogError(Exception ex, string format, params object[] args) => logger.LogError(ex, format, args);
#pragma warning restore CA2254, CA1848, CA1873
    }
}
