using YamlDotNet.Serialization;
using YamlDotNet.Serialization.NamingConventions;

namespace IntentRouter.DeployTests.Telemetry;

/// <summary>One rule of <c>deploy/prometheus/alerts.yml</c>.</summary>
internal sealed class Rule
{
    public string? Alert { get; set; }

    public string? Record { get; set; }

    public string Expr { get; set; } = "";

    public Dictionary<string, string> Labels { get; set; } = [];

    public Dictionary<string, string> Annotations { get; set; } = [];
}

internal static class Alerts
{
    public const string File = "deploy/prometheus/alerts.yml";

    public static IReadOnlyList<Rule> Load() =>
        [.. new DeserializerBuilder().WithNamingConvention(CamelCaseNamingConvention.Instance).IgnoreUnmatchedProperties().Build()
            .Deserialize<RuleFile>(Repository.Read(File)).Groups.SelectMany(group => group.Rules)];

    private sealed class RuleFile
    {
        public List<Group> Groups { get; set; } = [];
    }

    private sealed class Group
    {
        public List<Rule> Rules { get; set; } = [];
    }
}
