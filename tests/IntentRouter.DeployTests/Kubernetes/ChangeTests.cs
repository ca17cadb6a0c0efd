using k8s.Models;

namespace IntentRouter.DeployTests.Kubernetes;

/// <summary>A change of configuration or of a secret reaches the pods.</summary>
public sealed class ChangeTests
{
    [SkippableTheory]
    [InlineData("checksum/config", "config.chat.baseUrl=https://other.example.com")]
    [InlineData("checksum/config", "files.texts/de\\.yaml=hallo: Hallo")]
    [InlineData("checksum/secret", "secrets.existing=another")]
    public async Task A_changed_value_rolls_the_pods(string annotation, string change)
    {
        var before = await Variant.LoadAsync("helm embedded");
        var after = Manifests.Parse((await Variant.HelmAsync("--values", $"{Variant.Chart}/ci/embedded-values.yaml", "--set", change)).Succeeded());

        Assert.NotEqual(before.PodTemplate.Metadata.Annotations[annotation], after.PodTemplate.Metadata.Annotations[annotation]);
    }

    [SkippableFact]
    public async Task Where_a_changed_configuration_is_reloaded_live_the_pods_stay()
    {
        async Task<IDictionary<string, string>> AnnotationsAsync(string url) => Manifests.Parse((await Variant.HelmAsync(
            "--values", $"{Variant.Chart}/ci/embedded-values.yaml", "--set", "restartOnConfigChange=false", "--set", $"config.chat.baseUrl={url}")).Succeeded())
            .PodTemplate.Metadata.Annotations;

        Assert.Equal(await AnnotationsAsync("https://a.example.com"), await AnnotationsAsync("https://b.example.com"));
    }

    [SkippableTheory]
    [InlineData("embedded")]
    [InlineData("postgres")]
    public async Task Overlay_names_end_in_a_checksum_and_the_pod_names_them(string overlay)
    {
        var manifests = await Variant.LoadAsync($"kustomize {overlay}");
        var map = manifests.One<V1ConfigMap>().Metadata.Name;
        var secret = manifests.One<V1Secret>().Metadata.Name;

        Assert.Matches("^intent-router-[a-z0-9]{10}$", map);
        Assert.Matches("^intent-router-[a-z0-9]{10}$", secret);
        Assert.Equal(map, manifests.VolumeAt("/config").ConfigMap.Name);
        Assert.Equal(secret, manifests.VolumeAt("/run/secrets/intent-router").Secret.SecretName);
    }

    [Theory]
    [InlineData("embedded")]
    [InlineData("postgres")]
    public void An_overlay_names_its_secrets_and_holds_none(string overlay) =>
        Assert.All(
            Repository.Read($"deploy/kustomize/overlays/{overlay}/secrets.env").Split('\n').Where(line => line.Length > 0 && !line.StartsWith('#')),
            line => Assert.Matches("^[A-Za-z_]+=$", line));
}
