using System.Diagnostics.Metrics;
using IntentRouter.Diagnostics;
using IntentRouter.Webhooks;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;

namespace IntentRouter.Tests.Diagnostics;

public sealed class RouterTelemetryTests
{
    [Theory]
    [InlineData("message_created", "message_created")]
    [InlineData("webwidget_triggered", "webwidget_triggered")]
    [InlineData("conversation_status_changed", "conversation_status_changed")]
    [InlineData("made_up_by_somebody", "unknown")]
    public void An_event_is_called_as_the_platform_calls_it_and_as_its_span_does(string name, string label)
    {
        using var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        var meters = services.GetRequiredService<IMeterFactory>();
        var telemetry = new RouterTelemetry(meters);
        using var events = new MetricCollector<long>(meters, RouterTelemetry.Name, "intentrouter.events");

        telemetry.EventReceived("shop", new PlatformEvent { Name = name });

        Assert.Equal(label, Assert.Single(events.GetMeasurementSnapshot()).Tags["intentrouter.event"]);
    }
}
