namespace IntentRouter.Fulfillment;

/// <summary>Registers lookups, actions and code senders.</summary>
internal static class FulfillmentServices
{
    public static IServiceCollection AddFulfillment(this IServiceCollection services)
    {
        services.AddSingleton<FulfillmentTelemetry>();
        services.AddSingleton<LookupFactory>();
        services.AddSingleton<LookupCatalog>();
        services.AddSingleton<ILookupCatalog>(provider => provider.GetRequiredService<LookupCatalog>());
        return services;
    }
}
