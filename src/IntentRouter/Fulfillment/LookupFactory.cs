using IntentRouter.Configuration;

namespace IntentRouter.Fulfillment;

/// <summary>Knows the kinds of lookups.</summary>
internal sealed class LookupFactory(TimeProvider clock, ILoggerFactory loggers)
{
    private readonly ILogger _logger = loggers.CreateLogger("IntentRouter.Fulfillment");

    public ILookup Create(string name, LookupOptions options, RouterConfiguration configuration) => options.Kind switch
    {
        "sql" => new SqlLookup(name, options, clock, _logger),
        _ => throw new NotSupportedException($"There is no lookup of kind '{options.Kind}'."),
    };
}
