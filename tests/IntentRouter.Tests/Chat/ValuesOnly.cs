using System.Collections.Concurrent;
using System.Reflection;
using IntentRouter.Storage;

namespace IntentRouter.Tests.Chat;

/// <summary>The part of the event store that keeps small shared values, in memory; everything else refuses.</summary>
#pragma warning disable CA1852 // DispatchProxy derives from it.
internal class ValuesOnly : DispatchProxy
#pragma warning restore CA1852
{
    private readonly ConcurrentDictionary<(string Area, string Key), string> _values = new();

    public bool Down { get; set; }

    public static (IEventStore Store, ValuesOnly Values) Create()
    {
        var store = Create<IEventStore, ValuesOnly>();
        return (store, (ValuesOnly)(object)store);
    }

    public string? this[string area, string key] => _values.GetValueOrDefault((area, key));

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        if (Down)
        {
            throw new StoreUnavailableException("Down by the test.");
        }

        switch (targetMethod!.Name)
        {
            case nameof(IEventStore.GetAsync):
                return Task.FromResult(this[(string)args![0]!, (string)args[1]!]);
            case nameof(IEventStore.PutAsync):
                _values[((string)args![0]!, (string)args[1]!)] = (string)args[2]!;
                return Task.CompletedTask;
            default:
                throw new NotSupportedException(targetMethod.Name);
        }
    }
}
