using System.Net;
using System.Net.Sockets;
using System.Text;

namespace IntentRouter.Adapters.Benchmarks;

/// <summary>
/// Answers every request with the same bytes, and does as little as a server can: its time is in both sides of the comparison, so that the less it is, the
/// less it blurs the difference. Requests must state their length.
/// </summary>
internal sealed class CannedServer : IDisposable
{
    private readonly TcpListener _listener;
    private readonly byte[] _answer;

    /// <param name="port">The port to take over from the simulator, which has closed.</param>
    /// <param name="body">The answer's JSON.</param>
    public CannedServer(int port, string body)
    {
        _answer = Encoding.UTF8.GetBytes($"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {Encoding.UTF8.GetByteCount(body)}\r\n\r\n{body}");
        _listener = new TcpListener(IPAddress.Loopback, port);
        _listener.Server.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
        _listener.Start();
        Run(() =>
        {
            while (true)
            {
                var client = _listener.AcceptSocket();
                Run(() => Serve(client));
            }
        });
    }

    public void Dispose() => _listener.Stop();

    // Threads of its own: the pool stays the caller's.
    private static void Run(Action work) => new Thread(() =>
    {
        try
        {
            work();
        }
        catch (SocketException)
        {
            // One side has closed.
        }
    })
    { IsBackground = true }.Start();

    private void Serve(Socket client)
    {
        using var connection = client;
        client.NoDelay = true;
        var buffer = new byte[256 * 1024];
        var filled = 0;
        while (client.Receive(buffer, filled, buffer.Length - filled, SocketFlags.None) is > 0 and var received)
        {
            filled += received;
            if (filled >= Expected(buffer.AsSpan(0, filled)))
            {
                client.Send(_answer);
                filled = 0;
            }
        }
    }

    private static int Expected(ReadOnlySpan<byte> request)
    {
        var end = request.IndexOf("\r\n\r\n"u8);
        var length = request.IndexOf("Content-Length: "u8);
        if (end < 0 || length < 0 || length > end)
        {
            return end < 0 ? int.MaxValue : end + 4;
        }

        var bytes = 0;
        foreach (var digit in request[(length + 16)..])
        {
            if (!char.IsAsciiDigit((char)digit))
            {
                break;
            }

            bytes = (bytes * 10) + digit - '0';
        }

        return end + 4 + bytes;
    }
}
