using System.Collections.Concurrent;
using System.Diagnostics;
using IntentRouter.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
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
        caller.AddBaggage("who", "CANARY");
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
            Assert.Single(ours, span => span.OperationName == stage);
        }

        Assert.Contains(ours, span => span.Kind == ActivityKind.Client && span.ParentSpanId == turn.SpanId);
    }

    [Fact]
    public void Of_what_a_caller_sends_along_only_the_trace_context_is_passed_on()
    {
        var propagator = new TraceContextOnly();
        var from = new Dictionary<string, string> { ["traceparent"] = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", ["tracestate"] = "vendor=1", ["baggage"] = "who=CANARY" };
        void Get(object? carrier, string name, out string? value, out IEnumerable<string>? values)
        {
            value = from.GetValueOrDefault(name);
            values = null;
        }

        propagator.ExtractTraceIdAndState(from, Get, out var traceId, out var traceState);
        Assert.Equal((from["traceparent"], from["tracestate"]), (traceId, traceState));
        Assert.Null(propagator.ExtractBaggage(from, Get));

        using var activity = new Activity("turn").SetParentId(traceId!).AddBaggage("who", "CANARY").Start();
        var to = new Dictionary<string, string>();
        propagator.Inject(activity, to, (_, name, value) => to[name] = value);
        Assert.Equal(["traceparent"], to.Keys);
    }

    [Fact]
    public async Task Words_that_are_answered_together_are_one_turn_with_a_link_to_each_delivery()
    {
        using var spans = new Spans();
        var clock = new HeldTime(TimeSpan.FromSeconds(29));
        await using var app = await RouterApplication.StartAsync(new RouterApplicationOptions
        {
            Burst = "29s",
            Yaml = "telemetry: { otlp: \"http://127.0.0.1:9\" }",
            Adjust = builder =>
            {
                builder.Services.AddSingleton<TimeProvider>(clock);
                builder.Services.ConfigureOpenTelemetryTracerProvider(tracing => tracing.AddProcessor(spans));
            },
        });
        var customer = app.NewCustomer();
        customer.Burst("hello", "are you there");
        await app.Chat.WaitUntilIdleAsync(Quiet.Limit());
        clock.Pass();
        await app.SettleAsync();
        await app.StopRouterAsync();

        // Turns of the tests beside this one are heard as well.
        var deliveries = spans.All.Where(span => span.Kind == ActivityKind.Server).Select(span => span.SpanId).ToHashSet();
        var turn = spans.All.First(span => span.OperationName == "turn" && deliveries.Contains(span.ParentSpanId) && span.Links.Any(link => deliveries.Contains(link.Context.SpanId)));
        Assert.NotEqual(turn.ParentSpanId, turn.Links.Single().Context.SpanId);
    }

    private sealed class Spans : BaseProcessor<Activity>
    {
        public ConcurrentQueue<Activity> All { get; } = new();

        public override void OnEnd(Activity data) => All.Enqueue(data);
    }
}
