using IntentRouter.Configuration;
using OpenTelemetry.Exporter;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace IntentRouter.Diagnostics;

internal static class TelemetrySetup
{
    // What an adapter measures itself, under its own name; a plugin's too.
    private const string Adapters = RouterTelemetry.Name + ".Adapters.*";

    /// <summary>Traces, metrics and logs by OTLP where an endpoint is given, metrics for Prometheus on the management listener.</summary>
    public static void AddRouterTelemetry(this WebApplicationBuilder builder, TelemetryOptions options)
    {
        TraceContextOnly.Install();
        var endpoint = options.Otlp ?? Environment.GetEnvironmentVariable("OTEL_EXPORTER_OTLP_ENDPOINT");
        var export = Uri.TryCreate(endpoint, UriKind.Absolute, out _);
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
            metrics.AddMeter(RouterTelemetry.Name, Adapters, "Npgsql", "System.Net.Http", "Microsoft.AspNetCore.Server.Kestrel", "System.Runtime");
            if (options.Prometheus)
            {
                metrics.AddPrometheusExporter();
            }

            if (export)
            {
                metrics.AddOtlpExporter(o => Direct(o, options.Otlp, "metrics"));
            }
        });
        if (!export)
        {
            return;
        }

        telemetry.WithTracing(tracing => tracing
            .AddSource(RouterTelemetry.Name, Adapters, "Npgsql")
            // Probes and scrapes every few seconds would drown the deliveries.
            .AddAspNetCoreInstrumentation(o => o.Filter = context => context.Request.Path.StartsWithSegments("/bots", StringComparison.Ordinal))
            .AddHttpClientInstrumentation()
            .AddProcessor<SpanRedaction>()
            .AddOtlpExporter(o => Direct(o, options.Otlp, "traces")));
        telemetry.WithLogging(
            logging => logging.AddOtlpExporter(o => Direct(o, options.Otlp, "logs")),
            logs =>
            {
                logs.IncludeFormattedMessage = true;
                logs.IncludeScopes = false;
            });
    }

    // The exporter reads the environment itself; for an address that is set here it leaves the signal's path to us.
    private static void Direct(OtlpExporterOptions exporter, string? address, string signal)
    {
        if (address is not null)
        {
            exporter.Endpoint = exporter.Protocol == OtlpExportProtocol.HttpProtobuf ? new Uri($"{address.TrimEnd('/')}/v1/{signal}") : new Uri(address);
        }
    }

    public static string ThisVersion => typeof(TelemetrySetup).Assembly.GetName().Version?.ToString(3) ?? "0.0.0";
}
