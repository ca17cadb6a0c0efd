using System.Net;
using System.Text.Json.Nodes;
using IntentRouter.Configuration;
using IntentRouter.Decisions;
using IntentRouter.Hosting;
using IntentRouter.Management;
using IntentRouter.Review;
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

    /// <summary>Makes a report its bot's latest one, see <see cref="Evaluation.EvaluationReport"/>.</summary>
    Task KeepReportAsync(string bot, string report, CancellationToken cancellationToken);

    /// <summary>Stored turns, oldest first, after a position.</summary>
    Task<IReadOnlyList<StoredTurn>> TurnsAsync(string? bot, DateTimeOffset since, DateTimeOffset until, long after, int max, CancellationToken cancellationToken);

    Task<IReadOnlyList<ReviewItem>> ReviewAsync(string? bot, ReviewState? state, int skip, int max, CancellationToken cancellationToken);

    Task<ReviewJudgement> JudgeAsync(long id, ReviewState state, string? label, string by, CancellationToken cancellationToken);

    /// <summary>What people taught a bot.</summary>
    Task<IReadOnlyList<LearnedUtterance>> LearnedAsync(string bot, CancellationToken cancellationToken);

    Task<IReadOnlyList<ShadowComparison>> ShadowsAsync(string? bot, DateTimeOffset since, CancellationToken cancellationToken);
}

internal static class Operations
{
    public static Task<int> RunAsync(string? path, Func<IOperations, Task<int>> work, CancellationToken cancellationToken) =>
        RunAsync(path, System.Console.Error, (operations, _) => work(operations), cancellationToken);

    /// <summary>A verb's run, its words going where the caller reads them.</summary>
    public static Task<int> RunAsync(
        System.CommandLine.ParseResult parsed, System.CommandLine.Option<string?> config, Func<IOperations, RouterConfiguration, Task<int>> work, CancellationToken cancellationToken) =>
        RunAsync(parsed.GetValue(config), parsed.InvocationConfiguration.Error, work, cancellationToken);

    private static async Task<int> RunAsync(string? path, TextWriter error, Func<IOperations, RouterConfiguration, Task<int>> work, CancellationToken cancellationToken)
    {
        try
        {
            // As the service does: with no configuration it is the sample's store that is meant.
            var (loaded, sources, _) = Demo.Open(ConfigurationSources.OfProcess(path), ServiceParts.Of(), ".data", anew: false);
            if (loaded.Configuration is not { } configuration)
            {
                await error.WriteLineAsync(CheckCommand.Text(loaded, sources));
                return ExitCode.Usage;
            }

            await using var operations = await OpenAsync(configuration, cancellationToken);
            return await work(operations, configuration);
        }
        catch (UsageException ex)
        {
            await error.WriteLineAsync(ex.Message);
            return ExitCode.Usage;
        }
        catch (Exception ex) when (ex is StoreUnavailableException or HttpRequestException)
        {
            await error.WriteLineAsync(ex.Message);
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
        var http = new HttpClient { BaseAddress = new Uri(ConfigurationSources.Local(management.Url) + "/"), Timeout = TimeSpan.FromSeconds(10) };
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
        return new InStore(store, configuration);
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

        public async Task KeepReportAsync(string bot, string report, CancellationToken cancellationToken)
        {
            using var content = new StringContent(report, System.Text.Encoding.UTF8, "application/json");
            using var answer = await http.PutAsync(new Uri($"api/evaluations/{Uri.EscapeDataString(bot)}", UriKind.Relative), content, cancellationToken);
            answer.EnsureSuccessStatusCode();
        }

        public async Task<IReadOnlyList<StoredTurn>> TurnsAsync(
            string? bot, DateTimeOffset since, DateTimeOffset until, long after, int max, CancellationToken cancellationToken) =>
            await http.GetFromJsonAsync<List<StoredTurn>>(
                new Uri($"api/turns?bot={Uri.EscapeDataString(bot ?? "")}&since={Uri.EscapeDataString($"{since:O}")}&until={Uri.EscapeDataString($"{until:O}")}&after={after}&max={max}", UriKind.Relative),
                ManagementApi.Readable,
                cancellationToken) ?? [];

        public async Task<IReadOnlyList<ReviewItem>> ReviewAsync(string? bot, ReviewState? state, int skip, int max, CancellationToken cancellationToken) =>
            await http.GetFromJsonAsync<List<ReviewItem>>(
                new Uri($"api/review?bot={Uri.EscapeDataString(bot ?? "")}&state={(state is { } s ? Kebab.Of(s) : "all")}&skip={skip}&max={max}", UriKind.Relative),
                ManagementApi.Readable,
                cancellationToken) ?? [];

        public async Task<ReviewJudgement> JudgeAsync(long id, ReviewState state, string? label, string by, CancellationToken cancellationToken)
        {
            var verb = state switch { ReviewState.Labelled => "label", ReviewState.Dismissed => "dismiss", _ => "reopen" };
            using var answer = await http.PostAsJsonAsync(new Uri($"api/review/{id}/{verb}", UriKind.Relative), new ReviewApi.Judgement(label, by), cancellationToken);
            return answer.StatusCode switch
            {
                HttpStatusCode.NotFound => new ReviewJudgement.Gone(),
                HttpStatusCode.BadRequest => new ReviewJudgement.Refused((string?)(await answer.Content.ReadFromJsonAsync<JsonObject>(cancellationToken))?["detail"] ?? "refused"),
                _ => answer.EnsureSuccessStatusCode().IsSuccessStatusCode ? new ReviewJudgement.Done() : new ReviewJudgement.Gone(),
            };
        }

        public async Task<IReadOnlyList<LearnedUtterance>> LearnedAsync(string bot, CancellationToken cancellationToken) =>
            await http.GetFromJsonAsync<List<LearnedUtterance>>(new Uri($"api/learned?bot={Uri.EscapeDataString(bot)}", UriKind.Relative), ManagementApi.Readable, cancellationToken) ?? [];

        public async Task<IReadOnlyList<ShadowComparison>> ShadowsAsync(string? bot, DateTimeOffset since, CancellationToken cancellationToken) =>
            await http.GetFromJsonAsync<List<ShadowComparison>>(
                new Uri($"api/shadows?bot={Uri.EscapeDataString(bot ?? "")}&since={Uri.EscapeDataString($"{since:O}")}", UriKind.Relative), ManagementApi.Readable, cancellationToken) ?? [];

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

    private sealed class InStore(IEventStore store, RouterConfiguration configuration) : IOperations
    {
        private readonly ReviewDesk _desk = new(store, () => configuration);

        public Task<IReadOnlyList<ParkedEvent>> ListAsync(int max, CancellationToken cancellationToken) => store.ListParkedAsync(max, cancellationToken);

        public Task<bool> RetryAsync(long id, CancellationToken cancellationToken) => store.RetryParkedAsync(id, cancellationToken);

        public Task<bool> DropAsync(long id, CancellationToken cancellationToken) => store.DropParkedAsync(id, cancellationToken);

        public Task<int> EraseAsync(long account, long contact, CancellationToken cancellationToken) => store.EraseContactAsync(account, contact, cancellationToken);

        public Task<IReadOnlyDictionary<string, string>> CalibrationsAsync(CancellationToken cancellationToken) =>
            store.ListAsync(Evaluation.StoredCalibration.Area, cancellationToken);

        public Task CalibrateAsync(string key, string fit, CancellationToken cancellationToken) =>
            store.PutAsync(Evaluation.StoredCalibration.Area, key, fit, life: null, cancellationToken);

        public Task KeepReportAsync(string bot, string report, CancellationToken cancellationToken) =>
            store.PutAsync(Evaluation.EvaluationReport.Area, bot, report, life: null, cancellationToken);

        public Task<IReadOnlyList<StoredTurn>> TurnsAsync(
            string? bot, DateTimeOffset since, DateTimeOffset until, long after, int max, CancellationToken cancellationToken) =>
            store.ReadTurnsAsync(bot, since, until, after, max, cancellationToken);

        public Task<IReadOnlyList<ReviewItem>> ReviewAsync(string? bot, ReviewState? state, int skip, int max, CancellationToken cancellationToken) =>
            store.ListReviewAsync(bot, state, skip, max, cancellationToken);

        public Task<ReviewJudgement> JudgeAsync(long id, ReviewState state, string? label, string by, CancellationToken cancellationToken) =>
            state == ReviewState.Labelled ? _desk.LabelAsync(id, label, by, cancellationToken) : _desk.JudgeAsync(id, state, null, by, cancellationToken);

        public Task<IReadOnlyList<LearnedUtterance>> LearnedAsync(string bot, CancellationToken cancellationToken) => store.ReadLearnedAsync(bot, cancellationToken);

        public async Task<IReadOnlyList<ShadowComparison>> ShadowsAsync(string? bot, DateTimeOffset since, CancellationToken cancellationToken) =>
            ShadowReport.Of(await store.ReadShadowsAsync(bot, since, ShadowReport.MostTurns, cancellationToken));

        public ValueTask DisposeAsync() => store.DisposeAsync();
    }
}
