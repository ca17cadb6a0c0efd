using System.Buffers;
using System.Collections.Concurrent;
using System.Globalization;
using System.Threading.RateLimiting;
using IntentRouter.Configuration;
using IntentRouter.Diagnostics;
using IntentRouter.Storage;
using MediatR;

namespace IntentRouter.Webhooks;

/// <summary>The bot URLs: the answers of <c>design.md</c> 3.2, and nothing else.</summary>
internal static class WebhookEndpoints
{
    public const int MaxBody = 1024 * 1024;

    public static void MapWebhooks(this IEndpointRouteBuilder app)
    {
        app.MapPost("/bots/{bot}/{key}", ReceiveAsync);
        app.MapGet("/bots/{bot}/{key}", (string bot, string key, ILiveConfiguration configuration) =>
            Find(configuration.Current, bot, key) switch
            {
                (null, _) => Results.Text("No bot has this name.\n", statusCode: 404),
                (_, false) => Results.Text("This is not the bot's key.\n", statusCode: 401),
                _ => Results.Text("IntentRouter is listening here. Set this address as the bot's webhook URL; it answers POST requests of the chat.\n"),
            });
    }

    private static async Task<IResult> ReceiveAsync(
        string bot, string key, HttpRequest request, ILiveConfiguration configuration, WebhookLimiter limiter, IMediator mediator, RouterTelemetry telemetry, TimeProvider clock,
        ILogger<WebhookLimiter> logger, CancellationToken cancellationToken)
    {
        var began = clock.GetTimestamp();
        var answer = await AnswerAsync(bot, key, request, configuration.Current, limiter, mediator, logger, cancellationToken);
        telemetry.WebhookAnswered(answer.Status is 404 or 401 ? "-" : bot, answer.Status, answer.Outcome, clock.GetElapsedTime(began));
        if (answer.Status == 429)
        {
            request.HttpContext.Response.Headers.RetryAfter = "1";
        }

        return Results.Json(new WebhookResponse(answer.Outcome), WebhookJson.Default.WebhookResponse, statusCode: answer.Status);
    }

    private static async Task<WebhookAnswer> AnswerAsync(
        string botName, string key, HttpRequest request, RouterConfiguration configuration, WebhookLimiter limiter, IMediator mediator, ILogger logger, CancellationToken cancellationToken)
    {
        var (bot, right) = Find(configuration, botName, key);
        if (bot is null)
        {
            return new WebhookAnswer(404, "unknown-bot");
        }

        if (!right)
        {
            return new WebhookAnswer(401, "wrong-key");
        }

        if (!limiter.Allows(bot))
        {
            return new WebhookAnswer(429, "rate-limited");
        }

        if (request.ContentLength > MaxBody)
        {
            return new WebhookAnswer(413, "too-large");
        }

        var buffer = ArrayPool<byte>.Shared.Rent((int)(request.ContentLength ?? 16 * 1024) + 1);
        try
        {
            var length = 0;
            while (true)
            {
                var read = await request.Body.ReadAsync(buffer.AsMemory(length), cancellationToken);
                if (read == 0)
                {
                    break;
                }

                length += read;
                if (length > MaxBody)
                {
                    return new WebhookAnswer(413, "too-large");
                }

                if (length == buffer.Length)
                {
                    var larger = ArrayPool<byte>.Shared.Rent(buffer.Length * 2);
                    buffer.AsSpan(0, length).CopyTo(larger);
                    ArrayPool<byte>.Shared.Return(buffer);
                    buffer = larger;
                }
            }

            var prefix = configuration.Options.Chat.HeaderPrefix;
            return await mediator.Send(
                new ReceiveWebhook(
                    bot,
                    buffer.AsMemory(0, length),
                    Header(request, prefix + "Signature"),
                    Header(request, prefix + "Timestamp"),
                    Header(request, prefix + "Delivery"),
                    long.TryParse(request.Query["account"], NumberStyles.None, CultureInfo.InvariantCulture, out var account) ? account : null),
                cancellationToken);
        }
        catch (StoreOverloadedException)
        {
            return new WebhookAnswer(429, "overloaded");
        }
        catch (StoreUnavailableException ex)
        {
            // 500, not 503: newer chat versions repeat a delivery on 429 and 500 only.
            WebhookLog.NotStored(logger, ex, bot.Name);
            return new WebhookAnswer(500, "not-stored");
        }
        catch (BadHttpRequestException ex)
        {
            return new WebhookAnswer(ex.StatusCode, "unreadable");
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static string? Header(HttpRequest request, string name) =>
        request.Headers.TryGetValue(name, out var values) && values.Count == 1 ? values[0] : null;

    /// <summary>Compares in constant time, by digests of equal length, and always against both keys.</summary>
    private static (Bot? Bot, bool Right) Find(RouterConfiguration configuration, string name, string key) =>
        configuration.Bots.TryGetValue(name, out var bot) ? (bot, bot.HasKey(key)) : (null, false);
}

internal sealed record WebhookResponse(string Outcome);

[System.Text.Json.Serialization.JsonSourceGenerationOptions(PropertyNamingPolicy = System.Text.Json.Serialization.JsonKnownNamingPolicy.CamelCase)]
[System.Text.Json.Serialization.JsonSerializable(typeof(WebhookResponse))]
internal sealed partial class WebhookJson : System.Text.Json.Serialization.JsonSerializerContext;

internal static partial class WebhookLog
{
    [LoggerMessage(8001, LogLevel.Error, "An event for bot {Bot} could not be stored and was answered with 500, so that the chat sends it again")]
    public static partial void NotStored(ILogger logger, Exception exception, string bot);
}

/// <summary>Requests a second for each bot, so that one bot's flood leaves the others alone.</summary>
internal sealed class WebhookLimiter : IDisposable
{
    private readonly ConcurrentDictionary<(string Bot, int Limit), RateLimiter> _limiters = new();

    public bool Allows(Bot bot)
    {
        var limiter = _limiters.GetOrAdd((bot.Name, bot.Options.Limits.RequestsPerSecond), key => new SlidingWindowRateLimiter(new SlidingWindowRateLimiterOptions
        {
            PermitLimit = key.Limit,
            Window = TimeSpan.FromSeconds(1),
            SegmentsPerWindow = 4,
            AutoReplenishment = true,
        }));
        using var lease = limiter.AttemptAcquire();
        return lease.IsAcquired;
    }

    public void Dispose()
    {
        foreach (var limiter in _limiters.Values)
        {
            limiter.Dispose();
        }
    }
}
