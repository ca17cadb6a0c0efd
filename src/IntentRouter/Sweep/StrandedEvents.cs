using System.Buffers;
using System.Text.Json;
using IntentRouter.Chat;
using IntentRouter.Webhooks;

namespace IntentRouter.Sweep;

/// <summary>
/// Puts what the API shows of a message into the shape of the event that should have come, so that it passes the same reader and gets the same key: should the
/// delivery arrive after all, it is a duplicate. Pure.
/// </summary>
internal static class StrandedEvents
{
    /// <returns>Null when the API's answer is not a conversation's.</returns>
    public static PlatformEvent? Created(long account, WireConversation conversation, WireMessage message)
    {
        if (conversation.Raw.ValueKind != JsonValueKind.Object || message.Raw.ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("event", "message_created");
            Copy(writer, message.Raw, "event", "conversation", "account");
            writer.WriteStartObject("account");
            writer.WriteNumber("id", account);
            writer.WriteEndObject();
            writer.WriteStartObject("conversation");
            Copy(writer, conversation.Raw, "channel");
            if (conversation.Raw.TryGetProperty("meta", out var meta) && meta.ValueKind == JsonValueKind.Object && meta.TryGetProperty("channel", out var channel))
            {
                writer.WritePropertyName("channel");
                channel.WriteTo(writer);
            }

            writer.WriteEndObject();
            writer.WriteEndObject();
        }

        using var document = JsonDocument.Parse(buffer.WrittenMemory);
        return PlatformEventReader.Read(document.RootElement, account);
    }

    private static void Copy(Utf8JsonWriter writer, JsonElement from, params ReadOnlySpan<string> except)
    {
        foreach (var property in from.EnumerateObject())
        {
            if (!except.Contains(property.Name))
            {
                property.WriteTo(writer);
            }
        }
    }
}
