using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace IntentRouter.DeployTests.Image;

[Collection(nameof(Image))]
public sealed class ImageTests
{
    [SkippableFact]
    public async Task The_image_runs_as_nobody_special_and_has_nothing_of_its_own_to_say_about_settings()
    {
        var image = JsonNode.Parse(await Engine.AskAsync("image", "inspect", await RouterImage.GetAsync()))![0]!;
        var config = image["Config"]!;

        Assert.Equal("1654:1654", config["User"]!.GetValue<string>());
        Assert.Equal("/app/intent-router", Assert.Single(config["Entrypoint"]!.AsArray())!.GetValue<string>());
        Assert.Equal("serve", Assert.Single(config["Cmd"]!.AsArray())!.GetValue<string>());
        Assert.Equal(["8080/tcp"], config["ExposedPorts"]!.AsObject().Select(port => port.Key));
        Assert.Equal("IntentRouter", config["Labels"]!["org.opencontainers.image.title"]!.GetValue<string>());
        Assert.DoesNotContain(config["Env"]!.AsArray(), variable => variable!.GetValue<string>().Contains("__", StringComparison.Ordinal));
    }

    [SkippableFact]
    public async Task Only_one_platform_s_native_libraries_and_no_symbols_or_documentation_ship()
    {
        var files = (await RouterImage.FilesAsync()).Keys;

        Assert.Contains("intent-router", files);
        Assert.DoesNotContain(files, file => file.EndsWith(".dylib", StringComparison.Ordinal) || file.EndsWith(".pdb", StringComparison.Ordinal));
        Assert.DoesNotContain(files, file => file.StartsWith("runtimes/", StringComparison.Ordinal) && !file.StartsWith("runtimes/linux-x64/", StringComparison.Ordinal));
        Assert.DoesNotContain(files, file => file.StartsWith("Microsoft.", StringComparison.Ordinal) && file.EndsWith(".xml", StringComparison.Ordinal));
    }

    [SkippableFact]
    public async Task The_bill_of_materials_names_every_library_that_ships()
    {
        var files = await RouterImage.FilesAsync();
        var text = Encoding.UTF8.GetString(files["sbom.cdx.json"]);
        Assert.Empty(await Tools.NodeAsync<string[]>("cyclonedx.mjs", text));

        using var bill = JsonDocument.Parse(text);
        var components = bill.RootElement.GetProperty("components").EnumerateArray().Select(component => component.GetProperty("name").GetString()!).ToHashSet(StringComparer.OrdinalIgnoreCase);
        using var deps = JsonDocument.Parse(files["intent-router.deps.json"]);
        var shipped = deps.RootElement.GetProperty("libraries").EnumerateObject().Select(library => library.Name.Split('/')[0]).Where(name => name != "intent-router");

        Assert.Equal(shipped.Order(StringComparer.OrdinalIgnoreCase), components.Order(StringComparer.OrdinalIgnoreCase));
        Assert.Equal("intent-router", bill.RootElement.GetProperty("metadata").GetProperty("component").GetProperty("name").GetString());
        Assert.DoesNotContain(components, name => name.Contains("Analyzers", StringComparison.Ordinal) || name.Contains("xunit", StringComparison.Ordinal));
        Assert.All(
            bill.RootElement.GetProperty("components").EnumerateArray().Where(component => component.TryGetProperty("purl", out _)),
            component =>
            {
                Assert.Equal(128, component.GetProperty("hashes")[0].GetProperty("content").GetString()!.Length);
                Assert.True(component.TryGetProperty("licenses", out _), component.GetProperty("name").GetString());
            });
    }
}
