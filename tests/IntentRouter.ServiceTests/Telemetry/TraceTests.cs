using System.Collections.Concurrent;
using System.Diagnostics;
using OpenTelemetry;
using OpenTelemetry.Trace;

namespace IntentRouter.ServiceTests.Telemetry;

public sealed class TraceTests
{
    [Fact]
    public async Task A_delivery_its_turn_the_engine_the_lookup_and_the_reply_are_one_trace_of_the_caller()
    {
        using var spans = new Spans();
        await using var app = await RouterApplication.StartAsync(new RouterApplicationOptions
        {
            Yaml = "telemetry: { otlp: \"http://127.0.0.1:9\" }",
            Adjust = builder => builder.Services.ConfigureOpenTelemetryTracerProvider(tracing => tracing.AddProcessor(spans)),
        });
        app.Script.Knows("Where is my order 10427?", "order_status");
        var customer = app.NewCustomer("priya@example.com");
        await app.SayAsync(customer, "hello");
        var conversation = customer.Conversation!;
        var body = $$$"""
            {"event":"message_created","id":990001,"content":"Where is my order 10427?","message_type":"incoming","private":false,
             "account":{"id":{{{app.Account.Id}}}},"sender":{"id":{{{customer.Contact.Id}}},"type":"contact","email":"priya@example.com"},
             "conversation":{"id":{{{conversation.Id}}},"status":"pending","inbox_id":{{{app.Inbox.Id}}},"updated_at":1900000000.5,"meta":{"sender":{"id":{{{customer.Contact.Id}}},"email":"priya@example.com" } } } }
            """;

        // The client writes traceparent from what it runs in.
        using var caller = new Activity("caller").SetIdFormat(ActivityIdFormat.W3C);
        caller.ActivityTraceFlags = ActivityTraceFlags.Recorded;
        caller.Start();
        using var answer = await app.PostAsync(body);
        caller.Stop();
        await app.SettleAsync();
        Assert.Contains("in transit", conversation.BotReplies[^1].Content, StringComparison.Ordinal);
        await app.StopRouterAsync();

        var ours = spans.All.Where(span => span.TraceId == caller.TraceId).ToArray();
        var delivery = Assert.Single(ours, span => span.DisplayName == "POST /bots/{bot}/{key}");
        var turn = Assert.Single(ours, span => span.OperationName == "turn");
        Assert.Equal(delivery.SpanId, turn.ParentSpanId);
        foreach (var stage in new[] { "understand", "ask", "lookup" })
        {
            Assert.Contains(ours, span => span.OperationName == stage);
        }

        Assert.Contains(ours, span => span.Kind == ActivityKind.Client && span.ParentSpanId == turn.SpanId);
    }

    private sealed class Spans : BaseProcessor<Activity>
    {
        public ConcurrentQueue<Activity> All { get; } = new();

        public override void OnEnd(Activity data) => All.Enqueue(data);
    }
}
