using IntentRouter.Tests.Fulfillment;

namespace IntentRouter.ServiceTests.Fulfillment;

/// <summary>A backend that takes its time makes its own customer wait, and nobody else.</summary>
public sealed class SlowBackendTests
{
    [Fact]
    public async Task An_action_under_way_takes_no_connection_to_the_chat()
    {
        await using var api = await BackingApi.StartAsync();
        var called = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var goOn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        api.AnswersWith("""{"id":"B-1"}""");
        var answer = api.Answer;
        api.Answer = async (context, body) =>
        {
            called.TrySetResult();
            await goOn.Task;
            await answer(context, body);
        };
        await using var app = await RouterApplication.StartAsync(new RouterApplicationOptions
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
            TextsYaml = "cancel.done: \"Cancelled as {{ result.id }}.\"\nhello: \"Hello yourself.\"",
            Yaml = $$$"""
                actions:
                  cancel: { kind: http, method: post, url: "{{{api.Url}}}/orders/{{ order_number }}/cancel", allowPrivate: true, idempotencyKey: header, timeout: 60s }
                """,
        });
        app.Script.Knows("Cancel order 10427", "cancel_order");
        app.Script.Knows("Hello", "hello");
        var patient = app.NewCustomer();
        await app.SayAsync(patient, "Cancel order 10427");
        patient.Say("yes");
        await called.Task.WaitAsync(Quiet.Patience);

        var other = app.NewCustomer();
        other.Say("Hello");
        await app.Chat.WaitUntilAsync(() => other.Conversation!.BotReplies.Any(reply => reply.Content == "Hello yourself."), Quiet.Limit());

        goOn.SetResult();
        await app.SettleAsync();
        Assert.Contains("Cancelled as B-1.", patient.Conversation!.BotReplies.Select(reply => reply.Content));
    }
}
