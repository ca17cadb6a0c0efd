using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using IntentRouter.Playground;
using IntentRouter.ServiceTests.Fulfillment;
using IntentRouter.ServiceTests.Sweep;
using IntentRouter.Sweep;
using IntentRouter.Tests.Fulfillment;
using IntentRouter.Turns;
using IntentRouter.Webhooks;
using MediatR;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry;
using OpenTelemetry.Trace;

namespace IntentRouter.ServiceTests.Telemetry;

/// <summary>
/// A canary goes wherever a person's words go, through every path that a turn can take, with every log level, trace and metric on: none of it, and no
/// secret, comes out in what is told about the service.
/// </summary>
public sealed class RedactionTests
{
    private const string Canary = "zanzibarine";
    private const string Secret = "a-webhook-secret-of-the-platform";

    [Fact]
    public Task An_answer_tells_nothing() => SeenAsync(new(), async (app, customer) =>
    {
        app.Script.Knows($"Where is my order {Canary}?", "order_status");
        await app.SayAsync(customer, $"Where is my order {Canary}?");
        await app.SayAsync(customer, "10427");
        Assert.Contains("could not find", customer.Conversation!.BotReplies[^1].Content, StringComparison.Ordinal);
    });

    [Fact]
    public Task A_handoff_tells_nothing() => SeenAsync(new(), async (app, customer) =>
    {
        app.Script.Knows($"A person please, {Canary}", "talk_to_human");
        await app.SayAsync(customer, $"A person please, {Canary}");
        Assert.Equal(ConversationStatus.Open, customer.Conversation!.Status);
    });

    [Fact]
    public Task An_engine_that_fails_tells_nothing() => SeenAsync(new(), async (app, customer) =>
    {
        app.Script.Before = (utterance, _) => throw new FormatException($"cannot read '{utterance.Text}'");
        await app.SayAsync(customer, Canary);
        Assert.Equal(ConversationStatus.Open, customer.Conversation!.Status);
    });

    [Fact]
    public Task A_handler_that_fails_again_and_again_tells_nothing() => SeenAsync(
        new()
        {
            EngineYaml = "attempts: 1",
            Adjust = builder => builder.Services.AddSingleton<IRequestHandler<HandleMessageCreated, TurnPlan>, Quoting>(),
        },
        async (app, customer) =>
        {
            await app.SayAsync(customer, Canary);
            Assert.Contains(app.Logs.Lines, line => line.Contains(nameof(FormatException), StringComparison.Ordinal) && line.Contains(nameof(Quoting), StringComparison.Ordinal));
        });

    [Theory]
    [InlineData("found")]
    [InlineData("not found")]
    [InlineData("garbage")]
    [InlineData("refused")]
    [InlineData("broken")]
    public async Task A_lookup_over_http_tells_nothing(string answer)
    {
        await using var parcels = await ParcelsAsync(answer);
        var options = new RouterApplicationOptions
        {
            IntentsYaml = "parcel: { route: parcel }",
            RoutesYaml = """
                parcel:
                  slots:
                    parcel: { type: pattern, pattern: 'zanzibar\w+', ask: order.ask_number }
                  proof: none
                  lookup: parcels
                  reply: { found: order.found, notFound: order.not_found, failed: { handoff: { reason: lookup-failed } } }
                """,
            LookupsYaml = $$$"""
                parcels: { kind: http, url: "{{{parcels.Url}}}/parcels/{{ parcel }}?of={{ parcel }}", headers: { X-Parcel: "{{ parcel }}" }, allowPrivate: true, retries: 1, timeout: 60s }
                """,
        };
        await SeenAsync(options, async (app, customer) =>
        {
            app.Script.Knows($"Where is parcel {Canary}?", "parcel");
            await app.SayAsync(customer, $"Where is parcel {Canary}?");
            Assert.NotEmpty(customer.Conversation!.BotReplies);
        });
        Assert.NotEmpty(parcels.Requests);
    }

    [Theory]
    [InlineData("found")]
    [InlineData("garbage")]
    [InlineData("refused")]
    [InlineData("broken")]
    public async Task An_action_over_http_tells_nothing(string answer)
    {
        await using var parcels = await ParcelsAsync(answer);
        var options = new RouterApplicationOptions
        {
            IntentsYaml = "stop_parcel: { route: stop-parcel }",
            RoutesYaml = """
                stop-parcel:
                  slots:
                    parcel: { type: pattern, pattern: 'zanzibar\w+', ask: order.ask_number }
                  action: stop
                  reply: { done: order.found, failed: { handoff: { reason: action-failed } } }
                """,
            Yaml = $$$"""
                actions:
                  stop: { kind: http, url: "{{{parcels.Url}}}/parcels/{{ parcel }}?of={{ parcel }}", headers: { X-Parcel: "{{ parcel }}" }, body: { parcel: "{{ parcel }}" }, allowPrivate: true, idempotencyKey: header, timeout: 60s }
                """,
        };
        await SeenAsync(options, async (app, customer) =>
        {
            app.Script.Knows($"Stop parcel {Canary}", "stop_parcel");
            await app.SayAsync(customer, $"Stop parcel {Canary}");
            await app.SayAsync(customer, "yes");
            Assert.True(customer.Conversation!.BotReplies.Count > 1, customer.Conversation.Transcript);
        });
        Assert.Contains(parcels.Requests, request => request.Body.Contains(Canary, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("found")]
    [InlineData("broken")]
    public async Task A_one_time_code_tells_nothing(string answer)
    {
        await using var mail = await ParcelsAsync(answer);
        var options = ProofByCodeTests.Options(mail) with
        {
            // The address in the URL, too.
            Yaml = $$$"""
                senders:
                  mail: { kind: http, url: "{{{mail.Url}}}/send?to={{ address }}", body: { to: "{{ address }}", code: "{{ code }}" }, allowPrivate: true, timeout: 60s }
                """,
        };
        await SeenAsync(
            options,
            async (app, customer) =>
            {
                app.Script.Knows("my private order 10427", "private_status");
                await app.SayAsync(customer, "my private order 10427");
                await app.SayAsync(customer, $"{Canary}@example.com");
                await app.SayAsync(customer, CodeIn(mail));
            },
            () => [CodeIn(mail)]);
    }

    [Fact]
    public Task What_the_sweep_finds_tells_nothing()
    {
        var clock = new ShiftedTime { Shift = TimeSpan.FromMinutes(-10) };
        return SeenAsync(
            new() { ChatClock = clock, ChatYaml = $"adminToken: {RouterApplication.AdminToken}, sweep: {{ every: 1h }}" },
            async (app, customer) =>
            {
                await app.SayAsync(customer, "hello");
                app.Script.Knows($"Where is my order {Canary}?", "order_status");
                var address = app.Bot.OutgoingUrl;
                app.Bot.OutgoingUrl = "http://127.0.0.1:9/";
                customer.Say($"Where is my order {Canary}?");
                await app.Chat.WaitUntilIdleAsync(Quiet.Limit());
                app.Bot.OutgoingUrl = address;
                var before = customer.Conversation!.BotReplies.Count;

                await app.Services.GetRequiredService<Sweeper>().RunAsync(CancellationToken.None);
                await app.SettleAsync();
                Assert.True(customer.Conversation.BotReplies.Count > before, customer.Conversation.Transcript);
            },
            () => [RouterApplication.AdminToken]);
    }

    [Fact]
    public Task What_cannot_be_read_tells_nothing() => SeenAsync(new() { WebhookSecret = Secret }, async (app, customer) =>
    {
        await app.SayAsync(customer, "hello");
        foreach (var body in new[]
        {
            $"{{\"event\":\"{Canary}\",\"content\":\"{Canary}\"}}",
            $"{{\"event\":\"message_created\",\"content\":\"{Canary}\",\"{Canary}\":{Canary}",
            $"{Canary}",
            new JsonObject { ["event"] = "message_created", ["id"] = Canary, ["content"] = new JsonObject { [Canary] = Canary } }.ToJsonString(),
        })
        {
            using var unsigned = await app.PostAsync(body);
            using var wrong = await app.PostAsync(body, key: Canary + "0123456789");
            using var elsewhere = await app.PostAsync(body, bot: Canary);
            var now = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
            using var signed = await app.PostAsync(body, null, null, ("X-Chatwoot-Timestamp", now), ("X-Chatwoot-Signature", WebhookSignature.Sign(Secret, now, Encoding.UTF8.GetBytes(body))));
        }
    });

    [Fact]
    public Task A_chat_that_refuses_tells_nothing() => SeenAsync(new(), async (app, customer) =>
    {
        app.Script.Knows($"A person please, {Canary}", "talk_to_human");
        app.Chat.Faults.Add(PlaygroundEndpoint.Any, PlaygroundFault.Status(422, $"{{\"message\":\"{Canary} is not allowed\"}}"), times: 3);
        await app.SayAsync(customer, $"A person please, {Canary}");
    });

    private static string CodeIn(BackingApi mail) => (string)JsonNode.Parse(mail.Requests.First().Body)!["code"]!;

    private static async Task SeenAsync(RouterApplicationOptions options, Func<RouterApplication, PlaygroundCustomer, Task> talk, Func<string[]>? moreSecrets = null)
    {
        using var told = new Told();
        await using var app = await RouterApplication.StartAsync(options with
        {
            // Nobody listens there: what would be exported is what is read here.
            Yaml = options.Yaml + "\ntelemetry: { otlp: \"http://127.0.0.1:9\" }\nlogging: { logLevel: { Default: Trace, Microsoft: Trace, System: Trace, Polly: Trace } }",
            Adjust = builder =>
            {
                builder.Services.ConfigureOpenTelemetryTracerProvider(tracing => tracing.AddProcessor(told));
                options.Adjust?.Invoke(builder);
            },
        });
        var customer = app.NewCustomer($"{Canary}@example.com");
        await talk(app, customer);
        await app.StopRouterAsync();

        string[] secrets = [Canary, RouterApplication.Key, "bot-token-1", Secret, .. moreSecrets?.Invoke() ?? []];
        Assert.Contains(told.Lines, line => line.StartsWith("span POST /bots/{bot}/{key}", StringComparison.Ordinal));
        Assert.Contains(told.Lines, line => line.StartsWith("metric intentrouter.", StringComparison.Ordinal));
        // Six digits are found in many a long number: a code stands alone.
        var leaks = told.Lines.Concat(app.Logs.Lines).Where(line => Array.Exists(secrets, secret => secret.Length == 6
            ? Regex.IsMatch(line, $@"(?<![\w.]){secret}(?![\w.])") : line.Contains(secret, StringComparison.OrdinalIgnoreCase))).Distinct();
        Assert.True(!leaks.Any(), string.Join('\n', leaks));
    }

    /// <summary>A shop's system in five moods; each of its answers holds the canary.</summary>
    private static async Task<BackingApi> ParcelsAsync(string mood)
    {
        var parcels = await BackingApi.StartAsync();
        parcels.AnswersWith(
            mood == "found" ? $"{{\"number\":\"{Canary}\",\"status\":\"{Canary}\"}}" : Canary,
            mood switch { "not found" => 404, "refused" => 400, "broken" => 500, _ => 200 });
        return parcels;
    }

    /// <summary>Fails as a library does: with the words that it could not read.</summary>
    private sealed class Quoting : IRequestHandler<HandleMessageCreated, TurnPlan>
    {
        public Task<TurnPlan> Handle(HandleMessageCreated request, CancellationToken cancellationToken) =>
            throw new FormatException($"The input '{request.Context.Events[^1].Stored.Payload}' was not in a correct format.");
    }

    /// <summary>Every span and every measurement, as text.</summary>
    private sealed class Told : BaseProcessor<Activity>
    {
        private readonly ConcurrentQueue<string> _lines = new();
        private readonly MeterListener _meters = new();

        public Told()
        {
            _meters.InstrumentPublished = (instrument, listener) => listener.EnableMeasurementEvents(instrument);
            _meters.SetMeasurementEventCallback<long>((instrument, _, tags, _) => Tell(instrument, tags));
            _meters.SetMeasurementEventCallback<int>((instrument, _, tags, _) => Tell(instrument, tags));
            _meters.SetMeasurementEventCallback<double>((instrument, _, tags, _) => Tell(instrument, tags));
            _meters.Start();
        }

        public IReadOnlyCollection<string> Lines => _lines;

        public override void OnEnd(Activity data)
        {
            var parts = data.TagObjects.Concat(data.Events.SelectMany(e => e.Tags)).Select(tag => $"{tag.Key}={tag.Value}").Concat(data.Baggage.Select(b => b.ToString()));
            _lines.Enqueue($"span {data.DisplayName} {data.OperationName} {data.StatusDescription} {data.TraceStateString} {string.Join(' ', parts)}");
        }

        protected override void Dispose(bool disposing)
        {
            _meters.Dispose();
            base.Dispose(disposing);
        }

        private void Tell(Instrument instrument, ReadOnlySpan<KeyValuePair<string, object?>> tags) =>
            _lines.Enqueue($"metric {instrument.Name} {string.Join(' ', tags.ToArray().Select(tag => $"{tag.Key}={tag.Value}"))}");
    }
}
