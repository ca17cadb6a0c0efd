using IntentRouter.Playground;
using IntentRouter.Tests.Fulfillment;

namespace IntentRouter.ServiceTests.Fulfillment;

/// <summary>An action is confirmed first and asked for once, whatever happens on the way back; a slow one makes its own customer wait, and nobody else.</summary>
public sealed class ActionOnceTests : IAsyncLifetime
{
    private BackingApi _api = null!;
    private RouterApplication _app = null!;

    public async Task InitializeAsync()
    {
        _api = await BackingApi.StartAsync();
        _api.AnswersWith("""{"id":"B-1"}""");
        _app = await RouterApplication.StartAsync(new RouterApplicationOptions
        {
            ChatYaml = "maxConnections: 1",
            IntentsYaml = """
                cancel_order: { route: cancel-order }
                hello: { reply: hello }
                """,
            RoutesYaml = """
                cancel-order:
                  slots: { order_number: { type: pattern, pattern: '#?(?<value>\d{4,10})', ask: order.ask_number } }
                  action: cancel
                  reply: { done: cancel.done, failed: { handoff: { reason: action-failed } } }
                """,
            // A stop in the middle of an action does not wait for its end.
            EngineYaml = "drain: 500ms",
            TextsYaml = "cancel.done: \"Cancelled as {{ result.id }}.\"\nhello: \"Hello yourself.\"",
            Yaml = $$$"""
                actions:
                  cancel: { kind: http, method: post, url: "{{{_api.Url}}}/orders/{{ order_number }}/cancel", allowPrivate: true, idempotencyKey: header, timeout: 60s }
                """,
        });
        _app.Script.Knows("Cancel order 10427", "cancel_order");
        _app.Script.Knows("Hello", "hello");
    }

    public async Task DisposeAsync()
    {
        await _app.DisposeAsync();
        await _api.DisposeAsync();
    }

    [Fact]
    public async Task Nothing_is_done_before_the_yes_and_the_yes_twice_does_it_once()
    {
        var customer = _app.NewCustomer();
        await _app.SayAsync(customer, "Cancel order 10427");
        Assert.Empty(_api.Requests);

        var yes = customer.Say("yes");
        await _app.SettleAsync();
        _app.Chat.Redeliver(_app.Chat.Deliveries.Last(d => d.MessageId == yes.Id));
        await _app.SettleAsync();
        await _app.SayAsync(customer, "yes");

        var request = Assert.Single(_api.Requests);
        Assert.Equal("/orders/10427/cancel", request.Target);
        Assert.NotEmpty(request.Headers["Idempotency-Key"]);
        Assert.Contains("Cancelled as B-1.", customer.Conversation!.BotReplies.Select(r => r.Content));
    }

    [Fact]
    public async Task When_the_answer_is_lost_a_person_gets_the_facts_and_nothing_is_tried_again()
    {
        _api.Answer = (context, _) =>
        {
            context.Abort();
            return Task.CompletedTask;
        };
        var customer = _app.NewCustomer();
        await _app.SayAsync(customer, "Cancel order 10427");
        await _app.SayAsync(customer, "yes");

        var key = Assert.Single(_api.Requests).Headers["Idempotency-Key"];
        Assert.Equal(ConversationStatus.Open, customer.Conversation!.Status);
        var note = Assert.Single(customer.Conversation.Notes).Content!;
        Assert.Contains("may or may not have been carried out", note, StringComparison.Ordinal);
        Assert.Contains(key, note, StringComparison.Ordinal);
        Assert.StartsWith("I am not sure whether that went through", customer.Conversation.BotReplies[^1].Content, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stop_in_the_middle_of_an_action_does_not_start_it_again()
    {
        var called = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _api.Answer = async (context, _) =>
        {
            called.TrySetResult();
            await Task.WhenAny(Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted));
        };
        var customer = _app.NewCustomer();
        await _app.SayAsync(customer, "Cancel order 10427");
        customer.Say("yes");
        await called.Task.WaitAsync(Quiet.Patience);
        await _app.RestartAsync();
        await _app.Chat.WaitUntilAsync(() => customer.Conversation!.Status == ConversationStatus.Open, Quiet.Limit());
        await _app.SettleAsync();

        Assert.Single(_api.Requests);
        Assert.Contains("may or may not have been carried out", Assert.Single(customer.Conversation!.Notes).Content, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_action_under_way_takes_no_connection_to_the_chat()
    {
        var called = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var goOn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var answer = _api.Answer;
        _api.Answer = async (context, body) =>
        {
            called.TrySetResult();
            await goOn.Task;
            await answer(context, body);
        };
        var patient = _app.NewCustomer();
        await _app.SayAsync(patient, "Cancel order 10427");
        patient.Say("yes");
        await called.Task.WaitAsync(Quiet.Patience);

        var other = _app.NewCustomer();
        other.Say("Hello");
        await _app.Chat.WaitUntilAsync(() => other.Conversation!.BotReplies.Any(reply => reply.Content == "Hello yourself."), Quiet.Limit());

        goOn.SetResult();
        await _app.SettleAsync();
        Assert.Contains("Cancelled as B-1.", patient.Conversation!.BotReplies.Select(reply => reply.Content));
    }
}
