using System.Reflection;
using IntentRouter.Hosting;
using IntentRouter.Inbox;
using IntentRouter.Nlu;
using IntentRouter.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

namespace IntentRouter.ServiceTests;

public sealed class ReadinessTests
{
    [Fact]
    public async Task Whoever_asks_fast_asks_the_store_once_a_second()
    {
        await using var app = await RouterApplication.StartAsync();
        var clock = new FakeTimeProvider();
        var store = CountingStore.Around(app.Store, out var asked);
        var readiness = new Readiness(store, app.Services.GetRequiredService<AdapterCatalog>(), app.Services.GetRequiredService<ConversationRunners>(), clock);

        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => readiness.CheckAsync(CancellationToken.None)));
        Assert.All(answers, a => Assert.Equal("ready", a.Status));
        await readiness.CheckAsync(CancellationToken.None);
        Assert.Equal(1, asked());

        clock.Advance(TimeSpan.FromSeconds(1));
        await readiness.CheckAsync(CancellationToken.None);
        Assert.Equal(2, asked());
    }

    /// <summary>The real store, and how often it was asked for its health.</summary>
#pragma warning disable CA1852 // The proxy is made by deriving from it.
    internal class CountingStore : DispatchProxy
#pragma warning restore CA1852
    {
        private IEventStore _inner = null!;
        private int _asked;

        public static IEventStore Around(IEventStore inner, out Func<int> asked)
        {
            var proxy = Create<IEventStore, CountingStore>();
            var self = (CountingStore)(object)proxy;
            self._inner = inner;
            asked = () => self._asked;
            return proxy;
        }

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
        {
            if (targetMethod!.Name == nameof(IEventStore.IsHealthyAsync))
            {
                Interlocked.Increment(ref _asked);
            }

            return targetMethod.Invoke(_inner, BindingFlags.DoNotWrapExceptions, null, args, null);
        }
    }
}
