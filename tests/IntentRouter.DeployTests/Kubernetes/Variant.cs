using System.Collections.Concurrent;
using k8s;
using k8s.Models;

namespace IntentRouter.DeployTests.Kubernetes;

/// <summary>One way to install: a values file of the chart, or an overlay. Rendered once per test run.</summary>
internal static class Variant
{
    public const string Chart = "deploy/helm/intent-router";

    /// <summary>The chart reads what it may use from the cluster's version; this is the oldest that it supports.</summary>
    public const string KubernetesVersion = "1.30.0";

    private static readonly ConcurrentDictionary<string, Task<string>> _rendered = new();

    public static TheoryData<string> All => [.. Names()];

    public static TheoryData<string> Embedded => ["helm default", "helm embedded", "kustomize embedded"];

    public static TheoryData<string> Replicated => ["helm postgres", "helm gke", "helm eks", "kustomize postgres"];

    public static TheoryData<string> Autoscaled => ["helm postgres", "kustomize postgres"];

    public static IEnumerable<string> Names() =>
    [
        "helm default",
        .. Directory.GetFiles(Repository.PathOf($"{Chart}/ci"), "*-values.yaml").Select(file => $"helm {Path.GetFileName(file).Replace("-values.yaml", "", StringComparison.Ordinal)}").Order(StringComparer.Ordinal),
        .. Directory.GetDirectories(Repository.PathOf("deploy/kustomize/overlays")).Select(folder => $"kustomize {Path.GetFileName(folder)}").Order(StringComparer.Ordinal),
    ];

    public static Task<string> RenderAsync(string name) => _rendered.GetOrAdd(name, async key =>
    {
        var kind = key.Split(' ');
        return kind[0] == "helm"
            ? (await HelmAsync(kind[1] == "default" ? [] : ["--values", $"{Chart}/ci/{kind[1]}-values.yaml"])).Succeeded()
            : (await Shell.RunAsync(Tools.Kubectl(), ["kustomize", $"deploy/kustomize/overlays/{kind[1]}"])).Succeeded();
    });

    public static async Task<Finished> HelmAsync(params IEnumerable<string> arguments) =>
        await Shell.RunAsync(await Tools.HelmAsync(), ["template", "router", Chart, "--namespace", "bots", "--kube-version", KubernetesVersion, .. arguments]);

    public static async Task<Manifests> LoadAsync(string name) => Manifests.Parse(await RenderAsync(name));
}

/// <summary>Manifests as the API server would read them: a field that it does not know is an error.</summary>
internal sealed class Manifests
{
    private readonly List<object> _objects;

    private Manifests(List<object> objects) => _objects = objects;

    public V1Deployment Deployment => One<V1Deployment>();

    public V1PodTemplateSpec PodTemplate => Deployment.Spec.Template;

    public V1PodSpec Pod => PodTemplate.Spec;

    public V1Container Router => Assert.Single(Pod.Containers);

    public V1NetworkPolicy NetworkPolicy => One<V1NetworkPolicy>();

    public static Manifests Parse(string yaml)
    {
        var builtIn = yaml.Split("\n---\n").Where(document => !document.Contains("apiVersion: monitoring.coreos.com/", StringComparison.Ordinal));
        return new Manifests(KubernetesYaml.LoadAllFromString(string.Join("\n---\n", builtIn), null, strict: true));
    }

    public IEnumerable<T> Of<T>() => _objects.OfType<T>();

    public T One<T>() => Assert.Single(Of<T>());

    /// <summary>Whether pods of the deployment carry every label of <paramref name="selector"/>.</summary>
    public bool Selects(IDictionary<string, string>? selector) =>
        selector is { Count: > 0 } && selector.All(pair => PodTemplate.Metadata.Labels.TryGetValue(pair.Key, out var value) && value == pair.Value);

    public string? Environment(string name) => Router.Env.SingleOrDefault(variable => variable.Name == name)?.Value;

    public V1Volume VolumeAt(string path) => Pod.Volumes.Single(volume => volume.Name == Router.VolumeMounts.Single(mount => mount.MountPath == path).Name);

    public IEnumerable<string> SecretKeys() => Of<V1Secret>().SelectMany(secret => secret.Data.Keys);
}
