using IntentRouter.Configuration;
using IntentRouter.Replies;

namespace IntentRouter.Tests.Replies;

public sealed class TextCatalogTests : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("texts-");

    public void Dispose() => _directory.Delete(recursive: true);

    [Theory]
    [InlineData("a: [1, 2]", "a", "A text is words or a rich reply.")]
    [InlineData("- a", "", "A text file is a map of key to text.")]
    [InlineData("a: { type: cards, text: x }", "a:items", "The chat refuses this kind of reply without items.")]
    [InlineData("a: { type: cards, text: x, items: [] }", "a:items", "The chat refuses this kind of reply without items.")]
    [InlineData("a: { type: cards, items: [{ title: x }] }", "a:text", "The reply has no text.")]
    [InlineData("a: { type: carrousel, text: x }", "a:type", "Not a kind of reply.")]
    [InlineData("a: { type: '1', text: x }", "a:type", "Not a kind of reply.")]
    [InlineData("a: { text: x, items: [{ title: x }] }", "a:items", "This kind of reply has no items.")]
    [InlineData("a: { type: select, text: x, items: [{ title: x, colour: red }] }", "a:items:0:colour", "The chat refuses the key 'colour' here.")]
    [InlineData("a: { type: cards, text: x, items: [{ title: x, actions: [{ url: y }] }] }", "a:items:0:actions:0:url", "The chat refuses the key 'url' here.")]
    [InlineData("a: { type: select, text: x, items: [x] }", "a:items:0", "An item is a map.")]
    [InlineData("a: { text: x, colour: red }", "a:colour", "'colour' is not known here.")]
    [InlineData("a: { text: '{{ x | shout }}' }", "a:text", "The filter 'shout' does not exist.")]
    [InlineData("a: '{% include x %}'", "a", "The tag 'include' is not available in texts; available are if, unless, case, for, assign, capture and comment.")]
    [InlineData("a: '{% if x %}open'", "a", null)]
    public void What_is_wrong_in_a_file_is_said_with_its_place(string yaml, string path, string? message)
    {
        var problems = new List<ConfigurationProblem>();
        Load(yaml, problems);

        var problem = problems[0];
        Assert.Equal(path, problem.Path);
        Assert.EndsWith("en.yaml", problem.File, StringComparison.Ordinal);
        Assert.Equal(1, problem.Line);
        Assert.NotEqual("", problem.Remedy);
        if (message is not null)
        {
            Assert.Equal(message, problem.Message);
        }
    }

    [Fact]
    public void A_file_that_is_no_yaml_is_said_with_its_line_and_the_others_are_used()
    {
        File.WriteAllText(Path.Combine(_directory.FullName, "de.yaml"), "gut: Gut.");
        var problems = new List<ConfigurationProblem>();
        var texts = Load("a: x\nb: [", problems);

        Assert.StartsWith("This is not valid YAML: ", Assert.Single(problems).Message, StringComparison.Ordinal);
        Assert.Equal("Gut.", texts.Find("gut", "de")!.Text.Source);
        Assert.Equal(["de", "en"], texts.Languages);
    }

    [Theory]
    [InlineData("a: x\n? [b, c]\n: y")]
    [InlineData("a: x\nb: { text: y, ? [type] : z }")]
    [InlineData("a: x\nb: { text: y, type: select, items: [{ ? { title: 1 } : z }] }")]
    public void A_key_that_is_no_text_is_said_and_the_rest_is_used(string yaml)
    {
        var problems = new List<ConfigurationProblem>();
        var texts = Load(yaml, problems);

        Assert.NotEmpty(problems);
        Assert.Equal("x", texts.Find("a", "en")!.Text.Source);
    }

    [Fact]
    public void A_directory_of_the_bot_lies_over_the_common_one()
    {
        var own = _directory.CreateSubdirectory("own");
        File.WriteAllText(Path.Combine(own.FullName, "en.yaml"), "a: own");
        File.WriteAllText(Path.Combine(_directory.FullName, "en.yaml"), "a: common\nb: common");
        var texts = TextCatalog.Load("en", [_directory.FullName, own.FullName], []);

        Assert.Equal("own", texts.Find("a", "en")!.Text.Source);
        Assert.Equal("common", texts.Find("b", "en")!.Text.Source);
    }

    [Theory]
    [InlineData("de-AT", "de")]
    [InlineData("de_AT", "de")]
    [InlineData("pt", "pt-BR")]
    [InlineData("ja", "en")]
    public void A_language_is_served_by_its_relatives_before_the_bots_own(string asked, string served)
    {
        var texts = TextCatalog.From("en", new[] { "en", "de", "pt-BR" }.ToDictionary(l => l, l => (IReadOnlyDictionary<string, string>)new Dictionary<string, string> { ["a"] = l }));
        Assert.Equal(served, texts.Find("a", asked)!.Language);
    }

    private TextCatalog Load(string yaml, List<ConfigurationProblem> problems)
    {
        File.WriteAllText(Path.Combine(_directory.FullName, "en.yaml"), yaml);
        return TextCatalog.Load("en", [_directory.FullName], problems);
    }
}
