namespace IntentRouter.Configuration;

/// <summary>Warns about secrets in files that every user of the machine can read.</summary>
internal sealed class ExposedSecrets(ProblemReport report, SettingsNode root, ConfigurationSources sources)
{
    private static readonly string[] _secretHeaders = ["auth", "token", "key", "secret", "cookie"];

    public void Run()
    {
        if (sources.IsSample || OperatingSystem.IsWindows())
        {
            return;
        }

        var readable = new Dictionary<string, bool>(StringComparer.Ordinal);
        foreach (var path in report.Secrets)
        {
            if (root.Nearest(path) is not { Exact: true, Node: { Value: { Length: > 0 } } node } || node.Mark.Source.IsEnvironment || IsHarmless(path, node.Value))
            {
                continue;
            }

            var file = node.Mark.Source.File;
            if (!readable.TryGetValue(file, out var exposed))
            {
                readable[file] = exposed = !OperatingSystem.IsWindows() && File.Exists(file) && (File.GetUnixFileMode(file) & UnixFileMode.OtherRead) != 0;
            }

            // Kubernetes mounts secrets readable for all inside the container, where there is nobody else.
            if (exposed && !IsInSecrets(file))
            {
                report.Warning(path, "The secret stands in a file that every user of this machine can read.", $"Run: chmod o-r {Path.GetFileName(file)}, or give it as the variable {SettingsSource.VariableOf(path)}.");
            }
        }
    }

    // Not every connection string holds a password, nor every header a token.
    private static bool IsHarmless(string path, string value) => path.Split(':') switch
    {
        [.., "connection"] => !value.Contains("password", StringComparison.OrdinalIgnoreCase) && !value.Contains("pwd", StringComparison.OrdinalIgnoreCase),
        [.., "headers", var header] => !_secretHeaders.Any(w => header.Contains(w, StringComparison.OrdinalIgnoreCase)),
        _ => false,
    };

    private bool IsInSecrets(string file) =>
        sources.Secrets is { } secrets && file.StartsWith(Path.GetFullPath(secrets, sources.Directory) + Path.DirectorySeparatorChar, StringComparison.Ordinal);
}
