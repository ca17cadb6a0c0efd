#:property PublishAot=false
// dotnet run deploy/sbom.cs -- APP.deps.json SBOM.json
// Writes the CycloneDX bill of what a published application carries: deps.json names exactly the packages that ship, with their
// hashes and who needs whom; the license of each stands in the package itself.

using System.Text.Json;
using System.Text.Json.Nodes;
using System.Xml.Linq;

if (args is not [var depsFile, var sbomFile])
{
    Console.Error.WriteLine("usage: dotnet run deploy/sbom.cs -- APP.deps.json SBOM.json");
    return 2;
}

var packages = Environment.GetEnvironmentVariable("NUGET_PACKAGES")
    ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
using var deps = JsonDocument.Parse(File.ReadAllBytes(depsFile));
var target = deps.RootElement.GetProperty("targets").GetProperty(deps.RootElement.GetProperty("runtimeTarget").GetProperty("name").GetString()!);
var libraries = deps.RootElement.GetProperty("libraries");
var application = Path.GetFileName(depsFile).Replace(".deps.json", "", StringComparison.Ordinal);

var components = new JsonArray();
var dependencies = new JsonArray();
JsonObject? main = null;
foreach (var library in target.EnumerateObject().OrderBy(entry => entry.Name, StringComparer.Ordinal))
{
    var (name, version) = Split(library.Name);
    var facts = libraries.GetProperty(library.Name);
    var component = new JsonObject
    {
        ["type"] = name == application ? "application" : "library",
        ["bom-ref"] = library.Name,
        ["name"] = name,
        ["version"] = version,
    };
    if (facts.GetProperty("type").GetString() == "package")
    {
        component["purl"] = $"pkg:nuget/{Uri.EscapeDataString(name)}@{Uri.EscapeDataString(version)}";
        if (facts.GetProperty("sha512").GetString() is { Length: > 0 } hash)
        {
            component["hashes"] = new JsonArray(new JsonObject
            {
                ["alg"] = "SHA-512",
                ["content"] = Convert.ToHexStringLower(Convert.FromBase64String(hash["sha512-".Length..])),
            });
        }

        if (License(name, version) is { } license)
        {
            component["licenses"] = new JsonArray(license);
        }
    }

    if (name == application)
    {
        main = component;
    }
    else
    {
        components.Add(component);
    }

    var needs = library.Value.TryGetProperty("dependencies", out var list)
        ? list.EnumerateObject().Select(need => $"{need.Name}/{need.Value.GetString()}").Where(need => target.TryGetProperty(need, out _))
        : [];
    dependencies.Add(new JsonObject
    {
        ["ref"] = library.Name,
        ["dependsOn"] = new JsonArray([.. needs.Order(StringComparer.Ordinal).Select(need => JsonValue.Create(need))]),
    });
}

if (main is null)
{
    Console.Error.WriteLine($"{depsFile} does not name {application}.");
    return 1;
}

var sbom = new JsonObject
{
    ["$schema"] = "http://cyclonedx.org/schema/bom-1.5.schema.json",
    ["bomFormat"] = "CycloneDX",
    ["specVersion"] = "1.5",
    ["version"] = 1,
    ["metadata"] = new JsonObject { ["component"] = main },
    ["components"] = components,
    ["dependencies"] = dependencies,
};
File.WriteAllText(sbomFile, sbom.ToJsonString(new JsonSerializerOptions { WriteIndented = true }) + "\n");
Console.WriteLine($"{sbomFile}: {components.Count} components");
return 0;

static (string Name, string Version) Split(string library) => library.Split('/') is [var name, var version] ? (name, version) : (library, "");

JsonObject? License(string name, string version)
{
    var nuspec = Path.Combine(packages, name.ToLowerInvariant(), version.ToLowerInvariant(), $"{name.ToLowerInvariant()}.nuspec");
    if (!File.Exists(nuspec))
    {
        return null;
    }

    var metadata = XDocument.Load(nuspec).Root!.Elements().First(element => element.Name.LocalName == "metadata");
    var license = metadata.Elements().FirstOrDefault(element => element.Name.LocalName == "license");
    return license?.Attribute("type")?.Value switch
    {
        "expression" => new JsonObject { ["expression"] = license.Value },
        _ when metadata.Elements().FirstOrDefault(element => element.Name.LocalName == "licenseUrl")?.Value is { Length: > 0 } url
            => new JsonObject { ["license"] = new JsonObject { ["name"] = "see url", ["url"] = url } },
        _ => null,
    };
}
