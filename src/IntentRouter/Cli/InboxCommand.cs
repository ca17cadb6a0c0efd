using System.CommandLine;
using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization;
using IntentRouter.Configuration;
using IntentRouter.Hosting;
using IntentRouter.Storage;

namespace IntentRouter.Cli;

/// <summary><c>inbox list · retry · drop</c>: the parked events. Asks the running service; opens the store itself when none runs.</summary>
internal static class InboxCommand
{
    public static Command Create(Option<string?> config, Option<bool> json)
    {
        var max = new Option<int>("--max") { Description = "Most events to list.", DefaultValueFactory = _ => 100 };
        var id = new Argument<long>("id") { Description = "The event's number, from 'inbox list'." };
        var list = new Command("list", "List parked events.") { json, max };
        list.SetAction((parsed, token) => RunAsync(parsed.GetValue(config), inbox => ListAsync(inbox, parsed.GetValue(json), parsed.GetValue(max), token), token));
        var retry = new Command("retry", "Put a parked event back to work.") { id };
        retry.SetAction((parsed, token) => RunAsync(parsed.GetValue(config), inbox => ActAsync(inbox.RetryAsync(parsed.GetValue(id), token), "put back"), token));
        var drop = new Command("drop", "End a parked event for good.") { id };
        drop.SetAction((parsed, token) => RunAsync(parsed.GetValue(config), inbox => ActAsync(inbox.DropAsync(parsed.GetValue(id), token), "dropped"), token));
        return new Command("inbox", "Parked events: those that could not be handled, with the reason.") { list, retry, drop };
    }

    private static async Task<int> RunAsync(string? path, Func<IParkedEvents, Task<int>> work, CancellationToken cancellationToken)
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
            await using var inbox = await OpenAsync(configuration, cancellationToken);
            return await work(inbox);
        }
        catch (Exception ex) when (ex is StoreUnavailableException or HttpRequestException)
        {
            await System.Console.Error.WriteLineAsync(ex.Message);
            return ExitCode.OutsideSystem;
        }
    }

    private static async Task<int> ListAsync(IParkedEvents inbox, bool json, int max, CancellationToken cancellationToken)
    {
        var parked = await inbox.ListAsync(max, cancellationToken);
        if (json)
        {
            await System.Console.Out.WriteLineAsync(JsonSerializer.Serialize(parked, CliJson.Default.IReadOnlyListParkedEvent));
        }
        else if (parked.Count == 0)
        {
            await System.Console.Out.WriteLineAsync("No event is parked.");
        }
        else
        {
            foreach (var e in parked)
            {
                await System.Console.Out.WriteLineAsync(string.Create(
                    CultureInfo.InvariantCulture, $"{e.Sequence}  {e.ReceivedAt:u}  {e.Conversation}  {e.Kind}  after {e.Attempts} attempts: {e.Reason}"));
            }
        }

        return parked.Count == 0 ? ExitCode.Fine : ExitCode.Findings;
    }

    private static async Task<int> ActAsync(Task<bool> act, string done)
    {
        var found = await act;
        await System.Console.Out.WriteLineAsync(found ? $"The event was {done}." : "No parked event has this number.");
        return found ? ExitCode.Fine : ExitCode.Findings;
    }

    private static async Task<IParkedEvents> OpenAsync(RouterConfiguration configuration, CancellationToken cancellationToken)
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

    private interface IParkedEvents : IAsyncDisposable
    {
        Task<IReadOnlyList<ParkedEvent>> ListAsync(int max, CancellationToken cancellationToken);

        Task<bool> RetryAsync(long id, CancellationToken cancellationToken);

        Task<bool> DropAsync(long id, CancellationToken cancellationToken);
    }

    private sealed class OverHttp(HttpClient http) : IParkedEvents
    {
        public async Task<IReadOnlyList<ParkedEvent>> ListAsync(int max, CancellationToken cancellationToken) =>
            await http.GetFromJsonAsync(new Uri($"api/inbox/parked?max={max}", UriKind.Relative), CliJson.Default.IReadOnlyListParkedEvent, cancellationToken) ?? [];

        public async Task<bool> RetryAsync(long id, CancellationToken cancellationToken) =>
            Found(await http.PostAsync(new Uri($"api/inbox/parked/{id}/retry", UriKind.Relative), null, cancellationToken));

        public async Task<bool> DropAsync(long id, CancellationToken cancellationToken) =>
            Found(await http.DeleteAsync(new Uri($"api/inbox/parked/{id}", UriKind.Relative), cancellationToken));

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

    private sealed class InStore(IEventStore store) : IParkedEvents
    {
        public Task<IReadOnlyList<ParkedEvent>> ListAsync(int max, CancellationToken cancellationToken) => store.ListParkedAsync(max, cancellationToken);

        public Task<bool> RetryAsync(long id, CancellationToken cancellationToken) => store.RetryParkedAsync(id, cancellationToken);

        public Task<bool> DropAsync(long id, CancellationToken cancellationToken) => store.DropParkedAsync(id, cancellationToken);

        public ValueTask DisposeAsync() => store.DisposeAsync();
    }
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, WriteIndented = true)]
[JsonSerializable(typeof(IReadOnlyList<ParkedEvent>))]
internal sealed partial class CliJson : JsonSerializerContext;
