using IntentRouter.Configuration;

namespace IntentRouter.Fulfillment;

/// <summary>Knows the kinds of lookups.</summary>
internal sealed class LookupFactory(FulfillmentHttp http, TimeProvider clock, ILoggerFactory loggers)
{
    private readonly ILogger _logger = loggers.CreateLogger("IntentRouter.Fulfillment");

    public ILookup Create(string name, LookupOptions options, RouterConfiguration configuration) => options.Kind switch
    {
        "sql" => new SqlLookup(name, options, clock, _logger),
        "http" => new HttpLookup(name, options, http, clock, _logger),
        "onehash-orders" or "onehash-bookings" => new OneHashLookup(name, options, configuration.Options.Chat, http, clock, _logger),
        _ => throw new NotSupportedException($"There is no lookup of kind '{options.Kind}'."),
    };
}
