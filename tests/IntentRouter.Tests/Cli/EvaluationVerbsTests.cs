using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using IntentRouter.Cli;
using Microsoft.Data.Sqlite;

namespace IntentRouter.Tests.Cli;

/// <summary>The verbs as the program calls them, on a small bot with the lexical model.</summary>
public sealed class EvaluationVerbsTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("verbs-");

    public EvaluationVerbsTests()
    {
        Write("intent-router.yaml", GreetingBot.Configuration(
            entries: """down: { adapter: rasa, url: "http://127.0.0.1:9", retries: 0, attemptTimeout: 1s, timeout: 1s }"""));
        Write("texts/en.yaml", GreetingBot.Texts);
        Write("nlu.csv", GreetingBot.Training);
        Write("data.csv", "text,intent\nhello friend,greet\nsee you,bye\nblack tea please,tea\nwhat is the capital of peru,out_of_scope\n");
    }

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Evaluate_writes_json_and_a_report()
    {
        var (code, output, _) = await RunAsync("evaluate", "--data", Path("data.csv"), "--report", Path("report"), "--json", "--min-accuracy", "0.9");

        var result = JsonNode.Parse(output)!["results"]![0]!;
        Assert.Equal(ExitCode.Fine, code);
        Assert.Equal(("local", 4, 1.0, true), ((string)result["adapter"]!, (int)result["utterances"]!, (double)result["accuracy"]!, (bool)result["calibrated"]!));
        Assert.True(File.Exists(Path("report/report.html")));
        Assert.Equal(output.TrimEnd(), (await File.ReadAllTextAsync(Path("report/report.json"))).TrimEnd());
        Assert.False(File.Exists(Path("router.db")));
    }

    [Fact]
    public async Task Every_answer_is_in_a_file_from_which_the_figures_can_be_computed_again()
    {
        Write("data.csv", await File.ReadAllTextAsync(Path("data.csv")) + "\"=hello, \"\"you\"\"\",greet\n");
        var (_, output, _) = await RunAsync("evaluate", "--data", Path("data.csv"), "--report", Path("report"), "--json");
        var lines = await File.ReadAllLinesAsync(Path("report/answers.csv"));

        var result = JsonNode.Parse(output)!["results"]![0]!;
        Assert.Equal("adapter,text,intent,first,confidence,raw,right,decision,milliseconds,failure", lines[0]);
        Assert.StartsWith("\"local\",\"hello friend\",\"greet\",\"greet\",0.", lines[1], StringComparison.Ordinal);
        Assert.StartsWith("\"local\",\"=hello, \"\"you\"\"\",\"greet\",", lines[^1], StringComparison.Ordinal);
        var answers = lines[1..^1].Select(l => l.Split(',')).ToArray();
        Assert.Equal((double)result["answered"]! * 5, answers.Count(a => double.Parse(a[4], CultureInfo.InvariantCulture) >= 0.5) + (lines[^1].Contains(",say,", StringComparison.Ordinal) ? 1 : 0), 9);
        Assert.Equal(["yes", "yes", "yes", "no"], answers.Select(a => a[6]));
    }

    [Fact]
    public async Task Labels_that_the_model_never_heard_of_are_named()
    {
        Write("typo.csv", "text,intent\nhello friend,gret\nsee you,bye\ncome on,out_of_scope\n");

        var (_, output, _) = await RunAsync("evaluate", "--data", Path("typo.csv"));

        Assert.Contains("Labels that no training example has, so that no answer is right: gret (1 of 3 utterances).", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_mix_that_the_confidence_does_not_expect_is_said()
    {
        Write("tame.csv", "text,intent\nhello friend,greet\nsee you,bye\nblack tea please,tea\n");

        var (_, tame, _) = await RunAsync("evaluate", "--data", Path("tame.csv"));
        var (_, mixed, _) = await RunAsync("evaluate", "--data", Path("data.csv"));

        Assert.Contains("expects one utterance in five to be out of scope; here it is 0 %", tame, StringComparison.Ordinal);
        Assert.DoesNotContain("one utterance in five", mixed, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Evaluate_keeps_the_latest_report_in_the_store_for_the_console()
    {
        await RunAsync("evaluate", "--data", Path("data.csv"), "--calibrate");
        var (_, output, _) = await RunAsync("evaluate", "--data", Path("data.csv"), "--json");

        await using var database = new SqliteConnection($"Data Source={Path("router.db")};Pooling=False");
        await database.OpenAsync();
        await using var command = database.CreateCommand();
        command.CommandText = "select value from shared_value where area = 'evaluation' and key = 'shop'";
        Assert.Equal(output.TrimEnd(), (string?)await command.ExecuteScalarAsync());
    }

    [Fact]
    public async Task A_missed_bound_is_exit_code_1_and_says_which()
    {
        var (code, output, _) = await RunAsync("evaluate", "--data", Path("data.csv"), "--max-p95-ms", "0");

        Assert.Equal(ExitCode.Findings, code);
        Assert.Contains("MISSED: local: 95 % of the times, ms", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_engine_that_is_down_is_exit_code_3()
    {
        var (code, _, error) = await RunAsync("evaluate", "--data", Path("data.csv"), "--adapter", "down", "--rate", "100");

        Assert.Equal(ExitCode.OutsideSystem, code);
        Assert.DoesNotContain("   at ", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--adapter locl", "no entry 'locl'")]
    [InlineData("--bot shp", "no bot 'shp'")]
    [InlineData("--min-accuracy 95", "out of range")]
    [InlineData("--rate 0", "--rate")]
    [InlineData("--data nowhere.csv", "no such file or folder.")]
    [InlineData("--report nlu.csv", "--report")]
    public async Task What_cannot_be_asked_for_is_exit_code_2_with_the_remedy(string arguments, string message)
    {
        var (code, _, error) = await RunAsync(["evaluate", "--data", Path("data.csv"), .. arguments.Replace("nlu.csv", Path("nlu.csv"), StringComparison.Ordinal).Split(' ')]);

        Assert.Equal(ExitCode.Usage, code);
        Assert.Contains(message, error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Evaluate_on_training_examples_says_that_it_flatters()
    {
        var (_, output, _) = await RunAsync("evaluate", "--data", Path("nlu.csv"));

        Assert.Contains("15 of the 15 utterances are training examples", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_calibration_is_stored_for_its_model_and_used_the_next_time()
    {
        // Half of the labels are wrong, so that the raw confidence is too high.
        Write("noisy.csv", "text,intent\n" + string.Concat(Enumerable.Range(0, 40).Select(i => $"some tea number {i},{(i % 2 == 0 ? "tea" : "bye")}\n")));

        var (_, first, _) = await RunAsync("evaluate", "--data", Path("noisy.csv"), "--calibrate", "--json");
        var (_, second, _) = await RunAsync("evaluate", "--data", Path("noisy.csv"), "--json");

        Assert.Contains("Calibrated on 40 answers", first, StringComparison.Ordinal);
        Assert.InRange((double)JsonNode.Parse(second)!["results"]![0]!["calibrationError"]!, 0, 0.1);
    }

    [Fact]
    public async Task Tune_prints_a_patch()
    {
        Write("intent-router.yaml", GreetingBot.Configuration(confidence: "answer: 0.5, clarify: 0.3, attempts: 3"));
        var (code, output, _) = await RunAsync("tune", "--data", Path("data.csv"), "--wrong-cost", "5");

        Assert.Equal(ExitCode.Fine, code);
        Assert.Matches("Patch:\nbots:\n  shop:\n    confidence: { answer: [0-9.]+, clarify: [0-9.]+, margin: [0-9.]+, attempts: 3 }\n", output.ReplaceLineEndings("\n"));
    }

    [Fact]
    public async Task Tune_asks_only_the_adapter_that_answers_first()
    {
        var path = Path("intent-router.yaml");
        await File.WriteAllTextAsync(path, (await File.ReadAllTextAsync(path)).Replace("use: [local]", "use: [local, down]", StringComparison.Ordinal));

        var (code, _, error) = await RunAsync("tune", "--data", Path("data.csv"), "--wrong-cost", "5");

        Assert.Equal(ExitCode.Fine, code);
        Assert.Contains("Tuning for 'local'", error, StringComparison.Ordinal);
        // Whoever is asked over the network leaves a file of answers.
        Assert.False(Directory.Exists(Path(".data/evaluations")));
    }

    [Fact]
    public async Task Train_cross_validates_and_names_problems_with_their_place()
    {
        var (fine, output, _) = await RunAsync("train", "--json");
        Write("nlu.csv", await File.ReadAllTextAsync(Path("nlu.csv")) + "\nsee you later,greet\n");
        var (found, problems, _) = await RunAsync("train", "--quick");

        var trained = JsonNode.Parse(output)![0]!;
        Assert.Equal((ExitCode.Fine, 15, 3), (fine, (int)trained["examples"]!, (int)trained["intents"]!));
        Assert.InRange((double)trained["result"]!["accuracy"]!, 0.3, 1);
        Assert.Equal(ExitCode.Findings, found);
        Assert.Contains("nlu.csv:17: warning: This example of 'greet' is also one of 'bye'", problems, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Say_answers_and_explains_in_one_turn()
    {
        var (code, output, _) = await RunAsync("say", "hello there");
        var (_, json, _) = await RunAsync("say", "hello there", "--json");

        Assert.Equal(ExitCode.Fine, code);
        Assert.Contains("bot: Hello!", output, StringComparison.Ordinal);
        Assert.Contains("understood  greet", output, StringComparison.Ordinal);
        Assert.Equal("Hello!", (string)JsonNode.Parse(json)!["replies"]![0]!["content"]!);
        Assert.Equal("say", (string)JsonNode.Parse(json)!["explanation"]!["decision"]!);
    }

    private async Task<(int Code, string Output, string Error)> RunAsync(params string[] arguments)
    {
        var config = new Option<string?>("--config") { Recursive = true };
        var json = new Option<bool>("--json");
        var root = new RootCommand { config, EvaluateCommand.Create(config, json), TuneCommand.Create(config, json), TrainCommand.Create(config, json), SayCommand.CreateSay(config, json) };
        var (output, error) = (new StringWriter(), new StringWriter());
        var code = await root.Parse([.. arguments, "--config", Path("intent-router.yaml")])
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
