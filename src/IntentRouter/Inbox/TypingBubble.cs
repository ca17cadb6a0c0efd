using System.Collections.Concurrent;
using IntentRouter.Chat;
using IntentRouter.Configuration;
using IntentRouter.Decisions;
using IntentRouter.Storage;
using IntentRouter.Turns;

namespace IntentRouter.Inbox;

/// <summary>
/// Shows that an answer is being worked on, where the chat lets a bot do so. Ornament: it neither delays nor fails a turn, a turn that is over in a moment makes no call,
/// and no bubble begins after a human stepped in. Thread-safe.
/// </summary>
internal sealed class TypingBubble(IEventStore store, ChatApi chat, ILiveConfiguration configuration, TimeProvider clock) : IDisposable
{
    /// <summary>Turns that are faster show none.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(300);

    private static readonly TimeSpan _longestCall = TimeSpan.FromSeconds(2);

    /// <summary>How long a bot in an account is not asked again after a bubble that did not work.</summary>
    private static readonly TimeSpan _rest = TimeSpan.FromMinutes(10);

    /// <summary>The connections to the chat are for replies: bubbles take a quarter at most, and those beyond are not shown.</summary>
    private readonly SemaphoreSlim _calls = new(Math.Max(1, configuration.Current.Options.Chat.MaxConnections / 4));

    private readonly ConcurrentDictionary<(string Bot, long Account), long> _restUntil = new();

    /// <summary>For a turn about something that the customer did. Whoever began it ends it: when the reply is out, or when it is certain that none comes.</summary>
    public Shown Begin(TurnContext context) => new(this, context);

    public void Dispose() => _calls.Dispose();

    private async Task ShowAsync(TurnContext context, Task over)
    {
#pragma warning disable CA1031 // Nothing depends on it, and nobody waits for it.
        try
        {
            if (!MaySpeak(context) || IsResting(context) || await store.HasSignalAfterAsync(context.Conversation.ToString(), context.Events[^1].Stored.Sequence, CancellationToken.None)
                || over.IsCompleted || !_calls.Wait(TimeSpan.Zero, CancellationToken.None))
            {
                return;
            }

            // In doubt it may be showing: it is ended like one that certainly is.
            if (await CallAsync(context, typing: true) is SendResult.Done or SendResult.InDoubt)
            {
                await over;
                await _calls.WaitAsync();
                await CallAsync(context, typing: false);
            }
        }
        catch (Exception)
        {
            // The store is down, or the process ends.
        }
#pragma warning restore CA1031
    }

    /// <summary>By the gate of the decision, which may not be made yet.</summary>
    private static bool MaySpeak(TurnContext context)
    {
        var state = SessionKeeper.Begin(SessionKeeper.Observe(context), context);
        return state.Facts.CanReply && Gate.Check(new DecisionInput
        {
            Bot = context.Bot,
            Account = context.Conversation.Account,
            State = state,
            Input = new CustomerInput { Kind = CustomerInputKind.Message },
            Now = context.Now,
            Language = "",
        }) is null;
    }

    private bool IsResting(TurnContext context) =>
        _restUntil.TryGetValue((context.Bot.Name, context.Conversation.Account), out var until) && clock.GetTimestamp() < until;

    /// <summary>With a call's slot taken, which it gives back.</summary>
    private async Task<SendResult> CallAsync(TurnContext context, bool typing)
    {
        try
        {
            using var limit = new CancellationTokenSource(_longestCall, clock);
            var result = await chat.ShowTypingAsync(context.Bot, context.Conversation, typing, limit.Token);
            if (result is not (SendResult.Done or SendResult.Skipped))
            {
                Rest(context);
            }

            return result;
        }
        catch (OperationCanceledException)
        {
            Rest(context);
            return new SendResult.InDoubt("timed-out");
        }
        finally
        {
            _calls.Release();
        }
    }

    private void Rest(TurnContext context) =>
        _restUntil[(context.Bot.Name, context.Conversation.Account)] = clock.GetTimestamp() + (long)(_rest.TotalSeconds * clock.TimestampFrequency);

    private ITimer Start(Action show) => clock.CreateTimer(static state => ((Action)state!)(), show, Patience, Timeout.InfiniteTimeSpan);

    /// <summary>One turn's bubble.</summary>
    internal sealed class Shown : IDisposable
    {
        private readonly TaskCompletionSource _over = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly ITimer _timer;

        public Shown(TypingBubble bubble, TurnContext context) => _timer = bubble.Start(() => _ = bubble.ShowAsync(context, _over.Task));

        /// <summary>Ends it, or keeps it from beginning. Returns at once.</summary>
        public void Dispose()
        {
            _timer.Dispose();
            _over.TrySetResult();
        }
    }
}
