using IntentRouter.Configuration;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace IntentRouter.Diagnostics;

internal static class TelemetrySetup
{
    /// <summary>Traces, metrics and logs by OTLP where an endpoint is given, metrics for Prometheus on the management listener.</summary>
    public static void AddRouterTelemetry(this WebApplicationBuilder builder, TelemetryOptions options)
    {
        var endpoint = options.Otlp ?? Environment.GetEnvironmentVariable("OTEL_EXPORTER_OTLP_ENDPOINT");
        var export = Uri.TryCreate(endpoint, UriKind.Absolute, out var otlp);
        if (!export && !options.Prometheus)
        {
            return;
        }

        var telemetry = builder.Services.AddOpenTelemetry().ConfigureResource(resource => resource
            .AddService("intent-router", serviceVersion: ThisVersion)
            // What the deployment says of itself (OTEL_SERVICE_NAME, OTEL_RESOURCE_ATTRIBUTES) wins.
            .AddEnvironmentVariableDetector());
        telemetry.WithMetrics(metrics =>
        {
            metrics.AddMeter(RouterTelemetry.Name, "Npgsql", "System.Net.Http", "Microsoft.AspNetCore.Server.Kestrel", "System.Runtime");
            if (options.Prometheus)
            {
                metrics.AddPrometheusExporter();
            }

            if (export)
            {
                metrics.AddOtlpExporter(o => o.Endpoint = otlp!);
            }
        });
        if (!export)
        {
            return;
        }

        telemetry.WithTracing(tracing => tracing
            .AddSource(RouterTelemetry.Name, "Npgsql")
            .AddAspNetCoreInstrumentation(o => o.EnrichWithHttpRequest = (activity, request) =>
            {
                // The path holds the bot's key.
                if (request.RouteValues.TryGetValue("key", out _))
                {
                    activity.SetTag("url.path", $"/bots/{request.RouteValues["bot"]}/-");
                }
            })
            .AddHttpClientInstrumentation()
            .AddOtlpExporter(o => o.Endpoint = otlp!));
        builder.Logging.AddOpenTelemetry(logs => logs.IncludeFormattedMessage = true);
        telemetry.WithLogging(null, _ => { });
        builder.Services.Configure<OpenTelemetry.Logs.OpenTelemetryLoggerOptions>(o => o.IncludeScopes = false);
    }

    public static string ThisVersion => typeof(TelemetrySetup).Assembly.GetName().Version?.ToString(3) ?? "0.0.0";
}
