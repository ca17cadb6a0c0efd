using System.Net;
using System.Security.Cryptography;
using IntentRouter.Configuration;

namespace IntentRouter.Provisioning;

/// <summary>The address that an inbox's bot is pointed at. Its last part is a credential: shown to the operator who asks, never logged.</summary>
internal static class BotUrl
{
    private const int MaxLength = 2_048;

    public static string NewKey() => RandomNumberGenerator.GetString("ABCDEFGHJKLMNPQRSTUVWXYZabcdefghjkmnpqrstuvwxyz23456789", 32);

    /// <exception cref="ProvisioningStopped"><c>public.url</c> cannot be used.</exception>
    public static string Of(RouterOptions options, string bot, string key)
    {
        if (options.Public.Url is not { Length: > 0 } address)
        {
            throw ProvisioningStopped.Usage("public.url is not set.", "Set it to the address at which the chat reaches this service, for example https://bots.example.com (environment: Public__Url).");
        }

        if (!Uri.TryCreate(address, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https"))
        {
            throw ProvisioningStopped.Usage("public.url is not an http address.", "Write it with its scheme, for example https://bots.example.com.");
        }

        var url = $"{address.TrimEnd('/')}/bots/{Uri.EscapeDataString(bot)}/{Uri.EscapeDataString(key)}";
        return url.Length <= MaxLength ? url : throw ProvisioningStopped.Usage("The bot URL is longer than the 2,048 characters that the chat takes.", "Use a shorter key.");
    }

    /// <summary>The same address with the key hidden.</summary>
    public static string Masked(string url) => url.LastIndexOf('/') is > 8 and var end ? url[..(end + 1)] + "…" : url;

    /// <summary>The key in a bot's address.</summary>
    public static string KeyOf(string url) => Uri.UnescapeDataString(new Uri(url).AbsolutePath.Split('/')[^1]);

    /// <summary>Whether an address is the bot's, under any key and on any host.</summary>
    public static bool IsOfBot(string? url, string bot) =>
        Uri.TryCreate(url, UriKind.Absolute, out var uri)
        && uri.AbsolutePath.Split('/') is [.., "bots", var name, _]
        && string.Equals(Uri.UnescapeDataString(name), bot, StringComparison.OrdinalIgnoreCase);

    /// <summary>What in the address later chat versions or the dashboard will not take; null when nothing.</summary>
    public static string? Trouble(string url)
    {
        var uri = new Uri(url);
        var isPrivate = uri.IsLoopback || (IPAddress.TryParse(uri.Host.Trim('[', ']'), out var ip) && IsPrivate(ip));
        return isPrivate ? "The address is private: chat versions from 4.14 on refuse it unless their SAFE_FETCH_ALLOW_PRIVATE_NETWORK is true."
            : !uri.Host.Contains('.', StringComparison.Ordinal) ? "The host name has no dot: the dashboard's form refuses it, and chat versions from 4.14 on if it resolves to a private address."
            : uri.Scheme == "http" ? "The address is not https: messages and the bot's key travel in the clear."
            : null;
    }

    private static bool IsPrivate(IPAddress ip)
    {
        var address = ip.IsIPv4MappedToIPv6 ? ip.MapToIPv4() : ip;
        var bytes = address.GetAddressBytes();
        return IPAddress.IsLoopback(address)
            || address.IsIPv6LinkLocal || address.IsIPv6SiteLocal || address.IsIPv6UniqueLocal
            || (bytes.Length == 4 && (bytes[0] == 10 || (bytes[0] == 172 && bytes[1] is >= 16 and <= 31) || (bytes[0] == 192 && bytes[1] == 168) || (bytes[0] == 169 && bytes[1] == 254)));
    }
}
