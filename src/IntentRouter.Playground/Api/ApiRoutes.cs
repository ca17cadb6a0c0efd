using static IntentRouter.Playground.PlaygroundEndpoint;

namespace IntentRouter.Playground;

/// <summary>One call of the API: who may make it and since when.</summary>
internal sealed record ApiRoute(string Method, string Pattern, PlaygroundEndpoint Endpoint, Func<ApiCall, ApiAnswer> Handler)
{
    /// <summary>Since when a bot token may call; null means never.</summary>
    public PlaygroundVersion? Bots { get; init; }

    /// <summary>Since when the route exists at all.</summary>
    public PlaygroundVersion? Since { get; init; }

    public bool AdministratorsOnly { get; init; }

    public bool OneHashOnly { get; init; }
}

/// <summary>The table of the API. Paths are relative to the prefix under which the playground is mounted.</summary>
internal static class ApiRoutes
{
    private const string InAccount = "/api/v1/accounts/{account}";
    private const string InConversation = InAccount + "/conversations/{cid}";
    private const string OnPlatform = "/platform/api/v1";

    private static readonly PlaygroundVersion _always = new(0, 0, 0);

    public static IReadOnlyList<ApiRoute> OfAccounts { get; } =
    [
        new("POST", InConversation + "/messages", CreateMessage, BotCalls.CreateMessage) { Bots = _always },
        new("POST", InConversation + "/toggle_status", ToggleStatus, BotCalls.ToggleStatus) { Bots = _always },
        new("POST", InAccount + "/conversations", CreateConversation, BotCalls.Create) { Bots = _always },
        new("POST", InConversation + "/toggle_priority", TogglePriority, BotCalls.TogglePriority) { Bots = new(3, 6, 0) },
        new("POST", InConversation + "/assignments", Assign, BotCalls.Assign) { Bots = new(3, 6, 0) },
        new("PATCH", InConversation, UpdateConversation, BotCalls.Update) { Bots = new(3, 7, 0) },
        new("POST", InConversation + "/custom_attributes", CustomAttributes, BotCalls.SetCustomAttributes) { Bots = new(4, 2, 0) },
        new("POST", InConversation + "/toggle_typing_status", ToggleTyping, BotCalls.Typing) { Bots = new(4, 12, 0) },
        new("GET", InConversation, ReadConversation, BotCalls.Read) { Bots = new(4, 14, 2) },
        new("GET", InConversation + "/labels", Labels, BotCalls.Labels) { Bots = new(4, 14, 2) },
        new("POST", InConversation + "/labels", Labels, BotCalls.SetLabels) { Bots = new(4, 14, 2) },
        new("POST", InConversation + "/destroy_custom_attributes", CustomAttributes, BotCalls.DestroyCustomAttributes) { Since = new(4, 3, 0) },
        new("GET", InConversation + "/messages", ListMessages, DeskCalls.ListMessages),
        new("DELETE", InConversation + "/messages/{id}", DeleteMessage, DeskCalls.DeleteMessage),
        new("GET", InAccount + "/conversations", ListConversations, DeskCalls.ListConversations),
        new("GET", InAccount + "/conversations/meta", ListConversations, DeskCalls.ConversationCounts),
        new("GET", InAccount + "/contacts", Contacts, DeskCalls.ListContacts),
        new("GET", InAccount + "/contacts/search", Contacts, DeskCalls.SearchContacts),
        new("GET", InAccount + "/contacts/{id}", Contacts, DeskCalls.ReadContact),
        new("PUT", InAccount + "/contacts/{id}", Contacts, DeskCalls.UpdateContact),
        new("PATCH", InAccount + "/contacts/{id}", Contacts, DeskCalls.UpdateContact),
        new("GET", InAccount + "/contacts/{id}/conversations", Contacts, DeskCalls.ContactConversations),
        new("GET", InAccount + "/contacts/{id}/orders", Orders, DeskCalls.Orders) { OneHashOnly = true },
        new("GET", InAccount + "/contacts/{id}/bookings", Bookings, DeskCalls.Bookings) { OneHashOnly = true },
        new("GET", InAccount + "/inboxes", Inboxes, DeskCalls.ListInboxes),
        new("GET", InAccount + "/inboxes/{id}", Inboxes, DeskCalls.ReadInbox),
        new("GET", InAccount + "/inboxes/{id}/agent_bot", ConnectBot, DeskCalls.InboxBot),
        new("POST", InAccount + "/inboxes/{id}/set_agent_bot", ConnectBot, DeskCalls.ConnectBot) { AdministratorsOnly = true },
        new("GET", InAccount + "/agent_bots", AgentBots, DeskCalls.ListBots),
        new("POST", InAccount + "/agent_bots", AgentBots, DeskCalls.CreateBot) { AdministratorsOnly = true },
        new("GET", InAccount + "/agent_bots/{id}", AgentBots, DeskCalls.ReadBot),
        new("PATCH", InAccount + "/agent_bots/{id}", AgentBots, DeskCalls.UpdateBot) { AdministratorsOnly = true },
        new("DELETE", InAccount + "/agent_bots/{id}", AgentBots, DeskCalls.DeleteBot) { AdministratorsOnly = true },
        new("POST", InAccount + "/agent_bots/{id}/reset_access_token", AgentBots, DeskCalls.ResetBotToken) { AdministratorsOnly = true, Since = new(4, 3, 0) },
        new("POST", InAccount + "/agent_bots/{id}/reset_secret", AgentBots, DeskCalls.ResetBotSecret) { AdministratorsOnly = true, Since = new(4, 13, 0) },
        new("GET", InAccount + "/agents", Agents, DeskCalls.ListAgents),
        new("GET", InAccount + "/teams", Teams, DeskCalls.ListTeams),
        new("GET", InAccount + "/teams/{id}", Teams, DeskCalls.ReadTeam),
        new("GET", InAccount + "/webhooks", Webhooks, DeskCalls.ListWebhooks) { AdministratorsOnly = true },
        new("POST", InAccount + "/webhooks", Webhooks, DeskCalls.CreateWebhook) { AdministratorsOnly = true },
        new("GET", InAccount + "/integrations/apps", Integrations, DeskCalls.ListIntegrations),
        new("GET", "/api/v1/profile", Profile, DeskCalls.Profile),
    ];

    public static IReadOnlyList<ApiRoute> OfPlatform { get; } =
    [
        new("GET", OnPlatform + "/agent_bots", Platform, PlatformCalls.ListBots),
        new("POST", OnPlatform + "/agent_bots", Platform, PlatformCalls.CreateBot),
        new("GET", OnPlatform + "/agent_bots/{id}", Platform, PlatformCalls.ReadBot),
        new("PATCH", OnPlatform + "/agent_bots/{id}", Platform, PlatformCalls.UpdateBot),
        new("DELETE", OnPlatform + "/agent_bots/{id}", Platform, PlatformCalls.DeleteBot),
        new("POST", OnPlatform + "/users", Platform, PlatformCalls.CreateUser),
        new("GET", OnPlatform + "/users/{id}", Platform, PlatformCalls.ReadUser),
        new("POST", OnPlatform + "/users/{id}/token", Platform, PlatformCalls.UserToken) { Since = new(4, 3, 0) },
        new("POST", OnPlatform + "/accounts", Platform, PlatformCalls.CreateAccount),
        new("GET", OnPlatform + "/accounts/{account}", Platform, PlatformCalls.ReadAccount),
        new("GET", OnPlatform + "/accounts/{account}/account_users", Platform, PlatformCalls.ListAccountUsers),
        new("POST", OnPlatform + "/accounts/{account}/account_users", Platform, PlatformCalls.CreateAccountUser),
    ];
}
