using System.Reflection;
using IntentRouter.Storage;

namespace IntentRouter.ServiceTests.Takeover;

/// <summary>
/// The real store, with a place to step in before and after each call that moves a turn on: storing the customer's word (from which the turn starts without a load) and the
/// echo of the reply, loads, steps.
/// </summary>
#pragma warning disable CA1852 // The proxy is made by deriving from it.
internal class SteppedStore : DispatchProxy
#pragma warning restore CA1852
{
    private static readonly MethodInfo _after = typeof(SteppedStore).GetMethod(nameof(AfterAsync), BindingFlags.NonPublic | BindingFlags.Instance)!;

    private static readonly string[] _steps = [nameof(IEventStore.LoadAsync), nameof(IEventStore.StepAsync)];

    private IEventStore _inner = null!;
    private Func<string, string, Task> _step = null!;
    private bool _gateIsBroken;

    /// <param name="inner">The real store.</param>
    /// <param name="step">Called with the step and the conversation.</param>
    /// <param name="gateIsBroken">Permits every send, whatever happened meanwhile: to see that the suite would notice.</param>
    public static IEventStore Around(IEventStore inner, Func<string, string, Task> step, bool gateIsBroken = false)
    {
        var proxy = Create<IEventStore, SteppedStore>();
        ((SteppedStore)(object)proxy)._inner = inner;
        ((SteppedStore)(object)proxy)._step = step;
        ((SteppedStore)(object)proxy)._gateIsBroken = gateIsBroken;
        return proxy;
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        var conversation = args switch
        {
            [Claim claim, ..] when _steps.Contains(targetMethod!.Name) => claim.Conversation,
            // Not the human's word itself.
            [NewEvent { Signal: EventSignal.None } e, ..] => e.Conversation,
            _ => null,
        };
        if (conversation is null)
        {
            return targetMethod!.Invoke(_inner, BindingFlags.DoNotWrapExceptions, null, args, null);
        }

        if (_gateIsBroken && args is [_, ConversationStep { Begin: { } send } step, ..])
        {
            args[1] = step with { Begin = send with { Gate = SendGate.None } };
        }

        return _after.MakeGenericMethod(targetMethod!.ReturnType.GetGenericArguments()[0]).Invoke(this, [targetMethod, args, conversation]);
    }

    private async Task<T> AfterAsync<T>(MethodInfo method, object?[] args, string conversation)
    {
        await _step($"before {method.Name}", conversation);
        var result = await (Task<T>)method.Invoke(_inner, BindingFlags.DoNotWrapExceptions, null, args, null)!;
        await _step($"after {method.Name}", conversation);
        return result;
    }
}
