using System.IO.Compression;

namespace IntentRouter.Adapters.Tests.Plugins;

/// <summary>Every adapter can be had as a package of its own, with its guide, its documentation and its symbols.</summary>
public sealed class PackageTests : IDisposable
{
    private readonly DirectoryInfo _feed = Directory.CreateTempSubdirectory("feed-");

    public void Dispose() => _feed.Delete(recursive: true);

    [Fact]
    public async Task The_adapters_pack_with_their_guides_and_symbols()
    {
        // Of what is built already; the SDK's packages are packed with the template's test.
        foreach (var project in Directory.GetDirectories(Path.Combine(Repository.Root, "adapters"), "IntentRouter.Adapters.*"))
        {
            await DotNet.RunAsync(Repository.Root, "pack", project, "--no-build", "-c", Configuration, "-o", _feed.FullName, "--nologo", "-v", "q");
            var name = Path.GetFileName(project);
            var file = Assert.Single(_feed.GetFiles($"{name}.?.?.?.nupkg"));
            await using var package = await ZipFile.OpenReadAsync(file.FullName);

            Assert.True(package.GetEntry("README.md") is { Length: > 500 }, $"{name} lacks its guide");
            Assert.NotNull(package.GetEntry($"lib/net10.0/{name}.dll"));
            Assert.NotNull(package.GetEntry($"lib/net10.0/{name}.xml"));
            Assert.True(File.Exists(Path.ChangeExtension(file.FullName, "snupkg")), $"{name} lacks its symbols");
            if (name.EndsWith("Local", StringComparison.Ordinal))
            {
                Assert.True(package.GetEntry("NOTICE") is not null && package.GetEntry("LICENSE") is not null, "The encoder's licence ships with it.");
            }
        }

        Assert.Equal(6, _feed.GetFiles("*.snupkg").Length);
    }

    [Fact]
    public async Task The_template_is_a_package_that_refers_to_the_sdk_of_its_own_version()
    {
        await DotNet.RunAsync(Repository.Root, "pack", "adapters/IntentRouter.Templates", "-c", Configuration, "-o", _feed.FullName, "--nologo", "-v", "q");
        var version = typeof(AdapterModule).Assembly.GetName().Version!.ToString(3);
        await using var package = await ZipFile.OpenReadAsync(Path.Combine(_feed.FullName, $"IntentRouter.Templates.{version}.nupkg"));

        Assert.True(package.GetEntry("README.md") is { Length: > 500 });
        Assert.NotNull(package.GetEntry("content/Contoso.Nlu/EngineTitleAdapter.cs"));
        Assert.NotNull(package.GetEntry("content/nuget.config"));
        Assert.DoesNotContain(package.Entries, e => e.FullName.Contains("/obj/", StringComparison.Ordinal) || e.FullName.StartsWith("lib/", StringComparison.Ordinal));
        await using var template = await package.GetEntry("content/.template.config/template.json")!.OpenAsync();
        using var json = await System.Text.Json.JsonDocument.ParseAsync(template);
        Assert.Equal(version, json.RootElement.GetProperty("symbols").GetProperty("sdk").GetProperty("defaultValue").GetString());
    }

    private static string Configuration => AppContext.BaseDirectory.TrimEnd('/').EndsWith("release", StringComparison.Ordinal) ? "Release" : "Debug";
}
