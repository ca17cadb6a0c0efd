using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using IntentRouter.Configuration;
using IntentRouter.Diagnostics;
using IntentRouter.Inbox;
using IntentRouter.Storage;
using MediatR;

namespace IntentRouter.Webhooks;

/// <summary>One delivery to a bot URL.</summary>
/// <param name="AccountFromUrl">The <c>account</c> query value.</param>
internal sealed record ReceiveWebhook(
    Bot Bot, ReadOnlyMemory<byte> Body, string? Signature, string? Timestamp, string? DeliveryId, long? AccountFromUrl) : IRequest<WebhookAnswer>;

/// <summary>What to answer: the HTTP status, and the one word that says why.</summary>
internal sealed record WebhookAnswer(int Status, string Outcome)
{
    public static WebhookAnswer Nothing(string why) => new(200, why);
}

internal sealed class ReceiveWebhookHandler(IEventStore store, ConversationRunners runners, SeenSignatures signatures, RouterTelemetry telemetry, TimeProvider clock)
    : IRequestHandler<ReceiveWebhook, WebhookAnswer>
{
    // The chat gives up after 5 s; a human's word waits this long for a reply that is on the wire, so that none begins after the acknowledgement.
    private static readonly TimeSpan _sendWait = TimeSpan.FromSeconds(2);

    private static readonly JsonDocumentOptions _bounded = new() { MaxDepth = 32 };

    public async Task<WebhookAnswer> Handle(ReceiveWebhook request, CancellationToken cancellationToken)
    {
        if (await RefusalAsync(request, cancellationToken) is { } refusal)
        {
            return refusal;
        }

        // Checked as a whole: what is only copied is not looked at until a turn reads it, which is too late to say no.
        if (!Utf8.IsValid(request.Body.Span))
        {
            return new WebhookAnswer(400, "not-json");
        }

        PlatformEvent? e;
        NewEvent? row;
        string? nothing;
        try
        {
            using var document = JsonDocument.Parse(WithoutByteOrderMark(request.Body), _bounded);
            if (document.RootElement.ValueKind != JsonValueKind.Object)
            {
                return new WebhookAnswer(400, "not-an-object");
            }

            // A bot of one account needs no account in its URL, although OneHash's conversation events name none.
            var account = request.AccountFromUrl ?? (request.Bot.Options.Accounts is [var only] ? only : null);
            e = PlatformEventReader.Read(document.RootElement, account);
            if (e is null)
            {
                return WebhookAnswer.Nothing("no-event");
            }

            (row, nothing) = EventIntake.Admit(request.Bot, e, request.DeliveryId, request.Body.Span);
        }
        catch (Exception ex) when (ex is JsonException or InvalidOperationException or ArgumentException)
        {
            // The latter two: an escape that is half a character. No repetition would make text of it.
            return new WebhookAnswer(400, "not-json");
        }

        telemetry.EventReceived(request.Bot.Name, e);
        if (row is null)
        {
            return WebhookAnswer.Nothing(nothing!);
        }

        var appended = await store.AppendAsync(row with { TraceParent = Activity.Current?.Id, StartsAtOnce = runners.MayStart }, cancellationToken);
        CrashPoint.Hit("appended");
        if (appended.Claim is { } claim)
        {
            runners.Wake(claim, appended.Loaded);
        }

        if (appended.SendInFlight && row.Signal is EventSignal.HumanSteppedIn or EventSignal.HumanSpokeOutside or EventSignal.NotPending)
        {
            await store.WaitForSendsAsync(row.Conversation, _sendWait, cancellationToken);
        }

        return new WebhookAnswer(200, appended.Stored ? "stored" : "duplicate");
    }

    /// <summary>Some proxies that rewrite bodies put one in front.</summary>
    private static ReadOnlyMemory<byte> WithoutByteOrderMark(ReadOnlyMemory<byte> body) =>
        body.Span.StartsWith(Encoding.UTF8.Preamble) ? body[Encoding.UTF8.Preamble.Length..] : body;

    private async Task<WebhookAnswer?> RefusalAsync(ReceiveWebhook request, CancellationToken cancellationToken)
    {
        var options = request.Bot.Options;
        if (options.WebhookSecret is null || options.Signature == SignatureMode.Off)
        {
            return null;
        }

        if (request.Signature is null)
        {
            return options.Signature == SignatureMode.Required || await signatures.WasSeenAsync(request.Bot.Name, cancellationToken)
                ? new WebhookAnswer(401, "signature-missing")
                : null;
        }

        string[] secrets = options.PreviousWebhookSecret is { } previous ? [options.WebhookSecret, previous] : [options.WebhookSecret];
        if (!WebhookSignature.IsValid(secrets, request.Timestamp, request.Signature, request.Body.Span, clock.GetUtcNow()))
        {
            return new WebhookAnswer(401, "signature-wrong");
        }

        await signatures.SawAsync(request.Bot.Name, cancellationToken);
        return null;
    }
}

/// <summary>Remembers that a bot's chat signs its deliveries: from then on an unsigned one is refused (no downgrade). Shared by replicas through the store.</summary>
internal sealed class SeenSignatures(IEventStore store)
{
    private const string Area = "signature-seen";
    private readonly ConcurrentDictionary<string, bool> _seen = new();

    public async ValueTask<bool> WasSeenAsync(string bot, CancellationToken cancellationToken)
    {
        // Only "seen" is cached: another replica may be the first to see one.
        if (_seen.ContainsKey(bot))
        {
            return true;
        }

        var seen = await store.GetAsync(Area, bot, cancellationToken) is not null;
        if (seen)
        {
            _seen[bot] = true;
        }

        return seen;
    }

    public async ValueTask SawAsync(string bot, CancellationToken cancellationToken)
    {
        if (!_seen.ContainsKey(bot))
        {
            await store.PutAsync(Area, bot, "1", null, cancellationToken);
            _seen[bot] = true;
        }
    }
}
