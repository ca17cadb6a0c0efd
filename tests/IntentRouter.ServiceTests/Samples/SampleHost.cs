using System.Globalization;
using System.Text.Json.Nodes;
using IntentRouter.Configuration;
using IntentRouter.Decisions;
using IntentRouter.Hosting;
using IntentRouter.Playground;
using IntentRouter.ServiceTests.Sweep;
using IntentRouter.Tests.Dialogue.Transcripts;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace IntentRouter.ServiceTests.Samples;

/// <summary>
/// A sample as it ships, in the real host: its configuration and texts, the local model trained on its data, its database made from its script, and the
/// look-alike chat over HTTP. Only the clock is the transcripts'.
/// </summary>
internal sealed class SampleHost : IAsyncDisposable
{
    private static readonly DateTimeOffset _thursday = new(2026, 10, 8, 10, 0, 0, TimeSpan.FromHours(2));
    private readonly string _directory = Path.Combine(Path.GetTempPath(), "intentrouter-tests", Guid.NewGuid().ToString("N"));
    private readonly string _sample;
    private readonly Dictionary<ChannelKind, PlaygroundInbox> _inboxes = [];
    private PlaygroundServer _server = null!;
    private PlaygroundBot _bot = null!;
    private WebApplication _app = null!;

    private SampleHost(string sample) => _sample = sample;

    public static string Samples { get; } = Demo.FindSamples() ?? throw new DirectoryNotFoundException("The samples are not above the tests.");

    public PlaygroundChat Chat => _server.Chat;

    private string Database => Path.Combine(_directory, $"{_sample}.db");

    public static async Task<SampleHost> StartAsync(string sample)
    {
        var host = new SampleHost(sample);
        Directory.CreateDirectory(host._directory);
        host.MakeDatabase();
        var clock = new ShiftedTime { Shift = _thursday - TimeProvider.System.GetUtcNow() };
        // Patience of a busy test machine, here and below, not of a customer.
        host._server = await PlaygroundServer.StartAsync(
            new PlaygroundOptions { Version = PlaygroundVersion.Parse("4.16.2"), Clock = clock, Delivery = new PlaygroundDeliveryOptions { Timeout = TimeSpan.FromMinutes(1) } }, CancellationToken.None);
        host._bot = host.Chat.AddAccount().AddBot("Helper", null, "bot-token-1");
        var environment = new Dictionary<string, string>
        {
            ["Urls"] = "http://127.0.0.1:0",
            ["Management__Url"] = "http://127.0.0.1:0",
            ["Chat__BaseUrl"] = host._server.BaseUrl.ToString().TrimEnd('/'),
            ["Store__Connection"] = $"Data Source={Path.Combine(host._directory, "intent-router.db")}",
            [$"Bots__{sample}__Key"] = RouterApplication.Key,
            [$"Bots__{sample}__AccessToken"] = "bot-token-1",
            [$"Bots__{sample}__Session__Burst"] = "0ms",
            [$"Bots__{sample}__Session__TurnBudget"] = "2m",
            ["Nlu__local__Timeout"] = "90s",
            ["Nlu__local__AttemptTimeout"] = "60s",
            ["Chat__Timeout"] = "20s",
            ["Engine__Lease"] = "1m",
        };
        var sources = new ConfigurationSources { Path = Path.Combine(Samples, sample), Directory = host._directory, MadeDatabases = [host.Database], Environment = environment };
        var parts = ServiceParts.Of();
        var shipped = RouterConfigurationLoader.Load(sources, parts).Configuration!.Options;
        foreach (var key in shipped.Lookups.Keys.Select(name => $"Lookups__{name}").Concat(shipped.Actions.Keys.Select(name => $"Actions__{name}")))
        {
            environment[$"{key}__Timeout"] = "60s";
        }

        var loaded = RouterConfigurationLoader.Load(sources, parts);
        Assert.True(loaded.Configuration is not null, string.Join('\n', loaded.Problems));
        host._app = RouterHost.Build(loaded, sources, parts, builder =>
        {
            builder.Services.AddSingleton<TimeProvider>(clock);
            builder.Logging.ClearProviders();
        });
        await host._app.StartAsync();
        var address = host._app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        host._bot.OutgoingUrl = $"{address}/bots/{sample}/{RouterApplication.Key}?account={host._bot.Account!.Id.ToString(CultureInfo.InvariantCulture)}";
        return host;
    }

    /// <summary>As it was before anybody wrote.</summary>
    public void MakeDatabase()
    {
        using var connection = new SqliteConnection($"Data Source={Database};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "select name from sqlite_master where type = 'table' and name not like 'sqlite_%'";
        var tables = new List<string>();
        using (var reader = command.ExecuteReader())
        {
            while (reader.Read())
            {
                tables.Add(reader.GetString(0));
            }
        }

        command.CommandText = "pragma foreign_keys = off;" + string.Concat(tables.Select(t => $"drop table {t};")) + string.Join('\n', Directory.GetFiles(Path.Combine(Samples, _sample, "data"), "*.sql").Select(File.ReadAllText));
        command.ExecuteNonQuery();
    }

    public PlaygroundCustomer NewCustomer(ChannelKind channel, string name, string? email)
    {
        if (!_inboxes.TryGetValue(channel, out var inbox))
        {
            _inboxes[channel] = inbox = _bot.Account!.AddInbox($"{_sample} {channel}", channel).Connect(_bot);
        }

        return inbox.AddCustomer(name, email);
    }

    public Task SettleAsync() => Quiet.WaitAsync(Chat, _app.Services);

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
        await _server.DisposeAsync();
        SqliteConnection.ClearAllPools();
        Directory.Delete(_directory, recursive: true);
    }
}

/// <summary>One customer's conversation with a sample that runs. What is seen is what the chat shows.</summary>
internal sealed class LiveDesk(SampleHost host) : ITranscriptDesk
{
    private ChannelKind _channel = ChannelKind.WebWidget;
    // As the platform calls visitors whom nobody knows.
    private string _name = "quiet-forest-214";
    private string? _email;
    private readonly Dictionary<string, string> _attributes = [];
    private PlaygroundCustomer? _customer;
    private long _seen;
    private (string Status, string? Priority, string Labels) _before = ("pending", null, "");

    public string? LastCode => null;

    // What was done in the back office, and why nothing was said, shows in no message.
    public IReadOnlyCollection<string> Unseen { get; } = ["attributes", "action", "silence"];

    private PlaygroundCustomer Customer
    {
        get
        {
            if (_customer is null)
            {
                _customer = host.NewCustomer(_channel, _name, _email);
                if (_attributes.Count > 0)
                {
                    _customer.SetCustomAttributes(_attributes);
                }
            }

            return _customer;
        }
    }

    public void Given(string name, string value)
    {
        switch (name)
        {
            case "email": _email = value; break;
            case "name": _name = value; break;
            case "language" or "timezone": _attributes[name] = value; break;
            case "channel": _channel = Enum.Parse<ChannelKind>(value); break;
            default: throw new FormatException($"'{name} {value}' cannot be given over HTTP.");
        }
    }

    public Task<IReadOnlyList<string>> SaysAsync(string text, IReadOnlyList<Entity> entities, IReadOnlyList<(string Intent, double Probability)> heard) => AfterAsync(() => Customer.Say(text));

    public Task<IReadOnlyList<string>> SendsAsync(string fileType) => AfterAsync(() => Customer.SendPhoto());

    public Task<IReadOnlyList<string>> PressesAsync(string title) => AfterAsync(() => Customer.Choose(Prompt(), title));

    public Task<IReadOnlyList<string>> SubmitsAsync(IReadOnlyList<SubmittedValue> values) => AfterAsync(() =>
    {
        var prompt = Prompt();
        return prompt.ContentType == "input_email" ? Customer.SubmitEmail(prompt, values[0].Value) : Customer.SubmitForm(prompt, [.. values.Select(v => (v.Name!, v.Value))]);
    });

    public Task<IReadOnlyList<string>> OpensTheWidgetAsync() => AfterAsync(() =>
    {
        Customer.OpenWidget();
        return null;
    });

    private PlaygroundMessage Prompt() => Customer.Conversation!.BotReplies.Last(m => m.ContentType != "text");

    private async Task<IReadOnlyList<string>> AfterAsync(Func<PlaygroundMessage?> act)
    {
        act();
        await host.SettleAsync();
        if (Customer.Conversation is not { } conversation)
        {
            return [];
        }

        var messages = conversation.Messages.Where(m => m.Id > _seen).ToList();
        _seen = messages.Count > 0 ? messages[^1].Id : _seen;
        Assert.All(messages, m => Assert.Empty(m.LiquidExecuted));
        var said = messages.Where(m => m.IsBotReply).ToList();
        var now = (Status: conversation.Status.ToString().ToLowerInvariant(), conversation.Priority, Labels: string.Join(", ", conversation.Labels));
        var before = _before;
        // A label that is there already would not show again.
        _before = now with { Labels = "" };
        if (now.Labels.Length > 0)
        {
            conversation.SetLabels();
            await host.SettleAsync();
        }

        return
        [
            .. messages.Where(m => m is { Private: true, Bot: not null }).Select(m => "note: " + m.Content),
            .. now.Priority == before.Priority ? Array.Empty<string>() : [$"priority: {now.Priority}"],
            .. said.SelectMany(m => Transcript.Message(m.Content ?? "", m.ContentType, JsonNode.Parse(m.ContentAttributes.GetRawText())?["items"])),
            .. now.Labels == before.Labels ? Array.Empty<string>() : [$"labels: {now.Labels}"],
            .. now.Status == before.Status ? Array.Empty<string>() : [$"status: {now.Status}"],
        ];
    }
}
