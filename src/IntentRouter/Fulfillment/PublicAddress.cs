using System.Net;
using System.Net.Sockets;

namespace IntentRouter.Fulfillment;

/// <summary>Tells addresses of the open internet from those of a machine, a house or a cluster.</summary>
internal static class PublicAddress
{
    private static readonly IPNetwork[] _private =
    [
        .. new[]
        {
            "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24",
            "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
            "::/96", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32", "3fff::/20", "5f00::/16", "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8",
        }.Select(n => IPNetwork.Parse(n)),
    ];

    private static readonly IPNetwork _translated = IPNetwork.Parse("64:ff9b::/96");
    private static readonly IPNetwork _tunnelled = IPNetwork.Parse("2002::/16");

    public static bool Is(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
        {
            return Is(address.MapToIPv4());
        }

        if (address.AddressFamily == AddressFamily.InterNetworkV6)
        {
            // Two ways of carrying an IPv4 address inside.
            var bytes = address.GetAddressBytes();
            if (_translated.Contains(address))
            {
                return Is(new IPAddress(bytes.AsSpan(12, 4)));
            }

            if (_tunnelled.Contains(address))
            {
                return Is(new IPAddress(bytes.AsSpan(2, 4)));
            }
        }

        return !Array.Exists(_private, n => n.Contains(address));
    }

    /// <summary>
    /// Connects to a host. The address that was checked is the one that is used: a name that answers differently the second time changes nothing.
    /// </summary>
    /// <exception cref="AddressRefusedException">The name leads only to private addresses.</exception>
    public static async ValueTask<Socket> ConnectAsync(string host, int port, bool allowPrivate, CancellationToken cancellationToken)
    {
        var all = IPAddress.TryParse(host, out var literal) ? [literal] : await Dns.GetHostAddressesAsync(host, cancellationToken).ConfigureAwait(false);
        var addresses = allowPrivate ? all : Array.FindAll(all, Is);
        if (addresses.Length == 0)
        {
            throw new AddressRefusedException();
        }

        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(addresses, port, cancellationToken).ConfigureAwait(false);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}

/// <summary>The address is private and the entry does not say <c>allowPrivate: true</c>.</summary>
internal sealed class AddressRefusedException() : IOException("The address is private, and allowPrivate is not set.");
