using System.Net;
using System.Text.Json.Nodes;
using IntentRouter.Configuration;
using IntentRouter.Hosting;
using IntentRouter.Storage;

namespace IntentRouter.Cli;

/// <summary>What an operator does to stored work: through the running service, or in the store itself when none runs.</summary>
internal interface IOperations : IAsyncDisposable
{
    Task<IReadOnlyList<ParkedEvent>> ListAsync(int max, CancellationToken cancellationToken);

    Task<bool> RetryAsync(long id, CancellationToken cancellationToken);

    Task<bool> DropAsync(long id, CancellationToken cancellationToken);

    /// <summary>Returns how many conversations went.</summary>
    Task<int> EraseAsync(long account, long contact, CancellationToken cancellationToken);

    /// <summary>The calibrations by key, see <see cref="Evaluation.StoredCalibration"/>.</summary>
    Task<IReadOnlyDictionary<string, string>> CalibrationsAsync(CancellationToken cancellationToken);

    Task CalibrateAsync(string key, string fit, CancellationToken cancellationToken);

    /// <summary>Stored turns, oldest first, after a position.</summary>
    Task<IReadOnlyList<StoredTurn>> TurnsAsync(string? bot, DateTimeOffset since, DateTimeOffset until, long after, int max, CancellationToken cancellationToken);
}

internal static class Operations
{
    public static async Task<int> RunAsync(string? path, Func<IOperations, Task<int>> work, CancellationToken cancellationToken)
    {
        var sources = ConfigurationSources.OfProcess(path);
        var loaded = RouterConfigurationLoader.Load(sources, ServiceParts.Of());
        if (loaded.Configuration is not { } configuration)
        {
            await System.Console.Error.WriteLineAsync(CheckCommand.Text(loaded, sources));
            return ExitCode.Usage;
        }

        try
        {
            await using var operations = await OpenAsync(configuration, cancellationToken);
            return await work(operations);
        }
        catch (Exception ex) when (ex is StoreUnavailableException or HttpRequestException)
        {
            await System.Console.Error.WriteLineAsync(ex.Message);
            return ExitCode.OutsideSystem;
        }
    }

    /// <summary>Whether there can be something stored: opening a SQLite store that is not there would make one.</summary>
    public static bool MayHaveStore(RouterConfiguration configuration) =>
        configuration.Options.Store is not { Provider: "sqlite" } store
        || File.Exists(new Microsoft.Data.Sqlite.SqliteConnectionStringBuilder(store.Connection).DataSource);

    public static async Task<IOperations> OpenAsync(RouterConfiguration configuration, CancellationToken cancellationToken)
    {
        var management = configuration.Options.Management;
        var http = new HttpClient { BaseAddress = new Uri(Demo.Local(management.Url) + "/"), Timeout = TimeSpan.FromSeconds(10) };
        if (management.ApiKey is { } key)
        {
            http.DefaultRequestHeaders.Add("X-Api-Key", key);
        }

        try
        {
            using var probe = await http.GetAsync(new Uri("api/configuration", UriKind.Relative), cancellationToken);
            probe.EnsureSuccessStatusCode();
            return new OverHttp(http);
        }
        catch (HttpRequestException ex) when (ex.StatusCode is null)
        {
            http.Dispose();
        }

        var store = EventStoreFactory.Create(configuration.Options.Store, configuration.Options.Engine, configuration.Root, TimeProvider.System, Microsoft.Extensions.Logging.Abstractions.NullLoggerFactory.Instance);
        await store.StartAsync(cancellationToken);
        return new InStore(store);
    }

    private sealed class OverHttp(HttpClient http) : IOperations
    {
        public async Task<IReadOnlyList<ParkedEvent>> ListAsync(int max, CancellationToken cancellationToken) =>
            await http.GetFromJsonAsync(new Uri($"api/inbox/parked?max={max}", UriKind.Relative), CliJson.Default.IReadOnlyListParkedEvent, cancellationToken) ?? [];

        public async Task<bool> RetryAsync(long id, CancellationToken cancellationToken) =>
            Found(await http.PostAsync(new Uri($"api/inbox/parked/{id}/retry", UriKind.Relative), null, cancellationToken));

        public async Task<bool> DropAsync(long id, CancellationToken cancellationToken) =>
            Found(await http.DeleteAsync(new Uri($"api/inbox/parked/{id}", UriKind.Relative), cancellationToken));

        public async Task<int> EraseAsync(long account, long contact, CancellationToken cancellationToken)
        {
            using var answer = await http.DeleteAsync(new Uri($"api/contacts/{account}/{contact}", UriKind.Relative), cancellationToken);
            var json = await answer.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonObject>(cancellationToken);
            return (int)json!["conversations"]!;
        }

        public async Task<IReadOnlyDictionary<string, string>> CalibrationsAsync(CancellationToken cancellationToken) =>
            await http.GetFromJsonAsync<Dictionary<string, string>>(new Uri("api/calibrations", UriKind.Relative), cancellationToken) ?? [];

        public async Task CalibrateAsync(string key, string fit, CancellationToken cancellationToken)
        {
            using var answer = await http.PutAsJsonAsync(new Uri($"api/calibrations/{Uri.EscapeDataString(key)}", UriKind.Relative), fit, cancellationToken);
            answer.EnsureSuccessStatusCode();
        }

        public async Task<IReadOnlyList<StoredTurn>> TurnsAsync(
            string? bot, DateTimeOffset since, DateTimeOffset until, long after, int max, CancellationToken cancellationToken) =>
            await http.GetFromJsonAsync<List<StoredTurn>>(
                new Uri($"api/turns?bot={Uri.EscapeDataString(bot ?? "")}&since={Uri.EscapeDataString($"{since:O}")}&until={Uri.EscapeDataString($"{until:O}")}&after={after}&max={max}", UriKind.Relative),
                cancellationToken) ?? [];

        public ValueTask DisposeAsync()
        {
            http.Dispose();
            return ValueTask.CompletedTask;
        }

        private static bool Found(HttpResponseMessage answer)
        {
            using (answer)
            {
                return answer.StatusCode == HttpStatusCode.NotFound ? false : answer.EnsureSuccessStatusCode().IsSuccessStatusCode;
            }
        }
    }

    private sealed class InStore(IEventStore store) : IOperations
    {
        public Task<IReadOnlyList<ParkedEvent>> ListAsync(int max, CancellationToken cancellationToken) => store.ListParkedAsync(max, cancellationToken);

        public Task<bool> RetryAsync(long id, CancellationToken cancellationToken) => store.RetryParkedAsync(id, cancellationToken);

        public Task<bool> DropAsync(long id, CancellationToken cancellationToken) => store.DropParkedAsync(id, cancellationToken);

        public Task<int> EraseAsync(long account, long contact, CancellationToken cancellationToken) => store.EraseContactAsync(account, contact, cancellationToken);

        public Task<IReadOnlyDictionary<string, string>> CalibrationsAsync(CancellationToken cancellationToken) =>
            store.ListAsync(Evaluation.StoredCalibration.Area, cancellationToken);

        public Task CalibrateAsync(string key, string fit, CancellationToken cancellationToken) =>
            store.PutAsync(Evaluation.StoredCalibration.Area, key, fit, life: null, cancellationToken);

        public Task<IReadOnlyList<StoredTurn>> TurnsAsync(
            string? bot, DateTimeOffset since, DateTimeOffset until, long after, int max, CancellationToken cancellationToken) =>
            store.ReadTurnsAsync(bot, since, until, after, max, cancellationToken);

        public ValueTask DisposeAsync() => store.DisposeAsync();
    }
}
