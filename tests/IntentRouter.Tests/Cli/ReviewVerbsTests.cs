using System.CommandLine;
using System.Text.Json.Nodes;
using IntentRouter.Cli;
using IntentRouter.Configuration;
using IntentRouter.Conversations;
using IntentRouter.Nlu;
using IntentRouter.Review;
using IntentRouter.Storage;
using Microsoft.Extensions.Logging.Abstractions;

namespace IntentRouter.Tests.Cli;

/// <summary><c>review</c> and <c>shadow</c> on a store that no service holds.</summary>
public sealed class ReviewVerbsTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("review-");

    public ReviewVerbsTests()
    {
        Directory.CreateDirectory(Path("texts"));
        File.WriteAllText(Path("texts/en.yaml"), "hello: Hello!\ntea: A cup of tea.\n");
        File.WriteAllText(Path("nlu.csv"), "text,intent\nhello there,greet\ngood morning,greet\nhi bot,greet\na cup of tea please,tea\ngreen tea,tea\nI would like tea,tea\n");
        File.WriteAllText(Path("intent-router.yaml"), GreetingBot.Configuration("greet: { reply: hello }, tea: { reply: tea }", confidence: ""));
    }

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Utterances_are_listed_labelled_exported_and_trained()
    {
        await StoreAsync("oolong, \"if\" you have", "who won the cup", "hm");

        var (_, list, _) = await RunAsync("review", "list");
        var items = JsonNode.Parse((await RunAsync("review", "list", "--json")).Output)!.AsArray();
        string Id(string text) => items.Single(i => (string)i!["text"]! == text)!["id"]!.ToString();
        var labelled = await RunAsync("review", "label", Id("oolong, \"if\" you have"), "tea", "--by", "Mara");
        await RunAsync("review", "label", Id("who won the cup"), "out_of_scope", "--by", "Mara");
        var dismissed = await RunAsync("review", "dismiss", Id("hm"), "--by", "Mara");

        Assert.Contains("oolong", list, StringComparison.Ordinal);
        Assert.Equal((ExitCode.Fine, ExitCode.Fine), (labelled.Code, dismissed.Code));
        Assert.Contains("Nothing waits for a look.", (await RunAsync("review", "list")).Output, StringComparison.Ordinal);
        Assert.Contains("→ tea (Mara)", (await RunAsync("review", "list", "--state", "labelled")).Output, StringComparison.Ordinal);
        Assert.Equal(
            "text,intent\n\"who won the cup\",\"out_of_scope\"\n\"oolong, \"\"if\"\" you have\",\"tea\"\n",
            (await RunAsync("review", "export", "--format", "csv")).Output);
        await RunAsync("review", "export", "--bot", "shop", "--out", Path("out.yml"));
        Assert.Contains("intent: tea", await File.ReadAllTextAsync(Path("out.yml")), StringComparison.Ordinal);
        Assert.DoesNotContain("hm", await File.ReadAllTextAsync(Path("out.yml")), StringComparison.Ordinal);
        Assert.Empty(Lines((await RunAsync("review", "export", "--format", "csv", "--language", "de")).Output).Skip(1));

        var trained = JsonNode.Parse((await RunAsync("train", "--quick", "--json")).Output)![0]!;
        Assert.Equal(2, (int)trained["learned"]! + ((int?)trained["notLearned"]?["learned"] ?? 0));
        Assert.True((await RunAsync("review", "reopen", Id("hm"))).Code == ExitCode.Fine);
    }

    [Theory]
    [InlineData("review label 1 tee", ExitCode.Usage, "Did you mean 'tea'?")]
    [InlineData("review label 99 tea", ExitCode.Findings, "")]
    [InlineData("review dismiss 99", ExitCode.Findings, "")]
    [InlineData("review export --bot shp", ExitCode.Usage, "Did you mean 'shop'?")]
    [InlineData("shadow --since tomorrow", ExitCode.Usage, "neither a date")]
    public async Task What_cannot_be_done_says_why(string arguments, int code, string message)
    {
        await StoreAsync("oolong");

        var result = await RunAsync(arguments.Split(' '));

        Assert.Equal(code, result.Code);
        Assert.Contains(message, result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Adapters_on_trial_are_compared()
    {
        await StoreAsync("oolong");
        await using (var store = await OpenAsync())
        {
            await store.AddShadowAsync(Answer("a", "oolong", ShadowOutcome.Differs, "tea", live: null), CancellationToken.None);
            await store.AddShadowAsync(Answer("b", "hello", ShadowOutcome.Agrees, "greet", live: "greet"), CancellationToken.None);
            await store.AddShadowAsync(Answer("c", "what", ShadowOutcome.Failed, null, live: "greet"), CancellationToken.None);
            await store.JudgeReviewAsync((await store.ListReviewAsync(null, null, 0, 1, CancellationToken.None))[0].Id, ReviewState.Labelled, "tea", "m", CancellationToken.None);
        }

        var (code, text, _) = await RunAsync("shadow");
        var report = JsonNode.Parse((await RunAsync("shadow", "--bot", "shop", "--json")).Output)![0]!;

        Assert.Equal(ExitCode.Fine, code);
        Assert.Contains("shop: rasa beside local, 3 turns", text, StringComparison.Ordinal);
        Assert.Contains("only the shadow right 1, only the live one 0, both 0, neither 0", text, StringComparison.Ordinal);
        Assert.Equal((3, 1, 1, 1, 1), ((int)report["turns"]!, (int)report["agreed"]!, (int)report["differed"]!, (int)report["failed"]!, (int)report["judged"]!));
    }

    [Theory]
    [InlineData("tea", "tea", true, null, false, "1 0 0 0")]
    [InlineData("tea", null, false, "tea", true, "0 1 0 0")]
    [InlineData("tea", "tea", true, "tea", true, "0 0 1 0")]
    [InlineData("tea", "greet", true, "tea", false, "0 0 0 1")]
    [InlineData("out_of_scope", null, false, "greet", true, "1 0 0 0")]
    [InlineData("out_of_scope", "tea", false, "greet", false, "0 0 1 0")]
    public void Right_is_what_the_customer_would_have_got(string truth, string? shadow, bool answered, string? live, bool liveAnswered, string expected)
    {
        var answer = Answer("a", "x", ShadowOutcome.Differs, shadow, live) with { Answered = answered, LiveAnswered = liveAnswered };

        var c = Assert.Single(ShadowReport.Of([new JudgedShadow(answer, truth)]));

        Assert.Equal(expected, $"{c.ShadowRight} {c.LiveRight} {c.BothRight} {c.NeitherRight}");
    }

    private static ShadowAnswer Answer(string turn, string text, ShadowOutcome outcome, string? intent, string? live) => new(
        "shop", "shop/1/1", turn, ReviewText.KeyOf(text), "rasa", "m", outcome, intent, intent is not null, "local", live, live is not null, 12, 1, default);

    private static string[] Lines(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    private async Task StoreAsync(params string[] texts)
    {
        await using var store = await OpenAsync();
        for (var i = 0; i < texts.Length; i++)
        {
            var appended = await store.AppendAsync(new NewEvent { Key = $"e{i}", Conversation = $"shop/1/{i}", Kind = "message_created", Payload = "{}"u8.ToArray() }, CancellationToken.None);
            var note = new ReviewNote { Reason = ReviewReason.Fallback, Utterance = new SpokenUtterance { Text = texts[i], Language = "en", Turn = $"e{i}", Rule = "fallback-no-candidate", Adapter = "local" } };
            Assert.True((await store.StepAsync(appended.Claim!.Value, new ConversationStep { Turn = new DecidedTurn([appended.Sequence], $"e{i}", new ConversationState(), [], null, 0) { Review = [note] } }, CancellationToken.None)).Held);
        }
    }

    private async Task<IEventStore> OpenAsync()
    {
        var store = EventStoreFactory.Create(
            new StoreOptions { Provider = "sqlite", Connection = $"Data Source={Path("router.db")}" }, new EngineOptions(), _folder.FullName, TimeProvider.System, NullLoggerFactory.Instance);
        await store.StartAsync(CancellationToken.None);
        return store;
    }

    private async Task<(int Code, string Output, string Error)> RunAsync(params string[] arguments)
    {
        var config = new Option<string?>("--config") { Recursive = true };
        var json = new Option<bool>("--json");
        var root = new RootCommand { config, ReviewCommand.Create(config, json), ShadowCommand.Create(config, json), TrainCommand.Create(config, json) };
        var (output, error) = (new StringWriter(), new StringWriter());
        var code = await root.Parse([.. arguments, "--config", Path("intent-router.yaml")])
            .InvokeAsync(new InvocationConfiguration { Output = output, Error = error, EnableDefaultExceptionHandler = false });
        return (code, output.ToString(), error.ToString());
    }

    private string Path(string name) => System.IO.Path.Combine(_folder.FullName, name);
}
