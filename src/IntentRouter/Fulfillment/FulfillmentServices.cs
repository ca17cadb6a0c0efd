namespace IntentRouter.Fulfillment;

/// <summary>Registers lookups, actions and code senders.</summary>
internal static class FulfillmentServices
{
    public static IServiceCollection AddFulfillment(this IServiceCollection services)
    {
        services.AddSingleton<FulfillmentTelemetry>();
        services.AddSingleton<FulfillmentHttp>();
        services.AddSingleton<LookupFactory>();
        services.AddSingleton<ILookupCatalog, LookupCatalog>();
        services.AddSingleton<IActionCatalog, ActionCatalog>();
        services.AddSingleton<ICodeSenders, CodeSenders>();
        return services;
    }
}
