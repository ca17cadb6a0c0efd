using System.Globalization;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using IntentRouter.Configuration;

namespace IntentRouter.Fulfillment;

/// <summary>
/// Orders and bookings that the chat itself keeps of the contact. The chat knows them by the contact; of these, only rows that agree with every slot
/// are found, so that a known fact is proven here as in any other lookup.
/// </summary>
internal sealed partial class OneHashLookup(string name, LookupOptions options, ChatOptions chat, FulfillmentHttp http, TimeProvider clock, ILogger logger) : ILookup
{
    private static readonly Dictionary<string, string[]> _orderFields = new(StringComparer.OrdinalIgnoreCase)
    {
        ["order_number"] = ["name", "id"],
        ["order"] = ["name", "id"],
        ["number"] = ["name", "id"],
        ["name"] = ["name"],
        ["id"] = ["id"],
        ["email"] = ["email", "contact_email", "billing_address.email", "shipping_address.email"],
        ["postcode"] = ["shipping_address.zip", "billing_address.zip"],
        ["zip"] = ["shipping_address.zip", "billing_address.zip"],
        ["phone"] = ["phone", "shipping_address.phone", "billing_address.phone"],
    };

    private static readonly Dictionary<string, string[]> _bookingFields = new(StringComparer.OrdinalIgnoreCase)
    {
        ["booking_code"] = ["booking_uid", "id"],
        ["booking"] = ["booking_uid", "id"],
        ["code"] = ["booking_uid", "id"],
        ["id"] = ["id"],
        ["date"] = ["booking_startTime"],
        ["host"] = ["host_name"],
    };

    private readonly bool _areOrders = options.Kind == "onehash-orders";

    /// <summary>Slot names that a lookup of this kind can compare.</summary>
    public static IReadOnlyCollection<string> SlotsOf(string kind) => kind == "onehash-orders" ? _orderFields.Keys : _bookingFields.Keys;

    public async Task<LookupOutcome> FindAsync(LookupCall call, CancellationToken cancellationToken)
    {
        if (string.IsNullOrEmpty(chat.AdminToken) || chat.BaseUrl is null)
        {
            return new LookupOutcome.Failed(LookupFailure.NotConfigured);
        }

        if (call.ContactId <= 0)
        {
            return new LookupOutcome.NotFound();
        }

        using var limit = new CancellationTokenSource(options.Timeout, clock);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        HttpAnswer answer;
        try
        {
            answer = await AskAsync(call, both.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new LookupOutcome.Failed(LookupFailure.TimedOut);
        }
        catch (Exception ex) when (ex is HttpRequestException or IOException or SocketException)
        {
            return new LookupOutcome.Failed(LookupFailure.Unreachable);
        }

        if (answer.IsGood)
        {
            return Read(answer.Body, call.Slots);
        }

        LogFailed(name, (int)answer.Status);
        return new LookupOutcome.Failed((int)answer.Status >= 500 ? LookupFailure.Unreachable : LookupFailure.Refused);
    }

    private async Task<HttpAnswer> AskAsync(LookupCall call, CancellationToken cancellationToken)
    {
        var path = string.Create(CultureInfo.InvariantCulture, $"{chat.BaseUrl!.TrimEnd('/')}/api/v1/accounts/{call.Account}/contacts/{call.ContactId}/{(_areOrders ? "orders" : "bookings")}");
        for (var attempt = 0; ; attempt++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path);
            // Proxies drop header names with underscores.
            request.Headers.TryAddWithoutValidation("Api-Access-Token", chat.AdminToken);
            try
            {
                // The chat is ours wherever it stands.
                var answer = await http.SendAsync(request, allowPrivate: true, options.MaxSize, cancellationToken).ConfigureAwait(false);
                if ((int)answer.Status < 500 || attempt >= options.Retries)
                {
                    return answer;
                }
            }
            catch (HttpRequestException) when (attempt < options.Retries)
            {
            }
        }
    }

    private LookupOutcome Read(byte[]? body, IReadOnlyDictionary<string, string> slots)
    {
        if (body is null)
        {
            return new LookupOutcome.Failed(LookupFailure.TooLarge);
        }

        var rows = HttpRows.Read(body, _areOrders ? JsonPath.Parse("$.orders[*]") : null, int.MaxValue);
        if (rows is null)
        {
            return new LookupOutcome.Failed(LookupFailure.Unreadable);
        }

        var fields = _areOrders ? _orderFields : _bookingFields;
        List<JsonObject> found = [.. rows.Where(r => slots.All(s => fields.TryGetValue(s.Key, out var candidates) && candidates.Any(f => Agrees(r, f, s.Value)))).Take(options.MaxRows)];
        return found.Count == 0 ? new LookupOutcome.NotFound() : new LookupOutcome.Found(found);
    }

    private static bool Agrees(JsonObject row, string field, string said)
    {
        JsonNode? node = row;
        foreach (var part in field.Split('.'))
        {
            node = node is JsonObject map && map.TryGetPropertyValue(part, out var value) ? value : null;
        }

        var known = Plain(node?.ToString() ?? "");
        // A moment agrees with its day.
        return known.Length > 0 && (known == Plain(said) || (field.EndsWith("Time", StringComparison.Ordinal) && said.Length == 10 && known.StartsWith(Plain(said), StringComparison.Ordinal)));
    }

    private static string Plain(string value) => string.Concat(value.Where(c => !char.IsWhiteSpace(c) && c != '#')).ToUpperInvariant();

    [LoggerMessage(5004, LogLevel.Warning, "Lookup {Lookup}: the chat answered {Status}")]
    private partial void LogFailed(string lookup, int status);
}
