using System.Net;
using System.Net.Sockets;
using Npgsql;

namespace IntentRouter.StoreTests;

/// <summary>Stands between a store and its database and can swallow the next answer: the server has done the work, the caller never hears of it.</summary>
internal sealed class CuttingProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly NpgsqlConnectionStringBuilder _server;
    private readonly Task _accepting;
    private int _toCut;
    private int _cuts;

    public CuttingProxy(string connection)
    {
        _server = new NpgsqlConnectionStringBuilder(connection);
        _listener.Start();
        Connection = new NpgsqlConnectionStringBuilder(connection)
        {
            Host = "127.0.0.1",
            Port = ((IPEndPoint)_listener.LocalEndpoint).Port,
            SslMode = SslMode.Disable,
            GssEncryptionMode = GssEncryptionMode.Disable,
        }.ToString();
        _accepting = AcceptAsync();
    }

    public string Connection { get; }

    public int Cuts => Volatile.Read(ref _cuts);

    public void CutNextAnswer() => Volatile.Write(ref _toCut, 1);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _accepting;
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                _ = ForwardAsync(await _listener.AcceptTcpClientAsync(_stop.Token));
            }
        }
        catch (Exception ex) when (ex is OperationCanceledException or SocketException)
        {
        }
    }

    private async Task ForwardAsync(TcpClient client)
    {
        using var server = new TcpClient();
        using (client)
        {
            try
            {
                await server.ConnectAsync(_server.Host!, _server.Port, _stop.Token);
                await Task.WhenAny(CopyAsync(client, server, answers: false), CopyAsync(server, client, answers: true));
            }
            catch (Exception ex) when (ex is OperationCanceledException or SocketException or IOException)
            {
            }
        }
    }

    private async Task CopyAsync(TcpClient from, TcpClient to, bool answers)
    {
        var buffer = new byte[64 * 1024];
        try
        {
            int read;
            while ((read = await from.GetStream().ReadAsync(buffer, _stop.Token)) > 0)
            {
                // The server sends nothing before it has committed: the answer to a whole batch is flushed at its end.
                if (answers && Interlocked.Exchange(ref _toCut, 0) == 1)
                {
                    Interlocked.Increment(ref _cuts);
                    return;
                }

                await to.GetStream().WriteAsync(buffer.AsMemory(0, read), _stop.Token);
            }
        }
        catch (Exception ex) when (ex is OperationCanceledException or SocketException or IOException or ObjectDisposedException)
        {
        }
    }
}
