using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;

namespace IntentRouter.Benchmarks.Inbox;

/// <summary>What a run of the load generator saw. Latencies in milliseconds, sorted.</summary>
internal sealed record LoadResult(int Accepted, int Refused, TimeSpan Elapsed, float[] Latencies)
{
    public double PerSecond => Accepted / Elapsed.TotalSeconds;

    public double Latency(double share) => Latencies.Length == 0 ? 0 : Latencies[(int)Math.Min(Latencies.Length - 1, share * Latencies.Length)];
}

/// <summary>
/// Keep-alive connections that post agent-bot events as fast as they are answered, or at a pace. One thread, raw sockets and a prepared
/// request, so that most of the machine is left to what is measured. Message ids are never used twice; conversations take turns, so that no burst forms.
/// </summary>
internal sealed partial class LoadGenerator(int conversations)
{
    private const string MessagePlace = "1111111111";
    private const string ConversationPlace = "2222222222";

    // Three kilobytes, as OneHash Chat 4.2.0 sends for a website visitor.
    private static readonly string _body = $$$"""
        {"account":{"id":3,"name":"Kiln & Loom"},"additional_attributes":{},"content_attributes":{},"content_type":"text","content":"Hello, could you tell me where the parcel with my order is? I wait since last Tuesday.","conversation":{"additional_attributes":{"browser":{"device_name":"Unknown","browser_name":"Chrome","platform_name":"Windows","browser_version":"131.0.0.0","platform_version":"10.0"},"referer":"https://shop.example.com/account/orders?page=2","initiated_at":{"timestamp":"Mon Nov 23 2026 09:14:02 GMT+0100 (Central European Standard Time)"},"browser_language":"en"},"can_reply":true,"channel":"Channel::WebWidget","contact_inbox":{"id":{{{ConversationPlace}}},"contact_id":{{{ConversationPlace}}},"inbox_id":7,"source_id":"5b0d9a52-4a51-4a3c-9f0e-7f6d3d2f2a10","created_at":"2026-11-23T08:14:02.113Z","updated_at":"2026-11-23T08:14:02.113Z","hmac_verified":false,"pubsub_token":"not-a-real-token-xxxxxxxxx"},"id":{{{ConversationPlace}}},"inbox_id":7,"messages":[{"id":{{{MessagePlace}}},"content":"Hello, could you tell me where the parcel with my order is? I wait since last Tuesday.","account_id":3,"inbox_id":7,"conversation_id":{{{ConversationPlace}}},"message_type":0,"created_at":1795421642,"updated_at":"2026-11-23T08:14:02.451Z","private":false,"status":"sent","source_id":null,"content_type":"text","content_attributes":{},"sender_type":"Contact","sender_id":{{{ConversationPlace}}},"external_source_ids":{},"additional_attributes":{},"processed_message_content":"Hello, could you tell me where the parcel with my order is? I wait since last Tuesday.","sentiment":{},"conversation":{"assignee_id":null,"unread_count":1,"last_activity_at":1795421642,"contact_inbox":{"source_id":"5b0d9a52-4a51-4a3c-9f0e-7f6d3d2f2a10"}},"sender":{"additional_attributes":{"city":"Leeds","country":"United Kingdom","country_code":"GB"},"custom_attributes":{},"email":"ada@example.com","id":{{{ConversationPlace}}},"identifier":null,"name":"Ada","phone_number":null,"thumbnail":"","type":"contact"}}],"labels":[],"meta":{"sender":{"additional_attributes":{"city":"Leeds","country":"United Kingdom","country_code":"GB"},"custom_attributes":{},"email":"ada@example.com","id":{{{ConversationPlace}}},"identifier":null,"name":"Ada","phone_number":null,"thumbnail":"","type":"contact"},"assignee":null,"team":null,"hmac_verified":false},"status":"pending","custom_attributes":{},"snoozed_until":null,"unread_count":1,"first_reply_created_at":null,"priority":null,"waiting_since":1795421642,"agent_last_seen_at":0,"contact_last_seen_at":1795421640,"last_activity_at":1795421642,"timestamp":1795421642,"created_at":1795421642,"updated_at":1795421642.4512},"created_at":"2026-11-23T08:14:02.451Z","id":{{{MessagePlace}}},"inbox":{"id":7,"name":"Shop website"},"message_type":"incoming","private":false,"sender":{"account":{"id":3,"name":"Kiln & Loom"},"additional_attributes":{"city":"Leeds","country":"United Kingdom","country_code":"GB"},"avatar":"","custom_attributes":{},"email":"ada@example.com","id":{{{ConversationPlace}}},"identifier":null,"name":"Ada","phone_number":null,"thumbnail":"","blocked":false},"source_id":null,"event":"message_created"}
        """;

    /// <summary>Of all generators together: a message id that another one had sent would be acknowledged as a duplicate, which costs next to nothing.</summary>
    private static int _lastMessage;

    private static readonly TimeSpan _longestPause = TimeSpan.FromSeconds(1);

    private int _next;

    public static int BodyBytes => Encoding.UTF8.GetByteCount(_body);

    /// <param name="targets">Connections are spread over these.</param>
    /// <param name="perSecond">All connections together; as fast as they are answered when null.</param>
    /// <param name="atMost">Requests in all.</param>
    public Task<LoadResult> RunAsync(IReadOnlyList<Uri> targets, int connections, TimeSpan duration, double? perSecond = null, int atMost = int.MaxValue) =>
        Task.Factory.StartNew(
            () => Run(targets, connections, duration, perSecond, atMost), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private LoadResult Run(IReadOnlyList<Uri> targets, int connections, TimeSpan duration, double? perSecond, int atMost)
    {
        var (left, refused) = (atMost, 0);
        var latencies = new List<float>(64 * 1_024);
        var idle = new PriorityQueue<Connection, TimeSpan>();
        var waiting = 0;
        var began = TimeProvider.System.GetTimestamp();
        Connection[] all = [.. Enumerable.Range(0, connections).Select(i => Connection.Open(i, targets[i % targets.Count]))];
        Poll.Entry[] polled = [.. all.Select(_ => Poll.Entry.Nothing)];
        foreach (var connection in all)
        {
            idle.Enqueue(connection, perSecond is { } rate ? TimeSpan.FromSeconds(connection.Number / rate) : TimeSpan.Zero);
        }

        while (idle.Count + waiting > 0)
        {
            var now = TimeProvider.System.GetElapsedTime(began);
            TimeSpan due;
            while (idle.TryPeek(out var next, out due) && due <= now)
            {
                idle.Dequeue();
                if (now >= duration || --left < 0)
                {
                    continue;
                }

                var id = ++_next;
                next.Post(due, 1_000_000_000 + Interlocked.Increment(ref _lastMessage), 1_000_000_000 + (id % conversations));
                polled[next.Number] = Poll.Entry.ToRead(next.Socket);
                waiting++;
            }

            var pause = waiting > 0 && idle.Count == 0 ? _longestPause : due - now;
            Poll.Wait(polled, pause);
            for (var i = 0; i < polled.Length; i++)
            {
                if (!polled[i].IsReady || all[i].Receive() is not { } status)
                {
                    continue;
                }

                polled[i] = Poll.Entry.Nothing;
                waiting--;
                if (status == 200)
                {
                    latencies.Add((float)all[i].Waited.TotalMilliseconds);
                }
                else
                {
                    refused++;
                }

                idle.Enqueue(all[i], perSecond is { } pace ? all[i].Due + TimeSpan.FromSeconds(connections / pace) : TimeSpan.Zero);
            }
        }

        foreach (var connection in all)
        {
            connection.Dispose();
        }

        var elapsed = TimeProvider.System.GetElapsedTime(began);
        latencies.Sort();
        return new LoadResult(latencies.Count, refused, elapsed, [.. latencies]);
    }

    private sealed class Connection : IDisposable
    {
        private readonly byte[] _request;
        private readonly List<int> _messages;
        private readonly List<int> _conversations;
        private readonly byte[] _answer = new byte[4_096];
        private int _length;
        private long _sent;

        private Connection(int number, Socket socket, byte[] request)
        {
            Number = number;
            Socket = socket;
            _request = request;
            _messages = Places(request, MessagePlace);
            _conversations = Places(request, ConversationPlace);
        }

        public int Number { get; }

        public Socket Socket { get; }

        /// <summary>When its request had to go out.</summary>
        public TimeSpan Due { get; private set; }

        public TimeSpan Waited => TimeProvider.System.GetElapsedTime(_sent);

        public static Connection Open(int number, Uri target)
        {
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            socket.Connect(new IPEndPoint(IPAddress.Loopback, target.Port));
            return new Connection(number, socket, Encoding.UTF8.GetBytes(string.Create(
                CultureInfo.InvariantCulture,
                $"POST {target.PathAndQuery} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: application/json\r\nContent-Type: application/json\r\nContent-Length: {BodyBytes}\r\n\r\n{_body}")));
        }

        public void Post(TimeSpan due, long message, long conversation)
        {
            Due = due;
            _length = 0;
            Write(_messages, message);
            Write(_conversations, conversation);
            _sent = TimeProvider.System.GetTimestamp();
            for (var sent = 0; sent < _request.Length;)
            {
                sent += Socket.Send(_request.AsSpan(sent));
            }
        }

        /// <summary>The status of the answer; null as long as it is not complete.</summary>
        public int? Receive()
        {
            var read = Socket.Receive(_answer.AsSpan(_length));
            if (read == 0)
            {
                throw new IOException("The connection was closed in the middle of an answer.");
            }

            _length += read;
            return IsComplete(_answer.AsSpan(0, _length)) ? ((_answer[9] - '0') * 100) + ((_answer[10] - '0') * 10) + (_answer[11] - '0') : null;
        }

        public void Dispose() => Socket.Dispose();

        private static bool IsComplete(ReadOnlySpan<byte> answer)
        {
            var head = answer.IndexOf("\r\n\r\n"u8);
            if (head < 0)
            {
                return false;
            }

            var at = answer[..head].IndexOf("Content-Length: "u8);
            if (at < 0)
            {
                return answer.EndsWith("0\r\n\r\n"u8);
            }

            var digits = answer[(at + "Content-Length: ".Length)..];
            return answer.Length >= head + 4 + int.Parse(digits[..digits.IndexOf((byte)'\r')], CultureInfo.InvariantCulture);
        }

        private void Write(List<int> places, long number)
        {
            foreach (var place in places)
            {
                number.TryFormat(_request.AsSpan(place, MessagePlace.Length), out _, default, CultureInfo.InvariantCulture);
            }
        }

        private static List<int> Places(byte[] request, string place)
        {
            var bytes = Encoding.ASCII.GetBytes(place);
            var places = new List<int>();
            for (var at = request.AsSpan().IndexOf(bytes); at >= 0;)
            {
                places.Add(at);
                var next = request.AsSpan(at + 1).IndexOf(bytes);
                at = next < 0 ? -1 : at + 1 + next;
            }

            return places;
        }
    }

    /// <summary>Waits for many sockets at once at the price of one call: <c>Socket.Select</c> costs a third of a request, and every thread of the pool would take from what is measured.</summary>
    private static partial class Poll
    {
        private const short Readable = 1;

        public static void Wait(Entry[] entries, TimeSpan most)
        {
            const int interrupted = 4;
            if (Call(entries, (nuint)entries.Length, (int)Math.Ceiling(Math.Max(0, most.TotalMilliseconds))) < 0 && Marshal.GetLastPInvokeError() is var error and not interrupted)
            {
                throw new IOException($"poll answered {error}.");
            }
        }

        [LibraryImport("libc", EntryPoint = "poll", SetLastError = true)]
        private static partial int Call([In, Out] Entry[] entries, nuint count, int milliseconds);

        [StructLayout(LayoutKind.Sequential)]
        public struct Entry
        {
            private int _descriptor;
            private short _events;
            private short _happened;

            /// <summary>Negative descriptors are passed over.</summary>
            public static Entry Nothing => new() { _descriptor = -1 };

            public readonly bool IsReady => _descriptor >= 0 && _happened != 0;

            public static Entry ToRead(Socket socket) => new() { _descriptor = (int)socket.Handle, _events = Readable };
        }
    }
}
