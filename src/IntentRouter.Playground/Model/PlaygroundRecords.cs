using System.Globalization;
using System.Text.Json;

namespace IntentRouter.Playground;

/// <summary>A contact's order in OneHash's Shopify copy.</summary>
public sealed record PlaygroundOrder
{
    public required long Id { get; init; }

    /// <summary>The number that customers know; null shows the id with a hash.</summary>
    public string? Name { get; init; }

    public string FinancialStatus { get; init; } = "paid";

    public string? FulfillmentStatus { get; init; } = "fulfilled";

    public string Currency { get; init; } = "EUR";

    public string TotalPrice { get; init; } = "59.90";

    public string? StatusUrl { get; init; }

    public string? CancelReason { get; init; }

    public DateTimeOffset? CancelledAt { get; init; }

    public IReadOnlyList<string> Items { get; init; } = ["Rain jacket"];

    public DateTimeOffset CreatedAt { get; init; } = new(2025, 9, 8, 9, 0, 0, TimeSpan.Zero);

    internal JsonElement Wire(PlaygroundContact contact) => JsonDocument.Parse(Json.Write(w =>
    {
        w.WriteStartObject();
        w.WriteNumber("id", Id);
        w.WriteString("name", Name ?? string.Create(CultureInfo.InvariantCulture, $"#{Id}"));
        w.WriteNumber("customer_id", contact.Id);
        w.WriteString("financial_status", FinancialStatus);
        w.WriteString("fulfillment_status", FulfillmentStatus);
        w.WriteString("currency", Currency);
        w.WriteString("subtotal_price", TotalPrice);
        w.WriteString("total_price", TotalPrice);
        w.WriteString("total_tax", "0.00");
        w.WriteStartArray("line_items");
        foreach (var item in Items)
        {
            w.WriteStartObject();
            w.WriteString("title", item);
            w.WriteNumber("quantity", 1);
            w.WriteEndObject();
        }

        w.WriteEndArray();
        w.WriteStartArray("shipping_lines");
        w.WriteEndArray();
        w.WriteNull("shipping_address");
        w.WriteNull("billing_address");
        w.WriteStartArray("refunds");
        w.WriteEndArray();
        w.WriteString("order_status_url", StatusUrl);
        w.WriteString("tags", "");
        w.WriteNull("note");
        w.WriteString("cancel_reason", CancelReason);
        w.WriteString("cancelled_at", CancelledAt is { } at ? WireShapes.Iso(at) : null);
        w.WriteString("created_at", WireShapes.Iso(CreatedAt));
        w.WriteString("updated_at", WireShapes.Iso(CreatedAt));
        w.WriteEndObject();
    })).RootElement;
}

/// <summary>A contact's booking in OneHash's Cal copy.</summary>
public sealed record PlaygroundBooking
{
    public required long Id { get; init; }

    /// <summary>Agents see only the bookings they host.</summary>
    public PlaygroundUser? Host { get; init; }

    public string Location { get; init; } = "https://meet.example.com/room";

    public string EventType { get; init; } = "Fitting appointment";

    public string Uid { get; init; } = "bk-20117";

    public required DateTimeOffset StartsAt { get; init; }

    public TimeSpan Length { get; init; } = TimeSpan.FromMinutes(30);

    internal JsonElement Wire(PlaygroundContact contact) => JsonDocument.Parse(Json.Write(w =>
    {
        w.WriteStartObject();
        w.WriteNumber("id", Id);
        w.WriteNumber("user_id", Host?.Id ?? 0);
        w.WriteNumber("contact_id", contact.Id);
        w.WriteNumber("account_id", contact.Account.Id);
        w.WriteString("host_name", Host?.Name ?? "");
        w.WriteString("booking_location", Location);
        w.WriteString("booking_eventtype", EventType);
        w.WriteString("booking_uid", Uid);
        w.WriteString("booking_startTime", WireShapes.Iso(StartsAt));
        w.WriteString("booking_endTime", WireShapes.Iso(StartsAt + Length));
        w.WriteString("created_at", WireShapes.Iso(contact.CreatedAt));
        w.WriteString("updated_at", WireShapes.Iso(contact.CreatedAt));
        w.WriteEndObject();
    })).RootElement;
}
