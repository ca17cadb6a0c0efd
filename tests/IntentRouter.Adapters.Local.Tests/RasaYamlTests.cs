using IntentRouter.Adapters.Local.Training;
using Xunit;

namespace IntentRouter.Adapters.Local.Tests;

public sealed class RasaYamlTests : IDisposable
{
    private readonly TrainingFiles _files = new();

    public void Dispose() => _files.Dispose();

    [Fact]
    public void Examples_keep_their_intent_text_and_line()
    {
        var data = Read("""
            version: "3.1"
            nlu:
            - intent: greet
              examples: |
                - hello
                - good morning

            - intent: faq/hours
              examples:
              - text: |
                  when do you open
                metadata: { source: mail }
              - are you open
            """);

        Assert.DoesNotContain(data.Problems, p => p.IsError);
        Assert.Equal(
            ["greet|hello|5", "greet|good morning|6", "faq/hours|when do you open|11", "faq/hours|are you open|13"],
            data.Examples.Select(e => $"{e.Intent}|{e.Text}|{e.Location.Line}"));
    }

    [Theory]
    [InlineData("a table in [Bonn](city)", "a table in Bonn", "city=Bonn@11+4")]
    [InlineData("to [Köln](city:cgn) now", "to Köln now", "city=cgn@3+4")]
    [InlineData("from [here]{\"entity\": \"city\", \"role\": \"from\", \"value\": \"bn\"}", "from here", "city=bn@5+4 role from")]
    [InlineData("[two](n) or [three]{\"entity\": \"n\", \"group\": \"1\"}", "two or three", "n=two@0+3|n=three@7+5 group 1")]
    [InlineData("the [old] way (really)", "the [old] way (really)", "")]
    public void All_three_forms_of_entity_markup_are_read(string marked, string text, string entities)
    {
        var data = Read($$"""
            nlu:
            - intent: a
              examples: |
                - {{marked}}
                - other
            - intent: b
              examples: |
                - one
                - two
            """);

        Assert.DoesNotContain(data.Problems, p => p.IsError);
        Assert.Equal(text, data.Examples[0].Text);
        Assert.Equal(
            entities,
            string.Join('|', data.Examples[0].Entities.Select(e =>
                $"{e.Name}={e.Value}@{e.Start}+{e.Length}{(e.Role is null ? "" : " role " + e.Role)}{(e.Group is null ? "" : " group " + e.Group)}")));
    }

    [Fact]
    public void Synonyms_patterns_and_lookup_tables_are_read()
    {
        var data = TrainingData.Read(TrainingFiles.Shop);

        Assert.Empty(data.Problems);
        Assert.Equal(180, data.Examples.Count);
        Assert.Equal("order_number", Assert.Single(data.Patterns).Entity);
        Assert.Equal(["blue", "red", "light green"], data.Lookups["colour"]);
        Assert.Equal("green", data.Synonyms["Light Green"]);
    }

    [Theory]
    [InlineData("nlu:\n- intent: a\n  exampels: |\n    - x", 3, "'exampels' is unknown")]
    [InlineData("nlu:\n- intent: a\n  examples: |\n    - x\n    y", 5, "must start with '-'")]
    [InlineData("nlu:\n- intent: a\n  examples: |\n    - x\n    - [y](", 5, "not closed")]
    [InlineData("nlu:\n- intent: a\n  examples: |\n    - [y]{\"entity\": \"e\", \"rol\": \"r\"}", 4, "'rol'")]
    [InlineData("nlu:\n- intent: a\n  examples: |\n    - [y]{entity}", 4, "not a JSON object")]
    [InlineData("nlu:\n- intent: a\n", 2, "no 'examples'")]
    [InlineData("nlu:\n- intent: a\n  examples: |\n", 3, "no examples")]
    [InlineData("nlu:\n- intents: a\n  examples: |\n    - x", 2, "none of intent, synonym, regex, lookup")]
    [InlineData("nlu:\n- intent: a/b/c\n  examples: |\n    - x", 2, "more than one slash")]
    [InlineData("nlu:\n- regex: zip\n  examples: |\n    - \\d{5}\n    - (", 5, "not a regular expression")]
    [InlineData("version: \"4.0\"\nnlu: []", 1, "newer")]
    [InlineData("version: soon\nnlu: []", 1, "not a version")]
    [InlineData("nlu: 5", 1, "must be a list")]
    [InlineData("nul:\n- intent: a", 1, "'nul' is unknown")]
    [InlineData("- intent: a", 1, "must be a mapping")]
    [InlineData("nlu:\n- intent: a\n  examples: |\n    - x\n   bad: [", 5, "Not valid YAML")]
    public void What_is_wrong_is_named_with_file_and_line(string yaml, int line, string message)
    {
        var file = _files.Write("bad.yaml", yaml);

        var problem = TrainingData.Read(file).Problems[0];

        Assert.True(problem.IsError);
        Assert.Equal(new TrainingLocation(file, line), problem.Location);
        Assert.Contains(message, problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Stories_and_responses_in_the_same_file_are_left_alone()
    {
        var data = Read("""
            version: "3.1"
            responses:
              utter_greet: [{ text: Hi }]
            stories: []
            nlu:
            - intent: a
              examples: |
                - one
                - two
            - intent: b
              examples: |
                - three
                - four
            """);

        Assert.DoesNotContain(data.Problems, p => p.IsError);
        Assert.Equal(4, data.Examples.Count);
    }

    private TrainingData Read(string yaml) => TrainingData.Read(_files.Write("nlu.yaml", yaml));
}
