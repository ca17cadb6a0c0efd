using IntentRouter.DeployTests.Kubernetes;
using k8s.Models;

namespace IntentRouter.DeployTests.Image;

/// <summary>What the deployment files mount is a configuration that the router takes.</summary>
[Collection(nameof(Image))]
public sealed class ConfigurationTests
{
    [SkippableTheory]
    [InlineData("kustomize embedded")]
    [InlineData("kustomize postgres")]
    [InlineData("helm embedded")]
    public async Task A_mounted_example_passes_the_check(string variant)
    {
        var manifests = await Variant.LoadAsync(variant);
        var folder = Directory.CreateTempSubdirectory("config").FullName;
        foreach (var item in manifests.VolumeAt("/config").ConfigMap.Items)
        {
            var file = Path.Combine(folder, item.Path);
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            await File.WriteAllTextAsync(file, manifests.One<V1ConfigMap>().Data[item.Key]);
        }

        // The user inside the container is another one.
        (await Shell.RunAsync("chmod", ["-R", "a+rX", folder])).Succeeded();
        var check = await Engine.RunAsync(
            "run", "--rm", "--read-only", "--cap-drop", "ALL", "--network", "none", "--volume", $"{folder}:/config:ro",
            await RouterImage.GetAsync(), "check", "--config", "/config/intent-router.yaml", "--without-secrets");
        Directory.Delete(folder, recursive: true);

        Assert.Equal((0, "no problems"), (check.ExitCode, check.Output.Contains("error", StringComparison.OrdinalIgnoreCase) ? check.Output : "no problems"));
    }
}
