using System.Net;
using IntentRouter.Storage;
using IntentRouter.Storage.Postgres;
using IntentRouter.Storage.Sqlite;

namespace IntentRouter.Configuration;

/// <summary>Listeners, the chat, the engine and the NLU entries.</summary>
internal sealed class ServiceChecks(RouterOptions options, ProblemReport report, ConfigurationSources sources)
{
    public void Run()
    {
        CheckListeners();
        CheckChat();
        CheckTelemetry();
        CheckStore();
        CheckNlu();
    }

    private void CheckListeners()
    {
        var urls = options.Urls.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        if (urls.Length == 0)
        {
            report.Error("urls", "There is no address to listen on.", "Write http://*:8080.");
        }

        foreach (var url in urls)
        {
            if (!IsListener(url, out _))
            {
                report.Error("urls", $"'{url}' is not an address to listen on.", "Write http://*:8080, or several with semicolons.");
            }
        }

        if (!IsListener(options.Management.Url, out var host))
        {
            report.Error("management:url", "This is not an address to listen on.", "Write http://127.0.0.1:8081.");
        }
        else if (string.IsNullOrEmpty(options.Management.ApiKey) && !IsLoopback(host))
        {
            report.Error("management:url", "The management listener can be reached from other machines and has no key.", "Set management.apiKey (at least 16 characters), or listen on http://127.0.0.1:8081.");
        }

        if (options.Management.ApiKey is { Length: > 0 and < ConfigurationChecks.ShortestKey })
        {
            report.Error("management:apiKey", $"The key is shorter than {ConfigurationChecks.ShortestKey} characters.", "Make one with: openssl rand -hex 24");
        }

        var management = PortOf(options.Management.Url);
        if (management is > 0 && urls.Any(url => PortOf(url) == management))
        {
            report.Error("management:url", "The public listener has the same port.", "Choose another port for one of the two, such as 8081.");
        }

        if (options.Public.Url is { } address)
        {
            report.ExpectUrl("public:url", address, "https://bots.example.com");
            ExpectNoQuery("public:url", address);
        }
    }

    // What follows the address is appended to it.
    private void ExpectNoQuery(string path, string? address)
    {
        if (address?.IndexOfAny(['?', '#']) >= 0)
        {
            report.Error(path, "The address has a query or a fragment.", "End it with the host, or with the path that a proxy puts in front.");
        }
    }

    private static int? PortOf(string url) => Uri.TryCreate(Readable(url), UriKind.Absolute, out var uri) ? uri.Port : null;

    // '*' and '+' mean every address to Kestrel, and nothing to Uri.
    private static string Readable(string url) => url.Replace("://*", "://0.0.0.0", StringComparison.Ordinal).Replace("://+", "://0.0.0.0", StringComparison.Ordinal);

    private static bool IsListener(string url, out string host)
    {
        var good = Uri.TryCreate(Readable(url), UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" && uri!.PathAndQuery == "/";
        host = good ? uri!.Host.Trim('[', ']') : "";
        return good;
    }

    private static bool IsLoopback(string host) => host is "localhost" || (IPAddress.TryParse(host, out var address) && IPAddress.IsLoopback(address));

    private void CheckChat()
    {
        report.ExpectUrl("chat:baseUrl", options.Chat.BaseUrl, "https://chat.example.com");
        ExpectNoQuery("chat:baseUrl", options.Chat.BaseUrl);
        if (options.Chat.Timeout > options.Engine.Lease / 3)
        {
            report.Error(
                "chat:timeout", $"One API call may take {Duration.Format(options.Chat.Timeout)}, more than a third of engine.lease ({Duration.Format(options.Engine.Lease)}): a conversation could be taken over in the middle of a send.",
                $"Set chat.timeout to {Duration.Format(options.Engine.Lease / 3)} at most, or raise engine.lease.");
        }

        if (options.Chat.Sweep.After >= options.Chat.Sweep.TooOld)
        {
            report.Error("chat:sweep:tooOld", "Conversations would be too old before they are picked up.", "Set chat.sweep.tooOld above chat.sweep.after.");
        }
    }

    private void CheckTelemetry()
    {
        if (options.Telemetry.Otlp is { } address)
        {
            report.ExpectUrl("telemetry:otlp", address, "http://otel-collector:4317");
        }
        else if (sources.Environment.GetValueOrDefault("OTEL_EXPORTER_OTLP_ENDPOINT") is { Length: > 0 } fromEnvironment
            && !(Uri.TryCreate(fromEnvironment, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https"))
        {
            report.Error("telemetry:otlp", "OTEL_EXPORTER_OTLP_ENDPOINT is not an absolute http or https address.", "Write an address such as http://otel-collector:4317.");
        }
    }

    private void CheckStore()
    {
        if (options.Retention.Events < TimeSpan.FromDays(1))
        {
            report.Warning("retention:events", "Deduplication remembers less than a day: a delivery that the chat repeats later is taken as new.", "Keep 1d or more.");
        }

        var isPostgres = options.Store.Provider == "postgres";
        if (isPostgres && (options.Store.Connection.Length == 0 || options.Store.Connection == new StoreOptions().Connection))
        {
            if (!sources.WithoutSecrets)
            {
                report.Error("store:connection", "PostgreSQL needs a connection string.", "Write Host=…;Database=…;Username=…;Password=…, best as the secret Store__Connection.");
            }

            return;
        }

        try
        {
            _ = isPostgres ? (System.Data.Common.DbConnectionStringBuilder)PostgresEventStore.Read(options.Store.Connection) : SqliteEventStore.Read(options.Store.Connection);
        }
        catch (StoreUnavailableException ex)
        {
            report.Error("store:connection", ex.Message, "Correct it, best as the secret Store__Connection.");
        }
    }

    private void CheckNlu()
    {
        foreach (var (name, entry) in options.Nlu)
        {
            var path = $"nlu:{name}";
            if (entry.Adapter.Length == 0)
            {
                report.Error($"{path}:adapter", "The entry names no adapter.", "Add adapter: local, dialogflow, lex, rasa, language-model, http, or a plugin's type.");
            }

            if (entry.AttemptTimeout > entry.Timeout)
            {
                report.Error($"{path}:attemptTimeout", $"One attempt may take longer than all together ({Duration.Format(entry.Timeout)}).", "Set attemptTimeout to timeout at most.");
            }
        }
    }
}
