using System.Globalization;
using System.Text.Json;

namespace IntentRouter.Playground;

/// <summary>The JSON shapes of people, messages and conversations as events carry them.</summary>
internal static class WireShapes
{
    public static string Iso(DateTimeOffset at) =>
        at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    public static void Ref(Utf8JsonWriter w, string name, long id, string text)
    {
        w.WriteStartObject(name);
        w.WriteNumber("id", id);
        w.WriteString("name", text);
        w.WriteEndObject();
    }

    public static void Element(Utf8JsonWriter w, string name, JsonElement value)
    {
        w.WritePropertyName(name);
        value.WriteTo(w);
    }

    /// <summary>Sender of an incoming message: with the account, without a type.</summary>
    public static void ContactWebhook(Utf8JsonWriter w, PlaygroundContact contact)
    {
        Ref(w, "account", contact.Account.Id, contact.Account.Name);
        Element(w, "additional_attributes", contact.AdditionalAttributes);
        w.WriteString("avatar", "");
        ContactCore(w, contact);
    }

    public static void ContactPush(Utf8JsonWriter w, PlaygroundContact contact)
    {
        Element(w, "additional_attributes", contact.AdditionalAttributes);
        ContactCore(w, contact);
        w.WriteString("type", "contact");
    }

    private static void ContactCore(Utf8JsonWriter w, PlaygroundContact contact)
    {
        Element(w, "custom_attributes", contact.CustomAttributes);
        w.WriteString("email", contact.Email);
        w.WriteNumber("id", contact.Id);
        w.WriteString("identifier", contact.Identifier);
        w.WriteString("name", contact.Name);
        w.WriteString("phone_number", contact.PhoneNumber);
        w.WriteString("thumbnail", "");
        w.WriteBoolean("blocked", contact.Blocked);
    }

    public static void UserPush(Utf8JsonWriter w, PlaygroundUser user)
    {
        w.WriteNumber("id", user.Id);
        w.WriteString("name", user.Name);
        w.WriteString("available_name", user.AvailableName);
        w.WriteString("avatar_url", "");
        w.WriteString("type", "user");
        w.WriteString("availability_status", "online");
        w.WriteString("thumbnail", "");
    }

    public static void BotPush(Utf8JsonWriter w, PlaygroundBot bot)
    {
        w.WriteNumber("id", bot.Id);
        w.WriteString("name", bot.Name);
        w.WriteString("avatar_url", "");
        w.WriteString("type", "agent_bot");
    }

    /// <summary>The push shape of whoever wrote the message; nothing when nobody did.</summary>
    public static void SenderPush(Utf8JsonWriter w, PlaygroundMessage message)
    {
        if (message is { Contact: null, User: null, Bot: null })
        {
            return;
        }

        w.WriteStartObject("sender");
        if (message.Contact is { } contact)
        {
            ContactPush(w, contact);
        }
        else if (message.User is { } user)
        {
            UserPush(w, user);
        }
        else
        {
            BotPush(w, message.Bot!);
        }

        w.WriteEndObject();
    }

    public static void SenderWebhook(Utf8JsonWriter w, PlaygroundMessage message)
    {
        if (message.Contact is { } contact)
        {
            w.WriteStartObject("sender");
            ContactWebhook(w, contact);
            w.WriteEndObject();
        }
        else if (message.User is { } user)
        {
            w.WriteStartObject("sender");
            w.WriteNumber("id", user.Id);
            w.WriteString("name", user.Name);
            w.WriteString("email", user.Email);
            w.WriteString("type", "user");
            w.WriteEndObject();
        }
        else if (message.Bot is { } bot)
        {
            w.WriteStartObject("sender");
            w.WriteNumber("id", bot.Id);
            w.WriteString("name", bot.Name);
            w.WriteString("type", "agent_bot");
            w.WriteEndObject();
        }
        else
        {
            w.WriteNull("sender");
        }
    }

    public static void Attachments(Utf8JsonWriter w, PlaygroundMessage message)
    {
        if (message.Attachments.Count == 0)
        {
            return;
        }

        w.WriteStartArray("attachments");
        foreach (var attachment in message.Attachments)
        {
            w.WriteStartObject();
            w.WriteNumber("id", attachment.Id);
            w.WriteNumber("message_id", message.Id);
            w.WriteString("file_type", attachment.Kind.Wire());
            w.WriteNumber("account_id", message.Conversation.Account.Id);
            switch (attachment.Kind)
            {
                case AttachmentKind.Location:
                    w.WriteNumber("coordinates_lat", attachment.Latitude ?? 0);
                    w.WriteNumber("coordinates_long", attachment.Longitude ?? 0);
                    w.WriteString("fallback_title", attachment.FileName);
                    w.WriteString("data_url", attachment.DataUrl);
                    break;
                case AttachmentKind.Contact:
                    w.WriteString("fallback_title", attachment.FileName);
                    w.WriteStartObject("meta");
                    w.WriteEndObject();
                    break;
                default:
                    var url = attachment.DataUrl ?? $"https://chat.example.com/rails/active_storage/blobs/redirect/SIGNED/{Uri.EscapeDataString(attachment.FileName)}";
                    w.WriteNull("extension");
                    w.WriteString("data_url", url);
                    w.WriteString("thumb_url", attachment.Kind == AttachmentKind.Image ? url.Replace("/blobs/", "/representations/", StringComparison.Ordinal) : "");
                    w.WriteNumber("file_size", attachment.FileSize);
                    if (attachment.Kind == AttachmentKind.Image)
                    {
                        w.WriteNumber("width", 1200);
                        w.WriteNumber("height", 1600);
                    }
                    else
                    {
                        w.WriteNull("width");
                        w.WriteNull("height");
                    }

                    break;
            }

            w.WriteEndObject();
        }

        w.WriteEndArray();
    }

    public static long Epoch(DateTimeOffset? at) => at?.ToUnixTimeSeconds() ?? 0;

    public static double FloatEpoch(DateTimeOffset at) => (at - DateTimeOffset.UnixEpoch).Ticks / (double)TimeSpan.TicksPerSecond;
}
