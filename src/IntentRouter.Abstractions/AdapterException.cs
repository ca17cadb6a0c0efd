using System.Net;
using System.Net.Sockets;
using System.Text.Json;

namespace IntentRouter;

/// <summary>What kept an adapter from answering. A closed list: by it the service decides whether to repeat, to wait, or to ask the next entry.</summary>
public enum AdapterFailure
{
    /// <summary>No connection was made, so nothing was processed: may be repeated at once.</summary>
    Unreachable,

    /// <summary>No answer in time; the engine may have processed the call.</summary>
    TimedOut,

    /// <summary>The engine asks to slow down; see <see cref="AdapterException.RetryAfter"/>.</summary>
    Throttled,

    /// <summary>The engine refuses: credentials, rights, names, text. The same call will be refused again.</summary>
    Rejected,

    /// <summary>The answer could not be read.</summary>
    Malformed,

    /// <summary>The engine failed inside (5xx), or the adapter has a bug.</summary>
    Faulted,
}

/// <summary>The only exception that leaves an adapter, besides cancellation. Messages never contain the person's words or secrets.</summary>
public sealed class AdapterException : Exception
{
    /// <summary>Creates an exception of kind <see cref="AdapterFailure.Faulted"/> with a general message.</summary>
    public AdapterException()
        : this(AdapterFailure.Faulted, "The adapter failed.")
    {
    }

    /// <summary>Creates an exception of kind <see cref="AdapterFailure.Faulted"/>.</summary>
    public AdapterException(string message)
        : this(AdapterFailure.Faulted, message)
    {
    }

    /// <summary>Creates an exception of kind <see cref="AdapterFailure.Faulted"/> with its cause.</summary>
    public AdapterException(string message, Exception innerException)
        : this(AdapterFailure.Faulted, message, innerException)
    {
    }

    /// <summary>Creates an exception.</summary>
    /// <param name="failure">The kind of failure.</param>
    /// <param name="message">One plain sentence for the operator, with the remedy where there is one. Never the person's words, a token or an address with a key.</param>
    /// <param name="innerException">The cause, when there is one.</param>
    public AdapterException(AdapterFailure failure, string message, Exception? innerException = null)
        : base(message, innerException) => Failure = failure;

    /// <summary>The kind of failure.</summary>
    public AdapterFailure Failure { get; }

    /// <summary>How long the engine asked to be left alone, with <see cref="AdapterFailure.Throttled"/>; <see langword="null"/> when it did not say.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>
    /// Maps what usually goes wrong: sockets and name resolution → <see cref="AdapterFailure.Unreachable"/>, time-outs (also
    /// those of a resilience handler) → <see cref="AdapterFailure.TimedOut"/>, HTTP status codes by meaning, unreadable JSON →
    /// <see cref="AdapterFailure.Malformed"/>, anything else → <see cref="AdapterFailure.Faulted"/>.
    /// </summary>
    public static AdapterException From(Exception exception)
    {
        ArgumentNullException.ThrowIfNull(exception);
        return exception switch
        {
            AdapterException known => known,
            HttpRequestException { StatusCode: { } status } => new AdapterException(FromStatus(status), $"The engine answered {(int)status}.", exception),
            HttpRequestException { HttpRequestError: HttpRequestError.ConfigurationLimitExceeded or HttpRequestError.InvalidResponse } =>
                new AdapterException(AdapterFailure.Malformed, "The engine's answer is too long or is not HTTP.", exception),
            HttpRequestException { HttpRequestError: HttpRequestError.NameResolutionError } =>
                new AdapterException(AdapterFailure.Unreachable, "The engine's name could not be resolved; check its address, and the name servers of this machine.", exception),
            HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError } =>
                new AdapterException(AdapterFailure.Unreachable, "The engine was reached, but not securely: check its certificate, and that this machine trusts who issued it.", exception),
            HttpRequestException or SocketException => new AdapterException(AdapterFailure.Unreachable, "The engine could not be reached.", exception),
            OperationCanceledException or TimeoutException => new AdapterException(AdapterFailure.TimedOut, "The engine did not answer in time.", exception),
            JsonException or FormatException => new AdapterException(AdapterFailure.Malformed, "The engine's answer could not be read.", exception),
            // Named, not referenced: the resilience library is the host's, and its time-out is neither of the two above.
            _ when exception.GetType().Name is "TimeoutRejectedException" => new AdapterException(AdapterFailure.TimedOut, "The engine did not answer in time.", exception),
            _ when exception.GetType().Name is "BrokenCircuitException" => new AdapterException(AdapterFailure.Unreachable, "The engine failed lately and is not asked now.", exception),
            _ => new AdapterException(AdapterFailure.Faulted, $"The adapter failed with {exception.GetType().Name}.", exception),
        };
    }

    /// <summary>The failure that an HTTP status stands for: 408 and 504 timed out, 429 throttled, 502 and 503 unreachable, other 5xx faulted, anything else rejected.</summary>
    public static AdapterFailure FromStatus(HttpStatusCode status) => (int)status switch
    {
        408 or 504 => AdapterFailure.TimedOut,
        429 => AdapterFailure.Throttled,
        502 or 503 => AdapterFailure.Unreachable,
        >= 500 => AdapterFailure.Faulted,
        _ => AdapterFailure.Rejected,
    };
}
