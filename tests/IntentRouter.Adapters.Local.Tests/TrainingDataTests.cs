using IntentRouter.Adapters.Local.Training;
using Xunit;

namespace IntentRouter.Adapters.Local.Tests;

public sealed class TrainingDataTests : IDisposable
{
    private readonly TrainingFiles _files = new();

    public void Dispose() => _files.Dispose();

    [Fact]
    public void Csv_keeps_commas_quotes_and_lines()
    {
        var file = _files.Write("data.csv", "text,intent\n\"yes, please\",yes\nno,no\n\"two\nlines\",yes\n\"a \"\"b\"\"\",no\n");

        var data = TrainingData.Read(file);

        Assert.DoesNotContain(data.Problems, p => p.IsError);
        Assert.Equal(
            ["yes, please|yes|2", "no|no|3", "two\nlines|yes|4", "a \"b\"|no|6"],
            data.Examples.Select(e => $"{e.Text}|{e.Intent}|{e.Location.Line}"));
    }

    [Theory]
    [InlineData("utterance,intent\na,b\n", 1, "header 'text,intent'")]
    [InlineData("text,intent,lang\na,b,en\n", 1, "'lang' is unknown")]
    [InlineData("text,intent\na,b\nyes, please,b\n", 3, "3 columns")]
    [InlineData("text,intent\na,b\n,b\n", 3, "text is empty")]
    [InlineData("text,intent\na,b\na,\n", 3, "intent is empty")]
    public void A_bad_line_is_named(string csv, int line, string message)
    {
        var file = _files.Write("data.csv", csv);

        var problem = TrainingData.Read(file).Problems[0];

        Assert.Equal((true, new TrainingLocation(file, line)), (problem.IsError, problem.Location));
        Assert.Contains(message, problem.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("data.csv", "text,intent\nhello,greet\ngr\u00fc\u00df Gott,greet\n", 3)]
    [InlineData("data.yml", "nlu:\n- intent: greet\n  examples: |\n    - gr\u00fc\u00df Gott\n", 4)]
    public void A_file_of_another_encoding_is_refused_with_the_line(string name, string content, int line)
    {
        var file = _files.Write(name, "");
        File.WriteAllText(file, content, System.Text.Encoding.Latin1);

        var problem = Assert.Single(TrainingData.Read(file).Problems);

        Assert.Equal((true, new TrainingLocation(file, line)), (problem.IsError, problem.Location));
        Assert.Contains("UTF-8", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_name_that_does_not_say_how_to_read_the_file_is_an_error()
    {
        var problem = Assert.Single(TrainingData.Read(_files.Write("data.tsv", "text\tintent\n")).Problems);

        Assert.Contains("must end in .csv", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_is_read_whole_and_hidden_versions_of_a_mounted_map_are_not()
    {
        _files.Write("a.csv", "text,intent\none,a\ntwo,a\n");
        _files.Write("deep/b.yml", "nlu:\n- intent: b\n  examples: |\n    - three\n    - four\n");
        _files.Write("..2026_01_01/a.csv", "text,intent\nold,a\n");
        _files.Write("notes.txt", "nothing");

        var data = TrainingData.Read(_files.Folder);

        Assert.DoesNotContain(data.Problems, p => p.IsError);
        Assert.Equal(["one", "two", "three", "four"], data.Examples.Select(e => e.Text));
    }

    [Fact]
    public void A_missing_file_is_an_error()
    {
        var problem = Assert.Single(TrainingData.Read(Path.Combine(_files.Folder, "none.yaml")).Problems);

        Assert.Contains("no such file or folder", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Too_few_examples_are_an_error_and_few_a_warning()
    {
        var file = _files.Write("data.csv", "text,intent\nhello,a\nHello,a\none,b\ntwo,b\n");

        var problems = TrainingData.Read(file).Problems;

        Assert.Contains(problems, p => p.IsError && p.Location.Line == 2 && p.Message.Contains("'a' has 1 example", StringComparison.Ordinal));
        Assert.Contains(problems, p => !p.IsError && p.Location.Line == 4 && p.Message.Contains("'b' has only 2", StringComparison.Ordinal));
    }

    [Fact]
    public void One_intent_cannot_be_told_from_nothing()
    {
        var file = _files.Write("data.csv", "text,intent\none,a\ntwo,a\nthree,out_of_scope\n");

        Assert.Contains(TrainingData.Read(file).Problems, p => p.IsError && p.Message.Contains("at least 2", StringComparison.Ordinal));
    }

    [Fact]
    public void An_example_of_two_intents_is_reported_at_both_places()
    {
        var first = _files.Write("a.csv", "text,intent\none,a\ntwo,a\n");
        var second = _files.Write("b.csv", "text,intent\nthree,b\nTwo ,b\n");

        var problem = Assert.Single(TrainingData.Read([first, second]).Problems, p => p.Message.Contains("also one of", StringComparison.Ordinal));

        Assert.Equal(new TrainingLocation(second, 3), problem.Location);
        Assert.Contains($"{first}:3", problem.Message, StringComparison.Ordinal);
    }
}
