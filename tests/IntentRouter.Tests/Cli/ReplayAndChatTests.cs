using System.CommandLine;
using System.Text.Json.Nodes;
using IntentRouter.Cli;
using IntentRouter.Configuration;
using IntentRouter.Conversations;
using IntentRouter.Storage;
using IntentRouter.Turns;
using Microsoft.Extensions.Logging.Abstractions;

namespace IntentRouter.Tests.Cli;

/// <summary><c>replay</c> over turns in a store, and <c>chat</c> with words from standard input.</summary>
[Collection(nameof(StandardInput))]
public sealed class ReplayAndChatTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("replay-");

    public ReplayAndChatTests()
    {
        Write("texts/en.yaml", GreetingBot.Texts);
        Write("nlu.csv", GreetingBot.Training);
        Write("intent-router.yaml", GreetingBot.Configuration());
        Write("changed.yaml", GreetingBot.Configuration("greet: { reply: hello }, bye: { reply: so_long }, tea: { handoff: { reason: asked } }"));
    }

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Under_the_same_configuration_nothing_differs()
    {
        await StoreAsync(("hello there", "say", "greet"), ("green tea", "say", "tea"));

        var (code, output, error) = await RunAsync("intent-router.yaml", "replay", "--since", "1d");

        Assert.True(code == ExitCode.Fine, output + error);
        Assert.Contains("2 stored turns, 2 decided again, 0 would differ.", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_turn_after_a_handoff_is_decided_again_as_it_was_since_a_human_had_given_the_conversation_back()
    {
        await StoreAsync(("green tea", "handoff-asked", "tea"), ("hello there", "say", "greet"));

        var (_, output, error) = await RunAsync("changed.yaml", "replay", "--since", "1d");

        Assert.True(output.Contains("2 decided again, 0 would differ.", StringComparison.Ordinal), output + error);
    }

    [Fact]
    public async Task Under_another_configuration_it_lists_what_would_differ_and_exits_1()
    {
        await StoreAsync(("hello there", "say", "greet"), ("green tea", "say", "tea"), ("a button", "silent-not-pending", null));

        var (code, output, _) = await RunAsync("changed.yaml", "replay", "--since", "1d");
        var (_, json, _) = await RunAsync("changed.yaml", "replay", "--since", "1d", "--json");

        Assert.Equal(ExitCode.Findings, code);
        Assert.Contains("3 stored turns, 2 decided again, 1 would differ.", output, StringComparison.Ordinal);
        Assert.Contains("1 × say → handoff-asked", output, StringComparison.Ordinal);
        Assert.Contains("green tea", output, StringComparison.Ordinal);
        var difference = Assert.Single(JsonNode.Parse(json)!["differences"]!.AsArray())!;
        Assert.Equal(("say", "handoff-asked", "tea", "green tea"), ((string)difference["before"]!, (string)difference["after"]!, (string)difference["intentBefore"]!, (string)difference["text"]!));
        Assert.Equal((3 - 1, 1, 1), ((int)JsonNode.Parse(json)!["turns"]!, (int)JsonNode.Parse(json)!["differ"]!, (int)JsonNode.Parse(json)!["skipped"]!));
    }

    [Fact]
    public async Task Only_the_asked_time_and_bot_are_replayed_and_nothing_is_written()
    {
        await StoreAsync(("green tea", "say", "tea"));

        var (code, output, _) = await RunAsync("changed.yaml", "replay", "--since", "2020-01-01", "--until", "2020-01-02", "--bot", "shop");

        Assert.Equal(ExitCode.Fine, code);
        Assert.Contains("0 stored turns", output, StringComparison.Ordinal);
        await using var store = await OpenAsync();
        Assert.Single(await store.ReadTurnsAsync(null, DateTimeOffset.UnixEpoch, DateTimeOffset.MaxValue.AddDays(-1), 0, 10, CancellationToken.None));
        Assert.Empty(await store.ListReviewAsync(null, null, 0, 10, CancellationToken.None));
    }

    [Theory]
    [InlineData("--since yesterday", "neither a date")]
    [InlineData("--since 1d --until soon", "neither a date")]
    [InlineData("--since 1d --bot shp", "no bot 'shp'")]
    [InlineData("--since 1d --from nowhere.yaml", "nowhere.yaml")]
    public async Task What_cannot_be_replayed_is_exit_code_2_with_the_remedy(string arguments, string message)
    {
        await StoreAsync(("green tea", "say", "tea"));

        var (code, _, error) = await RunAsync("intent-router.yaml", ["replay", .. arguments.Split(' ')]);

        Assert.Equal(ExitCode.Usage, code);
        Assert.Contains(message, error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_store_it_says_where_to_look()
    {
        var (code, _, error) = await RunAsync("intent-router.yaml", "replay", "--since", "1d");

        Assert.Equal(ExitCode.Usage, code);
        Assert.Contains("--from", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_chat_goes_on_until_an_empty_line_and_can_begin_anew()
    {
        var (code, output, error) = await ChatAsync("hello there\ngreen tea\n/new\nhello there\n\nnot read any more\n", "--quiet");

        Assert.True(code == ExitCode.Fine, output + error);
        Assert.Equal(
            ["you: bot: Hello!", "you: bot: A cup of tea.", "you: A new conversation.", "you: bot: Hello!", "you:"],
            output.ReplaceLineEndings("\n").Split('\n').Select(l => l.TrimEnd()).Where(l => l.Length > 0));
    }

    [Fact]
    public async Task A_chat_explains_each_turn_and_ends_with_the_input()
    {
        var (code, output, _) = await ChatAsync("green tea");

        Assert.Equal(ExitCode.Fine, code);
        Assert.Contains("bot: A cup of tea.", output, StringComparison.Ordinal);
        Assert.Contains("decision    say", output, StringComparison.Ordinal);
        Assert.Contains("understood  tea", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_chat_keeps_its_conversation()
    {
        var (_, output, _) = await ChatAsync("I want to talk to a human\nhello there\n", "--quiet");

        // It is with people now, and the bot is silent.
        Assert.Contains("(status: open)", output, StringComparison.Ordinal);
        Assert.DoesNotContain("Hello!", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task In_a_chat_an_action_counts_as_done_and_its_result_is_imagined()
    {
        Write("texts/en.yaml", GreetingBot.Texts + "tea.served: \"{{ result.cups }} cups, ticket {{ result.ticket }}.\"\n");
        Write("intent-router.yaml", GreetingBot.Configuration("greet: { reply: hello }, bye: { reply: so_long }, tea: { route: tea }") + """

            actions:
              serve: { kind: http, url: "http://127.0.0.1:9/tea", allowPrivate: true, idempotencyKey: header }
            routes:
              tea: { slots: { cups: { type: number, min: 1, max: 9 } }, action: serve, reply: { done: tea.served } }
            """);

        var (code, output, error) = await ChatAsync("green tea\n2\nyes\nhello there\n", "--quiet");

        Assert.True(code == ExitCode.Fine, output + error);
        Assert.Contains("(action serve would run with cups=2; taken as done)", output, StringComparison.Ordinal);
        Assert.Contains("bot: 2 cups, ticket ‹ticket›.", output, StringComparison.Ordinal);
        Assert.Contains("bot: Hello!", output, StringComparison.Ordinal);
    }

    private async Task StoreAsync(params (string Text, string Decision, string? Intent)[] turns)
    {
        await using var store = await OpenAsync();
        for (var i = 0; i < turns.Length; i++)
        {
            var (text, decision, intent) = turns[i];
            var appended = await store.AppendAsync(new NewEvent { Key = $"e{i}", Conversation = $"shop/1/{i}", Kind = "message_created", Payload = "{}"u8.ToArray() }, CancellationToken.None);
            var explanation = new TurnExplanation { Turn = $"e{i}", At = TimeProvider.System.GetUtcNow().AddMinutes(-5), Text = text, Decision = decision, Intent = intent, Language = "en", MessageId = i + 1 };
            Assert.True((await store.StepAsync(appended.Claim!.Value, new ConversationStep { Turn = new DecidedTurn([appended.Sequence], $"e{i}", new ConversationState(), [], explanation, 0) }, CancellationToken.None)).Held);
        }
    }

    private async Task<IEventStore> OpenAsync()
    {
        var store = EventStoreFactory.Create(
            new StoreOptions { Provider = "sqlite", Connection = $"Data Source={Path("router.db")}" }, new EngineOptions(), _folder.FullName, TimeProvider.System, NullLoggerFactory.Instance);
        await store.StartAsync(CancellationToken.None);
        return store;
    }

    private async Task<(int Code, string Output, string Error)> ChatAsync(string said, params string[] arguments)
    {
        var before = System.Console.In;
        System.Console.SetIn(new StringReader(said));
        try
        {
            return await RunAsync("intent-router.yaml", ["chat", .. arguments]);
        }
        finally
        {
            System.Console.SetIn(before);
        }
    }

    private async Task<(int Code, string Output, string Error)> RunAsync(string configuration, params string[] arguments)
    {
        var config = new Option<string?>("--config") { Recursive = true };
        var json = new Option<bool>("--json");
        var root = new RootCommand { config, ReplayCommand.Create(config, json), SayCommand.CreateChat(config) };
        var (output, error) = (new StringWriter(), new StringWriter());
        var code = await root.Parse([.. arguments, "--config", Path(configuration)])
            .InvokeAsync(new InvocationConfiguration { Output = output, Error = error, EnableDefaultExceptionHandler = false });
        return (code, output.ToString(), error.ToString());
    }

    private string Path(string name) => System.IO.Path.Combine(_folder.FullName, name);

    private void Write(string name, string content)
    {
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(Path(name))!);
        File.WriteAllText(Path(name), content);
    }
}

/// <summary>Standard input is one for the process.</summary>
[CollectionDefinition(nameof(StandardInput), DisableParallelization = true)]
public sealed class StandardInput;
