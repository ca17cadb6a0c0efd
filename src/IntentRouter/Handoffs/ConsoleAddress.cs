using System.Globalization;
using System.Net;
using IntentRouter.Configuration;
using IntentRouter.Conversations;

namespace IntentRouter.Handoffs;

/// <summary>Where people of the desk read why a conversation went as it did.</summary>
internal static class ConsoleAddress
{
    /// <summary>Null where the configured address is a wildcard, which names no host to link to.</summary>
    public static string? Of(ManagementOptions management, ConversationKey conversation) =>
        Uri.TryCreate(management.Url, UriKind.Absolute, out var address) && !(IPAddress.TryParse(address.Host.Trim('[', ']'), out var ip) && (ip.Equals(IPAddress.Any) || ip.Equals(IPAddress.IPv6Any)))
            ? string.Create(CultureInfo.InvariantCulture, $"{management.Url.TrimEnd('/')}/conversations/{Uri.EscapeDataString(conversation.Bot)}/{conversation.Account}/{conversation.DisplayId}")
            : null;
}
