using System.Text.Json;
using System.Text.RegularExpressions;
using k8s.Models;
using YamlDotNet.RepresentationModel;

namespace IntentRouter.DeployTests.Kubernetes;

/// <summary>The chart refuses what cannot work, and its values say what they are.</summary>
public sealed partial class ChartTests
{
    [SkippableTheory]
    [InlineData("replicaCount=2", "needs store.provider: postgres")]
    [InlineData("autoscaling.enabled=true", "needs store.provider: postgres")]
    [InlineData("store.provider=postgres", "needs Store__Connection among the secrets")]
    [InlineData("store.provider=postgres,secrets.values.Bots__shop__Key=x", "needs secrets.values.Store__Connection")]
    [InlineData("management.expose=true", "needs Management__ApiKey among the secrets")]
    [InlineData("management.expose=true,secrets.values.Bots__shop__Key=x", "needs secrets.values.Management__ApiKey")]
    [InlineData("management.expose=true,secrets.existing=s,networkPolicy.managementFrom=null", "must name who may reach the management listener")]
    [InlineData("serviceMonitor.enabled=true", "needs management.expose: true")]
    [InlineData("existingConfigMap=mine,config.texts=texts/", "exclude each other")]
    [InlineData("secrets.existing=mine,secrets.values.Bots__shop__Key=x", "exclude each other")]
    [InlineData("files.a=b", "files are read by config")]
    [InlineData("terminationGracePeriodSeconds=34", "must leave 30 s after preStopSeconds")]
    [InlineData("store.provider=mysql", "store.provider must be one of the following")]
    [InlineData("replicas=2", "Additional property replicas is not allowed")]
    [InlineData("ingress.hosts=x", "Additional property hosts is not allowed")]
    [InlineData("publicUrl=bots.example.com", "Does not match pattern")]
    [InlineData("files.a/\\.\\./\\.\\./b c=x", "does not match pattern")]
    [InlineData("existingConfigMapItems[0].key=a,existingConfigMapItems[0].path=a", "needs existingConfigMap")]
    [InlineData("existingConfigMap=m,existingConfigMapItems[0].key=a,existingConfigMapItems[0].path=a", "must put one key at intent-router.yaml")]
    [InlineData("podDisruptionBudget.maxUnavailable=0,replicaCount=2,store.provider=postgres,secrets.existing=s", "podDisruptionBudget.maxUnavailable")]
    [InlineData("autoscaling.enabled=true,autoscaling.minReplicas=9,store.provider=postgres,secrets.existing=s", "minReplicas is above")]
    [InlineData("resources.limits.memory=lots", "resources.limits.memory: Does not match pattern")]
    [InlineData("management.port=8080", "is the public listener's")]
    [InlineData("extraEnv[0].name=FOO,extraEnv[0].value=1", "Expected: string")]
    [InlineData("extraEnv[0].name=Urls,extraEnv[0].value=http://*:9090", "extraEnv may not set Urls")]
    [InlineData("config=no map", "config is not a map in YAML")]
    [InlineData("files.a/b=x,files.a__b=y,config.texts=texts/", "files.a__b would overwrite files.a/b")]
    [InlineData("files.intent-router\\.yaml=x,config.texts=texts/", "would overwrite config")]
    public async Task What_cannot_work_is_refused_in_plain_words(string values, string complaint)
    {
        var finished = await Variant.HelmAsync("--set", values);

        Assert.NotEqual(0, finished.ExitCode);
        Assert.Contains(complaint, finished.Error, StringComparison.OrdinalIgnoreCase);
    }

    [SkippableFact]
    public async Task Every_name_is_a_name_however_the_release_is_called()
    {
        var rendered = await Shell.RunAsync(
            await Tools.HelmAsync(), ["template", new string('a', 51) + ".b", Variant.Chart, "--kube-version", Variant.KubernetesVersion, "--set", "management.expose=true,secrets.existing=s"]);

        Assert.All(Manifests.Parse(rendered.Succeeded()).Of<V1Service>(), service => Assert.Matches("^[a-z][a-z0-9-]{0,61}[a-z0-9]$", service.Metadata.Name));
    }

    [SkippableFact]
    public async Task Plugins_on_a_volume_are_looked_for_there()
    {
        var manifests = await Variant.LoadAsync("helm eks");

        Assert.Equal("intent-router-plugins", manifests.VolumeAt(manifests.Environment("Plugins__Directory")!).PersistentVolumeClaim.ClaimName);
    }

    [SkippableFact]
    public async Task The_collectors_port_is_open_wherever_it_is()
    {
        var rendered = await Variant.HelmAsync("--set", "telemetry.otlpEndpoint=http://collector:14318/otlp");

        Assert.Contains("14318", Manifests.Parse(rendered.Succeeded()).NetworkPolicy.Spec.Egress.SelectMany(rule => rule.Ports).Select(port => port.Port.Value));
    }

    [SkippableFact]
    public async Task The_linter_has_nothing_to_say() =>
        (await Shell.RunAsync(await Tools.HelmAsync(), ["lint", Variant.Chart, "--strict", "--values", $"{Variant.Chart}/ci/embedded-values.yaml"])).Succeeded();

    [Fact]
    public void Every_value_is_in_the_schema_and_every_property_of_the_schema_has_a_default()
    {
        var values = new YamlStream();
        values.Load(new StringReader(Repository.Read($"{Variant.Chart}/values.yaml")));
        using var schema = JsonDocument.Parse(Repository.Read($"{Variant.Chart}/values.schema.json"));

        Assert.Equal(Properties(schema.RootElement, "").Where(path => path != "global").Order(), Keys((YamlMappingNode)values.Documents[0].RootNode, schema.RootElement, "").Order());
    }

    [Fact]
    public void Every_value_that_a_template_reads_exists()
    {
        using var schema = JsonDocument.Parse(Repository.Read($"{Variant.Chart}/values.schema.json"));
        var known = Properties(schema.RootElement, "").ToHashSet();
        var read = Directory.GetFiles(Repository.PathOf($"{Variant.Chart}/templates"))
            .SelectMany(file => ValueReference().Matches(File.ReadAllText(file)).Select(match => match.Groups[1].Value))
            .Distinct();

        Assert.DoesNotContain(read, path => !known.Contains(path) && !known.Any(property => property.StartsWith(path + ".", StringComparison.Ordinal)));
    }

    private static IEnumerable<string> Properties(JsonElement schema, string prefix) =>
        schema.TryGetProperty("properties", out var properties)
            ? properties.EnumerateObject().SelectMany(property => Properties(property.Value, $"{prefix}{property.Name}."))
            : [prefix.TrimEnd('.')];

    private static IEnumerable<string> Keys(YamlMappingNode values, JsonElement schema, string prefix) => values.Children.SelectMany(pair =>
    {
        var path = $"{prefix}{pair.Key}";
        return schema.TryGetProperty("properties", out var properties) && properties.TryGetProperty(pair.Key.ToString(), out var inner) && inner.TryGetProperty("properties", out _)
            ? Keys((YamlMappingNode)pair.Value, inner, $"{path}.")
            : [path];
    });

    [GeneratedRegex(@"\.Values\.([A-Za-z]+(?:\.[A-Za-z]+)*)")]
    private static partial Regex ValueReference();
}
