using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace IntentRouter.TestKit;

/// <summary>
/// A small HTTP/1.1 server on the loopback that plays an engine: it answers what a test says, keeps every request as it came over the wire (the
/// target undecoded), and notices when the caller hangs up. For tests only.
/// </summary>
public sealed class EngineDouble : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _closing = new();
    private readonly ConcurrentQueue<EngineRequest> _requests = new();
    private readonly Task _accepting;
    private volatile TaskCompletionSource _abandoned = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Listens on a free port.</summary>
    /// <param name="answer">Makes the answer to a request; its token ends when the caller hangs up.</param>
    public EngineDouble(Func<EngineRequest, CancellationToken, Task<EngineResponse>> answer)
    {
        Answer = answer;
        _listener.Start();
        Address = new Uri($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/");
        _accepting = AcceptAsync();
    }

    /// <summary>Where it listens.</summary>
    public Uri Address { get; }

    /// <summary>Makes the answer to a request.</summary>
    public Func<EngineRequest, CancellationToken, Task<EngineResponse>> Answer { get; set; }

    /// <summary>Every request so far, in order of arrival.</summary>
    public IReadOnlyList<EngineRequest> Requests => [.. _requests];

    /// <summary>Ends when a caller hung up while its request was being answered.</summary>
    public Task Abandoned => _abandoned.Task;

    /// <summary>Forgets requests and hang-ups.</summary>
    public void Forget()
    {
        _requests.Clear();
        _abandoned = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync().ConfigureAwait(false);
        _listener.Stop();
        await _accepting.ConfigureAwait(false);
        _closing.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (!_closing.IsCancellationRequested)
        {
            try
            {
                _ = ServeAsync(await _listener.AcceptTcpClientAsync(_closing.Token).ConfigureAwait(false));
            }
            catch (Exception ex) when (ex is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using var connection = client;
        try
        {
            client.NoDelay = true;
            var stream = client.GetStream();
            var reader = new WireReader(stream);
            while (await reader.ReadRequestAsync(_closing.Token).ConfigureAwait(false) is { } request)
            {
                _requests.Enqueue(request);
                using var hungUp = CancellationTokenSource.CreateLinkedTokenSource(_closing.Token);
                using var watching = CancellationTokenSource.CreateLinkedTokenSource(_closing.Token);
                var watch = WatchAsync(reader, hungUp, watching.Token);
                var response = await Answer(request, hungUp.Token).WaitAsync(hungUp.Token).ConfigureAwait(false);
                await watching.CancelAsync().ConfigureAwait(false);
                await watch.ConfigureAwait(false);
                if (ReferenceEquals(response, EngineResponse.HangUp))
                {
                    return;
                }

                await stream.WriteAsync(response.ToWire(), _closing.Token).ConfigureAwait(false);
            }
        }
        catch (Exception ex) when (ex is IOException or SocketException or OperationCanceledException or FormatException)
        {
            // A test's caller may go away at any point.
        }
    }

    private async Task WatchAsync(WireReader reader, CancellationTokenSource hungUp, CancellationToken cancellationToken)
    {
        try
        {
            if (!await reader.PeekAsync(cancellationToken).ConfigureAwait(false))
            {
                _abandoned.TrySetResult();
                await hungUp.CancelAsync().ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            // The answer came first.
        }
        catch (IOException)
        {
            _abandoned.TrySetResult();
            await hungUp.CancelAsync().ConfigureAwait(false);
        }
    }

    private sealed class WireReader(NetworkStream stream)
    {
        private readonly byte[] _buffer = new byte[16 * 1024];
        private int _start;
        private int _end;

        /// <summary>Waits for more bytes; false when the other side closed.</summary>
        public async Task<bool> PeekAsync(CancellationToken cancellationToken)
        {
            if (_start < _end)
            {
                return true;
            }

            _start = _end = 0;
            _end = await stream.ReadAsync(_buffer, cancellationToken).ConfigureAwait(false);
            return _end > 0;
        }

        public async Task<EngineRequest?> ReadRequestAsync(CancellationToken cancellationToken)
        {
            if (await ReadLineAsync(cancellationToken).ConfigureAwait(false) is not { Length: > 0 } first)
            {
                return null;
            }

            var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
            while (await ReadLineAsync(cancellationToken).ConfigureAwait(false) is { Length: > 0 } line)
            {
                var (name, value) = line.Split(':', 2) is [var n, var v] ? (n, v.Trim()) : throw new FormatException("Not a header line.");
                headers[name] = headers.TryGetValue(name, out var before) ? $"{before},{value}" : value;
            }

            var parts = first.Split(' ');
            return parts.Length == 3
                ? new EngineRequest(parts[0], parts[1], headers, await ReadBodyAsync(headers, cancellationToken).ConfigureAwait(false))
                : throw new FormatException("Not a request line.");
        }

        private async Task<byte[]> ReadBodyAsync(Dictionary<string, string> headers, CancellationToken cancellationToken)
        {
            if (headers.TryGetValue("transfer-encoding", out var encoding) && encoding.Equals("chunked", StringComparison.OrdinalIgnoreCase))
            {
                using var body = new MemoryStream();
                while (int.Parse(await ReadLineAsync(cancellationToken).ConfigureAwait(false) ?? "", NumberStyles.HexNumber, CultureInfo.InvariantCulture) is > 0 and var size)
                {
                    body.Write(await ReadBytesAsync(size, cancellationToken).ConfigureAwait(false));
                    await ReadLineAsync(cancellationToken).ConfigureAwait(false);
                }

                await ReadLineAsync(cancellationToken).ConfigureAwait(false);
                return body.ToArray();
            }

            return headers.TryGetValue("content-length", out var length)
                ? await ReadBytesAsync(int.Parse(length, CultureInfo.InvariantCulture), cancellationToken).ConfigureAwait(false)
                : [];
        }

        private async Task<byte[]> ReadBytesAsync(int count, CancellationToken cancellationToken)
        {
            var bytes = new byte[count];
            for (var filled = 0; filled < count;)
            {
                if (!await PeekAsync(cancellationToken).ConfigureAwait(false))
                {
                    throw new IOException("The request ended early.");
                }

                var taken = Math.Min(count - filled, _end - _start);
                Array.Copy(_buffer, _start, bytes, filled, taken);
                _start += taken;
                filled += taken;
            }

            return bytes;
        }

        private async Task<string?> ReadLineAsync(CancellationToken cancellationToken)
        {
            var line = new StringBuilder();
            while (await PeekAsync(cancellationToken).ConfigureAwait(false))
            {
                var next = (char)_buffer[_start++];
                if (next == '\n')
                {
                    return line.ToString().TrimEnd('\r');
                }

                line.Append(next);
            }

            return line.Length > 0 ? line.ToString() : null;
        }
    }
}

/// <summary>A request as it came over the wire.</summary>
/// <param name="Method">The verb.</param>
/// <param name="Target">Path and query, undecoded.</param>
/// <param name="Headers">The headers, names without case, repeated ones joined by a comma.</param>
/// <param name="Body">The body.</param>
public sealed record EngineRequest(string Method, string Target, IReadOnlyDictionary<string, string> Headers, ReadOnlyMemory<byte> Body)
{
    /// <summary>The target up to the query.</summary>
    public string Path => Target.Split('?')[0];

    /// <summary>The body as text.</summary>
    public string Text => Encoding.UTF8.GetString(Body.Span);

    /// <summary>The body as JSON.</summary>
    /// <exception cref="JsonException">It is none.</exception>
    public JsonElement Json
    {
        get
        {
            using var document = JsonDocument.Parse(Body);
            return document.RootElement.Clone();
        }
    }
}

/// <summary>An answer of an <see cref="EngineDouble"/>.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Body">The body.</param>
public sealed record EngineResponse(int Status, string Body)
{
    /// <summary>The content type.</summary>
    public string ContentType { get; init; } = "application/json";

    /// <summary>Further headers.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    /// <summary>No answer: the connection is closed.</summary>
    public static EngineResponse HangUp { get; } = new(0, "");

    /// <summary>An answer with JSON.</summary>
    public static EngineResponse Json<T>(T value, int status = 200) => new(status, JsonSerializer.Serialize(value, JsonSerializerOptions.Web));

    internal byte[] ToWire()
    {
        var body = Encoding.UTF8.GetBytes(Body);
        var head = new StringBuilder().Append(CultureInfo.InvariantCulture, $"HTTP/1.1 {Status} Answer\r\nContent-Type: {ContentType}\r\nContent-Length: {body.Length}\r\n");
        foreach (var (name, value) in Headers)
        {
            head.Append(CultureInfo.InvariantCulture, $"{name}: {value}\r\n");
        }

        return [.. Encoding.ASCII.GetBytes(head.Append("\r\n").ToString()), .. body];
    }
}
