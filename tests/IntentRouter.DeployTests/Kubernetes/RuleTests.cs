using k8s.Models;

namespace IntentRouter.DeployTests.Kubernetes;

/// <summary>The rules of the operations guide, on every variant.</summary>
public sealed class RuleTests
{
    private const string PublicPort = "http";
    private const string ManagementPort = "management";

    [SkippableTheory]
    [MemberData(nameof(Variant.All), MemberType = typeof(Variant))]
    public async Task The_pod_has_no_rights_that_it_does_not_need(string variant)
    {
        var manifests = await Variant.LoadAsync(variant);
        var pod = manifests.Pod.SecurityContext;
        var container = manifests.Router.SecurityContext;

        Assert.True(pod.RunAsNonRoot);
        Assert.Equal(1654, pod.RunAsUser);
        Assert.Equal(1654, pod.FsGroup);
        Assert.Equal("RuntimeDefault", pod.SeccompProfile.Type);
        Assert.True(container.ReadOnlyRootFilesystem);
        Assert.False(container.AllowPrivilegeEscalation);
        Assert.Equal("ALL", Assert.Single(container.Capabilities.Drop));
        Assert.Null(container.Capabilities.Add);
        Assert.False(manifests.Pod.AutomountServiceAccountToken);
        Assert.False(manifests.One<V1ServiceAccount>().AutomountServiceAccountToken);
        Assert.False(manifests.Pod.EnableServiceLinks);
        Assert.Null(manifests.Pod.HostNetwork);
    }

    [SkippableTheory]
    [MemberData(nameof(Variant.All), MemberType = typeof(Variant))]
    public async Task Only_temporary_files_and_the_store_can_be_written(string variant)
    {
        var manifests = await Variant.LoadAsync(variant);

        Assert.Equal(["/data", "/tmp"], manifests.Router.VolumeMounts.Where(mount => mount.ReadOnlyProperty is not true).Select(mount => mount.MountPath).Order());
        Assert.NotNull(manifests.VolumeAt("/tmp").EmptyDir.SizeLimit);
    }

    [SkippableTheory]
    [MemberData(nameof(Variant.All), MemberType = typeof(Variant))]
    public async Task Start_life_and_readiness_are_probed_on_the_public_listener(string variant)
    {
        var router = (await Variant.LoadAsync(variant)).Router;

        Assert.Equal(
            ["/health/startup http", "/health/live http", "/health/ready http"],
            new[] { router.StartupProbe, router.LivenessProbe, router.ReadinessProbe }.Select(probe => $"{probe.HttpGet.Path} {probe.HttpGet.Port.Value}"));
        Assert.Equal(8080, router.Ports.Single(port => port.Name == PublicPort).ContainerPort);
    }

    [SkippableTheory]
    [MemberData(nameof(Variant.All), MemberType = typeof(Variant))]
    public async Task A_stopping_pod_answers_until_nobody_asks_and_then_drains(string variant)
    {
        var manifests = await Variant.LoadAsync(variant);

        Assert.Equal(40, manifests.Pod.TerminationGracePeriodSeconds);
        Assert.Equal(5, manifests.Router.Lifecycle.PreStop.Sleep.Seconds);
    }

    [SkippableTheory]
    [MemberData(nameof(Variant.All), MemberType = typeof(Variant))]
    public async Task Secrets_are_files_that_others_cannot_read_and_never_variables(string variant)
    {
        var manifests = await Variant.LoadAsync(variant);

        foreach (var mount in manifests.Pod.Volumes.Where(volume => volume.Secret is not null))
        {
            Assert.Equal(Convert.ToInt32("440", 8), mount.Secret.DefaultMode);
        }

        Assert.DoesNotContain(manifests.Router.Env, variable => variable.ValueFrom?.SecretKeyRef is not null);
        Assert.DoesNotContain(manifests.Router.Env, variable => variable.Name.EndsWith("Key", StringComparison.Ordinal) || variable.Name.EndsWith("Token", StringComparison.Ordinal));
        Assert.DoesNotContain(manifests.Of<V1ConfigMap>().SelectMany(map => map.Data.Values), text => text.Contains("accessToken:", StringComparison.OrdinalIgnoreCase) || text.Contains("password", StringComparison.OrdinalIgnoreCase));
    }

    [SkippableTheory]
    [MemberData(nameof(Variant.All), MemberType = typeof(Variant))]
    public async Task Every_mounted_configuration_file_exists(string variant)
    {
        var manifests = await Variant.LoadAsync(variant);
        var volume = manifests.Pod.Volumes.SingleOrDefault(candidate => candidate.ConfigMap is not null)?.ConfigMap;
        var map = manifests.Of<V1ConfigMap>().SingleOrDefault(candidate => candidate.Metadata.Name == volume?.Name);

        Assert.Equal(volume is not null, manifests.Environment("INTENTROUTER_CONFIG") == "/config/intent-router.yaml");
        if (map is not null)
        {
            Assert.Equal(map.Data.Keys.Order(), (volume!.Items?.Select(item => item.Key) ?? map.Data.Keys).Order());
            Assert.Contains("intent-router.yaml", map.Data.Keys);
        }
    }

    [SkippableTheory]
    [MemberData(nameof(Variant.All), MemberType = typeof(Variant))]
    public async Task From_outside_only_bots_can_be_reached(string variant)
    {
        var manifests = await Variant.LoadAsync(variant);
        var front = manifests.Of<V1Service>().Single(service => service.Spec.ClusterIP != "None");

        Assert.Equal(PublicPort, Assert.Single(front.Spec.Ports).TargetPort.Value);
        foreach (var path in manifests.Of<V1Ingress>().SelectMany(ingress => ingress.Spec.Rules).SelectMany(rule => rule.Http.Paths))
        {
            Assert.Equal("/bots", path.Path);
            Assert.Equal(front.Metadata.Name, path.Backend.Service.Name);
            Assert.Equal(PublicPort, path.Backend.Service.Port.Name);
        }
    }

    [SkippableTheory]
    [MemberData(nameof(Variant.All), MemberType = typeof(Variant))]
    public async Task Management_is_on_loopback_or_has_a_key_and_a_guarded_door(string variant)
    {
        var manifests = await Variant.LoadAsync(variant);
        var listener = manifests.Environment("Management__Url");
        var guarded = manifests.NetworkPolicy.Spec.Ingress.SingleOrDefault(rule => rule.Ports.Any(port => port.Port.Value == ManagementPort));

        if (listener == "http://127.0.0.1:8081")
        {
            Assert.DoesNotContain(manifests.Router.Ports, port => port.Name == ManagementPort);
            Assert.DoesNotContain(manifests.Of<V1Service>().SelectMany(service => service.Spec.Ports), port => port.Name == ManagementPort);
            Assert.Null(guarded);
        }
        else
        {
            Assert.Equal("http://*:8081", listener);
            Assert.Contains("Management__ApiKey", manifests.SecretKeys());
            Assert.NotEmpty(guarded!.FromProperty);
            Assert.All(guarded.FromProperty, peer => Assert.NotEmpty(peer.NamespaceSelector.MatchLabels));
        }
    }

    [SkippableTheory]
    [MemberData(nameof(Variant.All), MemberType = typeof(Variant))]
    public async Task The_network_policy_keeps_to_named_ports_and_away_from_the_metadata_service(string variant)
    {
        var policy = (await Variant.LoadAsync(variant)).NetworkPolicy.Spec;

        Assert.Equal(["Egress", "Ingress"], policy.PolicyTypes.Order());
        Assert.All(policy.Egress, rule => Assert.NotEmpty(rule.Ports));
        var open = policy.Egress.SelectMany(rule => rule.To ?? []).Select(peer => peer.IpBlock).Where(block => block?.Cidr == "0.0.0.0/0");
        Assert.Contains("169.254.0.0/16", Assert.Single(open)!.Except);
        Assert.Equal(
            variant == "helm gke",
            policy.Egress.SelectMany(rule => rule.To ?? []).Any(peer => peer.IpBlock?.Cidr.StartsWith("169.254.", StringComparison.Ordinal) is true));
    }

    [SkippableTheory]
    [MemberData(nameof(Variant.All), MemberType = typeof(Variant))]
    public async Task Every_selector_finds_the_pods(string variant)
    {
        var manifests = await Variant.LoadAsync(variant);

        Assert.True(manifests.Selects(manifests.Deployment.Spec.Selector.MatchLabels), "deployment");
        Assert.True(manifests.Selects(manifests.NetworkPolicy.Spec.PodSelector.MatchLabels), "network policy");
        Assert.All(manifests.Of<V1Service>(), service => Assert.True(manifests.Selects(service.Spec.Selector), service.Metadata.Name));
        Assert.All(manifests.Of<V1PodDisruptionBudget>(), budget => Assert.True(manifests.Selects(budget.Spec.Selector.MatchLabels)));
        Assert.All(manifests.Of<V2HorizontalPodAutoscaler>(), scaler => Assert.Equal(manifests.Deployment.Metadata.Name, scaler.Spec.ScaleTargetRef.Name));
        Assert.All(manifests.Pod.TopologySpreadConstraints, constraint => Assert.True(manifests.Selects(constraint.LabelSelector.MatchLabels)));
        Assert.Equal(manifests.One<V1ServiceAccount>().Metadata.Name, manifests.Pod.ServiceAccountName);
    }

    [SkippableTheory]
    [MemberData(nameof(Variant.Embedded), MemberType = typeof(Variant))]
    public async Task The_embedded_store_has_one_pod_at_a_time_and_a_volume_that_stays(string variant)
    {
        var manifests = await Variant.LoadAsync(variant);

        Assert.Equal(1, manifests.Deployment.Spec.Replicas);
        Assert.Equal("Recreate", manifests.Deployment.Spec.Strategy.Type);
        Assert.Equal("sqlite", manifests.Environment("Store__Provider"));
        Assert.Equal("Data Source=/data/intent-router.db", manifests.Environment("Store__Connection"));
        Assert.Equal(manifests.One<V1PersistentVolumeClaim>().Metadata.Name, manifests.VolumeAt("/data").PersistentVolumeClaim.ClaimName);
        Assert.Empty(manifests.Of<V2HorizontalPodAutoscaler>());
        Assert.Empty(manifests.Of<V1PodDisruptionBudget>());
    }

    [SkippableTheory]
    [MemberData(nameof(Variant.Replicated), MemberType = typeof(Variant))]
    public async Task Replicas_are_replaced_one_by_one_and_stand_apart(string variant)
    {
        var manifests = await Variant.LoadAsync(variant);
        var spec = manifests.Deployment.Spec;

        Assert.Equal("postgres", manifests.Environment("Store__Provider"));
        Assert.Null(manifests.Environment("Store__Connection"));
        Assert.True(spec.Replicas >= 2 || (spec.Replicas is null && manifests.One<V2HorizontalPodAutoscaler>().Spec.MinReplicas >= 2));
        Assert.Equal("RollingUpdate", spec.Strategy.Type);
        Assert.Equal("0", spec.Strategy.RollingUpdate.MaxUnavailable.Value);
        Assert.Equal("1", manifests.One<V1PodDisruptionBudget>().Spec.MaxUnavailable.Value);
        Assert.Equal("kubernetes.io/hostname", Assert.Single(manifests.Pod.Affinity.PodAntiAffinity.PreferredDuringSchedulingIgnoredDuringExecution).PodAffinityTerm.TopologyKey);
        Assert.Equal("topology.kubernetes.io/zone", Assert.Single(manifests.Pod.TopologySpreadConstraints).TopologyKey);
    }

    [SkippableTheory]
    [MemberData(nameof(Variant.Autoscaled), MemberType = typeof(Variant))]
    public async Task Inbox_lag_scales_and_the_processor_is_the_fallback(string variant)
    {
        var scaler = (await Variant.LoadAsync(variant)).One<V2HorizontalPodAutoscaler>().Spec;

        Assert.Equal(["External", "Resource"], scaler.Metrics.Select(metric => metric.Type));
        Assert.StartsWith("intentrouter_inbox_lag", scaler.Metrics[0].External.Metric.Name, StringComparison.Ordinal);
        Assert.Equal("cpu", scaler.Metrics[1].Resource.Name);
        Assert.True(scaler.Behavior.ScaleDown.StabilizationWindowSeconds >= 300);
    }

    [SkippableTheory]
    [InlineData("helm gke", "iam.gke.io/gcp-service-account")]
    [InlineData("helm eks", "eks.amazonaws.com/role-arn")]
    public async Task A_cloud_identity_is_an_annotation_of_the_service_account(string variant, string annotation) =>
        Assert.Contains(annotation, (await Variant.LoadAsync(variant)).One<V1ServiceAccount>().Metadata.Annotations.Keys);
}
