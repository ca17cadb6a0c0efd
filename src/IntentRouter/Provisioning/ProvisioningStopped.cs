using IntentRouter.Chat;

namespace IntentRouter.Provisioning;

/// <summary>A provisioning step that cannot go on: what happened, what to do, and the exit code (1 finding, 2 usage or configuration, 3 outside system).</summary>
internal sealed class ProvisioningStopped(int exitCode, string message, string remedy) : Exception(message)
{
    public int ExitCode { get; } = exitCode;

    public string Remedy { get; } = remedy;

    public static ProvisioningStopped Finding(string message, string remedy) => new(1, message, remedy);

    public static ProvisioningStopped Usage(string message, string remedy) => new(2, message, remedy);

    /// <summary>The chat did not do it.</summary>
    public static ProvisioningStopped Chat(string what, ChatRefusal? refusal, string? problem) => refusal switch
    {
        ChatRefusal.NotConfigured => new ProvisioningStopped(2, $"{what}: {problem}", "Add the setting, or use --console to print the steps for the Rails console instead."),
        ChatRefusal.NotForBots => new ProvisioningStopped(2, $"{what}: the token is not a user's.", "chat.adminToken must be the access token of an administrator (profile page of the chat), not a bot's, a platform app's or a super admin's."),
        ChatRefusal.RoleTooLow => new ProvisioningStopped(2, $"{what}: the token belongs to an agent.", "Use the access token of an administrator of the account."),
        ChatRefusal.UnknownToken => new ProvisioningStopped(
            2, $"{what}: the chat does not know this token.",
            "Copy it again: chat.adminToken is an administrator's access token (profile page of the chat), chat.platformToken a platform app's (super admin area, Platform Apps)."),
        _ => new ProvisioningStopped(3, $"{what}: {problem}", "Run intent-router doctor for the whole picture."),
    };
}
