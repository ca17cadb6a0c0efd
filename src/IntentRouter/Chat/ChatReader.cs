using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace IntentRouter.Chat;

/// <summary>Reads from the chat. Reading changes nothing, so a failure only says that nothing is known. Thread-safe.</summary>
internal sealed class ChatReader(ChatConnection connection)
{
    /// <summary>Whether reading what only people may read is possible at all.</summary>
    public bool HasAdminToken => connection.Options.AdminToken is { Length: > 0 };

    public string Installation => ChatInstallation.Of(connection.Options);

    /// <summary><c>GET /api</c>, without credentials.</summary>
    public Task<ChatRead<WireVersion>> VersionAsync(CancellationToken cancellationToken) =>
        GetAsync("version", "api", null, ChatJson.Default.WireVersion, cancellationToken);

    /// <summary>One page (25) of pending conversations of an account, by their latest activity; pages count from 1.</summary>
    public async Task<ChatRead<IReadOnlyList<WireConversation>>> ListPendingAsync(long account, int page, bool oldestFirst, CancellationToken cancellationToken)
    {
        var path = string.Create(
            CultureInfo.InvariantCulture,
            $"api/v1/accounts/{account}/conversations?status=pending&assignee_type=all&sort_by=last_activity_at_{(oldestFirst ? "asc" : "desc")}&page={page}");
        var read = await GetAsync("list", path, connection.Options.AdminToken ?? "", ChatJson.Default.JsonElement, cancellationToken);
        return read.Select<IReadOnlyList<WireConversation>>(answer =>
            answer.ValueKind == JsonValueKind.Object && answer.TryGetProperty("data", out var data) && data.ValueKind == JsonValueKind.Object
            && data.TryGetProperty("payload", out var payload) && payload.ValueKind == JsonValueKind.Array
                ? [.. payload.EnumerateArray().Select(Conversation).OfType<WireConversation>()]
                : null);
    }

    /// <summary>Messages of a conversation, oldest first: the latest 20, or the 20 before a message.</summary>
    public async Task<ChatRead<IReadOnlyList<WireMessage>>> ListMessagesAsync(long account, long conversation, long? before, CancellationToken cancellationToken)
    {
        var path = string.Create(
            CultureInfo.InvariantCulture, $"api/v1/accounts/{account}/conversations/{conversation}/messages{(before is { } id ? $"?before={id}" : "")}");
        var read = await GetAsync("messages", path, connection.Options.AdminToken ?? "", ChatJson.Default.JsonElement, cancellationToken);
        return read.Select<IReadOnlyList<WireMessage>>(list =>
            list.ValueKind == JsonValueKind.Object && list.TryGetProperty("payload", out var payload) && payload.ValueKind == JsonValueKind.Array
                ? [.. payload.EnumerateArray().Select(Message).OfType<WireMessage>().OrderBy(m => m.Id)]
                : null);
    }

    /// <summary>One conversation, with the administrator's token or (4.14.2 and later) with a bot's.</summary>
    public async Task<ChatRead<WireConversation>> ShowAsync(long account, long conversation, string token, CancellationToken cancellationToken)
    {
        var path = string.Create(CultureInfo.InvariantCulture, $"api/v1/accounts/{account}/conversations/{conversation}");
        var read = await GetAsync("show", path, token, ChatJson.Default.JsonElement, cancellationToken);
        return read.Select(Conversation);
    }

    private async Task<ChatRead<T>> GetAsync<T>(string operation, string path, string? token, JsonTypeInfo<T> type, CancellationToken cancellationToken)
    {
        if (token is "")
        {
            return ChatRead.NotConfigured<T>("chat.adminToken is not set.");
        }

        return ChatRead.Of(await connection.CallAsync(operation, HttpMethod.Get, path, token, null, long.MaxValue, cancellationToken), type);
    }

    private static WireMessage? Message(JsonElement element)
    {
        try
        {
            return element.ValueKind == JsonValueKind.Object ? element.Deserialize(ChatJson.Default.WireMessage)! with { Raw = element.Clone() } : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static WireConversation? Conversation(JsonElement element)
    {
        try
        {
            return element.ValueKind == JsonValueKind.Object ? element.Deserialize(ChatJson.Default.WireConversation)! with { Raw = element.Clone() } : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
