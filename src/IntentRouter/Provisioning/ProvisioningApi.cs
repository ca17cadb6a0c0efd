using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using IntentRouter.Chat;

namespace IntentRouter.Provisioning;

/// <summary>The calls that set bots up: the account API with an administrator's token, the platform API with a platform app's (contract 6).</summary>
internal sealed class ProvisioningApi(ChatConnection connection)
{
    public string? AdminToken => connection.Options.AdminToken is { Length: > 0 } token ? token : null;

    public string? PlatformToken => connection.Options.PlatformToken is { Length: > 0 } token ? token : null;

    public Task<ChatRead<WireVersion>> VersionAsync(CancellationToken cancellationToken) =>
        SendAsync("version", HttpMethod.Get, "api", null, null, ChatJson.Default.WireVersion, cancellationToken);

    /// <summary>Own and global bots of an account; global ones without address and token.</summary>
    public Task<ChatRead<WireBot[]>> ListBotsAsync(long account, CancellationToken cancellationToken) =>
        SendAsync("bots", HttpMethod.Get, Account(account, "agent_bots"), AdminToken, null, ProvisioningJson.Default.WireBotArray, cancellationToken);

    public Task<ChatRead<WireBot>> CreateBotAsync(long account, string name, string? description, string url, CancellationToken cancellationToken) =>
        SendAsync("bots", HttpMethod.Post, Account(account, "agent_bots"), AdminToken, Bot(name, description, url, null), ProvisioningJson.Default.WireBot, cancellationToken);

    public Task<ChatRead<WireBot>> UpdateBotAsync(long account, long bot, string url, CancellationToken cancellationToken) =>
        SendAsync("bots", HttpMethod.Patch, Account(account, $"agent_bots/{bot}"), AdminToken, ChatApi.Body(w => w.WriteString("outgoing_url", url)), ProvisioningJson.Default.WireBot, cancellationToken);

    /// <summary>From 4.3 on, not in OneHash's 4.2.</summary>
    public Task<ChatRead<WireBot>> ResetTokenAsync(long account, long bot, CancellationToken cancellationToken) =>
        SendAsync("bots", HttpMethod.Post, Account(account, $"agent_bots/{bot}/reset_access_token"), AdminToken, ChatApi.Body(_ => { }), ProvisioningJson.Default.WireBot, cancellationToken);

    /// <summary>From 4.13 on.</summary>
    public Task<ChatRead<WireBot>> ResetSecretAsync(long account, long bot, CancellationToken cancellationToken) =>
        SendAsync("bots", HttpMethod.Post, Account(account, $"agent_bots/{bot}/reset_secret"), AdminToken, ChatApi.Body(_ => { }), ProvisioningJson.Default.WireBot, cancellationToken);

    /// <summary>Bots that the platform app created or was granted. Before 4.14 it fails with 500 once such a bot was deleted elsewhere.</summary>
    public Task<ChatRead<WireBot[]>> ListPlatformBotsAsync(CancellationToken cancellationToken) =>
        SendAsync("platform-bots", HttpMethod.Get, "platform/api/v1/agent_bots", PlatformToken, null, ProvisioningJson.Default.WireBotArray, cancellationToken);

    public Task<ChatRead<WireBot>> ReadPlatformBotAsync(long bot, CancellationToken cancellationToken) =>
        SendAsync("platform-bots", HttpMethod.Get, Platform(bot), PlatformToken, null, ProvisioningJson.Default.WireBot, cancellationToken);

    public Task<ChatRead<WireBot>> CreatePlatformBotAsync(string name, string? description, string url, long? account, CancellationToken cancellationToken) =>
        SendAsync("platform-bots", HttpMethod.Post, "platform/api/v1/agent_bots", PlatformToken, Bot(name, description, url, account), ProvisioningJson.Default.WireBot, cancellationToken);

    public Task<ChatRead<WireBot>> UpdatePlatformBotAsync(long bot, string url, CancellationToken cancellationToken) =>
        SendAsync("platform-bots", HttpMethod.Patch, Platform(bot), PlatformToken, ChatApi.Body(w => w.WriteString("outgoing_url", url)), ProvisioningJson.Default.WireBot, cancellationToken);

    public async Task<ChatRead<WireInbox[]>> ListInboxesAsync(long account, CancellationToken cancellationToken) =>
        (await SendAsync("inboxes", HttpMethod.Get, Account(account, "inboxes"), AdminToken, null, ProvisioningJson.Default.WireInboxes, cancellationToken)).Select(i => i.Payload);

    /// <summary>The bot of an inbox; one without id when there is none.</summary>
    public async Task<ChatRead<WireBot>> InboxBotAsync(long account, long inbox, CancellationToken cancellationToken) =>
        (await SendAsync("inboxes", HttpMethod.Get, Account(account, $"inboxes/{inbox}/agent_bot"), AdminToken, null, ProvisioningJson.Default.WireInboxBot, cancellationToken))
        .Select(i => i.AgentBot ?? new WireBot());

    /// <summary>Makes a bot the inbox's only one, or disconnects whichever is there. Null when it worked.</summary>
    public async Task<ChatRead<string>> ConnectAsync(long account, long inbox, long? bot, CancellationToken cancellationToken)
    {
        if (AdminToken is not { } token)
        {
            return ChatRead.NotConfigured<string>("chat.adminToken is not set.");
        }

        var body = ChatApi.Body(w =>
        {
            w.WritePropertyName("agent_bot");
            JsonSerializer.Serialize(w, bot, ProvisioningJson.Default.NullableInt64);
        });
        var answer = await connection.CallAsync(
            "inboxes", HttpMethod.Post, Account(account, $"inboxes/{inbox}/set_agent_bot"), token, body, long.MaxValue, cancellationToken);

        // Its answer is empty, and 204 in the documentation.
        return answer is ChatAnswer.Answered { Succeeded: true } full
            ? new ChatRead<string>("", null, null, full.ServerTime)
            : ChatRead.Of(answer, ProvisioningJson.Default.String);
    }

    /// <summary>Who a user token belongs to, and their role in each account.</summary>
    public Task<ChatRead<WireProfile>> ProfileAsync(string token, CancellationToken cancellationToken) =>
        SendAsync("profile", HttpMethod.Get, "api/v1/profile", token, null, ProvisioningJson.Default.WireProfile, cancellationToken);

    public Task<ChatRead<WireWebhooks>> ListWebhooksAsync(long account, CancellationToken cancellationToken) =>
        SendAsync("webhooks", HttpMethod.Get, Account(account, "webhooks"), AdminToken, null, ProvisioningJson.Default.WireWebhooks, cancellationToken);

    public Task<ChatRead<WireIntegrations>> ListIntegrationsAsync(long account, CancellationToken cancellationToken) =>
        SendAsync("integrations", HttpMethod.Get, Account(account, "integrations/apps"), AdminToken, null, ProvisioningJson.Default.WireIntegrations, cancellationToken);

    /// <summary>Whether a token may list bots of the platform: then it is a platform app's.</summary>
    public async Task<bool> IsPlatformTokenAsync(string token, CancellationToken cancellationToken) =>
        await connection.CallAsync("platform-bots", HttpMethod.Get, "platform/api/v1/agent_bots", token, null, long.MaxValue, cancellationToken)
            is ChatAnswer.Answered { Status: not (401 or 403 or 404) };

    /// <summary>
    /// Asks with the bot's own token for something harmless: to give the status <c>pending</c> to conversation 0, which never exists. Only a token
    /// that works in the account gets as far as "not found". Null when it works.
    /// </summary>
    public async Task<ChatRead<string>> ProbeBotTokenAsync(long account, string token, CancellationToken cancellationToken)
    {
        var body = ChatApi.Body(w => w.WriteString("status", "pending"));
        var answer = await connection.CallAsync(
            "probe", HttpMethod.Post, Account(account, "conversations/0/toggle_status"), token, body, long.MaxValue, cancellationToken);
        return answer is ChatAnswer.Answered { Status: 404 } full
            ? new ChatRead<string>("", null, null, full.ServerTime)
            : ChatRead.Of(answer, ProvisioningJson.Default.String) is { Problem: null } odd
                ? odd with { Problem = "The chat answered as if conversation 0 existed; chat.baseUrl may lead elsewhere.", Refusal = ChatRefusal.Unexpected }
                : ChatRead.Of(answer, ProvisioningJson.Default.String);
    }

    private async Task<ChatRead<T>> SendAsync<T>(
        string operation, HttpMethod method, string path, string? token, ReadOnlyMemory<byte>? body, JsonTypeInfo<T> type, CancellationToken cancellationToken)
    {
        if (token is null && operation != "version")
        {
            return ChatRead.NotConfigured<T>(operation.StartsWith("platform", StringComparison.Ordinal) ? "chat.platformToken is not set." : "chat.adminToken is not set.");
        }

        return ChatRead.Of(await connection.CallAsync(operation, method, path, token, body, long.MaxValue, cancellationToken), type);
    }

    private static string Account(long account, FormattableString rest) => Account(account, rest.ToString(CultureInfo.InvariantCulture));

    private static string Account(long account, string rest) => string.Create(CultureInfo.InvariantCulture, $"api/v1/accounts/{account}/{rest}");

    private static string Platform(long bot) => string.Create(CultureInfo.InvariantCulture, $"platform/api/v1/agent_bots/{bot}");

    private static ReadOnlyMemory<byte> Bot(string name, string? description, string url, long? account) => ChatApi.Body(w =>
    {
        w.WriteString("name", name);
        if (description is not null)
        {
            w.WriteString("description", description);
        }

        w.WriteString("outgoing_url", url);
        if (account is { } id)
        {
            w.WriteNumber("account_id", id);
        }
    });
}

/// <summary>A bot as either API shows it. Before 4.12 the platform API gives the name in place of the address.</summary>
internal sealed record WireBot
{
    public long Id { get; init; }

    public string? Name { get; init; }

    public string? OutgoingUrl { get; init; }

    public long? AccountId { get; init; }

    public string? AccessToken { get; init; }

    public string? Secret { get; init; }

    public bool? SystemBot { get; init; }
}

internal sealed record WireInboxBot(WireBot? AgentBot);

internal sealed record WireInboxes(WireInbox[]? Payload);

internal sealed record WireInbox
{
    public long Id { get; init; }

    public string? Name { get; init; }

    public string? ChannelType { get; init; }

    public bool? GreetingEnabled { get; init; }

    public bool? EnableEmailCollect { get; init; }

    public bool? WorkingHoursEnabled { get; init; }

    public string? OutOfOfficeMessage { get; init; }
}

internal sealed record WireProfile
{
    public long Id { get; init; }

    public string? Type { get; init; }

    public WireProfileAccount[]? Accounts { get; init; }
}

internal sealed record WireProfileAccount(long Id, string? Name, string? Role);

internal sealed record WireWebhooks(WireWebhookList? Payload);

internal sealed record WireWebhookList(WireWebhook[]? Webhooks);

internal sealed record WireWebhook(string? Url);

internal sealed record WireIntegrations(WireIntegration[]? Payload);

internal sealed record WireIntegration(string? Id, WireHook[]? Hooks);

internal sealed record WireHook(bool? Status, WireHookInbox? Inbox);

internal sealed record WireHookInbox(long? Id, string? Name);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, NumberHandling = JsonNumberHandling.AllowReadingFromString)]
[JsonSerializable(typeof(WireBot))]
[JsonSerializable(typeof(WireBot[]))]
[JsonSerializable(typeof(WireInboxBot))]
[JsonSerializable(typeof(WireInboxes))]
[JsonSerializable(typeof(WireProfile))]
[JsonSerializable(typeof(WireWebhooks))]
[JsonSerializable(typeof(WireIntegrations))]
[JsonSerializable(typeof(long?))]
[JsonSerializable(typeof(string))]
internal sealed partial class ProvisioningJson : JsonSerializerContext;
