using IntentRouter.Inbox;
using IntentRouter.Playground;
using IntentRouter.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace IntentRouter.ServiceTests;

internal static class Quiet
{
    /// <summary>For whatever a test waits for: on a machine of others, too.</summary>
    public static TimeSpan Patience { get; } = TimeSpan.FromMinutes(2);

    /// <summary>A token that ends a wait for what never comes.</summary>
    public static CancellationToken Limit() => new CancellationTokenSource(Patience, TimeProvider.System).Token;

    /// <summary>Completes when the chat has delivered everything and the service has nothing left to do.</summary>
    public static async Task WaitAsync(PlaygroundChat chat, IServiceProvider services)
    {
        var limit = Limit();
        var runners = services.GetRequiredService<ConversationRunners>();
        var store = services.GetRequiredService<IEventStore>();
        while (true)
        {
            var before = chat.Changes;
            await chat.WaitUntilIdleAsync(limit);
            await runners.WaitUntilIdleAsync(limit);
            await chat.WaitUntilIdleAsync(limit);
            // What waits for another attempt has no runner meanwhile.
            var open = (await store.StatisticsAsync(limit)).Open;
            if (open == 0 && chat.Changes == before)
            {
                return;
            }

            if (open > 0)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, limit);
            }
        }
    }
}
