using System.CommandLine;
using System.Text.Json.Nodes;
using IntentRouter.Configuration;

namespace IntentRouter.Tests.Configuration;

public sealed class CheckCommandTests : IDisposable
{
    private readonly ConfigurationScene _scene = new ConfigurationScene().Write("intent-router.yaml", ConfigurationScene.Minimal).Write("texts/en.yaml", ConfigurationScene.Texts);

    private (int Code, string Output) Check(params string[] arguments)
    {
        var config = new Option<string?>("--config");
        var root = new RootCommand { CheckCommand.Create(config, new Option<bool>("--json"), path => _scene.Sources(path), _scene.Parts) };
        using var output = new StringWriter();
        var code = root.Parse(["check", .. arguments]).Invoke(new InvocationConfiguration { Output = output, Error = output });
        return (code, output.ToString());
    }

    [Fact]
    public void A_good_configuration_ends_with_0_and_its_version()
    {
        var (code, output) = Check();

        Assert.Equal(0, code);
        Assert.Matches(@"intent-router\.yaml is good.*; version [0-9a-f]{12}\.", output);
    }

    [Fact]
    public void A_problem_ends_with_1_and_is_printed_for_people()
    {
        _scene.Write("intent-router.yaml", ConfigurationScene.Minimal.Replace("lookup: orders", "lookup: order", StringComparison.Ordinal));

        var (code, output) = Check();

        Assert.Equal(1, code);
        Assert.Contains("intent-router.yaml(18,13): error: routes:order-status:lookup = order: There is no 'order' under 'lookups:'.", output, StringComparison.Ordinal);
        Assert.Contains("    Did you mean 'orders'?", output, StringComparison.Ordinal);
        Assert.Contains("1 problem", output, StringComparison.Ordinal);
    }

    [Fact]
    public void Machines_read_the_same_as_json()
    {
        _scene.Write("intent-router.yaml", ConfigurationScene.Minimal.Replace("lookup: orders", "lookup: order", StringComparison.Ordinal));

        var (code, output) = Check("--json");

        var json = JsonNode.Parse(output)!;
        var problem = Assert.Single(json["problems"]!.AsArray(), p => (string)p!["severity"]! == "error")!;
        Assert.Equal((1, false), (code, (bool)json["ok"]!));
        Assert.Equal(("routes:order-status:lookup", 18, 13, "order"), ((string)problem["path"]!, (int)problem["line"]!, (int)problem["column"]!, (string)problem["value"]!));
        Assert.Equal(Path.Combine(_scene.Folder, "intent-router.yaml"), (string)problem["file"]!);
    }

    [Fact]
    public void What_cannot_be_read_ends_with_2() => Assert.Equal(2, Check("--config", "nowhere.yaml").Code);

    [Fact]
    public void Warnings_count_only_when_asked_to()
    {
        _scene.Write("intent-router.yaml", ConfigurationScene.Minimal.Replace("texts: texts", "  unused: { reply: order.found }\ntexts: texts", StringComparison.Ordinal));

        Assert.Equal((0, 1), (Check().Code, Check("--strict").Code));
    }

    [Fact]
    public void Continuous_integration_needs_no_secrets()
    {
        _scene.Write("intent-router.yaml", string.Join('\n', ConfigurationScene.Minimal.Split('\n').Where(l => !l.Contains("key:", StringComparison.Ordinal) && !l.Contains("accessToken:", StringComparison.Ordinal))));

        Assert.Equal((1, 0), (Check().Code, Check("--without-secrets").Code));
    }

    [Fact]
    public void Continuous_integration_needs_no_connection_string_of_the_store()
    {
        _scene.Write("intent-router.yaml", "store: { provider: postgres }\n" + ConfigurationScene.Minimal);

        Assert.Equal((1, 0), (Check().Code, Check("--without-secrets").Code));
    }

    public void Dispose() => _scene.Dispose();
}
