using System.Net;
using System.Net.Sockets;

namespace IntentRouter.CrashTests;

internal static class Ports
{
    /// <summary>
    /// A port that was free a moment ago, and below those that systems give to connections and to listeners which ask for any: while a process is killed and
    /// started again, nobody else gets its port.
    /// </summary>
    public static int Free()
    {
        while (true)
        {
#pragma warning disable CA5394 // Any port, not a secret.
            var port = Random.Shared.Next(20_000, 32_000);
#pragma warning restore CA5394
            try
            {
                using var listener = new TcpListener(IPAddress.Loopback, port);
                listener.Start();
                return port;
            }
            catch (SocketException)
            {
                // Taken.
            }
        }
    }
}
